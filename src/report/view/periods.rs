//! The columns of cost tables: fiscal quarters of the horizon, or fiscal years where it is long.

use serde::Serialize;

use crate::calendar::{FiscalCalendar, Horizon, Month};

/// More quarters than this are shown as years.
const QUARTERS_MAX: usize = 6;

/// A fiscal quarter or year, as far as the horizon covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Period {
    /// The label of the fiscal year.
    pub fiscal_year: i16,
    /// 1 to 4; absent for a whole year.
    pub quarter: Option<i8>,
    /// The first month covered.
    pub first: Month,
    /// The last month covered.
    pub last: Month,
    /// The first month, counted from the horizon's first.
    pub from: usize,
    /// How many months are covered.
    pub months: usize,
    /// Whether the horizon covers all of it.
    pub complete: bool,
}

impl Period {
    /// The sum over the period of one value a month of the horizon.
    pub(crate) fn sum<T: std::iter::Sum<T> + Copy>(&self, by_month: &[T]) -> T {
        by_month.iter().skip(self.from).take(self.months).copied().sum()
    }
}

/// The periods of a horizon, oldest first.
pub(super) fn periods(horizon: Horizon, fiscal: FiscalCalendar) -> Vec<Period> {
    let quarters = group(horizon, fiscal, |month| Some(fiscal.quarter_of(month).quarter), 3);
    if quarters.len() <= QUARTERS_MAX { quarters } else { group(horizon, fiscal, |_| None, 12) }
}

fn group(
    horizon: Horizon,
    fiscal: FiscalCalendar,
    quarter_of: impl Fn(Month) -> Option<i8>,
    whole: usize,
) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for (t, month) in horizon.iter().enumerate() {
        let (fiscal_year, quarter) = (fiscal.year_of(month), quarter_of(month));
        match periods.last_mut() {
            Some(period) if (period.fiscal_year, period.quarter) == (fiscal_year, quarter) => {
                period.last = month;
                period.months += 1;
                period.complete = period.months == whole;
            }
            _ => periods.push(Period {
                fiscal_year,
                quarter,
                first: month,
                last: month,
                from: t,
                months: 1,
                complete: false,
            }),
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, FiscalLabel};

    const FISCAL: FiscalCalendar =
        FiscalCalendar { starts: 2, label: FiscalLabel::StartYear, months: Calendar::Gregorian };

    #[test]
    fn a_year_from_its_first_month_has_four_whole_quarters() {
        let periods = periods(Horizon { first: Month::new(2027, 2), months: 12 }, FISCAL);
        assert_eq!(periods.len(), 4);
        assert!(periods.iter().all(|period| period.complete));
    }

    #[test]
    fn a_horizon_that_starts_late_has_part_of_a_quarter() {
        let periods = periods(Horizon { first: Month::new(2027, 4), months: 4 }, FISCAL);
        assert_eq!(periods.iter().map(|p| p.complete).collect::<Vec<_>>(), [false, true]);
        assert_eq!(periods[1].sum(&[1, 2, 3, 4]), 9);
    }

    #[test]
    fn a_long_horizon_is_shown_by_years() {
        let periods = periods(Horizon { first: Month::new(2027, 2), months: 36 }, FISCAL);
        assert_eq!(periods.iter().map(|p| p.fiscal_year).collect::<Vec<_>>(), [2027, 2028, 2029]);
    }
}
