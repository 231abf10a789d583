//! Simulates the queues of a plan, one draw after the other.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::calendar::days_between;
use crate::capacity::jobs::{Origin, PlannedJob, PlannedJobs};
use crate::draws::Draws;
use crate::ids::Id;
use crate::plan::{Plan, Priority, Quota, Workload};
use crate::procure::supply::PoolMonth;
use crate::queues::cluster::{DAY, Queued, WORDS, amount, queued};
use crate::queues::findings::findings;
use crate::queues::fit::scattered;
use crate::queues::{Figures, Line, PoolUse, Queues, Sent, Waited};
use crate::simulate::kueue::job::{Checkpoint, Job, WhenStopped};
use crate::simulate::kueue::outcome::{Group, HOUR, Outcome, Tally, hours};
use crate::simulate::kueue::preempt::Sharing;
use crate::simulate::kueue::run::{Faults, Follow, Options, run};
use crate::simulate::kueue::snapshot::{Moment, PodSet};

/// Runs come first, and sessions after them.
const RUNS: u8 = 0;
const SESSIONS: u8 = 1;

/// The queue of a planned job, and its name.
pub(super) struct Queueing<'a> {
    pub planned: &'a PlannedJob,
    pub quota: Id<Quota>,
    name: String,
}

/// Simulates the quotas of a plan; `planned` holds one value for each of the draws to be simulated.
///
/// A job asks for what its quota counts; it may run in its workload's pool alone. Work that is spread over
/// a window loses nothing when it is stopped; a run without a checkpoint loses all it has done.
#[must_use]
pub fn queues(plan: &Plan, planned: &PlannedJobs, supply: &[PoolMonth], draws: usize) -> Queues {
    let Some(queued) = queued(plan, planned, supply).filter(|_| !plan.quotas.is_empty()) else {
        return Queues::default();
    };
    let (sent, outside) = send(plan, planned);
    let options = options(plan, &queued);
    let simulated = simulate(plan, &queued, &sent, &options, draws);
    let mut found = Queues {
        draws,
        lines: lines(plan, &queued, &simulated, &options),
        pools: pools(plan, planned, &queued, &simulated),
        waits: waited(&sent, &simulated, &options),
        outside,
        findings: Vec::new(),
    };
    found.findings = findings(plan, &queued, &sent, &found);
    found.findings.extend(scattered(plan, planned, supply, &sent));
    found
}

