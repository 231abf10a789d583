//! Gangs: all GPUs at once or none, whole nodes first.

/// Whether a gang fits the GPUs that are free on each node: an empty node for each full multiple of a
/// node's GPUs, and the remainder together on one more.
///
/// # Panics
/// If nodes have no GPUs.
#[must_use]
pub fn fits(gang: u32, per_node: u32, free: &[u32]) -> bool {
    assert!(per_node > 0, "a gang needs nodes with GPUs");
    let (whole, rest) = (gang / per_node, gang % per_node);
    let empty = free.iter().filter(|free| **free >= per_node).count();
    let whole = usize::try_from(whole).unwrap_or(usize::MAX);
    let partly = free.iter().any(|free| *free >= rest && *free < per_node);
    empty >= whole && (rest == 0 || partly || empty > whole)
}

/// The nodes that a gang takes from others, in nodes: whole ones, and for the remainder its part of a
/// node on which as many remainders of its size stand as fit.
#[must_use]
pub fn nodes(gang: f64, per_node: f64) -> f64 {
    let whole = (gang / per_node).floor();
    let rest = gang - whole * per_node;
    if rest <= 0.0 { whole } else { whole + 1.0 / (per_node / rest).floor() }
}
