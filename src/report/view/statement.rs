//! What every team is charged, line by line, in cents.
//!
//! A plan and the outcome of its passes go in; out comes one statement a team. All amounts are whole cents,
//! rounded once by [`to_cents`]: lines foot to their statement, and statements with what nobody bears foot to
//! the invoice. Absent: quantiles of lines, which do not add.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chargeback::{budget_by_month, cost_centers, department};
use super::money::{Money, Quantity};
use super::moves::{self, MovesView};
use crate::allocation::{self, Group, GroupValue, Share};
use crate::cost::ledger::{Category, Row, TeamCharge};
use crate::cost::statement::{cumulative, footed, to_cents};
use crate::ids::Id;
use crate::money::Decimal;
use crate::outcome::Outcome;
use crate::plan::price::Purchase;
use crate::plan::shared_cost::{ShareBy, SharedSource, Split};
use crate::plan::{CheckedPlan, Plan, Pool, SharedCost, Team, Workload};
use crate::report::diff::DiffView;
use crate::source::Sources;

/// A token costs less than a millionth; a rate has as many places as show it.
const RATE_PLACES: u32 = 12;

/// Every team's statement, and how they come to the invoice.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatementsView {
    /// One a team, by name.
    pub teams: Vec<StatementView>,
    /// What no team bears.
    pub unborne: Money,
    /// What all statements and `unborne` come to.
    pub invoice: Money,
}

/// What one team is charged over the horizon, amortised means in whole cents.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatementView {
    /// Who.
    pub team: String,
    /// Its department.
    pub department: Option<String>,
    /// The cost centres that its workloads are charged to: a project's, else its own, else its department's.
    pub cost_center: Option<String>,
    /// Who owns the team.
    pub owner: Option<String>,
    /// One line a service, by name; the line without a name holds what belongs to none.
    pub lines: Vec<ServiceLine>,
    /// What direct cost was paid for; comes to `direct`.
    pub detail: Vec<DetailLine>,
    /// One entry a month of the horizon.
    pub months: Vec<StatementMonth>,
    /// Where direct cost was spent, and how much of what was asked for there was used.
    pub pools: Vec<PoolShare>,
    /// What every rule for idle and shared cost gave it; comes to `idle` and `shared`.
    pub rules: Vec<RuleShare>,
    /// What moves most from the first to the last period of the horizon; absent where it has one month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<MovesView>,
    /// What moved most since another revision, where one was asked for and something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<MovesView>,
    /// Its own workloads.
    pub direct: Money,
    /// Its part of idle capacity.
    pub idle: Money,
    /// Its part of shared cost; negative where a rule takes cost away from it.
    pub shared: Money,
    /// All of it.
    pub total: Money,
}

/// What one service is charged.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServiceLine {
    /// The workload; absent for what belongs to no single one.
    pub service: Option<String>,
    /// What its cost follows: `demand`, `GPU-hours asked for`, `runs`, or a category.
    pub driver: Option<&'static str>,
    /// How many of `unit`, mean over the draws.
    pub quantity: Option<Quantity>,
    /// What is counted: `1,000 requests`, `GPU-hour`.
    pub unit: Option<String>,
    /// Direct cost of one, to twelve places.
    pub rate: Option<Money>,
    /// What it caused.
    pub direct: Money,
    /// Its part of idle capacity.
    pub idle: Money,
    /// Its part of shared cost.
    pub shared: Money,
    /// All of it.
    pub total: Money,
}

/// What a part of direct cost was paid for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DetailLine {
    /// The workload.
    pub service: Option<String>,
    /// The pool.
    pub pool: Option<String>,
    /// What for.
    pub category: Category,
    /// How it was bought.
    pub purchase: Option<&'static str>,
    /// How many of `unit`.
    pub quantity: Quantity,
    /// `GPU-hour`, `core-hour`, `GB-month`, …
    pub unit: &'static str,
    /// Cost of one, to twelve places; absent without any.
    pub rate: Option<Money>,
    /// What it came to.
    pub direct: Money,
}

