//! The load of one pool in one month: what all its workloads request, slot by slot, in every draw.
//!
//! By far the heaviest computation: workloads × hours × draws. What is the same in every hour is added
//! once; what follows the hours is added to one grid of (hours of the week × draws), workload by
//! workload in the order of names, so that the grid stays in cache; runs have a grid of calendar hours,
//! in the months they touch. Two layers keep apart what may be interrupted and what may not; a pool's
//! load is their sum. Nothing here knows what can be bought.

use std::ops::Range;

use crate::capacity::counted::Counting;
use crate::capacity::factors::Factors;
use crate::capacity::fractions::{Fractions, nothing};
use crate::capacity::members::{Member, columns, members};
use crate::capacity::month_demand::MonthDemand;
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{BINDING, Columns, Node};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::runs::{Occupation, occupations};
use crate::capacity::slots::{MonthDays, Slot, WeekRow};
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::{Plan, Pool, Workload};

/// What is requested of one pool in one month.
#[derive(Debug, Clone)]
pub struct PoolLoad {
    /// The pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// The month's hours, grouped.
    pub slots: Vec<Slot>,
    /// The node that shares are shares of.
    pub(crate) node: Node,
    /// What the columns count.
    pub(crate) columns: Columns,
    /// The days of the month.
    pub(crate) month: MonthDays,
    /// What every workload asks for, by name.
    pub(crate) asked: Vec<Asked>,
    draws: usize,
    steady: Layer,
    interruptible: Option<Layer>,
}

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

impl PoolLoad {
    /// How many draws there are.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Whether any of it may be interrupted.
    #[must_use]
    pub fn has_interruptible(&self) -> bool {
        self.interruptible.is_some()
    }

    /// Node shares requested in a slot, by everybody; `into` has one value a draw.
    pub(crate) fn requested(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        into.copy_from_slice(&self.steady.flat[column]);
        self.steady.add_hours(slot, column, into);
        if let Some(layer) = &self.interruptible {
            add(into, &layer.flat[column]);
            layer.add_hours(slot, column, into);
        }
    }

    /// Node shares requested in a slot by what may be interrupted.
    pub(crate) fn requested_interruptible(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        into.iter_mut().for_each(|into| *into = 0.0);
        if let Some(layer) = &self.interruptible {
            add(into, &layer.flat[column]);
            layer.add_hours(slot, column, into);
        }
    }
}

/// Node shares requested: a part that is the same all month, one by hours of the week, one by hours of
/// the calendar. Outer index: the column. The grids are empty where nothing follows the hours.
#[derive(Debug, Clone)]
struct Layer {
    flat: Vec<Vec<f64>>,
    weeks: Vec<Vec<f64>>,
    hours: Vec<Vec<f64>>,
}

impl Layer {
    fn new(columns: usize, draws: usize) -> Self {
        let empty = || vec![Vec::new(); columns];
        Self { flat: vec![vec![0.0; draws]; columns], weeks: empty(), hours: empty() }
    }

    fn add_hours(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        let draws = into.len();
        for (grid, row) in
            [(&self.weeks[column], slot.week_row), (&self.hours[column], slot.month_hour)]
        {
            if !grid.is_empty() {
                add(into, &grid[row * draws..(row + 1) * draws]);
            }
        }
    }

    fn with_grid(grid: &mut [Vec<f64>], len: usize) {
        for column in grid {
            column.resize(len, 0.0);
        }
    }
}

fn add(into: &mut [f64], values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += value;
    }
}

