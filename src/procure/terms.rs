//! The terms of supply, computed once: what exists, what may be bought, from which day, in every draw.
//!
//! Days count from the horizon's first; what takes hours (a lead time, a grant) is there on the first
//! whole day after it.

use std::collections::BTreeMap;

use crate::calendar::{Date, days_between};
use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{Node, chosen_candidate};
use crate::capacity::per_draw::PerDraw;
use crate::ids::Id;
use crate::plan::catalog::{Lot, NodeShape};
use crate::plan::pool::{CommitmentKind, LimitIncrease, PoolSupply, SpotFallback};
use crate::plan::price::Purchase;
use crate::plan::{Owned, Plan, Pool};
use crate::procure::market::blocks_from;
use crate::procure::spot::planned::{Planned, does_not_pay, planned};

/// The terms of every pool, by pool index; storage pools have empty ones.
#[derive(Debug, Clone)]
pub struct Terms {
    pools: Vec<PoolTerms>,
}

/// The terms of one pool.
#[derive(Debug, Clone, Default)]
pub(crate) struct PoolTerms {
    /// What exists whatever is needed.
    pub existing: Vec<Existing>,
    /// What may be bought on demand; absent where it may not, or has no price.
    pub on_demand: Option<Offer>,
    /// What may be bought as spot.
    pub spot: Option<SpotTerms>,
    /// Grants over all purchases together.
    pub all: Grants,
    /// The first days on which capacity blocks can be there, of each that is on sale.
    pub blocks_from: Vec<f64>,
}

/// Spot that may be bought.
#[derive(Debug, Clone)]
pub(crate) struct SpotTerms {
    /// How many nodes.
    pub offer: Offer,
    /// How it serves.
    pub planned: Planned,
    /// Whether nodes that cannot be had are short, rather than bought on demand.
    pub denies: bool,
}

/// Nodes that exist from a day to a day, always on and always paid.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    /// How they are had.
    pub purchase: Purchase,
    /// What one of them offers.
    pub shape: NodeShape,
    /// How many.
    pub nodes: f64,
    /// The share of time that one is usable.
    pub usable: PerDraw,
    /// The first day, one a draw; infinite where they never come.
    pub from: PerDraw,
    /// The day after the last.
    pub until: f64,
}

/// Nodes that may be bought by the hour.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// Nodes running on the horizon's first day.
    start: f64,
    /// The day from which more than these can be had.
    ready: PerDraw,
    grants: Grants,
}

/// How many nodes a provider grants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grants {
    /// Limits: the first day and the nodes, by day.
    limits: Vec<(f64, f64)>,
    /// Increases: the day of the grant, infinite where it never comes, and the nodes.
    increases: Vec<(PerDraw, f64)>,
}

impl Grants {
    /// The nodes of increases that are granted by a day, in so large a share of draws at least.
    pub(crate) fn asked_for(&self, plan: &Plan, last: Date, share: f64) -> f64 {
        let last = day_of(plan, last);
        let of_draw = |draw: usize| {
            let granted = self.increases.iter().filter(|(from, _)| from.at(draw) <= last);
            granted.fold(0.0, |most: f64, (_, nodes)| most.max(*nodes))
        };
        crate::draws::at_least((0..plan.draws.count()).map(of_draw).collect(), share)
    }

    /// The nodes granted throughout the days, in so large a share of draws at least.
    pub(crate) fn throughout(&self, plan: &Plan, (first, last): (Date, Date), share: f64) -> f64 {
        let (first, last) = (day_of(plan, first), day_of(plan, last));
        let draws = 0..plan.draws.count();
        let each = draws.map(|draw| self.on(first, draw).min(self.on(last, draw)));
        crate::draws::at_least(each.collect(), share)
    }

    /// The nodes granted on a day; infinite where nothing limits them.
    pub(crate) fn on(&self, day: f64, draw: usize) -> f64 {
        let held = self.limits.iter().rev().find(|(from, _)| *from <= day);
        let held = held.map_or(f64::INFINITY, |(_, nodes)| *nodes);
        let granted = self.increases.iter().filter(|(from, _)| from.at(draw) <= day);
        granted.fold(held, |held, (_, nodes)| held.max(*nodes))
    }

    fn days(&self) -> impl Iterator<Item = PerDraw> + '_ {
        let limits = self.limits.iter().map(|(day, _)| PerDraw::Same(*day));
        limits.chain(self.increases.iter().map(|(day, _)| day.clone()))
    }
}

