//! Unit economics: what a thousand predictions, a million tokens, a GPU-hour or a training run costs.

use std::collections::BTreeMap;

use crate::calendar::{Calendar, Date, Horizon, days_between};
use crate::cost::ledger::{Category, Ledger};
use crate::draws::mean;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::money::{Decimal, quantised};
use crate::plan::workload::{Every, RunTimes, WorkloadKind};
use crate::plan::{Plan, Workload};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// What one unit of a workload costs over the horizon, all of its direct cost counted.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitCost {
    /// The workload.
    pub workload: Id<Workload>,
    /// Per what: `1,000 requests`, `1M tokens`, `GPU-hour`, `run`, `user-month`.
    pub per: String,
    /// Mean amortised direct cost over the horizon.
    pub amount: Decimal,
    /// Mean volume over the horizon, counted in `per`; above zero.
    pub volume: Decimal,
    /// Amount ÷ volume, to six places.
    pub cost: Decimal,
}

/// The unit costs of every workload that has cost and volume: by what is demanded, by GPU-hour
/// requested, and by training run; in the order of workloads.
#[must_use]
pub fn unit_costs(plan: &Plan, demand: &Demand, ledger: &Ledger) -> Vec<UnitCost> {
    let mut amounts: BTreeMap<Id<Workload>, (Decimal, Decimal)> = BTreeMap::new();
    for row in &ledger.rows {
        if let Some(workload) = row.workload {
            let entry = amounts.entry(workload).or_default();
            entry.0 += row.amortised;
            if row.category == Category::Gpu {
                entry.1 += row.quantity;
            }
        }
    }
    let mut costs = Vec::new();
    for (id, (amount, gpu_hours)) in amounts {
        let workload = &plan.workloads[id];
        let mut add = |per: String, volume: Decimal| {
            if volume > Decimal::ZERO && !amount.is_zero() {
                let cost = (amount / volume).round_dp(6);
                costs.push(UnitCost { workload: id, per, amount, volume, cost });
            }
        };
        if let Some((per, volume)) = demanded(plan, demand, id) {
            add(per, quantised(volume));
        }
        add("GPU-hour".into(), gpu_hours);
        if workload.kind == WorkloadKind::Training {
            let runs = workload.runs.iter().map(|run| starts(&run.when, plan.horizon)).sum::<u32>();
            add("run".into(), Decimal::from(runs));
        }
    }
    costs
}

/// The volume demanded over the horizon, in the unit that cost is reported by.
fn demanded(plan: &Plan, demand: &Demand, id: Id<Workload>) -> Option<(String, f64)> {
    let workload = &plan.workloads[id];
    let stated = workload.demand.as_ref()?;
    let spans = &demand.of(id)?.spans;
    let mut volume = vec![0.0; plan.draws.count()];
    for span in spans {
        let days = f64::from(days_between(span.from, span.until));
        let time = if stated.is_rate {
            days * SECONDS_PER_DAY
        } else {
            days / f64::from(plan.horizon.month(span.t).days())
        };
        for (volume, level) in volume.iter_mut().zip(&span.level) {
            *volume += level * time;
        }
    }
    let Some((count, unit)) = &workload.reports_cost_per else {
        let (count, unit) = usual(&stated.unit, stated.is_rate);
        let per = if stated.is_rate { per(count, unit) } else { format!("{unit}-month") };
        return Some((per, mean(&volume) / count));
    };
    // From the unit that is demanded to the one reported, through the workload's conversions.
    let mut current = stated.unit.as_str();
    for conversion in &workload.conversions {
        if current == unit {
            break;
        }
        if conversion.from == current {
            current = &conversion.to;
            for (volume, by) in volume.iter_mut().zip(plan.draws.values(&conversion.by)) {
                *volume *= by;
            }
        }
    }
    (current == unit).then(|| (per(*count, unit), mean(&volume) / count))
}

/// The count that a unit is usually quoted by.
fn usual(unit: &str, is_rate: bool) -> (f64, &str) {
    match unit {
        "byte" => (1e9, "GB"),
        "token" => (1e6, unit),
        _ if is_rate => (1e3, unit),
        _ => (1.0, unit),
    }
}

/// `1,000 requests`, `1M tokens`, `GB`: as unit costs are quoted.
fn per(count: f64, unit: &str) -> String {
    const MILLION: i64 = 1_000_000;
    #[expect(clippy::cast_possible_truncation, reason = "a round count of units")]
    let mut left = count.round() as i64;
    // `req` is `request` written out, to the language too.
    let unit = if unit == "req" { "request" } else { unit };
    if left == 1 || unit == "GB" {
        return unit.to_owned();
    }
    let unit = plural(unit);
    if left >= MILLION && left % MILLION == 0 {
        return match left / MILLION {
            billions if billions % 1000 == 0 => format!("{}B {unit}", billions / 1000),
            millions => format!("{millions}M {unit}"),
        };
    }
    let mut groups = Vec::new();
    while left >= 1000 {
        groups.push(format!("{:03}", left % 1000));
        left /= 1000;
    }
    groups.push(left.to_string());
    groups.reverse();
    format!("{} {unit}", groups.join(","))
}

/// More than one of a unit: `tokens`, `queries`, `batches`.
fn plural(unit: &str) -> String {
    let before_y = unit.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "z", "ch", "sh"].iter().any(|end| unit.ends_with(end)) => {
            format!("{unit}es")
        }
        None => format!("{unit}s"),
    }
}

