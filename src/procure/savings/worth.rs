//! What spend pays for of what would run on demand, inside the horizon: with all orders, with none, without each.
//!
//! In: what runs on demand by hour, nodes and spend that are ordered. Out: money in the mean of the draws, not
//! discounted. Spend is used up in the order of bills, what is signed and what is ordered alike, so that figures of
//! orders foot with the ledger. Orders one by one are looked at in all draws; where several commitments pay for the
//! same pools and that is much work, in every so many. What all of them come to is of all draws.

use std::collections::BTreeMap;

use super::reduce::{Ground, Months, Ranked, Walk, ranked};
use super::{Hours, Place, place};
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::{Pool, SavingsPlan};
use crate::procure::hourly::{HourlyUse, SharedHours};
use crate::procure::orders::SpendOrder;

/// Steps of paying over which orders are looked at one by one, all in all.
const STEPS: usize = 256 << 20;
/// The fewest draws that they are looked at in.
const LEAST_DRAWS: usize = 16;

/// Other nodes in one pool than are ordered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub pool: Id<Pool>,
    /// Months of the horizon, and nodes beside those that are ordered in them.
    pub nodes: Vec<(usize, f64)>,
}

/// What spend pays for, at the prices that would be paid on demand.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Worth {
    /// What each pool costs on demand where nothing is ordered and nobody committed to a spend.
    pub rented: BTreeMap<Id<Pool>, f64>,
    /// What signed spend pays for where nothing is ordered.
    pub signed: f64,
    /// What signed and ordered spend pay for beside the ordered nodes.
    pub all: f64,
    /// What they pay for more beside each change.
    pub more: Vec<f64>,
    /// What is paid for less without each order of spend.
    pub less: Vec<f64>,
}

/// A commitment as bills use it up.
struct Bill {
    place: Place,
    of: Of,
    per_hour: f64,
    ranked: Ranked,
}

/// Which commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Signed(usize),
    Ordered(usize),
}

/// What spend pays for beside `nodes`, with these orders of spend and beside these changes.
#[must_use]
pub(crate) fn worth(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    nodes: &Months,
    spend: &[SpendOrder],
    changes: &[Change],
) -> Worth {
    let under: BTreeMap<Id<SavingsPlan>, &BTreeMap<Id<Pool>, f64>> = ground
        .market
        .providers
        .iter()
        .flat_map(|one| one.on_sale.iter().map(|sale| (sale.plan, &sale.rates)))
        .collect();
    let months = hours.each(&|t, uses| {
        let walk = ground.walk(t, uses, nodes);
        let mut bills: Vec<Bill> = ground
            .market
            .signed
            .iter()
            .zip(&walk.signed)
            .enumerate()
            .map(|(k, (signed, (per_hour, ranked)))| Bill {
                place: signed.place.clone(),
                of: Of::Signed(k),
                per_hour: *per_hour,
                ranked: ranked.clone(),
            })
            .collect();
        let live =
            |order: &SpendOrder| (order.t..order.t + order.term_months as usize).contains(&t);
        let ordered = spend.iter().enumerate().filter(|(_, order)| live(order));
        bills.extend(ordered.filter_map(|(i, order)| {
            let offered = &ground.plan.savings_plans[order.savings_plan];
            Some(Bill {
                place: place(Some(offered), &order.name),
                of: Of::Ordered(i),
                per_hour: to_f64(order.per_hour),
                ranked: ranked(under.get(&order.savings_plan)?, uses, &walk.prices),
            })
        }));
        bills.sort_by(|a, b| a.place.cmp(&b.place));
        let budget = STEPS / ground.plan.horizon.months;
        of_month(&walk, &bills, &changed(t, uses, changes), changes.len(), spend.len(), budget)
    });
    let mut sum =
        Worth { more: vec![0.0; changes.len()], less: vec![0.0; spend.len()], ..Worth::default() };
    for month in months {
        for (pool, rented) in month.rented {
            *sum.rented.entry(pool).or_insert(0.0) += rented;
        }
        sum.signed += month.signed;
        sum.all += month.all;
        sum.more.iter_mut().zip(month.more).for_each(|(sum, more)| *sum += more);
        sum.less.iter_mut().zip(month.less).for_each(|(sum, less)| *sum += less);
    }
    sum
}

