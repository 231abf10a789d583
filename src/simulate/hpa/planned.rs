//! A plan's autoscaled workloads over their forecast weeks.
//!
//! The need of every hour of the week goes in, as replicas kept fully busy, for some months and draws;
//! demand moves in a straight line between the middles of hours, from the middle of the first hour of Monday
//! once around. Out come the share that is short and the replica-hours, beside two sizings without an
//! autoscaler's delays: the ledger's, which follows every hour, and a static one, which holds the month's
//! largest hour. Spares and copies are left out of all three.

use rayon::prelude::*;

use super::bins::bins;
use super::fleet::{Delays, NodeRules};
use super::load::{Between, Load};
use super::pods::Metered;
use super::recommend::{Advice, recommend};
use super::run::{Promise, Setup, Signal, run};
use super::settings::{Millis, Rules, Settings, millis};
use super::tally::{Keep, Run};
use crate::capacity::replica_load::{MonthLoad, PathLoad, ReplicaLoad};
use crate::ids::Id;
use crate::plan::workload::{Autoscale, TargetResource};
use crate::plan::{Plan, Pool, Workload};

/// An hour.
const HOUR: Millis = 3_600_000;

/// How old metrics are, and over how long they are averaged: the metrics server's defaults.
const LAG: Millis = 30_000;
const WINDOW: Millis = 15_000;

/// How long a node stays that nobody needs: the cluster autoscaler's default.
const NODE_IDLE: Millis = 600_000;

/// Replicas where an autoscaler states no most.
const NO_LIMIT: i32 = 1_000_000;

/// What an autoscaler would do for one workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoscaled {
    /// The workload.
    pub workload: Id<Workload>,
    /// Its pool.
    pub pool: Id<Pool>,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// Draws simulated in each month.
    pub draws: usize,
    /// Months simulated, oldest first.
    pub months: Vec<MonthScaled>,
    /// The share of the demand beyond what the ready replicas could serve.
    pub short_share: f64,
    /// The fewest and the most replicas asked for.
    pub replicas: (i64, i64),
    /// Replica-hours a month as simulated.
    pub replica_hours: f64,
    /// The same as the ledger sizes: following every hour, at once.
    pub following_hours: f64,
    /// The same held at the month's largest hour.
    pub static_hours: f64,
    /// The share of a node that one takes.
    pub node_share: f64,
    /// Money for an hour of a node on demand.
    pub node_hour: Option<f64>,
    /// The share of the simulated weeks in which it asked for its most.
    pub at_max: f64,
    /// Mean replicas that serve, by hour of the week from Monday 00:00, in the middle draw of the month
    /// that needs most.
    pub week: Vec<f64>,
    /// What is recommended, where that was looked for.
    pub recommended: Option<Recommended>,
}

/// What is recommended for one autoscaler, of the highest draw that is simulated of the month that needs most.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommended {
    /// Limits, target and rules, and what they lead to.
    pub advice: Advice,
    /// The share of the demand that may be short.
    pub risk: f64,
    /// Spares that are held ready.
    pub spare: f64,
    /// Whether a latency is kept.
    pub latency: bool,
    /// Replica-hours of that month under them.
    pub replica_hours: f64,
    /// The same held at the month's largest hour, spares and what a latency takes included.
    pub static_hours: f64,
}

/// One month of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthScaled {
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// The share of its demand that is short.
    pub short_share: f64,
}

/// Sums over the paths of a month.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    load: f64,
    short: f64,
    replicas: f64,
    following: f64,
    fixed: f64,
    least: i64,
    most: i64,
    at_max: f64,
    paths: f64,
}

/// Simulates every autoscaled workload over its paths.
#[must_use]
pub fn autoscaling(plan: &Plan, loads: &[ReplicaLoad]) -> Vec<Autoscaled> {
    loads.par_iter().filter_map(|load| of_workload(plan, load)).collect()
}

/// The cheapest limits, target and rules with which at most a share of the demand is short, in the highest draw
/// that is simulated of the month that needs most: `risk`, or what the workload states where that is absent.
///
/// Short is what finds no ready replica while the spares stand idle, and what is missing of the replicas that a
/// promised latency takes. Copies are left out.
#[must_use]
pub fn recommended(plan: &Plan, load: &ReplicaLoad, risk: Option<f64>) -> Option<Recommended> {
    let autoscale = plan.workloads[load.workload].autoscale.as_ref()?;
    let risk = risk.or(autoscale.shortfall_risk).unwrap_or(Autoscale::RISK);
    let month = busiest(load)?;
    let path = month.paths.last()?;
    let hours = around(&path.busy)?;
    let setup = Setup { promise: promise(load, path), ..setup(autoscale, load, path) };
    let advice = recommend(&setup, &hours, risk);
    let totals = &advice.totals;
    let replica_hours = totals.pod_hours * month.hours * 3600.0 / totals.seconds;
    let for_latency = path.for_latency.iter().flatten().copied().fold(0.0, f64::max);
    let largest = (of_path(autoscale, load, month, path).fixed / month.hours).max(for_latency);
    let static_hours = (largest + load.spare) * month.hours;
    let latency = path.for_latency.is_some();
    Some(Recommended { advice, risk, spare: load.spare, latency, replica_hours, static_hours })
}

