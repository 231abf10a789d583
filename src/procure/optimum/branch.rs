//! Branch and bound for so much work: counted in pivots of the linear program, so that the result depends on no clock.

use microlp::{Problem, SolveOptions, SolveOutcome, TerminationReason, Variable};

/// Nodes between looks at the work done.
const SLICE: u64 = 4;
/// A wide gap: where it stays, the effort may be several times as much.
const WIDE: f64 = 1e-3;

/// How much a search may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Pivots times the size of the program: its variables and rows.
    pub work: u64,
    pub size: usize,
    pub nodes: u64,
    /// How many times as much of both while the gap is wide.
    pub more: u64,
}

/// Solves an integer program until the gap is `near`, or the effort is spent. Gives the work too; `None` where nothing
/// was found.
pub(crate) fn searched(
    problem: &Problem,
    start: Vec<(Variable, f64)>,
    near: f64,
    effort: Effort,
) -> Option<(SolveOutcome, u64)> {
    let mut options = SolveOptions::default();
    options.node_limit = Some(SLICE);
    options.mip_gap = near;
    options.warm_start = (!start.is_empty()).then_some(start);
    let mut outcome = problem.solve_with(options).ok()?;
    let used = |outcome: &SolveOutcome| outcome.stats().lp_iterations * effort.size as u64;
    let mut nodes = SLICE;
    while outcome.termination_reason() == TerminationReason::NodeLimit {
        let more = if outcome.stats().gap.is_none_or(|gap| gap > WIDE) { effort.more } else { 1 };
        if used(&outcome) >= more * effort.work || nodes >= more * effort.nodes {
            break;
        }
        nodes += SLICE;
        outcome = outcome.resume().ok()?;
    }
    let used = used(&outcome);
    Some((outcome, used))
}
