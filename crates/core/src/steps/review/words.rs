//! What can be typed: the line under a question, and the help.

/// What a question is about, for its keys and its help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// "Who is this?"
    Cluster,
    /// "Is this Ada?"
    Person,
    /// Rows of known people, each with faces that may be theirs.
    Rows,
    /// Pairs that may be one person.
    Pairs,
    /// One such pair.
    Pair,
    /// Faces of groups too small for a question of their own.
    Singles,
}

/// The line under a question: what can be typed, separated by commas.
#[must_use]
pub fn keys(kind: Kind, next_threshold: bool) -> String {
    let keys = match kind {
        Kind::Cluster => {
            "Enter = later, a name, :x 3 7-9 = take out, :i = strangers, :n = not faces"
        }
        Kind::Person => {
            "y = yes, n = no, Enter = later, a name, :x 3 7-9 = take out, :i = strangers, \
             :n = not faces"
        }
        Kind::Rows => {
            "Enter = all are right, 3 7 = all but rows 3 and 7, 3.2 = all but a face, 3? = not sure, \
             3 Ada = row 3 is Ada, :l = all later"
        }
        Kind::Pairs => {
            "Enter = each pair is one person, 3 7 = all but pairs 3 and 7, n = none is, 3? = not sure, \
             :l = all later"
        }
        Kind::Pair => "Enter = one person, n = two people, 1? = not sure, :l = later",
        Kind::Singles => {
            "3 7-9 Ada = these are Ada, Enter = later, :i = strangers, :n = not faces, \
             :x 3 7-9 = take out"
        }
    };
    let down = if next_threshold {
        ", :d = stricter groups"
    } else {
        ""
    };
    format!("{keys}, :u = undo{down}, :q = leave, ? = help")
}

/// What can be typed, a line each.
#[must_use]
pub fn help(kind: Kind, next_threshold: bool) -> String {
    let help = match kind {
        Kind::Cluster => CLUSTER,
        Kind::Person => PERSON,
        Kind::Rows => ROWS,
        Kind::Pairs => PAIRS,
        Kind::Pair => PAIR,
        Kind::Singles => SINGLES,
    };
    let down = if next_threshold { DOWN } else { "" };
    format!("{help}{ALWAYS}{down}")
}

const CLUSTER: &str = "\
Enter           decide later
Ada Lovelace    the name of the person on all these faces
2               the second of the names from Flickr, where some are offered
:x 3 7-9        take faces 3, 7, 8 and 9 out
:x 3 7-9 Ada    take them out, the others are Ada
:i              strangers: do not ask about them again
:n              not faces";

const PERSON: &str = "\
y               yes, all these faces are this person's
n               no: this person is not suggested for them again
Enter           decide later
:x 3 7-9        take faces 3, 7, 8 and 9 out: they are not this person's
:x 3 7-9 y      take them out, the others are this person's
Ada Lovelace    it is Ada Lovelace, who has a name already
:i              strangers: do not ask about them again
:n              not faces";

const ROWS: &str = "\
Enter           in all rows, the faces on the right are the person's on the left
3 7             so in all rows but 3 and 7: they are not these people
3.2 5.1-4       so for all faces but the second of row 3, and the first four of row 5
3?              so in all rows but 3, which is asked about another time
n               in no row
3 Ada Lovelace  row 3 is Ada Lovelace; then answer for the other rows
3 :i            row 3 are strangers; :n are not faces
:l              decide about all of them later";

const PAIRS: &str = "\
Enter           each pair is one person
3 7             so all pairs but 3 and 7: they are two people
3?              so all pairs but 3, which is asked about another time
n               no pair is one person
:l              decide about all of them later";

const PAIR: &str = "\
Enter           they are one person
n               they are two people, and are not asked about again
1?              ask about them another time
:l              the same";

const SINGLES: &str = "\
3 7-9 Ada       faces 3, 7, 8 and 9 are Ada; the others are asked about again
Enter           decide about these later
:x 3 7-9        take faces 3, 7, 8 and 9 out: an answer is about the others
:i              all these are strangers: do not ask about them again
:n              all these are not faces";

const ALWAYS: &str = "
:u              undo the last answer
:rest           all faces that are left are strangers
:q              save and leave
?               this help";

const DOWN: &str = "
:d              go on to stricter groups, the rest here is for later";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_key() {
        let kinds = [
            (Kind::Cluster, &["Enter", ":x", ":i", ":n"][..]),
            (Kind::Person, &["Enter", "y ", "n ", ":x", ":i", ":n"]),
            (Kind::Rows, &["Enter", "3 7", "3.2", "3?", ":l", "n "]),
            (Kind::Pairs, &["Enter", "3 7", "3?", ":l", "n "]),
            (Kind::Pair, &["Enter", "n ", "1?", ":l"]),
            (Kind::Singles, &["Enter", "3 7-9 Ada", ":x", ":i", ":n"]),
        ];
        for (kind, own) in kinds {
            let (help, keys) = (help(kind, true), keys(kind, true));
            for key in own.iter().chain(&[":u", ":q", "?", ":d"]) {
                let begins = |line: &str| line.starts_with(key);
                assert!(help.lines().any(begins), "{key} is missing in {help}");
                assert!(keys.contains(key.trim()), "{key} is missing in {keys}");
            }
        }
        assert!(!help(Kind::Cluster, false).contains(":d"));
    }
}
