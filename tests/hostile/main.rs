//! Text of a plan stays text in every output: each command is run over a plan with harmless words and over the
//! same plan with hostile ones, and what is written must have the same skeleton.
//!
//! Names are letters, digits, dots and hyphens by the language's own rule, so what can be hostile is free
//! text (titles, sources, notes, owners, cost centres, reasons), the names of files and folders, and whatever a
//! message about a wrong plan quotes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and runs the program"
)]

mod forms;
mod inputs;
mod markdown;
mod messages;
mod plans;
mod program;
mod tables;
mod tags;
mod texts;
mod workbook;