fn simulate(
    plan: &Plan,
    queued: &Queued,
    sent: &[Queueing<'_>],
    options: &Options,
    draws: usize,
) -> Vec<(Vec<Job>, Outcome)> {
    let one = |draw| {
        let jobs = jobs(plan, queued, sent, draw);
        let outcome = run(queued.cluster.clone(), &jobs, options);
        (jobs, outcome)
    };
    (0..draws).into_par_iter().map(one).collect()
}

/// How long the runs and sessions of every quota wait, by mark and rank, over all draws; ascending.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits(BTreeMap<Id<Quota>, ByMarkAndRank>);

type ByMarkAndRank = BTreeMap<(u8, i64), Vec<Moment>>;

/// Only the waits of a simulation.
pub(super) fn waits(
    plan: &Plan,
    planned: &PlannedJobs,
    supply: &[PoolMonth],
    draws: usize,
) -> Waits {
    let mut waits = Waits::default();
    let Some(queued) = queued(plan, planned, supply) else { return waits };
    let (sent, _) = send(plan, planned);
    let options = options(plan, &queued);
    for (jobs, outcome) in &simulate(plan, &queued, &sent, &options, draws) {
        for (job, result) in jobs.iter().zip(&outcome.jobs) {
            let Some(quota) = plan.quotas.find(&queued.cluster[job.queue].name) else { continue };
            // A session that found no room on its day is not as good as one that waits for hours.
            let waited = result.first_start.unwrap_or(outcome.end) - job.arrival;
            let key = (job.mark, job.priority);
            waits.0.entry(quota).or_default().entry(key).or_default().push(waited);
        }
    }
    for waited in waits.0.values_mut().flat_map(BTreeMap::values_mut) {
        waited.sort_unstable();
    }
    waits
}

/// A quota, and two neighbouring levels of it of which the higher waits longer: the higher, then the lower.
pub type Inverted = (Id<Quota>, Option<Id<Priority>>, Option<Id<Priority>>);

impl Waits {
    /// p50 and p95 of a quota in hours, of its runs or its sessions, whichever wait longer; none where it
    /// has neither.
    pub(super) fn of(&self, quota: Id<Quota>) -> Option<(f64, f64)> {
        let mut by_mark: BTreeMap<u8, Vec<Moment>> = BTreeMap::new();
        for ((mark, _), waits) in self.0.get(&quota)? {
            by_mark.entry(*mark).or_default().extend(waits);
        }
        let figures = by_mark.into_values().map(|mut all| {
            all.sort_unstable();
            (within(&all, 50), within(&all, 95))
        });
        figures.max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)))
    }

    pub(super) fn p95_by_quota(&self) -> BTreeMap<Id<Quota>, f64> {
        self.0.keys().filter_map(|quota| Some((*quota, self.of(*quota)?.1))).collect()
    }

    /// p95 of every quota that has runs, in hours.
    pub(super) fn p95(&self) -> Vec<f64> {
        self.p95_by_quota().into_values().collect()
    }

    /// The longest p95 of a quota, in hours.
    pub(super) fn worst(&self) -> f64 {
        self.p95().into_iter().fold(0.0, f64::max)
    }

    /// Neighbouring levels of a quota of which the higher waits longer: the higher, then the lower.
    pub(super) fn inverted(&self, plan: &Plan) -> Vec<Inverted> {
        let mut found = Vec::new();
        for (quota, ranks) in &self.0 {
            let ranks: Vec<_> = ranks.iter().collect();
            for pair in ranks.windows(2) {
                let ((mark, lower), (of, higher)) = (*pair[0].0, *pair[1].0);
                if mark == of && within(pair[1].1, 95) > within(pair[0].1, 95) {
                    found.push((*quota, level(plan, higher), level(plan, lower)));
                }
            }
        }
        found
    }
}

/// So many percent of ascending waits are at most so many hours.
fn within(waits: &[Moment], percent: usize) -> f64 {
    let rank = (waits.len() * percent).div_ceil(100).max(1) - 1;
    waits.get(rank).map_or(0.0, |wait| *wait as f64 / HOUR as f64)
}

fn options(plan: &Plan, queued: &Queued) -> Options {
    let first = plan.horizon.first_day();
    let day = |t: usize| Moment::from(days_between(first, plan.horizon.month(t).first_day())) * DAY;
    let end = Moment::from(days_between(first, plan.horizon.last_day()) + 1) * DAY;
    let fair = plan.pools.items().iter().any(|pool| pool.fair_sharing);
    let counted =
        ["gpu", "cpu", "memory"].into_iter().find_map(|word| queued.cluster.resource(word));
    Options {
        sharing: if fair { Sharing::fair() } else { Sharing::Classical },
        end: Some(end),
        periods: (0..plan.horizon.months).map(day).collect(),
        counted: counted.unwrap_or(Id::new(0)),
        requeue: 60_000,
        faults: Faults::default(),
        changes: queued.changes.clone(),
        follow: Follow::Nobody,
        draws: Draws::new(plan.draws.seed(), 1),
    }
}

/// Every job with the quota that serves it, and the workloads that none serves.
pub(super) fn send<'a>(
    plan: &Plan,
    planned: &'a PlannedJobs,
) -> (Vec<Queueing<'a>>, Vec<Id<Workload>>) {
    let (mut sent, mut outside) = (Vec::new(), Vec::new());
    for (number, job) in planned.jobs.iter().enumerate() {
        let workload = &plan.workloads[job.workload];
        let quota = plan.quotas.iter().find(|(_, quota)| {
            quota.teams.contains(&workload.team)
                && quota.grants.iter().any(|grant| grant.pool == job.pool)
        });
        match quota {
            Some((quota, _)) => {
                let what = match job.origin {
                    Origin::Run(run) => &workload.runs[run].name,
                    Origin::Sessions(_) => "sessions",
                };
                let name = format!("{}/{what}/{number:06}", workload.name);
                sent.push(Queueing { planned: job, quota, name });
            }
            // People may work on machines that no queue hands out.
            None if matches!(job.origin, Origin::Sessions(_)) => {}
            None if outside.last() != Some(&job.workload) => outside.push(job.workload),
            None => {}
        }
    }
    (sent, outside)
}