/// Looks for what is recommended for the autoscalers whose static peak costs most, at most so many of them.
pub fn recommend_for(plan: &Plan, loads: &[ReplicaLoad], scaled: &mut [Autoscaled], most: usize) {
    let cost = |one: &Autoscaled| one.static_hours * one.node_share * one.node_hour.unwrap_or(1.0);
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    order.sort_by(|a, b| cost(&scaled[*b]).total_cmp(&cost(&scaled[*a])).then(a.cmp(b)));
    order.truncate(most);
    let found: Vec<(usize, Option<Recommended>)> = order
        .into_par_iter()
        .map(|place| {
            let load = loads.iter().find(|load| load.workload == scaled[place].workload);
            (place, load.and_then(|load| recommended(plan, load, None)))
        })
        .collect();
    for (place, recommended) in found {
        scaled[place].recommended = recommended;
    }
}

fn of_workload(plan: &Plan, load: &ReplicaLoad) -> Option<Autoscaled> {
    let autoscale = plan.workloads[load.workload].autoscale.as_ref()?;
    let months: Vec<Sums> =
        load.months.par_iter().map(|month| of_month(autoscale, load, month)).collect();
    let busiest = busiest(load)?;
    let middle = &busiest.paths[busiest.paths.len() / 2];
    let sum = |of: fn(&Sums) -> f64| months.iter().map(of).sum::<f64>();
    let count = months.len().max(1) as f64;
    let short = |sums: &Sums| if sums.load > 0.0 { sums.short / sums.load } else { 0.0 };
    Some(Autoscaled {
        workload: load.workload,
        pool: load.pool,
        counted: load.counted,
        draws: busiest.paths.len(),
        months: load
            .months
            .iter()
            .zip(&months)
            .map(|(month, sums)| MonthScaled { t: month.t, short_share: short(sums) })
            .collect(),
        short_share: if sum(|s| s.load) > 0.0 { sum(|s| s.short) / sum(|s| s.load) } else { 0.0 },
        replicas: (
            months.iter().map(|sums| sums.least).min().unwrap_or(0),
            months.iter().map(|sums| sums.most).max().unwrap_or(0),
        ),
        replica_hours: sum(|s| s.replicas) / count,
        following_hours: sum(|s| s.following) / count,
        static_hours: sum(|s| s.fixed) / count,
        node_share: load.node_share,
        node_hour: load.node_hour,
        at_max: sum(|s| s.at_max) / sum(|s| s.paths).max(1.0),
        week: week(autoscale, load, middle),
        recommended: None,
    })
}

/// What must be ready: what the load keeps busy, or what a latency takes where that is more; and the spares.
fn promise(load: &ReplicaLoad, path: &PathLoad) -> Option<Promise> {
    let takes = |hour: usize| path.for_latency.as_ref().map_or(0.0, |takes| takes[hour]);
    let owed: Vec<f64> =
        path.busy.iter().enumerate().map(|(hour, busy)| busy.max(takes(hour))).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a few")]
    let spare = load.spare.round() as i64;
    (spare > 0 || path.for_latency.is_some())
        .then(|| Some(Promise { owed: around(&owed)?, spare }))
        .flatten()
}

/// The month whose middle draw needs most.
fn busiest(load: &ReplicaLoad) -> Option<&MonthLoad> {
    let most = |month: &MonthLoad| {
        let middle = month.paths.get(month.paths.len() / 2);
        middle.map_or(0.0, |path| path.busy.iter().copied().fold(0.0, f64::max))
    };
    load.months
        .iter()
        .filter(|month| !month.paths.is_empty())
        .reduce(|best, month| if most(month) > most(best) { month } else { best })
}

