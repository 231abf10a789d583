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
    /// Steps of a week; 1 where a step is a week or more.
    pub week: usize,
}

/// Weeks (or longer steps) that a trend needs.
const TREND: usize = 8;

impl Rhythm {
    /// The rhythm of a step; hours are to be made days first.
    #[must_use]
    pub fn of(step: Step) -> Self {
        match step {
            Step::Hour | Step::Day => {
                Self { short: Some(7), year: 365, month: 365.25 / 12.0, week: 7 }
            }
            Step::Week => Self { short: None, year: 52, month: 365.25 / 84.0, week: 1 },
            Step::Month(_) => Self { short: None, year: 12, month: 1.0, week: 1 },
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

    /// The seasons that may be there; the year only where wanted.
    #[must_use]
    pub fn periods(self, yearly: bool) -> Vec<usize> {
        self.short.into_iter().chain(yearly.then_some(self.year)).collect()
    }

    /// Whether so many values are enough for a trend.
    #[must_use]
    pub fn has_trend(self, length: usize) -> bool {
        length / self.week >= TREND
    }
}

/// Means of `width` values, counted back from the end; of all values where there are fewer.
#[must_use]
pub fn means_of(values: &[f64], width: usize) -> Vec<f64> {
    if values.len() < width {
        return vec![mean(values)];
    }
    values[values.len() % width..].chunks(width).map(mean).collect()
}

/// Means of blocks of `length` steps, oldest first; what is left at the end is left out.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in a series")]
pub fn blocks(values: &[f64], length: f64) -> Vec<f64> {
    let edge = |block: usize| (block as f64 * length).round() as usize;
    (0..values.len())
        .map(|block| edge(block)..edge(block + 1))
        .take_while(|range| range.end <= values.len())
        .map(|range| mean(&values[range]))
        .collect()
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_month_are_whole() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let blocks = blocks(&values, 30.4375);
        assert_eq!(blocks.len(), 3);
        assert_eq!(blocks[0], 14.5);
    }

    #[test]
    fn weeks_are_counted_back_from_the_end() {
        assert_eq!(means_of(&[9.0, 1.0, 3.0, 2.0, 6.0], 2), [2.0, 4.0]);
        assert_eq!(means_of(&[9.0, 1.0], 7), [5.0]);
    }
}
