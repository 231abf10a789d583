//! `capplan explain-error CODE`: the page of a code.

use std::process::ExitCode;

use clap::Args;

use super::{Outcome, Stop, print};
use crate::diagnostic::codes;

/// Options of `explain-error`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The code, with or without `capplan::`; every code with its meaning where absent.
    code: Option<String>,
}

/// Prints the page, or the list.
pub(super) fn run(options: &Options) -> Outcome {
    let Some(id) = &options.code else {
        for code in codes::all() {
            print(&format!("{:32} {}\n", code.id, code.title))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(code) = codes::find(id) else {
        let near = codes::near(id);
        let hint = match near.as_slice() {
            [] => String::new(),
            near => format!("; did you mean `{}`?", near.join("` or `")),
        };
        return Err(Stop::World(format!(
            "there is no error code `{id}`{hint}\n  help: `capplan explain-error` lists them all"
        )));
    };
    print(&format!("capplan::{}: {}\n\n{}\n", code.id, code.title, code.page.trim()))?;
    Ok(ExitCode::SUCCESS)
}
