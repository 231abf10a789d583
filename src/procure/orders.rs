//! What to buy and when: the result of procurement, with its dates, its cash and its reasons.

use crate::calendar::{Date, Month};
use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::price::{Amount, Purchase};
use crate::plan::procurement::{CashPeriod, PlanFor, Tail};
use crate::plan::{Plan, Pool, Provider, SavingsPlan, Workload};
use crate::source::Span;

/// What to buy and when.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The need that is bought for.
    pub plan_for: PlanFor,
    /// What is needed after the horizon.
    pub tail: Tail,
    /// Orders whose order-by day is not after this one are firm; later ones are indicative.
    pub firm_until: Date,
    /// Every order, by the day to order it, then pool and product.
    pub orders: Vec<Order>,
    /// Every pool for which something is on sale, by name.
    pub pools: Vec<PoolPlan>,
    /// Commitments that end inside the horizon, by day.
    pub expiries: Vec<Expiry>,
    /// Grants of providers: asked for, and to be asked for; by pool.
    pub limits: Vec<LimitRequest>,
    /// Spend to commit to under savings plans, beside the orders; where any are on sale.
    /// [`with_spend`](Self::with_spend) puts it there.
    pub spend: Option<SpendPlan>,
    /// What purchases take in each period of the cash limit (fiscal quarters where there is none).
    pub cash: Vec<PeriodCash>,
    /// How the periods of `cash` are counted.
    pub cash_per: CashPeriod,
    /// The least cost found, over the horizon and its tail, for the need that is bought for; less what spend under
    /// savings plans saves in the mean of the draws, where the two are decided together.
    pub objective: f64,
    /// No purchases within the limits cost less, whatever is committed to beside them.
    pub bound: f64,
    /// What that comes to inside the horizon, not discounted.
    pub inside: f64,
    /// What the horizon costs with and without the orders, in the mean of all draws.
    pub expected: Expected,
}

/// Money and shortfall of the pools that orders of nodes and spend may serve, inside the horizon, in the mean of the
/// draws, beside what exists whatever is ordered. What signed spend costs is in neither figure, what it pays for
/// is off both.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Expected {
    /// What is bought by the hour where nothing is ordered, beside what signed spend pays for.
    pub cost_without: f64,
    /// What is bought by the hour beside what signed and ordered spend pays for, and what the orders cost, of nodes
    /// and of spend.
    pub cost_with: f64,
    /// What signed spend pays for where nothing is ordered, at the prices that would be paid.
    pub signed: f64,
    /// Node-hours that cannot be had where nothing is ordered.
    pub short_without: f64,
    /// The same with the orders.
    pub short_with: f64,
}

/// One order.
#[derive(Debug, Clone)]
pub struct Order {
    /// A name of its own: `order serving 2027-03 reserved 12 months 0% upfront`.
    pub name: String,
    /// For which pool.
    pub pool: Id<Pool>,
    /// How it is bought.
    pub purchase: Purchase,
    /// The product in words: `reserved 12 months, 0% upfront`.
    pub product: String,
    /// How many nodes.
    pub nodes: u64,
    /// The month it begins in, counted from the horizon's first.
    pub t: usize,
    /// How long it binds; nothing where it is bought by the day.
    pub term_months: Option<u32>,
    /// What one node costs: by the hour over the term, or its purchase where owned.
    pub price: Amount,
    /// The share paid on the first day.
    pub upfront_share: f64,
    /// Its first day.
    pub need_by: Date,
    /// Its last day.
    pub until: Date,
    /// The last day to ask for it.
    pub order_by: Date,
    /// The last day for its approval.
    pub decide_by: Date,
    /// When it is there if ordered on the last day: the median, and the 90th percentile.
    pub in_service: (Date, Date),
    /// The chance that it is there later than needed, if ordered on the last day.
    pub late_chance: f64,
    /// Whether it is to be ordered now.
    pub firm: bool,
    /// What it means that it cannot be there in time.
    pub late: Option<Late>,
    /// Paid on the first day.
    pub upfront: f64,
    /// Capital expenditure within `upfront`.
    pub capex: f64,
    /// What it costs beside that in each month of the horizon that it serves.
    pub running: Vec<f64>,
    /// What it costs inside the horizon, spread over the time it serves.
    pub cost_inside: f64,
    /// What not buying it would cost more inside the horizon, in the mean of the draws: what is bought by
    /// the hour instead, beside what spend then pays for, less what the order costs.
    pub saves: f64,
    /// Node-hours that could not be had without it inside the horizon, in the mean of the draws.
    pub prevents_short: f64,
    /// The workload that asks for most of the pool in its first month.
    pub driver: Option<Id<Workload>>,
    /// The share of it.
    pub driver_share: f64,
}

