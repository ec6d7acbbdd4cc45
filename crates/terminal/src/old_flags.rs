//! Flags that have become subcommands go on working, unseen: before clap looks at the arguments, the
//! subcommand is put in the flag's place.
//!
//! Scripts and habits of earlier versions depend on them. They are in no help text.

use std::ffi::OsString;

/// A flag of earlier versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldFlag {
    /// As it was typed, such as `--rename`.
    pub flag: &'static str,
    /// What followed it; it becomes the subcommand's first argument.
    pub value: OldValue,
    /// The words it stands for now, such as `["people", "rename"]`.
    pub command: &'static [&'static str],
}

impl OldFlag {
    /// An entry of a program's table.
    pub const fn new(
        flag: &'static str,
        value: OldValue,
        command: &'static [&'static str],
    ) -> Self {
        Self {
            flag,
            value,
            command,
        }
    }
}

/// What followed an old flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldValue {
    /// Nothing.
    None,
    /// Perhaps a value that does not begin with a dash.
    Optional,
    /// A value.
    Required,
    /// A value; this word follows it.
    RequiredThen(&'static str),
    /// The flag stays where it is: the subcommand takes it as an option.
    Kept,
}

/// Rewrites `arguments`, the program's name first, for the subcommands of today. Arguments without an
/// old flag stay as they are.
///
/// # Errors
/// Where two old flags stand for different subcommands: which two, for the person.
pub fn modernize(arguments: Vec<OsString>, flags: &[OldFlag]) -> Result<Vec<OsString>, String> {
    let mut arguments = arguments.into_iter().peekable();
    let mut modern: Vec<OsString> = arguments.next().into_iter().collect();
    let mut rest: Vec<OsString> = Vec::new();
    let mut found: Option<(OldFlag, Option<OsString>)> = None;
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            rest.push(argument);
            rest.extend(arguments.by_ref());
            break;
        }
        let text = argument.to_string_lossy();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (&*text, None),
        };
        let known = |flag: &&OldFlag| flag.flag == name;
        let Some(&flag) = flags.iter().find(known) else {
            rest.push(argument);
            continue;
        };
        let value = match flag.value {
            OldValue::None => None,
            OldValue::Kept => {
                rest.push(argument);
                None
            }
            OldValue::Required | OldValue::RequiredThen(_) => inline.or_else(|| arguments.next()),
            OldValue::Optional => inline
                .or_else(|| arguments.next_if(|next| !next.to_string_lossy().starts_with('-'))),
        };
        found = Some(match found {
            None => (flag, value),
            // `--people --rename A=B` was allowed, and is `people rename`.
            Some((other, _)) if flag.command.starts_with(other.command) => (flag, value),
            Some((other, kept)) if other.command.starts_with(flag.command) => (other, kept),
            Some((other, _)) => {
                return Err(format!(
                    "the argument '{}' cannot be used with '{}'",
                    flag.flag, other.flag
                ));
            }
        });
    }
    if let Some((flag, value)) = found {
        modern.extend(flag.command.iter().map(OsString::from));
        modern.extend(value);
        if let OldValue::RequiredThen(word) = flag.value {
            modern.push(word.into());
        }
    }
    modern.extend(rest);
    Ok(modern)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [OldFlag; 5] = [
        OldFlag {
            flag: "--people",
            value: OldValue::None,
            command: &["people"],
        },
        OldFlag {
            flag: "--rename",
            value: OldValue::Required,
            command: &["people", "rename"],
        },
        OldFlag {
            flag: "--undo",
            value: OldValue::Optional,
            command: &["undo"],
        },
        OldFlag {
            flag: "--report",
            value: OldValue::None,
            command: &["report"],
        },
        OldFlag {
            flag: "--never-write",
            value: OldValue::RequiredThen("no"),
            command: &["people", "write"],
        },
    ];

    fn modern(line: &[&str]) -> Result<Vec<String>, String> {
        let line = line.iter().map(OsString::from).collect();
        let words = modernize(line, &FLAGS)?.into_iter();
        Ok(words.map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn old_flags_are_subcommands() {
        let cases: [(&[&str], &[&str]); 10] = [
            (&["p"], &["p"]),
            (&["p", "--config", "x"], &["p", "--config", "x"]),
            (&["p", "--json", "--report"], &["p", "report", "--json"]),
            (
                &["p", "--rename", "A=B C"],
                &["p", "people", "rename", "A=B C"],
            ),
            (&["p", "--rename=A=B"], &["p", "people", "rename", "A=B"]),
            (
                &["p", "--people", "--rename", "A=B"],
                &["p", "people", "rename", "A=B"],
            ),
            (
                &["p", "--json", "--never-write", "A"],
                &["p", "people", "write", "A", "no", "--json"],
            ),
            (&["p", "--undo", "--json"], &["p", "undo", "--json"]),
            (&["p", "--undo", "17"], &["p", "undo", "17"]),
            (
                &["p", "people", "--", "--undo"],
                &["p", "people", "--", "--undo"],
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(modern(line).unwrap(), expected, "{line:?}");
        }
        assert_eq!(
            modern(&["p", "--report", "--undo"]).unwrap_err(),
            "the argument '--undo' cannot be used with '--report'"
        );
    }
}
