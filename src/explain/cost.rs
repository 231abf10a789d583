//! Cost: team ← rules and workloads ← rows of the ledger ← quantity × price ← need ← demand ← the plan.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::{Explainer, Figure, Of, Step};
use crate::allocation::{self, Selector, Share};
use crate::cost::ledger::{Category, Row, RuleCharge};
use crate::cost::prices::owned_workloads;
use crate::ids::Id;
use crate::money::{Decimal, to_f64};
use crate::plan::budget::BudgetOwner;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Pool, Provider, Team, Workload};
use crate::source::Span;

/// What rows of the ledger have in common that are one step.
type Group =
    (Category, Option<Id<Pool>>, Option<Id<Provider>>, Option<Purchase>, &'static str, Span);

impl Explainer<'_> {
    /// The cost of something.
    pub(super) fn cost(&self, of: &Of, months: &Range<usize>) -> Step {
        match of {
            Of::Team(name) => match self.plan.teams.find(name) {
                Some(team) => self.team(team, months),
                None => Step::new(format!("cost of team {name}")),
            },
            Of::Department(name) => {
                let id = self.plan.departments.find(name);
                self.teams(format!("cost of department {name}"), months, |team| {
                    id.is_some() && team.department == id
                })
            }
            Of::CostCenter(name) => self.cost_center(name, months),
            Of::Workload(name) => match self.plan.workloads.find(name) {
                Some(id) => self.workload(id, months, format!("cost of workload {name}")),
                None => Step::new(format!("cost of workload {name}")),
            },
            Of::Pool(name) => self.pool(name, months),
            Of::Category(category) => {
                let rows = self.rows(months, |row| row.category == *category);
                self.by_cause(format!("cost of {}", category.word()), &rows, months)
            }
            Of::Total | Of::Budget(_) => {
                let mut parts = self.teams(String::new(), months, |_| true).parts;
                parts.push(self.unborne(months));
                Step::sum("total cost", parts).how("what each team bears, and what none does")
            }
        }
    }

    /// Rows of some months that pass a test.
    fn rows(&self, months: &Range<usize>, test: impl Fn(&Row) -> bool) -> Vec<&Row> {
        let rows = self.outcome.ledger.rows.iter();
        rows.filter(|row| months.contains(&row.t) && test(row)).collect()
    }

    fn teams(&self, what: String, months: &Range<usize>, test: impl Fn(&Team) -> bool) -> Step {
        let teams = self.plan.teams.iter().filter(|(_, team)| test(team));
        Step::sum(what, teams.map(|(id, _)| self.team(id, months)).collect())
            .how("sum of its teams, after chargeback")
    }

    /// What is charged to a cost centre: of every team the workloads that are charged to it, and what falls to them of
    /// the team's idle and shared cost.
    fn cost_center(&self, name: &str, months: &Range<usize>) -> Step {
        let mut parts = Vec::new();
        for (team, of) in self.plan.teams.iter() {
            if !self.plan.cost_centers_of(team).contains(&name) {
                continue;
            }
            let wanted = [("team", &of.name), ("cost-center", &name.to_owned())];
            let wanted = wanted.map(|(label, value)| (label, vec![Some(value.clone())])).into();
            let filter = Selector { wanted };
            let by = ["cost-center"];
            let found =
                allocation::by_rules(self.plan, self.outcome, months.clone(), &by, Some(&filter));
            let sum = |part: fn(&Share) -> Decimal| found.rows.iter().map(part).sum::<Decimal>();
            let own = self.plan.workloads.iter().filter(|(id, workload)| {
                workload.team == team && self.plan.cost_center(*id) == Some(name)
            });
            let direct = own.map(|(id, workload)| {
                self.workload(id, months, format!("workload {}", workload.name))
            });
            let direct = Step::sum("direct cost", direct.collect()).how("sum of its workloads");
            let given = [("idle", sum(|share| share.idle)), ("shared", sum(|share| share.shared))];
            let given = given.map(|(what, amount)| {
                Step::money(format!("{what} cost"), amount)
                    .how("what rules give the team, in proportion to direct cost")
            });
            let step =
                Step::sum(format!("team {}", of.name), [vec![direct], given.into()].concat());
            parts.push(
                step.how("its workloads that are charged there, with their idle and shared cost")
                    .at(self.place(of.origin)),
            );
        }
        Step::sum(format!("cost of cost center {name}"), parts).how("sum over teams")
    }

    /// What a team bears: its workloads, and what each rule gives it or takes from it.
    fn team(&self, id: Id<Team>, months: &Range<usize>) -> Step {
        let team = &self.plan.teams[id];
        let own = self.plan.workloads.iter().filter(|(_, workload)| workload.team == id);
        let workloads = own
            .map(|(id, workload)| self.workload(id, months, format!("workload {}", workload.name)));
        let mut direct = Step::sum("direct cost", workloads.collect()).how("sum of its workloads");
        // A row of a team without a workload is direct cost of its own.
        let rows = self.rows(months, |row| row.team == Some(id) && row.workload.is_none());
        if !rows.is_empty() {
            direct.parts.extend(self.groups(&rows));
            direct = Step::sum("direct cost", direct.parts).how("sum of its workloads");
        }
        let mut parts = vec![direct];
        parts.extend(self.rules_of(id, months));
        Step::sum(format!("team {}", team.name), parts)
            .how("direct cost, and its part of idle and shared cost")
            .at(self.place(team.origin))
    }

    /// What each rule gives a team or takes from it.
    pub(super) fn rules_of(&self, id: Id<Team>, months: &Range<usize>) -> Vec<Step> {
        let step = |charge: &RuleCharge| {
            let rule = &self.plan.shared_costs[charge.rule];
            let given: Decimal = charge.teams[id.index()][months.clone()].iter().sum();
            let how = if given.is_sign_negative() {
                "what the rule takes from it, to be spread"
            } else {
                "its part of what the rule spreads"
            };
            let step = Step::money(format!("rule {}", rule.name), given);
            step.how(how).at(self.place(rule.origin))
        };
        self.outcome.chargeback.by_rule.iter().map(step).collect()
    }

    /// What no team bears: idle capacity by pool, less what rules spread.
    fn unborne(&self, months: &Range<usize>) -> Step {
        let rows = self.rows(months, |row| row.team.is_none());
        let mut by_pool: BTreeMap<Option<Id<Pool>>, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            by_pool.entry(row.pool).or_default().push(row);
        }
        let mut parts: Vec<Step> = by_pool
            .into_iter()
            .map(|(pool, rows)| {
                let what = pool.map_or_else(
                    || "stated shared amounts".to_owned(),
                    |pool| format!("idle capacity of pool {}", self.plan.pools[pool].name),
                );
                Step::sum(what, self.groups(&rows))
            })
            .collect();
        for charge in &self.outcome.chargeback.by_rule {
            let rule = &self.plan.shared_costs[charge.rule];
            let of_teams = charge.teams.iter();
            let spread: Decimal =
                of_teams.map(|team| team[months.clone()].iter().sum::<Decimal>()).sum();
            parts.push(
                Step::money(format!("rule {}", rule.name), -spread)
                    .how("spread over teams, so borne there")
                    .at(self.place(rule.origin)),
            );
        }
        Step::sum("borne by no team", parts).how("what nobody asked for, less what rules spread")
    }

    /// A workload's rows, and what they rest on.
    fn workload(&self, id: Id<Workload>, months: &Range<usize>, what: String) -> Step {
        let rows = self.rows(months, |row| row.workload == Some(id));
        let mut step = Step::sum(what, self.groups(&rows))
            .how("sum of its ledger rows: quantity × price")
            .at(self.place(self.plan.workloads[id].origin));
        if !rows.is_empty() {
            step.because = self.needs(id, months);
        }
        step
    }

    fn pool(&self, name: &str, months: &Range<usize>) -> Step {
        let what = format!("cost of pool {name}");
        let Some(id) = self.plan.pools.find(name) else { return Step::new(what) };
        let rows = self.rows(months, |row| row.pool == Some(id));
        let mut step =
            self.by_cause(what, &rows, months).at(self.place(self.plan.pools[id].origin));
        step.because.push(self.need_of_pool(name, months));
        step
    }

    /// Rows by who caused them.
    pub(super) fn by_cause(&self, what: String, rows: &[&Row], months: &Range<usize>) -> Step {
        type Causer = (Option<Id<Workload>>, Option<Id<Pool>>);
        let mut by: BTreeMap<Causer, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let pool = if row.workload.is_none() { row.pool } else { None };
            by.entry((row.workload, pool)).or_default().push(row);
        }
        let parts = by.into_iter().map(|((workload, pool), rows)| match (workload, pool) {
            (Some(id), _) => {
                let workload = &self.plan.workloads[id];
                let mut step = Step::sum(format!("workload {}", workload.name), self.groups(&rows))
                    .how("sum of its ledger rows: quantity × price")
                    .at(self.place(workload.origin));
                step.because = self.needs(id, months);
                step
            }
            (None, Some(pool)) => {
                let name = &self.plan.pools[pool].name;
                Step::sum(format!("idle capacity of pool {name}"), self.groups(&rows))
                    .how("supplied, less what was asked for")
            }
            (None, None) => Step::sum("stated shared amounts", self.groups(&rows)),
        });
        Step::sum(what, parts.collect()).how("sum of ledger rows")
    }

    /// Rows that agree in all but their month, as one step each: quantity × mean price.
    fn groups(&self, rows: &[&Row]) -> Vec<Step> {
        let mut groups: BTreeMap<Group, (Decimal, Decimal)> = BTreeMap::new();
        for row in rows {
            let key = (row.category, row.pool, row.provider, row.purchase, row.unit, row.origin);
            let (quantity, amount) = groups.entry(key).or_default();
            *quantity += row.quantity;
            *amount += row.amortised;
        }
        let step = |((category, pool, provider, purchase, unit, origin), (quantity, amount)): (
            Group,
            (Decimal, Decimal),
        )| {
            let mut what = category.word().to_owned();
            if let Some(pool) = pool {
                let _ = write!(what, ", pool {}", self.plan.pools[pool].name);
            } else if let Some(provider) = provider {
                let _ = write!(what, ", {}", self.plan.providers[provider].name);
            }
            if let Some(purchase) = purchase {
                let _ = write!(what, ", {}", purchase.word());
            }
            let mut step = Step::money(what, amount).at(self.place(origin));
            if !quantity.is_zero() {
                let price = to_f64(amount) / to_f64(quantity);
                step.how = format!("{} {unit} × {}", amount_of(to_f64(quantity)), price_of(price));
            }
            step.because.extend(self.price(pool, provider, purchase));
            step
        };
        groups.into_iter().map(step).collect()
    }

    /// The line of the plan that states a price.
    fn price(
        &self,
        pool: Option<Id<Pool>>,
        _provider: Option<Id<Provider>>,
        purchase: Option<Purchase>,
    ) -> Option<Step> {
        let (pool, purchase) = (pool?, purchase?);
        match &self.plan.pools[pool].supply {
            PoolSupply::Instances(candidates) => {
                let choice = self.outcome.choices.iter().find(|choice| choice.pool == pool)?;
                let candidate = candidates.get(choice.chosen()?)?;
                let instance = &self.plan.instances[candidate.instance];
                let price = instance.prices.iter().find(|price| {
                    price.purchase == purchase
                        && (price.region.is_none() || price.region == candidate.region)
                })?;
                let stated = self.sources.text(price.per_hour.estimate.origin);
                let what = format!("price of {}, {}: {stated}", instance.name, purchase.word());
                Some(Step::new(what).at(self.place(price.origin)))
            }
            PoolSupply::Owned(owned) => {
                let owned = &self.plan.owned[*owned];
                Some(
                    Step::new(format!("owned hardware {}", owned.name))
                        .at(self.place(owned.origin)),
                )
            }
            PoolSupply::Storage(_) => None,
        }
    }

    /// The direct cost of the workloads of a project or cost centre, which is what its budget counts.
    fn owned(&self, what: String, owner: &BudgetOwner, months: &Range<usize>) -> Step {
        let own = owned_workloads(self.plan, std::slice::from_ref(owner));
        let parts = own.into_iter().map(|id| {
            self.workload(id, months, format!("workload {}", self.plan.workloads[id].name))
        });
        Step::sum(what, parts.collect()).how("direct cost of its workloads")
    }

    /// A budget: its amount, and the cost of whom it covers.
    pub(super) fn budget(&self, name: &str, months: &Range<usize>) -> Step {
        let what = format!("budget {name}");
        let Some(id) = self.plan.budgets.find(name) else { return Step::new(what) };
        let budget = &self.plan.budgets[id];
        let Some(outcome) = self.outcome.budgets.iter().find(|o| o.budget == id) else {
            return Step::new(what);
        };
        let of_month = |amounts: &[Decimal]| -> Decimal {
            let covered = outcome.covered.iter().zip(amounts);
            covered.filter(|(t, _)| months.contains(t)).map(|(_, amount)| *amount).sum()
        };
        let forecast = of_month(&outcome.forecast_by_month);
        let amount = of_month(&outcome.amount_by_month);
        let mut stated = self.line(budget.origin);
        stated.amount = Some(Figure::Money(amount));
        stated.how = format!("{} phased over these months", budget.period_label);
        let mut step = Step::money(format!("forecast of {what}"), forecast)
            .how(format!("{} cost of whom it covers, in its months", budget.basis.word()))
            .at(self.place(budget.origin));
        step.because.push(stated);
        let covered = outcome.covered.iter().copied().filter(|t| months.contains(t));
        let (first, last) = (covered.clone().min(), covered.max());
        let (Some(first), Some(last)) = (first, last) else { return step };
        let covered = first..last + 1;
        let owners = budget.owners.iter().map(|owner| match owner {
            BudgetOwner::Team(id) => self.team(*id, &covered),
            BudgetOwner::Department(id) => {
                self.cost(&Of::Department(self.plan.departments[*id].name.clone()), &covered)
            }
            BudgetOwner::CostCenter(name) => {
                self.owned(format!("cost center {name}"), owner, &covered)
            }
            BudgetOwner::Project(id) => {
                self.owned(format!("project {}", self.plan.projects[*id].name), owner, &covered)
            }
        });
        let mut owners: Vec<Step> = owners.collect();
        if owners.is_empty() {
            owners.push(self.cost(&Of::Total, &covered));
        }
        // Only where the amortised cost of its owners is what it counts do they sum to it.
        if owners.iter().map(Step::worth).sum::<Decimal>() == forecast {
            let because = std::mem::take(&mut step.because);
            let sum = Step::sum(step.what.clone(), owners);
            return Step { because, how: step.how, place: step.place, ..sum };
        }
        step.because.extend(owners);
        step
    }
}

/// A quantity in print: six significant figures at most.
pub(super) fn amount_of(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 1.0 => 2,
        _ => 4,
    };
    grouped(&format!("{value:.places$}"))
}

/// A price in print, with as many places as it needs.
pub(super) fn price_of(value: f64) -> String {
    let size = value.abs();
    if size >= 1.0 || size == 0.0 {
        return format!("{value:.4}");
    }
    let zeros = (1..18).take_while(|zeros| size * 10_f64.powi(*zeros) < 1.0).count();
    format!("{value:.*}", zeros + 4)
}

/// Thousands apart.
fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(w, r)| (w, Some(r)));
    let digits = whole.trim_start_matches('-');
    let mut out = String::from(if whole.starts_with('-') { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}
