//! Two plans that were computed, before and after a change: what the change costs, and why.
//!
//! In go both plans with their outcomes, and what the plans between them cost, each with one more cause of
//! change than the one before it ([`Step`]). Out comes one [`Diff`]: cost by month, quarter and team, the
//! most that pools need, budgets and policies, and rows of causes that sum to the difference to the cent.
//! Both sides were computed with the same draws. Nothing is rounded here after [`Cost`] took it to cents,
//! nothing is formatted, and no plan is read or run.

pub mod cost;
pub mod gates;
pub mod lines;
pub mod noise;
pub mod orders;
pub mod pools;

use std::collections::{BTreeMap, BTreeSet};

pub use cost::Cost;
pub use gates::{BudgetDiff, PolicyDiff, Turn};
pub use lines::{LineDiff, Lines};
pub use noise::Moved;
pub use orders::OrderDiff;
pub use pools::PoolDiff;

use crate::calendar::{FiscalQuarter, Month};
use crate::cost::ledger::MonthlyDraws;
use crate::language::between::{Cause, Rename, Thing};
use crate::money::{Currency, Decimal, quantised};
use crate::outcome::Outcome;
use crate::plan::Plan;

/// A plan and what the passes said of it.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its outcome.
    pub outcome: &'a Outcome,
}

/// What the plan costs that has the changes of these causes and of all steps before.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The causes; several where they could not be told apart.
    pub causes: Vec<Cause>,
    /// Cost with them.
    pub cost: Cost,
}

/// What a change costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The plan's name.
    pub plan: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Whether there was no plan before.
    pub is_new: bool,
    /// Every month that either side looks at, oldest first.
    pub months: Vec<MonthDiff>,
    /// Every fiscal quarter of these months, of the calendar of the plan after.
    pub quarters: Vec<(FiscalQuarter, Amounts)>,
    /// Mean cost of all months.
    pub total: Amounts,
    /// p10, p50 and p90 of the cost of all months.
    pub quantiles: [Moved; 3],
    /// By team, after chargeback, by name; last, without a name, what no team bears.
    pub teams: Vec<TeamDiff>,
    /// Capital expenditure within all months.
    pub capex: Amounts,
    /// Pools of nodes, by name.
    pub pools: Vec<PoolDiff>,
    /// Orders that differ, by the day to decide on them.
    pub orders: Vec<OrderDiff>,
    /// Budgets, by name.
    pub budgets: Vec<BudgetDiff>,
    /// Policies, by name.
    pub policies: Vec<PolicyDiff>,
    /// Why: rows that sum to the difference of the totals exactly, in the order of substitution.
    pub why: Vec<Because>,
}

/// An amount on both sides, in whole cents where it is a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Before.
    pub before: Decimal,
    /// After.
    pub after: Decimal,
}

impl Amounts {
    /// After less before.
    #[must_use]
    pub fn change(self) -> Decimal {
        self.after - self.before
    }
}

/// A month on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthDiff {
    /// The month.
    pub month: Month,
    /// Mean cost.
    pub mean: Amounts,
    /// Median cost.
    pub p50: Moved,
    /// p90 of cost.
    pub p90: Moved,
}

/// A team on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamDiff {
    /// Its name; `None` for what no team bears.
    pub name: Option<Name>,
    /// Mean cost after chargeback, of all months.
    pub cost: Amounts,
    /// By cause; sums to the change.
    pub why: Vec<(Vec<Cause>, Decimal)>,
}

/// One row of why.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// The causes; several where they could not be told apart; none where there was no plan before.
    pub causes: Vec<Cause>,
    /// By how much it moves the mean of the total.
    pub amount: Decimal,
}

/// A name, and the one it had.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The name in the plan after, or the only one.
    pub now: String,
    /// The name in the plan before, where it is another.
    pub was: Option<String>,
}

/// What things are called after.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    renames: &'a [Rename],
}

impl Names<'_> {
    fn of(&self, kind: &str, before: &str) -> Name {
        let renamed = self.renames.iter().find(|r| r.kind == kind && r.before == before);
        renamed.map_or_else(
            || Name { now: before.to_owned(), was: None },
            |rename| Name { now: rename.after.clone(), was: Some(before.to_owned()) },
        )
    }
}

/// Names on either side.
fn union(
    before: Option<Side<'_>>,
    after: Side<'_>,
    names: impl Fn(&Plan) -> Vec<String>,
) -> BTreeSet<String> {
    let old = before.map(|side| names(side.plan)).unwrap_or_default();
    names(after.plan).into_iter().chain(old).collect()
}

