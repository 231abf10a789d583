//! Orders of nodes and commitments of spend, decided together.
//!
//! A node that is ordered and a spend that would pay for it are in each other's way, so either decided first takes too
//! much. Here they take turns: spend is the best beside the orders, then orders are the best beside what that spend is
//! worth hour by hour ([`shadow`]), and so on; the cheapest of all is kept, orders first and spend first among them.
//! Each turn bounds both at once: whatever is ordered and committed to costs no less.
//!
//! In: what nodes are on sale, what savings plans are, what runs on demand by hour. Out: orders, spend, what both
//! cost, and the bound. Few pools are then searched to the end ([`joint`]). Where nodes and spend share neither a pool
//! nor a limit on cash, each is decided by itself.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::Pool;
use crate::plan::procurement::PlanFor;
use crate::procure::buy::{committed, penalty_of};
use crate::procure::joint::{self, Known, Ready};
use crate::procure::market::first_month;
use crate::procure::need::MonthNeed;
use crate::procure::optimum::Cover;
use crate::procure::optimum::product::discount;
use crate::procure::optimum::tail;
use crate::procure::orders::SpendPlan;
use crate::procure::problem::{Found, Problems, tail_of};
use crate::procure::savings::{
    self, Ground, Hours, How, Months, Proposal, Shadow, SpendMarket, Variety, choose, granted,
    shadow,
};

/// How many turns are taken.
const TURNS: usize = 2;
/// A gap that is not worth another turn: spend is weighed in steps.
const ENOUGH: f64 = 1e-5;
/// A gap at which a mix of savings plans is not sought once more, and one at which small changes are not tried.
const NEAR: f64 = 1e-4;
const CLOSE: f64 = 5e-4;
/// Values of an hour and draw that are looked at for small changes, and the most changes.
const VALUES: usize = 32 << 20;
const CHANGES: usize = 120;

/// What was decided.
pub(super) struct Decided {
    pub found: Found,
    pub spend: SpendPlan,
}

/// What nodes and spend come to.
#[derive(Clone)]
struct State {
    covers: Vec<Cover>,
    nodes: Months,
    spend: SpendPlan,
    /// All that is committed to, after the horizon too.
    amounts: Proposal,
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
    (hours, coarse): (&Hours<'_>, Option<&Hours<'_>>),
    as_of: Date,
) -> Decided {
    let both = Both { problems, ground, hours, as_of };
    let beside = both.beside();
    if problems.procurement.plan_for == PlanFor::Cvar || !both.meet() {
        let alone = problems.solve();
        let mut best = both.weighed(alone.covers.clone(), Variety::Several, None);
        if problems.procurement.plan_for != PlanFor::Cvar {
            let below = best.total - best.spend.gap() * best.spend.objective;
            let ready = (below < best.total).then(|| Ready::of(ground, hours, coarse)).flatten();
            both.searched(&mut best, below, beside, ready.as_ref());
        }
        return Decided { found: alone, spend: best.spend };
    }
    let ready = Ready::of(ground, hours, coarse);
    let (alone, _) = problems.solve_beside(&Shadow::default());
    let (mut best, bound) = match ready.as_ref().filter(|ready| ready.is_whole()) {
        Some(_) => (both.weighed(alone.clone(), Variety::One, None), f64::NEG_INFINITY),
        None => both.turns(alone.clone(), beside),
    };
    let mut bound = both.searched(&mut best, bound, beside, ready.as_ref());
    if bound == f64::NEG_INFINITY {
        // No program could be solved.
        let (other, below) = both.turns(alone, beside);
        if other.total < best.total {
            best = other;
        }
        bound = both.searched(&mut best, below, beside, None);
    }
    let cost = best.total + beside;
    let taken = shadow(ground, hours, Some(&best.nodes));
    let found = Found { covers: best.covers, cost, bound: bound + beside, beside: taken };
    Decided { found, spend: best.spend }
}

/// What both are decided by.
struct Both<'a, 'p> {
    problems: &'a Problems<'p>,
    ground: &'a Ground<'p>,
    hours: &'a Hours<'a>,
    as_of: Date,
}

