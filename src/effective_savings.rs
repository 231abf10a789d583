//! What a plan saves against running everything on demand, and by what: autoscaling, right-sizing, spot, commitments.
//!
//! In: the plan, its demand, and how it came out. Out: a chain of costs for each pool of a provider's nodes, each
//! with one more of these than the one before, so that the differences come to the whole:
//!
//! 1. at the peak: the nodes of every month's busiest hour all month, on the dearest type that the pool may use and that
//!    fits, everything on demand;
//! 2. autoscaled: nodes that come and go with what needs them;
//! 3. on the type that is used;
//! 4. on spot as far as the plan lets it;
//! 5. as it is, with commitments and orders. What then cannot be had is counted apart, at its price on demand.
//!
//! On demand costs what is paid for it, discounts off, and nothing limits it but in what is and beside spot, where what
//! cannot be had counts at that price. Pools without a price on
//! demand have nothing to be held against.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::calendar::Date;
use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::{InstanceChoice, RankedCandidate};
use crate::cost;
use crate::draws::mean;
use crate::ids::{Arena, Id};
use crate::money::to_f64;
use crate::outcome::Outcome;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};
use crate::{capacity, procure};

/// What one pool saves; money over the horizon, in the mean of the draws.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Saved {
    /// What it would cost at the peak, all on demand.
    pub at_peak: f64,
    /// What nodes that follow the need save of that.
    pub autoscaling: f64,
    /// What the type that is used saves.
    pub right_sizing: f64,
    /// What spot saves.
    pub spot: f64,
    /// What commitments and orders save.
    pub commitments: f64,
    /// What would run on demand and cannot be had.
    pub not_had: f64,
    /// What it costs.
    pub costs: f64,
}

/// What every pool saves.
#[derive(Debug, Clone, Default)]
pub struct EffectiveSavings {
    /// By pool.
    pub pools: Vec<(Id<Pool>, Saved)>,
    /// Spend that was committed to and that nothing ran for; it is of no pool.
    pub unused_spend: f64,
}

/// What the pools of a plan save, which came out like this.
#[must_use]
pub fn effective_savings(plan: &Plan, outcome: &Outcome, as_of: Date) -> EffectiveSavings {
    let pools: Vec<Id<Pool>> =
        plan.pools.ids().filter(|id| used(plan, outcome, *id).is_some()).collect();
    let beside = |plan: &Plan, choices: &[InstanceChoice], differs: Differs<'_>, known| {
        Variant::of(plan, choices, (&pools, differs, known), outcome, as_of)
    };
    let rented = on_demand(plan);
    let by_spot = with_spot(plan, &rented);
    let dearest: Vec<InstanceChoice> =
        pools.iter().map(|id| only(*id, dearest(plan, outcome, *id))).collect();
    let chosen: Vec<InstanceChoice> =
        pools.iter().filter_map(|id| Some(only(*id, used(plan, outcome, *id)?))).collect();
    let other_type = |id: Id<Pool>| Some(of_choice(&dearest, id)) != used(plan, outcome, id);
    let on_spot = |id: Id<Pool>| {
        let may_run = plan.workloads.items().iter().any(|one| one.interruptible && one.uses(id));
        may_run && may_buy(&plan.pools[id], Purchase::Spot)
    };

    let sized = beside(&rented, &chosen, &|_| true, None);
    let autoscaled = beside(&rented, &dearest, &other_type, Some(&sized));
    let spot = beside(&by_spot, &chosen, &on_spot, Some(&sized));
    let each = pools.iter().enumerate().map(|(place, id)| {
        let costs = node_costs(outcome, Some(*id));
        let supplied = outcome.pool_months.iter().filter(|month| month.pool == *id);
        let not_had =
            supplied.map(|month| sized.on_demand(place, month.t, mean(&month.short_node_hours)));
        let not_had: f64 = not_had.sum();
        let short = spot.months[place].iter().enumerate();
        let short = short.map(|(t, month)| sized.on_demand(place, t, month.short));
        let of_spot = spot.cost(place) + short.sum::<f64>();
        let saved = Saved {
            at_peak: autoscaled.at_peak(place),
            autoscaling: autoscaled.at_peak(place) - autoscaled.cost(place),
            right_sizing: autoscaled.cost(place) - sized.cost(place),
            spot: sized.cost(place) - of_spot,
            commitments: of_spot - costs - not_had,
            not_had,
            costs,
        };
        (*id, saved)
    });
    EffectiveSavings { pools: each.collect(), unused_spend: node_costs(outcome, None) }
}

