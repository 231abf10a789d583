//! What moves the lines of a team's statement from one run of months to another, and why.
//!
//! A plan, its outcome, a team and two windows of equal length go in; every line with its cause rows comes out, in
//! whole cents: causes sum to their line, lines to what the team's statement changes by. What a line causes itself is
//! substituted in a fixed order: days, demand, what one unit of demand takes or runs work, how that is bought, prices. What falls
//! to it of idle and shared cost goes by rule, then by its part of the team. Absent: quantiles, which do not add.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::cost::{amount_of, price_of};
use super::{Explainer, Step};
use crate::allocation::{self, Group, GroupValue};
use crate::calendar::{Date, Horizon, Month, days_between};
use crate::cost::ledger::{Category, Chargeback, RuleCharge, TeamCharge};
use crate::cost::statement::footed;
use crate::draws::mean;
use crate::ids::Id;
use crate::money::{Decimal, to_f64};
use crate::outcome::Outcome;
use crate::plan::pool::CommitmentKind;
use crate::plan::price::Purchase;
use crate::plan::shared_cost::SharedSource;
use crate::plan::workload::{Run, RunTimes, Serving};
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

/// What is bought in one pool, of one category, counted in one unit.
type Substance = (Option<Id<Pool>>, Category, &'static str);

/// How much of it, and what for, by how it is bought.
type Bought = BTreeMap<Option<Purchase>, (Decimal, Decimal)>;

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
        for name in names {
            let (old, new) = (
                old.direct.get(name).unwrap_or(&nothing),
                new.direct.get(name).unwrap_or(&nothing),
            );
            // What is stored counts by the month of 730 hours: its days too.
            let levels = Levels::of(old, new, ratio(days[1] / days[0]), ratio(growth));
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

    /// The first day of the first window, and the last of the second.
    fn ends(&self) -> (Month, Month) {
        let month = |t| self.plan.horizon.month(t);
        (month(self.windows[0].months.start), month(self.windows[1].months.end - 1))
    }

    /// What says how demand moves: growth, events between the windows, history; of what it follows, where it says so.
    fn demand_places(&self, id: Id<Workload>) -> Vec<Span> {
        let Some(demand) = &self.plan.workloads[id].demand else { return Vec::new() };
        let (first, last) = self.ends();
        let between =
            |at: crate::calendar::Date| (first.first_day()..=last.last_day()).contains(&at);
        let events =
            demand.events.iter().filter(|event| event.multiply.is_some() || event.add.is_some());
        let events = events.filter(|event| between(event.at) || event.until.is_some_and(between));
        let mut places: Vec<Span> = events.map(|event| event.origin).collect();
        places.extend(demand.growth.iter().map(|growth| growth.origin));
        places.extend(demand.history.as_ref().map(|history| history.origin));
        if places.is_empty() {
            places.push(demand.origin);
        }
        places
    }

    /// What one unit of demand takes.
    fn efficiency(&self, id: Id<Workload>, mark: &Mark<'_>, factor: f64) -> (String, Vec<Span>) {
        let workload = &self.plan.workloads[id];
        let (moved, unit) = (percent(mark.growth() / factor), mark.name.2);
        let for_what = if workload.demand.is_some() { " for one unit of demand" } else { "" };
        let how = format!("{unit}s{for_what} {moved}{}", mark.others());
        let (first, last) = self.ends();
        let mut places: Vec<Span> = match &workload.serving {
            Serving::Capacity { improves: Some(_), origin, .. } => vec![*origin],
            _ => Vec::new(),
        };
        let events = workload.demand.iter().flat_map(|demand| &demand.events);
        let scales = events.filter(|event| {
            event.scale_capacity.is_some()
                && (first.first_day()..=last.last_day()).contains(&event.at)
        });
        places.extend(scales.map(|event| event.origin));
        places.extend(workload.runs.iter().map(|run| run.origin));
        if places.is_empty() {
            places.push(workload.origin);
        }
        (how, places)
    }

    /// What its runs work; those that begin or end between the windows first.
    fn runs(&self, id: Id<Workload>, mark: &Mark<'_>, days: f64) -> (String, Vec<Span>) {
        let workload = &self.plan.workloads[id];
        let (first, last) = self.ends();
        let within = |day: Date| first.first_day() < day && day <= last.last_day();
        // The last to begin is in the second window most surely.
        let moved = |run: &Run| match run.when {
            RunTimes::At(day) => Some(day).filter(|day| within(*day)).map(|day| (day, "begins")),
            RunTimes::Every { from, until, .. } => {
                let begins = from.filter(|day| within(*day)).map(|day| (day, "begins"));
                let ends = until.filter(|day| within(*day) && *day < last.last_day());
                begins.or_else(|| ends.map(|day| (day, "ends")))
            }
        };
        let mut runs: Vec<_> = workload.runs.iter().map(|run| (run, moved(run))).collect();
        runs.sort_by_key(|(_, moved)| std::cmp::Reverse(moved.map(|(day, _)| day)));
        let named = match runs.first() {
            Some((run, Some((_, word)))) => format!("run {} {word}; ", run.name),
            _ => String::new(),
        };
        let (moved, unit) = (percent(mark.growth() / days), mark.name.2);
        let how = format!("{named}{unit}s of its runs {moved}{}", mark.others());
        (how, runs.iter().map(|(run, _)| run.origin).collect())
    }

    /// Commitments of a pool that begin or end between the windows.
    fn commitments(&self, pool: Option<Id<Pool>>) -> Vec<Span> {
        let (first, last) = self.ends();
        let within = |day| first.first_day() < day && day < last.last_day();
        let all = self.plan.commitments.items().iter();
        all.filter(|one| match &one.kind {
            CommitmentKind::Reserved { pool: of, .. } => Some(*of) == pool,
            CommitmentKind::Spend { .. } => false,
        })
        .filter(|one| within(one.from) || within(one.until))
        .map(|one| one.origin)
        .collect()
    }

    /// The prices that a pool pays.
    fn prices(&self, mark: &Mark<'_>) -> Vec<Span> {
        use crate::plan::pool::PoolSupply;
        let Some(pool) = mark.name.0 else { return Vec::new() };
        match &self.plan.pools[pool].supply {
            PoolSupply::Instances(candidates) => {
                let choice = self.outcome.choices.iter().find(|choice| choice.pool == pool);
                let chosen = choice.and_then(|choice| candidates.get(choice.chosen()?));
                let prices = chosen.map(|of| &self.plan.instances[of.instance].prices);
                let moved =
                    |purchase| rate(mark.old, Some(purchase)) != rate(mark.new, Some(purchase));
                let prices = prices.into_iter().flatten();
                prices.filter(|price| moved(price.purchase)).map(|price| price.origin).collect()
            }
            PoolSupply::Owned(owned) => vec![self.plan.owned[*owned].origin],
            PoolSupply::Storage(tiers) => {
                tiers.iter().map(|tier| self.plan.storage_tiers[tier.tier].origin).collect()
            }
        }
    }

    /// Where the plan says how something is supplied: its pool, the provider whose network it leaves, or itself.
    fn supply(&self, id: Id<Workload>, mark: &Mark<'_>) -> Vec<Span> {
        if let Some(pool) = mark.name.0 {
            return vec![self.plan.pools[pool].origin];
        }
        let workload = &self.plan.workloads[id];
        let providers = workload.egress.iter().map(|egress| egress.provider);
        let mut providers: Vec<_> = providers.chain(workload.provider).collect();
        providers.dedup();
        let leaves = mark.name.1 == Category::Network && !providers.is_empty();
        let origins = providers.iter().map(|provider| self.plan.providers[*provider].origin);
        if leaves { origins.collect() } else { vec![workload.origin] }
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

/// Cost of a substance as one thing after the other is what it is in the second window.
struct Levels {
    /// Before, then after days, demand, efficiency, purchase and price.
    at: [Decimal; 6],
    /// Whether it begins or ends instead.
    instead: Option<Cause>,
}

impl Levels {
    fn of(old: &Bought, new: &Bought, days: Decimal, growth: Decimal) -> Self {
        let quantity = |of: &Bought| of.values().map(|(quantity, _)| *quantity).sum::<Decimal>();
        let amount = |of: &Bought| of.values().map(|(_, amount)| *amount).sum::<Decimal>();
        let (q0, q1, a0, a1) = (quantity(old), quantity(new), amount(old), amount(new));
        let instead = match (a0.is_zero(), a1.is_zero()) {
            (true, false) => Some(Cause::Begins),
            (false, true) => Some(Cause::Ends),
            _ => None,
        };
        if instead.is_some() || q0.is_zero() || q1.is_zero() {
            return Self { at: [a0, a0, a0, a0, a0, a1], instead };
        }
        // What is bought in a way it was not bought before counts at what that way costs now.
        let at_old_prices: Decimal = new
            .iter()
            .filter_map(|(how, (quantity, _))| {
                rate(old, *how).or_else(|| rate(new, *how)).map(|rate| rate * quantity)
            })
            .sum();
        Self { at: [a0, a0 * days, a0 * days * growth, a0 * (q1 / q0), at_old_prices, a1], instead }
    }
}

/// What one costs, bought in one way.
fn rate(bought: &Bought, how: Option<Purchase>) -> Option<Decimal> {
    let (quantity, amount) = bought.get(&how)?;
    (!quantity.is_zero()).then(|| amount / quantity)
}

/// The substance of which a cause is told: the one it moves most.
struct Mark<'a> {
    name: Substance,
    old: &'a Bought,
    new: &'a Bought,
    moved: Decimal,
    /// What else the cause moves.
    others: BTreeSet<Category>,
}

impl Mark<'_> {
    /// How much more of it there is.
    fn growth(&self) -> f64 {
        let quantity = |of: &Bought| to_f64(of.values().map(|(quantity, _)| *quantity).sum());
        quantity(self.new) / quantity(self.old)
    }

    /// `; gpu most, also compute, memory`: of several resources the words speak of one.
    fn others(&self) -> String {
        let own = self.name.1;
        let others: Vec<&str> =
            self.others.iter().filter(|of| **of != own).map(|of| of.word()).collect();
        if others.is_empty() {
            return String::new();
        }
        format!("; {} most, also {}", own.word(), others.join(", "))
    }
}

/// Causes over substances.
#[derive(Default)]
struct Rows<'a> {
    sums: BTreeMap<Cause, (Decimal, Option<Mark<'a>>)>,
}

impl<'a> Rows<'a> {
    /// `work` is what a change of quantity is called that neither days nor demand explain.
    fn add(
        &mut self,
        name: Substance,
        work: Cause,
        levels: &Levels,
        old: &'a Bought,
        new: &'a Bought,
    ) {
        let steps = [Cause::Days, Cause::Demand, work, Cause::Purchase, Cause::Price];
        for (step, cause) in steps.into_iter().enumerate() {
            let moved = levels.at[step + 1] - levels.at[step];
            if moved.is_zero() {
                continue;
            }
            let (sum, mark) = self.sums.entry(levels.instead.unwrap_or(cause)).or_default();
            *sum += moved;
            let mut others = mark.as_mut().map(|mark| std::mem::take(&mut mark.others));
            others.get_or_insert_default().insert(name.1);
            if mark.as_ref().is_none_or(|mark| mark.moved.abs() < moved.abs()) {
                *mark = Some(Mark { name, old, new, moved, others: BTreeSet::new() });
            }
            if let (Some(mark), Some(others)) = (mark, others) {
                mark.others = others;
            }
        }
    }

    fn into_causes(self, said: impl Fn(Cause, &Mark<'_>) -> (String, Vec<Span>)) -> Vec<Moved> {
        let row = |(cause, (amount, mark)): (Cause, (Decimal, Option<Mark<'_>>))| {
            let (how, places) = mark.map(|mark| said(cause, &mark)).unwrap_or_default();
            Moved { cause, amount, how, places }
        };
        self.sums.into_iter().map(row).collect()
    }
}

/// `+43.2%`.
fn percent(ratio: f64) -> String {
    format!("{:+.1}%", (ratio - 1.0) * 100.0).replace('-', "−")
}

/// `3.47% to 3.52%`: as many places as tell both apart, six at most.
fn from_part_to(from: Decimal, to: Decimal) -> String {
    let text = |share: Decimal, places: usize| format!("{:.*}%", places, to_f64(share) * 100.0);
    let places = (1..=6).find(|places| text(from, *places) != text(to, *places));
    places.map_or_else(
        || format!("stays at {}", text(from, 1)),
        |places| format!("{} to {}", text(from, places), text(to, places)),
    )
}

fn substance(plan: &Plan, (pool, category, _): Substance) -> String {
    let pool = pool.map_or_else(String::new, |pool| format!(" in pool {}", plan.pools[pool].name));
    format!("{}{pool}", category.word())
}

/// `on-demand 1% to 54%`: the way to buy whose share moves most.
fn shares(mark: &Mark<'_>) -> String {
    let share = |of: &Bought, how: Option<Purchase>| {
        let all: Decimal = of.values().map(|(quantity, _)| *quantity).sum();
        let part = of.get(&how).map(|(quantity, _)| *quantity).unwrap_or_default();
        if all.is_zero() { Decimal::ZERO } else { part / all }
    };
    let ways: BTreeSet<Option<Purchase>> =
        mark.old.keys().chain(mark.new.keys()).copied().collect();
    let moved = |how: &Option<Purchase>| (share(mark.new, *how) - share(mark.old, *how)).abs();
    // What moves by less than half a hundredth is told only where nothing moves more.
    let most = ways.iter().map(&moved).max().unwrap_or_default();
    let least = most.min(Decimal::new(5, 3));
    let said: Vec<String> = ways
        .iter()
        .filter(|how| !most.is_zero() && moved(how) >= least)
        .map(|how| {
            let (old, new) = (share(mark.old, *how), share(mark.new, *how));
            let word = how.map_or("bought in no stated way", Purchase::word);
            format!("{word} {}", from_part_to(old, new))
        })
        .collect();
    let unit = mark.name.2;
    if said.is_empty() {
        return format!("what one {unit} costs as it is bought");
    }
    format!("{} of {unit}s", said.join(", "))
}

/// `reserved 1.3759 to 1.0530 for a GPU-hour`: every way to buy whose price moves.
fn rates(mark: &Mark<'_>) -> String {
    let rates = mark.new.keys().filter_map(|how| {
        let (old, new) = (to_f64(rate(mark.old, *how)?), to_f64(rate(mark.new, *how)?));
        let word = how.map_or_else(String::new, |how| format!("{} ", how.word()));
        Some((word, old, new))
    });
    let rates: Vec<(String, f64, f64)> = rates.collect();
    let shown = rates.iter().filter_map(|(word, old, new)| {
        let (old, new) = (price_of(*old), price_of(*new));
        (old != new).then(|| format!("{word}{old} to {new}"))
    });
    let mut moved: Vec<String> = shown.collect();
    if moved.is_empty() {
        let small = rates.iter().filter(|(_, old, new)| *old > 0.0 && old.total_cmp(new).is_ne());
        moved.extend(small.map(|(word, old, new)| {
            let sign = if new > old { '+' } else { '−' };
            let change = (new / old - 1.0).abs() * 100.0;
            let rate = price_of(*old);
            if change < 0.001 {
                return format!("{word}{rate} by less than {sign}0.001%");
            }
            format!("{word}{rate} {sign}{change:.3}%")
        }));
    }
    let unit = mark.name.2;
    if moved.is_empty() {
        return format!("what a {unit} costs");
    }
    format!("{} for a {unit}", moved.join(", "))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(of: &[(Purchase, &str, &str)]) -> Bought {
        let entry = |(how, quantity, amount): &(Purchase, &str, &str)| {
            (Some(*how), (quantity.parse().unwrap(), amount.parse().unwrap()))
        };
        of.iter().map(entry).collect()
    }

    fn steps(levels: &Levels) -> Vec<String> {
        let steps = levels.at.windows(2).map(|pair| (pair[1] - pair[0]).normalize().to_string());
        steps.collect()
    }

    /// 100 hours at 2.00 become 165 hours: 150 at 2.20 and 15 at 1.00. Days ×1.1, demand ×1.25, so what a unit takes ×1.2.
    #[test]
    fn quantity_times_price_is_taken_apart_in_order() {
        let old = bought(&[(Purchase::OnDemand, "100", "200")]);
        let new = bought(&[(Purchase::OnDemand, "150", "330"), (Purchase::Reserved, "15", "15")]);
        let levels = Levels::of(&old, &new, "1.1".parse().unwrap(), "1.25".parse().unwrap());
        // 200 → 220 → 275 → 165 × 2.00 = 330 → 150 × 2.00 + 15 × 1.00 = 315 → 345.
        assert_eq!(steps(&levels), ["20", "55", "55", "-15", "30"]);
        assert_eq!(levels.instead, None);
    }

    #[test]
    fn what_begins_or_ends_has_one_cause() {
        let some = bought(&[(Purchase::Spot, "10", "5")]);
        let begins = Levels::of(&Bought::new(), &some, Decimal::ONE, Decimal::ONE);
        assert_eq!(
            (begins.instead, steps(&begins).concat()),
            (Some(Cause::Begins), "00005".into())
        );
        let ends = Levels::of(&some, &Bought::new(), Decimal::ONE, Decimal::ONE);
        assert_eq!((ends.instead, steps(&ends).concat()), (Some(Cause::Ends), "0000-5".into()));
    }

    #[test]
    fn a_cause_says_which_way_to_buy_moved() {
        let old = bought(&[(Purchase::OnDemand, "10", "20"), (Purchase::Reserved, "90", "90")]);
        let new = bought(&[(Purchase::OnDemand, "60", "120"), (Purchase::Reserved, "40", "36")]);
        let name = (None, Category::Gpu, "GPU-hour");
        let others = BTreeSet::new();
        let mark = Mark { name, old: &old, new: &new, moved: Decimal::ONE, others };
        assert_eq!(shares(&mark), "on-demand 10.0% to 60.0%, reserved 90.0% to 40.0% of GPU-hours");
        assert_eq!(rates(&mark), "reserved 1.0000 to 0.9000 for a GPU-hour");
    }

    #[test]
    fn a_small_move_has_the_places_that_show_it() {
        let part = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(from_part_to(part("0.03471"), part("0.03524")), "3.47% to 3.52%");
        assert_eq!(from_part_to(part("0.5"), part("0.5")), "stays at 50.0%");
        let old = bought(&[(Purchase::OnDemand, "9990", "19980"), (Purchase::Spot, "10", "10")]);
        let new = bought(&[(Purchase::OnDemand, "9980", "19961"), (Purchase::Spot, "20", "20")]);
        let others = BTreeSet::from([Category::Gpu, Category::Compute]);
        let name = (None, Category::Gpu, "GPU-hour");
        let mark = Mark { name, old: &old, new: &new, moved: Decimal::ONE, others };
        assert_eq!(shares(&mark), "on-demand 99.9% to 99.8%, spot 0.1% to 0.2% of GPU-hours");
        assert_eq!(rates(&mark), "on-demand 2.0000 to 2.0001 for a GPU-hour");
        assert_eq!(mark.others(), "; gpu most, also compute");
    }
}
