//! A comparison as JSON: amounts as decimal strings in cents, quantiles too, places as `file:line`.

use serde::Serialize;

use super::view::{ChangeView, DiffView, Frame, RenameView};
use crate::calendar::{FiscalQuarter, Month};
use crate::diff::gates::{BudgetState, PolicyState};
use crate::diff::orders::{OrderState, Serves};
use crate::diff::{self, BudgetDiff, OrderDiff, PolicyDiff, PoolDiff, TeamDiff, Turn};
use crate::language::between::Cause;
use crate::money::{Currency, Decimal, quantised};
use crate::report::view::{Day, Money};

/// Renders a comparison as indented JSON that ends with a line break.
///
/// # Panics
/// Never: it holds nothing that JSON cannot say.
#[must_use]
pub fn render(view: &DiffView) -> String {
    crate::report::json::text(&comparison(view))
}

/// What a change of the plan costs, and why.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Comparison<'a> {
    /// The plan's name.
    plan: &'a str,
    /// Its path, as asked for.
    path: &'a str,
    /// What the side before is called: a revision or a path.
    before: &'a str,
    /// What the side after is called.
    after: &'a str,
    /// The currency of every amount.
    currency: Currency,
    /// Whether there was no plan before.
    plan_is_new: bool,
    /// Whether a budget, or a policy that gates, fails that did not fail before.
    breaks_a_gate: bool,
    /// The cost of all months.
    total: Total,
    /// Why: rows that sum to the change of the mean exactly, in the order of substitution.
    why: Vec<Why>,
    /// By team, after chargeback.
    teams: Vec<Team<'a>>,
    /// By fiscal quarter, oldest first.
    quarters: Vec<Quarter>,
    /// By month, oldest first.
    months: Vec<MonthOfChange>,
    /// Capital expenditure within all months.
    capex: Amounts,
    /// Pools of nodes, by name.
    pools: Vec<Pool<'a>>,
    /// Orders that differ, by the day to decide on them.
    orders: Vec<Order<'a>>,
    /// Budgets, by name.
    budgets: Vec<Budget<'a>>,
    /// Policies, by name.
    policies: Vec<Policy<'a>>,
    /// Lines of the plan that differ, by cause.
    changes: &'a [ChangeView],
    /// What only has another name.
    renames: &'a [RenameView],
    /// What is taken from the plan after on both sides although it differs.
    pinned: &'a [ChangeView],
    /// Workloads whose history was measured anew.
    measured_anew: &'a [String],
    /// Where the figures come from.
    provenance: &'a Frame,
}

/// An amount in whole cents: always two places.
#[derive(Debug, Clone, Copy)]
pub struct Cents(Decimal);

impl Serialize for Cents {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.2}", self.0))
    }
}

/// Something on both sides.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Both<T> {
    before: T,
    after: T,
}

/// An amount on both sides, in whole cents.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Amounts {
    before: Cents,
    after: Cents,
    /// After less before.
    change: Cents,
}

/// A quantile of a cost on both sides, in whole cents.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Quantile {
    before: Cents,
    after: Cents,
    /// Whether the difference is below twice its standard error.
    within_noise: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Total {
    mean: Amounts,
    p10: Quantile,
    p50: Quantile,
    p90: Quantile,
}

