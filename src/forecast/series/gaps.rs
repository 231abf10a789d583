//! Gaps in a series, filled so that it can be fitted.

/// Fills gaps in values that begin and end with a number: up to half a season by a straight line; longer
/// ones by the line between the means of the season before and after, times what the season's place
/// usually is. Returns how many were filled.
pub fn fill(values: &mut [f64], period: usize) -> usize {
    let usual = usual_places(values, period);
    let mut filled = 0;
    let mut index = 0;
    while index < values.len() {
        if !values[index].is_nan() {
            index += 1;
            continue;
        }
        let length = values[index..].iter().take_while(|value| value.is_nan()).count();
        let seasonal = length > period / 2 && period > 1;
        let (before, after) = if seasonal {
            (
                mean_known(&values[index.saturating_sub(period)..index]),
                mean_known(&values[index + length..(index + length + period).min(values.len())]),
            )
        } else {
            (values[index - 1], values[index + length])
        };
        for step in 0..length {
            let share = (step + 1) as f64 / (length + 1) as f64;
            let line = before + (after - before) * share;
            let place = index + step;
            values[place] = if seasonal { line * usual[place % period] } else { line };
        }
        filled += length;
        index += length;
    }
    filled
}

/// The mean of every place of the season, as a ratio to the mean of all.
fn usual_places(values: &[f64], period: usize) -> Vec<f64> {
    let all = mean_known(values);
    (0..period)
        .map(|place| {
            let here: Vec<f64> = values.iter().skip(place).step_by(period).copied().collect();
            let mean = mean_known(&here);
            if all > 0.0 && mean.is_finite() { mean / all } else { 1.0 }
        })
        .collect()
}

/// The mean of the values that are numbers; NaN where none is.
#[must_use]
pub fn mean_known(values: &[f64]) -> f64 {
    let known = || values.iter().filter(|value| !value.is_nan());
    known().sum::<f64>() / known().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_gap_is_a_line_and_a_long_one_keeps_the_season() {
        let week = |t: usize| if t % 7 < 5 { 100.0 } else { 30.0 };
        let mut values: Vec<f64> = (0..42).map(week).collect();
        values[1] = f64::NAN;
        values[14..28].fill(f64::NAN);
        assert_eq!(fill(&mut values, 7), 15);
        assert!((values[1] - 100.0).abs() < 1e-9);
        for (t, value) in values.iter().enumerate() {
            assert!((value - week(t)).abs() < 2.0, "{t}: {value}");
        }
    }
}
