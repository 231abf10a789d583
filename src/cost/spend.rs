//! Spend that is committed by the hour (savings plans): what it covers, what of it is left unused.
//!
//! In every hour and draw a commitment pays, at its rates, for nodes that would run on demand: first
//! where it saves the largest share of the list price, on equal ones at the lowest rate, then by pool.
//! That order is the best there is: one hour is a knapsack whose items can be cut. Of several commitments
//! the one that covers least comes first. What is left of the hour is lost.
//!
//! In: nodes on demand by hour ([`HourlyUse`]) of all pools in scope in a month. Out: a [`MonthCover`]. A rate
//! is the list price of the horizon's first month less the discount, and is then held; a stated rate is held
//! as it is. Negotiated discounts do not apply to it. For each commitment and month used and unused come to
//! what is committed, to the millionth, amortised and in cash.
//!
//! # Source
//! AWS, "Understanding how Savings Plans apply to your usage": reserved instances first, then plans for one
//! family, then those for all of compute; the highest savings percentage first, then the lowest rate.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Date, Month, plus_days};
use crate::capacity::need::InstanceChoice;
use crate::cost::amortise::{days_in_all, days_of};
use crate::cost::figure::Figure;
use crate::cost::ledger::{Category, Row};
use crate::cost::pool_month::{Parts, Priced, add};
use crate::cost::prices::{PoolPrices, Prices, chosen};
use crate::cost::support;
use crate::draws::mean;
use crate::ids::Id;
use crate::money::{Decimal, quantised, split, to_f64};
use crate::plan::pool::CommitmentKind;
use crate::plan::price::Purchase;
use crate::plan::savings_plan::{Rate, discount_told};
use crate::plan::{Commitment, Plan, Pool, Provider, SavingsPlan};
use crate::procure::hourly::{HourlyUse, shared_hours};

/// A commitment to spend, with what it covers.
#[derive(Debug, Clone)]
pub(super) struct SpendTerms {
    commitment: Id<Commitment>,
    provider: Id<Provider>,
    per_hour: Decimal,
    upfront: Decimal,
    from: Date,
    until: Date,
    /// What a node and hour costs under it, by pool.
    rates: BTreeMap<Id<Pool>, Figure>,
}

/// The commitments to spend of a plan, in the order in which they are used up.
pub(super) fn spends(
    plan: &Plan,
    choices: &[InstanceChoice],
    pools: &[PoolPrices],
) -> Vec<SpendTerms> {
    let inside = |commitment: &Commitment| {
        commitment.from <= plan.horizon.last_day() && commitment.until >= plan.horizon.first_day()
    };
    let mut spends: Vec<_> = plan
        .commitments
        .iter()
        .filter(|(_, commitment)| inside(commitment))
        .filter_map(|(id, commitment)| {
            let CommitmentKind::Spend { provider, savings_plan, per_hour } = &commitment.kind
            else {
                return None;
            };
            let under = savings_plan.map(|id| &plan.savings_plans[id]);
            let rate = |pool: Id<Pool>| {
                let candidate = chosen(pool, &plan.pools[pool], choices)?;
                let own = plan.instances[candidate.instance].provider == *provider;
                let rate = match under {
                    _ if !own => return None,
                    Some(under) => under.rate(candidate)?,
                    None => Rate::Off(0.0),
                };
                let on_demand = pools[pool.index()].hourly.get(&Purchase::OnDemand)?;
                Some(match rate {
                    Rate::Stated(rate) => Figure::Exact(rate),
                    Rate::Off(share) => on_demand.list(0).times(Decimal::ONE - quantised(share)),
                })
            };
            let rates = plan.pools.ids().filter_map(|pool| Some((pool, rate(pool)?)));
            let terms = SpendTerms {
                commitment: id,
                provider: *provider,
                per_hour: per_hour.exact.unwrap_or_default(),
                upfront: quantised(commitment.upfront),
                from: commitment.from,
                until: commitment.until,
                rates: rates.collect(),
            };
            let breadth = under.map_or((true, 0, true), SavingsPlan::breadth);
            Some((breadth, terms))
        })
        .collect();
    spends.sort_by_key(|(breadth, terms)| (*breadth, terms.commitment));
    spends.into_iter().map(|(_, terms)| terms).collect()
}

