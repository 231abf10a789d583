//! The ways of looking ahead that suit a series, each under its name.

use std::collections::BTreeMap;

use crate::forecast::series::adjusted::{Adjusted, LONGEST_SMOOTHED, adjusted, harmonic};
use crate::forecast::series::ets::ets;
use crate::forecast::series::search::Params;
use crate::forecast::series::seasons::Season;
use crate::forecast::series::smoothing::{damped, drift, recent_mean, seasonal_naive, theta};
use crate::forecast::series::states::states;
use crate::forecast::series::winters::{self, winters};

/// The scale that a member is fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// As measured.
    Raw,
    /// The logarithm: seasons and trends multiply. Only where all values are above zero.
    Log,
}

/// A way of looking ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    /// The last value.
    Naive,
    /// The last cycle of the shortest season.
    ShortNaive,
    /// The last cycle of the longest of several seasons.
    LongNaive,
    /// A damped trend on the seasonally adjusted series.
    Damped(Scale),
    /// Theta on the seasonally adjusted series.
    Theta(Scale),
    /// A random walk with drift on the seasonally adjusted series.
    Drift(Scale),
    /// `augurs`' damped exponential smoothing on the seasonally adjusted series.
    Ets(Scale),
    /// The mean of the last horizon, with the season.
    RecentMean,
    /// The mean of the last four horizons, with the season.
    LongMean,
    /// A damped trend, the season left in.
    PlainDamped,
    /// Theta, the season left in.
    PlainTheta,
    /// A damped trend beside a season of sines.
    HarmonicDamped,
    /// Theta beside a season of sines.
    HarmonicTheta,
    /// Damped Holt-Winters.
    Winters(winters::Season),
    /// Damped Holt-Winters whose first states are found by least squares.
    States(Scale),
}

impl Member {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::ShortNaive => "seasonal naive",
            Self::LongNaive => "seasonal naive of the longest season",
            Self::Damped(Scale::Raw) => "damped trend",
            Self::Damped(Scale::Log) => "damped trend of the logarithm",
            Self::Theta(Scale::Raw) => "theta",
            Self::Theta(Scale::Log) => "theta of the logarithm",
            Self::Drift(Scale::Raw) => "random walk with drift",
            Self::Drift(Scale::Log) => "random walk with drift of the logarithm",
            Self::Ets(Scale::Raw) => "ETS(A,Ad,N)",
            Self::Ets(Scale::Log) => "ETS(A,Ad,N) of the logarithm",
            Self::RecentMean => "recent mean",
            Self::LongMean => "long mean",
            Self::PlainDamped => "damped trend, season left in",
            Self::PlainTheta => "theta, season left in",
            Self::HarmonicDamped => "harmonics and damped trend",
            Self::HarmonicTheta => "harmonics and theta",
            Self::Winters(winters::Season::Added) => "Holt-Winters, season added",
            Self::Winters(winters::Season::Multiplied) => "Holt-Winters, season multiplied",
            Self::States(Scale::Raw) => "ETS(A,Ad,A)",
            Self::States(Scale::Log) => "ETS(A,Ad,A) of the logarithm",
        }
    }
}

/// A member's forecast, one value a step ahead.
pub type Forecast = (Member, Vec<f64>);

/// Parameters that were found on a shorter part of a series, from which the next search starts: a fifth
/// of the work, since they hardly move.
pub type Starts = BTreeMap<Member, Params>;

/// Seasons up to this length are smoothed step by step.
const SHORT_SEASON: usize = 24;
/// A series up to this length is short: its first states decide much.
const SHORT_SERIES: usize = 200;
/// The fewest values that first states are read from, beside one for each place of the season.
const LEAST_STATES: usize = 8;
/// Noise over season is at least this, and at most its inverse.
const LEAST_NOISE: f64 = 0.05;
/// From this horizon on a series may come back to its mean.
const LONG_HORIZON: usize = 24;
/// Over so many cycles of the season, where a trend leads matters more than the season.
const MANY_CYCLES: usize = 8;
/// The week of hours: long, but seen in many cycles.
const WEEK_OF_HOURS: usize = 168;

/// What decides which members suit a series; the same for all its trials.
#[derive(Debug, Clone)]
pub struct Suits {
    /// The seasons shown, shortest first.
    periods: Vec<usize>,
    /// Noise over the shortest season, in variances.
    noise: f64,
    horizon: usize,
    short: bool,
}

