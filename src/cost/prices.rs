//! Prices, looked up once: what a node and hour costs in each pool, and what stands whether used or not.

use std::collections::{BTreeMap, BTreeSet};

use crate::capacity::need::InstanceChoice;
use crate::cost::figure::Figure;
use crate::cost::spend::{self, SpendTerms};
use crate::cost::{negotiated, owned, reserved};
use crate::draws::Draws;
use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::budget::{Basis, BudgetOwner};
use crate::plan::catalog::NodeShape;
use crate::plan::policy::Metric;
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::shared_cost::SharedSource;
use crate::plan::{Instance, Plan, Pool, Provider, Workload};

/// Every price that pools need, and which costs by draw are worth keeping.
#[derive(Debug, Clone)]
pub struct Prices {
    pub(super) pools: Vec<PoolPrices>,
    pub(super) kept: Kept,
    /// Spend committed by the hour, in the order in which it is used up.
    pub(super) spends: Vec<SpendTerms>,
}

/// The prices of one pool.
#[derive(Debug, Clone)]
pub(super) struct PoolPrices {
    /// Who is paid for its instances.
    pub(super) provider: Option<Id<Provider>>,
    /// What one node offers.
    pub(super) shape: NodeShape,
    /// What is paid by the hour of use.
    pub(super) hourly: BTreeMap<Purchase, Hourly>,
    /// What is paid whether used or not; one entry a month of the horizon.
    pub(super) standing: BTreeMap<Purchase, Vec<Standing>>,
}

/// The price of one node and hour.
#[derive(Debug, Clone)]
pub(super) struct Hourly {
    /// In the horizon's first month.
    first: Figure,
    /// Relative change a month, one value a draw.
    trend: Option<Vec<f64>>,
    /// What discounts leave of it, by month; empty where there are none.
    left: Vec<Decimal>,
}

impl Hourly {
    /// The price in month `t`: first × (1 + trend)^t, less discounts.
    pub(super) fn at(&self, t: usize) -> Figure {
        let list = self.list(t);
        self.left.get(t).map_or_else(|| list.clone(), |left| list.times(*left))
    }

    /// The same before discounts.
    pub(super) fn list(&self, t: usize) -> Figure {
        let Some(trend) = self.trend.as_ref().filter(|_| t > 0) else { return self.first.clone() };
        let grown = trend.iter().enumerate();
        Figure::Drawn(
            grown.map(|(d, rate)| self.first.at(d) * libm::pow(1.0 + rate, t as f64)).collect(),
        )
    }
}

/// What stands in one month whether it is used or not.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    /// Spread over the time it serves.
    pub(super) amortised: Figure,
    /// Paid in the month, other than for assets.
    pub(super) operating_cash: Figure,
    /// Paid in the month for assets.
    pub(super) capex: Figure,
}

impl Standing {
    /// Nothing, in each of `months` months.
    pub(super) fn none(months: usize) -> Vec<Self> {
        let nothing =
            Self { amortised: Figure::ZERO, operating_cash: Figure::ZERO, capex: Figure::ZERO };
        vec![nothing; months]
    }

    /// Both together.
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            amortised: self.amortised.plus(&other.amortised),
            operating_cash: self.operating_cash.plus(&other.operating_cash),
            capex: self.capex.plus(&other.capex),
        }
    }

    fn is_zero(&self) -> bool {
        self.amortised.is_zero() && self.operating_cash.is_zero() && self.capex.is_zero()
    }
}

/// Which costs are kept draw by draw, beyond those that every report shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// Workloads whose direct cost a budget or a rule asks for.
    pub(super) workloads: BTreeSet<Id<Workload>>,
    /// Pools whose idle cost a rule spreads.
    pub(super) idle_pools: BTreeSet<Id<Pool>>,
    /// Whether somebody asks for the cash of a part of the organisation.
    pub(super) cash_by_owner: bool,
}

