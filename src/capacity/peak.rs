//! The largest request of one workload in one month: for sizing and for choosing instance types.

use crate::capacity::factors::Factors;
use crate::capacity::fractions::nothing;
use crate::capacity::layer::{add, add_product, add_scaled};
use crate::capacity::members::Member;
use crate::capacity::node::{BINDING, BOUND, Columns, Node};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::runs::Occupation;
use crate::capacity::slots::MonthDays;
use crate::capacity::source::Source;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::{Plan, Pool};

/// The largest request of one workload in one month, one value a draw.
#[derive(Debug, Clone)]
pub(crate) struct Peak {
    /// Whole counts that serve its demand; zero where nothing is counted.
    pub count: Vec<f64>,
    /// Node shares by [`BINDING`] resource, counts, fractions and runs together.
    pub shares: [Vec<f64>; BOUND],
    /// Which of these resources the plan states; the others follow.
    pub stated: [bool; BOUND],
}

/// The largest share of a node, over what requests are counted in, one value a draw.
pub(crate) fn largest_of(shares: &[Vec<f64>; BOUND]) -> Vec<f64> {
    let mut largest = shares[0].clone();
    for column in &shares[1..] {
        for (largest, value) in largest.iter_mut().zip(column) {
            *largest = largest.max(*value);
        }
    }
    largest
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
        Peak { count: vec![0.0; draws], shares: nothing(draws), stated: source.stated() };
    if let (Some(counted), Some(demand)) = (&source.counted, &source.demand) {
        peak.count = counted.at_peak(demand, &month);
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
        let mut spread = vec![vec![0.0; draws]; BOUND];
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
    let shares: Vec<[PerDraw; BOUND]> =
        runs.iter().map(|run| BINDING.map(|resource| run.shares.of(resource))).collect();
    // What states one resource takes the same share of all: then one is counted for all.
    let alike = |of: &[PerDraw; BOUND]| of.iter().all(|share| *share == of[0]);
    let counted = if shares.iter().all(alike) { 1 } else { BOUND };
    let most = if runs.iter().all(|run| matches!(run.hours, PerDraw::Same(_))) {
        peak_of_fixed_hours(runs, &shares, counted, month, peak.count.len())
    } else {
        peak_by_draw(runs, &shares, counted, month, peak.count.len())
    };
    for (place, into) in peak.shares.iter_mut().enumerate() {
        add(into, &most[place.min(counted - 1)]);
    }
}

/// The busiest hour in every draw, of as many resources as are counted.
fn peak_by_draw(
    runs: &[Occupation],
    shares: &[[PerDraw; BOUND]],
    counted: usize,
    month: &MonthDays,
    draws: usize,
) -> Vec<Vec<f64>> {
    let mut edges = Vec::with_capacity(2 * runs.len());
    let mut found = vec![vec![0.0_f64; draws]; counted];
    for draw in 0..draws {
        edges_of(runs, month, draw, &mut edges);
        let (mut now, mut most) = ([0.0_f64; BOUND], [0.0_f64; BOUND]);
        for (_, sign, place) in &edges {
            let change = sign * runs[*place].count.at(draw);
            for (resource, share) in shares[*place][..counted].iter().enumerate() {
                now[resource] += change * share.at(draw);
                most[resource] = most[resource].max(now[resource]);
            }
        }
        for (found, most) in found.iter_mut().zip(most) {
            found[draw] = most;
        }
    }
    found
}

/// The same where all draws agree on the hours: one order of starts and ends serves every draw.
fn peak_of_fixed_hours(
    runs: &[Occupation],
    shares: &[[PerDraw; BOUND]],
    counted: usize,
    month: &MonthDays,
    draws: usize,
) -> Vec<Vec<f64>> {
    let mut edges = Vec::with_capacity(2 * runs.len());
    edges_of(runs, month, 0, &mut edges);
    let mut change = vec![0.0_f64; draws];
    let of_resource = |resource: usize| {
        let (mut now, mut most) = (vec![0.0_f64; draws], vec![0.0_f64; draws]);
        for (_, sign, place) in &edges {
            change.fill(0.0);
            match &runs[*place].count {
                PerDraw::Each(counts) => {
                    add_product(&mut change, &shares[*place][resource], counts);
                }
                PerDraw::Same(count) => add_share(&mut change, &shares[*place][resource], *count),
            }
            for ((now, most), change) in now.iter_mut().zip(&mut most).zip(&change) {
                *now += change * sign;
                *most = if *now > *most { *now } else { *most };
            }
        }
        most
    };
    (0..counted).map(of_resource).collect()
}

/// Adds `count` times a share.
fn add_share(into: &mut [f64], share: &PerDraw, count: f64) {
    match share {
        PerDraw::Same(share) => into.iter_mut().for_each(|into| *into += share * count),
        PerDraw::Each(shares) => add_scaled(into, count, shares),
    }
}

/// Starts and ends inside the month in one draw, in order: the hour, plus or minus one, which run. Ends
/// come before starts in the same hour: one may take over from the other.
fn edges_of(
    runs: &[Occupation],
    month: &MonthDays,
    draw: usize,
    edges: &mut Vec<(f64, f64, usize)>,
) {
    edges.clear();
    for (place, run) in runs.iter().enumerate() {
        let until = (run.start + run.hours.at(draw)).min(month.hours());
        let from = run.start.max(0.0);
        if until > from {
            edges.push((from, 1.0, place));
            edges.push((until, -1.0, place));
        }
    }
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
}
