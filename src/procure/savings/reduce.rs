//! What runs on demand by hour, reduced to what spend would save: one convex function a month.
//!
//! A month after the horizon has the hours of its last, times what becomes of need, less what is ordered then.
//! Nodes that are ordered run before on-demand, node for node.

use std::collections::BTreeMap;

use super::{Hours, Signed, SpendMarket};
use crate::calendar::plus_days;
use crate::ids::Id;
use crate::plan::savings_plan::discount_told;
use crate::plan::{Plan, Pool};
use crate::procure::hourly::{HourlyUse, Load, SharedHours, shared_hours};
use crate::procure::optimum::product::discount;
use crate::procure::optimum::recourse::{Collect, Recourse, Step};
use crate::procure::problem::later_hours;

/// What is asked of every month of the horizon and its tail.
pub(crate) struct Ground<'a> {
    pub plan: &'a Plan,
    pub market: &'a SpendMarket,
    /// Months of the horizon and its tail.
    pub all: usize,
    /// Need after the horizon, as a multiple of its last month's, by pool.
    pub later: BTreeMap<Id<Pool>, Vec<f64>>,
    /// The first month in which spend can begin.
    pub first: usize,
    /// The cost of capital a month.
    pub rate: f64,
}

/// Nodes that are ordered, by pool and month of the horizon and its tail.
pub(crate) type Months = BTreeMap<Id<Pool>, Vec<u64>>;

/// Spend that goes before: its rates, and how much an hour in each month.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    /// What covers less pays first.
    pub breadth: (bool, usize, bool),
    pub rates: BTreeMap<Id<Pool>, f64>,
    pub per_hour: Vec<f64>,
}

/// A commitment as bills use it up: what covers less first, and what is signed before what is ordered.
struct Bill<'a> {
    order: ((bool, usize, bool), bool),
    per_hour: f64,
    ranked: &'a Ranked,
}

/// Pools in the order in which spend pays for them: place, rate, what a unit of money saves there.
pub(crate) type Ranked = Vec<(usize, f64, f64)>;

/// One month, as its hours are walked.
pub(crate) struct Walk<'a> {
    pub uses: &'a [&'a HourlyUse],
    /// What is paid on demand, by place of a pool.
    pub prices: Vec<f64>,
    /// Need against what the hours say.
    factors: Vec<f64>,
    /// Nodes ordered.
    pub nodes: Vec<f64>,
    /// Signed spend, and what it may pay for.
    pub signed: Vec<(f64, Ranked)>,
    /// Signed spend that holds, by group of days.
    pub sets: Vec<Vec<usize>>,
    pub hours: Vec<SharedHours>,
    pub draws: usize,
    /// Its hours against those that are walked.
    pub stretch: f64,
}

