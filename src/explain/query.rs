//! What is asked: `cost team=search FY2027-Q2`.

use super::moves::{self, Window};
use crate::calendar::{Calendar, FiscalQuarter, Month};
use crate::cost::ledger::Category;
use crate::ids::{Arena, Named};
use crate::language::suggest;
use crate::plan::Plan;

/// A figure of the report, by its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What figure.
    pub what: What,
    /// Of what.
    pub of: Of,
    /// Of which months of the horizon.
    pub when: When,
}

/// What figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Amortised cost, after chargeback where it is a team's.
    Cost,
    /// Nodes needed.
    Need,
    /// Demand.
    Demand,
    /// A budget and its forecast.
    Budget,
    /// What moves a team's cost from one period to another.
    Change,
}

/// Of what a figure is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Of everything.
    Total,
    /// Of a team.
    Team(String),
    /// Of the teams of a department.
    Department(String),
    /// Of the teams of a cost centre.
    CostCenter(String),
    /// Of a workload.
    Workload(String),
    /// Of a pool.
    Pool(String),
    /// Of a category.
    Category(Category),
    /// Of a budget.
    Budget(String),
}

/// A run of months of the horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// What it is called.
    pub label: String,
    /// The first month, and the one after the last, counted from the horizon's first.
    pub months: std::ops::Range<usize>,
}

const KINDS: [&str; 7] =
    ["team", "department", "cost-center", "workload", "pool", "category", "budget"];

/// Reads a question.
///
/// # Errors
/// What is wrong with it and what can be asked, in words.
pub fn query(plan: &Plan, text: &str) -> Result<Query, String> {
    let mut words = text.split_whitespace();
    let what = match words.next() {
        Some("cost") => What::Cost,
        Some("need") => What::Need,
        Some("demand") => What::Demand,
        Some("budget") => What::Budget,
        Some("change") => What::Change,
        Some(other) => return Err(wrong_word(plan, other)),
        None => return Err(format!("nothing is asked\n  help: {}", usage(plan))),
    };
    let (mut of, mut when) = (None, None);
    for word in words {
        if let Some((kind, name)) = word.split_once('=') {
            of = Some(thing(plan, kind, name)?);
        } else if word == "total" {
            of = Some(Of::Total);
        } else {
            when = Some(period(plan, word)?);
        }
    }
    let of = of.unwrap_or(Of::Total);
    let fits = match what {
        What::Cost => !matches!(of, Of::Budget(_)),
        What::Need => matches!(of, Of::Pool(_) | Of::Workload(_)),
        What::Demand => matches!(of, Of::Workload(_)),
        What::Budget => matches!(of, Of::Budget(_)),
        What::Change => matches!(of, Of::Team(_)),
    };
    if !fits {
        return Err(format!("this figure is of something else\n  help: {}", usage(plan)));
    }
    let all = || When { label: "all months".to_owned(), months: 0..plan.horizon.months };
    let when = when.unwrap_or_else(all);
    if what == What::Change && compared(plan, &when).is_none() {
        return Err(format!(
            "the plan has no months before `{}` to compare with\n  help: it begins with {}",
            when.label, plan.horizon.first
        ));
    }
    Ok(Query { what, of, when })
}

/// The two periods of which a change is asked: of a period and the one before it, else of the first and the last.
#[must_use]
pub fn compared(plan: &Plan, when: &When) -> Option<[Window; 2]> {
    let When { label, months } = when;
    if months.len() == plan.horizon.months {
        return moves::windows(plan);
    }
    let from = months.start.checked_sub(months.len())?;
    let (first, last) = (plan.horizon.month(from), plan.horizon.month(months.start - 1));
    let quarter = plan.fiscal.quarter_of(first);
    let before = match months.len() {
        1 => first.to_string(),
        3 if plan.fiscal.quarter_of(last) == quarter => quarter.to_string(),
        _ => format!("{first} to {last}"),
    };
    let before = Window { label: before, months: from..months.start };
    Some([before, Window { label: label.clone(), months: months.clone() }])
}

fn wrong_word(plan: &Plan, word: &str) -> String {
    let known = ["cost", "need", "demand", "budget", "change"];
    let near = suggest::nearest(word, known)
        .map_or_else(|| usage(plan), |near| format!("did you mean `{near}`?"));
    format!("unknown figure `{word}`\n  help: {near}")
}