/// Changes of one month: which, the place of its pool, and nodes.
fn changed(t: usize, uses: &[&HourlyUse], changes: &[Change]) -> Vec<(usize, usize, f64)> {
    let of = |(i, change): (usize, &Change)| {
        let place = uses.iter().position(|used| used.pool == change.pool)?;
        let (_, nodes) = change.nodes.iter().find(|(month, _)| *month == t)?;
        Some((i, place, *nodes))
    };
    changes.iter().enumerate().filter_map(of).collect()
}

fn of_month(
    walk: &Walk<'_>,
    bills: &[Bill],
    changed: &[(usize, usize, f64)],
    changes: usize,
    spends: usize,
    budget: usize,
) -> Worth {
    let places = walk.uses.len();
    let mut sum = Worth { more: vec![0.0; changes], less: vec![0.0; spends], ..Worth::default() };
    let mut rented = vec![0.0; places];
    let held: Vec<Held<'_>> =
        (0..walk.sets.len()).map(|set| Held::of(walk, bills, set, changed)).collect();
    let each = walk.hours.iter().map(|alike| held[alike.group].work(places)).sum::<usize>();
    let stride = (each * walk.draws).div_ceil(budget.max(1)).max(1);
    let stride = stride.min((walk.draws / LEAST_DRAWS).max(1));
    let looked_at = walk.draws.div_ceil(stride) as f64;
    let mut buffers = [(); 3].map(|()| vec![0.0; places]);
    let mut fill = Fill::default();
    for alike in &walk.hours {
        let held = &held[alike.group];
        let [none, load, open] = &mut buffers;
        for draw in 0..walk.draws {
            let weight = alike.hours / walk.draws as f64;
            for (place, (none, sum)) in none.iter_mut().zip(&mut rented).enumerate() {
                *none = walk.runs(alike, draw, place, 0.0);
                *sum += weight * *none * walk.prices[place];
            }
            if held.groups.is_empty() {
                continue;
            }
            if !held.signed.is_empty() {
                open.copy_from_slice(none);
                let signed = held.signed.iter().map(|bill| (bill.per_hour, &bill.ranked));
                sum.signed += weight * paid(walk, signed, open);
            }
            walk.load(alike, draw, load);
            for group in &held.groups {
                if let [bill] = &group.bills[..] {
                    fill.of(bill, load);
                    let all = fill.worth();
                    sum.all += weight * all;
                    for (i, place, rank, nodes) in &group.changed {
                        let open = walk.with(alike, draw, *place, *nodes);
                        sum.more[*i] += weight * (fill.with(*rank, open) - all);
                    }
                    for (i, per_hour) in &bill.orders {
                        sum.less[*i] += weight * (all - fill.without(*per_hour));
                    }
                    continue;
                }
                let bills = || group.bills.iter().map(|bill| (bill.per_hour, &bill.ranked));
                open.copy_from_slice(load);
                let all = paid(walk, bills(), open);
                sum.all += weight * all;
                if draw % stride != 0 {
                    continue;
                }
                let weight = alike.hours / looked_at;
                for (i, place, _, nodes) in &group.changed {
                    open.copy_from_slice(load);
                    open[*place] = walk.with(alike, draw, *place, *nodes);
                    sum.more[*i] += weight * (paid(walk, bills(), open) - all);
                }
                for (of, bill) in group.bills.iter().enumerate() {
                    for (i, per_hour) in &bill.orders {
                        open.copy_from_slice(load);
                        let less = |k: usize| if k == of { *per_hour } else { 0.0 };
                        let left = bills().enumerate();
                        let left = left.map(|(k, (all, ranked))| (all - less(k), ranked));
                        sum.less[*i] += weight * (all - paid(walk, left, open));
                    }
                }
            }
        }
    }
    sum.rented = walk.uses.iter().map(|used| used.pool).zip(rented).collect();
    sum
}

