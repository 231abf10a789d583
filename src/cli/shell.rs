//! `capplan completions` and `capplan man`: what a shell and its manual know of the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command, CommandFactory};

use super::{Cli, Outcome, Stop, print};

/// Options of `completions`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub(super) struct Manual {
    /// Write one page a command into this folder, instead of the first page to standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub(super) fn completions(options: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "capplan", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual's first page, or writes every page.
pub(super) fn manual(options: &Manual) -> Outcome {
    let cannot =
        |what: &str, error: &std::io::Error| Stop::World(format!("cannot write {what}: {error}"));
    let Some(folder) = &options.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command())
            .render(&mut page)
            .map_err(|error| cannot("the page", &error))?;
        print(&String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    let shown = format!("`{}`", folder.display());
    std::fs::create_dir_all(folder).map_err(|error| cannot(&shown, &error))?;
    let mut command: Command = Cli::command().disable_help_subcommand(true);
    command.build();
    clap_mangen::generate_to(command, folder).map_err(|error| cannot(&shown, &error))?;
    print(&format!(
        "wrote the manual to {}\n  help: man -l {}\n",
        folder.display(),
        folder.join("capplan.1").display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
