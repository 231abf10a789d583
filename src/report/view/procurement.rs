//! What to buy and when, as a report says it: dates, money and names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::money::{Day, Money};
use crate::calendar::{Date, Month, plus_days};
use crate::cost::Promised;
use crate::ids::Id;
use crate::money::{Currency, Decimal, quantised};
use crate::outcome::Outcome;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool, Provider, Workload};
use crate::procure::limits::ANSWER_DAYS;
use crate::procure::orders::{
    Alternative, Ending, LimitRequest, Order, PoolPlan, Requested, Schedule, SpendOrder, SpendPlan,
    Then,
};
use crate::source::Sources;

/// What to buy and when.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProcurementView {
    /// Whether the plan has a `procurement` node, so that supply and cost follow the orders.
    #[serde(skip)]
    pub stated: bool,
    /// The need that is bought for: `p80`, `cvar`.
    pub plan_for: &'static str,
    /// What is needed after the horizon: `flat`, `decay`, `growth`.
    pub tail: &'static str,
    /// Orders to be made until this day are firm; later ones are indicative.
    pub firm_until: Day,
    /// The least cost found for that need, over the horizon and its tail; less what spend under savings plans saves,
    /// where the two are decided together.
    pub objective: Money,
    /// No purchases within the limits cost less, whatever is committed to beside them.
    pub bound: Money,
    /// How much more than the optimum it costs at most, as a share.
    pub gap: f64,
    /// What the horizon costs in the mean of the draws in the pools that orders of nodes and spend may serve: rented
    /// where nothing is ordered, beside what signed spend pays for.
    pub cost_without_orders: Money,
    /// Rented beside what signed and ordered spend pays for, and what the orders cost, those of spend among them.
    pub cost_with_orders: Money,
    /// What signed spend pays for where nothing is ordered, at the prices that would be paid; it is off both.
    pub signed_spend_pays: Money,
    /// Node-hours that cannot be had where nothing is ordered.
    pub short_without_orders: f64,
    /// The same with the orders.
    pub short_with_orders: f64,
    /// Every order, by the day to order it.
    pub orders: Vec<OrderView>,
    /// Every pool for which something is on sale.
    pub pools: Vec<PoolOrdersView>,
    /// Commitments that end inside the horizon.
    pub expiries: Vec<ExpiryView>,
    /// Grants of providers that were asked for, or are to be asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitRequestView>,
    /// Spend to commit to under savings plans, beside these orders; where any are on sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend: Option<SpendPlanView>,
    /// Spend that discounts ask for and that these orders leave unmade.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promised: Vec<PromisedView>,
    /// What purchases take in each period.
    pub cash: Vec<CashView>,
    /// Whether the plan limits that.
    pub has_cash_limit: bool,
}

/// A spend that a discount asks for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PromisedView {
    /// With whom.
    pub provider: String,
    /// Its first day inside the horizon.
    pub from: Day,
    /// The last day that counts; what is missing falls due in its month.
    pub until: Day,
    /// What is asked for.
    pub asked: Money,
    /// What is spent, in the mean of the draws.
    pub spent: Money,
    /// What is missing, likewise.
    pub missing: Money,
    /// The share of draws in which some is.
    pub chance: f64,
    /// Where the plan says so.
    pub place: String,
}

/// One order.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OrderView {
    /// A name of its own.
    pub name: String,
    /// For which pool.
    pub pool: String,
    /// `reserved` or `owned`.
    pub purchase: &'static str,
    /// The product in words.
    pub product: String,
    /// How many nodes.
    pub nodes: u64,
    /// GPUs in them.
    pub gpus: f64,
    /// Whether it is to be ordered now.
    pub firm: bool,
    /// The last day to ask for it.
    pub order_by: Day,
    /// The last day for its approval.
    pub decide_by: Day,
    /// Its first day.
    pub need_by: Day,
    /// When it is there if ordered on the last day, the median.
    pub in_service_p50: Day,
    /// The same, the 90th percentile.
    pub in_service_p90: Day,
    /// Its last day.
    pub until: Day,
    /// How long it binds; nothing where it is bought by the day.
    pub term_months: Option<u32>,
    /// The chance that it is there later than needed.
    pub late_chance: f64,
    /// What it means that it cannot be there in time.
    pub late: Option<LateView>,
    /// The share paid on the first day.
    pub upfront_share: f64,
    /// Paid on the first day.
    pub upfront: Money,
    /// Capital expenditure within that.
    pub capex: Money,
    /// What it costs inside the horizon, spread over the time it serves.
    pub cost: Money,
    /// What is paid for it in each fiscal quarter of the horizon.
    pub cash: Vec<QuarterCash>,
    /// What the horizon would cost more without it, in the mean of the draws.
    pub saves: Money,
    /// Node-hours that could not be had without it.
    pub prevents_short: f64,
    /// The workload that asks for most of the pool.
    pub driver: Option<DriverView>,
}

