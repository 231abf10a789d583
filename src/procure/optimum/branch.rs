//! Branch and bound for so much work: counted in pivots of the linear program, so that the result depends on no clock.

use microlp::{Problem, SolveOptions, SolveOutcome, TerminationReason, Variable};

/// Nodes between looks at the work done, and at most.
const SLICE: u64 = 4;
const NODES: u64 = 20_000;
/// A wide gap: where it stays, the work may be several times as much.
const WIDE: f64 = 1e-3;

/// Solves an integer program until the gap is `near`, or the work is done: pivots times `size`, its variables and rows;
/// `more` times as much where the gap is wide.
/// Gives the work too; `None` where nothing was found.
pub(crate) fn searched(
    problem: &Problem,
    start: Vec<(Variable, f64)>,
    near: f64,
    (work, more, size): (u64, u64, usize),
) -> Option<(SolveOutcome, u64)> {
    let mut options = SolveOptions::default();
    options.node_limit = Some(SLICE);
    options.mip_gap = near;
    options.warm_start = (!start.is_empty()).then_some(start);
    let mut outcome = problem.solve_with(options).ok()?;
    let used = |outcome: &SolveOutcome| outcome.stats().lp_iterations * size as u64;
    let mut nodes = SLICE;
    while outcome.termination_reason() == TerminationReason::NodeLimit {
        let more = if outcome.stats().gap.is_none_or(|gap| gap > WIDE) { more } else { 1 };
        if used(&outcome) >= more * work || nodes >= more * NODES {
            break;
        }
        nodes += SLICE;
        outcome = outcome.resume().ok()?;
    }
    let used = used(&outcome);
    Some((outcome, used))
}
