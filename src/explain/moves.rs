//! What moves the lines of a team's statement from one run of months to another, and why.
//!
//! A plan, its outcome, a team and two windows of equal length go in; every line with its cause rows comes out, in
//! whole cents: causes sum to their line, lines to what the team's statement changes by. What a line causes itself is
//! substituted in a fixed order: days, demand, what one unit of demand takes or runs work, how that is bought, prices. What falls
//! to it of idle and shared cost goes by rule, then by its part of the team. Absent: quantiles, which do not add.

mod places;
mod substitution;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::substitution::{Bought, Levels, Rows, Substance};
use self::words::{from_part_to, percent, rates, shares, substance};
use super::cost::amount_of;
use super::{Explainer, Step};
use crate::allocation::{self, Group, GroupValue};
use crate::calendar::{Horizon, days_between};
use crate::cost::ledger::{Category, Chargeback, RuleCharge, TeamCharge};
use crate::cost::statement::footed;
use crate::draws::mean;
use crate::ids::Id;
use crate::money::{Decimal, to_f64};
use crate::outcome::Outcome;
use crate::plan::shared_cost::SharedSource;
use crate::plan::{Plan, Pool, Team, Workload};
use crate::source::Span;

/// A run of months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// `FY2027-Q1`, or a month.
    pub label: String,
    /// The first month and the one after the last, counted from the horizon's first.
    pub months: Range<usize>,
}

/// A team's statement in two windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    /// What the team bears in the first.
    pub before: Decimal,
    /// What it bears in the second.
    pub after: Decimal,
    /// Its lines, the largest change first; together they are the statement.
    pub lines: Vec<MovedLine>,
}

/// One line of the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedLine {
    /// The workload; absent for what belongs to no single one.
    pub workload: Option<Id<Workload>>,
    /// What it is charged in the first window.
    pub before: Decimal,
    /// And in the second.
    pub after: Decimal,
    /// Rows that sum to the change, the largest first.
    pub causes: Vec<Moved>,
}

/// One row of why.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// What moves.
    pub cause: Cause,
    /// How far it moves the line, whole cents.
    pub amount: Decimal,
    /// What moved, in words and figures of the model.
    pub how: String,
    /// The lines of the plan that say so.
    pub places: Vec<Span>,
}

/// What moves a line, in the order of substitution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It begins: nothing was charged before.
    Begins,
    /// It ends: nothing is charged any more.
    Ends,
    /// The windows have other days.
    Days,
    /// More or less is asked for.
    Demand,
    /// One unit of demand takes more or less.
    Efficiency,
    /// Runs begin, end or work more or less.
    Runs,
    /// It is bought in another way: commitments begin or end.
    Purchase,
    /// A unit costs more or less.
    Price,
    /// A rule gives the team another part of idle capacity.
    Idle,
    /// A rule gives the team another part of shared cost.
    Shared,
    /// The line's part of what falls to the team is another.
    Share,
}

impl Cause {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::Ends => "ends",
            Self::Days => "days",
            Self::Demand => "demand",
            Self::Efficiency => "efficiency",
            Self::Runs => "runs",
            Self::Purchase => "purchase",
            Self::Price => "price",
            Self::Idle => "idle",
            Self::Shared => "shared",
            Self::Share => "share",
        }
    }
}

/// The first and the last fiscal quarter that the plan looks at in full; its first and last month where there are
/// not two; nothing where it looks at one month.
#[must_use]
pub fn windows(plan: &Plan) -> Option<[Window; 2]> {
    let Horizon { months, .. } = plan.horizon;
    let mut quarters: Vec<Window> = Vec::new();
    for (t, month) in plan.horizon.iter().enumerate() {
        let label = plan.fiscal.quarter_of(month).to_string();
        match quarters.last_mut() {
            Some(last) if last.label == label => last.months.end = t + 1,
            _ => quarters.push(Window { label, months: t..t + 1 }),
        }
    }
    quarters.retain(|quarter| quarter.months.len() == 3);
    if let [first, .., last] = quarters.as_slice() {
        return Some([first.clone(), last.clone()]);
    }
    let month = |t: usize| Window { label: plan.horizon.month(t).to_string(), months: t..t + 1 };
    (months > 1).then(|| [month(0), month(months - 1)])
}