/// A grant of nodes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LimitRequestView {
    /// For which pool.
    pub pool: String,
    /// For which purchase; for all together where absent.
    pub purchase: Option<&'static str>,
    /// Nodes granted before it.
    pub from: Option<u64>,
    /// Nodes once granted.
    pub to: u64,
    /// The day from which need passes what is granted.
    pub needed: Option<Day>,
    /// The day it was asked, or the last day to ask.
    pub ask_by: Day,
    /// When it is granted, the median.
    pub granted_p50: Day,
    /// The same, the 90th percentile.
    pub granted_p90: Day,
    /// The chance that it is granted.
    pub chance: Option<f64>,
    /// What is to be done, in words.
    pub then: String,
    /// The line of the plan.
    pub place: String,
}

/// Spend to commit to under savings plans.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SpendPlanView {
    /// By the day to order.
    pub orders: Vec<SpendOrderView>,
    /// Savings plans that were not chosen, or not wholly, each by itself in place of those of its provider.
    pub instead: Vec<InsteadView>,
    /// What everything that they may cover costs on demand, over the horizon and its tail.
    pub rented: Money,
    /// The same with the orders.
    pub objective: Money,
    /// Beside these orders of nodes, no spend under any mix of the savings plans costs less.
    pub bound: Money,
    /// How much more than the best mix it costs at most beside these orders, as a share.
    pub gap: f64,
}

/// One spend to commit to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SpendOrderView {
    /// A name of its own.
    pub name: String,
    /// Under which savings plan.
    pub savings_plan: String,
    /// With whom.
    pub provider: String,
    /// How much an hour.
    pub per_hour: Money,
    /// Whether it is to be ordered now.
    pub firm: bool,
    /// The last day to ask for it.
    pub order_by: Day,
    /// The last day for its approval.
    pub decide_by: Day,
    /// Its first day.
    pub need_by: Day,
    /// Its last day.
    pub until: Day,
    /// How long it binds.
    pub term_months: u32,
    /// The share paid on the first day.
    pub upfront_share: f64,
    /// Paid on the first day.
    pub upfront: Money,
    /// What it costs inside the horizon, spread over its term.
    pub cost: Money,
    /// What is paid for it in each fiscal quarter of the horizon.
    pub cash: Vec<QuarterCash>,
    /// What the horizon would cost more without it, in the mean of the draws.
    pub saves: Money,
}

/// Another savings plan.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InsteadView {
    /// Its name.
    pub savings_plan: String,
    /// What it saves less, over the horizon and its tail; negative where it saves more, past the cash limit.
    pub extra: Money,
    /// The most it commits to an hour.
    pub most_per_hour: Money,
    /// Whether what it takes on first days is more than the limit on cash leaves.
    pub past_cash_limit: bool,
}

/// Cash in one fiscal quarter.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QuarterCash {
    /// `FY2027-Q1`.
    pub quarter: String,
    /// How much.
    pub amount: Money,
}

/// An order that should have been made already.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LateView {
    /// The day it would have paid from.
    pub needed: Day,
    /// Days bridged by rental.
    pub days: i32,
    /// What the bridge costs more.
    pub cost: Money,
    /// Node-hours of the bridge that cannot be had.
    pub short: f64,
}

/// Who asks for a pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DriverView {
    /// The workload.
    pub workload: String,
    /// The share of the pool's node-hours that it asks for in the order's first month.
    pub share: f64,
    /// Where the plan declares it.
    pub place: String,
}

