//! Ranges of whole hours, cut so that no request asks for more points than a server gives.

use crate::history::snapshot::HOUR;

/// What Prometheus gives at most, for one series of one request.
pub const MOST_POINTS: i64 = 11_000;

/// Hours from one instant to another, in seconds since 1970-01-01 00:00 UTC; both whole hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The start of the first hour.
    pub from: i64,
    /// The end of the last hour.
    pub until: i64,
}

impl Range {
    /// Whether no hour is inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.until <= self.from
    }

    /// Two ranges of whole hours that make this one; nothing where it is one hour.
    #[must_use]
    pub fn halves(self) -> Option<[Self; 2]> {
        let hours = (self.until - self.from) / HOUR;
        let middle = self.from + hours / 2 * HOUR;
        (hours > 1).then_some([Self { until: middle, ..self }, Self { from: middle, ..self }])
    }
}

/// What is left of a range without those that are covered, in order.
#[must_use]
pub fn missing(range: Range, covered: &[Range]) -> Vec<Range> {
    let mut covered: Vec<Range> = covered.iter().copied().filter(|c| !c.is_empty()).collect();
    covered.sort_by_key(|covered| covered.from);
    let mut left = Vec::new();
    let mut from = range.from;
    for covered in covered {
        let gap = Range { from, until: covered.from.min(range.until) };
        if !gap.is_empty() {
            left.push(gap);
        }
        from = from.max(covered.until);
    }
    let last = Range { from, until: range.until };
    if !last.is_empty() {
        left.push(last);
    }
    left
}

/// A range in pieces of at most [`MOST_POINTS`] points. Pieces are cut at the same instants whatever the
/// range, so that a second run meets the pieces of a first.
#[must_use]
pub fn chunks(range: Range, step_seconds: u32) -> Vec<Range> {
    let length = (MOST_POINTS - 1) * i64::from(step_seconds) / HOUR * HOUR;
    let length = length.max(HOUR);
    let mut pieces = Vec::new();
    let mut from = range.from;
    while from < range.until {
        let until = ((from.div_euclid(length) + 1) * length).min(range.until);
        pieces.push(Range { from, until });
        from = until;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_798_761_600;

    fn hours(from: i64, until: i64) -> Range {
        Range { from: START + from * HOUR, until: START + until * HOUR }
    }

    #[test]
    fn pieces_make_the_range_and_none_has_too_many_points() {
        for step in [1, 15, 60, 300, 3600] {
            let range = hours(-7, 24 * 40);
            let pieces = chunks(range, step);
            assert_eq!(pieces[0].from, range.from);
            assert_eq!(pieces[pieces.len() - 1].until, range.until);
            assert!(pieces.windows(2).all(|pair| pair[0].until == pair[1].from));
            let points = |piece: &Range| (piece.until - piece.from) / i64::from(step);
            assert!(pieces.iter().all(|piece| points(piece) <= MOST_POINTS), "{step}");
            assert!(pieces.iter().all(|piece| piece.from % HOUR == 0));
        }
        assert_eq!(chunks(hours(0, 24 * 400), 300).len(), 11);
    }

    #[test]
    fn a_longer_range_has_the_pieces_of_a_shorter_one() {
        let (short, long) = (chunks(hours(0, 3000), 300), chunks(hours(0, 3001), 300));
        assert_eq!(short[..short.len() - 1], long[..short.len() - 1]);
    }

    #[test]
    fn what_is_covered_is_not_asked_again() {
        let range = hours(0, 100);
        assert_eq!(missing(range, &[]), [range]);
        assert_eq!(
            missing(range, &[hours(-5, 30), hours(50, 60)]),
            [hours(30, 50), hours(60, 100)]
        );
        assert_eq!(missing(range, &[hours(90, 120), hours(0, 95)]), []);
        assert_eq!(missing(range, &[hours(200, 300)]), [range]);
    }

    #[test]
    fn an_hour_has_no_halves() {
        assert_eq!(hours(0, 3).halves(), Some([hours(0, 1), hours(1, 3)]));
        assert_eq!(hours(0, 1).halves(), None);
    }
}