impl Offer {
    /// The nodes that can be had on a day; infinite where nothing limits them.
    pub(crate) fn on(&self, day: f64, draw: usize) -> f64 {
        let granted = self.grants.on(day, draw);
        if day < self.ready.at(draw) { granted.min(self.start) } else { granted }
    }
}

impl PoolTerms {
    /// Every day on which the terms change, one a draw.
    pub(crate) fn days(&self) -> impl Iterator<Item = PerDraw> + '_ {
        let existing = self
            .existing
            .iter()
            .flat_map(|existing| [existing.from.clone(), PerDraw::Same(existing.until)]);
        let offers = self.on_demand.iter().chain(self.spot.iter().map(|spot| &spot.offer));
        let offers = offers
            .flat_map(|offer| offer.grants.days().chain(std::iter::once(offer.ready.clone())));
        existing.chain(offers).chain(self.all.days())
    }
}

impl Terms {
    /// The terms of a pool.
    pub(crate) fn of(&self, pool: Id<Pool>) -> &PoolTerms {
        &self.pools[pool.index()]
    }
}

/// Reads the terms of every pool. `as_of` is the day from which lead times run.
#[must_use]
pub fn terms(plan: &Plan, choices: &[InstanceChoice], as_of: Date) -> Terms {
    Terms { pools: plan.pools.ids().map(|pool| of_pool(plan, choices, pool, as_of)).collect() }
}

fn of_pool(plan: &Plan, choices: &[InstanceChoice], id: Id<Pool>, as_of: Date) -> PoolTerms {
    let Some(node) = Node::of_pool(plan, choices, id) else { return PoolTerms::default() };
    let pool = &plan.pools[id];
    let mut terms = PoolTerms { existing: started(pool, &node), ..PoolTerms::default() };
    if let PoolSupply::Owned(owned) = pool.supply {
        terms.existing.extend(lots(plan, &plan.owned[owned]));
        return terms;
    }
    terms.existing.extend(commitments(plan, id));
    let candidate = chosen_candidate(plan, choices, id);
    let price = |purchase| {
        candidate
            .and_then(|candidate| price_of(plan, candidate, purchase))
            .filter(|_| may_buy(pool, purchase))
    };
    terms.on_demand =
        price(Purchase::OnDemand).map(|_| offer(plan, pool, Purchase::OnDemand, as_of));
    let pays = candidate.is_some_and(|candidate| does_not_pay(plan, id, candidate).is_none());
    terms.spot = price(Purchase::Spot).filter(|_| pays).map(|price| SpotTerms {
        offer: offer(plan, pool, Purchase::Spot, as_of),
        planned: planned(plan.draws, pool, price),
        denies: pool.spot_fallback == SpotFallback::None,
    });
    terms.all = grants(plan, pool, None);
    let first = plan.horizon.first_day();
    let days = blocks_from(plan, pool, as_of).into_iter();
    terms.blocks_from = days.map(|day| f64::from(days_between(first, day))).collect();
    terms
}

/// Nodes that the plan says run from the start and that are paid whatever is needed.
fn started(pool: &Pool, node: &Node) -> Vec<Existing> {
    let always = |purchase: Purchase, nodes: &u32| Existing {
        purchase,
        shape: node.shape,
        nodes: f64::from(*nodes),
        usable: PerDraw::Same(1.0),
        from: PerDraw::Same(f64::NEG_INFINITY),
        until: f64::INFINITY,
    };
    [Purchase::Reserved, Purchase::Owned]
        .into_iter()
        .filter_map(|purchase| pool.start.get(&purchase).map(|nodes| always(purchase, nodes)))
        .collect()
}

fn lots(plan: &Plan, owned: &Owned) -> Vec<Existing> {
    let usable = owned
        .availability
        .as_ref()
        .map_or(PerDraw::Same(1.0), |share| PerDraw::of(plan.draws, share));
    let lot = |lot: &Lot| Existing {
        purchase: Purchase::Owned,
        shape: owned.shape,
        nodes: f64::from(lot.nodes),
        usable: usable.clone(),
        from: arrival(plan, owned, lot),
        until: f64::INFINITY,
    };
    owned.lots.iter().map(lot).collect()
}