impl Both<'_, '_> {
    /// Orders of nodes with the best spend beside them.
    fn weighed(&self, covers: Vec<Cover>, variety: Variety, proposal: Option<&Proposal>) -> State {
        let Self { problems, ground, hours, as_of } = *self;
        let nodes = problems.committed(&covers);
        let cash = problems.left(&covers);
        let how = How { variety, as_of, proposal };
        let chosen = choose(ground, hours, &nodes, &problems.procurement, cash.as_ref(), how);
        let total = problems.cost(&covers) - chosen.saves();
        State { covers, nodes, spend: chosen.plan, amounts: chosen.amounts, total }
    }

    fn on_sale(&self, pool: Id<Pool>) -> bool {
        self.problems.pools.iter().any(|one| one.pool == pool)
    }

    /// Whether nodes and spend are in each other's way: in a pool, or under a limit on cash.
    fn meet(&self) -> bool {
        let market = self.ground.market;
        let limited = self.problems.procurement.cash_limit.is_some();
        (limited && market.takes_cash())
            || market.pools().into_iter().any(|pool| self.on_sale(pool))
    }

    /// What savings plans may cover where no nodes are on sale counts on both sides: its rent, less what spend is
    /// worth there.
    fn beside(&self) -> f64 {
        self.ground.rented(self.hours, &|pool| !self.on_sale(pool))
    }

    /// A share of the money that something costs: without what counts for nodes that cannot be had.
    fn share(&self, of: &State, share: f64, beside: f64) -> f64 {
        let pools = self.problems.pools.iter().zip(&of.covers);
        let penalty = pools.map(|(pool, cover)| {
            penalty_of(self.problems, pool, &committed(self.problems, pool, &cover.units))
        });
        share * (of.total + beside - penalty.sum::<f64>()).abs()
    }

    fn worth_beside(&self, shadow: &Shadow) -> f64 {
        let others = shadow.each.iter().filter(|(pool, _)| !self.on_sale(**pool));
        let months = others.flat_map(|(_, months)| months.iter().enumerate());
        months.map(|(m, each)| each.iter().sum::<f64>() * discount(self.problems.rate, m)).sum()
    }

    /// Takes turns, from orders that were decided by themselves: the cheapest, and what none is below.
    fn turns(&self, covers: Vec<Cover>, beside: f64) -> (State, f64) {
        let Self { problems, ground, hours, .. } = *self;
        let mut best = self.weighed(covers, Variety::One, None);
        let mut bound = f64::NEG_INFINITY;
        let mut seen = vec![best.covers.clone()];
        // What signed spend pays for already needs no nodes.
        let signed = granted(ground, hours);
        if signed.each.values().flatten().flatten().any(|saves| *saves > 0.0) {
            let (covers, _) = problems.solve_beside(&signed);
            let next = self.weighed(covers.clone(), Variety::One, None);
            seen.push(covers);
            if next.total < best.total {
                best = next;
            }
        }
        let mut worth: Shadow = shadow(ground, hours, None);
        for turn in 0..TURNS {
            let (covers, below) = problems.solve_beside(&worth);
            bound = bound.max(below - self.worth_beside(&worth));
            let next =
                (!seen.contains(&covers)).then(|| self.weighed(covers.clone(), Variety::One, None));
            seen.push(covers);
            let nodes = next.as_ref().map_or(&best.nodes, |next| &next.nodes).clone();
            if let Some(next) = next.filter(|next| next.total < best.total) {
                best = next;
            }
            if best.total - bound <= self.share(&best, ENOUGH, beside) || turn + 1 == TURNS {
                break;
            }
            worth = shadow(ground, hours, Some(&nodes));
        }
        (best, bound)
    }

