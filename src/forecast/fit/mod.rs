//! Demand from history: a measured series in, mean levels of the horizon's months out, one path a draw.
//!
//! Hourly values become daily means for the level, and an hour-of-week shape; thousands of hours are
//! never forecast one by one. Absent: stated growth and events, which act on the result.

mod breaks;
mod holdout;
mod hours;
mod outlook;
mod peak;
mod prepare;
mod rhythm;
mod spread;

use crate::calendar::{Date, HOURS_PER_WEEK, Month, days_between, plus_days};
use crate::draws::Draws;
use crate::estimate::Dist;
use crate::forecast::demand::Fitted;
use crate::forecast::{past, series};
use crate::history::{Series, Step};
use crate::plan::workload::{Event, Fit};

use outlook::Outlook;
pub use outlook::Yearly;
pub use peak::PeakRatio;
use rhythm::Rhythm;

/// What a history says about the horizon.
#[derive(Debug, Clone)]
pub struct FromHistory {
    /// Mean levels of the horizon's months, one value a draw.
    pub levels: Vec<Vec<f64>>,
    /// The last day measured: what events did by then is in the levels.
    pub last_day: Date,
    /// The last month measured, in which stated growth is 1.
    pub last_month: Month,
    /// The level at the last observation, without season: what stated growth grows from.
    pub last_level: f64,
    /// The largest value of a month over its mean, where the history tells: of hours or days.
    pub peak: Option<PeakRatio>,
    /// The hour-of-week shape of mean 1, where the history tells one.
    pub week: Option<[f64; HOURS_PER_WEEK]>,
    /// What was learned, for reports.
    pub fitted: Fitted,
}

/// How a month depends on the one before: the correlation of their errors.
///
/// # Source
/// Errors of a level stay; 0.9 is near the autocorrelation of monthly forecast errors of operations
/// series, and only orders paths: the spread of each month is that of the back-test.
const PERSISTENCE: f64 = 0.9;
/// Weeks of the level that stated growth grows from.
const LEVEL_WEEKS: f64 = 8.0;

/// Levels of so many months from `first`, by the history of the workload `name`.
///
/// `None` where nothing was measured.
#[must_use]
pub fn fit(
    name: &str,
    series: &Series,
    fit: Fit,
    (yearly, events): (Yearly, &[Event]),
    (first, months): (Month, usize),
    draws: Draws,
) -> Option<FromHistory> {
    let week = hours::week_shape(series);
    let mut steady = prepare::trimmed(&prepare::daily(series, week.as_ref()))?;
    let rhythm = Rhythm::of(steady.step);
    let last_day = plus_days(steady.day(steady.values.len()), -1);
    let taken_out = past::take_out(&mut steady, events, last_day);
    let mut steady = prepare::trimmed(&steady)?;
    series::fill(&mut steady.values, rhythm.fill());

    let until = first.plus(i32::try_from(months).unwrap_or(i32::MAX)).first_day();
    let ahead = steady.place(plus_days(until, -1)) + 1 - places(steady.values.len());
    let ahead = usize::try_from(ahead).unwrap_or(0);
    let outlook = match fit {
        Fit::Auto => outlook::look_ahead(&steady.values, rhythm, yearly, ahead),
        Fit::Level => outlook::hold_level(&steady.values, rhythm, yearly, ahead),
    };
    let backtests = match fit {
        Fit::Auto => holdout::backtests(&steady.values, rhythm, yearly),
        Fit::Level => Vec::new(),
    };

    let learned = Learned { shaped: week.is_some(), tested: !backtests.is_empty() };
    let observed = hours::by_month(series, first.calendar());
    let peak = match series.step {
        Step::Hour | Step::Day => PeakRatio::of(&observed.means, &observed.peaks),
        Step::Week | Step::Month(_) => None,
    };
    let mut remarks = remarks(fit, &outlook, &steady, yearly, learned);
    remarks.extend(taken_out);
    let fitted = Fitted {
        observed: observed.means,
        observed_peak: observed.peaks,
        method: method(fit, &outlook, rhythm),
        backtests,
        maxima: Vec::new(),
        remarks,
    };
    let levels = paths(name, &steady, &outlook, last_day, (first, months), draws);
    Some(FromHistory {
        levels,
        last_month: first.calendar().month_of(last_day),
        last_day,
        last_level: last_level(&steady, rhythm),
        peak,
        week,
        fitted,
    })
}