/// How many runs start inside the horizon.
fn starts(when: &RunTimes, horizon: Horizon) -> u32 {
    let (first, last) = (horizon.first_day(), horizon.last_day());
    match when {
        RunTimes::At(day) => u32::from((first..=last).contains(day)),
        RunTimes::Every { every, from, until } => {
            let from = from.unwrap_or(first);
            let last = until.map_or(last, |until| until.min(last));
            repeats(*every, from, first, last)
        }
    }
}

/// How many of the days `from`, `from` + every, … lie from `first` until `last`.
fn repeats(every: Every, from: Date, first: Date, last: Date) -> u32 {
    let up_to = |day: Date| -> i32 {
        match every {
            Every::Days(days) => {
                let step = i32::try_from(days.max(1)).unwrap_or(i32::MAX);
                days_between(from, day).div_euclid(step) + 1
            }
            Every::Months(months) => {
                let step = i32::try_from(months.max(1)).unwrap_or(i32::MAX);
                let month = |day| Calendar::Gregorian.month_of(day);
                let whole = month(day).since(month(from));
                let last_day = month(day).last_day().day();
                let reached = day.day() >= from.day().min(last_day);
                let whole = if reached { whole } else { whole - 1 };
                whole.div_euclid(step) + 1
            }
        }
    };
    let before = if first > from { up_to(crate::calendar::plus_days(first, -1)) } else { 0 };
    u32::try_from(up_to(last).max(0) - before.max(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::cost::testing::{DRAWS, costed, date, decimal, estimate, small, span};
    use crate::estimate::Dist;
    use crate::forecast::demand::{LevelSpan, WorkloadDemand};
    use crate::ids::Arena;
    use crate::plan::workload::{Conversion, DemandAt};

    #[test]
    fn a_unit_costs_amount_over_volume() {
        let (mut plan, choices) = small();
        let mut workloads = plan.workloads.items().to_vec();
        workloads[0].demand = Some(crate::plan::workload::Demand {
            base: None,
            unit: "chat".into(),
            is_rate: true,
            at: DemandAt::Mean,
            follows: None,
            history: None,
            growth: Vec::new(),
            events: Vec::new(),
            origin: span(0),
        });
        workloads[0].conversions = vec![Conversion {
            from: "chat".into(),
            to: "token".into(),
            by: estimate("by", Dist::Fixed(1100.0)),
            origin: span(0),
        }];
        let months = plan.horizon.iter().enumerate();
        let spans = months.map(|(t, month)| LevelSpan {
            t,
            from: month.first_day(),
            until: month.plus(1).first_day(),
            level: vec![2.0; DRAWS],
            capacity_factor: None,
        });
        let demanded = WorkloadDemand { spans: spans.collect(), shape: None, fitted: None };
        let demand = Demand { workloads: vec![Some(demanded), None, None, None] };
        plan.workloads = Arena::new(workloads.clone());
        let (_, of_chats) = costed(&plan, &choices);
        let costs = unit_costs(&plan, &demand, &of_chats.ledger);
        let seconds = 365.0 * 86_400.0;
        assert_eq!(costs[0].per, "1,000 chats");
        assert_eq!(costs[0].volume, quantised(2.0 * seconds / 1e3));
        assert_eq!(costs[0].cost, (costs[0].amount / costs[0].volume).round_dp(6));
        let rows = of_chats.ledger.rows.iter().filter(|row| row.workload == Some(Id::new(0)));
        assert_eq!(costs[0].amount, rows.map(|row| row.amortised).sum::<Decimal>());
        assert_eq!((costs[1].per.as_str(), costs[1].workload), ("GPU-hour", Id::new(0)));

        workloads[0].reports_cost_per = Some((1e6, "token".into()));
        plan.workloads = Arena::new(workloads);
        let costs = unit_costs(&plan, &demand, &of_chats.ledger);
        assert_eq!(costs[0].per, "1M tokens");
        assert_eq!(costs[0].volume, decimal("69379.2"));
    }

    #[test]
    fn runs_are_counted_inside_the_horizon() {
        let horizon = Horizon { first: Month::new(2027, 1), months: 12 };
        let every = |every, from: Option<&str>, until: Option<&str>| {
            let (from, until) = (from.map(date), until.map(date));
            starts(&RunTimes::Every { every, from, until }, horizon)
        };
        assert_eq!(every(Every::Days(7), None, None), 53);
        assert_eq!(every(Every::Days(7), Some("2026-12-31"), None), 52);
        assert_eq!(every(Every::Months(1), Some("2027-01-31"), None), 12);
        assert_eq!(every(Every::Months(3), Some("2027-02-15"), Some("2027-08-15")), 3);
        assert_eq!(every(Every::Days(7), Some("2028-01-01"), None), 0);
        assert_eq!(starts(&RunTimes::At(date("2027-12-31")), horizon), 1);
    }

    #[test]
    fn units_are_quoted_in_thousands_and_millions() {
        assert_eq!(per(1e6, "token"), "1M tokens");
        assert_eq!(per(1e9, "token"), "1B tokens");
        assert_eq!(per(1e3, "req"), "1,000 requests");
        assert_eq!(per(25e3, "query"), "25,000 queries");
        assert_eq!(per(1e2, "batch"), "100 batches");
        assert_eq!(per(1.0, "req"), "request");
        assert_eq!(per(1.0, "page"), "page");
    }
}
