//! How well the last months of a history would have been forecast.

use crate::forecast::demand::Backtest;
use crate::forecast::fit::outlook::{Yearly, look_ahead};
use crate::forecast::fit::rhythm::{Rhythm, blocks, naive_months};
use crate::forecast::fit::spread::miss;

/// Months that are held out, each from an origin of its own: 30, 90, 180 and 365 days.
const MONTHS: [usize; 4] = [1, 3, 6, 12];
/// z of the 90th percentile: an 80% interval reaches so many deviations to each side.
const Z_90: f64 = crate::estimate::Z_90;

/// A month that was held out.
#[derive(Debug, Clone, Copy)]
struct HeldOut {
    /// Its true mean.
    actual: f64,
    forecast: f64,
    /// The forecast of seasonal naive: the month a year before, or the last.
    naive: f64,
    /// How many deviations the true mean lies above the forecast.
    deviations: f64,
}

/// How well 1, 3, 6 and 12 months would have been forecast, each where the history before is as long and
/// enough for a trend. A horizon counts every origin that has so many months after it.
#[must_use]
pub fn backtests(values: &[f64], rhythm: Rhythm, yearly: Yearly) -> Vec<Backtest> {
    let origins: Vec<Vec<HeldOut>> = MONTHS
        .into_iter()
        .filter_map(|months| {
            let cut = values.len().checked_sub(rhythm.steps(months))?;
            let enough = rhythm.has_trend(cut) && cut >= rhythm.steps(months);
            enough.then(|| held_out(values, cut, rhythm, yearly))
        })
        .collect();
    MONTHS
        .into_iter()
        .filter_map(|months| {
            let reaching = origins.iter().filter(|held| held.len() >= months);
            let held: Vec<HeldOut> = reaching.flat_map(|held| held[..months].to_vec()).collect();
            score(months, &held)
        })
        .collect()
}

fn held_out(values: &[f64], cut: usize, rhythm: Rhythm, yearly: Yearly) -> Vec<HeldOut> {
    let (past, future) = values.split_at(cut);
    let outlook = look_ahead(past, rhythm, yearly, future.len());
    let forecast = blocks(&outlook.steps, rhythm.month);
    let naive = naive_months(past, rhythm, forecast.len());
    let months = blocks(future, rhythm.month).into_iter().zip(forecast).zip(naive).enumerate();
    months
        .map(|(index, ((actual, forecast), naive))| HeldOut {
            actual,
            forecast,
            naive,
            deviations: miss(actual, forecast, outlook.spread.log)
                / outlook.spread.at(index as f64 + 1.0),
        })
        .collect()
}

/// Means over months; `None` where none has a mean above zero.
fn score(months: usize, held: &[HeldOut]) -> Option<Backtest> {
    let share = |forecast: fn(&HeldOut) -> f64| {
        let known = || held.iter().filter(|month| month.actual > 0.0);
        let sum: f64 =
            known().map(|month| (forecast(month) - month.actual).abs() / month.actual).sum();
        sum / known().count() as f64
    };
    let inside = held.iter().filter(|month| month.deviations.abs() <= Z_90).count();
    let error = share(|month| month.forecast);
    error.is_finite().then(|| Backtest {
        months,
        error,
        naive_error: share(|month| month.naive),
        coverage_80: inside as f64 / held.len() as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Step;

    #[test]
    fn each_horizon_needs_as_much_history_before_it() {
        let rhythm = Rhythm::of(Step::Day);
        let values: Vec<f64> = (0..400)
            .map(|t| 100.0 + 0.5 * f64::from(t) + if t % 7 < 5 { 9.0 } else { -20.0 })
            .collect();
        let found = backtests(&values, rhythm, Yearly::Measured);
        let months: Vec<usize> = found.iter().map(|backtest| backtest.months).collect();
        assert_eq!(months, [1, 3, 6]);
        assert!(found.iter().all(|backtest| backtest.error < backtest.naive_error), "{found:?}");
        assert!(backtests(&values[..70], rhythm, Yearly::Measured).is_empty());
    }
}