/// What moves the lines of every team's statement, in the order of `cents`: what they are charged by month in whole
/// cents, which their statements show.
#[must_use]
pub fn moves(
    plan: &Plan,
    outcome: &Outcome,
    cents: &Chargeback,
    windows: &[Window; 2],
) -> Vec<Moves> {
    let charged = windows.each_ref().map(|window| charged(plan, outcome, &window.months));
    let nothing = Lines::new();
    let of_team = |of: &TeamCharge| {
        let charged = charged.each_ref().map(|all| all.get(&of.team).unwrap_or(&nothing));
        Statement { plan, outcome, team: of.team, windows, charged }.moves(of)
    };
    cents.teams.iter().map(of_team).collect()
}

/// The lines of one statement.
type Lines = BTreeMap<Option<Id<Workload>>, Charged>;

/// What every line of every team is charged over some months.
fn charged(plan: &Plan, outcome: &Outcome, months: &Range<usize>) -> BTreeMap<Id<Team>, Lines> {
    let mut teams: BTreeMap<Id<Team>, Lines> = BTreeMap::new();
    for row in outcome.ledger.rows.iter().filter(|row| months.contains(&row.t)) {
        let Some(team) = row.team else { continue };
        let line = teams.entry(team).or_default().entry(row.workload).or_default();
        let bought = line.direct.entry((row.pool, row.category, row.unit)).or_default();
        let (quantity, amount) = bought.entry(row.purchase).or_default();
        *quantity += row.quantity;
        *amount += row.amortised;
    }
    let all = allocation::by_rules(plan, outcome, months.clone(), &["team", "workload"], None);
    for share in all.rows {
        let Group::Of(values) = &share.group else { continue };
        let [GroupValue::Named(team), workload] = values.as_slice() else { continue };
        let Some(team) = plan.teams.find(team) else { continue };
        let workload = match workload {
            GroupValue::Named(name) => plan.workloads.find(name),
            GroupValue::Unallocated => None,
        };
        let line = teams.entry(team).or_default().entry(workload).or_default();
        line.idle += share.idle;
        line.shared += share.shared;
    }
    teams
}

/// What a line is charged in one window, exact.
#[derive(Debug, Clone, Default)]
struct Charged {
    direct: BTreeMap<Substance, Bought>,
    idle: Decimal,
    shared: Decimal,
}

impl Charged {
    fn total(&self) -> Decimal {
        let direct = self.direct.values().flat_map(BTreeMap::values);
        direct.map(|(_, amount)| *amount).sum::<Decimal>() + self.idle + self.shared
    }
}

struct Line {
    workload: Option<Id<Workload>>,
    charged: [Charged; 2],
}

struct Statement<'a> {
    plan: &'a Plan,
    outcome: &'a Outcome,
    team: Id<Team>,
    windows: &'a [Window; 2],
    /// What its lines are charged in both.
    charged: [&'a Lines; 2],
}