impl Prices {
    /// The pools for which spend is committed by the hour: they share it, hour by hour.
    #[must_use]
    pub fn sharing(&self) -> BTreeSet<Id<Pool>> {
        self.spends.iter().flat_map(|spend| spend.rates.keys().copied()).collect()
    }
}

/// What commitments to spend pay for in one month.
#[derive(Debug, Clone)]
pub struct MonthCover {
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// By pool.
    pub pools: BTreeMap<Id<Pool>, PoolCover>,
    /// One for each commitment that holds on some day of the month, in the order in which they are used up.
    pub spends: Vec<SpendMonth>,
    /// What is left unused of each of `spends`, as costs.
    unused: Vec<Priced>,
}

/// What commitments pay for in one pool and month. Vectors hold one value a draw.
#[derive(Debug, Clone)]
pub struct PoolCover {
    /// Node-hours.
    pub node_hours: Vec<f64>,
    /// Used of the commitments.
    pub(super) amortised: Vec<f64>,
    /// What is paid of them in the month.
    pub(super) cash: Vec<f64>,
    /// Both, exactly: amortised, cash.
    pub(super) exact: [Decimal; 2],
}

/// One commitment in one month; money as a mean over the draws.
#[derive(Debug, Clone)]
pub struct SpendMonth {
    /// The commitment.
    pub commitment: Id<Commitment>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// What is paid for the month's hours, spread over the period: used and unused.
    pub committed: Decimal,
    /// What is paid in the month.
    pub cash: Decimal,
    /// What nothing was run for.
    pub unused: Decimal,
    /// What the nodes it pays for would cost at list prices on demand.
    pub list: f64,
    /// What everything that it may cover, on demand before any commitment, costs at list prices.
    pub eligible: f64,
    /// Node-hours it pays for, by pool.
    pub node_hours: Vec<(Id<Pool>, f64)>,
}

/// Uses up the commitments of a month: `uses` are of all pools that share them, by pool.
#[must_use]
pub fn cover(plan: &Plan, prices: &Prices, t: usize, uses: &[&HourlyUse]) -> MonthCover {
    let draws = plan.draws.count();
    let month = plan.horizon.month(t);
    let held: Vec<&SpendTerms> =
        prices.spends.iter().filter(|spend| days_of(month, spend.from, spend.until) > 0).collect();
    let lists: Vec<Vec<f64>> = uses
        .iter()
        .map(|used| {
            let on_demand = prices.pools[used.pool.index()].hourly.get(&Purchase::OnDemand);
            on_demand.map_or_else(|| vec![0.0; draws], |price| price.list(t).values(draws))
        })
        .collect();
    let ranked: Vec<Vec<Taken>> =
        held.iter().map(|spend| ranked(spend, uses, &lists, draws)).collect();
    let eligible = eligible(&held, &ranked, month, uses, &lists, draws);
    let covered = covered(&held, ranked, month, uses, draws);
    settle(plan, t, &held, &covered, uses, &lists, &eligible)
}

/// What a commitment takes of a pool: its place among the pools, and its rate in each draw.
struct Taken {
    place: usize,
    rates: Vec<f64>,
    /// Node-hours, by draw.
    node_hours: Vec<f64>,
}

/// The pools of a commitment in the order in which it pays for them.
fn ranked(spend: &SpendTerms, uses: &[&HourlyUse], lists: &[Vec<f64>], draws: usize) -> Vec<Taken> {
    let mut pools: Vec<(f64, f64, Taken)> = uses
        .iter()
        .enumerate()
        .filter_map(|(place, used)| {
            let rates = spend.rates.get(&used.pool)?.values(draws);
            let (rate, list) = (mean(&rates), mean(&lists[place]));
            Some((
                discount_told(rate, list),
                rate,
                Taken { place, rates, node_hours: vec![0.0; draws] },
            ))
        })
        .collect();
    pools.sort_by(|a, b| {
        b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)).then(a.2.place.cmp(&b.2.place))
    });
    pools.into_iter().map(|(_, _, taken)| taken).collect()
}

