//! What it costs to decide over queues as Kueue would, and to simulate a year of jobs.
//!
//! ```text
//! cargo bench --bench queues
//! ```
//!
//! CPU time of this process (user and system), of one thread. Every job list is made by a fixed
//! generator, so every run does the same work.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::error::Error;
use std::fs;

use capplan::draws::Draws;
use capplan::ids::Id;
use capplan::simulate::kueue::cluster::{
    Cluster, FlavorQuotas, Policy, Preemption, QueueSpec, Quota,
};
use capplan::simulate::kueue::job::{Checkpoint, Job, WhenStopped};
use capplan::simulate::kueue::outcome::{HOUR, Outcome, State, hours};
use capplan::simulate::kueue::preempt::Sharing;
use capplan::simulate::kueue::run::{Faults, Follow, Options, run};
use capplan::simulate::kueue::snapshot::PodSet;

fn main() -> Result<(), Box<dyn Error>> {
    println!("| what | sharing | queues | cohorts | jobs | CPU | started | preemptions | used |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for sharing in [Sharing::Classical, Sharing::fair()] {
        // Everything at once, and room for all of it.
        let cluster = cluster(1_000, 100, 400)?;
        measure("admit what waits", cluster, &pending(10_000, 1_000), &sharing, Some(1))?;
    }
    for (queues, cohorts, gpus) in [(1_000, 100, 12), (100, 10, 100), (20, 1, 500)] {
        for sharing in [Sharing::Classical, Sharing::fair()] {
            let cluster = cluster(queues, cohorts, gpus)?;
            let jobs = year(100_000, queues, gpus * i64::from(queues), 0.9);
            measure("a year", cluster, &jobs, &sharing, Some(8_760 * HOUR))?;
        }
    }
    Ok(())
}

fn measure(
    what: &str,
    cluster: Cluster,
    jobs: &[Job],
    sharing: &Sharing,
    end: Option<i64>,
) -> Result<(), Box<dyn Error>> {
    let counted = cluster.resource("gpu").ok_or("a cluster of GPUs")?;
    let (queues, nodes) = (cluster.queue_count(), cluster.nodes.len());
    let options = Options {
        sharing: sharing.clone(),
        end,
        periods: (0..12).map(|month| month * 730 * HOUR).collect(),
        counted,
        requeue: 60_000,
        faults: Faults::default(),
        changes: Vec::new(),
        follow: Follow::Nobody,
        draws: Draws::new(1, 1),
    };
    let before = cpu_seconds()?;
    let outcome = run(cluster, jobs, &options);
    let took = cpu_seconds()? - before;
    let word = if *sharing == Sharing::Classical { "classical" } else { "fair" };
    let (started, preemptions) = (started(&outcome), preemptions(&outcome));
    println!(
        "| {what} | {word} | {queues} | {} | {} | {took:.2} s | {started} | {preemptions} | {} |",
        nodes - queues,
        jobs.len(),
        used(&outcome),
    );
    Ok(())
}

fn used(outcome: &Outcome) -> String {
    let (held, quota) = (&outcome.held, &outcome.quota);
    let sum = |of: &[Vec<i128>]| of.iter().flatten().map(|held| hours(*held)).sum::<f64>();
    format!("{:.0}%", 100.0 * sum(held) / sum(quota).max(1e-9))
}

fn started(outcome: &Outcome) -> usize {
    outcome.jobs.iter().filter(|job| job.first_start.is_some()).count()
}

fn preemptions(outcome: &Outcome) -> u64 {
    assert!(outcome.jobs.iter().all(|job| job.state != State::Lost));
    outcome.jobs.iter().map(|job| u64::from(job.preemptions)).sum()
}

/// Queues of `gpus` each, spread over cohorts, that take back what they lend.
fn cluster(queues: u32, cohorts: u32, gpus: i64) -> Result<Cluster, Box<dyn Error>> {
    let specs: Vec<QueueSpec> = (0..queues)
        .map(|queue| QueueSpec {
            cohort: Some(format!("cohort-{:03}", queue % cohorts)),
            preemption: Preemption {
                within_queue: Policy::LowerPriority,
                reclaim: Policy::Any,
                borrow: None,
            },
            groups: vec![vec![FlavorQuotas {
                flavor: "h100".to_owned(),
                resources: vec![("gpu".to_owned(), Quota { nominal: gpus, ..Quota::default() })],
            }]],
            ..QueueSpec::new(&format!("queue-{queue:04}"))
        })
        .collect();
    Ok(Cluster::new(&specs, &[])?)
}

/// Jobs that all wait at the beginning.
fn pending(count: u32, queues: u32) -> Vec<Job> {
    let mut random = Random(1);
    (0..count).map(|index| job(index, index % queues, 0, &mut random)).collect()
}

/// A year of jobs that would use so much of the GPUs.
fn year(count: u32, queues: u32, gpus: i64, load: f64) -> Vec<Job> {
    let mut random = Random(2);
    let year = 8_760 * HOUR;
    let mut jobs: Vec<Job> = (0..count)
        .map(|index| {
            let arrival = random.below(u64::try_from(year).unwrap_or(0));
            job(
                index,
                u32::try_from(random.below(u64::from(queues))).unwrap_or(0),
                arrival,
                &mut random,
            )
        })
        .collect();
    // Stretch the work so that the load is met.
    let asked: f64 = jobs.iter().map(|job| job.work as f64 * gpus_of(job) as f64).sum();
    let scale = load * gpus as f64 * year as f64 / asked;
    for job in &mut jobs {
        #[expect(clippy::cast_possible_truncation, reason = "a length of time")]
        let work = (job.work as f64 * scale) as i64;
        job.work = work.max(1_000);
    }
    jobs
}

fn gpus_of(job: &Job) -> i64 {
    job.pod_sets.iter().map(|set| set.count * set.requests[0].1).sum()
}

fn job(index: u32, queue: u32, arrival: i64, random: &mut Random) -> Job {
    let pods = [1, 1, 1, 1, 2, 2, 4, 8][usize::try_from(random.below(8)).unwrap_or(0)];
    let each = [1, 1, 2, 4, 8][usize::try_from(random.below(5)).unwrap_or(0)];
    Job {
        name: format!("job-{index:06}"),
        queue: Id::new(queue as usize),
        priority: [0, 0, 0, 100, 1000][usize::try_from(random.below(5)).unwrap_or(0)],
        arrival,
        work: HOUR / 10 + random.below(u64::try_from(20 * HOUR).unwrap_or(0)),
        pod_sets: vec![PodSet { count: pods, min_count: None, requests: vec![(Id::new(0), each)] }],
        flavors: None,
        checkpoint: Some(Checkpoint { every: HOUR, takes: HOUR / 60 }),
        restart: HOUR / 20,
        when_stopped: WhenStopped::Requeues,
        leaves: None,
        mark: 0,
    }
}

/// Numbers that look random, the same on every machine.
///
/// # Source
/// Steele, Lea and Flood (2014), `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((mixed ^ (mixed >> 31)) % bound.max(1)).unwrap_or(0)
    }
}

/// User and system time of this process, from the kernel.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(ticks as f64 / 100.0)
}
