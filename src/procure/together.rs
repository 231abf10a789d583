//! Orders of nodes and commitments of spend, decided together.
//!
//! A node that is ordered and a spend that would pay for it are in each other's way, so either decided first takes too
//! much. Here they take turns: spend is the best beside the orders, then orders are the best beside what that spend is
//! worth hour by hour ([`shadow`]), and so on; the cheapest of all is kept, orders first and spend first among them.
//! Each turn bounds both at once: whatever is ordered and committed to costs no less.
//!
//! In: what nodes are on sale, what savings plans are, what runs on demand by hour. Out: orders, spend, what both
//! cost, and the bound. Where no pool is served by both, each is decided by itself.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::Pool;
use crate::plan::procurement::PlanFor;
use crate::procure::market::first_month;
use crate::procure::need::MonthNeed;
use crate::procure::optimum::Cover;
use crate::procure::optimum::product::discount;
use crate::procure::optimum::tail;
use crate::procure::orders::SpendPlan;
use crate::procure::problem::{Found, Problems, tail_of};
use crate::procure::savings::{
    self, Ground, Hours, Months, Shadow, SpendMarket, Variety, choose, granted, shadow,
};

/// The most turns, and the fewest; between them, as many as look at so many values of an hour and draw.
const TURNS: usize = 6;
const FEWEST: usize = 2;
const VALUES: usize = 24 << 20;
/// A gap that is not worth another turn: spend is weighed in steps.
const ENOUGH: f64 = 1e-5;

/// What was decided.
pub(super) struct Decided {
    pub found: Found,
    pub spend: SpendPlan,
}

/// What nodes and spend come to.
struct State {
    covers: Vec<Cover>,
    nodes: Months,
    spend: SpendPlan,
    total: f64,
}

/// What is asked of spend.
pub(super) fn ground<'a>(
    problems: &Problems<'a>,
    market: &'a SpendMarket,
    needs: &[MonthNeed],
    as_of: Date,
) -> Ground<'a> {
    let plan = problems.plan;
    let after = problems.months - plan.horizon.months;
    let mut levels: BTreeMap<Id<Pool>, Vec<f64>> = BTreeMap::new();
    for need in needs {
        levels.entry(need.pool).or_default().push(need.mean_nodes);
    }
    let tail_of = tail_of(problems.procurement.tail);
    let later = market.pools().into_iter().map(|pool| {
        let none = Vec::new();
        (pool, tail::factors(levels.get(&pool).unwrap_or(&none), after, tail_of))
    });
    Ground {
        plan,
        market,
        all: problems.months,
        later: later.collect(),
        first: first_month(plan, as_of, savings::delays(&problems.procurement)),
        rate: problems.rate,
    }
}

/// Decides on both.
pub(super) fn decide(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    as_of: Date,
) -> Decided {
    let alone = problems.solve();
    let evaluate = |covers: Vec<Cover>, variety: Variety| {
        let nodes = problems.committed(&covers);
        let cash = problems.left(&covers);
        let how = (variety, as_of);
        let chosen = choose(ground, hours, &nodes, &problems.procurement, cash.as_ref(), how);
        let saved = chosen.plan.rented - chosen.plan.objective + chosen.signed;
        let total = problems.cost(&covers) - saved;
        State { covers, nodes, spend: chosen.plan, total }
    };
    let both = |pool: &Id<Pool>| problems.pools.iter().any(|one| one.pool == *pool);
    let apart =
        problems.procurement.plan_for == PlanFor::Cvar || !ground.market.pools().iter().any(both);
    if apart {
        let spend = evaluate(alone.covers.clone(), Variety::Several).spend;
        return Decided { found: alone, spend };
    }
    // What savings plans may cover where no nodes are on sale counts on both sides: its rent, less what spend is
    // worth there.
    let beside = ground.rented(hours, &|pool| !both(&pool));
    let worth_beside = |shadow: &Shadow| -> f64 {
        let others = shadow.each.iter().filter(|(pool, _)| !both(pool));
        let months = others.flat_map(|(_, months)| months.iter().enumerate());
        months.map(|(m, each)| each.iter().sum::<f64>() * discount(problems.rate, m)).sum()
    };
    let mut best = evaluate(alone.covers, Variety::One);
    let mut bound = f64::NEG_INFINITY;
    let mut seen = vec![best.covers.clone()];
    // What signed spend pays for already needs no nodes.
    let signed = granted(ground, hours);
    if signed.each.values().flatten().flatten().any(|saves| *saves > 0.0) {
        let (covers, _) = problems.solve_beside(&signed);
        let next = evaluate(covers.clone(), Variety::One);
        seen.push(covers);
        if next.total < best.total {
            best = next;
        }
    }
    let mut worth: Shadow = shadow(ground, hours, None);
    let values = ground.market.month_values(problems.plan.draws.count());
    let turns = VALUES / (values * problems.plan.horizon.months).max(1);
    let turns = turns.clamp(FEWEST, TURNS);
    for turn in 0..turns {
        let (covers, below) = problems.solve_beside(&worth);
        bound = bound.max(below - worth_beside(&worth));
        let next = if seen.contains(&covers) {
            None
        } else {
            Some(evaluate(covers.clone(), Variety::One))
        };
        seen.push(covers);
        let nodes = match &next {
            Some(next) => next.nodes.clone(),
            None => best.nodes.clone(),
        };
        if let Some(next) = next.filter(|next| next.total < best.total) {
            best = next;
        }
        if best.total - bound <= ENOUGH * (best.total + beside).abs() || turn + 1 == turns {
            break;
        }
        let latest = shadow(ground, hours, Some(&nodes));
        worth = if turn == 0 { latest } else { latest.between(&worth) };
    }
    if ground.market.has_several() {
        best = evaluate(best.covers, Variety::Several);
    }
    let cost = best.total + beside;
    debug_assert!(bound + beside <= cost + ENOUGH * cost.abs(), "nothing found is below the bound");
    // Beside these nodes spend could save so much more, and then both would.
    let bound = (bound + beside).min(cost - (best.spend.objective - best.spend.bound).max(0.0));
    let beside = shadow(ground, hours, Some(&best.nodes));
    Decided { found: Found { covers: best.covers, cost, bound, beside }, spend: best.spend }
}