/// One month of a statement.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatementMonth {
    /// Direct cost.
    pub direct: Money,
    /// Its part of idle capacity.
    pub idle: Money,
    /// Its part of shared cost.
    pub shared: Money,
    /// The team's own budget, where it has one in this month.
    pub budget: Option<Money>,
}

/// A team's cost in one pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolShare {
    /// The pool; absent for what is spent in none.
    pub pool: Option<String>,
    /// What it caused there.
    pub direct: Money,
    /// Use over request of the nodes' resources, weighed by cost, GPUs included, 0 to 1.
    pub efficiency: Option<f64>,
}

/// What one rule gave to a team.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleShare {
    /// The rule's name.
    pub rule: String,
    /// What it spreads and how, a sentence.
    pub method: String,
    /// Where the plan states it.
    pub place: String,
    /// The team's part; negative where the rule takes cost away from it.
    pub amount: Money,
}

impl StatementMonth {
    /// All of the month.
    #[must_use]
    pub fn total(&self) -> Money {
        self.direct + self.idle + self.shared
    }
}

/// Makes every team's statement of the base.
#[must_use]
pub fn statements(plan: &CheckedPlan, outcome: &Outcome) -> StatementsView {
    let (base, sources) = (&plan.base, &plan.sources);
    let cents = to_cents(&outcome.chargeback);
    let moved = moves::over_horizon(plan, outcome, &cents);
    let window = 0..base.horizon.months;
    let by_service =
        by_team(allocation::by_rules(base, outcome, window.clone(), &["team", "workload"], None));
    let by_pool =
        by_team(allocation::by_rules(base, outcome, window.clone(), &["team", "pool"], None));
    let efficiencies = allocation::efficiencies(base, outcome, window, &["team", "pool"]);
    let none = Vec::new();
    let teams = cents.teams.iter().enumerate().map(|(index, charge)| {
        let team = &base.teams[charge.team];
        let sum = |amounts: &[Decimal]| amounts.iter().sum::<Decimal>();
        let sums = [sum(&charge.direct), sum(&charge.idle), sum(&charge.shared)];
        let exact = &outcome.chargeback.teams[index];
        let shares = by_service.get(&team.name).unwrap_or(&none);
        let detail = detail(base, outcome, charge.team, sums[0]);
        let pools = by_pool.get(&team.name).unwrap_or(&none);
        let efficiency = |pool: &Option<String>| {
            let pool = pool.clone().map(GroupValue::Named)?;
            let group = Group::Of(vec![GroupValue::Named(team.name.clone()), pool]);
            efficiencies.get(&group).copied()
        };
        StatementView {
            team: team.name.clone(),
            department: department(base, charge.team),
            cost_center: cost_centers(base, charge.team),
            owner: team.owner.clone(),
            lines: lines(base, outcome, &detail, shares, exact, sums),
            months: months(base, outcome, charge),
            pools: pool_shares(pools, sums[0], efficiency),
            rules: rules(base, sources, outcome, index, sums[1] + sums[2]),
            moves: moved.get(index).cloned(),
            since: None,
            detail,
            direct: Money::new(sums[0]),
            idle: Money::new(sums[1]),
            shared: Money::new(sums[2]),
            total: Money::new(sums.iter().sum()),
        }
    });
    StatementsView {
        teams: teams.collect(),
        unborne: cents.idle.iter().copied().map(Money::new).sum(),
        invoice: cents.invoice.iter().copied().map(Money::new).sum(),
    }
}

impl StatementsView {
    /// The same with what moved since the revision that a comparison begins with.
    #[must_use]
    pub fn since(mut self, changes: &DiffView) -> Self {
        for team in &mut self.teams {
            team.since = moves::since(changes, &team.team);
        }
        self
    }
}

