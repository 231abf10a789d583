//! Stated growth: a level in the first month in, a level in every month out, one path a draw.
//!
//! Every variable is drawn once for all months. A table replaces the base; every other term is a factor
//! that is 1 in the first month. Absent: events, and the shape inside a week.

use crate::calendar::Month;
use crate::draws::Draws;
use crate::forecast::wave;
use crate::plan::workload::{Growth, GrowthKind, LogisticPace, SeasonPeriod};

/// Levels by month, one value a draw: `base` in the month `first`, then grown, `months` in all.
///
/// Terms multiply, in an order of their own, not that of the plan. Those that state levels (table, to,
/// logistic, a linear step) act as the ratio of their level to the base; where the base is zero, their
/// rise is added instead. Levels never fall below zero.
///
/// # Source
/// compound (1+g)^t; linear 1 + g·t or b + s·t; logistic K/(1 + ((K − b)/b)·e^(−kt)), Verhulst (1838);
/// the design's `semantics`, "Demand".
#[must_use]
pub fn grow(
    terms: &[Growth],
    base: &[f64],
    first: Month,
    months: usize,
    draws: Draws,
) -> Vec<Vec<f64>> {
    let mut terms: Vec<&GrowthKind> = terms.iter().map(|term| &term.kind).collect();
    terms.sort_by_key(|kind| rank(kind));
    let mut origin = base.to_vec();
    let mut levels = vec![origin.clone(); months];
    let mut states_levels = false;
    for kind in terms {
        if let Some(paths) = stated_levels(kind, &origin, first, months, draws) {
            if states_levels {
                combine(&mut levels, &paths, &origin);
            } else {
                levels = paths;
            }
            if matches!(kind, GrowthKind::Table(_)) {
                origin.clone_from(&levels[0]);
            }
            states_levels = true;
        } else {
            multiply(kind, &mut levels, first, draws);
        }
    }
    for level in levels.iter_mut().flatten() {
        *level = level.max(0.0);
    }
    levels
}

/// Scales levels that vary by themselves with what growth makes of `base`: each times grown ÷ base, or
/// plus what is grown where the base is zero.
pub fn scale(level: &mut [f64], grown: &[f64], base: &[f64]) {
    for ((level, grown), base) in level.iter_mut().zip(grown).zip(base) {
        if *base > 0.0 {
            *level *= grown / base;
        } else {
            *level += grown;
        }
    }
}

/// The order in which terms act.
fn rank(kind: &GrowthKind) -> u8 {
    match kind {
        GrowthKind::Table(_) => 0,
        GrowthKind::To { .. } => 1,
        GrowthKind::Logistic { .. } => 2,
        GrowthKind::LinearStep(_) => 3,
        GrowthKind::LinearShare(_) => 4,
        GrowthKind::Compound(_) => 5,
        GrowthKind::Seasonal { .. } => 6,
    }
}

/// The levels that a term states, where it states levels rather than a factor.
fn stated_levels(
    kind: &GrowthKind,
    base: &[f64],
    first: Month,
    months: usize,
    draws: Draws,
) -> Option<Vec<Vec<f64>>> {
    match kind {
        GrowthKind::Table(points) => {
            let mut points: Vec<(Month, Vec<f64>)> =
                points.iter().map(|(month, level)| (*month, draws.values(level))).collect();
            points.sort_by_key(|(month, _)| *month);
            Some(by_month(months, |t| interpolate(&points, plus(first, t), base)))
        }
        GrowthKind::To { level, by } => {
            let levels = draws.values(level);
            let reached = f64::from(by.since(first));
            Some(by_month(months, |t| {
                let share = if reached > 0.0 { (t as f64 / reached).min(1.0) } else { 1.0 };
                base.iter().zip(&levels).map(|(b, level)| b + (level - b) * share).collect()
            }))
        }
        GrowthKind::LinearStep(step) => {
            let steps = draws.values(step);
            Some(by_month(months, |t| {
                base.iter().zip(&steps).map(|(b, step)| b + step * t as f64).collect()
            }))
        }
        GrowthKind::Logistic { ceiling, pace } => {
            let ceilings = draws.values(ceiling);
            let rates = match pace {
                LogisticPace::Steepness(rate) => draws.values(rate),
                LogisticPace::Midpoint(month) => {
                    let midpoint = f64::from(month.since(first));
                    let pairs = base.iter().zip(&ceilings);
                    pairs.map(|(b, ceiling)| rate_through(*b, *ceiling, midpoint)).collect()
                }
            };
            Some(by_month(months, |t| {
                let draws = base.iter().zip(&ceilings).zip(&rates);
                draws.map(|((b, ceiling), rate)| logistic(*b, *ceiling, *rate, t as f64)).collect()
            }))
        }
        _ => None,
    }
}

/// The logistic through the base `b` at t = 0; held at the lower of base and ceiling where the ceiling
/// is not above the base, and at zero from a base of zero.
fn logistic(b: f64, ceiling: f64, rate: f64, t: f64) -> f64 {
    if b <= 0.0 || ceiling <= b {
        return b.min(ceiling).max(0.0);
    }
    ceiling / (1.0 + (ceiling - b) / b * libm::exp(-rate * t))
}

