//! What a workload of its kind has and has not.

use super::codes::{NOT_OF_KIND, PROJECT_OF_ANOTHER_TEAM};
use super::lacks;
use crate::diagnostic::Diagnostic;
use crate::language::shape::described;
use crate::language::syntax::Node;
use crate::plan::workload::WorkloadKind;

pub(crate) fn workload_lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(node, word, example)
}

pub(crate) fn not_of_kind(workload: &Node, child: &Node, kind: WorkloadKind) -> Diagnostic {
    let word = &child.name.text;
    Diagnostic::new(
        &NOT_OF_KIND,
        format!("`{word}` says nothing of a workload of kind `{}`", kind.word()),
    )
    .at(child.name.span, format!("{} is of kind `{}`", described(workload), kind.word()))
    .help(match (&**word, kind) {
        ("demand", WorkloadKind::Training | WorkloadKind::Batch) => {
            "say what it takes in a `run`, or change its kind"
        }
        ("run", _) => "runs are for `kind training` and `kind batch`",
        _ => "remove it, or change the kind",
    })
}

pub(crate) fn project_of_another_team(team: &Node, owner: &str) -> Diagnostic {
    Diagnostic::new(&PROJECT_OF_ANOTHER_TEAM, "the project belongs to another team")
        .at(team.span, format!("the project is team `{owner}`'s"))
        .help("leave `team` out: the project says it")
}
