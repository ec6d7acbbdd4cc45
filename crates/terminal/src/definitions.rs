//! Shell completions, man pages and the reference in Markdown, all from the definitions that the
//! programs parse their arguments with. Hidden subcommands print them.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, value_parser};
use clap_complete::Shell;
use flickr_faces::programs;

use crate::{args::GLOBAL, output::Stdout};

/// A program's definition with what all programs have: `-h` and `--help` print the same screenful, which
/// begins with the text of `before_help`. The long texts of options are for docs/cli.md and man pages.
pub(crate) fn definition<Arguments: CommandFactory>() -> Command {
    let command = Arguments::command();
    let about = [command.get_about(), command.get_before_help()].into_iter();
    let about: Vec<_> = about.flatten().map(ToString::to_string).collect();
    let about = about.join("\n\n");
    let template = format!("{about}\n\n{{usage-heading}} {{usage}}\n\n{{all-args}}{{after-help}}");
    let usage = format!(
        "{} [COMMAND] [OPTIONS]",
        programs::named(command.get_name())
    );
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .help("Print this help; docs/cli.md says more")
        .help_heading(GLOBAL)
        .global(true)
        .action(ArgAction::HelpShort);
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .max_term_width(80)
        .before_help(None::<&str>)
        .long_about(about)
        .help_template(template)
        .override_usage(usage)
        .arg(help)
}

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

/// Does what a hidden subcommand asks for; `None` where none was given. `command` is the program's
/// [`definition`], without them.
pub(crate) fn generate(matches: &ArgMatches, mut command: Command) -> Option<io::Result<()>> {
    // A shell completes what is typed.
    let name = programs::named(command.get_name());
    let mut stdout = Stdout;
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