/// Looks up every price that the pools need; `choices` say which instance type each uses.
#[must_use]
pub fn prices(plan: &Plan, choices: &[InstanceChoice]) -> Prices {
    let pools = plan.pools.iter().map(|(id, pool)| {
        let candidate = chosen(id, pool, choices);
        let instance = candidate.map(|candidate| &plan.instances[candidate.instance]);
        let (shape, owned_pool) = match (&pool.supply, instance) {
            (PoolSupply::Owned(owned), _) => (plan.owned[*owned].shape, Some(*owned)),
            (_, Some(instance)) => (instance.shape, None),
            _ => (NodeShape::default(), None),
        };
        let mut hourly = BTreeMap::new();
        if let (Some(instance), Some(candidate)) = (instance, candidate) {
            for purchase in [Purchase::OnDemand, Purchase::Spot] {
                if let Some(price) = hourly_price(plan.draws, instance, candidate, purchase, pool) {
                    let left = negotiated::factors(plan, Some(instance.provider), Some(purchase));
                    let price = Hourly { left, ..price };
                    hourly.insert(purchase, price);
                }
            }
        }
        let mut standing = BTreeMap::new();
        let start_price = instance.zip(candidate).and_then(|(i, c)| reserved::start_price(i, c));
        let provider = instance.map(|instance| instance.provider);
        standing.insert(Purchase::Reserved, reserved::standing(plan, id, start_price, provider));
        if let Some(owned) = owned_pool {
            standing.insert(Purchase::Owned, owned::standing(plan, owned));
        }
        standing.retain(|_, months: &mut Vec<Standing>| !months.iter().all(Standing::is_zero));
        PoolPrices { provider: instance.map(|instance| instance.provider), shape, hourly, standing }
    });
    let pools: Vec<PoolPrices> = pools.collect();
    let spends = spend::spends(plan, choices, &pools);
    Prices { pools, kept: kept(plan), spends }
}

/// The instance type that a pool uses: the best ranked that was not rejected; none if all were.
pub(super) fn chosen<'a>(
    id: Id<Pool>,
    pool: &'a Pool,
    choices: &[InstanceChoice],
) -> Option<&'a Candidate> {
    let PoolSupply::Instances(candidates) = &pool.supply else { return None };
    let choice = choices.iter().find(|choice| choice.pool == id)?;
    let best = choice.ranked.iter().find(|ranked| ranked.rejected.is_none());
    candidates.get(best?.candidate)
}

/// The price of an instance type for a purchase where the pool is, as instances are chosen by: one of
/// its own region goes before one of every region, and of several (terms of a reservation) the cheapest.
/// A pool without a region takes any.
pub(super) fn price_for<'a>(
    instance: &'a Instance,
    candidate: &Candidate,
    purchase: Purchase,
) -> Option<&'a InstancePrice> {
    let holds = |price: &&InstancePrice| {
        let anywhere = price.region.is_none() || candidate.region.is_none();
        price.purchase == purchase && (anywhere || price.region == candidate.region)
    };
    let median = |price: &InstancePrice| price.per_hour.estimate.median();
    instance.prices.iter().filter(holds).min_by(|a, b| {
        let general = a.region.is_none().cmp(&b.region.is_none());
        general.then(median(a).total_cmp(&median(b)))
    })
}

fn hourly_price(
    draws: Draws,
    instance: &Instance,
    candidate: &Candidate,
    purchase: Purchase,
    pool: &Pool,
) -> Option<Hourly> {
    let price = price_for(instance, candidate, purchase)?;
    let per_hour = price.planned(pool.risk_tolerance);
    let trend = instance.price_trend_per_month.as_ref().map(|trend| draws.values(trend));
    Some(Hourly { first: Figure::of(per_hour, draws), trend, left: Vec::new() })
}

