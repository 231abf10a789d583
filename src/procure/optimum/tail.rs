//! What is needed after the horizon, for terms that reach beyond it.
//!
//! Cut at the horizon, a declining workload buys terms that outlast it. So the problem goes on for the
//! longest term, with a stated assumption; what lies inside the horizon is reported apart.

use super::recourse::Recourse;

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

/// The functions of the horizon, and of so many months after it.
///
/// # Panics
/// If there is no month.
#[must_use]
pub fn extended(months: &[Recourse], after: usize, tail: Tail) -> Vec<Recourse> {
    let last = months.last().cloned();
    assert!(last.is_some(), "a horizon has a month");
    let last = last.unwrap_or_default();
    let rate = match tail {
        Tail::Flat => 1.0,
        Tail::Decay => libm::pow(0.5, 1.0 / 12.0),
        Tail::Growth => growth(months).max(1.0),
    };
    let later = (1..=after).map(|k| match tail {
        Tail::Flat => last.clone(),
        Tail::Decay | Tail::Growth => last.stretched(libm::pow(rate, k as f64)),
    });
    months.iter().cloned().chain(later).collect()
}

/// The growth of need from month to month, by the units that save anything.
fn growth(months: &[Recourse]) -> f64 {
    let first = months.len().saturating_sub(13);
    let steps = months.len() - 1 - first;
    let units = |month: &Recourse| month.reach() as f64;
    let (from, to) = (units(&months[first]), units(&months[months.len() - 1]));
    if steps == 0 || from <= 0.0 || to <= 0.0 {
        return 1.0;
    }
    libm::pow(to / from, 1.0 / steps as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(units: u64) -> Recourse {
        Recourse::of_savings([(units, 10)])
    }

    #[test]
    fn need_is_held_halved_or_grown() {
        let months = [month(100), month(110)];
        let reach = |tail, k: usize| extended(&months, 12, tail)[k].reach();
        assert_eq!((reach(Tail::Flat, 13), reach(Tail::Decay, 13)), (110, 55));
        assert_eq!((reach(Tail::Growth, 2), reach(Tail::Growth, 3)), (121, 133));
    }

    #[test]
    fn a_need_that_falls_does_not_fall_further() {
        assert_eq!(extended(&[month(10), month(8)], 1, Tail::Growth)[2].reach(), 8);
    }
}