/// What can be asked of this plan.
#[must_use]
pub fn usage(plan: &Plan) -> String {
    let first = |names: Vec<&str>| names.first().map_or("NAME".to_owned(), |n| (*n).to_owned());
    let month = plan.horizon.first;
    let quarter = plan.fiscal.quarter_of(month);
    format!(
        "`cost` [total | team={} | department= | cost-center= | workload={} | pool={} | category=gpu], \
         `need` pool= | workload=, `demand` workload=, `budget` budget=, `change` team=; then a month ({month}), a quarter \
         ({quarter}) or a year (FY{}), or none for all months",
        first(names(&plan.teams)),
        first(names(&plan.workloads)),
        first(names(&plan.pools)),
        plan.fiscal.year_of(month),
    )
}

fn names<T: Named>(arena: &Arena<T>) -> Vec<&str> {
    arena.items().iter().map(Named::name).collect()
}

fn thing(plan: &Plan, kind: &str, name: &str) -> Result<Of, String> {
    let known: Vec<&str> = match kind {
        "team" => names(&plan.teams),
        "department" => names(&plan.departments),
        "workload" => names(&plan.workloads),
        "pool" => names(&plan.pools),
        "budget" => names(&plan.budgets),
        "category" => Category::ALL.iter().map(|category| category.word()).collect(),
        "cost-center" => {
            let mut all: Vec<&str> =
                plan.teams.ids().flat_map(|team| plan.cost_centers_of(team)).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
        _ => {
            let near = suggest::nearest(kind, KINDS)
                .map_or_else(|| usage(plan), |near| format!("did you mean `{near}={name}`?"));
            return Err(format!("nothing is asked by `{kind}=`\n  help: {near}"));
        }
    };
    if !known.contains(&name) {
        let help = match suggest::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{kind}={near}`?"),
            None if known.is_empty() => format!("the plan has no {kind}"),
            None => format!("there are {}", suggest::list(known)),
        };
        return Err(format!("unknown {kind} `{name}`\n  help: {help}"));
    }
    let category = Category::ALL.into_iter().find(|category| category.word() == name);
    let name = name.to_owned();
    Ok(match (kind, category) {
        ("team", _) => Of::Team(name),
        ("department", _) => Of::Department(name),
        ("workload", _) => Of::Workload(name),
        ("pool", _) => Of::Pool(name),
        ("budget", _) => Of::Budget(name),
        ("category", Some(category)) => Of::Category(category),
        _ => Of::CostCenter(name),
    })
}

/// A month `2027-05`, a fiscal quarter `FY2027-Q2` or `2027-Q2`, a fiscal year `FY2027` or `2027`.
fn period(plan: &Plan, word: &str) -> Result<When, String> {
    let horizon = plan.horizon;
    let (first, count, label) = if let Some(month) = horizon.calendar().parse(word) {
        (month, 1, word.to_owned())
    } else {
        let bare = word.strip_prefix("FY").unwrap_or(word);
        match bare.split_once("-Q") {
            Some((year, quarter)) => {
                let (Ok(year), Ok(quarter @ 1..=4)) = (year.parse(), quarter.parse()) else {
                    return Err(unknown_period(plan, word));
                };
                let quarter = FiscalQuarter { year, quarter };
                (plan.fiscal.first_month_of_quarter(quarter), 3, quarter.to_string())
            }
            None => match bare.parse::<i16>() {
                Ok(year @ 1900..=2999) => (plan.fiscal.first_month(year), 12, format!("FY{year}")),
                _ => return Err(unknown_period(plan, word)),
            },
        }
    };
    let from = first.since(horizon.first);
    let until = from + count;
    let inside = |t: i32| usize::try_from(t).unwrap_or(0).min(horizon.months);
    let months = inside(from)..inside(until);
    if months.is_empty() {
        return Err(format!(
            "`{word}` is outside the plan's months\n  help: they are {} to {}",
            horizon.first,
            horizon.last()
        ));
    }
    Ok(When { label: with_days(label, first, count), months })
}

/// What a month or quarter is called; with its days, where its name does not say them.
fn with_days(label: String, first: Month, count: i32) -> String {
    if first.calendar() == Calendar::Gregorian {
        return label;
    }
    format!("{label} ({} to {})", first.first_day(), first.plus(count - 1).last_day())
}

fn unknown_period(plan: &Plan, word: &str) -> String {
    let month = plan.horizon.first;
    let quarter = plan.fiscal.quarter_of(month);
    format!(
        "`{word}` is no month, quarter or year\n  help: write `{month}`, `{quarter}` or `FY{}`; a thing \
         is written as in `team=search`",
        quarter.year
    )
}
