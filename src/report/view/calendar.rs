//! The days of a retail plan's months: which rule they follow, its fiscal years, every month of the horizon.
//!
//! Absent for a plan with calendar months, whose names say their days.

use serde::Serialize;

use super::money::Day;
use crate::calendar::weeks::Weekday;
use crate::calendar::{Calendar, FiscalCalendar, Horizon, Month};

/// A retail calendar.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CalendarView {
    /// The weeks of the months of a quarter: `4-4-5`, `4-5-4` or `5-4-4`.
    pub pattern: &'static str,
    /// The weekday on which weeks, months and years begin.
    pub weeks_begin: &'static str,
    /// The weekday on which years end.
    pub year_ends_on: &'static str,
    /// Which of them: the `nearest` the end of the month before the year's first, or the `last` in it.
    pub year_ends: &'static str,
    /// Every fiscal year that the horizon touches, whole.
    pub years: Vec<YearDays>,
    /// Every month of the horizon.
    pub months: Vec<MonthDays>,
}

/// The days of a fiscal year.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct YearDays {
    /// Its label.
    pub fiscal_year: i16,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// How many weeks it has: 52 or 53.
    pub weeks: u32,
}

/// The days of a month.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MonthDays {
    /// Its name.
    pub month: Month,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// How many weeks it has.
    pub weeks: u32,
}

pub(super) fn calendar(horizon: Horizon, fiscal: FiscalCalendar) -> Option<CalendarView> {
    let Calendar::Weeks(rule) = horizon.calendar() else { return None };
    let (first, last) = (fiscal.year_of(horizon.first), fiscal.year_of(horizon.last()));
    Some(CalendarView {
        pattern: rule.pattern.word(),
        weeks_begin: weekday(rule.weeks_begin),
        year_ends_on: weekday(rule.weeks_begin.previous()),
        year_ends: rule.year_ends.word(),
        years: (first..=last)
            .map(|year| {
                let first = fiscal.first_month(year);
                let days: u32 = (0..12).map(|k| first.plus(k).days()).sum();
                YearDays {
                    fiscal_year: year,
                    first_day: Day(first.first_day()),
                    last_day: Day(first.plus(11).last_day()),
                    weeks: days / 7,
                }
            })
            .collect(),
        months: horizon
            .iter()
            .map(|month| MonthDays {
                month,
                first_day: Day(month.first_day()),
                last_day: Day(month.last_day()),
                weeks: month.days() / 7,
            })
            .collect(),
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