fn kept(plan: &Plan) -> Kept {
    let mut kept = Kept::default();
    for budget in plan.budgets.items() {
        kept.workloads.extend(owned_workloads(plan, &budget.owners));
        kept.cash_by_owner |= budget.basis == Basis::Cash && !budget.owners.is_empty();
    }
    for rule in plan.shared_costs.items() {
        match rule.from {
            SharedSource::Workload(workload) => {
                kept.workloads.insert(workload);
            }
            SharedSource::Idle(pool) => {
                kept.idle_pools.insert(pool);
            }
            SharedSource::Team(_) | SharedSource::AmountPerMonth(_) => {}
        }
    }
    kept.cash_by_owner |= plan.policies.items().iter().any(|policy| {
        policy.require.metric == Metric::Cash && policy.require.select.team.is_some()
    });
    kept
}

/// The workloads of the projects and cost centres among the owners of a budget.
pub(crate) fn owned_workloads(plan: &Plan, owners: &[BudgetOwner]) -> BTreeSet<Id<Workload>> {
    let matches = |id: Id<Workload>, workload: &Workload| {
        owners.iter().any(|owner| match owner {
            BudgetOwner::Project(project) => workload.project == Some(*project),
            BudgetOwner::CostCenter(name) => plan.cost_center(id) == Some(name.as_str()),
            BudgetOwner::Team(_) | BudgetOwner::Department(_) => false,
        })
    };
    let all = plan.workloads.iter();
    all.filter(|(id, workload)| matches(*id, workload)).map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::need::RankedCandidate;
    use crate::cost::testing::{DRAWS, amount, decimal, estimate, instance_price, small};
    use crate::estimate::Dist;
    use crate::ids::Arena;

    fn with_instance(change: impl FnOnce(&mut Instance)) -> (Plan, Vec<InstanceChoice>) {
        let (mut plan, choices) = small();
        let mut instance = plan.instances.items()[0].clone();
        change(&mut instance);
        plan.instances = Arena::new(vec![instance]);
        (plan, choices)
    }

    #[test]
    fn a_price_of_the_own_region_goes_before_one_of_every_region() {
        let (mut plan, choices) = with_instance(|instance| {
            let mut own = instance_price(Purchase::OnDemand, amount("60"));
            own.region = Some("eu-west-1".into());
            instance.prices.push(own);
        });
        let price = |plan: &Plan| prices(plan, &choices).pools[0].hourly[&Purchase::OnDemand].at(0);
        for region in ["eu-west-1", "us-east-1"] {
            let pools = plan.pools.items().iter().cloned().map(|mut pool| {
                if let PoolSupply::Instances(candidates) = &mut pool.supply {
                    candidates[0].region = Some(region.into());
                }
                pool
            });
            plan.pools = Arena::new(pools.collect());
            let expected = if region == "eu-west-1" { "60" } else { "55.04" };
            assert_eq!(price(&plan), Figure::Exact(decimal(expected)));
        }
    }

    #[test]
    fn a_price_trend_compounds_from_the_first_month() {
        let (plan, choices) = with_instance(|instance| {
            instance.price_trend_per_month =
                Some(estimate("trend", Dist::Uniform { low: -0.02, high: -0.01 }));
        });
        let price = &prices(&plan, &choices).pools[0].hourly[&Purchase::OnDemand];
        assert_eq!(price.at(0), Figure::Exact(decimal("55.04")));
        let Figure::Drawn(later) = price.at(6) else { panic!("a trend is drawn") };
        assert_eq!(later.len(), DRAWS);
        let (low, high) = (55.04 * 0.98_f64.powi(6), 55.04 * 0.99_f64.powi(6));
        assert!(later.iter().all(|price| (low..=high).contains(price)));
    }

    #[test]
    fn a_rejected_candidate_is_not_used() {
        let (plan, mut choices) = small();
        let ranked = |candidate, rejected: Option<&str>| RankedCandidate {
            candidate,
            nodes: 1.0,
            price_per_hour: None,
            cost_per_month: None,
            rejected: rejected.map(Into::into),
        };
        choices[0].ranked = vec![ranked(5, Some("too small")), ranked(0, None)];
        let pool = &plan.pools.items()[0];
        let candidate = chosen(Id::new(0), pool, &choices).unwrap();
        assert_eq!(candidate.instance, Id::new(0));
    }
}