impl Ground<'_> {
    /// The month of the horizon that stands for a month.
    pub(super) fn stands_for(&self, m: usize) -> usize {
        m.min(self.plan.horizon.months - 1)
    }

    /// Hours of a month.
    pub(crate) fn hours(&self, m: usize) -> f64 {
        f64::from(self.plan.horizon.month(m).hours())
    }

    /// Walks month `m`, whose hours are `uses`.
    pub(crate) fn walk<'a>(&self, m: usize, uses: &'a [&'a HourlyUse], nodes: &Months) -> Walk<'a> {
        let (plan, months) = (self.plan, self.plan.horizon.months);
        let t = self.stands_for(m);
        let of =
            |used: &&HourlyUse| self.market.prices.get(&used.pool).map_or(0.0, |prices| prices[t]);
        let prices: Vec<f64> = uses.iter().map(of).collect();
        let factor = |used: &&HourlyUse| {
            let later = self.later.get(&used.pool).filter(|_| m >= months);
            later.map_or(1.0, |later| later[m - months])
        };
        let ordered = |used: &&HourlyUse| {
            nodes.get(&used.pool).and_then(|nodes| nodes.get(m)).map_or(0.0, |nodes| *nodes as f64)
        };
        let (sets, set_of_day) = self.sets(m);
        Walk {
            factors: uses.iter().map(factor).collect(),
            nodes: uses.iter().map(ordered).collect(),
            signed: self
                .market
                .signed
                .iter()
                .map(|signed| (signed.per_hour, ranked(&signed.rates, uses, &prices)))
                .collect(),
            sets,
            hours: shared_hours(uses, &set_of_day),
            draws: uses.first().map_or(0, |used| used.draws()),
            stretch: if m < months { 1.0 } else { later_hours(plan.horizon, m) },
            prices,
            uses,
        }
    }

    /// Which signed spend holds: the sets there are, and the set of each day; after the horizon, of its first.
    fn sets(&self, m: usize) -> (Vec<Vec<usize>>, Vec<usize>) {
        let plan = self.plan;
        let month = plan.horizon.month(m);
        let inside = m < plan.horizon.months;
        let days = plan.horizon.month(self.stands_for(m)).days();
        let mut sets: Vec<Vec<usize>> = Vec::new();
        let of_day = (0..days).map(|day| {
            let day = if inside { i32::try_from(day).unwrap_or(0) } else { 0 };
            let day = plus_days(month.first_day(), day);
            let holds = |signed: &Signed| signed.from <= day && day <= signed.until;
            let signed = &self.market.signed;
            let set = (0..signed.len()).filter(|k| holds(&signed[*k])).collect();
            sets.iter().position(|one| *one == set).unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            })
        });
        let of_day = of_day.collect();
        (sets, of_day)
    }

    /// Every month, made of the month that stands for it; months of the tail that are alike are made once.
    pub(crate) fn each<R: Send + Clone>(
        &self,
        hours: &Hours<'_>,
        nodes: &Months,
        before: &[Before],
        of: &(dyn Fn(usize, &[&HourlyUse]) -> R + Sync),
    ) -> Vec<R> {
        let months = self.plan.horizon.months;
        let key = |m: usize| {
            let pools = self.later.iter().map(|(pool, later)| (*pool, later[m - months].to_bits()));
            let nodes = nodes.iter().map(|(pool, nodes)| (*pool, nodes.get(m).copied()));
            let spent = before.iter().map(|one| one.per_hour[m].to_bits());
            let all: (Vec<_>, Vec<_>, Vec<_>) = (pools.collect(), nodes.collect(), spent.collect());
            (all, self.sets(m).0, self.plan.horizon.month(m).hours(), m < self.first)
        };
        let mut kinds = Vec::new();
        let mut firsts = Vec::new();
        let tail: Vec<usize> = (months..self.all)
            .map(|m| {
                let key = key(m);
                kinds.iter().position(|one| *one == key).unwrap_or_else(|| {
                    kinds.push(key);
                    firsts.push(m);
                    kinds.len() - 1
                })
            })
            .collect();
        let made = hours.each(&|t, uses| {
            let later = firsts.iter().filter(|_| t + 1 == months);
            let later = later.map(|m| of(*m, uses)).collect::<Vec<_>>();
            (of(t, uses), later)
        });
        let (mut all, mut of_tail) = (Vec::with_capacity(self.all), Vec::new());
        for (own, later) in made {
            all.push(own);
            of_tail.extend(later);
        }
        all.extend(tail.into_iter().map(|place| of_tail[place].clone()));
        all
    }

    /// What spend under each of these rates would save in each month, `unit` of money by `unit`, after what goes
    /// before; and what signed spend saves. Where it is not `signed`, as if nothing were signed.
    pub(super) fn collected(
        &self,
        hours: &Hours<'_>,
        nodes: &Months,
        before: &[Before],
        asked: &[(&BTreeMap<Id<Pool>, f64>, f64)],
        signed: bool,
    ) -> Vec<(Vec<Recourse>, f64)> {
        self.each(hours, nodes, before, &|m, uses| {
            let mut walk = self.walk(m, uses, nodes);
            if !signed {
                walk.sets.iter_mut().for_each(Vec::clear);
            }
            let before: Vec<(f64, Ranked)> = before
                .iter()
                .map(|one| (one.per_hour[m], ranked(&one.rates, uses, &walk.prices)))
                .collect();
            let mut all: Vec<Counted> = asked
                .iter()
                .map(|(rates, unit)| Counted::new(ranked(rates, uses, &walk.prices), *unit))
                .collect();
            let mut by_signed = 0.0;
            walk.each(&mut |weight, open, saved| {
                by_signed += weight * saved;
                for (per_hour, ranked) in &before {
                    pay(*per_hour, ranked, open);
                }
                for counted in &mut all {
                    counted.add(weight, open);
                }
            });
            let found = all.into_iter().map(Counted::finish).collect();
            (found, by_signed)
        })
    }
}

