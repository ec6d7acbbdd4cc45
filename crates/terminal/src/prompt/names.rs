//! Completion of known names while one types.

use flickr_faces::text::plain;

/// The names that can be completed.
#[derive(Debug, Clone)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.to_vec())
    }

    /// The lines that `typed` may become: the names of which a word begins with it, accents and case aside;
    /// those that begin with it themselves come first, else in the order they were given. After
    /// `:x` and its numbers a name is completed too. Nothing for a line without a name.
    pub(super) fn suggestions(&self, typed: &str) -> Vec<String> {
        let Some((before, begun)) = begun_name(typed) else {
            return Vec::new();
        };
        let begun = plain(begun);
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for name in &self.0 {
            let lower = plain(name);
            if lower.starts_with(&begun) {
                first.push(format!("{before}{name}"));
            } else if words(&lower).any(|rest| rest.starts_with(&begun)) {
                later.push(format!("{before}{name}"));
            }
        }
        first.append(&mut later);
        first
    }
}

/// Splits a line into what stays and the name that is being typed, if one is: the whole line; after a
/// command of one letter the rest, and there after `:x` and its numbers or after `=`.
fn begun_name(typed: &str) -> Option<(&str, &str)> {
    let mut name = typed.trim_start();
    if let Some(command) = name.strip_prefix(':') {
        let letter = command.chars().next().filter(char::is_ascii_alphabetic)?;
        let rest = command.get(1..)?;
        let rest = rest.starts_with(char::is_whitespace).then_some(rest)?;
        name = rest.rsplit_once('=').map_or(rest, |(_, name)| name);
        let is_take_out = letter.eq_ignore_ascii_case(&'x');
        name = name.trim_start_matches(|c: char| {
            c.is_whitespace() || is_take_out && (c.is_ascii_digit() || matches!(c, '-' | ','))
        });
    }
    (!name.is_empty()).then(|| typed.split_at(typed.len() - name.len()))
}

/// The rests of `name` from the beginning of each of its words.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut before = ' ';
    name.char_indices().filter_map(move |(at, c)| {
        let begins = c.is_alphanumeric() && !before.is_alphanumeric();
        before = c;
        if begins { name.get(at..) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let names = [
            "Ada",
            "Ada Lovelace",
            "Lo Adams",
            "Grace O'Hara-Lopez",
            "Émile",
            "İpek",
        ];
        Names::new(&names.map(str::to_owned))
    }

    #[test]
    fn any_word_can_be_begun() {
        let cases: [(&str, &[&str]); 20] = [
            ("", &[]),
            ("  ", &[]),
            ("ada", &["Ada", "Ada Lovelace", "Lo Adams"]),
            ("ADA L", &["Ada Lovelace"]),
            ("lo", &["Lo Adams", "Ada Lovelace", "Grace O'Hara-Lopez"]),
            ("love", &["Ada Lovelace"]),
            ("ove", &[]),
            ("hara", &["Grace O'Hara-Lopez"]),
            ("é", &["Émile"]),
            ("emi", &["Émile"]),
            ("i", &["İpek"]),
            (":q", &[]),
            (":x 3 7-9", &[]),
            (":x 3 7-9 love", &[":x 3 7-9 Ada Lovelace"]),
            (":xlove", &[]),
            (":r émi", &[":r Émile"]),
            (":m Émile = love", &[":m Émile = Ada Lovelace"]),
            (":x gra", &[":x Grace O'Hara-Lopez"]),
            (":", &[]),
            (":? ada", &[]),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(typed, expected)| (typed, names().suggestions(typed), expected))
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(typed, found, expected): {wrong:#?}");
    }
}
