//! Needs per unit of demand and memory that is held: requests that are fractions, not whole replicas.
//!
//! What a workload needs and holds in one pool is one request: stated resources add up, and a resource
//! that none of them states follows the largest. Headroom of needs is the buffer, then the target
//! utilisation (the lower of the pool's and the autoscaler's), then whole copies; of memory held, the
//! pool's target utilisation and whole copies. Needs count demand as it arrives: no cache, no conversion.

use crate::capacity::counted::Counting;
use crate::capacity::factors::Factors;
use crate::capacity::growth::grown;
use crate::capacity::node::{BINDING, BOUND, Columns, Node, Stated, Unit};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::slots::{WeekRow, working_rank};
use crate::ids::Id;
use crate::plan::{Plan, Pool, Workload};

/// What a workload needs and holds in one pool and month, beside whole counts.
#[derive(Debug, Clone)]
pub(crate) struct Fractions {
    terms: Vec<Term>,
    /// Memory held around the clock, in shares of a node: with headroom, and without.
    held: Option<(PerDraw, PerDraw)>,
    /// Which of the binding resources are stated.
    pub stated: [bool; BOUND],
}

/// One `needs`.
#[derive(Debug, Clone)]
struct Term {
    /// Shares of a node for one unit of demand.
    shares: [Option<PerDraw>; BOUND],
    /// Buffer, target utilisation and copies.
    headroom: f64,
    /// Working hours a week.
    hours_per_week: Option<PerDraw>,
}

/// Shares of a node by binding resource, one value a draw; zero where nothing states it.
pub(crate) type ByResource = [Vec<f64>; BOUND];

/// Nothing of any resource.
pub(crate) fn nothing(draws: usize) -> ByResource {
    std::array::from_fn(|_| vec![0.0; draws])
}

/// The pool in which a workload holds memory: its own, else the first it needs something of.
pub(crate) fn holding_pool(workload: &Workload) -> Option<Id<Pool>> {
    workload.pool.or_else(|| workload.needs.first().map(|needs| needs.pool))
}

impl Fractions {
    /// What `workload` needs and holds in `pool` in month `t`; `None` if nothing.
    pub(crate) fn of(
        plan: &Plan,
        factors: &Factors,
        node: &Node,
        pool: Id<Pool>,
        id: Id<Workload>,
        t: usize,
    ) -> Option<Self> {
        let (workload, factors) = (&plan.workloads[id], factors.of(id));
        let copies = f64::from(workload.redundancy.copies);
        let target = plan.pools[pool].target_utilization;
        let target_of_needs = Counting::of(plan, pool, workload).target_utilization;
        let terms: Vec<Term> = workload
            .needs
            .iter()
            .zip(&factors.needs)
            .filter(|(needs, _)| needs.pool == pool && workload.demand.is_some())
            .map(|(needs, factors)| Term {
                shares: factors.unit.shares(plan, node).stated,
                headroom: (1.0 + needs.buffer) / target_of_needs * copies,
                hours_per_week: factors.hours_per_week.clone(),
            })
            .collect();
        let held = match (&workload.holds, &factors.holds) {
            (Some((_, growth)), Some(base)) if holding_pool(workload) == Some(pool) => {
                let bytes = grown(plan, base, growth, t);
                let unit = Unit::Stated(Stated { memory_bytes: Some(bytes), ..Stated::default() });
                let [_, share, ..] = unit.shares(plan, node).stated;
                share.map(|share| (share.map(|share| share / target * copies), share))
            }
            _ => None,
        };
        if terms.is_empty() && held.is_none() {
            return None;
        }
        let states = |place: usize| {
            terms.iter().any(|term| term.shares[place].is_some()) || (place == 1 && held.is_some())
        };
        let stated = std::array::from_fn(states);
        Some(Self { terms, held, stated })
    }

    /// Whether something is in use in working hours only.
    pub(crate) fn has_working_hours(&self) -> bool {
        self.terms.iter().any(|term| term.hours_per_week.is_some())
    }

    /// What is requested while the demand is `demand`, at an hour of the week or at its busiest.
    pub(crate) fn requested(
        &self,
        demand: &[f64],
        hour_of_week: Option<usize>,
        into: &mut ByResource,
    ) {
        for (place, sum) in into.iter_mut().enumerate() {
            sum.fill(0.0);
            if place == 1
                && let Some((held, _)) = &self.held
            {
                for (draw, sum) in sum.iter_mut().enumerate() {
                    *sum += held.at(draw);
                }
            }
            for term in &self.terms {
                let Some(share) = &term.shares[place] else { continue };
                for (draw, (sum, demand)) in sum.iter_mut().zip(demand).enumerate() {
                    let active = term.active(hour_of_week, draw);
                    *sum += active * demand * share.at(draw) * term.headroom;
                }
            }
        }
    }

    /// Node-share hours that the demand itself uses in a month: `sum` is its sum over all hours,
    /// `at_row` its value at a row of the grid of weeks, for what is in use in working hours only.
    pub(crate) fn used(
        &self,
        sum: &[f64],
        month_hours: f64,
        rows: &[WeekRow],
        mut at_row: impl FnMut(usize, &mut [f64]),
    ) -> ByResource {
        let mut used = nothing(sum.len());
        if let Some((_, held)) = &self.held {
            for (draw, used) in used[1].iter_mut().enumerate() {
                *used += held.at(draw) * month_hours;
            }
        }
        let mut demand = vec![0.0; sum.len()];
        for term in &self.terms {
            let mut volume = sum.to_vec();
            if term.hours_per_week.is_some() {
                volume.fill(0.0);
                for (place, row) in rows.iter().enumerate() {
                    at_row(place, &mut demand);
                    for (draw, (volume, demand)) in volume.iter_mut().zip(&demand).enumerate() {
                        *volume += term.active(Some(row.hour_of_week), draw) * row.hours * demand;
                    }
                }
            }
            for (place, share) in term.shares.iter().enumerate() {
                let Some(share) = share else { continue };
                for (draw, (used, volume)) in used[place].iter_mut().zip(&volume).enumerate() {
                    *used += volume * share.at(draw);
                }
            }
        }
        used
    }

    /// Puts shares by resource into the columns of a pool: what is not stated follows the largest.
    pub(crate) fn spread(&self, columns: &Columns, shares: &ByResource, into: &mut [Vec<f64>]) {
        for (column, into) in into.iter_mut().enumerate() {
            let place = match columns {
                Columns::Whole => None,
                Columns::Each(resources) => {
                    BINDING.iter().position(|r| *r == resources[column]).filter(|p| self.stated[*p])
                }
            };
            match place {
                Some(place) => into.copy_from_slice(&shares[place]),
                None => {
                    for (draw, into) in into.iter_mut().enumerate() {
                        *into = shares[0][draw].max(shares[1][draw]).max(shares[2][draw]);
                    }
                }
            }
        }
    }
}

impl Term {
    /// 1 where it is in use, else 0.
    fn active(&self, hour_of_week: Option<usize>, draw: usize) -> f64 {
        match (&self.hours_per_week, hour_of_week) {
            (Some(hours), Some(hour)) if working_rank_below(hour, hours.at(draw)) => 1.0,
            (Some(_), Some(_)) => 0.0,
            _ => 1.0,
        }
    }
}

/// Whether an hour of the week is among the first `hours` working hours.
fn working_rank_below(hour_of_week: usize, hours: f64) -> bool {
    (working_rank(hour_of_week) as f64) < hours
}