/// Which commitments hold on each day of the month: the sets there are, and the set of each day.
fn sets(held: &[&SpendTerms], month: Month) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut sets: Vec<Vec<usize>> = Vec::new();
    let days = (0..month.days()).map(|day| {
        let day = plus_days(month.first_day(), i32::try_from(day).unwrap_or(0));
        let holds = |spend: &SpendTerms| spend.from <= day && day <= spend.until;
        let set: Vec<usize> = (0..held.len()).filter(|k| holds(held[*k])).collect();
        sets.iter().position(|one| *one == set).unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        })
    });
    let days = days.collect();
    (sets, days)
}

/// Pays hour by hour; gives what each commitment took.
fn covered(
    held: &[&SpendTerms],
    mut ranked: Vec<Vec<Taken>>,
    month: Month,
    uses: &[&HourlyUse],
    draws: usize,
) -> Vec<Vec<Taken>> {
    let (sets, set_of_day) = sets(held, month);
    let mut open: Vec<Vec<f64>> = vec![vec![0.0; draws]; uses.len()];
    let mut left = vec![0.0; draws];
    for alike in shared_hours(uses, &set_of_day) {
        for (open, (used, row)) in open.iter_mut().zip(uses.iter().zip(&alike.rows)) {
            open.copy_from_slice(used.row(*row));
        }
        for k in &sets[alike.group] {
            left.fill(to_f64(held[*k].per_hour));
            for taken in &mut ranked[*k] {
                let each = open[taken.place].iter_mut().zip(&mut left);
                for ((open, left), (rate, sum)) in
                    each.zip(taken.rates.iter().zip(&mut taken.node_hours))
                {
                    let nodes = if *rate > 0.0 { open.min(*left / rate) } else { *open };
                    *open -= nodes;
                    *left = (*left - nodes * rate).max(0.0);
                    *sum += nodes * alike.hours;
                }
            }
        }
    }
    ranked
}

/// What everything that a commitment may cover costs at list prices, on the days that it holds.
fn eligible(
    held: &[&SpendTerms],
    ranked: &[Vec<Taken>],
    month: Month,
    uses: &[&HourlyUse],
    lists: &[Vec<f64>],
    draws: usize,
) -> Vec<f64> {
    let (sets, set_of_day) = sets(held, month);
    let mut sums = vec![0.0; held.len()];
    for alike in shared_hours(uses, &set_of_day) {
        for k in &sets[alike.group] {
            for taken in &ranked[*k] {
                let nodes = uses[taken.place].row(alike.rows[taken.place]);
                let cost: f64 =
                    nodes.iter().zip(&lists[taken.place]).map(|(nodes, list)| nodes * list).sum();
                sums[*k] += cost * alike.hours / draws as f64;
            }
        }
    }
    sums
}