/// What falls to every team, by the second label asked by.
fn by_team(all: allocation::Allocation) -> BTreeMap<String, Vec<(Option<String>, Share)>> {
    let mut teams: BTreeMap<String, Vec<(Option<String>, Share)>> = BTreeMap::new();
    for share in all.rows {
        let Group::Of(values) = &share.group else { continue };
        let [GroupValue::Named(team), of] = values.as_slice() else { continue };
        let of = match of {
            GroupValue::Named(name) => Some(name.clone()),
            GroupValue::Unallocated => None,
        };
        teams.entry(team.clone()).or_default().push((of, share));
    }
    teams
}

/// One line a service. What no service accounts for stands on a line without a name.
fn lines(
    plan: &Plan,
    outcome: &Outcome,
    detail: &[DetailLine],
    shares: &[(Option<String>, Share)],
    exact: &TeamCharge,
    sums: [Decimal; 3],
) -> Vec<ServiceLine> {
    let mut names: Vec<Option<&String>> = shares.iter().map(|(name, _)| name.as_ref()).collect();
    let parts = |share: &Share| [share.direct.total(), share.idle, share.shared];
    let mut amounts: Vec<[Decimal; 3]> = shares.iter().map(|(_, share)| parts(share)).collect();
    let all = [&exact.direct, &exact.idle, &exact.shared];
    let left: Vec<Decimal> = all
        .into_iter()
        .enumerate()
        .map(|(part, all)| {
            all.iter().sum::<Decimal>() - amounts.iter().map(|a| a[part]).sum::<Decimal>()
        })
        .collect();
    if left.iter().any(|left| !left.is_zero()) {
        let place = names.iter().position(Option::is_none).unwrap_or_else(|| {
            names.push(None);
            amounts.push([Decimal::ZERO; 3]);
            names.len() - 1
        });
        for (amount, left) in amounts[place].iter_mut().zip(left) {
            *amount += left;
        }
    }
    let columns: Vec<Vec<Decimal>> = (0..3)
        .map(|part| {
            let column: Vec<Decimal> = amounts.iter().map(|amounts| amounts[part]).collect();
            footed(&column, sums[part], 2)
        })
        .collect();
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let [direct, idle, shared] = [0, 1, 2].map(|part| Money::new(columns[part][index]));
            let driver = name.and_then(|name| driver(plan, outcome, detail, name));
            ServiceLine {
                service: name.cloned(),
                driver: driver.as_ref().map(|driver| driver.0),
                rate: driver
                    .as_ref()
                    .map(|driver| Money::new((direct.decimal() / driver.1).round_dp(RATE_PLACES))),
                quantity: driver.as_ref().map(|driver| Quantity(driver.1)),
                unit: driver.map(|driver| driver.2),
                direct,
                idle,
                shared,
                total: direct + idle + shared,
            }
        })
        .collect()
}

/// What a service's cost follows: what is demanded of it, else GPU-hours, else what most was paid for.
fn driver(
    plan: &Plan,
    outcome: &Outcome,
    detail: &[DetailLine],
    name: &str,
) -> Option<(&'static str, Decimal, String)> {
    let unit = outcome.unit_costs.iter().find(|unit| plan.workloads[unit.workload].name == name);
    if let Some(unit) = unit {
        let driver = match unit.per.as_str() {
            "GPU-hour" => "GPU-hours asked for",
            "run" => "runs",
            _ => "demand",
        };
        return Some((driver, unit.volume, unit.per.clone()));
    }
    let own = detail.iter().filter(|line| line.service.as_deref() == Some(name));
    let largest = own.rev().max_by_key(|line| line.direct)?;
    let Quantity(quantity) = largest.quantity;
    (!quantity.is_zero()).then(|| (largest.category.word(), quantity, largest.unit.to_owned()))
}