impl Statement<'_> {
    /// The statement; `cents` is what it shows by month.
    fn moves(&self, cents: &TeamCharge) -> Moves {
        let sum =
            |window: &Window| -> Decimal { window.months.clone().map(|t| cents.total(t)).sum() };
        let (before, after) = (sum(&self.windows[0]), sum(&self.windows[1]));
        let lines = self.lines();
        let exact =
            |at: usize| lines.iter().map(|line| line.charged[at].total()).collect::<Vec<_>>();
        let (old, new) = (exact(0), exact(1));
        let place = |exact: Vec<Decimal>, sum| {
            if exact.is_empty() { exact } else { footed(&exact, sum, 2) }
        };
        let (old, new) = (place(old, before), place(new, after));
        let lines = lines.into_iter().zip(old.into_iter().zip(new));
        let mut lines: Vec<MovedLine> = lines
            .map(|(line, (before, after))| {
                let mut causes = self.causes(&line);
                let exact: Vec<Decimal> = causes.iter().map(|cause| cause.amount).collect();
                if !exact.is_empty() {
                    let cents = footed(&exact, after - before, 2);
                    causes.iter_mut().zip(cents).for_each(|(cause, cents)| cause.amount = cents);
                }
                causes.retain(|cause| !cause.amount.is_zero());
                causes.sort_by(|a, b| {
                    b.amount.abs().cmp(&a.amount.abs()).then_with(|| a.cause.cmp(&b.cause))
                });
                MovedLine { workload: line.workload, before, after, causes }
            })
            .collect();
        let change = |line: &MovedLine| (line.after - line.before).abs();
        lines.sort_by(|a, b| change(b).cmp(&change(a)).then(a.workload.cmp(&b.workload)));
        Moves { before, after, lines }
    }

    /// Every line of either window, by name; the one of no single workload first.
    fn lines(&self) -> Vec<Line> {
        let [old, new] = self.charged;
        let names: BTreeSet<Option<Id<Workload>>> = old.keys().chain(new.keys()).copied().collect();
        let of = |all: &Lines, name| all.get(&name).cloned().unwrap_or_default();
        let line = |workload| Line { workload, charged: [of(old, workload), of(new, workload)] };
        names.into_iter().map(line).collect()
    }

    /// Why a line moves: exact amounts that sum to its change.
    fn causes(&self, line: &Line) -> Vec<Moved> {
        let mut causes = match line.workload {
            Some(id) => self.own(id, &line.charged),
            None => Vec::new(),
        };
        if line.workload.is_none() {
            let [old, new] = &line.charged;
            let sum = |of: &Charged| of.total() - of.idle - of.shared;
            let cause = if sum(old).is_zero() { Cause::Begins } else { Cause::Price };
            let amount = sum(new) - sum(old);
            causes.push(Moved { cause, amount, how: String::new(), places: Vec::new() });
        }
        causes.extend(self.given(line));
        causes.retain(|cause| !cause.amount.is_zero());
        causes
    }

    /// What a workload causes itself: each substance by substitution, summed over substances.
    fn own(&self, id: Id<Workload>, charged: &[Charged; 2]) -> Vec<Moved> {
        let days = self.days();
        let levels = [0, 1].map(|at| self.level(id, &self.windows[at].months));
        let growth = match levels {
            [Some(old), Some(new)] if old > 0.0 && new > 0.0 => new / old,
            _ => 1.0,
        };
        let ratio = |value: f64| Decimal::try_from(value).unwrap_or(Decimal::ONE);
        let [old, new] = charged;
        let names: BTreeSet<&Substance> = old.direct.keys().chain(new.direct.keys()).collect();
        let nothing = Bought::new();
        let workload = &self.plan.workloads[id];
        let runs = workload.demand.is_none() && !workload.runs.is_empty();
        let work = if runs { Cause::Runs } else { Cause::Efficiency };
        let mut rows = Rows::default();
        // Support is a share of the rest of its pool's cost, which is told first.
        let (support, rest): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|(_, category, _)| *category == Category::Support);
        let mut of_pools: BTreeMap<Option<Id<Pool>>, [Decimal; 6]> = BTreeMap::new();
        for name in rest.into_iter().chain(support) {
            let (old, new) = (
                old.direct.get(name).unwrap_or(&nothing),
                new.direct.get(name).unwrap_or(&nothing),
            );
            let of_pool = of_pools.entry(name.0).or_default();
            let levels = if name.1 == Category::Support {
                Levels::alongside(of_pool, old, new)
            } else {
                // What is stored counts by the month of 730 hours: its days too.
                let levels = Levels::of(old, new, ratio(days[1] / days[0]), ratio(growth));
                of_pool.iter_mut().zip(levels.at).for_each(|(sum, level)| *sum += level);
                levels
            };
            rows.add(*name, work, &levels, old, new);
        }
        let how_days = format!("{} to {} days", days[0], days[1]);
        rows.into_causes(|cause, mark| match cause {
            Cause::Days => (how_days.clone(), Vec::new()),
            Cause::Demand => (percent(growth), self.demand_places(id)),
            Cause::Efficiency => self.efficiency(id, mark, growth * days[1] / days[0]),
            Cause::Runs => self.runs(id, mark, days[1] / days[0]),
            Cause::Purchase => {
                let places = self.commitments(mark.name.0);
                let places = if places.is_empty() { self.supply(id, mark) } else { places };
                (shares(mark) + &mark.others(), places)
            }
            Cause::Price => {
                let mut places = [self.commitments(mark.name.0), self.prices(mark)].concat();
                if places.is_empty() {
                    places = self.supply(id, mark);
                }
                (rates(mark) + &mark.others(), places)
            }
            _ => (substance(self.plan, mark.name) + &mark.others(), vec![workload.origin]),
        })
    }

    fn days(&self) -> [f64; 2] {
        [0, 1].map(|at| {
            let months = self.windows[at].months.clone();
            f64::from(months.map(|t| self.plan.horizon.month(t).days()).sum::<u32>())
        })
    }

    /// The mean level of demand in some months, where it has any.
    fn level(&self, id: Id<Workload>, months: &Range<usize>) -> Option<f64> {
        let (mut sum, mut days) = (0.0, 0.0);
        for span in &self.outcome.demand.of(id)?.spans {
            if months.contains(&span.t) {
                let length = f64::from(days_between(span.from, span.until));
                sum += mean(&span.level) * length;
                days += length;
            }
        }
        (days > 0.0).then(|| sum / days)
    }

    /// Idle and shared cost: each rule at the line's part of before, then the line's part.
    fn given(&self, line: &Line) -> Vec<Moved> {
        let mut rows = Vec::new();
        let mut share = Decimal::ZERO;
        let mut parts: Option<(Decimal, Decimal, Decimal, &str, Vec<Span>)> = None;
        for cause in [Cause::Idle, Cause::Shared] {
            let of = |charged: &Charged| match cause {
                Cause::Idle => charged.idle,
                _ => charged.shared,
            };
            let is_kind = |charge: &&RuleCharge| {
                let idle =
                    matches!(self.plan.shared_costs[charge.rule].from, SharedSource::Idle(_));
                idle == (cause == Cause::Idle)
            };
            let rules: Vec<&RuleCharge> =
                self.outcome.chargeback.by_rule.iter().filter(is_kind).collect();
            let given = |charge: &RuleCharge, at: usize| -> Decimal {
                charge.teams[self.team.index()][self.windows[at].months.clone()].iter().sum()
            };
            let [old, new] = [0, 1].map(|at| of(&line.charged[at]));
            let [all_old, all_new] =
                [0, 1].map(|at| rules.iter().map(|charge| given(charge, at)).sum::<Decimal>());
            let part = |part: Decimal, whole: Decimal| (!whole.is_zero()).then(|| part / whole);
            let (from, to) = (part(old, all_old), part(new, all_new));
            let Some(from) = from.or(to) else {
                share += new - old;
                continue;
            };
            let mut left = new - old;
            let origins =
                rules.iter().map(|charge| self.plan.shared_costs[charge.rule].origin).collect();
            for charge in rules {
                let [before, after] = [0, 1].map(|at| given(charge, at));
                let amount = from * (after - before);
                left -= amount;
                let rule = &self.plan.shared_costs[charge.rule];
                rows.push(Moved {
                    cause,
                    amount,
                    how: format!(
                        "rule {}: {} to {} for the team",
                        rule.name,
                        amount_of(to_f64(before)),
                        amount_of(to_f64(after))
                    ),
                    places: vec![rule.origin],
                });
            }
            share += left;
            if let Some(to) = to
                && parts.as_ref().is_none_or(|(most, ..)| left.abs() > *most)
            {
                let word = if cause == Cause::Idle { "idle" } else { "shared" };
                parts = Some((left.abs(), from, to, word, origins));
            }
        }
        let (how, places) = parts.map_or_else(Default::default, |(_, from, to, word, places)| {
            let moved = from_part_to(from, to);
            (format!("its part of the {word} cost that falls to the team {moved}"), places)
        });
        rows.push(Moved { cause: Cause::Share, amount: share, how, places });
        rows
    }
}