impl Ground<'_> {
    /// What these pools cost on demand, over the horizon and its tail.
    pub(crate) fn rented(&self, hours: &Hours<'_>, of: &(dyn Fn(Id<Pool>) -> bool + Sync)) -> f64 {
        let none = Months::new();
        let months = self.each(hours, &none, &[], &|m, uses| {
            let mut walk = self.walk(m, uses, &none);
            for (price, used) in walk.prices.iter_mut().zip(uses) {
                if !of(used.pool) {
                    *price = 0.0;
                }
            }
            let mut open = vec![0.0; uses.len()];
            let mut rented = 0.0;
            for alike in &walk.hours {
                for draw in 0..walk.draws {
                    walk.load(alike, draw, &mut open);
                    rented += alike.hours * walk.stretch / walk.draws as f64 * walk.worth(&open);
                }
            }
            rented
        });
        months.iter().enumerate().map(|(m, month)| month * discount(self.rate, m)).sum()
    }
}

/// Pools that rates cover, the largest saving first.
pub(crate) fn ranked(
    rates: &BTreeMap<Id<Pool>, f64>,
    uses: &[&HourlyUse],
    prices: &[f64],
) -> Ranked {
    let mut pools: Ranked = (0..uses.len())
        .filter_map(|place| Some((place, *rates.get(&uses[place].pool)?)))
        .map(|(place, rate)| (place, rate, prices[place] / rate))
        .collect();
    let saved = |(place, rate, _): &(usize, f64, f64)| discount_told(*rate, prices[*place]);
    pools.sort_by(|a, b| {
        saved(b).total_cmp(&saved(a)).then(a.1.total_cmp(&b.1)).then(a.0.cmp(&b.0))
    });
    pools
}

/// Spends so much on what is open, and gives what is left of it.
pub(super) fn pay(per_hour: f64, ranked: &Ranked, open: &mut [f64]) -> f64 {
    let mut left = per_hour;
    for (place, rate, _) in ranked {
        let nodes = open[*place].min(left / rate);
        open[*place] -= nodes;
        left -= nodes * rate;
    }
    left.max(0.0)
}

