//! How every workload was sized, with its reasons: counts by month, the nodes that each resource alone
//! would take, and the chain of headroom in numbers.

use std::fmt::Write;
use std::ops::Range;

use rayon::prelude::*;

use crate::capacity::choice::{Reduced, choose};
use crate::capacity::counted::Counting;
use crate::capacity::factors::Factors;
use crate::capacity::members::{Member, members};
use crate::capacity::month_demand::MonthDemand;
use crate::capacity::need::{InstanceChoice, LatencySizing, Resource, Sizing};
use crate::capacity::node::{BINDING, Node};
use crate::capacity::peak::{Peak, largest_of, peak};
use crate::capacity::requires::{latency_at_peak, requires};
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::MonthDays;
use crate::capacity::source::Source;
use crate::draws::{quantile, quantile_of};
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::{Plan, Pool};

/// Sizes every workload in every pool of nodes it needs something of; by pool, then workload.
#[must_use]
pub fn size(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
) -> Vec<Sizing> {
    let of_pools = plan.pools.ids().map(|pool| (pool, None)).collect();
    size_knowing(plan, demand, factors, choices, of_pools)
}

/// Chooses the instance type of every pool, and sizes every workload on it: [`choose_instances`] and
/// [`size()`] in one, which looks at every peak once.
///
/// [`choose_instances`]: crate::capacity::choose_instances
#[must_use]
pub fn choose_and_size(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
) -> (Vec<InstanceChoice>, Vec<Sizing>) {
    let pools: Vec<_> = plan.pools.ids().collect();
    let reduce = |node: &Node, member: Member, peak: &Peak| {
        MonthPeak::of(counted(plan, factors, node, member), node, peak)
    };
    let of_pool = |pool| (pool, choose(plan, demand, factors, pool, &reduce));
    let chosen: Vec<_> = pools.into_par_iter().map(of_pool).collect();
    let (mut choices, mut known) = (Vec::new(), Vec::new());
    for (pool, chosen) in chosen {
        let (choice, months) = chosen.unzip();
        choices.extend(choice);
        known.push((pool, months));
    }
    let sizings = size_knowing(plan, demand, factors, &choices, known);
    (choices, sizings)
}

/// Derives sizings anew, each of the one of `months` with the most nodes.
///
/// `choices` are those that the sizings were made with, and `months` lie inside the horizon.
#[must_use]
pub fn size_within(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    sizings: &[Sizing],
    months: &Range<usize>,
) -> Vec<Sizing> {
    let derived = |sizing: &Sizing| {
        let member = members(plan, sizing.pool).into_iter().find(|m| m.workload == sizing.workload);
        let node = Node::of_pool(plan, choices, sizing.pool);
        let (Some(member), Some(node)) = (member, node) else { return sizing.clone() };
        let of_month = |t| {
            let peak = peak(plan, demand, factors, &node, sizing.pool, member, t);
            (t, MonthPeak::of(counted(plan, factors, &node, member), &node, &peak))
        };
        let peaks: Vec<_> = months.clone().map(of_month).collect();
        let most = busiest(peaks.iter().map(|(t, peak)| (*t, peak)));
        derive(plan, demand, factors, &node, member, (sizing.clone(), most))
    };
    sizings.par_iter().map(derived).collect()
}

/// Sizes the workloads of these pools; of some their reduced peaks are known.
fn size_knowing(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    pools: Vec<(Id<Pool>, Option<Reduced<MonthPeak>>)>,
) -> Vec<Sizing> {
    let mut rows = Vec::new();
    for (pool, known) in pools {
        let Some(node) = Node::of_pool(plan, choices, pool) else { continue };
        for (place, member) in members(plan, pool).into_iter().enumerate() {
            let of_member = |months: &Reduced<MonthPeak>| {
                months.iter().map(|of_month| of_month[place]).collect::<Vec<_>>()
            };
            rows.push((pool, node, member, known.as_ref().map(of_member)));
        }
    }
    rows.into_par_iter()
        .map(|(pool, node, member, known)| {
            let of_month = |t| {
                let peak = peak(plan, demand, factors, &node, pool, member, t);
                MonthPeak::of(counted(plan, factors, &node, member), &node, &peak)
            };
            let months = known.unwrap_or_else(|| (0..plan.horizon.months).map(of_month).collect());
            of_member(plan, demand, factors, (pool, &node), member, &months)
        })
        .collect()
}

/// What a sizing keeps of a month's peak.
#[derive(Debug, Clone, Copy)]
struct MonthPeak {
    /// Counts at the median and at 90%.
    counts: (f64, f64),
    /// Nodes at the median, not whole.
    nodes: f64,
}

