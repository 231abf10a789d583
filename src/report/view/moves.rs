//! What moved most on a team's statement, and why: over the horizon, and since another revision of the plan.

use serde::Serialize;

use super::money::Money;
use crate::calendar::Month;
use crate::cost::ledger::Chargeback;
use crate::diff::LineDiff;
use crate::explain::moves::{self, MovedLine, Moves, Window};
use crate::outcome::Outcome;
use crate::plan::{CheckedPlan, Plan};
use crate::report::diff::{ChangeView, DiffView, cause_words};
use crate::source::Sources;

/// A team's statement on two sides. Lines come to its totals, causes to what their line changes by.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MovesView {
    /// The first period: `FY2027-Q1`; or the revision before.
    pub from: String,
    /// The second period; or the plan after.
    pub to: String,
    /// The months of both periods; absent where revisions are compared, over all months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<[MonthsView; 2]>,
    /// What the team bears in the first.
    pub before: Money,
    /// What it bears in the second.
    pub after: Money,
    /// Lines that move, the largest change first.
    pub lines: Vec<MovedLineView>,
}

/// A run of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MonthsView {
    /// The first.
    pub first: Month,
    /// The last.
    pub last: Month,
}

/// A line of the statement that moves.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MovedLineView {
    /// The workload; absent for what belongs to no single one.
    pub service: Option<String>,
    /// What it is charged before.
    pub before: Money,
    /// And after.
    pub after: Money,
    /// After less before; what its causes come to.
    pub change: Money,
    /// Why, the largest first.
    pub why: Vec<MovedBy>,
}

/// One cause.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MovedBy {
    /// What moves: `demand`, `price`, `growth`, …
    pub cause: String,
    /// How far.
    pub amount: Money,
    /// What moved, in words and figures of the model.
    pub how: String,
    /// The lines of the plan that say so.
    pub places: Vec<String>,
}

/// What moves every team over the horizon, in the order of `cents`; nothing where it has one month.
pub(super) fn over_horizon(
    plan: &CheckedPlan,
    outcome: &Outcome,
    cents: &Chargeback,
) -> Vec<MovesView> {
    let Some(windows) = moves::windows(&plan.base) else { return Vec::new() };
    let all = moves::moves(&plan.base, outcome, cents, &windows);
    all.iter().map(|found| view(plan, found, &windows)).collect()
}

fn view(plan: &CheckedPlan, found: &Moves, windows: &[Window; 2]) -> MovesView {
    let base = &plan.base;
    let months = [0, 1].map(|at| {
        let months = &windows[at].months;
        let month = |t| base.horizon.month(t);
        MonthsView { first: month(months.start), last: month(months.end - 1) }
    });
    let [from, to] = windows.each_ref().map(|window| window.label.clone());
    let lines =
        found.lines.iter().filter(|line| line.before != line.after || !line.causes.is_empty());
    MovesView {
        from,
        to,
        months: Some(months),
        before: Money::new(found.before),
        after: Money::new(found.after),
        lines: lines.map(|line| line_view(base, &plan.sources, line)).collect(),
    }
}

fn line_view(plan: &Plan, sources: &Sources, line: &MovedLine) -> MovedLineView {
    let why = line.causes.iter().map(|moved| {
        let mut places: Vec<String> =
            moved.places.iter().map(|span| sources.place(*span)).collect();
        places.dedup();
        MovedBy {
            cause: moved.cause.word().to_owned(),
            amount: Money::new(moved.amount),
            how: moved.how.clone(),
            places,
        }
    });
    MovedLineView {
        service: line.workload.map(|id| plan.workloads[id].name.clone()),
        before: Money::new(line.before),
        after: Money::new(line.after),
        change: Money::new(line.after - line.before),
        why: why.collect(),
    }
}

/// What moved a team since another revision; absent where it is new, or nothing of it moves.
pub(super) fn since(view: &DiffView, team: &str) -> Option<MovesView> {
    let mut of_team = view.diff.teams.iter();
    let found = of_team.find(|of| of.name.as_ref().is_some_and(|name| name.now == team))?;
    let mut lines: Vec<MovedLineView> = view
        .lines
        .iter()
        .filter(|line| line.team.now == team)
        .map(|line| changed_line(view, line))
        .collect();
    if lines.is_empty() {
        return None;
    }
    lines.sort_by(|a, b| {
        let size = |line: &MovedLineView| line.change.decimal().abs();
        size(b).cmp(&size(a)).then_with(|| a.service.cmp(&b.service))
    });
    Some(MovesView {
        from: view.sides.0.clone(),
        to: view.sides.1.clone(),
        months: None,
        before: Money::new(found.cost.before),
        after: Money::new(found.cost.after),
        lines,
    })
}

fn changed_line(view: &DiffView, line: &LineDiff) -> MovedLineView {
    let mut why: Vec<MovedBy> = line
        .why
        .iter()
        .map(|(causes, amount)| {
            let own = line.service.as_ref().map(|name| format!("workload `{}`", name.now));
            let all: Vec<&ChangeView> =
                view.changes.iter().filter(|change| causes.contains(&change.cause)).collect();
            let of_own: Vec<&ChangeView> = all
                .iter()
                .copied()
                .filter(|change| own.as_ref() == Some(&change.thing) || change.also > 0)
                .collect();
            // What changes elsewhere moves a line too: through its pool, or through what is shared.
            let said = if of_own.is_empty() { all } else { of_own };
            let mut places: Vec<String> = said
                .iter()
                .filter_map(|change| change.after.as_ref().or(change.before.as_ref()))
                .map(|text| text.place.clone())
                .collect();
            places.dedup();
            let mut how: Vec<String> = said.iter().map(|change| change_words(change)).collect();
            how.dedup();
            MovedBy {
                cause: cause_words(causes),
                amount: Money::new(*amount),
                how: several(&how),
                places,
            }
        })
        .collect();
    why.sort_by(|a, b| {
        let size = |by: &MovedBy| by.amount.decimal().abs();
        size(b).cmp(&size(a)).then_with(|| a.cause.cmp(&b.cause))
    });
    MovedLineView {
        service: line.service.as_ref().map(|name| name.now.clone()),
        before: Money::new(line.cost.before),
        after: Money::new(line.cost.after),
        change: Money::new(line.cost.change()),
        why,
    }
}

fn change_words(change: &ChangeView) -> String {
    let thing = change.thing.replace('`', "");
    if change.setting.is_empty() { thing } else { format!("{thing}, {}", change.setting) }
}

/// The first two, and how many more.
fn several(words: &[String]) -> String {
    match words {
        [a, b, _, ..] => format!("{a}; {b}; and {} more", words.len() - 2),
        _ => words.join("; "),
    }
}
