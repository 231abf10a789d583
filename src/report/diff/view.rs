//! What a comparison says, typed: the difference, the lines of the plan behind it, and where it comes from.

use serde::Serialize;

use crate::comparison::Compared;
use crate::diff::{Diff, LineDiff, spoken};
use crate::language::between::{Between, Cause, Change, Thing};
use crate::source::Span;

/// What a comparison says.
#[derive(Debug, Clone)]
pub struct DiffView {
    /// Which plan, by its path as given.
    pub path: String,
    /// What both sides are called: revisions or paths.
    pub sides: (String, String),
    /// The difference.
    pub diff: Diff,
    /// Lines of the plan that differ, by cause.
    pub changes: Vec<ChangeView>,
    /// What is taken from the plan after on both sides although it differs.
    pub pinned: Vec<ChangeView>,
    /// What only has another name.
    pub renames: Vec<RenameView>,
    /// Workloads whose history was measured anew.
    pub measured_anew: Vec<String>,
    /// Lines of statements that change, where they were asked for.
    pub lines: Vec<LineDiff>,
    /// Where the figures come from.
    pub frame: Frame,
}

/// What both sides share.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Frame {
    /// The day both are looked at from.
    pub as_of: String,
    /// The seed of every draw.
    pub seed: u64,
    /// How many draws.
    pub draws: usize,
    /// The scenarios before and after, where one is asked for; `base` is the plan itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<[String; 2]>,
    /// This program's version.
    pub version: String,
    /// The command that shows this again.
    pub command: String,
}

/// One change of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeView {
    /// What it is a change of.
    pub cause: Cause,
    /// What changed: ``workload `chat` ``.
    pub thing: String,
    /// How many other things the same line changes, by a template.
    pub also: usize,
    /// The setting inside of it: `demand growth`; empty for the thing itself.
    pub setting: String,
    /// As it was.
    pub before: Option<PlanText>,
    /// As it is.
    pub after: Option<PlanText>,
}

/// A piece of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanText {
    /// `workloads/chat.kdl:12`.
    pub place: String,
    /// What stands there, on one line.
    pub text: String,
}

/// Something that only has another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RenameView {
    /// Its kind.
    pub kind: String,
    /// The name it had.
    pub before: String,
    /// The name it has.
    pub after: String,
    /// Where it is declared now.
    pub place: String,
}

/// Gathers what a comparison says.
#[must_use]
pub fn view(
    between: &Between,
    compared: &Compared,
    path: String,
    sides: (String, String),
    frame: Frame,
) -> DiffView {
    let text = |span: Span| PlanText {
        place: between.sources.place(span),
        text: on_one_line(between.sources.text(span)),
    };
    let change = |change: &Change| {
        let Change { thing, also, place } = change;
        ChangeView {
            cause: place.cause,
            thing: spoken(thing),
            also: *also,
            setting: place.path.iter().skip(1).map(String::as_str).collect::<Vec<_>>().join(" "),
            before: place.before.map(text),
            after: place.after.map(text),
        }
    };
    let named = |name: &String| between.name_after(&("workload".to_owned(), name.clone()));
    DiffView {
        path,
        sides,
        diff: compared.diff.clone(),
        changes: between.changes.iter().map(change).collect(),
        pinned: between.pinned.iter().map(change).collect(),
        renames: between
            .renames
            .iter()
            .map(|rename| RenameView {
                kind: rename.kind.to_owned(),
                before: rename.before.clone(),
                after: rename.after.clone(),
                place: between.sources.place(rename.place),
            })
            .collect(),
        measured_anew: compared.measured_anew.iter().map(named).collect(),
        lines: compared.lines.clone(),
        frame,
    }
}

/// A plan that was not there before.
#[must_use]
pub fn of_new_plan(diff: Diff, path: String, sides: (String, String), frame: Frame) -> DiffView {
    DiffView {
        path,
        sides,
        diff,
        changes: Vec::new(),
        pinned: Vec::new(),
        renames: Vec::new(),
        measured_anew: Vec::new(),
        lines: Vec::new(),
        frame,
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The thing that a rename is of.
#[must_use]
pub fn renamed(rename: &RenameView) -> String {
    let thing: Thing = (rename.kind.clone(), rename.before.clone());
    spoken(&thing)
}