impl Suits {
    /// What suits a series of that length.
    #[must_use]
    pub fn new(length: usize, seasons: &[Season], horizon: usize) -> Self {
        let short_season = seasons.first().is_none_or(|season| season.period <= SHORT_SEASON);
        let noise = seasons.first().map_or(0.0, |season| (1.0 - season.strength) / season.strength);
        Self {
            periods: seasons.iter().map(|season| season.period).collect(),
            noise: noise.clamp(LEAST_NOISE, 1.0 / LEAST_NOISE),
            horizon,
            short: length <= SHORT_SERIES && short_season,
        }
    }

    /// Every suitable member's forecast from the end of `values`, in a fixed order.
    ///
    /// `values` is not empty.
    #[must_use]
    pub fn forecasts(&self, values: &[f64], starts: &mut Starts) -> Vec<Forecast> {
        let (length, horizon) = (values.len(), self.horizon);
        let fits = |period: &&usize| length >= 2 * **period;
        let periods: Vec<usize> = self.periods.iter().filter(fits).copied().collect();
        let log: Option<Vec<f64>> = values
            .iter()
            .all(|value| *value > 0.0)
            .then(|| values.iter().map(|value| libm::log(*value)).collect());
        let mut found = Fitting { starts, horizon, forecasts: Vec::new() };

        self.naive(&mut found, values, &periods);
        let raw = self.adjusted(&mut found, values, &periods, Scale::Raw);
        let logs = log.as_ref().map(|log| self.adjusted(&mut found, log, &periods, Scale::Log));
        if self.short {
            let (scale, parts) = logs.map_or((Scale::Raw, raw), |logs| (Scale::Log, logs));
            if let Some(ahead) = ets(&parts.values, horizon) {
                found.push(Member::Ets(scale), back(&ahead, &parts.ahead, scale));
            }
        }
        let period = periods.first().copied().unwrap_or(0);
        if self.short && length < LEAST_STATES + period {
            return found.forecasts;
        }
        if self.short {
            found.fit(Member::States(Scale::Raw), Scale::Raw, |h, start| {
                states(values, (period, self.noise), h, start)
            });
            if let Some(log) = &log {
                found.fit(Member::States(Scale::Log), Scale::Log, |h, start| {
                    states(log, (period, self.noise), h, start)
                });
            }
            return found.forecasts;
        }
        match periods[..] {
            [period, ..] if period <= SHORT_SEASON => {
                let seasons = [winters::Season::Added, winters::Season::Multiplied];
                for season in seasons.into_iter().take(1 + usize::from(log.is_some())) {
                    found.fit(Member::Winters(season), Scale::Raw, |h, start| {
                        winters(values, period, h, season, start)
                    });
                }
            }
            [_, ..] => {
                found.fit(Member::PlainDamped, Scale::Raw, |h, start| damped(values, h, start));
                found.fit(Member::PlainTheta, Scale::Raw, |h, start| theta(values, h, start));
            }
            [] => {}
        }
        // Longer seasons are drawn by sines for every member.
        let own_sines = SHORT_SEASON + 1..=LONGEST_SMOOTHED;
        if let Some(longest) = periods.last()
            && own_sines.contains(longest)
            && *longest != WEEK_OF_HOURS
        {
            let (scale, base) = log.as_ref().map_or((Scale::Raw, values), |log| (Scale::Log, log));
            let parts = harmonic(base, &periods, horizon);
            found.seasoned(Member::HarmonicDamped, scale, &parts, damped);
            found.seasoned(Member::HarmonicTheta, scale, &parts, theta);
        }
        found.forecasts
    }

    fn naive(&self, found: &mut Fitting, values: &[f64], periods: &[usize]) {
        let horizon = self.horizon;
        if let [shortest, ..] = periods {
            found.push(Member::ShortNaive, seasonal_naive(values, horizon, *shortest));
        }
        if let [_, .., longest] = periods {
            found.push(Member::LongNaive, seasonal_naive(values, horizon, *longest));
        }
        if !self.short && periods.first().is_none_or(|period| *period > 12) {
            found.push(Member::Naive, seasonal_naive(values, horizon, 1));
        }
    }

