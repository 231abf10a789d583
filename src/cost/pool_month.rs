//! The cost of one pool in one month: what was paid for it, split over who asked for it.
//!
//! Every purchase's cost splits over the node's resources by [`resource_weights`](super::resource_weights)
//! and each part over workloads by what they are charged for (see [`claims`](super::claims)):
//!
//! ```text
//! charge = cost of purchase p in resource r × charged hours ÷ max(supplied, Σ charged hours)
//! ```
//!
//! So all purchases blend: everyone on a pool pays one rate for a resource in a month. What nobody is
//! charged for is idle, never below zero. What stands (reserved, owned) is paid whether used or not.

use std::collections::BTreeMap;

use crate::capacity::need::Resource;
use crate::cost::claims::{Asked, Claim, asked, claims, utilization, weights};
use crate::cost::figure::Figure;
use crate::cost::ledger::{Category, Row};
use crate::cost::prices::{Kept, Prices};
use crate::cost::resource_weights::{ByResource, ledger_quantity, offered, place, shares};
use crate::cost::spend::PoolCover;
use crate::cost::support;
use crate::draws::mean;
use crate::ids::Id;
use crate::money::{Decimal, quantised, split};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool, Provider, Team, Workload};
use crate::procure::supply::{PoolMonth, Requests};

/// The cost of one pool in one month, or of one kind of volume in one month.
#[derive(Debug, Clone)]
pub struct Priced {
    /// The month, counted from the horizon's first.
    pub(super) t: usize,
    /// The pool, if it was spent in one.
    pub(super) pool: Option<Id<Pool>>,
    /// Who is paid, if a provider is.
    pub(super) provider: Option<Id<Provider>>,
    /// Its rows of the ledger.
    pub(super) rows: Vec<Row>,
    /// The share of the cost in each category; sums to 1 where there is cost.
    pub(super) categories: Vec<(Category, f64)>,
    /// Cost by draw, spread over the time it serves.
    pub(super) amortised: Parts,
    /// Cost by draw, when paid; only its total unless cash by owner is kept.
    pub(super) cash: Parts,
    /// What each workload asked for, as means over the draws; empty for volumes.
    pub(super) asked: Vec<Asked>,
    /// Requested over supplied, of the resource where that is largest, one value a draw; not a number
    /// where nothing is supplied.
    pub(super) utilization: Vec<f64>,
}

/// Cost by draw: in all, and who caused it. What no team caused is idle.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    /// Everything.
    pub(super) total: Vec<f64>,
    /// By team.
    pub(super) teams: BTreeMap<Id<Team>, Vec<f64>>,
    /// By workload, for those that are kept.
    pub(super) workloads: BTreeMap<Id<Workload>, Vec<f64>>,
    /// Idle, by resource; only for pools whose idle cost a rule spreads.
    pub(super) idle: Option<ByResource<Vec<f64>>>,
}

/// What the nodes of a priced pool-month cost, amortised: without support, which is a share of what is spent.
#[must_use]
pub fn of_nodes(priced: &Priced) -> f64 {
    let rows = priced.rows.iter().filter(|row| row.purchase.is_some());
    crate::money::to_f64(rows.map(|row| row.amortised).sum())
}

/// The amortised cost and the cash of a priced pool-month, from the rows of the ledger.
#[cfg(test)]
pub(crate) fn paid_in(priced: &Priced) -> (f64, f64) {
    let sum = |of: fn(&Row) -> Decimal| priced.rows.iter().map(of).sum::<Decimal>();
    (crate::money::to_f64(sum(|row| row.amortised)), crate::money::to_f64(sum(|row| row.cash)))
}