/// A grant of nodes that was asked for, or is to be asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitRequest {
    /// For which pool.
    pub pool: Id<Pool>,
    /// For which purchase; for all together where absent.
    pub purchase: Option<Purchase>,
    /// Nodes granted before it; nothing where none were limited.
    pub from: Option<u64>,
    /// Nodes once granted.
    pub to: u64,
    /// The day from which need passes what is granted; of requests to be made.
    pub needed: Option<Date>,
    /// The day it was asked, or the last day to ask for its approval.
    pub ask_by: Date,
    /// When it is granted: the median, and the 90th percentile.
    pub granted: (Date, Date),
    /// The chance that it is granted, where the plan says it.
    pub chance: Option<f64>,
    /// What is to be done.
    pub requested: Requested,
    /// The line of the plan: the request's, or the pool's.
    pub origin: Span,
}

/// What is to be done about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// It was asked for.
    Made,
    /// It is to be asked for.
    ToMake,
    /// The same; how long the answer takes is assumed.
    ToMakeAssumed,
    /// It should have been asked for already.
    Late,
}

/// Spend to commit to under savings plans, and how far from the best it is at most.
#[derive(Debug, Clone, Default)]
pub struct SpendPlan {
    /// By the day to order, then name.
    pub orders: Vec<SpendOrder>,
    /// Savings plans that were not chosen, or not wholly, each by itself in place of those of its provider.
    pub instead: Vec<Instead>,
    /// What everything that they may cover costs on demand, over the horizon and its tail.
    pub rented: f64,
    /// The same with the orders.
    pub objective: f64,
    /// Beside these orders of nodes, no spend under any mix of the savings plans costs less.
    pub bound: f64,
}

impl SpendPlan {
    /// How much more than the best mix it costs at most, as a share.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.objective <= self.bound {
            0.0
        } else {
            (self.objective - self.bound) / self.objective
        }
    }
}

/// One spend to commit to.
#[derive(Debug, Clone)]
pub struct SpendOrder {
    /// A name of its own: `order compute-3y 2027-03`.
    pub name: String,
    /// Under which savings plan.
    pub savings_plan: Id<SavingsPlan>,
    /// With whom.
    pub provider: Id<Provider>,
    /// Money an hour.
    pub per_hour: Decimal,
    /// The month it begins in, counted from the horizon's first.
    pub t: usize,
    /// How long it binds.
    pub term_months: u32,
    /// Its first day.
    pub need_by: Date,
    /// Its last day.
    pub until: Date,
    /// The last day to ask for it.
    pub order_by: Date,
    /// The last day for its approval.
    pub decide_by: Date,
    /// Whether it is to be ordered now.
    pub firm: bool,
    /// The share paid on the first day.
    pub upfront_share: f64,
    /// Paid on the first day.
    pub upfront: f64,
    /// What is paid beside that in each month of the horizon that it holds.
    pub running: Vec<f64>,
    /// What it costs inside the horizon, spread over its term.
    pub cost_inside: f64,
    /// What not committing would cost more inside the horizon, in the mean of the draws.
    pub saves: f64,
}

/// Another savings plan, by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instead {
    /// Which.
    pub savings_plan: Id<SavingsPlan>,
    /// What it saves less, over the horizon and its tail.
    pub extra: f64,
    /// The most it commits to an hour.
    pub most_per_hour: f64,
    /// Whether what it takes on first days is more than the limit on cash leaves.
    pub past_cash_limit: bool,
}

