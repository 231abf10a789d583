//! The `capplan` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    capplan::cli::main()
}
