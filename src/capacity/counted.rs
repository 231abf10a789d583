//! Whole counts that serve a demand: replicas, GPUs or nodes, with their headroom, each part once.
//!
//! Demand × (1 − cache hits) × conversions ÷ (rate of one × target utilisation) → whole → + spare ×
//! zones → × copies → within the autoscaler's limits. An autoscaler's target rate is one more limit: as
//! many as keep each at or below it. The target utilisation is the lower of the pool's and the
//! autoscaler's. Where a latency takes more than these, `waiting.rs` says how many serve.

use crate::capacity::factors::{Main, WorkloadFactors};
use crate::capacity::month_demand::Piece;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::ids::Id;
use crate::plan::{GpuModel, Plan, Pool, Workload};

/// How a need becomes a whole count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Counting {
    /// The share of one that is planned to be used.
    pub target_utilization: f64,
    /// Spares in all zones together.
    pub spare: f64,
    /// Whole copies.
    pub copies: f64,
    /// Fewest.
    pub min: f64,
    /// Most; infinite without a limit.
    pub max: f64,
    /// Served units a second at which an autoscaler adds one.
    pub target_per_second: Option<f64>,
}

impl Counting {
    /// How `workload` counts in `pool`.
    pub(crate) fn of(plan: &Plan, pool: Id<Pool>, workload: &Workload) -> Self {
        let autoscale = workload.autoscale.as_ref();
        let target = plan.pools[pool].target_utilization;
        let own = autoscale.and_then(|autoscale| autoscale.target_utilization);
        let redundancy = workload.redundancy;
        Self {
            target_utilization: own.map_or(target, |own| own.min(target)),
            spare: f64::from(redundancy.spare) * f64::from(redundancy.zones),
            copies: f64::from(redundancy.copies),
            min: autoscale.map_or(0.0, |autoscale| f64::from(autoscale.min)),
            max: autoscale.and_then(|a| a.max).map_or(f64::INFINITY, f64::from),
            target_per_second: autoscale.and_then(|autoscale| autoscale.target_per_second),
        }
    }

    /// The whole count for a need.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inside the loop over hours and draws")]
    pub(crate) fn count(&self, need: f64) -> f64 {
        self.with_spares(whole_up(need))
    }

    /// The count for so many that serve: spares, copies and limits.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inside the loop over hours and draws")]
    pub(crate) fn with_spares(&self, serving: f64) -> f64 {
        let count = (serving + self.spare) * self.copies;
        let count = if count < self.min { self.min } else { count };
        if count > self.max { self.max } else { count }
    }

    /// The count, not yet whole, that a piece of constant level needs at its mean, one value a draw.
    pub(crate) fn need(
        &self,
        factors: &WorkloadFactors,
        main: &Main,
        piece: &Piece,
        t: usize,
        gpu: Option<Id<GpuModel>>,
    ) -> Vec<f64> {
        let serves = main.serves_at(t, gpu);
        let per_unit = serves.map(|serves| 1.0 / (serves * self.target_utilization));
        self.scaled(&per_unit, factors, piece, self.target_per_second)
    }

    /// The count that the demand itself uses at its mean: no headroom.
    pub(crate) fn used(
        &self,
        factors: &WorkloadFactors,
        main: &Main,
        piece: &Piece,
        t: usize,
        gpu: Option<Id<GpuModel>>,
    ) -> Vec<f64> {
        let per_unit = main.serves_at(t, gpu).map(|serves| 1.0 / serves);
        self.scaled(&per_unit, factors, piece, None)
    }

    #[expect(clippy::unused_self, reason = "a part of counting, called as one")]
    fn scaled(
        &self,
        per_unit: &PerDraw,
        factors: &WorkloadFactors,
        piece: &Piece,
        target_per_second: Option<f64>,
    ) -> Vec<f64> {
        let level = &piece.span.level;
        let least = target_per_second.map_or(0.0, |target| 1.0 / target);
        let mut need = Vec::with_capacity(level.len());
        for (draw, level) in level.iter().enumerate() {
            let factor = piece.span.capacity_factor.as_ref().map_or(1.0, |f| f[draw]);
            let per_unit = (per_unit.at(draw) / factor).max(least);
            need.push(level * factors.served.at(draw) * per_unit);
        }
        need
    }
}