impl Explainer<'_> {
    /// What moves a team's cost, as a tree: lines, then causes.
    pub(super) fn change(&self, name: &str, windows: &[Window; 2]) -> Step {
        let what = format!("change of team {name}");
        let cents = crate::cost::statement::to_cents(&self.outcome.chargeback);
        let team = self.plan.teams.find(name);
        let place = cents.teams.iter().position(|charge| Some(charge.team) == team);
        let mut all = moves(self.plan, self.outcome, &cents, windows);
        let Some(found) = place.map(|place| all.swap_remove(place)) else {
            return Step::new(what);
        };
        let line = |line: &MovedLine| {
            let name = line.workload.map_or_else(
                || "of no single service".to_owned(),
                |id| format!("workload {}", self.plan.workloads[id].name),
            );
            let causes = line.causes.iter().map(|moved| {
                let mut step = Step::money(moved.cause.word(), moved.amount).how(&*moved.how);
                let mut places = moved.places.iter().map(|place| self.place(*place));
                step.place = places.next();
                step.because = places.map(|place| Step::new("also").at(place)).collect();
                step
            });
            let mut step = Step::sum(name, causes.collect()).how(from_to(line.before, line.after));
            step.place = line.workload.map(|id| self.place(self.plan.workloads[id].origin));
            step
        };
        Step::sum(what, found.lines.iter().map(line).collect())
            .how(from_to(found.before, found.after))
    }
}

fn from_to(before: Decimal, after: Decimal) -> String {
    format!("{} to {}", amount_of(to_f64(before)), amount_of(to_f64(after)))
}
