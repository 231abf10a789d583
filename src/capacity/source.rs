//! What one workload requests of a pool in a month: whole counts, fractions and runs together, and how
//! they are added to the pool's grids.

use std::ops::Range;

use crate::capacity::counted::Counting;
use crate::capacity::factors::Factors;
use crate::capacity::fractions::{Fractions, nothing};
use crate::capacity::hour::{Hour, Swinging};
use crate::capacity::layer::{Layer, add, add_product, add_scaled};
use crate::capacity::members::Member;
use crate::capacity::month_demand::MonthDemand;
use crate::capacity::node::{BOUND, Columns, Node, Shares};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::runs::{Occupation, occupations};
use crate::capacity::slots::{MonthDays, WeekRow};
use crate::capacity::waiting::Waiting;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::workload::Serving;
use crate::plan::{Plan, Pool, Workload};

/// What one workload asks of a pool in a month, in node-share hours: `[column][draw]`.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The workload.
    pub workload: Id<Workload>,
    /// With headroom, buffer and redundancy.
    pub requested: Vec<Vec<f64>>,
    /// What the demand itself uses; never more than is requested.
    pub used: Vec<Vec<f64>>,
}

/// Everything one workload requests of a pool in a month.
pub(crate) struct Source<'a> {
    pub member: Member,
    pub demand: Option<MonthDemand<'a>>,
    autoscales: bool,
    pub counted: Option<Counted>,
    pub fractions: Option<Fractions>,
    pub runs: Vec<Occupation>,
}

/// Whole counts: by piece of the month, what is needed and what is used at the mean.
pub(crate) struct Counted {
    pub counting: Counting,
    pub need: Vec<Vec<f64>>,
    pub used: Vec<Vec<f64>>,
    pub unit: Shares,
    pub waiting: Option<Waiting>,
}

impl Counted {
    /// Whole counts in the busiest hour of the month, one value a draw.
    pub(crate) fn at_peak(&self, demand: &MonthDemand, month: &MonthDays) -> Vec<f64> {
        let Some(waiting) = &self.waiting else {
            let mut counts = demand.peak(month, &self.need);
            for need in &mut counts {
                *need = self.counting.count(*need);
            }
            return counts;
        };
        let (mut serving, _) = waiting.serving_at_peak(demand, month, &self.need, &self.used);
        for serving in &mut serving {
            *serving = self.counting.with_spares(*serving);
        }
        serving
    }
}

impl<'a> Source<'a> {
    #[expect(clippy::too_many_arguments, reason = "the arguments of the pass itself")]
    pub(crate) fn of(
        plan: &Plan,
        demand: &'a Demand,
        factors: &Factors,
        node: &Node,
        pool: Id<Pool>,
        member: Member,
        t: usize,
        month: &MonthDays,
    ) -> Self {
        let workload = &plan.workloads[member.workload];
        let demand = MonthDemand::of(demand, member.workload, t, month);
        let of = factors.of(member.workload);
        let counted = match (&demand, &of.main) {
            (Some(demand), Some(main)) if member.counts => {
                let counting = Counting::of(plan, pool, workload);
                let pieces = demand.pieces.iter();
                let served = main.served(node.gpu).zip(objective(workload));
                let draws = plan.draws.count();
                Some(Counted {
                    counting,
                    need: pieces.clone().map(|p| counting.need(of, main, p, t, node.gpu)).collect(),
                    used: pieces.map(|p| counting.used(of, main, p, t, node.gpu)).collect(),
                    unit: main.unit.shares(plan, node),
                    waiting: served.and_then(|(served, objective)| {
                        Waiting::of(served, objective, &demand.pieces, draws)
                    }),
                })
            }
            _ => None,
        };
        let fractions = if member.fractions {
            Fractions::of(plan, factors, node, pool, member.workload, t)
        } else {
            None
        };
        let mut runs = Vec::new();
        if member.runs {
            let month_hours = month.hours();
            runs = occupations(plan, factors, member.workload, node, t);
            runs.retain(|run| run.start < month_hours && run.start + run.hours.max() > 0.0);
        }
        Self { member, demand, autoscales: workload.autoscale.is_some(), counted, fractions, runs }
    }

