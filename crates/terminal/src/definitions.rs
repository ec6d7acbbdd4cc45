//! Shell completions, man pages and the reference in Markdown, all from the definitions that the
//! programs parse their arguments with. Hidden subcommands print them.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Arg, ArgMatches, Command, parser::ValueSource, value_parser};
use clap_complete::Shell;

/// `command` with the hidden subcommands.
pub(crate) fn with_generators(command: Command) -> Command {
    let completions = Command::new("completions")
        .about("Print completions for a shell")
        .hide(true)
        .arg(
            Arg::new("shell")
                .required(true)
                .value_parser(value_parser!(Shell)),
        );
    let man = Command::new("man")
        .about("Write man pages to a folder")
        .hide(true)
        .arg(
            Arg::new("folder")
                .required(true)
                .value_parser(value_parser!(PathBuf)),
        );
    let markdown = Command::new("markdown")
        .about("Print the reference in Markdown")
        .hide(true);
    command.subcommands([completions, man, markdown])
}

/// What is wrong where an option of the default subcommand stands before another one, which would
/// not see it.
pub(crate) fn misplaced(command: &Command, matches: &ArgMatches) -> Option<String> {
    let (name, below) = matches.subcommand()?;
    let is_given = |arg: &&Arg| {
        !arg.is_global_set()
            && matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    match command.get_arguments().find(is_given) {
        Some(arg) => Some(format!(
            "the argument '{arg}' cannot be used before '{name}', only after it"
        )),
        None => misplaced(command.find_subcommand(name)?, below),
    }
}

/// Does what a hidden subcommand asks for; `None` where none was given. `command` is the program's own
/// definition, without them.
pub(crate) fn generate(matches: &ArgMatches, mut command: Command) -> Option<io::Result<()>> {
    let name = command.get_name().to_owned();
    let mut stdout = io::stdout().lock();
    Some(match matches.subcommand()? {
        ("completions", asked) => {
            let shell = *asked.get_one::<Shell>("shell")?;
            clap_complete::generate(shell, &mut command, name, &mut stdout);
            Ok(())
        }
        ("man", asked) => clap_mangen::generate_to(command, asked.get_one::<PathBuf>("folder")?),
        ("markdown", _) => {
            let options = clap_markdown::MarkdownOptions::new()
                .show_footer(false)
                .show_table_of_contents(false);
            let text = clap_markdown::help_markdown_command_custom(&command, &options);
            stdout.write_all(text.as_bytes())
        }
        _ => return None,
    })
}