    /// Members on the seasonally adjusted series, which is given back.
    fn adjusted(
        &self,
        found: &mut Fitting,
        values: &[f64],
        periods: &[usize],
        scale: Scale,
    ) -> Adjusted {
        let parts = adjusted(values, periods, self.horizon);
        if !self.short {
            found.seasoned(Member::Damped(scale), scale, &parts, damped);
        }
        found.seasoned(Member::Theta(scale), scale, &parts, theta);
        let walks = periods.first().is_none_or(|period| *period > SHORT_SEASON);
        let far = periods.first().map_or(LONG_HORIZON, |period| MANY_CYCLES * period);
        if (!self.short && walks) || self.horizon >= far {
            let alpha = found.starts.get(&Member::Theta(scale)).map_or(1.0, |params| params[0]);
            let ahead = drift(&parts.values, self.horizon, alpha);
            found.push(Member::Drift(scale), back(&ahead, &parts.ahead, scale));
        }
        if scale == Scale::Raw && self.horizon >= LONG_HORIZON {
            for (member, horizons) in [(Member::RecentMean, 1), (Member::LongMean, 4)] {
                let ahead = recent_mean(&parts.values, self.horizon, horizons * self.horizon);
                found.push(member, back(&ahead, &parts.ahead, scale));
            }
        }
        parts
    }
}

/// Forecasts as they are made.
struct Fitting<'a> {
    starts: &'a mut Starts,
    horizon: usize,
    forecasts: Vec<Forecast>,
}

impl Fitting<'_> {
    fn push(&mut self, member: Member, ahead: Vec<f64>) {
        self.forecasts.push((member, ahead));
    }

    /// Fits a model from where it was last found.
    fn fit(
        &mut self,
        member: Member,
        scale: Scale,
        model: impl FnOnce(usize, Option<Params>) -> (Vec<f64>, Params),
    ) {
        let (ahead, params) = model(self.horizon, self.starts.get(&member).copied());
        self.starts.insert(member, params);
        let none = vec![0.0; self.horizon];
        self.push(member, back(&ahead, &none, scale));
    }

    /// Fits a model to the adjusted series, and puts the season back.
    fn seasoned(
        &mut self,
        member: Member,
        scale: Scale,
        parts: &Adjusted,
        model: impl FnOnce(&[f64], usize, Option<Params>) -> (Vec<f64>, Params),
    ) {
        let start = self.starts.get(&member).copied();
        let (ahead, params) = model(&parts.values, self.horizon, start);
        self.starts.insert(member, params);
        self.push(member, back(&ahead, &parts.ahead, scale));
    }
}

/// A level with its season, on the scale of the series.
fn back(level: &[f64], season: &[f64], scale: Scale) -> Vec<f64> {
    let both = level.iter().zip(season).map(|(level, season)| level + season);
    match scale {
        Scale::Raw => both.collect(),
        Scale::Log => both.map(libm::exp).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::{noise, wave};

    fn names(values: &[f64], periods: &[usize], horizon: usize) -> Vec<&'static str> {
        let season = |period: &usize| Season { period: *period, strength: 0.5 };
        let seasons: Vec<Season> = periods.iter().map(season).collect();
        let suits = Suits::new(values.len(), &seasons, horizon);
        let forecasts = suits.forecasts(values, &mut Starts::new());
        assert!(forecasts.iter().all(|(_, ahead)| ahead.len() == horizon));
        forecasts.iter().map(|(member, _)| member.name()).collect()
    }

    #[test]
    fn members_suit_the_series() {
        let months: Vec<f64> = (0..60).map(|t| 50.0 + 9.0 * wave(t, 12) + noise(t)).collect();
        assert_eq!(
            names(&months, &[12], 6),
            [
                "seasonal naive",
                "theta",
                "theta of the logarithm",
                "ETS(A,Ad,N) of the logarithm",
                "ETS(A,Ad,A)",
                "ETS(A,Ad,A) of the logarithm"
            ]
        );
        let walk: Vec<f64> = (0..300).map(|t| noise(t) - 2.0 * noise(t / 30)).collect();
        assert_eq!(
            names(&walk, &[], 7),
            ["naive", "damped trend", "theta", "random walk with drift"]
        );
    }

    #[test]
    fn one_value_can_be_looked_ahead_from() {
        for (_, ahead) in Suits::new(1, &[], 3).forecasts(&[5.0], &mut Starts::new()) {
            assert!(ahead.iter().all(|value| (value - 5.0).abs() < 1e-6), "{ahead:?}");
        }
    }
}