    /// Which of the binding resources it states.
    pub(crate) fn stated(&self) -> [bool; BOUND] {
        let units = self.counted.iter().map(|counted| &counted.unit);
        let units = units.chain(self.runs.iter().map(|run| &run.shares));
        let mut stated =
            self.fractions.as_ref().map_or([false; BOUND], |fractions| fractions.stated);
        for unit in units {
            for (stated, share) in stated.iter_mut().zip(&unit.stated) {
                *stated |= share.is_some();
            }
        }
        stated
    }

    /// Whether the demand itself differs from hour to hour and its capacity follows.
    fn follows_demand(&self) -> bool {
        self.autoscales && self.demand.as_ref().is_some_and(MonthDemand::varies)
    }

    /// Whether what it requests here differs from hour to hour, runs apart.
    pub(crate) fn follows_hours(&self) -> bool {
        let working = self.fractions.as_ref().is_some_and(Fractions::has_working_hours);
        working || (self.follows_demand() && (self.counted.is_some() || self.fractions.is_some()))
    }

    /// The days on which its level changes.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = u32> + '_ {
        self.demand.iter().flat_map(|demand| demand.pieces.iter().map(|piece| piece.days.start))
    }

    pub(crate) fn add_to(
        &self,
        layer: &mut Layer,
        ground: &Ground,
        scratch: &mut Scratch,
    ) -> Asked {
        let draws = scratch.values.len();
        let zeros = || vec![vec![0.0; draws]; ground.columns.len()];
        let (requested, used) = (zeros(), zeros());
        let mut asked = Asked { workload: self.member.workload, requested, used };
        if let (Some(counted), Some(demand)) = (&self.counted, &self.demand) {
            self.add_counted(counted, demand, layer, ground, scratch, &mut asked);
        }
        if let Some(fractions) = &self.fractions {
            self.add_fractions(fractions, layer, ground, scratch, &mut asked);
        }
        for run in &self.runs {
            add_run(run, layer, ground, &mut asked);
        }
        for (requested, used) in asked.requested.iter().zip(&mut asked.used) {
            for (requested, used) in requested.iter().zip(used) {
                *used = used.min(*requested);
            }
        }
        asked
    }

    fn add_counted(
        &self,
        counted: &Counted,
        demand: &MonthDemand,
        layer: &mut Layer,
        ground: &Ground,
        scratch: &mut Scratch,
        asked: &mut Asked,
    ) {
        let month = ground.month;
        let counting = counted.counting;
        let shares = ground.columns.spread(&counted.unit);
        if self.follows_demand() {
            Layer::with_grid(&mut layer.weeks, ground.rows.len() * scratch.values.len());
            scratch.count_hours.fill(0.0);
            let copies = counting.copies;
            let of_all: Vec<_> = shares.iter().map(|share| share.map(|s| s * copies)).collect();
            add_counted_hours(counted, demand, &of_all, layer, ground, scratch);
            for count_hours in &mut scratch.count_hours {
                *count_hours *= copies;
            }
        } else {
            let hours = month.hours();
            scratch.values = counted.at_peak(demand, month);
            for (count, count_hours) in scratch.values.iter().zip(&mut scratch.count_hours) {
                *count_hours = *count * hours;
            }
            for (share, flat) in shares.iter().zip(&mut layer.flat) {
                add_product(flat, share, &scratch.values);
            }
        }
        let used = demand.sum(month, &counted.used);
        for (column, share) in shares.iter().enumerate() {
            add_product(&mut asked.requested[column], share, &scratch.count_hours);
            add_product(&mut asked.used[column], share, &used);
        }
    }

    fn add_fractions(
        &self,
        fractions: &Fractions,
        layer: &mut Layer,
        ground: &Ground,
        scratch: &mut Scratch,
        asked: &mut Asked,
    ) {
        let (month, draws) = (ground.month, scratch.values.len());
        let levels: Vec<Vec<f64>> = self
            .demand
            .iter()
            .flat_map(|demand| demand.pieces.iter().map(|piece| piece.span.level.clone()))
            .collect();
        let mut peak = vec![0.0; draws];
        let mut sum = vec![0.0; draws];
        if let Some(demand) = &self.demand {
            peak = demand.peak(month, &levels);
            sum = demand.sum(month, &levels);
        }
        let pieces = self.demand.as_ref().map(|demand| pieces_of(demand, ground.segments));
        let demand_at = |row: &WeekRow, into: &mut [f64]| {
            let (Some(demand), Some(pieces)) = (&self.demand, &pieces) else { return };
            let level = &levels[pieces[row.segment]];
            for (draw, (into, level)) in into.iter_mut().zip(level).enumerate() {
                *into = level * demand.shape.map_or(1.0, |s| s.at(row.hour_of_week, draw));
            }
        };

        let follows_demand = self.follows_demand();
        if follows_demand || fractions.has_working_hours() {
            Layer::with_grid(&mut layer.weeks, ground.rows.len() * draws);
            scratch.values.copy_from_slice(&peak);
            for (place, row) in ground.rows.iter().enumerate() {
                if follows_demand {
                    demand_at(row, &mut scratch.values);
                }
                let hour = Some(row.hour_of_week);
                fractions.requested(&scratch.values, hour, &mut scratch.resources);
                fractions.spread(ground.columns, &scratch.resources, &mut scratch.columns);
                for (column, shares) in scratch.columns.iter().enumerate() {
                    add(&mut layer.weeks[column][place * draws..(place + 1) * draws], shares);
                    add_scaled(&mut asked.requested[column], row.hours, shares);
                }
            }
        } else {
            fractions.requested(&peak, None, &mut scratch.resources);
            fractions.spread(ground.columns, &scratch.resources, &mut scratch.columns);
            for (column, shares) in scratch.columns.iter().enumerate() {
                add(&mut layer.flat[column], shares);
                add_scaled(&mut asked.requested[column], month.hours(), shares);
            }
        }
        let at_row = |place: usize, into: &mut [f64]| demand_at(&ground.rows[place], into);
        let used = fractions.used(&sum, month.hours(), ground.rows, at_row);
        fractions.spread(ground.columns, &used, &mut scratch.columns);
        for (used, shares) in asked.used.iter_mut().zip(&scratch.columns) {
            add(used, shares);
        }
    }
}

