//! A load over time: points, and what lies between them.

use super::settings::Millis;

/// What a load does between two points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// It moves in a straight line.
    Line,
    /// It stays until the next.
    Step,
}

/// A load over time, in any unit; never below zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    points: Vec<(Millis, f64)>,
    between: Between,
    end: Millis,
}

/// What is wrong with the points of a load.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LoadFault {
    /// There are fewer than two.
    #[error("a load needs two points at least")]
    TooFew,
    /// One is not after the one before.
    #[error("point {0} is not after the one before it")]
    NotAfter(usize),
    /// One is no load.
    #[error("point {0} is no load: it is not a number, or below zero")]
    NoLoad(usize),
}

impl Load {
    /// A load from its points, oldest first. With [`Between::Step`] the last point stays as long as the
    /// one before it did.
    ///
    /// # Errors
    /// Where there are too few points, one is not after the one before, or one is below zero.
    pub fn new(points: Vec<(Millis, f64)>, between: Between) -> Result<Self, LoadFault> {
        let [.., before, last] = points.as_slice() else { return Err(LoadFault::TooFew) };
        let end = match between {
            Between::Line => last.0,
            Between::Step => last.0 + (last.0 - before.0),
        };
        if let Some(at) = points.windows(2).position(|pair| pair[1].0 <= pair[0].0) {
            return Err(LoadFault::NotAfter(at + 2));
        }
        if let Some(at) = points.iter().position(|(_, v)| !v.is_finite() || *v < 0.0) {
            return Err(LoadFault::NoLoad(at + 1));
        }
        Ok(Self { points, between, end })
    }

    /// The first moment.
    #[must_use]
    pub fn start(&self) -> Millis {
        self.points[0].0
    }

    /// The moment after the last.
    #[must_use]
    pub fn end(&self) -> Millis {
        self.end
    }

    /// The largest load, and the first moment of it.
    #[must_use]
    pub fn peak(&self) -> (Millis, f64) {
        let first = self.points[0];
        self.points.iter().fold(first, |most, point| if point.1 > most.1 { *point } else { most })
    }

    /// The points, oldest first.
    #[must_use]
    pub fn points(&self) -> &[(Millis, f64)] {
        &self.points
    }

    /// What lies between points.
    #[must_use]
    pub fn between(&self) -> Between {
        self.between
    }
}

/// A place in a load that only moves on.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    load: &'a Load,
    place: usize,
}

/// A stretch of a load without a bend: its start, its end, and the load at both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub from: Millis,
    pub until: Millis,
    pub first: f64,
    pub last: f64,
}

impl Stretch {
    /// The load at a moment of the stretch.
    #[inline]
    pub(super) fn at(&self, moment: Millis) -> f64 {
        let part = (moment - self.from) as f64 / (self.until - self.from) as f64;
        self.first + (self.last - self.first) * part
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn new(load: &'a Load) -> Self {
        Self { load, place: 0 }
    }

    /// The stretch that a moment lies in; before the first point, a flat one up to it. Moments may go back
    /// a little, not far.
    pub(super) fn stretch(&mut self, moment: Millis) -> Stretch {
        let points = &self.load.points;
        while self.place > 0 && points[self.place].0 > moment {
            self.place -= 1;
        }
        while self.place + 1 < points.len() && points[self.place + 1].0 <= moment {
            self.place += 1;
        }
        let (from, value) = points[self.place];
        if moment < from {
            return Stretch { from: Millis::MIN / 4, until: from, first: value, last: value };
        }
        match (points.get(self.place + 1), self.load.between) {
            (Some(next), Between::Line) => {
                Stretch { from, until: next.0, first: value, last: next.1 }
            }
            (Some(next), Between::Step) => {
                Stretch { from, until: next.0, first: value, last: value }
            }
            (None, _) => Stretch { from, until: Millis::MAX / 4, first: value, last: value },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_points_it_is_a_line_or_a_step() {
        let points = vec![(0, 10.0), (1000, 20.0), (3000, 0.0)];
        let line = Load::new(points.clone(), Between::Line).unwrap();
        let step = Load::new(points, Between::Step).unwrap();
        let at = |load: &Load, moment| Cursor::new(load).stretch(moment).at(moment);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        for (moment, of_line, of_step) in
            [(-5, 10.0, 10.0), (0, 10.0, 10.0), (500, 15.0, 10.0), (2000, 10.0, 20.0)]
        {
            close(at(&line, moment), of_line);
            close(at(&step, moment), of_step);
        }
        assert_eq!((line.end(), step.end(), line.peak()), (3000, 5000, (1000, 20.0)));
    }

    #[test]
    fn what_is_no_load_is_said() {
        let of = |points: &[(Millis, f64)]| Load::new(points.to_vec(), Between::Line).unwrap_err();
        assert_eq!(of(&[(0, 1.0)]), LoadFault::TooFew);
        assert_eq!(of(&[(0, 1.0), (0, 2.0)]), LoadFault::NotAfter(2));
        assert_eq!(of(&[(0, 1.0), (1, -2.0)]), LoadFault::NoLoad(2));
    }
}