/// Prices one pool in one month; `cover` is what commitments to spend pay for in it.
#[must_use]
pub fn price(
    plan: &Plan,
    prices: &Prices,
    supply: &PoolMonth,
    requests: &Requests,
    cover: Option<&PoolCover>,
) -> Priced {
    let pool = &prices.pools[supply.pool.index()];
    let shares = shares(&pool.shape);
    let claims = claims(supply, requests, &shares, &offered(&pool.shape));
    let paid = paid(prices, supply, cover, plan.draws.count());

    let mut priced = Priced {
        t: supply.t,
        pool: Some(supply.pool),
        provider: pool.provider,
        rows: rows(plan, prices, supply, &claims, &paid),
        categories: categories(&paid, &shares),
        amortised: Parts::default(),
        cash: Parts::default(),
        asked: requests
            .workloads
            .iter()
            .map(|request| asked(request, &offered(&pool.shape)))
            .collect(),
        utilization: utilization(supply, requests),
    };
    let kept = &prices.kept;
    let total = |of: fn(&Paid) -> &[f64]| sum(paid.iter().map(of), plan.draws.count());
    let amortised = total(|paid| &paid.amortised);
    let cash = sum([&*total(|p| &p.operating_cash), &*total(|p| &p.capex)], plan.draws.count());
    priced.amortised = parts(plan, kept, supply.pool, &claims, &shares, amortised);
    priced.cash = if kept.cash_by_owner {
        parts(plan, kept, supply.pool, &claims, &shares, cash)
    } else {
        Parts { total: cash, ..Parts::default() }
    };
    support::add(plan, &mut priced);
    priced
}

/// The share of each category: what is lost to interruptions, and the resources of the rest.
fn categories(paid: &[Paid], shares: &ByResource<f64>) -> Vec<(Category, f64)> {
    let sum = |of: &dyn Fn(&&Paid) -> bool| {
        paid.iter().filter(of).map(|paid| mean(&paid.amortised)).sum::<f64>()
    };
    let (lost, all) = (sum(&|paid| paid.category.is_some()), sum(&|_| true));
    let lost = if all > 0.0 { lost / all } else { 0.0 };
    let resource = |r| (category(r), shares[place(r)] * (1.0 - lost));
    let mut categories = Resource::ALL.map(resource).to_vec();
    if lost > 0.0 {
        categories.push((Category::Interruption, lost));
    }
    categories
}

/// What a cost of a resource is called.
pub(super) fn category(resource: Resource) -> Category {
    match resource {
        Resource::Cpu => Category::Compute,
        Resource::Memory => Category::Memory,
        Resource::Gpu => Category::Gpu,
        Resource::Storage => Category::Storage,
    }
}

/// What was paid for one purchase: by draw, and exactly.
struct Paid {
    purchase: Purchase,
    node_hours: Vec<f64>,
    amortised: Vec<f64>,
    operating_cash: Vec<f64>,
    capex: Vec<f64>,
    exact: [Decimal; 3],
    /// What as many node-hours would cost on demand at list prices.
    list: Decimal,
    /// Whether cost follows the node-hours and is paid as they pass.
    by_the_hour: bool,
    /// What it is for, where it is not for the node's resources.
    category: Option<Category>,
}

