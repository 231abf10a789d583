//! What spend pays for of what would run on demand, inside the horizon: with all orders, with none, without each.
//!
//! In: what runs on demand by hour, nodes and spend that are ordered. Out: money in the mean of the draws, not
//! discounted. Spend is used up in the order of bills, what is signed and what is ordered alike, so that figures of
//! orders foot with the ledger. Orders one by one are looked at in all draws where that is little work, else in
//! every so many; what all of them come to is of all draws.

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
    let ordered = bills.iter().filter(|bill| matches!(bill.of, Of::Ordered(_))).count();
    let each = walk.hours.len() * (changed.len() + ordered) * places * bills.len().max(1);
    let stride = (each * walk.draws).div_ceil(budget.max(1)).max(1);
    let stride = stride.min((walk.draws / LEAST_DRAWS).max(1));
    let looked_at = walk.draws.div_ceil(stride) as f64;
    let mut buffers = [(); 3].map(|()| vec![0.0; places]);
    for alike in &walk.hours {
        let held = held(walk, bills, alike);
        let [none, load, open] = &mut buffers;
        for draw in 0..walk.draws {
            let weight = alike.hours / walk.draws as f64;
            for (place, (none, sum)) in none.iter_mut().zip(&mut rented).enumerate() {
                *none = walk.unordered(alike, draw, place);
                *sum += weight * *none * walk.prices[place];
            }
            if held.is_empty() {
                continue;
            }
            open.copy_from_slice(none);
            let signed = held.iter().filter(|bill| matches!(bill.of, Of::Signed(_)));
            sum.signed += weight * paid(walk, signed.copied(), open);
            walk.load(alike, draw, load);
            open.copy_from_slice(load);
            let all = paid(walk, held.iter().copied(), open);
            sum.all += weight * all;
            if draw % stride != 0 {
                continue;
            }
            let weight = alike.hours / looked_at;
            for (i, place, nodes) in changed {
                open.copy_from_slice(load);
                open[*place] = walk.with(alike, draw, *place, *nodes);
                sum.more[*i] += weight * (paid(walk, held.iter().copied(), open) - all);
            }
            for bill in &held {
                let Of::Ordered(i) = bill.of else { continue };
                open.copy_from_slice(load);
                let others = held.iter().filter(|other| other.of != bill.of);
                sum.less[i] += weight * (all - paid(walk, others.copied(), open));
            }
        }
    }
    sum.rented = walk.uses.iter().map(|used| used.pool).zip(rented).collect();
    sum
}

/// The commitments that hold in hours alike, in the order of bills.
fn held<'a>(walk: &Walk<'_>, bills: &'a [Bill], alike: &SharedHours) -> Vec<&'a Bill> {
    let signed: Vec<usize> = walk.held(alike).map(|(k, _)| k).collect();
    let holds = |bill: &&Bill| match bill.of {
        Of::Signed(k) => signed.contains(&k),
        Of::Ordered(_) => true,
    };
    bills.iter().filter(holds).collect()
}

/// Spends what is committed to on what is open, and gives what that would have cost on demand.
fn paid<'a>(walk: &Walk<'_>, bills: impl Iterator<Item = &'a Bill>, open: &mut [f64]) -> f64 {
    let mut worth = 0.0;
    for bill in bills {
        let mut left = bill.per_hour;
        for (place, rate, _) in &bill.ranked {
            let nodes = open[*place].min(left / rate);
            open[*place] -= nodes;
            left -= nodes * rate;
            worth += nodes * walk.prices[*place];
            if left <= 1e-12 * bill.per_hour {
                break;
            }
        }
    }
    worth
}

impl Walk<'_> {
    /// Nodes on demand in hours alike and a draw, with so many more ordered.
    fn with(&self, alike: &SharedHours, draw: usize, place: usize, more: f64) -> f64 {
        (self.unordered(alike, draw, place) - (self.nodes[place] + more).max(0.0)).max(0.0)
    }
}