/// The commitments that hold in some days, in the order of bills.
struct Held<'a> {
    signed: Vec<&'a Bill>,
    groups: Vec<Group>,
}

/// Commitments that pay for the same pools, and pools that others pay for too.
#[derive(Debug, Default)]
struct Group {
    bills: Vec<Merged>,
    /// Changes in its pools: which, the place of the pool and its rank in the first commitment, and nodes.
    changed: Vec<(usize, usize, usize, f64)>,
}

/// Commitments one after the other that pay for the same pools in the same order: as one.
#[derive(Debug, Clone)]
struct Merged {
    per_hour: f64,
    ranked: Ranked,
    /// Orders among them, and what each is an hour.
    orders: Vec<(usize, f64)>,
}

impl<'a> Held<'a> {
    fn of(walk: &Walk<'_>, bills: &'a [Bill], set: usize, changed: &[(usize, usize, f64)]) -> Self {
        let holds = |bill: &&Bill| match bill.of {
            Of::Signed(k) => walk.sets[set].contains(&k),
            Of::Ordered(_) => true,
        };
        let held: Vec<&Bill> = bills.iter().filter(holds).collect();
        let mut groups: Vec<Group> = Vec::new();
        for bill in &held {
            let shares = |group: &Group| {
                let places = group.bills.iter().flat_map(|one| &one.ranked);
                places.clone().any(|(place, ..)| bill.ranked.iter().any(|(own, ..)| own == place))
            };
            let (of, others): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(shares);
            // Groups that had nothing in common stay in the order of bills among themselves: any will do.
            let mut group = Group::default();
            group.bills.extend(of.into_iter().flat_map(|one| one.bills));
            let orders = match bill.of {
                Of::Signed(_) => vec![],
                Of::Ordered(i) => vec![(i, bill.per_hour)],
            };
            match group.bills.last_mut().filter(|last| last.ranked == bill.ranked) {
                Some(last) => {
                    last.per_hour += bill.per_hour;
                    last.orders.extend(orders);
                }
                None => group.bills.push(Merged {
                    per_hour: bill.per_hour,
                    ranked: bill.ranked.clone(),
                    orders,
                }),
            }
            groups = others;
            groups.push(group);
        }
        for (i, place, nodes) in changed {
            let pays = |group: &&mut Group| {
                let mut ranked = group.bills.iter().flat_map(|one| &one.ranked);
                ranked.any(|(own, ..)| own == place)
            };
            if let Some(group) = groups.iter_mut().find(pays) {
                let rank = group.bills[0].ranked.iter().position(|(own, ..)| own == place);
                group.changed.push((*i, *place, rank.unwrap_or(usize::MAX), *nodes));
            }
        }
        let signed = held.into_iter().filter(|bill| matches!(bill.of, Of::Signed(_))).collect();
        Self { signed, groups }
    }

    /// Steps of paying again for changes and orders, where several commitments pay for the same.
    fn work(&self, places: usize) -> usize {
        let of = |group: &Group| {
            let orders: usize = group.bills.iter().map(|bill| bill.orders.len()).sum();
            (group.changed.len() + orders) * group.bills.len() * places
        };
        self.groups.iter().filter(|group| group.bills.len() > 1).map(of).sum()
    }
}

/// How one commitment pays for what is open, pool by pool: sums up to each rank.
#[derive(Debug, Default)]
struct Fill {
    per_hour: f64,
    /// Money that the pools before a rank would take, and what it would save.
    sums: Vec<(f64, f64)>,
    /// Of each rank: what a node costs of it, and what a unit of money saves there.
    ranks: Vec<(f64, f64)>,
}

impl Fill {
    fn of(&mut self, bill: &Merged, open: &[f64]) {
        self.per_hour = bill.per_hour;
        self.ranks.clear();
        self.sums.clear();
        let (mut money, mut worth) = (0.0, 0.0);
        for (place, rate, saves) in &bill.ranked {
            self.sums.push((money, worth));
            self.ranks.push((*rate, *saves));
            money += open[*place] * rate;
            worth += open[*place] * rate * saves;
        }
        self.sums.push((money, worth));
    }

