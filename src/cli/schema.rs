//! `capplan schema [NAME]`: the schemas of what reports write as JSON.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, Stop, print};
use crate::report::schema;

/// Options of `schema`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Which schema; all of their names where absent.
    name: Option<String>,
}

/// Prints a schema, or their names.
pub(super) fn run(options: &Options) -> Outcome {
    let Some(name) = &options.name else {
        let mut list = String::new();
        for one in schema::ALL {
            // Writing to a string cannot fail.
            let _ = writeln!(list, "{:12} {}", one.name, one.of);
        }
        print(&list)?;
        return Ok(ExitCode::SUCCESS);
    };
    let file = name.strip_suffix(".json").unwrap_or(name);
    let Some(one) = schema::ALL.iter().find(|one| one.name == file) else {
        let names: Vec<&str> = schema::ALL.iter().map(|one| one.name).collect();
        return Err(Stop::World(format!(
            "there is no schema `{name}`\n  help: there are {}",
            names.join(", ")
        )));
    };
    print(one.text)?;
    Ok(ExitCode::SUCCESS)
}
