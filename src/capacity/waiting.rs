//! Whole counts of one workload where a latency takes more than the target utilisation: in the busiest hour
//! of a month, and hour by hour.

use crate::capacity::counted::Counting;
use crate::capacity::factors::Served;
use crate::capacity::latency::{LatencyTable, Place};
use crate::capacity::month_demand::{MonthDemand, Piece};
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::MonthDays;
use crate::forecast::demand::WeekShape;
use std::sync::Arc;

/// The latency of one workload in one month.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    table: Arc<LatencyTable>,
    /// Where objective ÷ service time lies in the table, by piece, then draw.
    places: Vec<Vec<Place>>,
}

impl Waiting {
    /// Where every draw of every piece lies; `None` where the target utilisation is always enough.
    pub(crate) fn of(
        served: &Served,
        objective: f64,
        pieces: &[Piece],
        draws: usize,
    ) -> Option<Self> {
        let table = served.table.clone()?;
        let places = pieces.iter().map(|piece| {
            let factors = piece.span.capacity_factor.as_ref();
            let ratio = |draw: usize| {
                objective / served.seconds(draw) * factors.map_or(1.0, |factors| factors[draw])
            };
            (0..draws).map(|draw| table.place(ratio(draw))).collect()
        });
        Some(Self { places: places.collect(), table })
    }

    /// How many serve, one value a draw, in the busiest hour of the month: what the target utilisation and
    /// the latency take, and what the latency takes alone.
    pub(crate) fn serving_at_peak(
        &self,
        demand: &MonthDemand,
        month: &MonthDays,
        need: &[Vec<f64>],
        busy: &[Vec<f64>],
    ) -> (Vec<f64>, Vec<f64>) {
        let draws = need.first().map_or(0, Vec::len);
        let (mut serving, mut alone) = (vec![0.0_f64; draws], vec![0.0_f64; draws]);
        for (piece, places) in self.places.iter().enumerate() {
            let of_piece = demand.only(piece);
            let need = of_piece.peak(month, &need[piece..=piece]);
            let busy = of_piece.peak(month, &busy[piece..=piece]);
            for draw in 0..draws {
                let least = self.table.replicas(places[draw], busy[draw], 0.0);
                alone[draw] = alone[draw].max(least);
                let both = self.table.replicas(places[draw], busy[draw], whole_up(need[draw]));
                serving[draw] = serving[draw].max(both);
            }
        }
        (serving, alone)
    }

    /// Counts of one copy in one hour of the week, one value a draw; adds count-hours to their sum.
    #[expect(clippy::too_many_arguments, reason = "the loop over draws, and all it reads")]
    pub(crate) fn counts(
        &self,
        counting: &Counting,
        piece: usize,
        (shape, hour_of_week, hours): (Option<&WeekShape>, usize, f64),
        need: &[f64],
        busy: &[f64],
        counts: &mut [f64],
        count_hours: &mut [f64],
    ) {
        let places = &self.places[piece];
        for (draw, (into, count_hours)) in counts.iter_mut().zip(count_hours).enumerate() {
            let high = shape.map_or(1.0, |shape| shape.at(hour_of_week, draw));
            let least = whole_up(need[draw] * high);
            let serving = self.table.replicas(places[draw], busy[draw] * high, least);
            let count = counting.with_spares(serving) / counting.copies;
            *into = count;
            *count_hours += count * hours;
        }
    }
}