/// What nodes of a pool cost; of no pool, what spend that nothing ran for does.
fn node_costs(outcome: &Outcome, pool: Option<Id<Pool>>) -> f64 {
    let rows = outcome.ledger.rows.iter();
    let rows = rows.filter(|row| row.pool == pool && row.purchase.is_some());
    rows.map(|row| to_f64(row.amortised)).sum()
}

/// The candidate that a pool of a provider's nodes uses, where it has a price on demand.
fn used(plan: &Plan, outcome: &Outcome, id: Id<Pool>) -> Option<usize> {
    let PoolSupply::Instances(candidates) = &plan.pools[id].supply else { return None };
    let choice = outcome.choices.iter().find(|choice| choice.pool == id)?;
    let chosen = choice.chosen()?;
    price_of(plan, &candidates[chosen], Purchase::OnDemand).map(|_| chosen)
}

/// The candidate whose nodes would cost most on demand, of those that fit and have a price for that.
fn dearest(plan: &Plan, outcome: &Outcome, id: Id<Pool>) -> usize {
    let PoolSupply::Instances(candidates) = &plan.pools[id].supply else { return 0 };
    let choice = outcome.choices.iter().find(|choice| choice.pool == id);
    let fit = choice.into_iter().flat_map(|choice| &choice.ranked);
    let priced = fit.filter(|one| one.rejected.is_none()).filter_map(|one| {
        let price = price_of(plan, &candidates[one.candidate], Purchase::OnDemand)?;
        Some((one.nodes * price.per_hour.mean(plan.draws), one.candidate))
    });
    // Of equal ones that which is used, so that nothing is said of it.
    let most = priced.max_by(|a, b| {
        let is_used = |of: usize| used(plan, outcome, id) == Some(of);
        a.0.total_cmp(&b.0).then(is_used(a.1).cmp(&is_used(b.1))).then(b.1.cmp(&a.1))
    });
    most.map_or(0, |(_, candidate)| candidate)
}

fn of_choice(choices: &[InstanceChoice], id: Id<Pool>) -> usize {
    let choice = choices.iter().find(|choice| choice.pool == id);
    choice.and_then(InstanceChoice::chosen).unwrap_or(0)
}

/// A choice of one candidate.
fn only(pool: Id<Pool>, candidate: usize) -> InstanceChoice {
    let ranked = RankedCandidate {
        candidate,
        nodes: 0.0,
        price_per_hour: None,
        cost_per_month: None,
        rejected: None,
    };
    InstanceChoice { pool, ranked: vec![ranked] }
}

/// The plan with every node on demand, and as many as are asked for.
fn on_demand(plan: &Plan) -> Plan {
    let pools = plan.pools.items().iter().map(|pool| Pool {
        start: BTreeMap::new(),
        limits: Vec::new(),
        limit_increases: Vec::new(),
        lead_time_hours: BTreeMap::new(),
        floors: BTreeMap::new(),
        buy: Some(vec![Purchase::OnDemand]),
        ..pool.clone()
    });
    Plan {
        pools: Arena::new(pools.collect()),
        commitments: Arena::default(),
        procurement: None,
        ..plan.clone()
    }
}

/// The same with spot, as far as the plan and its limits let it.
fn with_spot(plan: &Plan, rented: &Plan) -> Plan {
    let pools = plan.pools.items().iter().zip(rented.pools.items()).map(|(own, rented)| {
        if !may_buy(own, Purchase::Spot) {
            return rented.clone();
        }
        let mut start = own.start.clone();
        start.remove(&Purchase::Reserved);
        Pool { start, buy: Some(vec![Purchase::OnDemand, Purchase::Spot]), ..own.clone() }
    });
    Plan { pools: Arena::new(pools.collect()), ..rented.clone() }
}

/// Which pools of a plan are other than what is known.
type Differs<'a> = &'a dyn Fn(Id<Pool>) -> bool;

/// A plan like it, by pool and month.
struct Variant {
    months: Vec<Vec<Month>>,
}

/// One month of a pool, in the mean of the draws.
#[derive(Clone, Copy)]
struct Month {
    cost: f64,
    node_hours: f64,
    /// Node-hours if the nodes of the busiest hour were there all month.
    at_peak: f64,
    /// Node-hours that cannot be had.
    short: f64,
}

