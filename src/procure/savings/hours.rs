//! What runs on demand in every hour of the pools that savings plans would pay for: held where it is little, else made
//! anew each time.
//!
//! What an hour costs beside nodes and spend is convex in what runs, so hours by the mean of some draws cost no more
//! than by all of them (Jensen): [`Hours::coarse`] bounds from below, and is looked at many times faster.

use rayon::prelude::*;

use super::SpendMarket;
use crate::ids::Id;
use crate::plan::{Plan, Pool};
use crate::procure::hourly::{Asked, HourlyUse};

/// Bytes of hourly use that are held at a time.
const HOURLY_BYTES: usize = 256 << 20;
/// Values of what is asked in an hour.
const ASKED: usize = size_of::<Asked>() / size_of::<f64>();
/// Into how many groups of draws, at least and at most, the draws of coarse hours are put.
const GROUPS: (usize, usize) = (4, 10);

/// The hours of every pool of the market in every month of the horizon.
pub(crate) struct Hours<'a> {
    months: usize,
    /// Months that are held at a time.
    batch: usize,
    pools: Vec<Id<Pool>>,
    make: &'a (dyn Fn(Id<Pool>, usize) -> HourlyUse + Sync),
    held: Vec<Vec<HourlyUse>>,
}

impl<'a> Hours<'a> {
    pub(in crate::procure) fn of(
        plan: &Plan,
        market: &SpendMarket,
        make: &'a (dyn Fn(Id<Pool>, usize) -> HourlyUse + Sync),
    ) -> Self {
        let months = plan.horizon.months;
        // Where something limits what runs on demand, what is asked is kept beside it.
        let asks = |pool: &Id<Pool>| {
            let mut own = plan.workloads.items().iter().filter(|one| one.pool == Some(*pool));
            !plan.pools[*pool].limits.is_empty() || own.any(|one| one.interruptible)
        };
        let values = if market.pools().iter().any(asks) { 1 + ASKED } else { 1 };
        let batch = (HOURLY_BYTES / (values * market.month_bytes(plan.draws.count()))).max(1);
        let mut hours = Self { months, batch, pools: market.pools(), make, held: Vec::new() };
        if batch >= months {
            hours.held = hours.made(&(0..months).collect::<Vec<_>>());
        }
        hours
    }

    /// The same hours with the mean of draws that are near each other: those that cost about as much on demand in the
    /// month, at the `price` of a pool. `None` where the draws are few, or their number cannot be parted equally.
    pub(in crate::procure) fn coarse(
        &self,
        price: &(dyn Fn(Id<Pool>, usize) -> f64 + Sync),
    ) -> Option<Hours<'a>> {
        let draws = self.first_draws()?;
        let groups = (GROUPS.0..=GROUPS.1).rev().find(|groups| draws.is_multiple_of(*groups))?;
        if draws < 2 * groups {
            return None;
        }
        let held = self.each(&|t, uses| {
            let mut costs = vec![0.0; draws];
            for used in uses {
                let price = price(used.pool, t);
                let each = used.node_hours();
                costs.iter_mut().zip(each).for_each(|(cost, nodes)| *cost += price * nodes);
            }
            let mut order: Vec<usize> = (0..draws).collect();
            order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]).then(a.cmp(b)));
            let groups: Vec<Vec<usize>> =
                order.chunks(draws / groups).map(<[usize]>::to_vec).collect();
            uses.iter().map(|used| used.mean_of(&groups)).collect()
        });
        Some(Hours { held, pools: self.pools.clone(), ..*self })
    }

    /// How many draws there are; `None` where there are no pools.
    fn first_draws(&self) -> Option<usize> {
        let pool = self.pools.first()?;
        let held = self.held.first().and_then(|month| month.first());
        Some(held.map_or_else(|| (self.make)(*pool, 0).draws(), HourlyUse::draws))
    }

    fn made(&self, months: &[usize]) -> Vec<Vec<HourlyUse>> {
        let both: Vec<_> =
            months.iter().flat_map(|t| self.pools.iter().map(move |pool| (*pool, *t))).collect();
        let uses: Vec<HourlyUse> =
            both.into_par_iter().map(|(pool, t)| (self.make)(pool, t)).collect();
        let mut uses = uses.into_iter();
        months.iter().map(|_| uses.by_ref().take(self.pools.len()).collect()).collect()
    }

    /// What a function makes of every month, in order.
    pub(in crate::procure) fn each<R: Send>(
        &self,
        of: &(dyn Fn(usize, &[&HourlyUse]) -> R + Sync),
    ) -> Vec<R> {
        let one = |(t, uses): (usize, &Vec<HourlyUse>)| of(t, &uses.iter().collect::<Vec<_>>());
        if !self.held.is_empty() {
            return self.held.par_iter().enumerate().map(one).collect();
        }
        let months: Vec<usize> = (0..self.months).collect();
        let mut all = Vec::with_capacity(months.len());
        for batch in months.chunks(self.batch) {
            let made = self.made(batch);
            let of_batch: Vec<R> = batch.par_iter().copied().zip(&made).map(one).collect();
            all.extend(of_batch);
        }
        all
    }
}
