//! The demand of one workload in one month: pieces of constant level, and the shape over the week.

use std::ops::Range;

use crate::calendar::HOURS_PER_WEEK;
use crate::capacity::slots::MonthDays;
use crate::forecast::demand::{Demand, LevelSpan, WeekShape};
use crate::ids::Id;
use crate::plan::Workload;

/// The demand of one workload in one month.
#[derive(Debug, Clone)]
pub(crate) struct MonthDemand<'a> {
    /// Stretches of constant level, oldest first; they cover the month.
    pub pieces: Vec<Piece<'a>>,
    /// How it spreads over the week.
    pub shape: Option<&'a WeekShape>,
}

/// A stretch of days at one level.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    /// Days of the month.
    pub days: Range<u32>,
    /// The level, and what events do to capacity.
    pub span: &'a LevelSpan,
}

impl<'a> MonthDemand<'a> {
    /// The demand of `workload` in month `t`, if it has any.
    pub(crate) fn of(
        demand: &'a Demand,
        workload: Id<Workload>,
        t: usize,
        month: &MonthDays,
    ) -> Option<Self> {
        let demand = demand.of(workload)?;
        let pieces: Vec<Piece> = demand
            .spans
            .iter()
            .filter(|span| span.t == t)
            .map(|span| Piece { days: month.place(span.from)..month.place(span.until), span })
            .filter(|piece| !piece.days.is_empty())
            .collect();
        (!pieces.is_empty()).then_some(Self { pieces, shape: demand.shape.as_ref() })
    }

    /// Whether it differs from hour to hour.
    pub(crate) fn varies(&self) -> bool {
        self.shape.is_some() || self.pieces.len() > 1
    }

    /// The same with one piece only.
    pub(crate) fn only(&self, piece: usize) -> Self {
        Self { pieces: vec![self.pieces[piece].clone()], shape: self.shape }
    }

    /// The piece that a day lies in.
    pub(crate) fn piece_at(&self, day: u32) -> usize {
        self.pieces.iter().position(|piece| piece.days.contains(&day)).unwrap_or(0)
    }

    /// The largest hour of the month, one value a draw, of `values[piece][draw]` × shape.
    pub(crate) fn peak(&self, month: &MonthDays, values: &[Vec<f64>]) -> Vec<f64> {
        let mut peak = vec![0.0_f64; values.first().map_or(0, Vec::len)];
        for (piece, values) in self.pieces.iter().zip(values) {
            let crest = self.shape.map(|shape| (shape, crest(shape, month, &piece.days)));
            for (draw, (peak, value)) in peak.iter_mut().zip(values).enumerate() {
                let high = crest.map_or(1.0, |(shape, hour)| shape.at(hour, draw));
                *peak = peak.max(value * high);
            }
        }
        peak
    }

    /// The sum over the hours of the month, one value a draw, of `values[piece][draw]` × shape.
    pub(crate) fn sum(&self, month: &MonthDays, values: &[Vec<f64>]) -> Vec<f64> {
        let mut sum = vec![0.0_f64; values.first().map_or(0, Vec::len)];
        for (piece, values) in self.pieces.iter().zip(values) {
            let hours = f64::from(piece.days.end - piece.days.start) * 24.0;
            let waves = self.shape.map(|shape| Waves::of(shape, month, &piece.days));
            for (draw, (sum, value)) in sum.iter_mut().zip(values).enumerate() {
                *sum += value * waves.as_ref().map_or(hours, |waves| waves.hours(hours, draw));
            }
        }
        sum
    }
}

/// The hour of the week with the largest wave that occurs in `days`.
fn crest(shape: &WeekShape, month: &MonthDays, days: &Range<u32>) -> usize {
    let mut best = None;
    for hour in 0..HOURS_PER_WEEK {
        let higher = best.is_none_or(|best: usize| shape.wave[hour] > shape.wave[best]);
        if higher && month.occurrences(days, hour) > 0.0 {
            best = Some(hour);
        }
    }
    best.unwrap_or(0)
}

/// Sums of a wave over a stretch of days.
struct Waves<'a> {
    shape: &'a WeekShape,
    counts: [f64; HOURS_PER_WEEK],
    sum: f64,
    least: f64,
}

impl<'a> Waves<'a> {
    fn of(shape: &'a WeekShape, month: &MonthDays, days: &Range<u32>) -> Self {
        let mut counts = [0.0; HOURS_PER_WEEK];
        let (mut sum, mut least) = (0.0, 0.0_f64);
        for (hour, count) in counts.iter_mut().enumerate() {
            *count = month.occurrences(days, hour);
            sum += *count * shape.wave[hour];
            least = least.min(shape.wave[hour]);
        }
        Self { shape, counts, sum, least }
    }

    /// The sum of the shape over all hours; hour by hour only where some would fall below zero.
    fn hours(&self, hours: f64, draw: usize) -> f64 {
        let amplitude = self.shape.amplitude[draw];
        if 1.0 + amplitude * self.least >= 0.0 {
            return hours + amplitude * self.sum;
        }
        self.counts.iter().enumerate().map(|(hour, n)| n * self.shape.at(hour, draw)).sum()
    }
}