/// The seconds of the first objective of a latency.
pub(crate) fn objective(workload: &Workload) -> Option<f64> {
    let Serving::Replica(replica) = &workload.serving else { return None };
    Some(replica.latency.as_ref()?.objectives.first()?.1)
}

/// How a month is laid out.
pub(crate) struct Ground<'a> {
    pub columns: &'a Columns,
    pub month: &'a MonthDays,
    pub segments: &'a [Range<u32>],
    pub rows: &'a [WeekRow],
}

/// Buffers that all workloads of a pool reuse.
pub(crate) struct Scratch {
    /// A count, or a demand, one value a draw.
    values: Vec<f64>,
    /// Counts times hours.
    count_hours: Vec<f64>,
    /// Shares by column.
    columns: Vec<Vec<f64>>,
    /// Shares by resource.
    resources: [Vec<f64>; BOUND],
}

impl Scratch {
    pub(crate) fn new(columns: usize, draws: usize) -> Self {
        Self {
            values: vec![0.0; draws],
            count_hours: vec![0.0; draws],
            columns: vec![vec![0.0; draws]; columns],
            resources: nothing(draws),
        }
    }
}

/// The piece of a demand that every segment lies in.
fn pieces_of(demand: &MonthDemand, segments: &[Range<u32>]) -> Vec<usize> {
    segments.iter().map(|days| demand.piece_at(days.start)).collect()
}

