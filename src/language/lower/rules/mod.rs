//! What lowering can find wrong: settings that exclude each other, or do not add up.
//!
//! A function for each, by the room of the language that it is about: it is given the nodes and says the place, the
//! message and the help. [`codes`] holds their pages.

mod codes;
mod demand;
mod money;
mod plan;
mod runs;
mod serving;
mod supply;
mod workloads;

use self::codes::CONFLICTING_SETTINGS;
use crate::diagnostic::Diagnostic;
use crate::language::shape::{MISSING_SETTING, described, head};
use crate::language::syntax::Node;

pub use codes::CODES;
pub(super) use demand::*;
pub(super) use money::*;
pub(super) use plan::*;
pub(super) use runs::*;
pub(super) use serving::*;
pub(super) use supply::*;
pub(super) use workloads::*;

fn lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_SETTING, format!("{} has no `{word}`", described(node)))
        .at(head(node), format!("`{word}` is missing"))
        .help(format!("add to it: `{example}`"))
}

fn conflict(message: String, second: &Node, first: &Node, help: &str) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, message)
        .at(head(second), "this excludes the other")
        .also(head(first), "the other stands here")
        .help(help)
}

fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 100.0)
}