fn paid(prices: &Prices, supply: &PoolMonth, cover: Option<&PoolCover>, draws: usize) -> Vec<Paid> {
    let pool = &prices.pools[supply.pool.index()];
    let none = || vec![0.0; draws];
    let on_demand = pool.hourly.get(&Purchase::OnDemand).map(|price| price.list(supply.t));
    // Owned nodes, and types without a price on demand, have no list price.
    let list = |purchase: Purchase, node_hours: &[f64], costs: Decimal| match &on_demand {
        Some(price) if purchase != Purchase::Owned => of_hours(node_hours, price, draws).1,
        _ => costs,
    };
    Purchase::ALL
        .into_iter()
        .filter_map(|purchase| {
            let node_hours = supply.node_hours.get(&purchase);
            if let Some(standing) = pool.standing.get(&purchase).map(|months| &months[supply.t]) {
                let node_hours = node_hours.cloned().unwrap_or_else(none);
                return Some(Paid {
                    purchase,
                    list: list(purchase, &node_hours, standing.amortised.mean()),
                    node_hours,
                    amortised: standing.amortised.values(draws),
                    operating_cash: standing.operating_cash.values(draws),
                    capex: standing.capex.values(draws),
                    exact: [&standing.amortised, &standing.operating_cash, &standing.capex]
                        .map(Figure::mean),
                    by_the_hour: false,
                    category: None,
                });
            }
            let node_hours = node_hours?.clone();
            if let Some(cover) = cover.filter(|_| purchase == Purchase::SavingsPlan) {
                return Some(Paid {
                    purchase,
                    list: list(purchase, &node_hours, cover.exact[0]),
                    node_hours,
                    amortised: cover.amortised.clone(),
                    operating_cash: cover.cash.clone(),
                    capex: none(),
                    exact: [cover.exact[0], cover.exact[1], Decimal::ZERO],
                    by_the_hour: false,
                    category: None,
                });
            }
            let price = pool.hourly.get(&purchase).map_or(Figure::ZERO, |p| p.at(supply.t));
            let (cost, exact) = of_hours(&node_hours, &price, draws);
            Some(Paid {
                purchase,
                list: list(purchase, &node_hours, exact),
                node_hours,
                operating_cash: cost.clone(),
                amortised: cost,
                capex: none(),
                exact: [exact, exact, Decimal::ZERO],
                by_the_hour: true,
                category: None,
            })
        })
        .flat_map(|paid| {
            let lost = (paid.purchase == Purchase::Spot && !supply.lost.is_empty())
                .then_some(&supply.lost);
            match lost {
                Some(lost) => paid.less(lost),
                None => vec![paid],
            }
        })
        .collect()
}

/// What hours cost at a price: by draw, and exactly.
fn of_hours(hours: &[f64], price: &Figure, draws: usize) -> (Vec<f64>, Decimal) {
    let cost = hours.iter().zip(price.values(draws)).map(|(hours, price)| hours * price);
    let cost: Vec<f64> = cost.collect();
    let exact = match price {
        Figure::Exact(price) => (quantised(mean(hours)) * price).round_dp(6),
        Figure::Drawn(_) => quantised(mean(&cost)),
    };
    (cost, exact)
}

impl Paid {
    /// Apart from what interruptions take of its node-hours.
    fn less(mut self, lost: &[f64]) -> Vec<Self> {
        let share = |draw: usize| {
            if self.node_hours[draw] > 0.0 { lost[draw] / self.node_hours[draw] } else { 0.0 }
        };
        let cost: Vec<f64> =
            self.amortised.iter().enumerate().map(|(draw, cost)| cost * share(draw)).collect();
        let exact = quantised(mean(&cost)).min(self.exact[0]);
        let all = mean(&self.node_hours);
        let part = if all > 0.0 { mean(lost) / all } else { 0.0 };
        let list = (self.list * quantised(part)).round_dp(6);
        for (of, lost) in [
            (&mut self.node_hours, lost),
            (&mut self.amortised, &cost),
            (&mut self.operating_cash, &cost),
        ] {
            for (whole, lost) in of.iter_mut().zip(lost) {
                *whole -= lost;
            }
        }
        self.exact[0] -= exact;
        self.exact[1] -= exact;
        self.list -= list;
        let lost = Self {
            purchase: self.purchase,
            node_hours: lost.to_vec(),
            operating_cash: cost.clone(),
            capex: vec![0.0; cost.len()],
            amortised: cost,
            exact: [exact, exact, Decimal::ZERO],
            list,
            by_the_hour: true,
            category: Some(Category::Interruption),
        };
        vec![self, lost]
    }
}