/// Adds up what is requested of `pool` in month `t`.
///
/// # Panics
/// If the pool is a storage pool, which has no nodes.
#[must_use]
pub fn load(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    pool: Id<Pool>,
    t: usize,
) -> PoolLoad {
    let node = Node::of_pool(plan, choices, pool);
    assert!(node.is_some(), "only pools of nodes have a load");
    let node =
        node.unwrap_or(Node { shape: crate::plan::catalog::NodeShape::default(), gpu: None });
    let members = members(plan, pool);
    let columns = columns(plan, factors, &node, pool, &members);
    let month = MonthDays::of(plan.horizon.month(t));
    let sources: Vec<Source> = members
        .iter()
        .map(|member| Source::of(plan, demand, factors, &node, pool, *member, t, &month))
        .collect();

    let cuts = sources.iter().filter(|source| source.follows_hours()).flat_map(Source::cuts);
    let segments = month.segments(cuts.collect());
    let follow = sources.iter().any(Source::follows_hours);
    let rows = if follow { month.week_rows(&segments) } else { Vec::new() };
    let slots = if sources.iter().any(|source| !source.runs.is_empty()) {
        month.hour_slots(&segments, &rows)
    } else if follow {
        MonthDays::week_slots(&segments, &rows)
    } else {
        month.one_slot()
    };

    let draws = plan.draws.count();
    let mut steady = Layer::new(columns.len(), draws);
    let mut interruptible: Option<Layer> = None;
    let mut scratch = Scratch::new(columns.len(), draws);
    let mut asked = Vec::with_capacity(sources.len());
    for source in &sources {
        let layer = if plan.workloads[source.member.workload].interruptible {
            interruptible.get_or_insert_with(|| Layer::new(columns.len(), draws))
        } else {
            &mut steady
        };
        let ground = Ground { columns: &columns, month: &month, segments: &segments, rows: &rows };
        asked.push(source.add_to(layer, &ground, &mut scratch));
    }
    PoolLoad { pool, t, slots, node, columns, month, asked, draws, steady, interruptible }
}

/// How a month is laid out.
struct Ground<'a> {
    columns: &'a Columns,
    month: &'a MonthDays,
    segments: &'a [Range<u32>],
    rows: &'a [WeekRow],
}

/// Buffers that all workloads of a pool reuse.
struct Scratch {
    /// A count, or a demand, one value a draw.
    values: Vec<f64>,
    /// Counts times hours.
    count_hours: Vec<f64>,
    /// Shares by column.
    columns: Vec<Vec<f64>>,
    /// Shares by resource.
    resources: [Vec<f64>; 3],
    /// For workloads without a shape.
    no_amplitude: Vec<f64>,
}

impl Scratch {
    fn new(columns: usize, draws: usize) -> Self {
        Self {
            values: vec![0.0; draws],
            count_hours: vec![0.0; draws],
            columns: vec![vec![0.0; draws]; columns],
            resources: nothing(draws),
            no_amplitude: vec![0.0; draws],
        }
    }
}

/// Everything one workload requests of a pool in a month.
struct Source<'a> {
    member: Member,
    demand: Option<MonthDemand<'a>>,
    autoscales: bool,
    counted: Option<Counted>,
    fractions: Option<Fractions>,
    runs: Vec<Occupation>,
}

/// Whole counts: by piece of the month, what is needed and what is used at the mean.
struct Counted {
    counting: Counting,
    need: Vec<Vec<f64>>,
    used: Vec<Vec<f64>>,
    unit: crate::capacity::node::Shares,
}