/// One row of why.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Why {
    /// The causes; several where they could not be told apart; none where the plan is new.
    causes: Vec<&'static str>,
    amount: Cents,
    /// Which of `changes` have one of these causes, counted from 0.
    changes: Vec<usize>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Name<'a> {
    /// The name after, or the only one.
    name: &'a str,
    /// The name before, where it is another.
    name_before: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Team<'a> {
    /// Its name; `null` for what no team bears.
    name: Option<&'a str>,
    /// The name before, where it is another.
    name_before: Option<&'a str>,
    mean: Amounts,
    /// By cause; sums to the change.
    why: Vec<TeamWhy>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TeamWhy {
    causes: Vec<&'static str>,
    amount: Cents,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Quarter {
    quarter: FiscalQuarter,
    mean: Amounts,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MonthOfChange {
    month: Month,
    mean: Amounts,
    p50: Quantile,
    p90: Quantile,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Pool<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    /// GPUs in one node; 0 without.
    gpus_per_node: f64,
    /// Whether the plan has it.
    there: Both<bool>,
    /// The most nodes needed in any hour of the horizon.
    peak_nodes: Peak,
    /// The first month in which it is short in at least 5% of the draws.
    short_from: Both<Option<Month>>,
    /// The share of draws in which it is short in some month.
    short_chance: Both<f64>,
    /// The first month in which the need passes what may run in at least half of the draws.
    limit_reached: Both<Option<Month>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Peak {
    p50: diff::Moved,
    p90: diff::Moved,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Order<'a> {
    /// The pool, where nodes are ordered.
    pool: Option<&'a str>,
    /// The pool's name before, where it is another.
    pool_before: Option<&'a str>,
    /// The provider, where spend under a savings plan is ordered.
    provider: Option<&'a str>,
    /// The product in words, or the savings plan's name.
    product: &'a str,
    before: Option<OrderOn>,
    after: Option<OrderOn>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OrderOn {
    /// How many nodes, where nodes are ordered.
    nodes: Option<u64>,
    /// How much spend an hour, where that is ordered.
    per_hour: Option<Money>,
    /// The last day for its approval.
    decide_by: Day,
    /// The last day to order it.
    order_by: Day,
    /// Its first day.
    need_by: Day,
    /// Whether it cannot be there in time.
    late: bool,
    /// Paid on the first day.
    upfront: Cents,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Budget<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    turn: Turn,
    /// What its period is called.
    period: &'a str,
    /// In which share of draws it must hold.
    confidence: f64,
    before: Option<BudgetOn>,
    after: Option<BudgetOn>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BudgetOn {
    holds: bool,
    amount: Cents,
    /// Cost at the confidence.
    at_confidence: Cents,
    /// The month in which the running total at the confidence passes the whole budget.
    first_breach: Option<Month>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Policy<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    turn: Turn,
    /// Whether it fails the gate, rather than only warns.
    gates: bool,
    /// What it requires, in words.
    requires: &'a str,
    before: Option<PolicyOn<'a>>,
    after: Option<PolicyOn<'a>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PolicyOn<'a> {
    fails: bool,
    /// What was looked at, where it is worst.
    worst: Option<&'a str>,
    /// The metric at the policy's confidence there.
    at_confidence: Option<f64>,
    unit: &'static str,
    first_failure: Option<Month>,
}

/// What a comparison says, as it leaves the program.
#[must_use]
pub fn comparison(view: &DiffView) -> Comparison<'_> {
    let diff = &view.diff;
    let [p10, p50, p90] = diff.quantiles.map(quantile);
    let month = |month: &diff::MonthDiff| MonthOfChange {
        month: month.month,
        mean: amounts(month.mean),
        p50: quantile(month.p50),
        p90: quantile(month.p90),
    };
    Comparison {
        plan: &diff.plan,
        path: &view.path,
        before: &view.sides.0,
        after: &view.sides.1,
        currency: diff.currency,
        plan_is_new: diff.is_new,
        breaks_a_gate: diff.breaks_a_gate(),
        total: Total { mean: amounts(diff.total), p10, p50, p90 },
        why: diff.why.iter().map(|row| why(view, row)).collect(),
        teams: diff.teams.iter().map(team).collect(),
        quarters: diff
            .quarters
            .iter()
            .map(|(quarter, sums)| Quarter { quarter: *quarter, mean: amounts(*sums) })
            .collect(),
        months: diff.months.iter().map(month).collect(),
        capex: amounts(diff.capex),
        pools: diff.pools.iter().map(pool).collect(),
        orders: diff.orders.iter().map(order).collect(),
        budgets: diff.budgets.iter().map(budget).collect(),
        policies: diff.policies.iter().map(policy).collect(),
        changes: &view.changes,
        renames: &view.renames,
        pinned: &view.pinned,
        measured_anew: &view.measured_anew,
        provenance: &view.frame,
    }
}

fn money(amount: Decimal) -> Cents {
    Cents(amount.round_dp(2))
}

fn amounts(amounts: diff::Amounts) -> Amounts {
    Amounts {
        before: money(amounts.before),
        after: money(amounts.after),
        change: money(amounts.change()),
    }
}

fn quantile(moved: diff::Moved) -> Quantile {
    let cents = |amount| money(quantised(amount));
    Quantile {
        before: cents(moved.before),
        after: cents(moved.after),
        within_noise: moved.within_noise,
    }
}

fn words(causes: &[Cause]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.words()).collect()
}

fn why(view: &DiffView, row: &diff::Because) -> Why {
    let changes = view.changes.iter().enumerate();
    let of = changes.filter(|(_, change)| row.causes.contains(&change.cause));
    Why {
        causes: words(&row.causes),
        amount: money(row.amount),
        changes: of.map(|(at, _)| at).collect(),
    }
}

fn both<T: Clone>(both: &(T, T)) -> Both<T> {
    Both { before: both.0.clone(), after: both.1.clone() }
}

fn name(name: &diff::Name) -> Name<'_> {
    Name { name: &name.now, name_before: name.was.as_deref() }
}

fn team(team: &TeamDiff) -> Team<'_> {
    let why = team.why.iter();
    Team {
        name: team.name.as_ref().map(|name| name.now.as_str()),
        name_before: team.name.as_ref().and_then(|name| name.was.as_deref()),
        mean: amounts(team.cost),
        why: why
            .map(|(causes, amount)| TeamWhy { causes: words(causes), amount: money(*amount) })
            .collect(),
    }
}

fn pool(pool: &PoolDiff) -> Pool<'_> {
    Pool {
        name: name(&pool.name),
        gpus_per_node: pool.gpus_per_node,
        there: both(&pool.there),
        peak_nodes: Peak { p50: pool.peak_p50, p90: pool.peak_p90 },
        short_from: both(&pool.short_from),
        short_chance: both(&pool.short_chance),
        limit_reached: both(&pool.limit_reached),
    }
}

fn order(order: &OrderDiff) -> Order<'_> {
    let state = |state: &OrderState| OrderOn {
        nodes: state.size.nodes(),
        per_hour: state.size.per_hour().map(Money::new),
        decide_by: Day(state.decide_by),
        order_by: Day(state.order_by),
        need_by: Day(state.need_by),
        late: state.late,
        upfront: money(state.upfront),
    };
    let (pool, provider) = match &order.serves {
        Serves::Pool(pool) => (Some(pool), None),
        Serves::Provider(provider) => (None, Some(provider.now.as_str())),
    };
    Order {
        pool: pool.map(|pool| pool.now.as_str()),
        pool_before: pool.and_then(|pool| pool.was.as_deref()),
        provider,
        product: &order.product,
        before: order.before.as_ref().map(state),
        after: order.after.as_ref().map(state),
    }
}

fn budget(budget: &BudgetDiff) -> Budget<'_> {
    let state = |state: &BudgetState| BudgetOn {
        holds: state.holds,
        amount: money(state.amount),
        at_confidence: money(state.at_confidence),
        first_breach: state.first_breach,
    };
    Budget {
        name: name(&budget.name),
        turn: budget.turn(),
        period: &budget.period,
        confidence: budget.confidence,
        before: budget.before.as_ref().map(state),
        after: budget.after.as_ref().map(state),
    }
}

fn policy(policy: &PolicyDiff) -> Policy<'_> {
    Policy {
        name: name(&policy.name),
        turn: policy.turn(),
        gates: policy.gates,
        requires: &policy.requires,
        before: policy.before.as_ref().map(policy_on),
        after: policy.after.as_ref().map(policy_on),
    }
}

fn policy_on(state: &PolicyState) -> PolicyOn<'_> {
    PolicyOn {
        fails: state.fails,
        worst: state.worst.as_deref(),
        at_confidence: state.at_confidence,
        unit: state.unit,
        first_failure: state.first_failure,
    }
}