impl MonthPeak {
    fn of(counted: Counted, node: &Node, peak: &Peak) -> Self {
        let mut largest = largest_of(&peak.shares);
        let mut counts = match counted {
            Counted::Served(_) => peak.count.clone(),
            Counted::Gpus => peak.shares[2].iter().map(|share| share * node.shape.gpus).collect(),
            Counted::Nodes(_) => largest.iter().copied().map(whole_up).collect(),
        };
        Self {
            counts: (quantile_of(&mut counts, 0.5), quantile_of(&mut counts, 0.9)),
            nodes: quantile_of(&mut largest, 0.5),
        }
    }
}

/// What a workload is counted in.
#[derive(Debug, Clone, Copy)]
enum Counted {
    /// What serves it, by its name.
    Served(&'static str),
    /// The GPUs that its runs hold.
    Gpus,
    /// Whole nodes; or what its runs are told in.
    Nodes(&'static str),
}

impl Counted {
    fn word(self) -> &'static str {
        match self {
            Self::Served(word) | Self::Nodes(word) => word,
            Self::Gpus => "gpu",
        }
    }
}

fn counted(plan: &Plan, factors: &Factors, node: &Node, member: Member) -> Counted {
    let main = factors.of(member.workload).main.as_ref().filter(|_| member.counts);
    match main {
        Some(main) => Counted::Served(main.counted),
        None if member.runs && node.shape.gpus > 0.0 => {
            if plan.workloads[member.workload].demand.is_none() {
                Counted::Gpus
            } else {
                Counted::Nodes("gpu")
            }
        }
        None => Counted::Nodes("node"),
    }
}

fn of_member(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    (pool, node): (Id<Pool>, &Node),
    member: Member,
    months: &[MonthPeak],
) -> Sizing {
    let main = factors.of(member.workload).main.as_ref().filter(|_| member.counts);
    let sizing = Sizing {
        workload: member.workload,
        pool,
        counted: counted(plan, factors, node, member).word(),
        peak: months.iter().map(|month| month.counts).collect(),
        peak_month: None,
        by_resource: Vec::new(),
        headroom: String::new(),
        requires: Vec::new(),
        latency: None,
        model: main.and_then(|main| main.served(node.gpu)?.rated),
    };
    derive(plan, demand, factors, node, member, (sizing, busiest(months.iter().enumerate())))
}

/// The month with the most nodes at the median, the first of equals.
fn busiest<'a>(months: impl Iterator<Item = (usize, &'a MonthPeak)>) -> Option<usize> {
    let mut busiest: Option<(f64, usize)> = None;
    for (t, month) in months {
        if busiest.is_none_or(|(most, _)| month.nodes > most) {
            busiest = Some((month.nodes, t));
        }
    }
    busiest.map(|(_, t)| t)
}

/// A sizing with its reasons, all of one month.
fn derive(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    node: &Node,
    member: Member,
    (sizing, t): (Sizing, Option<usize>),
) -> Sizing {
    let Some(t) = t else { return sizing };
    let pool = sizing.pool;
    let workload = &plan.workloads[member.workload];
    let main = factors.of(member.workload).main.as_ref().filter(|_| member.counts);
    let month = MonthDays::of(plan.horizon.month(t));
    let peak = peak(plan, demand, factors, node, pool, member, t);
    let source = Source::of(plan, demand, factors, node, pool, member, t, &month);
    let served = main.and_then(|main| main.served(node.gpu));
    let latency =
        served.and_then(|served| latency_at_peak(plan, workload, served, &source, &month, &peak));
    let requires = requires(plan, node, main, &source, &month, &peak, latency.as_ref());
    let headroom = chain(plan, demand, factors, (pool, node), member, (t, latency.as_ref()));
    Sizing {
        peak_month: Some(t),
        by_resource: by_resource(node, &peak),
        headroom,
        requires,
        latency,
        ..sizing
    }
}

