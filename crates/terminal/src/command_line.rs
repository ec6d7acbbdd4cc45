//! What is typed, brought into the order that clap reads.

use std::ffi::OsString;

use clap::{Arg, Command};

use crate::old_flags::{OldFlag, modernize};

/// What clap is to parse: [`modernize`]d, and with the subcommand first, so that options may stand before
/// it as well as after it. `help` before a subcommand is its `--help`. `definition` is the program's.
///
/// # Errors
/// As for [`modernize`].
pub fn words(
    arguments: Vec<OsString>,
    flags: &[OldFlag],
    definition: &Command,
) -> Result<Vec<OsString>, String> {
    Ok(subcommand_first(modernize(arguments, flags)?, definition))
}

fn subcommand_first(words: Vec<OsString>, definition: &Command) -> Vec<OsString> {
    let mut words = words.into_iter();
    let mut line: Vec<OsString> = words.next().into_iter().collect();
    let (mut options, mut help) = (Vec::new(), None);
    let mut command = definition;
    while command.has_subcommands()
        && let Some(word) = words.next()
    {
        let text = word.to_string_lossy();
        let is_option = text.starts_with('-');
        if let Some(subcommand) = command.find_subcommand(&word).filter(|_| !is_option) {
            command = subcommand;
            line.push(word);
        } else if text == "help" && line.len() == 1 {
            help = Some("--help".into());
        } else {
            let value = is_option && takes_next(definition, &text);
            // The version is the program's alone; another word is clap's to explain.
            let is_last = !is_option || matches!(&*text, "--" | "-V" | "--version");
            options.push(word);
            if is_last {
                break;
            }
            options.extend(words.by_ref().take(value.into()));
        }
    }
    line.into_iter()
        .chain(options)
        .chain(words)
        .chain(help)
        .collect()
}

/// Whether `option`, perhaps several short ones such as `-vt`, has its value in the next word.
fn takes_next(definition: &Command, option: &str) -> bool {
    match option.strip_prefix("--") {
        Some(name) => takes_value(definition, &|argument| {
            let aliases = argument.get_all_aliases().unwrap_or_default();
            argument.get_long() == Some(name) || aliases.contains(&name)
        }),
        None => {
            let mut letters = option.chars().skip(1);
            let valued = letters.find(|&letter| {
                takes_value(definition, &|argument| argument.get_short() == Some(letter))
            });
            valued.is_some() && letters.next().is_none()
        }
    }
}

/// Whether an option of the program or of one of its subcommands takes a value.
fn takes_value(command: &Command, is_it: &dyn Fn(&Arg) -> bool) -> bool {
    (command.get_arguments())
        .any(|argument| argument.get_action().takes_values() && is_it(argument))
        || (command.get_subcommands()).any(|command| takes_value(command, is_it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subcommand_comes_first() {
        let option = |name: &'static str, short| Arg::new(name).long(name).short(short);
        let definition = Command::new("p")
            .arg(option("only", 'o').alias("just"))
            .arg(option("verbose", 'v').action(clap::ArgAction::Count))
            .subcommands([
                Command::new("plan").arg(option("only", 'o')),
                Command::new("people").subcommand(Command::new("split").arg(option("at", 't'))),
            ]);
        let cases = [
            ("p", "p"),
            ("p -v", "p -v"),
            ("p plan -v", "p plan -v"),
            ("p -v plan --only A", "p plan -v --only A"),
            ("p --only plan", "p --only plan"),
            ("p --only A plan", "p plan --only A"),
            ("p --just A plan", "p plan --just A"),
            ("p --only=A plan", "p plan --only=A"),
            ("p -o A plan", "p plan -o A"),
            ("p -oA plan", "p plan -oA"),
            ("p -vo A plan", "p plan -vo A"),
            ("p -o plan", "p -o plan"),
            ("p -ov plan", "p plan -ov"),
            (
                "p -v people -t 0.4 split A -v",
                "p people split -v -t 0.4 A -v",
            ),
            (
                "p --at split people split split",
                "p people split --at split split",
            ),
            ("p people A split", "p people A split"),
            ("p -- plan", "p -- plan"),
            ("p -v pla", "p -v pla"),
            ("p -V plan", "p -V plan"),
            ("p --help plan", "p plan --help"),
            ("p help", "p --help"),
            ("p help people split", "p people split --help"),
            ("p help pla", "p pla --help"),
            ("p plan help", "p plan help"),
        ];
        let mut wrong = Vec::new();
        for (line, expected) in cases {
            let arguments = line.split(' ').map(OsString::from).collect();
            let words = words(arguments, &[], &definition).unwrap();
            if words.join(" ".as_ref()) != expected {
                wrong.push((line, words));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