/// The day a lot goes into service: for one still to come, its day and the slip; never, in the draws
/// in which it does not come.
pub(crate) fn arrival(plan: &Plan, owned: &Owned, lot: &Lot) -> PerDraw {
    let day = PerDraw::Same(day_of(plan, lot.in_service));
    if !lot.due {
        return day;
    }
    let slipped = match &lot.slip_days {
        Some(slip) => {
            day.zip(&PerDraw::of(plan.draws, slip), |day, slip| day + whole_days(slip * 24.0))
        }
        None => day,
    };
    never_unless(plan, slipped, lot.chance.unwrap_or(1.0), &lot.chance_key(&owned.name))
}

/// Infinite in the draws in which something of this chance does not happen.
fn never_unless(plan: &Plan, day: PerDraw, chance: f64, key: &str) -> PerDraw {
    if chance >= 1.0 {
        return day;
    }
    let happens = plan.draws.happens(chance, key).into_iter().enumerate();
    PerDraw::Each(
        happens.map(|(d, happens)| if happens { day.at(d) } else { f64::INFINITY }).collect(),
    )
}

/// Reserved nodes that are committed to.
fn commitments(plan: &Plan, id: Id<Pool>) -> Vec<Existing> {
    let reserved = plan.commitments.items().iter().filter_map(|commitment| match commitment.kind {
        CommitmentKind::Reserved { pool, nodes, instance, .. } if pool == id => Some(Existing {
            purchase: Purchase::Reserved,
            shape: plan.instances[instance].shape,
            nodes: f64::from(nodes),
            usable: PerDraw::Same(1.0),
            from: PerDraw::Same(day_of(plan, commitment.from)),
            until: day_of(plan, commitment.until) + 1.0,
        }),
        _ => None,
    });
    reserved.collect()
}

/// Reserved nodes of a pool, by the day.
pub(crate) fn reserved(plan: &Plan, id: Id<Pool>) -> impl Fn(f64) -> f64 + use<> {
    let started = plan.pools[id].start.get(&Purchase::Reserved).copied().unwrap_or(0);
    let committed = commitments(plan, id);
    move |day| {
        let there = committed.iter().filter(|one| one.from.at(0) <= day && day < one.until);
        f64::from(started) + there.map(|one| one.nodes).sum::<f64>()
    }
}

fn offer(plan: &Plan, pool: &Pool, purchase: Purchase, as_of: Date) -> Offer {
    let ready =
        pool.lead_time_hours.get(&purchase).map_or(PerDraw::Same(f64::NEG_INFINITY), |hours| {
            let decided = day_of(plan, as_of);
            PerDraw::of(plan.draws, hours).map(|hours| decided + whole_days(hours))
        });
    let start = pool.start.get(&purchase).map_or(0.0, |nodes| f64::from(*nodes));
    Offer { start, ready, grants: grants(plan, pool, Some(purchase)) }
}

pub(crate) fn grants(plan: &Plan, pool: &Pool, purchase: Option<Purchase>) -> Grants {
    // By day, so that the latest limit of a day wins: a map keeps one a day.
    let mut by_day: BTreeMap<Option<Date>, f64> = BTreeMap::new();
    for limit in pool.limits.iter().filter(|limit| limit.purchase == purchase) {
        by_day.insert(limit.from, f64::from(limit.nodes));
    }
    let limits = by_day
        .into_iter()
        .map(|(from, nodes)| (from.map_or(f64::NEG_INFINITY, |from| day_of(plan, from)), nodes))
        .collect();
    let increases = pool
        .limit_increases
        .iter()
        .filter(|increase| increase.purchase == purchase)
        .map(|increase| (granted(plan, pool, increase), f64::from(increase.nodes)))
        .collect();
    Grants { limits, increases }
}

fn granted(plan: &Plan, pool: &Pool, increase: &LimitIncrease) -> PerDraw {
    let asked = day_of(plan, increase.asked);
    let expected = PerDraw::of(plan.draws, &increase.expected_hours);
    let key = increase.chance_key(&pool.name);
    never_unless(plan, expected.map(|hours| asked + whole_days(hours)), increase.chance, &key)
}

/// A date as a day of the horizon; negative before it.
pub(crate) fn day_of(plan: &Plan, date: Date) -> f64 {
    f64::from(days_between(plan.horizon.first_day(), date))
}

/// Days that hold so many hours.
fn whole_days(hours: f64) -> f64 {
    crate::capacity::rounding::whole_up(hours.max(0.0) / 24.0)
}