/// The mean of the last eight weeks (months: the last three).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "steps of a history")]
fn last_level(steady: &Series, rhythm: Rhythm) -> f64 {
    let weeks = rhythm.month * 12.0 / (365.25 / 7.0);
    let steps = ((weeks * LEVEL_WEEKS).round() as usize).max(3).min(steady.values.len());
    crate::draws::mean(&steady.values[steady.values.len() - steps..])
}

/// One path a draw through the months: their medians, moved by persistent errors of the spread that the
/// past shows. A month that was measured in part is uncertain in part.
fn paths(
    name: &str,
    steady: &Series,
    outlook: &Outlook,
    last_day: Date,
    (first, months): (Month, usize),
    draws: Draws,
) -> Vec<Vec<f64>> {
    let mut state: Option<Vec<f64>> = None;
    (0..places(months))
        .map(|t| {
            let month = first.plus(t);
            let (median, unknown) = month_mean(steady, outlook, month);
            let middle = plus_days(month.first_day(), 14);
            let ahead = f64::from(days_between(last_day, middle)) / (365.25 / 12.0) + 0.5;
            let deviation = outlook.spread.at(ahead) * unknown;
            if deviation == 0.0 {
                return vec![median; draws.count()];
            }
            let standard = Dist::Normal { mean: 0.0, sd: 1.0, floor: None };
            let fresh = draws.values_of(&standard, &format!("workload/{name}/history/{month}"));
            let errors = match state.take() {
                None => fresh,
                Some(before) => before
                    .iter()
                    .zip(&fresh)
                    .map(|(before, fresh)| {
                        PERSISTENCE * before + (1.0 - PERSISTENCE * PERSISTENCE).sqrt() * fresh
                    })
                    .collect(),
            };
            let level = errors
                .iter()
                .map(|error| outlook.spread.moved(median, error * deviation))
                .collect();
            state = Some(errors);
            level
        })
        .collect()
}

/// The mean of a month over its days, measured or forecast, and the share of days that are forecast.
fn month_mean(steady: &Series, outlook: &Outlook, month: Month) -> (f64, f64) {
    let measured = steady.values.len();
    let (mut sum, mut forecast, mut count) = (0.0, 0_u32, 0_u32);
    for day in 0..month.days() {
        let day = plus_days(month.first_day(), i32::try_from(day).unwrap_or(0));
        let Ok(place) = usize::try_from(steady.place(day)) else { continue };
        let value = if let Some(value) = steady.values.get(place) {
            *value
        } else {
            forecast += 1;
            outlook.steps.get(place - measured).copied().unwrap_or(0.0)
        };
        sum += value;
        count += 1;
    }
    if count == 0 {
        // The horizon begins before anything was measured: its first value stands for those days.
        return (steady.values[0], 0.0);
    }
    (sum / f64::from(count), f64::from(forecast) / f64::from(count))
}

fn method(fit: Fit, outlook: &Outlook, rhythm: Rhythm) -> String {
    let seasons: Vec<&str> = outlook
        .seasons
        .iter()
        .map(|period| if Some(*period) == rhythm.short { "week" } else { "year" })
        .collect();
    let season = if seasons.is_empty() {
        String::new()
    } else {
        format!("; season of the {}", seasons.join(" and "))
    };
    match (fit, outlook.leader) {
        (Fit::Level, _) => format!("level of the last weeks{season}"),
        (Fit::Auto, Some(leader)) => format!("{leader}{season}"),
        (Fit::Auto, None) => format!("level, no trend{season}"),
    }
}

/// What else the history was long enough for.
#[derive(Debug, Clone, Copy)]
struct Learned {
    /// A shape of the week.
    shaped: bool,
    /// A back-test.
    tested: bool,
}