/// An order that should have been made already.
#[derive(Debug, Clone, PartialEq)]
pub struct Late {
    /// The day it would have paid from.
    pub needed: Date,
    /// Days bridged by rental by the hour.
    pub days: i32,
    /// Nodes that are rented for it, by month from that day on.
    pub nodes: Vec<u64>,
    /// What the bridge costs more than the order would have, in the mean of the draws.
    pub cost: f64,
    /// Node-hours of the bridge that cannot be had.
    pub short: f64,
}

/// What was decided for one pool.
#[derive(Debug, Clone)]
pub struct PoolPlan {
    /// The pool.
    pub pool: Id<Pool>,
    /// Nodes of new orders, by month of the horizon: the most on any of its days.
    pub committed: Vec<u64>,
    /// Nodes that a floor asks for and no order within the limits gives, by month.
    pub below_floor: Vec<u64>,
    /// Nodes that exist without them, in the mean, by month.
    pub existing: Vec<f64>,
    /// Nodes needed, at the quantile that is bought for: the mean over the hours of each month.
    pub needed: Vec<f64>,
    /// The first day on which that quantile passes what could run without orders.
    pub crosses_on: Option<Date>,
    /// Other ways, those that are short last, then cheapest first; each the best of its kind, with spend decided again
    /// beside it.
    pub alternatives: Vec<Alternative>,
    /// Labels of further ways that were not weighed: deciding on spend beside each would take too long.
    pub not_weighed: Vec<String>,
}

/// Another way to serve a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// In words: a product, or `buy nothing`.
    pub label: String,
    /// What it costs more than the recommended orders, for the need that is bought for, over the horizon
    /// and its tail.
    pub extra: f64,
    /// Node-hours of that need that it cannot have inside the horizon.
    pub short: f64,
    /// The most nodes it commits at a time.
    pub nodes: u64,
    /// The last day it binds; nothing where it commits nothing.
    pub bound_until: Option<Month>,
}

/// A commitment that ends.
#[derive(Debug, Clone)]
pub struct Expiry {
    /// Its name.
    pub commitment: String,
    /// What it was.
    pub what: Ending,
    /// Its last day.
    pub until: Date,
    /// What becomes of it.
    pub then: Then,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ending {
    /// So many nodes of a pool.
    Nodes(Id<Pool>, u32),
    /// So much spend an hour with a provider.
    Spend(Id<Provider>, Decimal),
}

/// What becomes of a commitment that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It goes on, as the plan says.
    Renewed,
    /// Nothing follows, as the plan says.
    Ends,
    /// Procurement decided: so many nodes are ordered from the month after it.
    Replaced(u64),
}

/// What purchases take in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodCash {
    /// Its label: `FY2027-Q1`, `FY2027`, `2027-02`.
    pub label: String,
    /// Its first month inside the horizon.
    pub first: Month,
    /// Paid on first days, capital expenditure included.
    pub upfront: f64,
    /// Capital expenditure within `upfront`.
    pub capex: f64,
    /// Paid month by month for what was ordered.
    pub running: f64,
    /// The most that `upfront` may be.
    pub limit: Option<f64>,
}

impl Schedule {
    /// How much more than the optimum it costs at most, as a share: of nodes, and of spend where the two are
    /// decided together.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.objective <= self.bound {
            0.0
        } else {
            (self.objective - self.bound) / self.objective
        }
    }

    /// The schedule with spend to commit to, whose cash counts beside that of the orders.
    #[must_use]
    pub fn with_spend(mut self, plan: &Plan, spend: SpendPlan) -> Self {
        for order in &spend.orders {
            let mut upfront = order.upfront;
            for (k, running) in order.running.iter().enumerate() {
                let period = self.period(plan.horizon.month(order.t + k));
                if let Some(cash) = period.and_then(|place| self.cash.get_mut(place)) {
                    cash.upfront += std::mem::take(&mut upfront);
                    cash.running += running;
                }
            }
        }
        self.spend = Some(spend);
        self
    }

    /// The period of cash that a month of the horizon is in.
    #[must_use]
    pub fn period(&self, month: Month) -> Option<usize> {
        self.cash.partition_point(|period| period.first <= month).checked_sub(1)
    }

    /// The orders of one pool.
    pub fn of_pool(&self, pool: Id<Pool>) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |order| order.pool == pool)
    }
}