/// What a team's direct cost was paid for, by workload, pool, category and purchase.
fn detail(plan: &Plan, outcome: &Outcome, team: Id<Team>, direct: Decimal) -> Vec<DetailLine> {
    type Key = (Option<Id<Workload>>, Option<Id<Pool>>, Category, Option<Purchase>, &'static str);
    let mut sums: BTreeMap<Key, (Decimal, Decimal)> = BTreeMap::new();
    for row in outcome.ledger.rows.iter().filter(|row| row.team == Some(team)) {
        let Row { workload, pool, category, purchase, unit, .. } = *row;
        let sum = sums.entry((workload, pool, category, purchase, unit)).or_default();
        *sum = (sum.0 + row.quantity, sum.1 + row.amortised);
    }
    let exact: Vec<Decimal> = sums.values().map(|sum| sum.1).collect();
    let cents = footed(&exact, direct, 2);
    let line = |((key, (quantity, exact)), cents): ((Key, (Decimal, Decimal)), Decimal)| {
        let (workload, pool, category, purchase, unit) = key;
        DetailLine {
            service: workload.map(|id| plan.workloads[id].name.clone()),
            pool: pool.map(|id| plan.pools[id].name.clone()),
            category,
            purchase: purchase.map(Purchase::word),
            quantity: Quantity(quantity),
            unit,
            rate: (!quantity.is_zero())
                .then(|| Money::new((exact / quantity).round_dp(RATE_PLACES))),
            direct: Money::new(cents),
        }
    };
    sums.into_iter().zip(cents).map(line).collect()
}

fn months(plan: &Plan, outcome: &Outcome, charge: &TeamCharge) -> Vec<StatementMonth> {
    let budget = budget_by_month(plan, outcome, charge.team);
    let amounts: Vec<Decimal> =
        budget.iter().map(|amount| amount.unwrap_or_default().decimal()).collect();
    let cents = cumulative(&amounts, 2);
    (0..plan.horizon.months)
        .map(|t| StatementMonth {
            direct: Money::new(charge.direct[t]),
            idle: Money::new(charge.idle[t]),
            shared: Money::new(charge.shared[t]),
            budget: budget[t].map(|_| Money::new(cents[t])),
        })
        .collect()
}

fn pool_shares(
    shares: &[(Option<String>, Share)],
    direct: Decimal,
    efficiency: impl Fn(&Option<String>) -> Option<f64>,
) -> Vec<PoolShare> {
    let caused = shares.iter().filter(|(_, share)| !share.direct.total().is_zero());
    let caused: Vec<_> = caused.collect();
    let exact: Vec<Decimal> = caused.iter().map(|(_, share)| share.direct.total()).collect();
    // A team whose cost has no place has no shares to foot.
    let cents = if exact.is_empty() { Vec::new() } else { footed(&exact, direct, 2) };
    let share = |((pool, _), cents): (&&(Option<String>, Share), Decimal)| PoolShare {
        pool: pool.clone(),
        direct: Money::new(cents),
        efficiency: efficiency(pool),
    };
    caused.iter().zip(cents).map(share).collect()
}

/// What every rule gave a team; together `sum`.
fn rules(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    team: usize,
    sum: Decimal,
) -> Vec<RuleShare> {
    let charges = &outcome.chargeback.by_rule;
    let exact: Vec<Decimal> =
        charges.iter().map(|charge| charge.teams[team].iter().sum::<Decimal>()).collect();
    let cents = if exact.is_empty() { Vec::new() } else { footed(&exact, sum, 2) };
    let given = charges.iter().zip(cents).filter(|(_, cents)| !cents.is_zero());
    given
        .map(|(charge, cents)| {
            let rule = &plan.shared_costs[charge.rule];
            RuleShare {
                rule: rule.name.clone(),
                method: method(plan, rule),
                place: sources.place(rule.origin),
                amount: Money::new(cents),
            }
        })
        .collect()
}

/// What a rule spreads and how, in plain words.
fn method(plan: &Plan, rule: &SharedCost) -> String {
    let what = match &rule.from {
        SharedSource::Idle(pool) => {
            format!("the part of pool {} that nobody asked for", plan.pools[*pool].name)
        }
        SharedSource::Workload(workload) => {
            format!("all cost of workload {}", plan.workloads[*workload].name)
        }
        SharedSource::Team(team) => format!("all direct cost of team {}", plan.teams[*team].name),
        SharedSource::AmountPerMonth(_) => "a stated amount a month".to_owned(),
    };
    let how = match &rule.split {
        Split::Proportional { by, over_months } => {
            let by = match by {
                ShareBy::Usage => "what each team used",
                ShareBy::Allocation => "what each team asked for",
                ShareBy::DirectCost => "each team's direct cost",
            };
            match over_months {
                0 | 1 => format!("in proportion to {by}"),
                months => format!("in proportion to {by} over {months} months"),
            }
        }
        Split::Even => "in equal parts over the teams with direct cost".to_owned(),
        Split::Fixed(shares) => {
            let share = |(team, share): &(Id<Team>, f64)| {
                let percent = (share * 100_000.0).round() / 1000.0;
                format!("{} {percent}%", plan.teams[*team].name)
            };
            format!("by stated shares: {}", shares.iter().map(share).collect::<Vec<_>>().join(", "))
        }
    };
    let cap = rule.cap_of_direct.map_or_else(String::new, |cap| {
        format!(", at most {}% of a team's direct cost", (cap * 100_000.0).round() / 1000.0)
    });
    let rest = rule
        .rest
        .map_or_else(String::new, |team| format!("; the rest goes to {}", plan.teams[team].name));
    format!("{what}, {how}{cap}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    fn made() -> StatementsView {
        let (plan, outcomes) = plan_and_outcomes(&Words::default());
        statements(&plan, &outcomes.base)
    }

    fn sum(amounts: impl Iterator<Item = Money>) -> Money {
        amounts.sum()
    }

    #[test]
    fn statements_and_what_nobody_bears_come_to_the_invoice() {
        let all = made();
        assert_eq!(sum(all.teams.iter().map(|team| team.total)) + all.unborne, all.invoice);
        let exact = report(&Words::default()).chargeback.invoice.decimal();
        assert_eq!(all.invoice.decimal(), exact.round_dp(2));
    }

    #[test]
    fn every_part_of_a_statement_foots_to_its_total() {
        for team in made().teams {
            assert_eq!(sum(team.lines.iter().map(|line| line.total)), team.total, "{}", team.team);
            assert_eq!(sum(team.lines.iter().map(|line| line.direct)), team.direct);
            assert_eq!(sum(team.lines.iter().map(|line| line.idle)), team.idle);
            assert_eq!(sum(team.lines.iter().map(|line| line.shared)), team.shared);
            assert_eq!(sum(team.detail.iter().map(|line| line.direct)), team.direct);
            assert_eq!(sum(team.months.iter().map(StatementMonth::total)), team.total);
            assert_eq!(sum(team.pools.iter().map(|pool| pool.direct)), team.direct);
            let cents = |money: Money| money.decimal() == money.decimal().round_dp(2);
            assert!(team.lines.iter().all(|line| cents(line.total)));
        }
    }

    #[test]
    fn quantity_times_rate_is_direct_cost() {
        let all = made();
        let lines = all.teams.iter().flat_map(|team| &team.lines);
        let mut seen = 0;
        for line in lines {
            let (Some(Quantity(quantity)), Some(rate)) = (line.quantity, line.rate) else {
                continue;
            };
            let off = (quantity * rate.decimal() - line.direct.decimal()).abs();
            assert!(
                off <= quantity * Decimal::new(1, RATE_PLACES),
                "{:?}: off by {off}",
                line.service
            );
            seen += 1;
        }
        assert!(seen >= 5, "{seen} lines have a rate");
    }
}