fn remarks(
    fit: Fit,
    outlook: &Outlook,
    steady: &Series,
    yearly: Yearly,
    Learned { shaped, tested }: Learned,
) -> Vec<String> {
    let mut remarks = Vec::new();
    let (length, unit, cycle) = match steady.step {
        Step::Hour | Step::Day => (steady.values.len(), "days", 730),
        Step::Week => (steady.values.len(), "weeks", 104),
        Step::Month(_) => (steady.values.len(), "months", 24),
    };
    if !shaped && steady.step == Step::Day {
        remarks.push(String::from(
            "two weeks are not covered hour by hour, or day by day, so no shape of the week is measured",
        ));
    }
    if steady.values.len() < 14 && steady.step == Step::Day {
        remarks.push(format!(
            "a short history: {length} {unit} are under two weeks, so no season of the week is used"
        ));
    }
    if fit == Fit::Auto && outlook.leader.is_none() {
        remarks.push(format!(
            "a short history: {length} {unit} are too few for a trend, so the level is held with a wide \
             interval"
        ));
    } else if fit == Fit::Auto && !tested {
        remarks.push(format!("a short history: {length} {unit} are too few for a back-test"));
    }
    if let Some((place, forgotten)) = outlook.jumped {
        let day = steady.day(place);
        remarks.push(if forgotten {
            format!("the level jumped about {day}; only what came since is used")
        } else {
            format!("the level jumped about {day}")
        });
    }
    if length < cycle && yearly == Yearly::Measured {
        remarks
            .push(format!("{length} {unit} are under two years, so no season of the year is used"));
    }
    remarks
}

fn places(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests may use real data where it is")]
mod tests {
    use super::*;
    use crate::forecast::sample;
    use crate::history::{Usage, read};
    use crate::ids::Id;
    use crate::plan::workload::{Demand, TableRef};
    use outlook::look_ahead;
    use rhythm::{blocks, naive_months};

    /// The real series, where this machine has them.
    fn shared() -> Option<std::path::PathBuf> {
        let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
        let folder = std::env::var("CAPPLAN_SHARED").unwrap_or_else(|_| beside());
        let folder = std::path::PathBuf::from(folder).join("data/forecast");
        folder.is_dir().then_some(folder)
    }

    /// The part of a file's series that is to be learned from, or forecast.
    fn series(folder: &std::path::Path, file: &str, names: &[String], part: &str) -> Usage {
        let workloads = names.iter().enumerate().map(|(index, name)| {
            let history = sample::history_of(TableRef {
                path: file.into(),
                column: Some("y".into()),
                filters: vec![("unique_id".into(), name.clone()), ("split".into(), part.into())],
                ..TableRef::default()
            });
            let demand = Demand { history: Some(history), ..sample::demand(None) };
            sample::workload(&format!("{index:03}"), Some(demand))
        });
        read(&sample::plan(workloads.collect(), 1), folder).unwrap()
    }

    /// Mean absolute errors of the months of every series, as shares of its mean: ours and seasonal
    /// naive's; and the share of months inside the 80% interval.
    fn scores(file: &str, every: usize) -> Option<(f64, f64, f64)> {
        let folder = shared()?;
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut names: Vec<String> =
            text.lines().skip(1).filter_map(|line| Some(line.split_once(',')?.0.into())).collect();
        names.dedup();
        let names: Vec<String> = names.into_iter().step_by(every).collect();
        let past = series(&folder, file, &names, "train");
        let future = series(&folder, file, &names, "test");
        let (mut ours, mut naive, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..names.len() {
            let mut past = prepare::daily(&past.series[&Id::new(index)], None);
            let mut future = prepare::daily(&future.series[&Id::new(index)], None);
            let rhythm = Rhythm::of(past.step);
            series::fill(&mut past.values, rhythm.fill());
            series::fill(&mut future.values, rhythm.fill());
            let outlook = look_ahead(&past.values, rhythm, Yearly::Measured, future.values.len());
            let months = blocks(&future.values, rhythm.month);
            let size = crate::draws::mean(&past.values);
            let seen = blocks(&outlook.steps, rhythm.month);
            let before = naive_months(&past.values, rhythm, months.len());
            for (h, actual) in months.iter().enumerate() {
                ours.push((actual - seen[h]).abs() / size);
                naive.push((actual - before[h]).abs() / size);
                let reach = crate::estimate::Z_90 * outlook.spread.at(h as f64 + 1.0);
                let range =
                    outlook.spread.moved(seen[h], -reach)..=outlook.spread.moved(seen[h], reach);
                inside.push(f64::from(u8::from(range.contains(actual))));
            }
        }
        let mean = crate::draws::mean;
        Some((mean(&ours), mean(&naive), mean(&inside)))
    }

    #[test]
    fn months_of_real_series_are_nearer_than_seasonal_naive() {
        for (file, every) in [("long_daily.csv", 1), ("m3_monthly.csv", 6), ("m4_weekly.csv", 12)] {
            if let Some((ours, naive, inside)) = scores(file, every) {
                assert!(ours < naive, "{file}: {ours} against {naive}");
                assert!((0.6..=0.97).contains(&inside), "{file}: {inside}");
            }
        }
    }
}
