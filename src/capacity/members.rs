//! Which workloads need something of a pool, and how.

use crate::capacity::factors::Factors;
use crate::capacity::fractions::holding_pool;
use crate::capacity::node::{BINDING, BOUND, Binding, Columns, Node};
use crate::capacity::runs;
use crate::ids::Id;
use crate::plan::workload::Serving;
use crate::plan::{Plan, Pool, Workload};

/// A workload in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// The workload.
    pub workload: Id<Workload>,
    /// Whether whole counts of it serve its demand here.
    pub counts: bool,
    /// Whether it needs or holds something by the unit here.
    pub fractions: bool,
    /// Whether its runs take place here.
    pub runs: bool,
}

/// The workloads that need something of `pool`, by name.
pub(crate) fn members(plan: &Plan, pool: Id<Pool>) -> Vec<Member> {
    let found = plan.workloads.iter().map(|(id, workload)| {
        let here = workload.pool == Some(pool);
        Member {
            workload: id,
            counts: here && workload.demand.is_some() && !matches!(workload.serving, Serving::None),
            fractions: workload.needs.iter().any(|needs| needs.pool == pool)
                || (workload.holds.is_some() && holding_pool(workload) == Some(pool)),
            runs: here && !workload.runs.is_empty(),
        }
    });
    found.filter(|member| member.counts || member.fractions || member.runs).collect()
}

/// The columns that the requests of `members` need: one where each of them states one resource only.
pub(crate) fn columns(
    plan: &Plan,
    factors: &Factors,
    node: &Node,
    pool: Id<Pool>,
    members: &[Member],
) -> Columns {
    let mut all_stated = [false; BOUND];
    let mut uniform = |member: &Member| {
        let of = factors.of(member.workload);
        let workload = &plan.workloads[member.workload];
        let counts = of.main.iter().filter(|_| member.counts);
        let runs = workload.runs.iter().filter(|_| member.runs);
        let runs = runs.filter_map(|run| runs::units(factors, member.workload, run));
        let units: Vec<_> = counts.map(|main| main.unit.clone()).chain(runs).collect();
        let mut stated = [false; BOUND];
        for (_, factors) in
            workload.needs.iter().zip(&of.needs).filter(|(needs, _)| needs.pool == pool)
        {
            for (stated, share) in stated.iter_mut().zip(&factors.unit.shares(plan, node).stated) {
                *stated |= share.is_some();
            }
        }
        stated[1] |= workload.holds.is_some() && holding_pool(workload) == Some(pool);
        let is_uniform = units.iter().all(|unit| unit.is_uniform(plan, node))
            && stated.iter().filter(|stated| **stated).count() <= 1;
        for unit in units {
            for (stated, share) in stated.iter_mut().zip(&unit.shares(plan, node).stated) {
                *stated |= share.is_some();
            }
        }
        all_stated.iter_mut().zip(stated).for_each(|(all, stated)| *all |= stated);
        is_uniform
    };
    // All are looked at, since each adds to what is stated.
    let agree = members.iter().map(&mut uniform).filter(|uniform| !uniform).count() == 0;
    if agree {
        return Columns::Whole;
    }
    // A network that nobody asks for follows the largest share, and never decides.
    let counts = |binding: &Binding| {
        node.has(*binding) > 0.0
            && (binding.resource().is_some()
                || BINDING.iter().zip(all_stated).any(|(b, stated)| b == binding && stated))
    };
    Columns::Each(BINDING.into_iter().filter(counts).collect())
}