/// One pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolOrdersView {
    /// Its name.
    pub pool: String,
    /// Nodes needed, exist and ordered, by month.
    pub months: Vec<PoolOrdersMonth>,
    /// The first day on which the need bought for passes what could run without orders.
    pub crosses_on: Option<Day>,
    /// Other ways, those that are short last, then cheapest first.
    pub alternatives: Vec<AlternativeView>,
    /// Further ways that were not weighed: deciding on spend beside each would take too long.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_weighed: Vec<String>,
}

/// One pool in one month.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolOrdersMonth {
    /// The month.
    pub month: Month,
    /// Nodes needed, at the quantile that is bought for, averaged over the hours.
    pub needed: f64,
    /// Nodes that exist without orders.
    pub existing: f64,
    /// Nodes ordered.
    pub ordered: u64,
    /// Nodes that a floor asks for and no order within the limits gives.
    pub below_floor: u64,
}

/// Another way to serve a pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AlternativeView {
    /// In words.
    pub label: String,
    /// What it costs more, over the horizon and its tail.
    pub extra: Money,
    /// Node-hours of the need bought for that it cannot have inside the horizon.
    pub short: f64,
    /// The most nodes it commits at a time.
    pub nodes: u64,
    /// The last month it binds.
    pub bound_until: Option<Month>,
}

/// A commitment that ends.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExpiryView {
    /// Its name.
    pub commitment: String,
    /// Its pool, where it is for nodes.
    pub pool: Option<String>,
    /// Its nodes.
    pub nodes: Option<u32>,
    /// Whom a spend is committed to.
    pub provider: Option<String>,
    /// How much an hour.
    pub per_hour: Option<Money>,
    /// Its last day.
    pub until: Day,
    /// What becomes of it, in words.
    pub then: String,
}

impl ExpiryView {
    /// Whom it serves: a pool, or whoever spends with a provider.
    #[must_use]
    pub fn serves(&self) -> String {
        let (pool, provider) = (self.pool.as_deref(), self.provider.as_deref());
        pool.or(provider).unwrap_or_default().to_owned()
    }

    /// How much it was, in words.
    #[must_use]
    pub fn size(&self, currency: Currency) -> String {
        match (self.nodes, self.per_hour) {
            (Some(1), _) => "1 node".to_owned(),
            (Some(nodes), _) => format!("{nodes} nodes"),
            (None, Some(money)) => format!("{} {currency}/hour", money.decimal().normalize()),
            (None, None) => String::new(),
        }
    }
}

/// What purchases take in one period.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CashView {
    /// `FY2027-Q1`.
    pub period: String,
    /// Paid on first days.
    pub upfront: Money,
    /// Capital expenditure within that.
    pub capex: Money,
    /// Paid month by month for what was ordered.
    pub running: Money,
    /// The most that `upfront` may be.
    pub limit: Option<Money>,
}

pub(super) fn procurement(
    plan: &Plan,
    outcome: &Outcome,
    sources: &Sources,
) -> Option<ProcurementView> {
    let schedule = outcome.schedule.as_ref()?;
    let ground = Ground { plan, outcome, sources };
    Some(ProcurementView {
        stated: plan.procurement.as_ref().is_some_and(|own| own.origin.is_some()),
        plan_for: schedule.plan_for.word(),
        tail: schedule.tail.word(),
        firm_until: Day(schedule.firm_until),
        objective: money(schedule.objective),
        bound: money(schedule.bound),
        gap: schedule.gap(),
        cost_without_orders: money(schedule.expected.cost_without),
        cost_with_orders: money(schedule.expected.cost_with),
        signed_spend_pays: money(schedule.expected.signed),
        short_without_orders: schedule.expected.short_without,
        short_with_orders: schedule.expected.short_with,
        orders: schedule.orders.iter().map(|order| ground.order(order)).collect(),
        pools: schedule.pools.iter().map(|pool| ground.pool(pool)).collect(),
        expiries: ground.expiries(schedule),
        limits: schedule.limits.iter().map(|limit| ground.limit(limit)).collect(),
        spend: schedule.spend.as_ref().map(|spend| ground.spend(spend)),
        promised: outcome
            .promised
            .iter()
            .filter(|one| one.missing >= 0.005)
            .map(|one| ground.promised(one))
            .collect(),
        cash: schedule
            .cash
            .iter()
            .map(|period| CashView {
                period: period.label.clone(),
                upfront: money(period.upfront),
                capex: money(period.capex),
                running: money(period.running),
                limit: period.limit.map(money),
            })
            .collect(),
        has_cash_limit: schedule.cash.iter().any(|period| period.limit.is_some()),
    })
}