/// The rate at which the logistic through `b` passes half its ceiling at t = `midpoint`. A base on the
/// wrong side of half the ceiling would have to fall: it is held instead, at rate 0.
fn rate_through(b: f64, ceiling: f64, midpoint: f64) -> f64 {
    if b <= 0.0 || ceiling <= b || midpoint == 0.0 {
        return 0.0;
    }
    (libm::log((ceiling - b) / b) / midpoint).max(0.0)
}

/// A table's level in a month: linear between its points, held before and after.
fn interpolate(points: &[(Month, Vec<f64>)], month: Month, base: &[f64]) -> Vec<f64> {
    let after = points.partition_point(|(at, _)| *at <= month);
    match (after.checked_sub(1).map(|before| &points[before]), points.get(after)) {
        (Some((_, levels)), None) | (None, Some((_, levels))) => levels.clone(),
        (Some((from, low)), Some((to, high))) => {
            let share = f64::from(month.since(*from)) / f64::from(to.since(*from));
            low.iter().zip(high).map(|(low, high)| low + (high - low) * share).collect()
        }
        (None, None) => base.to_vec(),
    }
}

/// Applies a term that is a factor.
fn multiply(kind: &GrowthKind, levels: &mut [Vec<f64>], first: Month, draws: Draws) {
    match kind {
        GrowthKind::Compound(rate) => {
            let steps: Vec<f64> =
                draws.values(rate).into_iter().map(|rate| (1.0 + rate).max(0.0)).collect();
            // (1+g)^t by repeated multiplication: exact to a few units in the last place on every
            // machine, and a fortieth of the time of `pow`.
            let mut factors = vec![1.0; steps.len()];
            for level in levels {
                for ((level, factor), step) in level.iter_mut().zip(&mut factors).zip(&steps) {
                    *level *= *factor;
                    *factor *= step;
                }
            }
        }
        GrowthKind::LinearShare(rate) => {
            let rates = draws.values(rate);
            for (t, level) in levels.iter_mut().enumerate() {
                for (level, rate) in level.iter_mut().zip(&rates) {
                    *level *= (1.0 + rate * t as f64).max(0.0);
                }
            }
        }
        GrowthKind::Seasonal { period: SeasonPeriod::Year, peak_to_mean } => {
            let year = wave::year(peak_to_mean);
            let ratios = draws.values(peak_to_mean);
            let at = |month: Month, ratio: f64| {
                let place = usize::from(month.month().unsigned_abs()) - 1;
                (1.0 + (ratio - 1.0).max(0.0) * year[place]).max(LEAST_SEASON)
            };
            for (t, level) in levels.iter_mut().enumerate() {
                let month = plus(first, t);
                for (level, ratio) in level.iter_mut().zip(&ratios) {
                    *level *= at(month, *ratio) / at(first, *ratio);
                }
            }
        }
        _ => {}
    }
}

/// A month of a yearly shape is at least this share of the mean, so that a plan may begin in the lowest.
const LEAST_SEASON: f64 = 0.05;

/// Multiplies levels by the ratio of another path to the base it grew from.
fn combine(levels: &mut [Vec<f64>], paths: &[Vec<f64>], base: &[f64]) {
    for (level, path) in levels.iter_mut().zip(paths) {
        for ((level, path), base) in level.iter_mut().zip(path).zip(base) {
            if *base > 0.0 {
                *level *= path / base;
            } else {
                *level += path;
            }
        }
    }
}

fn by_month(months: usize, level: impl Fn(usize) -> Vec<f64>) -> Vec<Vec<f64>> {
    (0..months).map(level).collect()
}