/// Compares two plans; both use the names of the plan before, and `renames` says what they are now.
///
/// The last step must be the plan after. Without a plan before, everything is new and there is no step.
#[must_use]
pub fn diff(before: Option<Side<'_>>, after: Side<'_>, steps: &[Step], renames: &[Rename]) -> Diff {
    let names = Names { renames };
    let old = before.map(|side| Cost::of(side.plan, side.outcome)).unwrap_or_default();
    let new = Cost::of(after.plan, after.outcome);
    debug_assert!(steps.last().is_none_or(|step| step.cost == new), "steps end at the plan after");
    let months = months(before, after, &old, &new);
    let fiscal = after.plan.fiscal;
    let mut quarters: BTreeMap<Month, (FiscalQuarter, Amounts)> = BTreeMap::new();
    for month in &months {
        let quarter = fiscal.quarter_of(month.month);
        let first = fiscal.first_month_of_quarter(quarter);
        let (_, sums) = quarters.entry(first).or_insert((quarter, Amounts::default()));
        sums.before += month.mean.before;
        sums.after += month.mean.after;
    }
    let draws = |side: Side<'_>| by_draw(&side.outcome.draws.total);
    let (old_draws, new_draws) = (before.map(draws).unwrap_or_default(), draws(after));
    let capex = |side: Side<'_>| {
        let rows = side.outcome.ledger.rows.iter();
        rows.map(|row| row.capex).sum::<Decimal>().round_dp(2)
    };
    Diff {
        plan: after.plan.name.clone(),
        currency: after.plan.currency,
        is_new: before.is_none(),
        quarters: quarters.into_values().collect(),
        total: Amounts { before: old.total(), after: new.total() },
        quantiles: [0.1, 0.5, 0.9].map(|p| noise::moved(&old_draws, &new_draws, p)),
        teams: teams(&old, &new, steps, &names),
        capex: Amounts { before: before.map(capex).unwrap_or_default(), after: capex(after) },
        pools: pools::pools(before, after, &names),
        orders: orders::orders(before, after, &names),
        budgets: gates::budgets(before, after, &names),
        policies: gates::policies(before, after, &names),
        why: why(before.is_none(), &old, &new, steps),
        months,
    }
}

fn months(before: Option<Side<'_>>, after: Side<'_>, old: &Cost, new: &Cost) -> Vec<MonthDiff> {
    let horizons = before.into_iter().chain([after]).map(|side| side.plan.horizon);
    let all: BTreeSet<Month> = horizons.flat_map(crate::calendar::Horizon::iter).collect();
    let nothing = Vec::new();
    let draws = |side: Option<Side<'_>>, month: Month| {
        let side = side?;
        Some(side.outcome.draws.total.get(side.plan.horizon.index(month)?)?.clone())
    };
    all.into_iter()
        .map(|month| {
            let old_draws = draws(before, month).unwrap_or_else(|| nothing.clone());
            let new_draws = draws(Some(after), month).unwrap_or_else(|| nothing.clone());
            MonthDiff {
                month,
                mean: Amounts { before: old.of_month(month), after: new.of_month(month) },
                p50: noise::moved(&old_draws, &new_draws, 0.5),
                p90: noise::moved(&old_draws, &new_draws, 0.9),
            }
        })
        .collect()
}

fn teams(old: &Cost, new: &Cost, steps: &[Step], names: &Names<'_>) -> Vec<TeamDiff> {
    let all: BTreeSet<&Option<String>> = old.by_team.keys().chain(new.by_team.keys()).collect();
    // What has no name sorts first, and is printed last.
    let named = all.iter().filter(|team| team.is_some());
    let unnamed = all.iter().filter(|team| team.is_none());
    named
        .chain(unnamed)
        .map(|team| {
            let team = team.as_deref();
            let mut at = old.of_team(team);
            let why = steps.iter().map(|step| {
                let to = step.cost.of_team(team);
                let amount = to - at;
                at = to;
                (step.causes.clone(), amount)
            });
            TeamDiff {
                name: team.map(|team| names.of("team", team)),
                why: why.filter(|(_, amount)| !amount.is_zero()).collect(),
                cost: Amounts { before: old.of_team(team), after: new.of_team(team) },
            }
        })
        .collect()
}

fn why(is_new: bool, old: &Cost, new: &Cost, steps: &[Step]) -> Vec<Because> {
    if is_new {
        return vec![Because { causes: Vec::new(), amount: new.total() }];
    }
    let mut at = old.total();
    steps
        .iter()
        .map(|step| {
            let to = step.cost.total();
            let amount = to - at;
            at = to;
            Because { causes: step.causes.clone(), amount }
        })
        .collect()
}

/// The sum over months of each draw.
fn by_draw(months: &MonthlyDraws) -> Vec<f64> {
    let mut sums = months.first().cloned().unwrap_or_default();
    for month in months.iter().skip(1) {
        sums.iter_mut().zip(month).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// An amount of a draw, in whole cents.
fn cents(amount: f64) -> Decimal {
    quantised(amount).round_dp(2)
}

impl Diff {
    /// Whether a gate fails that did not fail before: a budget, or a policy that is not a mere warning.
    #[must_use]
    pub fn breaks_a_gate(&self) -> bool {
        self.budgets.iter().any(|budget| budget.turn() == Turn::Broken)
            || self.policies.iter().any(|policy| policy.gates && policy.turn() == Turn::Broken)
    }

    /// Whether no figure differs.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let same = |moved: &Moved| moved.before.total_cmp(&moved.after).is_eq();
        self.total.change().is_zero()
            && self.quantiles.iter().all(same)
            && self.months.iter().all(|m| m.mean.change().is_zero() && same(&m.p50) && same(&m.p90))
            && self.teams.iter().all(|team| team.cost.change().is_zero())
            && !self.pools.iter().any(PoolDiff::differs)
            && self.orders.is_empty()
            && self.budgets.iter().all(|b| matches!(b.turn(), Turn::Holds | Turn::StillFails))
            && self.policies.iter().all(|p| matches!(p.turn(), Turn::Holds | Turn::StillFails))
    }
}

/// A thing of the plan as people say it: ``workload `chat` ``.
#[must_use]
pub fn spoken(thing: &Thing) -> String {
    if thing.1.is_empty() { thing.0.clone() } else { format!("{} `{}`", thing.0, thing.1) }
}