/// Money to the cent: what comes from the optimum is planned, not billed.
fn money(amount: f64) -> Money {
    Money::new(quantised(amount).round_dp(2))
}

struct Ground<'a> {
    plan: &'a Plan,
    outcome: &'a Outcome,
    sources: &'a Sources,
}

impl Ground<'_> {
    fn order(&self, order: &Order) -> OrderView {
        OrderView {
            name: order.name.clone(),
            pool: self.plan.pools[order.pool].name.clone(),
            purchase: order.purchase.word(),
            product: order.product.clone(),
            nodes: order.nodes,
            gpus: order.nodes as f64 * self.gpus(order.pool),
            firm: order.firm,
            order_by: Day(order.order_by),
            decide_by: Day(order.decide_by),
            need_by: Day(order.need_by),
            in_service_p50: Day(order.in_service.0),
            in_service_p90: Day(order.in_service.1),
            until: Day(order.until),
            term_months: order.term_months,
            late_chance: order.late_chance,
            late: order.late.as_ref().map(|late| LateView {
                needed: Day(late.needed),
                days: late.days,
                cost: money(late.cost),
                short: late.short,
            }),
            upfront_share: order.upfront_share,
            upfront: money(order.upfront),
            capex: money(order.capex),
            cost: money(order.cost_inside),
            cash: self.cash(order.t, order.upfront, &order.running),
            saves: money(order.saves),
            prevents_short: order.prevents_short,
            driver: order.driver.map(|workload| self.driver(workload, order.driver_share)),
        }
    }

    fn promised(&self, one: &Promised) -> PromisedView {
        PromisedView {
            provider: self.plan.providers[one.provider].name.clone(),
            from: Day(self.plan.horizon.month(one.first).first_day()),
            until: Day(one.until),
            asked: money(one.asked),
            spent: money(one.spent),
            missing: money(one.missing),
            chance: one.chance,
            place: self.sources.place(one.origin),
        }
    }

    fn gpus(&self, pool: Id<Pool>) -> f64 {
        super::pools::node_of(self.plan, self.outcome, pool).1
    }

    fn driver(&self, workload: Id<Workload>, share: f64) -> DriverView {
        let workload = &self.plan.workloads[workload];
        DriverView {
            workload: workload.name.clone(),
            share,
            place: self.sources.place(workload.origin),
        }
    }

    /// What an order that begins in month `t` takes by fiscal quarter.
    fn cash(&self, t: usize, upfront: f64, running: &[f64]) -> Vec<QuarterCash> {
        let mut quarters = BTreeMap::new();
        for (k, running) in running.iter().enumerate() {
            let month = self.plan.horizon.month(t + k);
            let upfront = if k == 0 { upfront } else { 0.0 };
            *quarters.entry(self.plan.fiscal.quarter_of(month)).or_insert(0.0) += running + upfront;
        }
        let quarters = quarters.into_iter().filter(|(_, amount)| *amount != 0.0);
        quarters
            .map(|(quarter, amount)| QuarterCash {
                quarter: quarter.to_string(),
                amount: money(amount),
            })
            .collect()
    }

    fn pool(&self, pool: &PoolPlan) -> PoolOrdersView {
        let months = self.plan.horizon.iter().enumerate().map(|(t, month)| PoolOrdersMonth {
            month,
            needed: pool.needed[t],
            existing: pool.existing[t],
            ordered: pool.committed[t],
            below_floor: pool.below_floor[t],
        });
        let alternative = |other: &Alternative| AlternativeView {
            label: other.label.clone(),
            extra: money(other.extra),
            short: other.short,
            nodes: other.nodes,
            bound_until: other.bound_until,
        };
        PoolOrdersView {
            pool: self.plan.pools[pool.pool].name.clone(),
            months: months.collect(),
            crosses_on: pool.crosses_on.map(Day),
            alternatives: pool.alternatives.iter().map(alternative).collect(),
            not_weighed: pool.not_weighed.clone(),
        }
    }

    fn limit(&self, limit: &LimitRequest) -> LimitRequestView {
        LimitRequestView {
            pool: self.plan.pools[limit.pool].name.clone(),
            purchase: limit.purchase.map(Purchase::word),
            from: limit.from,
            to: limit.to,
            needed: limit.needed.map(Day),
            ask_by: Day(limit.ask_by),
            granted_p50: Day(limit.granted.0),
            granted_p90: Day(limit.granted.1),
            chance: limit.chance,
            then: match limit.requested {
                Requested::Made => "asked".to_owned(),
                Requested::ToMake => "ask".to_owned(),
                Requested::ToMakeAssumed => format!("ask; {ANSWER_DAYS} days are assumed"),
                Requested::Late => "ask, LATE".to_owned(),
            },
            place: self.sources.place(limit.origin),
        }
    }

    fn spend(&self, spend: &SpendPlan) -> SpendPlanView {
        let name = |plan| self.plan.savings_plans[plan].name.clone();
        let order = |order: &SpendOrder| SpendOrderView {
            name: order.name.clone(),
            savings_plan: name(order.savings_plan),
            provider: self.plan.providers[order.provider].name.clone(),
            per_hour: Money::new(order.per_hour),
            firm: order.firm,
            order_by: Day(order.order_by),
            decide_by: Day(order.decide_by),
            need_by: Day(order.need_by),
            until: Day(order.until),
            term_months: order.term_months,
            upfront_share: order.upfront_share,
            upfront: money(order.upfront),
            cost: money(order.cost_inside),
            cash: self.cash(order.t, order.upfront, &order.running),
            saves: money(order.saves),
        };
        SpendPlanView {
            orders: spend.orders.iter().map(order).collect(),
            instead: spend
                .instead
                .iter()
                .map(|one| InsteadView {
                    savings_plan: name(one.savings_plan),
                    extra: money(one.extra),
                    most_per_hour: money(one.most_per_hour),
                    past_cash_limit: one.past_cash_limit,
                })
                .collect(),
            rented: money(spend.rented),
            objective: money(spend.objective),
            bound: money(spend.bound),
            gap: spend.gap(),
        }
    }

    /// What follows a spend that ends: orders of the month of the next day; and of the one after, where that is
    /// inside a month.
    fn after_spend(&self, schedule: &Schedule, of: Id<Provider>, until: Date) -> String {
        let orders = schedule.spend.iter().flat_map(|spend| &spend.orders);
        let horizon = self.plan.horizon;
        let next = horizon.month_of(plus_days(until, 1));
        let last = if next.first_day() > until { next } else { next.plus(1) };
        let soon = |order: &&SpendOrder| {
            let month = horizon.month_of(order.need_by);
            order.provider == of && (next..=last).contains(&month)
        };
        let sum: Decimal = orders.filter(soon).map(|order| order.per_hour).sum();
        if sum.is_zero() {
            return "let go: nothing is ordered in its place".to_owned();
        }
        format!("followed by orders of {} {}/hour", sum.normalize(), self.plan.currency)
    }

    fn expiries(&self, schedule: &Schedule) -> Vec<ExpiryView> {
        let nodes = |what| match what {
            Ending::Nodes(pool, nodes) => Some((self.plan.pools[pool].name.clone(), nodes)),
            Ending::Spend(..) => None,
        };
        let spend = |what| match what {
            Ending::Spend(of, money) => Some((self.plan.providers[of].name.clone(), money)),
            Ending::Nodes(..) => None,
        };
        let view = schedule.expiries.iter().map(|expiry| ExpiryView {
            commitment: expiry.commitment.clone(),
            pool: nodes(expiry.what).map(|(pool, _)| pool),
            nodes: nodes(expiry.what).map(|(_, nodes)| nodes),
            provider: spend(expiry.what).map(|(provider, _)| provider),
            per_hour: spend(expiry.what).map(|(_, money)| Money::new(money)),
            until: Day(expiry.until),
            then: match (expiry.then, expiry.what) {
                (Then::Replaced(_), Ending::Spend(of, _)) => {
                    self.after_spend(schedule, of, expiry.until)
                }
                (Then::Renewed, _) => "renewed, as the plan says".to_owned(),
                (Then::Ends, _) => "ends, as the plan says".to_owned(),
                (Then::Replaced(0), _) => "let go: nothing is ordered in its place".to_owned(),
                (Then::Replaced(nodes), _) => format!("replaced by orders of {nodes}"),
            },
        });
        view.collect()
    }
}