    /// What so much money would save, from a rank on.
    fn from(&self, rank: usize, money: f64) -> f64 {
        let (before, worth) = self.sums[rank];
        let end = before + money.max(0.0);
        // The first rank that is not paid for in full.
        let last = self.sums.partition_point(|(money, _)| *money <= end).max(rank + 1) - 1;
        let part = self.ranks.get(last).map_or(0.0, |(_, saves)| (end - self.sums[last].0) * saves);
        self.sums[last].1 - worth + part
    }

    /// What it saves.
    fn worth(&self) -> f64 {
        self.from(0, self.per_hour)
    }

    /// The same with so much open at a rank instead.
    fn with(&self, rank: usize, open: f64) -> f64 {
        let (before, worth) = self.sums[rank];
        let money = self.per_hour - before;
        if money <= 0.0 {
            return self.worth();
        }
        let (rate, saves) = self.ranks[rank];
        let used = money.min(open * rate);
        worth + used * saves + self.from(rank + 1, money - used)
    }

    /// The same with so much less money.
    fn without(&self, per_hour: f64) -> f64 {
        self.from(0, self.per_hour - per_hour)
    }
}

/// Spends so much of what is committed to on what is open, and gives what that would have cost on demand.
fn paid<'a>(
    walk: &Walk<'_>,
    bills: impl Iterator<Item = (f64, &'a Ranked)>,
    open: &mut [f64],
) -> f64 {
    let mut worth = 0.0;
    for (per_hour, ranked) in bills {
        let mut left = per_hour;
        for (place, rate, _) in ranked {
            let nodes = open[*place].min(left / rate);
            open[*place] -= nodes;
            left -= nodes * rate;
            worth += nodes * walk.prices[*place];
            if left <= 1e-12 * per_hour {
                break;
            }
        }
    }
    worth
}

impl Walk<'_> {
    /// Nodes on demand in hours alike and a draw, with so many more ordered.
    fn with(&self, alike: &SharedHours, draw: usize, place: usize, more: f64) -> f64 {
        self.runs(alike, draw, place, (self.nodes[place] + more).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fill, Merged};
    use proptest::prelude::*;

    /// Pays pool by pool.
    fn one_by_one(bill: &Merged, per_hour: f64, open: &[f64]) -> f64 {
        let mut left = per_hour;
        let of = |(place, rate, saves): &(usize, f64, f64)| {
            let used = left.min(open[*place] * rate);
            left -= used;
            used * saves
        };
        bill.ranked.iter().map(of).sum()
    }

    proptest! {
        #[test]
        fn sums_say_what_paying_pool_by_pool_does(
            pools in prop::collection::vec((0_u32..6, 1_u32..5, 1_u32..5), 1..5),
            per_hour in 0_u32..40,
            (at, instead, less) in (0_usize..5, 0_u32..9, 0_u32..40),
        ) {
            let mut ranked: Vec<(usize, f64, f64)> = (0..)
                .zip(&pools)
                .map(|(place, (_, rate, saves))| (place, f64::from(*rate), 1.0 + f64::from(*saves)))
                .collect();
            ranked.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            let mut open: Vec<f64> = pools.iter().map(|(open, ..)| f64::from(*open) * 0.75).collect();
            let bill = Merged { per_hour: f64::from(per_hour) * 0.6, ranked, orders: vec![] };
            let mut fill = Fill::default();
            fill.of(&bill, &open);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + b);
            let own = one_by_one(&bill, bill.per_hour, &open);
            prop_assert!(near(fill.worth(), own), "{} {own}", fill.worth());
            let less = (f64::from(less) * 0.6).min(bill.per_hour);
            let other = one_by_one(&bill, bill.per_hour - less, &open);
            prop_assert!(near(fill.without(less), other), "{} {other}", fill.without(less));
            let rank = at % pools.len();
            let instead = f64::from(instead) * 0.8;
            open[bill.ranked[rank].0] = instead;
            let other = one_by_one(&bill, bill.per_hour, &open);
            prop_assert!(near(fill.with(rank, instead), other), "{} {other}", fill.with(rank, instead));
        }
    }
}
