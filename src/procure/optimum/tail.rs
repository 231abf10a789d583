//! What is needed after the horizon, for terms that reach beyond it.
//!
//! Cut at the horizon, a declining workload buys terms that outlast it. So the problem goes on for the
//! longest term, with a stated assumption; what lies inside the horizon is reported apart.

/// Need after the horizon at most, as a multiple: what grew in a few months does not grow on for years.
const MOST: f64 = 10.0;

/// What is needed after the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// What the last month needs.
    Flat,
    /// What the last month needs, halved every twelve months.
    Decay,
    /// What the last month needs, growing by each month what it grew by over the horizon (at most the
    /// last twelve months); flat where it did not grow.
    Growth,
}

/// What each of so many months after the horizon needs, as a multiple of its last month. `levels` are the
/// need of the horizon's months.
#[must_use]
pub fn factors(levels: &[f64], after: usize, tail: Tail) -> Vec<f64> {
    let rate = match tail {
        Tail::Flat => 1.0,
        Tail::Decay => libm::pow(0.5, 1.0 / 12.0),
        Tail::Growth => growth(levels).max(1.0),
    };
    let of = |k| if tail == Tail::Flat { 1.0 } else { libm::pow(rate, k as f64).min(MOST) };
    (1..=after).map(of).collect()
}

/// The growth of need from month to month.
fn growth(levels: &[f64]) -> f64 {
    let first = levels.len().saturating_sub(13);
    let steps = levels.len().saturating_sub(first + 1);
    let (Some(from), Some(to)) = (levels.get(first), levels.last()) else { return 1.0 };
    if steps == 0 || *from <= 0.0 || *to <= 0.0 {
        return 1.0;
    }
    libm::pow(to / from, 1.0 / steps as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn need_is_held_halved_or_grown() {
        let after = |tail| factors(&[100.0, 110.0], 12, tail);
        assert_eq!(after(Tail::Flat), [1.0; 12]);
        assert!((after(Tail::Decay)[11] - 0.5).abs() < 1e-12);
        assert!((after(Tail::Growth)[1] - 1.21).abs() < 1e-12);
        assert!((factors(&[1.0, 2.0], 12, Tail::Growth)[11] - 10.0).abs() < 1e-12);
    }

    #[test]
    fn a_need_that_falls_does_not_fall_further() {
        assert_eq!(factors(&[10.0, 8.0], 1, Tail::Growth), [1.0]);
    }
}