/// What is sent in a draw: a group of sessions may be empty there.
fn in_draw<'a>(
    sent: &'a [Queueing<'a>],
    draw: usize,
) -> impl Iterator<Item = (usize, &'a Queueing<'a>)> {
    sent.iter().enumerate().filter(move |(_, of)| of.planned.hours[draw] > 0.0)
}

/// How long each job waited, in every draw.
fn waited(
    sent: &[Queueing<'_>],
    simulated: &[(Vec<Job>, Outcome)],
    options: &Options,
) -> Vec<Waited> {
    let draws = simulated.len();
    let one = |of: &Queueing<'_>| Waited {
        workload: of.planned.workload,
        sent: match of.planned.origin {
            Origin::Run(_) => Sent::Runs,
            Origin::Sessions(_) => Sent::Sessions,
        },
        quota: of.quota,
        pool: of.planned.pool,
        t: options.periods.partition_point(|from| *from <= moment(of.planned.start)).max(1) - 1,
        hours: vec![None; draws],
    };
    let mut found: Vec<Waited> = sent.iter().map(one).collect();
    for (draw, (jobs, outcome)) in simulated.iter().enumerate() {
        for ((place, _), (job, result)) in in_draw(sent, draw).zip(jobs.iter().zip(&outcome.jobs)) {
            let wait = result.first_wait(job, outcome.end) as f64 / HOUR as f64;
            found[place].hours[draw] = Some(wait);
        }
    }
    found
}