/// Puts money to it, so that it foots.
fn settle(
    plan: &Plan,
    t: usize,
    held: &[&SpendTerms],
    covered: &[Vec<Taken>],
    uses: &[&HourlyUse],
    lists: &[Vec<f64>],
    eligible: &[f64],
) -> MonthCover {
    let (draws, month) = (plan.draws.count(), plan.horizon.month(t));
    let mut cover =
        MonthCover { t, pools: BTreeMap::new(), spends: Vec::new(), unused: Vec::new() };
    for (spend, (taken, eligible)) in held.iter().zip(covered.iter().zip(eligible)) {
        let hours = |days: u32| Decimal::from(days * 24);
        let committed = spend.per_hour * hours(days_of(month, spend.from, spend.until));
        let mut cash = committed * (Decimal::ONE - spend.upfront);
        if plan.horizon.month_of(spend.from) == month {
            cash += spend.per_hour * hours(days_in_all(spend.from, spend.until)) * spend.upfront;
        }
        let (committed, cash) = (committed.round_dp(6), cash.round_dp(6));
        let whole = to_f64(committed);
        let factor = if whole > 0.0 { to_f64(cash) / whole } else { 0.0 };

        let paid: Vec<Vec<f64>> = taken
            .iter()
            .map(|one| one.node_hours.iter().zip(&one.rates).map(|(n, rate)| n * rate).collect())
            .collect();
        let mut unused = vec![whole; draws];
        for paid in &paid {
            for (unused, paid) in unused.iter_mut().zip(paid) {
                *unused -= paid;
            }
        }
        for unused in &mut unused {
            // What float arithmetic leaves of a commitment that is used up is not unused.
            *unused = if *unused > 1e-9 * whole { *unused } else { 0.0 };
        }
        let left = quantised(mean(&unused)).min(committed);
        let left_cash = quantised(to_f64(left) * factor).min(cash);
        let by_pool: Vec<f64> = paid.iter().map(|paid| mean(paid)).collect();
        let amounts = split(committed - left, &by_pool, 6);
        let cash_amounts = split(cash - left_cash, &by_pool, 6);

        for (((taken, paid), amount), in_cash) in
            taken.iter().zip(&paid).zip(&amounts).zip(&cash_amounts)
        {
            let nothing = || vec![0.0; draws];
            let pool = cover.pools.entry(uses[taken.place].pool).or_insert_with(|| PoolCover {
                node_hours: nothing(),
                amortised: nothing(),
                cash: nothing(),
                exact: [Decimal::ZERO; 2],
            });
            add(&mut pool.node_hours, &taken.node_hours);
            add(&mut pool.amortised, paid);
            add(&mut pool.cash, &paid.iter().map(|paid| paid * factor).collect::<Vec<_>>());
            pool.exact[0] += *amount;
            pool.exact[1] += *in_cash;
        }
        let list_of = |taken: &Taken| {
            let each = taken.node_hours.iter().zip(&lists[taken.place]);
            each.map(|(hours, list)| hours * list).sum::<f64>() / draws as f64
        };
        let mut node_hours: Vec<(Id<Pool>, f64)> =
            taken.iter().map(|one| (uses[one.place].pool, mean(&one.node_hours))).collect();
        node_hours.retain(|(_, hours)| *hours > 0.0);
        node_hours.sort_by_key(|(pool, _)| *pool);
        cover.spends.push(SpendMonth {
            commitment: spend.commitment,
            t,
            committed,
            cash,
            unused: left,
            list: taken.iter().map(list_of).sum(),
            eligible: *eligible,
            node_hours,
        });
        if !left.is_zero() || !left_cash.is_zero() {
            cover.unused.push(unused_cost(plan, t, spend, [left, left_cash], unused, factor));
        }
    }
    cover
}

/// What is left unused, as a cost that nobody caused.
fn unused_cost(
    plan: &Plan,
    t: usize,
    spend: &SpendTerms,
    [amortised, cash]: [Decimal; 2],
    by_draw: Vec<f64>,
    factor: f64,
) -> Priced {
    let in_cash = by_draw.iter().map(|unused| unused * factor).collect();
    let mut priced = Priced {
        t,
        pool: None,
        provider: Some(spend.provider),
        rows: vec![Row {
            t,
            workload: None,
            team: None,
            pool: None,
            provider: Some(spend.provider),
            category: Category::Commitment,
            purchase: Some(Purchase::SavingsPlan),
            quantity: amortised,
            unit: "spend",
            amortised,
            cash,
            capex: Decimal::ZERO,
            list: Decimal::ZERO,
            origin: plan.commitments[spend.commitment].origin,
        }],
        categories: vec![(Category::Commitment, 1.0)],
        amortised: Parts { total: by_draw, ..Parts::default() },
        cash: Parts { total: in_cash, ..Parts::default() },
        asked: Vec::new(),
        utilization: Vec::new(),
    };
    support::add(plan, &mut priced);
    priced
}