/// The rows of the ledger: each purchase over resources, each resource over workloads and idle.
fn rows(
    plan: &Plan,
    prices: &Prices,
    supply: &PoolMonth,
    claims: &[Claim],
    paid: &[Paid],
) -> Vec<Row> {
    let pool = &prices.pools[supply.pool.index()];
    let (shares, offered) = (shares(&pool.shape), offered(&pool.shape));
    let mut rows = Vec::new();
    for paid in paid {
        let by_resource = paid.exact.map(|total| split(total, &shares, 6));
        let list_by_resource = split(paid.list, &shares, 6);
        for resource in Resource::ALL {
            let r = place(resource);
            if shares[r] == 0.0 {
                continue;
            }
            let [amortised, operating, capex] = [0, 1, 2].map(|view| by_resource[view][r]);
            let by_hours = weights(&paid.node_hours, claims, r);
            let (hours, unit) = ledger_quantity(resource, mean(&paid.node_hours) * offered[r]);
            let quantities = split(quantised(hours), &by_hours, 6);
            let along = |total: Decimal, draws: &[f64]| {
                if total.is_zero() {
                    vec![total; claims.len() + 1]
                } else {
                    split(total, &weights(draws, claims, r), 6)
                }
            };
            let amortised = along(amortised, &paid.amortised);
            let operating = if paid.by_the_hour {
                amortised.clone()
            } else {
                along(operating, &paid.operating_cash)
            };
            let capex = along(capex, &paid.capex);
            let list = along(list_by_resource[r], &paid.node_hours);
            for index in 0..=claims.len() {
                let workload = claims.get(index).map(|claim| claim.workload);
                let row = Row {
                    t: supply.t,
                    workload,
                    team: workload.map(|workload| plan.workloads[workload].team),
                    pool: Some(supply.pool),
                    provider: pool.provider.filter(|_| paid.purchase != Purchase::Owned),
                    category: paid.category.unwrap_or(category(resource)),
                    purchase: Some(paid.purchase),
                    quantity: quantities[index],
                    unit,
                    amortised: amortised[index],
                    cash: operating[index] + capex[index],
                    capex: capex[index],
                    list: list[index],
                    origin: workload.map_or(plan.pools[supply.pool].origin, |workload| {
                        plan.workloads[workload].origin
                    }),
                };
                let amounts = [row.quantity, row.amortised, row.cash];
                if amounts.iter().any(|amount| !amount.is_zero()) {
                    rows.push(row);
                }
            }
        }
    }
    rows
}

/// A total by draw, over teams, kept workloads and idle.
fn parts(
    plan: &Plan,
    kept: &Kept,
    pool: Id<Pool>,
    claims: &[Claim],
    shares: &ByResource<f64>,
    total: Vec<f64>,
) -> Parts {
    let draws = total.len();
    let mut parts = Parts::default();
    for claim in claims {
        let mut own = vec![0.0; draws];
        for (fractions, share) in claim.fractions.iter().zip(shares) {
            if *share > 0.0 {
                for (own, fraction) in own.iter_mut().zip(fractions) {
                    *own += share * fraction;
                }
            }
        }
        for (own, total) in own.iter_mut().zip(&total) {
            *own *= total;
        }
        let team = plan.workloads[claim.workload].team;
        add(parts.teams.entry(team).or_insert_with(|| vec![0.0; draws]), &own);
        if kept.workloads.contains(&claim.workload) {
            parts.workloads.insert(claim.workload, own);
        }
    }
    if kept.idle_pools.contains(&pool) {
        parts.idle = Some([0, 1, 2, 3].map(|r| {
            let idle = |draw: usize| {
                let claimed: f64 = claims.iter().map(|claim| claim.fractions[r][draw]).sum();
                shares[r] * total[draw] * (1.0 - claimed).max(0.0)
            };
            (0..draws).map(idle).collect()
        }));
    }
    parts.total = total;
    parts
}