fn plus(first: Month, t: usize) -> Month {
    first.plus(i32::try_from(t).unwrap_or(i32::MAX))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::draws::quantile;
    use crate::forecast::sample::{between, fixed, growth};
    use proptest::prelude::*;

    /// Levels of 13 months from January 2027, of one draw.
    fn levels(kinds: Vec<GrowthKind>, base: f64) -> Vec<f64> {
        let terms: Vec<Growth> = kinds.into_iter().map(growth).collect();
        let levels = grow(&terms, &[base], Month::new(2027, 1), 13, Draws::new(1, 1));
        levels.into_iter().map(|level| level[0]).collect()
    }

    fn assert_near(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{value} {expected}");
    }

    #[test]
    fn compound_growth_after_three_months_is_its_cube() {
        let levels = levels(vec![GrowthKind::Compound(fixed(0.1))], 100.0);
        assert_near(levels[0], 100.0);
        assert_near(levels[3], 133.1);
        assert_near(levels[12], 100.0 * libm::pow(1.1, 12.0));
    }

    #[test]
    fn linear_growth_adds_the_same_every_month() {
        let share = levels(vec![GrowthKind::LinearShare(fixed(0.05))], 200.0);
        let step = levels(vec![GrowthKind::LinearStep(fixed(10.0))], 200.0);
        for t in 0..13 {
            assert_near(share[t], 200.0 + 10.0 * t as f64);
            assert_near(step[t], 200.0 + 10.0 * t as f64);
        }
        assert_near(levels(vec![GrowthKind::LinearStep(fixed(10.0))], 0.0)[4], 40.0);
        assert_near(levels(vec![GrowthKind::LinearStep(fixed(-50.0))], 100.0)[4], 0.0);
    }

    #[test]
    fn a_logistic_passes_the_base_and_half_its_ceiling_at_the_midpoint() {
        let pace = LogisticPace::Midpoint(Month::new(2027, 6));
        let path = levels(vec![GrowthKind::Logistic { ceiling: fixed(900.0), pace }], 100.0);
        assert_near(path[0], 100.0);
        assert_near(path[5], 450.0);
        assert_near(path[10], 800.0);
        let pace = LogisticPace::Steepness(fixed(0.45));
        let path = levels(vec![GrowthKind::Logistic { ceiling: fixed(900.0), pace }], 100.0);
        assert_near(path[0], 100.0);
        assert_near(path[3], 900.0 / (1.0 + 8.0 * libm::exp(-1.35)));
    }

    #[test]
    fn a_logistic_that_cannot_rise_is_held() {
        let held = |base: f64, midpoint: Month| {
            let pace = LogisticPace::Midpoint(midpoint);
            levels(vec![GrowthKind::Logistic { ceiling: fixed(900.0), pace }], base)[12]
        };
        assert_near(held(1000.0, Month::new(2027, 6)), 900.0);
        assert_near(held(600.0, Month::new(2027, 6)), 600.0);
        assert_near(held(100.0, Month::new(2027, 1)), 100.0);
        assert_near(held(0.0, Month::new(2027, 6)), 0.0);
    }

    #[test]
    fn a_table_replaces_the_base_and_is_linear_between_its_months() {
        let points = vec![(Month::new(2027, 7), fixed(400.0)), (Month::new(2027, 3), fixed(200.0))];
        let path = levels(vec![GrowthKind::Table(points)], 50.0);
        assert_eq!(
            [path[0], path[2], path[3], path[6], path[12]],
            [200.0, 200.0, 250.0, 400.0, 400.0]
        );
    }

    #[test]
    fn a_target_is_reached_in_its_month_and_held() {
        let to = GrowthKind::To { level: fixed(300.0), by: Month::new(2027, 5) };
        let path = levels(vec![to], 100.0);
        assert_eq!([path[0], path[1], path[4], path[12]], [100.0, 150.0, 300.0, 300.0]);
    }

    #[test]
    fn a_year_is_relative_to_its_first_month_and_comes_round() {
        let year = GrowthKind::Seasonal { period: SeasonPeriod::Year, peak_to_mean: fixed(1.2) };
        let path = levels(vec![year], 100.0);
        assert_near(path[0], 100.0);
        assert_near(path[12], 100.0);
        let highest = path.iter().copied().fold(0.0, f64::max);
        assert_near(path[11], highest);
        let mean = path[..12].iter().sum::<f64>() / 12.0;
        assert_near(highest / mean, 1.2);
    }

    #[test]
    fn terms_multiply_in_any_order() {
        let terms = vec![
            GrowthKind::Compound(fixed(0.02)),
            GrowthKind::LinearStep(fixed(5.0)),
            GrowthKind::LinearShare(fixed(0.01)),
        ];
        let forwards = levels(terms.clone(), 100.0);
        assert_near(forwards[2], 110.0 * 1.0404 * 1.02);
        assert_eq!(forwards, levels(terms.into_iter().rev().collect(), 100.0));
    }

    #[test]
    fn what_is_written_is_the_p5_and_p95_of_the_growth() {
        let terms = [growth(GrowthKind::Compound(between(0.03, 0.06)))];
        let base = vec![100.0; 1000];
        let level = &grow(&terms, &base, Month::new(2027, 1), 2, Draws::new(3, 1000))[1];
        assert!((quantile(level, 0.05) - 103.0).abs() < 0.02);
        assert!((quantile(level, 0.95) - 106.0).abs() < 0.04);
    }

    proptest! {
        #[test]
        fn more_base_never_gives_less_in_any_draw(
            base in 0.0..1e6_f64,
            more in 0.0..1e6_f64,
            rate in -0.5..0.5_f64,
            step in -1e4..1e4_f64,
            level in 0.0..1e6_f64,
            steepness in 0.0..2.0_f64,
            which in 0_usize..5,
        ) {
            let kind = match which {
                0 => GrowthKind::Compound(fixed(rate)),
                1 => GrowthKind::LinearShare(fixed(rate)),
                2 => GrowthKind::LinearStep(fixed(step)),
                3 => GrowthKind::To { level: fixed(level), by: Month::new(2027, 9) },
                _ => GrowthKind::Logistic {
                    ceiling: fixed(level),
                    pace: LogisticPace::Steepness(fixed(steepness)),
                },
            };
            let low = levels(vec![kind.clone()], base);
            let high = levels(vec![kind], base + more);
            for (low, high) in low.iter().zip(&high) {
                prop_assert!(*high >= low * (1.0 - 1e-12), "{low} {high}");
            }
        }
    }
}