/// The nodes that each resource alone would take at the median, largest first. Local storage, which
/// nobody can request, takes the smallest share.
fn by_resource(node: &Node, peak: &Peak) -> Vec<(Resource, f64)> {
    let offered = BINDING.into_iter().zip(&peak.shares).filter(|(b, _)| node.has(*b) > 0.0);
    let mut rows: Vec<(Resource, f64)> = offered
        .filter_map(|(binding, shares)| Some((binding.resource()?, quantile(shares, 0.5))))
        .collect();
    if node.offers(Resource::Storage) > 0.0 {
        let least = rows.iter().map(|row| row.1).fold(f64::INFINITY, f64::min);
        rows.push((Resource::Storage, if least.is_finite() { least } else { 0.0 }));
    }
    // Among equals what the plan states goes first; the others come along with it.
    let follows = |resource: Resource| {
        !BINDING.iter().zip(peak.stated).any(|(b, stated)| b.resource() == Some(resource) && stated)
    };
    rows.sort_by(|a, b| {
        b.1.total_cmp(&a.1).then(follows(a.0).cmp(&follows(b.0))).then(a.0.cmp(&b.0))
    });
    rows
}

/// The headroom of a workload in words and numbers, in the order in which it is applied, at the median
/// of one month.
fn chain(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    (pool, node): (Id<Pool>, &Node),
    member: Member,
    (t, latency): (usize, Option<&LatencySizing>),
) -> String {
    let workload = &plan.workloads[member.workload];
    let mut steps: Vec<String> = Vec::new();
    let target = plan.pools[pool].target_utilization;
    let of = factors.of(member.workload);
    let month = MonthDays::of(plan.horizon.month(t));
    let demand = MonthDemand::of(demand, member.workload, t, &month);
    if let (Some(main), Some(demand), true) = (&of.main, &demand, member.counts) {
        let counting = Counting::of(plan, pool, workload);
        let need: Vec<_> =
            demand.pieces.iter().map(|p| counting.need(of, main, p, t, node.gpu)).collect();
        let need = quantile(&demand.peak(&month, &need), 0.5);
        steps.push(format!("target utilisation {}", percent(counting.target_utilization)));
        if let Some(rate) = workload.autoscale.as_ref().and_then(|a| a.target_per_second) {
            steps.push(format!("at most {} a second each", number(rate)));
        }
        steps.push(format!("{} needed, {} whole", number(need), number(whole_up(need))));
        let mut serving = whole_up(need);
        if let Some(latency) = latency {
            steps.push(promise(latency));
            serving = serving.max(latency.for_latency.unwrap_or(0.0));
        }
        steps.extend(redundancy(plan, member, &counting));
        let total = number(counting.with_spares(serving));
        steps.push(format!("{total} {}{}", main.counted, if total == "1" { "" } else { "s" }));
    }
    if member.fractions {
        let needs = workload.needs.iter().filter(|needs| needs.pool == pool);
        for buffer in needs.map(|needs| needs.buffer).filter(|buffer| *buffer > 0.0) {
            steps.push(format!("buffer {}", percent(buffer)));
        }
        steps.push(format!("target utilisation {}", percent(target)));
        if workload.redundancy.copies > 1 {
            steps.push(format!("× {} copies", workload.redundancy.copies));
        }
    }
    if member.runs {
        steps.push("runs hold whole units for whole hours, without headroom".into());
    }
    steps.join(" → ")
}

/// What is promised of the response, and what that takes.
fn promise(latency: &LatencySizing) -> String {
    let all = latency.objectives.iter().map(|(share, seconds)| {
        format!("p{} {}", number(share * 100.0).replace('.', ""), milliseconds(*seconds))
    });
    let promised = all.collect::<Vec<_>>().join(", ");
    match latency.for_latency {
        Some(replicas) => format!("latency {promised}: {}", number(replicas)),
        None => format!("latency {promised}: serving alone takes longer"),
    }
}

/// Seconds as people write them: `120 ms`, `2.5 s`.
fn milliseconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", number(seconds * 1000.0))
    } else {
        format!("{} s", number(seconds))
    }
}

/// Spares, copies and limits, where they say something.
fn redundancy(plan: &Plan, member: Member, counting: &Counting) -> Vec<String> {
    let workload = &plan.workloads[member.workload];
    let redundancy = workload.redundancy;
    let mut steps = Vec::new();
    if redundancy.spare > 0 {
        let mut step = format!("+ {} spare", redundancy.spare);
        if redundancy.zones > 1 {
            let _ = write!(step, " × {} zones", redundancy.zones);
        }
        steps.push(step);
    }
    if redundancy.copies > 1 {
        steps.push(format!("× {} copies", redundancy.copies));
    }
    if counting.min > 0.0 {
        steps.push(format!("at least {}", number(counting.min)));
    }
    if counting.max.is_finite() {
        steps.push(format!("at most {}", number(counting.max)));
    }
    steps
}

fn percent(share: f64) -> String {
    format!("{}%", number(share * 100.0))
}

/// One decimal, none where it is whole.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