impl Variant {
    /// Pools that differ from what is known are run; the others are as they were.
    fn of(
        plan: &Plan,
        choices: &[InstanceChoice],
        (pools, differs, known): (&[Id<Pool>], Differs<'_>, Option<&Self>),
        outcome: &Outcome,
        as_of: Date,
    ) -> Self {
        let factors = capacity::factors(plan);
        let terms = procure::terms(plan, choices, as_of);
        let prices = cost::prices(plan, choices);
        let month = |pool: Id<Pool>, t: usize| {
            let load = capacity::load(plan, &outcome.demand, &factors, choices, pool, t);
            let (supply, requests) = procure::supply(plan, &terms, &load);
            let priced = cost::price(plan, &prices, &supply, &requests, None);
            Month {
                cost: cost::of_nodes(&priced),
                node_hours: supply.node_hours.values().map(|hours| mean(hours)).sum(),
                at_peak: mean(&supply.need_peak) * f64::from(plan.horizon.month(t).hours()),
                short: mean(&supply.short_node_hours),
            }
        };
        let months = 0..plan.horizon.months;
        let run: Vec<Id<Pool>> = pools.iter().copied().filter(|id| differs(*id)).collect();
        let all: Vec<(Id<Pool>, usize)> =
            run.iter().flat_map(|pool| months.clone().map(move |t| (*pool, t))).collect();
        let all: Vec<Month> = all.into_par_iter().map(|(pool, t)| month(pool, t)).collect();
        let mut fresh = all.chunks(months.len()).map(<[_]>::to_vec);
        let each = pools.iter().enumerate().filter_map(|(place, id)| match known {
            Some(known) if !run.contains(id) => Some(known.months[place].clone()),
            _ => fresh.next(),
        });
        Self { months: each.collect() }
    }

    fn cost(&self, place: usize) -> f64 {
        self.months[place].iter().map(|month| month.cost).sum()
    }

    /// What the nodes of each month's busiest hour would cost all month.
    fn at_peak(&self, place: usize) -> f64 {
        let months = self.months[place].iter().filter(|month| month.node_hours > 0.0);
        months.map(|month| month.cost * month.at_peak / month.node_hours).sum()
    }

    /// What so many node-hours of a month would cost.
    fn on_demand(&self, place: usize, t: usize, hours: f64) -> f64 {
        let Month { cost, node_hours, .. } = self.months[place][t];
        if node_hours > 0.0 { hours * cost / node_hours } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{
        ORIGIN, amount, autoscaled, change_pool, close, day, half_days, instance, levels,
        plan as example, pool, price, serve, served_by_gpu, shape, with,
    };
    use crate::plan::pool::{Commitment, CommitmentKind, Limit, Renew, SpotFallback};
    use crate::plan::price::InstancePrice;
    use crate::plan::{Plan, Workload};

    /// Hours of February to April.
    const HOURS: f64 = 89.0 * 24.0;

    /// Eight nodes by day and four by night, and two that may be interrupted. Four are reserved at 6; of 10 on demand at
    /// most three may be had; spot costs 4. An older type is offered too, at 12.
    fn plan() -> (Plan, crate::forecast::demand::Demand) {
        let mut plan = example();
        let reserved = InstancePrice { term_months: Some(12), ..price(Purchase::Reserved, 6.0) };
        let prices = vec![price(Purchase::OnDemand, 10.0), price(Purchase::Spot, 4.0), reserved];
        let old = instance("a100", shape(), vec![price(Purchase::OnDemand, 12.0)]);
        plan.instances = Arena::new(vec![old, instance("g8", shape(), prices)]);
        plan.pools = Arena::new(vec![pool("other", &[0]), pool("serve", &[0, 1])]);
        change_pool(&mut plan, |pool| {
            let purchase = Some(Purchase::OnDemand);
            pool.limits = vec![Limit { purchase, nodes: 3, from: None, origin: ORIGIN }];
        });
        plan.commitments = Arena::new(vec![Commitment {
            name: "ri".into(),
            kind: CommitmentKind::Reserved {
                pool: serve(&plan),
                nodes: 4,
                instance: Id::new(1),
                per_hour: amount(6.0),
            },
            upfront: 0.0,
            from: day("2026-06-01"),
            until: day("2028-05-31"),
            renew: Renew::Decide,
            origin: ORIGIN,
        }]);
        let mut shape = half_days(&plan);
        shape.amplitude.fill(1.0 / 3.0);
        let chat = levels(&plan, &[48.0; 3], Some(shape));
        let batch = levels(&plan, &[16.0; 3], None);
        let of_batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
        let of_chat = autoscaled(served_by_gpu("chat", 1.0), 0, None);
        with(plan, vec![(of_batch, Some(batch)), (of_chat, Some(chat))])
    }

    fn found(plan: &Plan, demand: &crate::forecast::demand::Demand) -> EffectiveSavings {
        let as_of = day("2026-12-01");
        let outcome = crate::pipeline::run_from(plan, demand.clone(), as_of);
        effective_savings(plan, &outcome, as_of)
    }

    #[test]
    fn every_saving_is_told_by_what_saves_it() {
        let (plan, demand) = plan();
        let found = found(&plan, &demand);
        let [(_, nothing), (_, saved)] = &found.pools[..] else { panic!("{found:?}") };
        assert_eq!(*nothing, Saved::default());
        close(saved.at_peak, 10.0 * 12.0 * HOURS);
        close(saved.autoscaling, 2.0 * 12.0 * HOURS);
        close(saved.right_sizing, 8.0 * 2.0 * HOURS);
        close(saved.spot, 2.0 * 6.0 * HOURS);
        // By day one of ten cannot be had.
        close(saved.not_had, 0.5 * 10.0 * HOURS);
        close(saved.costs, (4.0 * 6.0 + 2.0 * 4.0 + 0.5 * 3.0 * 10.0) * HOURS);
        close(saved.commitments, (80.0 - 12.0 - 5.0 - 47.0) * HOURS);
        let parts = saved.autoscaling + saved.right_sizing + saved.spot + saved.commitments;
        close(parts, saved.at_peak - saved.not_had - saved.costs);
        close(found.unused_spend, 0.0);
    }

    #[test]
    fn what_waits_for_spot_and_what_a_limit_keeps_back_is_no_saving_of_it() {
        let (mut plan, _) = plan();
        plan.commitments = Arena::default();
        let mut spot = price(Purchase::Spot, 4.0);
        spot.availability = Some(crate::capacity::example::fixed(0.8));
        let prices = vec![price(Purchase::OnDemand, 10.0), spot];
        plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
        plan.pools = Arena::new(vec![pool("other", &[0]), pool("serve", &[0])]);
        // Four nodes that may be interrupted.
        let batch = levels(&plan, &[32.0; 3], None);
        let of_batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
        let (plan, demand) = with(plan, vec![(of_batch, Some(batch))]);
        let of = |change: &dyn Fn(&mut Pool)| {
            let mut plan = plan.clone();
            change_pool(&mut plan, change);
            let found = found(&plan, &demand).pools[1].1;
            (found.spot / HOURS, found.commitments.abs() < 1e-6, found.not_had / HOURS)
        };
        let near = |(spot, none, not_had): (f64, bool, f64), expected: (f64, f64)| {
            close(spot, expected.0);
            close(not_had, expected.1);
            assert!(none, "nothing is committed to");
        };
        near(of(&|pool| pool.spot_fallback = SpotFallback::None), (3.2 * 6.0, 0.8 * 10.0));
        let limit = Limit { purchase: None, nodes: 2, from: None, origin: ORIGIN };
        near(of(&|pool| pool.limits = vec![limit.clone()]), (1.6 * 6.0, 2.0 * 10.0));
    }

    #[test]
    fn support_saves_nothing_and_is_no_part_of_it() {
        let (mut plan, demand) = plan();
        let expected = found(&plan, &demand);
        let mut provider = plan.providers.items()[0].clone();
        provider.support_share = Some(0.05);
        plan.providers = Arena::new(vec![provider]);
        assert_eq!(found(&plan, &demand).pools, expected.pools);
    }

    #[test]
    fn the_ledger_has_list_prices_beside_what_is_paid() {
        let (plan, demand) = plan();
        let outcome = crate::pipeline::run_from(&plan, demand, day("2026-12-01"));
        let list: f64 = outcome.ledger.rows.iter().map(|row| to_f64(row.list)).sum();
        // Four reserved all day, two on spot, three on demand by day: at 10.
        close(list, (4.0 + 2.0 + 1.5) * 10.0 * HOURS);
    }

    #[test]
    fn without_a_price_on_demand_there_is_nothing_to_be_held_against() {
        let (mut plan, demand) = plan();
        let prices = vec![price(Purchase::Spot, 4.0)];
        plan.instances = Arena::new(vec![
            instance("a100", shape(), prices.clone()),
            instance("g8", shape(), prices),
        ]);
        assert!(found(&plan, &demand).pools.is_empty());
    }
}