impl Walk<'_> {
    /// Nodes on demand in hours alike and a draw, after what is ordered and before any spend.
    pub(super) fn load(&self, alike: &SharedHours, draw: usize, open: &mut [f64]) {
        for (place, (open, row)) in open.iter_mut().zip(&alike.rows).enumerate() {
            *open = self.uses[place].runs(*row, draw, self.nodes[place], self.factors[place]);
        }
    }

    /// Nodes on demand in hours alike and a draw, with so many ordered.
    pub(super) fn runs(&self, alike: &SharedHours, draw: usize, place: usize, nodes: f64) -> f64 {
        self.uses[place].runs(alike.rows[place], draw, nodes, self.factors[place])
    }

    /// The same before what is ordered, if all could be had.
    pub(crate) fn unordered(&self, alike: &SharedHours, draw: usize, place: usize) -> Load {
        self.uses[place].load(alike.rows[place], draw).times(self.factors[place])
    }

    /// The signed spend that holds in hours alike.
    pub(super) fn held(
        &self,
        alike: &SharedHours,
    ) -> impl Iterator<Item = (usize, &(f64, Ranked))> {
        self.sets[alike.group].iter().map(|k| (*k, &self.signed[*k]))
    }

    /// Calls with the weight of hours alike in one draw, what is open after signed spend and `ordered`, which pay in the
    /// order of bills, and what each of both saves: signed spend by itself, and what `ordered` saves beside it.
    pub(super) fn paid(
        &self,
        signed: &[Signed],
        ordered: &[(&Before, f64, Ranked)],
        then: &mut dyn FnMut(f64, f64, f64),
    ) {
        let mut open = vec![0.0; self.uses.len()];
        let of_set = |set: &Vec<usize>| {
            let held = set.iter().map(|k| Bill {
                order: (signed[*k].place.0, false),
                per_hour: self.signed[*k].0,
                ranked: &self.signed[*k].1,
            });
            let ordered = ordered.iter().map(|(one, per_hour, ranked)| Bill {
                order: (one.breadth, true),
                per_hour: *per_hour,
                ranked,
            });
            let mut bills: Vec<Bill<'_>> = held.chain(ordered).collect();
            bills.sort_by_key(|bill| bill.order);
            bills
        };
        let bills: Vec<Vec<Bill<'_>>> = self.sets.iter().map(of_set).collect();
        for alike in &self.hours {
            let weight = alike.hours * self.stretch / self.draws as f64;
            let bills = &bills[alike.group];
            let both = bills.iter().any(|bill| !bill.order.1);
            for draw in 0..self.draws {
                self.load(alike, draw, &mut open);
                let rented = self.worth(&open);
                let mut by_signed = 0.0;
                if both {
                    for bill in bills.iter().filter(|bill| !bill.order.1) {
                        pay(bill.per_hour, bill.ranked, &mut open);
                    }
                    by_signed = rented - self.worth(&open);
                    self.load(alike, draw, &mut open);
                }
                for bill in bills {
                    pay(bill.per_hour, bill.ranked, &mut open);
                }
                then(weight, rented - self.worth(&open) - by_signed, by_signed);
            }
        }
    }

    /// Calls with the weight of hours alike in one draw, what is open after signed spend, and what that saves.
    pub(super) fn each(&self, then: &mut dyn FnMut(f64, &mut [f64], f64)) {
        let mut open = vec![0.0; self.uses.len()];
        for alike in &self.hours {
            let weight = alike.hours * self.stretch / self.draws as f64;
            for draw in 0..self.draws {
                self.load(alike, draw, &mut open);
                let mut saved = 0.0;
                for (_, (per_hour, ranked)) in self.held(alike) {
                    saved += self.worth(&open);
                    pay(*per_hour, ranked, &mut open);
                    saved -= self.worth(&open);
                }
                then(weight, &mut open, saved);
            }
        }
    }

    /// What is paid for so many nodes on demand.
    pub(super) fn worth(&self, open: &[f64]) -> f64 {
        open.iter().zip(&self.prices).map(|(nodes, price)| nodes * price).sum()
    }
}

/// What a savings plan saves, collected.
pub(super) struct Counted {
    ranked: Ranked,
    unit: f64,
    collect: Collect,
    steps: Vec<Step>,
}

impl Counted {
    pub(super) fn new(ranked: Ranked, unit: f64) -> Self {
        Self { ranked, unit, collect: Collect::default(), steps: Vec::new() }
    }

    pub(super) fn finish(self) -> Recourse {
        self.collect.finish()
    }

    /// Adds one hour, or so many alike.
    pub(super) fn add(&mut self, hours: f64, open: &[f64]) {
        let mut all = 0.0;
        self.steps.clear();
        // From the least saving up, as recourse counts.
        for (place, rate, saves) in self.ranked.iter().rev() {
            let units = open[*place] * rate / self.unit;
            if units > 0.0 {
                all += units;
                self.steps.push(Step { units, price: saves * self.unit });
            }
        }
        self.collect.add(hours, all, &self.steps);
    }
}
