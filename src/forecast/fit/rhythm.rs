//! How the steps of a series relate to weeks, months and years.

use crate::draws::mean;
use crate::history::Step;

/// How the steps of a series relate to seasons and months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// The short season, if there is one.
    pub short: Option<usize>,
    /// Steps of a year.
    pub year: usize,
    /// Steps of a month.
    pub month: f64,
    /// Steps that are averaged before a trend is fitted.
    pub trend: usize,
}

impl Rhythm {
    /// The rhythm of a step; hours are to be made days first.
    #[must_use]
    pub fn of(step: Step) -> Self {
        match step {
            Step::Hour | Step::Day => {
                Self { short: Some(7), year: 365, month: 365.25 / 12.0, trend: 7 }
            }
            Step::Week => Self { short: None, year: 52, month: 365.25 / 84.0, trend: 1 },
            Step::Month => Self { short: None, year: 12, month: 1.0, trend: 1 },
        }
    }

    /// The season that gaps are filled by.
    #[must_use]
    pub fn fill(self) -> usize {
        self.short.unwrap_or(self.year)
    }

    /// The place of the end of a month, counted from the first.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "steps of a history"
    )]
    #[must_use]
    pub fn steps(self, months: usize) -> usize {
        (self.month * months as f64).round() as usize
    }

    /// The seasons that so many values can show twice; the year only where wanted.
    #[must_use]
    pub fn seasons(self, length: usize, yearly: bool) -> Vec<usize> {
        let year = yearly.then_some(self.year);
        self.short.into_iter().chain(year).filter(|period| length >= 2 * period).collect()
    }

    /// Whether so many values are enough for a trend.
    #[must_use]
    pub fn has_trend(self, length: usize) -> bool {
        length / self.trend >= 8
    }

    /// How many whole months so many values cover.
    #[must_use]
    pub fn months_in(self, length: usize) -> usize {
        (0..length).take_while(|months| self.steps(months + 1) <= length).count()
    }
}

/// Means of a week (the steps a trend is fitted on), counted back from the end; of all values where
/// there are fewer.
#[must_use]
pub fn weekly(values: &[f64], rhythm: Rhythm) -> Vec<f64> {
    let length = rhythm.trend;
    if values.len() < length {
        return vec![mean(values)];
    }
    values[values.len() % length..].chunks(length).map(mean).collect()
}

/// Seasonal naive by month: the month a year before, or the last where there is no year.
#[must_use]
pub fn naive_months(past: &[f64], rhythm: Rhythm, months: usize) -> Vec<f64> {
    let length = past.len();
    (0..months)
        .map(|ahead| {
            let back = if length >= rhythm.steps(12) { 12 - ahead % 12 } else { 1 };
            let from = length - rhythm.steps(back).min(length);
            let until = length - rhythm.steps(back - 1).min(length - 1);
            mean(&past[from..until.max(from + 1)])
        })
        .collect()
}