/// A commitment to spend, renewals and orders included, and what it did in each month that it holds.
#[derive(Debug, Clone)]
pub struct SpendUse {
    /// The commitment.
    pub commitment: Commitment,
    /// Its months inside the horizon, in order.
    pub months: Vec<SpendMonth>,
}

/// What every commitment did, by name, and what is left unused, as costs for
/// [`assemble`](super::assemble()).
#[must_use]
pub fn used(plan: &Plan, covers: Vec<MonthCover>) -> (Vec<SpendUse>, Vec<Priced>) {
    let (mut months, mut unused): (Vec<SpendMonth>, _) = (Vec::new(), Vec::new());
    for cover in covers {
        months.extend(cover.spends);
        unused.extend(cover.unused);
    }
    months.sort_by_key(|month| (month.commitment, month.t));
    let of_one = |months: &[SpendMonth]| SpendUse {
        commitment: plan.commitments[months[0].commitment].clone(),
        months: months.to_vec(),
    };
    let mut uses: Vec<SpendUse> =
        months.chunk_by(|a, b| a.commitment == b.commitment).map(of_one).collect();
    uses.sort_by(|a, b| a.commitment.name.cmp(&b.commitment.name));
    (uses, unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::slots::MonthDays;
    use crate::cost::testing::{DRAWS, amount, date, decimal, instance_price, small, span};
    use crate::ids::Arena;
    use crate::plan::pool::Renew;
    use proptest::prelude::{prop, proptest};

    /// The small plan with a spend of so much an hour from a day on, and a savings plan for it.
    fn signed(per_hour: &str, from: &str, offered: SavingsPlan) -> (Plan, Vec<InstanceChoice>) {
        let (mut plan, choices) = small();
        let upfront = offered.upfront;
        plan.savings_plans = Arena::new(vec![offered]);
        plan.commitments = Arena::new(vec![Commitment {
            name: "sp".into(),
            kind: CommitmentKind::Spend {
                provider: Id::new(0),
                savings_plan: Some(Id::new(0)),
                per_hour: amount(per_hour),
            },
            upfront,
            from: date(from),
            until: date("2027-12-31"),
            renew: Renew::Decide,
            origin: span(20),
        }]);
        (plan, choices)
    }

    fn offered(general: f64) -> SavingsPlan {
        SavingsPlan {
            name: "compute".into(),
            provider: Id::new(0),
            term_months: Some(12),
            upfront: 0.0,
            regions: Vec::new(),
            discounts: BTreeMap::new(),
            general: Some(general),
            rates: BTreeMap::new(),
            rate_origins: BTreeMap::new(),
            origin: span(21),
        }
    }

    /// A pool that runs as many nodes in every hour of the month.
    fn steady(plan: &Plan, pool: usize, t: usize, nodes: f64) -> HourlyUse {
        let month = MonthDays::of(plan.horizon.month(t));
        let mut used = HourlyUse::new(Id::new(pool), t, month, DRAWS);
        used.add(&month.one_slot()[0], &(0..month.days)).fill(nodes);
        used
    }

    #[test]
    fn what_is_committed_is_used_or_unused_and_paid() {
        let mut half = offered(0.25);
        half.upfront = 0.5;
        let (plan, choices) = signed("100", "2027-02-15", half);
        let prices = crate::cost::prices(&plan, &choices);
        assert!(prices.sharing().contains(&Id::new(0)));
        // 55.04 less a quarter is 41.28: one node uses 41.28 of 100, three use all of it.
        let one = cover(&plan, &prices, 2, &[&steady(&plan, 0, 2, 1.0)]);
        assert_eq!(one.spends[0].committed, decimal("74400"));
        assert_eq!(one.spends[0].unused, decimal("43687.68"));
        assert_eq!(one.pools[&Id::new(0)].exact[0], decimal("30712.32"));
        assert!((one.spends[0].list - 55.04 * 744.0).abs() < 1e-6);
        let three = cover(&plan, &prices, 2, &[&steady(&plan, 0, 2, 3.0)]);
        assert!(three.spends[0].unused.is_zero() && three.unused.is_empty());
        let nodes = &three.pools[&Id::new(0)].node_hours;
        assert!(nodes.iter().all(|hours| (hours - 744.0 * 100.0 / 41.28).abs() < 1e-6));
        // Half of everything on the first day: 14 days of 28 in February, 320 days in all.
        let first = cover(&plan, &prices, 1, &[&steady(&plan, 0, 1, 3.0)]);
        assert_eq!(first.spends[0].committed, decimal("33600"));
        assert_eq!(first.spends[0].cash, decimal("16800") + decimal("384000"));
        let every = |t| cover(&plan, &prices, t, &[&steady(&plan, 0, t, 1.0)]).spends;
        let months: Vec<SpendMonth> = (0..12).flat_map(every).collect();
        let sum = |of: fn(&SpendMonth) -> Decimal| months.iter().map(of).sum::<Decimal>();
        assert_eq!(sum(|month| month.committed), decimal("768000"));
        assert_eq!(sum(|month| month.cash), decimal("768000"));
    }

    #[test]
    fn pools_that_save_alike_follow_their_names_and_a_stated_rate_goes_before_a_discount() {
        let mut stated = offered(0.2);
        stated.rates.insert(Id::new(0), decimal("50"));
        let (plan, choices) = signed("60", "2027-01-01", stated);
        let prices = crate::cost::prices(&plan, &choices);
        let uses = [steady(&plan, 0, 0, 1.0), steady(&plan, 1, 0, 1.0)];
        let found = cover(&plan, &prices, 0, &[&uses[0], &uses[1]]);
        let hours = |pool| found.pools[&Id::new(pool)].node_hours[0];
        assert!((hours(0) - 744.0).abs() < 1e-9);
        assert!((hours(1) - 744.0 * 0.2).abs() < 1e-9);
    }

    #[test]
    fn an_hour_is_lost_that_another_hour_could_have_used() {
        let (plan, choices) = signed("41.28", "2027-01-01", offered(0.25));
        let prices = crate::cost::prices(&plan, &choices);
        // Two nodes in half of the days, none in the other: one node's worth on the mean, half of it lost.
        let month = MonthDays::of(plan.horizon.month(0));
        let mut used = HourlyUse::new(Id::new(0), 0, month, DRAWS);
        let slot = &month.one_slot()[0];
        used.add(slot, &(0..15)).fill(2.0);
        used.add(slot, &(15..31)).fill(0.0);
        let found = cover(&plan, &prices, 0, &[&used]);
        assert_eq!(found.spends[0].unused, decimal("41.28") * decimal("384"));
        assert!((found.spends[0].eligible - 2.0 * 55.04 * 360.0).abs() < 1e-6);
    }

    #[test]
    fn the_narrower_plan_goes_before_the_wider() {
        let mut narrow = offered(0.3);
        narrow.general = None;
        narrow.discounts.insert(Id::new(0), 0.3);
        assert!(narrow.breadth() < offered(0.3).breadth());
        let mut regional = offered(0.3);
        regional.regions = vec!["us-east-1".into()];
        assert!(regional.breadth() < offered(0.3).breadth());
    }

    #[test]
    fn a_price_that_falls_does_not_move_a_rate_that_is_held() {
        let (mut plan, choices) = signed("41.28", "2027-01-01", offered(0.25));
        let mut instance = plan.instances.items()[0].clone();
        instance.prices = vec![instance_price(Purchase::OnDemand, amount("55.04"))];
        instance.price_trend_per_month = Some(crate::cost::testing::estimate(
            "trend",
            crate::estimate::Dist::Uniform { low: -0.05, high: -0.04 },
        ));
        plan.instances = Arena::new(vec![instance]);
        let prices = crate::cost::prices(&plan, &choices);
        let found = cover(&plan, &prices, 6, &[&steady(&plan, 0, 6, 1.0)]);
        assert!(found.spends[0].unused.is_zero());
        assert!(found.spends[0].list < 55.04 * 744.0 * 0.8);
    }

    /// A plan with a pool for each `(list price, discount)`, each of a type of its own.
    fn of_types(types: &[(f64, f64)], per_hour: f64) -> (Plan, Vec<InstanceChoice>) {
        let mut wide = offered(0.0);
        wide.discounts = types.iter().enumerate().map(|(i, (_, off))| (Id::new(i), *off)).collect();
        let (mut plan, choices) = signed(&format!("{per_hour:.4}"), "2027-01-01", wide);
        let (instance, pool) = (plan.instances.items()[0].clone(), plan.pools.items()[0].clone());
        let own = |i: usize| {
            let mut instance = instance.clone();
            instance.name = format!("t{i}");
            let price = amount(&format!("{:.4}", types[i].0));
            instance.prices = vec![instance_price(Purchase::OnDemand, price)];
            let mut pool = pool.clone();
            pool.name = format!("p{i}");
            if let crate::plan::pool::PoolSupply::Instances(candidates) = &mut pool.supply {
                candidates[0].instance = Id::new(i);
            }
            (instance, pool)
        };
        let (instances, pools) = (0..types.len()).map(own).unzip();
        (plan.instances, plan.pools) = (Arena::new(instances), Arena::new(pools));
        let choice = |i: usize| InstanceChoice { pool: Id::new(i), ..choices[0].clone() };
        let choices = (0..types.len()).map(choice).collect();
        (plan, choices)
    }

    #[test]
    fn the_highest_saving_comes_first_whatever_it_costs() {
        // A cheap type that saves 40% goes before a dear one that saves 30%.
        let (plan, choices) = of_types(&[(50.0, 0.3), (2.0, 0.4)], 40.0);
        let prices = crate::cost::prices(&plan, &choices);
        let uses = [steady(&plan, 0, 0, 1.0), steady(&plan, 1, 0, 10.0)];
        let found = cover(&plan, &prices, 0, &[&uses[0], &uses[1]]);
        let nodes = |pool| found.pools[&Id::new(pool)].node_hours[0] / 744.0;
        assert!((nodes(1) - 10.0).abs() < 1e-9);
        assert!((nodes(0) - (40.0 - 12.0) / 35.0).abs() < 1e-9);
    }

    proptest! {
        /// The order by saving is the optimum of every hour: it covers as much list price as the dual of
        /// the linear program says can be covered at most.
        #[test]
        fn nothing_covers_more_than_the_highest_saving_first(
            pools in prop::collection::vec((0.0..20.0_f64, 1.0..60.0_f64, 0.0..0.9_f64), 1..5),
            per_hour in 0.0..400.0_f64,
        ) {
            let types: Vec<(f64, f64)> = pools.iter().map(|(_, price, off)| (*price, *off)).collect();
            let (plan, choices) = of_types(&types, per_hour);
            let prices = crate::cost::prices(&plan, &choices);
            let uses: Vec<HourlyUse> =
                pools.iter().enumerate().map(|(i, (nodes, ..))| steady(&plan, i, 0, *nodes)).collect();
            let found = cover(&plan, &prices, 0, &uses.iter().collect::<Vec<_>>());
            // min over λ of λ·committed + Σ nodes·(list − λ·rate)⁺: the least lies at a ratio of two prices.
            let committed = (per_hour * 1e4).round() / 1e4;
            let bound = |dual: f64| {
                let above = |(nodes, price, off): &(f64, f64, f64)| {
                    nodes * (price - dual * price * (1.0 - off)).max(0.0)
                };
                dual * committed + pools.iter().map(above).sum::<f64>()
            };
            let ratios = pools.iter().map(|(_, _, off)| 1.0 / (1.0 - off)).chain([0.0]);
            let bound = ratios.map(bound).fold(f64::INFINITY, f64::min) * 744.0;
            assert!((found.spends[0].list - bound).abs() <= 1e-4 * bound.max(1.0));
            let used: Decimal = found.pools.values().map(|pool| pool.exact[0]).sum();
            assert_eq!(used + found.spends[0].unused, found.spends[0].committed);
        }
    }
}