fn of_month(autoscale: &Autoscale, load: &ReplicaLoad, month: &MonthLoad) -> Sums {
    let each: Vec<Sums> =
        month.paths.par_iter().map(|path| of_path(autoscale, load, month, path)).collect();
    let mut sums = Sums { least: i64::MAX, ..Sums::default() };
    let paths = each.len().max(1) as f64;
    for one in &each {
        sums.load += one.load / paths;
        sums.short += one.short / paths;
        sums.replicas += one.replicas / paths;
        sums.following += one.following / paths;
        sums.fixed += one.fixed / paths;
        sums.at_max += one.at_max;
        sums.paths += 1.0;
        sums.least = sums.least.min(one.least);
        sums.most = sums.most.max(one.most);
    }
    sums
}

fn of_path(autoscale: &Autoscale, load: &ReplicaLoad, month: &MonthLoad, path: &PathLoad) -> Sums {
    let setup = setup(autoscale, load, path);
    let Some(hours) = around(&path.busy) else { return Sums::default() };
    let totals = run(&setup, &hours, Keep::Totals).totals;
    // The week, or the day where all days are alike, stands for the month.
    let times = month.hours * 3600.0 / totals.seconds;
    let per_hour = month.hours / path.busy.len() as f64;
    let need = |busy: f64| {
        let by_share = busy / load.planned_utilization;
        let by_rate = path.rate_share.map_or(0.0, |share| busy / share);
        // What is whole but for its last bits is that whole, as in sizing.
        (by_share.max(by_rate) * (1.0 - 1e-9)).ceil()
    };
    let (min, max) = (f64::from(setup.rules.min), f64::from(setup.rules.max));
    let following: f64 = path.busy.iter().map(|busy| need(*busy).max(min).min(max)).sum();
    let largest = path.busy.iter().map(|busy| need(*busy)).fold(0.0, f64::max);
    Sums {
        load: totals.load * times,
        short: totals.short * times,
        replicas: totals.pod_hours * times,
        following: following * per_hour,
        fixed: largest * month.hours,
        least: totals.least_wanted,
        most: totals.most_wanted,
        at_max: f64::from(u8::from(totals.most_wanted >= i64::from(setup.rules.max))),
        paths: 1.0,
    }
}

/// The autoscaler of a plan on one path; a load of 1 is one replica kept fully busy.
#[must_use]
pub fn setup(autoscale: &Autoscale, load: &ReplicaLoad, path: &PathLoad) -> Setup {
    const MICRO: f64 = 1e6;
    let share = |share: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "a share of one replica")]
        let target = (share * MICRO).round().max(1.0) as i64;
        Signal::OfPods { target, milli: MICRO, metered: Metered::Other }
    };
    let own = autoscale.target_utilization;
    let mut signals = Vec::new();
    let planned = Autoscale::target_in(load.planned_utilization);
    let used = own.or(path.rate_share.is_none().then_some(planned));
    if let Some(used) = used {
        signals.push(match autoscale.target_resource {
            TargetResource::Cpu => Signal::Utilization {
                percent: super::manifest::percent(used),
                metered: Metered::Cpu,
            },
            TargetResource::Memory | TargetResource::Gpu => share(used),
        });
    }
    signals.extend(path.rate_share.map(share));
    let (pods, nodes, model) = path.delays;
    let of_hours = |hours: f64| millis(hours * 3600.0);
    let max = autoscale.max.map_or(NO_LIMIT, |max| i32::try_from(max).unwrap_or(NO_LIMIT));
    Setup {
        rules: Rules {
            min: i32::try_from(autoscale.min).unwrap_or(max).min(max),
            max,
            behavior: autoscale.behavior.clone(),
        },
        settings: Settings::default(),
        signals,
        full: 1.0,
        most: 1.0,
        delays: Delays { pod_start: of_hours(pods), model_load: of_hours(model) },
        nodes: nodes.map(|start| NodeRules {
            pods_per_node: pods_per_node(load.node_share),
            node_start: of_hours(start),
            node_idle: NODE_IDLE,
        }),
        lag: LAG,
        window: WINDOW,
        start: None,
        promise: None,
    }
}

/// Whole replicas on a node.
#[expect(clippy::cast_possible_truncation, reason = "a node holds few replicas")]
fn pods_per_node(node_share: f64) -> i64 {
    if node_share > 0.0 { ((1.0 / node_share) * (1.0 + 1e-9)).floor().max(1.0) as i64 } else { 1 }
}

/// A week of hours, once around, between the middles of hours; a day, where all days are alike.
#[must_use]
pub fn around(busy: &[f64]) -> Option<Load> {
    let same = |hour: usize| (busy[hour] - busy[hour % 24]).abs() <= 1e-12 * busy[hour].abs();
    let hours = if (0..busy.len()).all(same) { busy.len().min(24) } else { busy.len() };
    let at = |hour: usize| HOUR / 2 + i64::try_from(hour).unwrap_or(0) * HOUR;
    let points = (0..=hours).map(|hour| (at(hour), busy[hour % hours])).collect();
    Load::new(points, Between::Line).ok()
}

