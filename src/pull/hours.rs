//! Raw points in, hours out: mean, peak and count, by us rather than by the server, so that they mean the
//! same for every query.

use crate::history::snapshot::{HOUR, HourRow};

/// The hours of points, which are in the order of time.
///
/// A point belongs to the hour that it ends or lies in: a rate at 03:00 looks back, at what was between
/// two and three.
#[must_use]
pub fn hours(points: &[(i64, f64)]) -> Vec<HourRow> {
    let mut rows: Vec<HourRow> = Vec::new();
    for &(at, value) in points {
        let hour = (at - 1).div_euclid(HOUR) * HOUR;
        match rows.last_mut() {
            // Until all are in, the mean is the sum.
            Some(row) if row.at == hour => {
                row.mean += value;
                row.peak = row.peak.max(value);
                row.points += 1;
            }
            _ => rows.push(HourRow { at: hour, mean: value, peak: value, points: 1 }),
        }
    }
    for row in &mut rows {
        row.mean /= f64::from(row.points);
    }
    rows
}

/// Older rows and new ones, in the order of time. Of an hour that both have, the one of more points
/// counts, else the new one: a server may have lost what was once measured.
#[must_use]
pub fn merged(old: &[HourRow], new: &[HourRow]) -> Vec<HourRow> {
    let mut all: Vec<HourRow> = new.iter().chain(old).copied().collect();
    all.sort_by_key(|row| (row.at, std::cmp::Reverse(row.points)));
    all.dedup_by_key(|row| row.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_the_mean_and_the_peak_of_the_points_that_end_in_it() {
        let points: Vec<(i64, f64)> =
            (1_i32..=24).map(|i| (i64::from(i) * 300, f64::from(i))).collect();
        let rows = hours(&points);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], HourRow { at: 0, mean: 6.5, peak: 12.0, points: 12 });
        assert_eq!(rows[1], HourRow { at: HOUR, mean: 18.5, peak: 24.0, points: 12 });
    }

    #[test]
    fn an_hour_without_points_has_no_row() {
        let rows = hours(&[(300, 1.0), (3 * HOUR + 300, 2.0)]);
        assert_eq!(rows.iter().map(|row| row.at).collect::<Vec<_>>(), [0, 3 * HOUR]);
        assert!(hours(&[]).is_empty());
    }

    #[test]
    fn of_two_readings_of_an_hour_the_fuller_counts_and_then_the_newer() {
        let row = |hour: i64, mean, points| HourRow { at: hour * HOUR, mean, peak: mean, points };
        let old = [row(0, 1.0, 12), row(1, 1.0, 12), row(2, 1.0, 5)];
        let new = [row(1, 2.0, 12), row(2, 2.0, 12), row(3, 2.0, 12), row(0, 2.0, 3)];
        let means: Vec<f64> = merged(&old, &new).iter().map(|row| row.mean).collect();
        assert_eq!(means, [1.0, 2.0, 2.0, 2.0]);
    }
}
