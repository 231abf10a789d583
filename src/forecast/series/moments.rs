//! Means, variances and lines through values.

/// The population variance; 0 of no values.
#[must_use]
pub fn variance(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mean = crate::draws::mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64
}

/// The median of values, of which there is at least one.
#[must_use]
pub fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The deviation of a normal whose absolute distances from its middle these are, by their median: values
/// far away hardly move it. There is at least one.
#[must_use]
pub fn robust_deviation(distances: &mut [f64]) -> f64 {
    // From the median absolute deviation to the standard deviation of a normal.
    1.4826 * median(distances)
}

/// The mean of the `width` values around each place; near the ends, of the first or last `width`.
///
/// `values` has at least `width` values.
#[must_use]
pub fn moving_mean(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for value in values {
        sum += value;
        sums.push(sum);
    }
    (0..values.len())
        .map(|place| {
            let end = (place.saturating_sub(width / 2) + width).min(values.len());
            (sums[end] - sums[end - width]) / width as f64
        })
        .collect()
}

/// The mean of every place of a cycle, the first value's place first; 0 for a place that no value has.
#[must_use]
pub fn phase_means(values: &[f64], period: usize) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; period], vec![0_u32; period]);
    for (place, value) in values.iter().enumerate() {
        sums[place % period] += value;
        counts[place % period] += 1;
    }
    sums.iter().zip(counts).map(|(sum, count)| sum / f64::from(count.max(1))).collect()
}

/// A straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Its value at the first place.
    pub start: f64,
    /// What it rises by from one place to the next.
    pub slope: f64,
}

/// The least-squares line through values, of which there is at least one.
#[must_use]
pub fn line(values: &[f64]) -> Line {
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let mean = crate::draws::mean(values);
    let (mut cross, mut square) = (0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        let x = place as f64 - middle;
        cross += x * (value - mean);
        square += x * x;
    }
    let slope = if square > 0.0 { cross / square } else { 0.0 };
    Line { start: mean - slope * middle, slope }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moving_mean_is_that_of_whole_windows_also_at_the_ends() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(moving_mean(&values, 3), [2.0, 2.0, 3.0, 4.0, 5.0, 5.0]);
        assert_eq!(moving_mean(&values, 6), [3.5; 6]);
    }

    #[test]
    fn a_line_is_found_again() {
        assert_eq!(line(&[2.0, 5.0, 8.0]), Line { start: 2.0, slope: 3.0 });
        assert_eq!(line(&[4.0]), Line { start: 4.0, slope: 0.0 });
    }

    #[test]
    fn a_cycle_has_the_mean_of_its_places() {
        assert_eq!(phase_means(&[1.0, 10.0, 3.0, 20.0, 5.0], 2), [3.0, 15.0]);
    }
}