impl<'a> Source<'a> {
    #[expect(clippy::too_many_arguments, reason = "the arguments of the pass itself")]
    fn of(
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
                Some(Counted {
                    counting,
                    need: pieces.clone().map(|p| counting.need(of, main, p, t)).collect(),
                    used: pieces.map(|p| counting.used(of, main, p, t)).collect(),
                    unit: main.unit.shares(plan, node),
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

    /// Whether the demand itself differs from hour to hour and its capacity follows.
    fn follows_demand(&self) -> bool {
        self.autoscales && self.demand.as_ref().is_some_and(MonthDemand::varies)
    }

    /// Whether what it requests here differs from hour to hour, runs apart.
    fn follows_hours(&self) -> bool {
        let working = self.fractions.as_ref().is_some_and(Fractions::has_working_hours);
        working || (self.follows_demand() && (self.counted.is_some() || self.fractions.is_some()))
    }

    /// The days on which its level changes.
    fn cuts(&self) -> impl Iterator<Item = u32> + '_ {
        self.demand.iter().flat_map(|demand| demand.pieces.iter().map(|piece| piece.days.start))
    }

    fn add_to(&self, layer: &mut Layer, ground: &Ground, scratch: &mut Scratch) -> Asked {
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
            scratch.count_hours.iter_mut().for_each(|hours| *hours = 0.0);
            self.add_counted_hours(counted, demand, &shares, layer, ground, scratch);
        } else {
            let peak = demand.peak(month, &counted.need);
            let hours = month.hours();
            for ((peak, count), count_hours) in
                peak.iter().zip(&mut scratch.values).zip(&mut scratch.count_hours)
            {
                *count = counting.count(*peak);
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

    fn add_counted_hours(
        &self,
        counted: &Counted,
        demand: &MonthDemand,
        shares: &[PerDraw],
        layer: &mut Layer,
        ground: &Ground,
        scratch: &mut Scratch,
    ) {
        let draws = scratch.values.len();
        let pieces = pieces_of(demand, ground.segments);
        let amplitude = demand.shape.map_or(&scratch.no_amplitude, |shape| &shape.amplitude);
        for (place, row) in ground.rows.iter().enumerate() {
            let hour = Hour {
                wave: demand.shape.map_or(0.0, |shape| shape.wave[row.hour_of_week]),
                hours: row.hours,
                counting: counted.counting,
            };
            let need = &counted.need[pieces[row.segment]];
            let range = place * draws..(place + 1) * draws;
            if let [PerDraw::Same(share)] = shares {
                let grid = &mut layer.weeks[0][range];
                hour.add_counts(need, amplitude, *share, grid, &mut scratch.count_hours);
            } else {
                hour.counts(need, amplitude, &mut scratch.values, &mut scratch.count_hours);
                for (share, grid) in shares.iter().zip(&mut layer.weeks) {
                    add_product(&mut grid[range.clone()], share, &scratch.values);
                }
            }
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

/// The piece of a demand that every segment lies in.
fn pieces_of(demand: &MonthDemand, segments: &[Range<u32>]) -> Vec<usize> {
    segments.iter().map(|days| demand.piece_at(days.start)).collect()
}

fn add_product(into: &mut [f64], share: &PerDraw, values: &[f64]) {
    match share {
        PerDraw::Same(share) => add_scaled(into, *share, values),
        PerDraw::Each(shares) => {
            for ((into, share), value) in into.iter_mut().zip(shares).zip(values) {
                *into += share * value;
            }
        }
    }
}

fn add_scaled(into: &mut [f64], factor: f64, values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += factor * value;
    }
}

/// One row of the grid of weeks, for one workload.
struct Hour {
    wave: f64,
    hours: f64,
    counting: Counting,
}

impl Hour {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inside the loop over hours and draws")]
    fn count(&self, need: f64, amplitude: f64) -> f64 {
        let shape = 1.0 + amplitude * self.wave;
        let shape = if shape > 0.0 { shape } else { 0.0 };
        self.counting.count(need * shape)
    }

    /// The innermost loop: counts, straight into the grid of a pool that has one column.
    fn add_counts(
        &self,
        need: &[f64],
        amplitude: &[f64],
        share: f64,
        grid: &mut [f64],
        count_hours: &mut [f64],
    ) {
        for (((need, amplitude), grid), count_hours) in
            need.iter().zip(amplitude).zip(grid).zip(count_hours)
        {
            let count = self.count(*need, *amplitude);
            *grid += count * share;
            *count_hours += count * self.hours;
        }
    }

    /// The same, kept for several columns.
    fn counts(&self, need: &[f64], amplitude: &[f64], counts: &mut [f64], count_hours: &mut [f64]) {
        for (((need, amplitude), into), count_hours) in
            need.iter().zip(amplitude).zip(counts).zip(count_hours)
        {
            let count = self.count(*need, *amplitude);
            *into = count;
            *count_hours += count * self.hours;
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
        for hour in first..last {
            let row = &mut grid[hour * draws..(hour + 1) * draws];
            for ((row, held), until) in row.iter_mut().zip(&held).zip(&until) {
                *row += if (hour as f64) < *until { *held } else { 0.0 };
            }
        }
        for draw in 0..draws {
            let inside = |hours: f64| ((run.start + hours).min(month_hours) - from).max(0.0);
            asked.requested[column][draw] += held[draw] * inside(run.hours.at(draw));
            let used = share.at(draw) * run.count_used.at(draw);
            asked.used[column][draw] += used * inside(run.hours_used.at(draw));
        }
    }
}

/// The largest request of one workload in one month, one value a draw.
#[derive(Debug, Clone)]
pub(crate) struct Peak {
    /// Whole counts that serve its demand; zero where nothing is counted.
    pub count: Vec<f64>,
    /// GPUs (or other units) that its runs hold at once.
    pub run_units: Vec<f64>,
    /// Node shares by [`BINDING`] resource, counts, fractions and runs together.
    pub shares: [Vec<f64>; 3],
}

/// The largest request of `member` of `pool` in month `t`, on nodes like `node`.
pub(crate) fn peak(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    node: &Node,
    pool: Id<Pool>,
    member: Member,
    t: usize,
) -> Peak {
    let draws = plan.draws.count();
    let month = MonthDays::of(plan.horizon.month(t));
    let source = Source::of(plan, demand, factors, node, pool, member, t, &month);
    let mut peak =
        Peak { count: vec![0.0; draws], run_units: vec![0.0; draws], shares: nothing(draws) };
    if let (Some(counted), Some(demand)) = (&source.counted, &source.demand) {
        peak.count = demand.peak(&month, &counted.need);
        peak.count.iter_mut().for_each(|need| *need = counted.counting.count(*need));
        for (place, resource) in BINDING.into_iter().enumerate() {
            add_product(&mut peak.shares[place], &counted.unit.of(resource), &peak.count);
        }
    }
    if let Some(fractions) = &source.fractions {
        let at_peak = source.demand.as_ref().map_or_else(
            || vec![0.0; draws],
            |demand| {
                let levels: Vec<_> = demand.pieces.iter().map(|p| p.span.level.clone()).collect();
                demand.peak(&month, &levels)
            },
        );
        let mut stated = nothing(draws);
        fractions.requested(&at_peak, None, &mut stated);
        let mut spread = vec![vec![0.0; draws]; 3];
        fractions.spread(&Columns::Each(BINDING.to_vec()), &stated, &mut spread);
        for (shares, spread) in peak.shares.iter_mut().zip(&spread) {
            add(shares, spread);
        }
    }
    add_run_peak(&source.runs, &month, &mut peak);
    peak
}

/// Adds the busiest hour of the runs: overlapping instances add up, resource by resource.
fn add_run_peak(runs: &[Occupation], month: &MonthDays, peak: &mut Peak) {
    if runs.is_empty() {
        return;
    }
    let shares: Vec<[PerDraw; 3]> =
        runs.iter().map(|run| BINDING.map(|resource| run.shares.of(resource))).collect();
    let mut edges: Vec<(f64, f64, usize)> = Vec::with_capacity(2 * runs.len());
    for draw in 0..peak.count.len() {
        edges.clear();
        for (place, run) in runs.iter().enumerate() {
            let until = (run.start + run.hours.at(draw)).min(month.hours());
            let from = run.start.max(0.0);
            if until > from {
                edges.push((from, run.count.at(draw), place));
                edges.push((until, -run.count.at(draw), place));
            }
        }
        // Ends before starts in the same hour: one may take over from the other.
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (mut units, mut now, mut most) = (0.0_f64, [0.0_f64; 3], [0.0_f64; 3]);
        for (_, change, place) in &edges {
            units += change;
            peak.run_units[draw] = peak.run_units[draw].max(units);
            for (resource, share) in shares[*place].iter().enumerate() {
                now[resource] += change * share.at(draw);
                most[resource] = most[resource].max(now[resource]);
            }
        }
        for (shares, most) in peak.shares.iter_mut().zip(most) {
            shares[draw] += most;
        }
    }
}