/// Adds whole counts that follow the hours, row by row of the grid of weeks; `shares` are those of all
/// copies.
fn add_counted_hours(
    counted: &Counted,
    demand: &MonthDemand,
    shares: &[PerDraw],
    layer: &mut Layer,
    ground: &Ground,
    scratch: &mut Scratch,
) {
    let draws = scratch.values.len();
    let pieces = pieces_of(demand, ground.segments);
    let needs: Vec<Swinging> =
        counted.need.iter().map(|need| Swinging::of(need, demand.shape)).collect();
    let waiting = counted.waiting.as_ref();
    let waiting = waiting.map(|waiting| (waiting, waiting.steps(demand.shape, &counted.used)));
    for (place, row) in ground.rows.iter().enumerate() {
        let wave = demand.shape.map_or(0.0, |shape| shape.wave[row.hour_of_week]);
        let hour = Hour::of(&counted.counting, wave, row.hours);
        let need = &needs[pieces[row.segment]];
        let range = place * draws..(place + 1) * draws;
        if let Some((waiting, steps)) = &waiting {
            let piece = pieces[row.segment];
            waiting.counts(
                &counted.counting,
                (piece, &steps[piece]),
                (demand.shape, row.hour_of_week, row.hours),
                &counted.need[piece],
                &counted.used[piece],
                &mut scratch.values,
                &mut scratch.count_hours,
            );
            for (share, grid) in shares.iter().zip(&mut layer.weeks) {
                add_product(&mut grid[range.clone()], share, &scratch.values);
            }
        } else if let [PerDraw::Same(share)] = shares {
            let row = &mut layer.weeks[0][range];
            hour.add_counts(need, *share, row, &mut scratch.count_hours);
        } else {
            hour.counts(need, &mut scratch.values, &mut scratch.count_hours);
            for (share, grid) in shares.iter().zip(&mut layer.weeks) {
                add_product(&mut grid[range.clone()], share, &scratch.values);
            }
        }
    }
}

/// Adds one instance of a run: hour by hour, in the draws in which it still holds what it holds.
fn add_run(run: &Occupation, layer: &mut Layer, ground: &Ground, asked: &mut Asked) {
    let draws = asked.requested[0].len();
    let month_hours = ground.month.hours();
    let from = run.start.max(0.0);
    let end = (run.start + run.hours.max()).min(month_hours);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "hours inside a month"
    )]
    let (first, last) = (from as usize, end as usize);
    let shares = ground.columns.spread(&run.shares);
    for (column, share) in shares.iter().enumerate() {
        let held: Vec<f64> = (0..draws).map(|d| share.at(d) * run.count.at(d)).collect();
        let until: Vec<f64> = (0..draws).map(|d| run.start + run.hours.at(d)).collect();
        let grid = &mut layer.hours[column];
        grid.resize(ground.month.days as usize * 24 * draws, 0.0);
        // Until the first of the draws ends, all of them hold.
        let least = until.iter().copied().fold(f64::INFINITY, f64::min);
        for hour in first..last {
            let row = &mut grid[hour * draws..(hour + 1) * draws];
            if (hour as f64) < least {
                add(row, &held);
                continue;
            }
            for ((row, held), until) in row.iter_mut().zip(&held).zip(&until) {
                // `held` or nothing, as a mask: a branch here would keep the loop from being vector code.
                let mask = 0_u64.wrapping_sub(u64::from((hour as f64) < *until));
                *row += f64::from_bits(held.to_bits() & mask);
            }
        }
        let inside = |hours: f64| ((run.start + hours).min(month_hours) - from).max(0.0);
        let used: Vec<f64> = (0..draws).map(|d| share.at(d) * run.count_used.at(d)).collect();
        add_product(&mut asked.requested[column], &run.hours.map(inside), &held);
        add_product(&mut asked.used[column], &run.hours_used.map(inside), &used);
    }
}