fn jobs(plan: &Plan, queued: &Queued, sent: &[Queueing<'_>], draw: usize) -> Vec<Job> {
    in_draw(sent, draw)
        .filter_map(|(_, of)| {
            let job = of.planned;
            let workload = &plan.workloads[job.workload];
            let quota = &plan.quotas[of.quota];
            let requests = WORDS.into_iter().enumerate().filter_map(|(place, word)| {
                let counts = quota.grants.iter().any(|grant| grant.resource == word);
                let asks = job.asks[place][draw];
                let resource = queued.cluster.resource(word).filter(|_| counts && asks > 0.0)?;
                // A pod never asks for less than its part.
                Some((resource, amount(word, asks / job.pods.0 as f64)))
            });
            let mut requests: Vec<_> = requests.collect();
            requests.sort();
            let length = moment(job.hours[draw]);
            let arrival = moment(job.start).max(0);
            let sessions = matches!(job.origin, Origin::Sessions(_));
            let checkpoint = match (job.checkpoint, job.divisible) {
                (Some(saved), _) => Some(Checkpoint { every: moment(saved.every_hours), takes: 0 }),
                (None, true) => Some(Checkpoint { every: HOUR / 60, takes: 0 }),
                (None, false) => None,
            };
            Some(Job {
                name: of.name.clone(),
                queue: queued.cluster.queue(&quota.name)?,
                priority: workload.priority.map_or(0, |id| plan.priorities[id].rank),
                arrival,
                work: length.max(1),
                pod_sets: vec![PodSet {
                    count: job.pods.0,
                    min_count: (job.pods.1 < job.pods.0).then_some(job.pods.1),
                    requests,
                }],
                flavors: queued.cluster.flavor(&plan.pools[job.pool].name).map(|of| vec![of]),
                checkpoint,
                restart: job.checkpoint.map_or(0, |saved| moment(saved.restore_hours)),
                when_stopped: WhenStopped::Requeues,
                leaves: sessions.then_some(arrival + length),
                mark: if sessions { SESSIONS } else { RUNS },
            })
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
fn moment(hours: f64) -> Moment {
    (hours * HOUR as f64).round() as Moment
}

/// The priority of a rank, where a level has it.
fn level(plan: &Plan, rank: i64) -> Option<Id<Priority>> {
    plan.priorities.iter().find(|(_, level)| level.rank == rank).map(|(id, _)| id)
}

fn lines(
    plan: &Plan,
    queued: &Queued,
    simulated: &[(Vec<Job>, Outcome)],
    options: &Options,
) -> Vec<Line> {
    let mut groups: Vec<Group> =
        simulated.iter().flat_map(|(_, outcome)| outcome.totals().into_keys()).collect();
    groups.sort();
    groups.dedup();
    let scale = if queued.cluster.resource("gpu").is_some() { 1.0 } else { 1e-3 };
    let lines = groups.into_iter().filter_map(|group| {
        let quota = plan.quotas.find(&queued.cluster[group.queue].name)?;
        let months = (0..plan.horizon.months).map(|t| {
            let next = options.periods.get(t + 1).copied().unwrap_or(Moment::MAX);
            let within = options.periods[t]..next;
            let tally = |outcome: &Outcome| outcome.tallies[t].get(&group).copied();
            figures(simulated, group, scale, |job| within.contains(&job.arrival), tally)
        });
        let months = months.collect();
        let total = |outcome: &Outcome| outcome.totals().get(&group).copied();
        let total = figures(simulated, group, scale, |_| true, total);
        let sent = if group.mark == SESSIONS { Sent::Sessions } else { Sent::Runs };
        Some(Line { quota, priority: level(plan, group.priority), sent, total, months })
    });
    lines.collect()
}

fn figures(
    simulated: &[(Vec<Job>, Outcome)],
    group: Group,
    scale: f64,
    of: impl Fn(&Job) -> bool,
    tally: impl Fn(&Outcome) -> Option<Tally>,
) -> Figures {
    let mut figures = Figures::default();
    let mut waits: Vec<Moment> = Vec::new();
    let mut unstarted = 0_usize;
    let draws = simulated.len().max(1) as f64;
    for (jobs, outcome) in simulated {
        for (job, result) in jobs.iter().zip(&outcome.jobs) {
            let told = Group { queue: job.queue, priority: job.priority, mark: job.mark } == group;
            if told && of(job) {
                unstarted += usize::from(result.first_start.is_none());
                waits.push(result.first_wait(job, outcome.end));
            }
        }
        let Some(tally) = tally(outcome) else { continue };
        figures.held += hours(tally.held) * scale / draws;
        figures.useful += hours(tally.useful) * scale / draws;
        figures.preemptions += tally.preemptions as f64 / draws;
        figures.unmet += hours(tally.unmet) * scale / draws;
    }
    waits.sort_unstable();
    (figures.wait_p50, figures.wait_p95) = (within(&waits, 50), within(&waits, 95));
    figures.runs = waits.len() as f64 / draws;
    figures.unstarted = if waits.is_empty() { 0.0 } else { unstarted as f64 / waits.len() as f64 };
    figures
}

fn pools(
    plan: &Plan,
    planned: &PlannedJobs,
    queued: &Queued,
    simulated: &[(Vec<Job>, Outcome)],
) -> Vec<PoolUse> {
    let of_pool = |pool| {
        let mut words = ["gpu", "cpu", "memory"].into_iter();
        let column = words.find_map(|word| queued.column(plan, pool, word))?;
        let utilization = (0..plan.horizon.months).map(|t| {
            let quota: i128 = simulated.iter().map(|(_, of)| of.quota[t][column.index()]).sum();
            let held: i128 = simulated.iter().map(|(_, of)| of.held[t][column.index()]).sum();
            (quota > 0).then(|| held as f64 / quota as f64)
        });
        Some(PoolUse { pool, utilization: utilization.collect() })
    };
    planned.shapes.iter().filter_map(|(pool, _)| of_pool(*pool)).collect()
}