/// Mean replicas that serve by hour of the week.
fn week(autoscale: &Autoscale, load: &ReplicaLoad, path: &PathLoad) -> Vec<f64> {
    let Some(hours) = around(&path.busy) else { return Vec::new() };
    let run: Run = run(&setup(autoscale, load, path), &hours, Keep::Everything);
    let ready: Vec<f64> = bins(&run, &hours, 1.0, HOUR).iter().map(|bin| bin.ready).collect();
    (0..path.busy.len()).map(|hour| ready[hour % ready.len().max(1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn autoscale(min: u32, max: Option<u32>) -> Autoscale {
        let source = crate::capacity::example::autoscaled(
            crate::capacity::example::served_by_gpu("chat", 1.0),
            min,
            max,
        );
        Autoscale { target_utilization: Some(0.5), ..source.autoscale.unwrap() }
    }

    fn load(busy: Vec<f64>) -> (ReplicaLoad, PathLoad) {
        let path = PathLoad {
            draw: 0,
            busy,
            for_latency: None,
            rate_share: None,
            delays: (0.01, None, 0.02),
        };
        let month = MonthLoad { t: 0, hours: 672.0, paths: vec![path.clone()] };
        let load = ReplicaLoad {
            workload: Id::new(0),
            pool: Id::new(0),
            counted: "replica",
            planned_utilization: 0.5,
            spare: 0.0,
            node_share: 0.25,
            node_hour: None,
            months: vec![month],
        };
        (load, path)
    }

    #[test]
    fn a_flat_week_is_what_the_ledger_sizes() {
        let (load, path) = load(vec![3.2; 168]);
        let sums = of_path(&autoscale(1, None), &load, &load.months[0], &path);
        // 3.2 ÷ 0.5 is 7 replicas for 672 hours.
        for hours in [sums.replicas, sums.following, sums.fixed] {
            assert!((hours - 7.0 * 672.0).abs() < 1e-6, "{hours}");
        }
        assert_eq!((sums.least, sums.most, sums.short.to_bits()), (7, 7, 0));
    }

    #[test]
    fn spares_and_a_latency_are_kept_ready() {
        let chat = crate::capacity::example::served_by_gpu("chat", 1.0);
        let chat = crate::capacity::example::autoscaled(chat, 1, None);
        let (plan, _) =
            crate::capacity::example::with(crate::capacity::example::plan(), vec![(chat, None)]);
        let day = |h: usize| 10.0 - 8.0 * (std::f64::consts::TAU * h as f64 / 24.0).cos();
        let (plain, path) = load((0..168).map(|h| day(h % 24)).collect());
        let of = |load: &ReplicaLoad| recommended(&plan, load, Some(0.0)).unwrap();
        let without = of(&plain);
        let spared = ReplicaLoad { spare: 3.0, ..plain.clone() };
        let with = of(&spared);
        assert!(with.advice.meets && with.replica_hours >= without.replica_hours + 2.0 * 672.0);
        let takes: Vec<f64> = path.busy.iter().map(|busy| (busy + 4.0).ceil()).collect();
        let mut prompt = plain.clone();
        prompt.months[0].paths[0].for_latency = Some(takes);
        let with = of(&prompt);
        assert!(with.advice.meets && with.replica_hours >= without.replica_hours + 3.0 * 672.0);
        assert!(i64::from(with.advice.setup.rules.max) >= 22);
    }

    #[test]
    fn what_swings_costs_about_what_following_at_once_does_and_less_than_the_peak() {
        let day = |h: usize| 10.0 - 8.0 * (std::f64::consts::TAU * h as f64 / 24.0).cos();
        let (load, path) = load((0..168).map(|h| day(h % 24)).collect());
        let sums = of_path(&autoscale(1, None), &load, &load.months[0], &path);
        // The tolerance lets a few percent go without; scaling down waits.
        let ratio = sums.replicas / sums.following;
        assert!((0.95..1.1).contains(&ratio) && sums.replicas < sums.fixed, "{sums:?}");
        assert!((sums.load / 3600.0 - 10.0 * 672.0).abs() < 1.0);
        let capped = of_path(&autoscale(1, Some(10)), &load, &load.months[0], &path);
        assert!(capped.short > 0.0 && capped.at_max > 0.5 && capped.most == 10, "{capped:?}");
    }
}