    /// Small changes of what was found, as long as they pay: bounds let spend be used up in any order, bills do not, so
    /// what is best as far as cuts know may not be.
    fn polished(&self, best: &mut State, bound: f64, beside: f64) {
        let plan = self.problems.plan;
        let values = self.ground.market.month_values(plan.draws.count()) * plan.horizon.months;
        let mut left = (VALUES / values.max(1)).min(CHANGES);
        loop {
            let before = best.total;
            let close = self.share(best, CLOSE, beside);
            for (covers, amounts) in changes(best) {
                if left == 0 || best.total - bound <= close {
                    return;
                }
                left -= 1;
                let next = self.weighed(covers, Variety::One, Some(&amounts));
                if next.total < best.total - 1e-9 * best.total.abs() {
                    *best = next;
                }
            }
            if best.total >= before {
                return;
            }
        }
    }

    /// Searches both together where they are few, and gives the bound.
    fn searched(
        &self,
        best: &mut State,
        mut bound: f64,
        beside: f64,
        ready: Option<&Ready<'_>>,
    ) -> f64 {
        if let Some(ready) = ready
            && best.total - bound > self.share(best, ENOUGH, beside)
        {
            let from = best.clone();
            let known = Known { covers: &from.covers, spend: &from.spend, total: from.total };
            let weigh = &mut |covers: Vec<Cover>, proposal: &Proposal| {
                let next = self.weighed(covers, Variety::One, Some(proposal));
                let found = (next.total, next.spend.clone());
                if next.total < best.total {
                    *best = next;
                }
                found
            };
            let (problems, ground) = (self.problems, self.ground);
            let priced = &|shadow: &Shadow, prices: &[f64]| {
                let (covers, below) = if prices.is_empty() {
                    problems.solve_beside(shadow)
                } else {
                    problems.solve_priced(shadow, prices)
                };
                (covers, below - self.worth_beside(shadow))
            };
            let how =
                (priced as &dyn Fn(&Shadow, &[f64]) -> _, weigh as &mut dyn FnMut(_, &_) -> _);
            let enough = self.share(&from, ENOUGH, beside);
            let below = joint::search(problems, ground, ready, &known, (enough, beside), how);
            bound = below.map_or(bound, |below| bound.max(below));
        }
        let open = best.total - bound > self.share(best, NEAR, beside);
        // A blend of all hours has weighed mixes already.
        let blended = ready.is_some_and(Ready::is_whole);
        if open && !blended && self.ground.market.has_several() {
            let next = self.weighed(best.covers.clone(), Variety::Several, None);
            if next.total < best.total {
                *best = next;
            }
        }
        self.polished(best, bound, beside);
        let cost = best.total + beside;
        // Where spend that is signed pays for everything, nothing costs anything but rounding.
        let enough = 1e-7 * cost.abs() + 0.01;
        debug_assert!(bound + beside <= cost + enough, "nothing is below the bound");
        // What the search gives away for floats, a part in ten million, is no gap.
        bound = if best.total - bound <= 1e-7 * cost.abs() { best.total } else { bound };
        bound = bound.min(best.total);
        // Spend by itself is no further from its best than both are.
        let spend = &mut best.spend;
        spend.bound = spend.bound.max(spend.objective - (best.total - bound)).min(spend.objective);
        bound
    }
}

/// Without one node of an order or all of it, without one spend, or with a tenth less or more of it.
fn changes(of: &State) -> Vec<(Vec<Cover>, Proposal)> {
    let mut changes = Vec::new();
    for (pool, cover) in of.covers.iter().enumerate() {
        for (offer, units) in cover.units.iter().enumerate().filter(|(_, units)| **units > 0) {
            let less = if *units > 1 { vec![units - 1, 0] } else { vec![0] };
            for units in less {
                let mut covers = of.covers.clone();
                covers[pool].units[offer] = units;
                changes.push((covers, of.amounts.clone()));
            }
        }
    }
    for (savings_plan, amounts) in &of.amounts {
        for place in 0..amounts.len() {
            for factor in [0.0, 0.9, 1.1] {
                let mut changed = of.amounts.clone();
                let own = changed.entry(*savings_plan).or_default();
                own[place].1 *= factor;
                own.retain(|(_, per_hour)| *per_hour > 0.0);
                changed.retain(|_, amounts| !amounts.is_empty());
                changes.push((of.covers.clone(), changed));
            }
        }
    }
    changes
}