/// Adds `values` to `sum`, draw by draw.
pub(super) fn add(sum: &mut [f64], values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The sum of vectors, draw by draw.
pub(super) fn sum<'a>(vectors: impl IntoIterator<Item = &'a [f64]>, draws: usize) -> Vec<f64> {
    let mut sum = vec![0.0; draws];
    for vector in vectors {
        add(&mut sum, vector);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::prices::prices;
    use crate::cost::testing::{DRAWS, amount, decimal, pool_month, requests, small};
    use crate::ids::Arena;
    use crate::plan::pool::{Commitment, CommitmentKind};

    fn sums(priced: &Priced, of: fn(&Row) -> Decimal) -> Decimal {
        priced.rows.iter().map(of).sum()
    }

    #[test]
    fn a_full_pool_charges_everything_and_has_no_idle() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = PoolMonth {
            node_hours: [(Purchase::OnDemand, vec![100.0; DRAWS])].into(),
            supplied: [(Resource::Gpu, vec![800.0; DRAWS]), (Resource::Cpu, vec![1e4; DRAWS])]
                .into(),
            ..pool_month(Id::new(0), 0, &[])
        };
        let asked = requests(&[(Id::new(0), 600.0, 0.0), (Id::new(1), 200.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        assert_eq!(sums(&priced, |row| row.amortised), decimal("5504"));
        assert!(priced.rows.iter().all(|row| row.workload.is_some()));
        let first = priced.rows.iter().filter(|row| row.workload == Some(Id::new(0)));
        let first: Decimal = first.map(|row| row.amortised).sum();
        assert!((first - decimal("4128")).abs() <= decimal("0.000002"));
        assert!(priced.utilization.iter().all(|share| (share - 1.0).abs() < 1e-12));
    }

    #[test]
    fn what_interruptions_take_stands_apart_and_costs_what_spot_costs() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = PoolMonth {
            node_hours: [(Purchase::Spot, vec![112.0; DRAWS])].into(),
            lost: vec![12.0; DRAWS],
            supplied: [(Resource::Gpu, vec![800.0; DRAWS]), (Resource::Cpu, vec![1e4; DRAWS])]
                .into(),
            ..pool_month(Id::new(0), 0, &[])
        };
        let asked = requests(&[(Id::new(0), 800.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        let of = |lost: bool| {
            let rows = priced.rows.iter();
            let rows = rows.filter(|row| (row.category == Category::Interruption) == lost);
            crate::money::to_f64(rows.map(|row| row.amortised).sum())
        };
        let all = mean(&priced.amortised.total);
        assert!((of(true) - all * 12.0 / 112.0).abs() < 1e-5);
        assert!((of(false) - all * 100.0 / 112.0).abs() < 1e-5);
        let share = priced.categories.iter().find(|(of, _)| *of == Category::Interruption);
        assert!((share.unwrap().1 - 12.0 / 112.0).abs() < 1e-9);
    }

    #[test]
    fn what_nobody_asked_for_is_idle_by_resource() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = PoolMonth {
            node_hours: [(Purchase::OnDemand, vec![100.0; DRAWS])].into(),
            supplied: [(Resource::Gpu, vec![800.0; DRAWS]), (Resource::Cpu, vec![1e4; DRAWS])]
                .into(),
            ..pool_month(Id::new(0), 0, &[])
        };
        // Half the GPUs and a tenth of the cores; no GPUs for the second, which states its cores.
        let asked = requests(&[(Id::new(0), 400.0, 500.0), (Id::new(1), 0.0, 500.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        let gpu = 0.95 * 8.0 / (0.95 * 8.0 + 0.031_611 * 100.0);
        let idle = |category| {
            let rows = priced.rows.iter();
            let rows = rows.filter(|row| row.workload.is_none() && row.category == category);
            crate::money::to_f64(rows.map(|row| row.amortised).sum())
        };
        assert!((idle(Category::Gpu) - 5504.0 * gpu * 0.5).abs() < 1e-4);
        assert!((idle(Category::Compute) - 5504.0 * (1.0 - gpu) * 0.9).abs() < 1e-4);
        let second = priced.rows.iter().filter(|row| row.workload == Some(Id::new(1)));
        assert_eq!(second.filter(|row| row.category == Category::Gpu).count(), 0);
    }

    #[test]
    fn more_asked_than_supplied_shares_what_there_is() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = pool_month(Id::new(0), 0, &[(Purchase::OnDemand, 100.0)]);
        let asked = requests(&[(Id::new(0), 6000.0, 0.0), (Id::new(1), 2000.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        assert!(priced.rows.iter().all(|row| row.workload.is_some()));
        let own = priced.rows.iter().filter(|row| row.workload == Some(Id::new(1)));
        let own: Decimal = own.map(|row| row.amortised).sum();
        let quarter = sums(&priced, |row| row.amortised) / Decimal::from(4);
        assert!((own - quarter).abs() < decimal("0.00001"));
    }

    #[test]
    fn rows_sum_to_hours_times_price_and_to_the_mean_of_the_draws() {
        let (mut plan, choices) = small();
        plan.commitments = Arena::new(vec![Commitment {
            name: "block".into(),
            kind: CommitmentKind::Reserved {
                pool: Id::new(0),
                nodes: 2,
                instance: Id::new(0),
                per_hour: amount("33.501"),
            },
            upfront: 0.25,
            from: crate::cost::testing::date("2027-01-11"),
            until: crate::cost::testing::date("2028-01-10"),
            renew: crate::plan::pool::Renew::Decide,
            origin: crate::cost::testing::span(0),
        }]);
        let prices = prices(&plan, &choices);
        let bought =
            [(Purchase::OnDemand, 1234.567), (Purchase::Spot, 777.0), (Purchase::Reserved, 1008.0)];
        let supply = pool_month(Id::new(0), 0, &bought);
        let asked = requests(&[(Id::new(0), 6000.0, 9000.0), (Id::new(1), 2000.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        let of = |purchase| {
            let rows = priced.rows.iter().filter(|row| row.purchase == Some(purchase));
            rows.map(|row| row.amortised).sum::<Decimal>()
        };
        let hours = quantised(mean(&supply.node_hours[&Purchase::OnDemand]));
        assert_eq!(of(Purchase::OnDemand), (hours * decimal("55.04")).round_dp(6));
        assert_eq!(of(Purchase::Reserved), decimal("33.501") * decimal("1008"));
        let total = crate::money::to_f64(sums(&priced, |row| row.amortised));
        assert!((total / mean(&priced.amortised.total) - 1.0).abs() < 1e-8);
        let cash = crate::money::to_f64(sums(&priced, |row| row.cash));
        assert!((cash / mean(&priced.cash.total) - 1.0).abs() < 1e-8);
        assert!(cash > total + 0.2 * 33.501 * 2.0 * 8760.0);
        let categories: f64 = priced.categories.iter().map(|(_, share)| share).sum();
        assert!((categories - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_node_given_over_to_its_gpus_has_no_idle_cores() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = PoolMonth {
            node_hours: [(Purchase::OnDemand, vec![100.0; DRAWS])].into(),
            supplied: [(Resource::Gpu, vec![800.0; DRAWS]), (Resource::Cpu, vec![1e4; DRAWS])]
                .into(),
            ..pool_month(Id::new(0), 0, &[])
        };
        let asked = requests(&[(Id::new(0), 800.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        assert!(priced.rows.iter().all(|row| row.workload.is_some()));
        // The same without a count of what is supplied of cores.
        let mut uncounted = supply.clone();
        uncounted.supplied.remove(&Resource::Cpu);
        assert_eq!(price(&plan, &prices, &uncounted, &asked, None).rows, priced.rows);
        assert!((priced.asked[0].requested[0] - 1e4).abs() < 1e-6);
    }

    #[test]
    fn what_stands_is_paid_when_nobody_asks() {
        let (mut plan, choices) = small();
        plan.pools = Arena::new(
            plan.pools
                .items()
                .iter()
                .cloned()
                .map(|mut pool| {
                    pool.start.insert(Purchase::Reserved, 3);
                    pool
                })
                .collect(),
        );
        let prices = prices(&plan, &choices);
        let supply = pool_month(Id::new(1), 1, &[]);
        let priced = price(&plan, &prices, &supply, &Requests::default(), None);
        // No reserved price is stated: on-demand stands in.
        assert_eq!(sums(&priced, |row| row.amortised), decimal("55.04") * decimal("2016"));
        assert!(priced.rows.iter().all(|row| row.workload.is_none()));
    }

    #[test]
    fn support_is_a_share_of_spend_borne_with_it() {
        let (mut plan, choices) = small();
        let mut provider = plan.providers.items()[0].clone();
        provider.support_share = Some(0.07);
        plan.providers = Arena::new(vec![provider]);
        let prices = prices(&plan, &choices);
        let supply = pool_month(Id::new(0), 0, &[(Purchase::OnDemand, 1000.0)]);
        let asked = requests(&[(Id::new(0), 6000.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        let (support, spend): (Vec<&Row>, Vec<&Row>) =
            priced.rows.iter().partition(|row| row.category == Category::Support);
        assert_eq!(support.len(), 2);
        let spend: Decimal = spend.iter().map(|row| row.amortised).sum();
        let support: Decimal = support.iter().map(|row| row.amortised).sum();
        assert_eq!(support, (spend * decimal("0.07")).round_dp(6));
        let total = crate::money::to_f64(spend + support);
        assert!((total / mean(&priced.amortised.total) - 1.0).abs() < 1e-8);
    }

    #[test]
    fn the_larger_of_request_and_usage_is_charged() {
        let (plan, choices) = small();
        let prices = prices(&plan, &choices);
        let supply = pool_month(Id::new(0), 0, &[(Purchase::OnDemand, 1000.0)]);
        let as_stated = requests(&[(Id::new(0), 3000.0, 0.0), (Id::new(1), 3000.0, 0.0)]);
        let mut over = as_stated.clone();
        over.workloads[0].used = [(Resource::Gpu, vec![4000.0; DRAWS])].into();
        let own = |asked: &Requests| {
            let priced = price(&plan, &prices, &supply, asked, None);
            let own = priced.rows.iter().filter(|row| row.workload == Some(Id::new(0)));
            crate::money::to_f64(own.map(|row| row.amortised).sum())
        };
        assert!((own(&over) / own(&as_stated) - 4.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn owned_nodes_cost_what_they_are_paid_and_capex_stays_within_cash() {
        let (mut plan, _) = small();
        let lot = crate::cost::testing::owned_lot("a", "2027-03-15");
        plan.owned = Arena::new(vec![crate::cost::testing::owned_hardware(lot)]);
        let supply = crate::plan::pool::PoolSupply::Owned(Id::new(0));
        plan.pools = Arena::new(vec![crate::cost::testing::pool("a", supply)]);
        let prices = prices(&plan, &[]);
        let supply = pool_month(Id::new(0), 2, &[(Purchase::Owned, 816.0)]);
        let asked = requests(&[(Id::new(0), 1000.0, 700.0), (Id::new(1), 500.0, 0.0)]);
        let priced = price(&plan, &prices, &supply, &asked, None);
        assert_eq!(sums(&priced, |row| row.capex), decimal("790000"));
        assert_eq!(sums(&priced, |row| row.cash), decimal("790000"));
        assert_eq!(sums(&priced, |row| row.amortised), decimal("16458.333334"));
        assert!(priced.rows.iter().all(|row| row.capex <= row.cash && row.provider.is_none()));
        // Before it is there, nothing of it costs.
        let before = pool_month(Id::new(0), 1, &[]);
        let priced = price(&plan, &prices, &before, &asked, None);
        assert!(priced.rows.is_empty());
    }
}
