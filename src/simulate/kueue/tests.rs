//! Small clusters over time, whose course is known.

use super::assign::{Mode, assign};
use super::cluster::{
    Cluster, FlavorQuotas, FlavorSearch, Fungibility, Policy, Preemption, QueueSpec, Quota,
    Strategy,
};
use super::cycle::{Decision, cycle};
use super::job::{Checkpoint, Job, WhenStopped};
use super::outcome::{HOUR, Outcome, State, What, hours};
use super::preempt::{Sharing, Why};
use super::run::{Change, Faults, Follow, Options, run};
use super::screen::Screen;
use super::snapshot::{Moment, Snapshot};
use super::testing::{cluster, gpu_queue, gpus, quota};
use crate::draws::Draws;
use crate::ids::Id;

fn job(cluster: &Cluster, name: &str, queue: &str, arrival: Moment, count: i64) -> Job {
    let workload = gpus(cluster, name, queue, count);
    Job {
        name: workload.name,
        queue: workload.queue,
        priority: 0,
        arrival,
        work: 10,
        pod_sets: workload.pod_sets,
        flavors: None,
        checkpoint: None,
        restart: 0,
        when_stopped: WhenStopped::Requeues,
        leaves: None,
        mark: 0,
    }
}

fn options(cluster: &Cluster) -> Options {
    Options {
        sharing: Sharing::Classical,
        end: None,
        periods: vec![0],
        counted: cluster.resource("gpu").unwrap(),
        requeue: 1,
        faults: Faults::default(),
        changes: Vec::new(),
        follow: Follow::All,
        draws: Draws::new(1, 1),
    }
}

fn starts(outcome: &Outcome) -> Vec<Option<Moment>> {
    outcome.jobs.iter().map(|job| job.first_start).collect()
}

#[test]
fn a_gang_waits_for_all_its_gpus_and_smaller_jobs_pass_it() {
    let cluster = cluster(&[gpu_queue("q", None, quota(4))]);
    let jobs = [
        job(&cluster, "a", "q", 0, 3),
        job(&cluster, "gang", "q", 1, 4),
        job(&cluster, "small", "q", 2, 1),
    ];
    let outcome = run(cluster.clone(), &jobs, &options(&cluster));
    assert_eq!(starts(&outcome), [Some(0), Some(12), Some(2)]);
}

#[test]
fn a_session_ends_with_its_day_whether_it_has_started_or_not() {
    let cluster = cluster(&[gpu_queue("q", None, quota(4))]);
    let session = |name: &str, arrival: Moment| {
        let leaves = Some(arrival + 10);
        Job { leaves, ..job(&cluster, name, "q", arrival, 2) }
    };
    let mut blocking = job(&cluster, "run", "q", 0, 3);
    blocking.work = 16;
    // One finds no room all day; one starts late, and ends with the day; one has its whole day.
    let jobs = [blocking, session("none", 2), session("late", 10), session("whole", 30)];
    let outcome = run(cluster.clone(), &jobs, &options(&cluster));
    assert_eq!(starts(&outcome), [Some(0), None, Some(16), Some(30)]);
    let ends: Vec<_> = outcome.jobs.iter().map(|job| (job.end, job.state)).collect();
    let left = |at: Moment| (Some(at), State::Left);
    let finished = |at: Moment| (Some(at), State::Finished);
    assert_eq!(ends, [finished(16), left(12), left(20), finished(40)]);
    let waits: Vec<_> = jobs.iter().zip(&outcome.jobs).map(|(j, o)| o.first_wait(j, 99)).collect();
    assert_eq!(waits, [0, 10, 6, 0]);
    let held: i128 = outcome.totals().values().map(|tally| tally.held).sum();
    assert_eq!(held, 3 * 16 + 2 * 4 + 2 * 10, "nothing is held after the day");
}

#[test]
fn a_session_that_leaves_lets_the_queue_behind_it_go_on() {
    let strict = QueueSpec { strategy: Strategy::StrictFifo, ..gpu_queue("q", None, quota(4)) };
    let cluster = cluster(&[strict]);
    let jobs = [
        job(&cluster, "run", "q", 0, 3),
        Job { leaves: Some(5), ..job(&cluster, "large", "q", 1, 4) },
        job(&cluster, "small", "q", 2, 1),
    ];
    let outcome = run(cluster.clone(), &jobs, &options(&cluster));
    assert_eq!(starts(&outcome), [Some(0), None, Some(5)]);
}

#[test]
fn in_strict_order_nobody_passes_the_head() {
    let strict = QueueSpec { strategy: Strategy::StrictFifo, ..gpu_queue("q", None, quota(4)) };
    let cluster = cluster(&[strict]);
    let jobs = [
        job(&cluster, "a", "q", 0, 3),
        job(&cluster, "gang", "q", 1, 4),
        job(&cluster, "small", "q", 2, 1),
    ];
    let outcome = run(cluster.clone(), &jobs, &options(&cluster));
    assert_eq!(starts(&outcome), [Some(0), Some(10), Some(20)]);
}

#[test]
fn the_owner_takes_back_what_it_lent_and_the_borrower_goes_on_from_its_checkpoint() {
    let owner = QueueSpec {
        preemption: Preemption { reclaim: Policy::Any, ..Preemption::default() },
        ..gpu_queue("owner", Some("all"), quota(4))
    };
    let cluster = cluster(&[owner, gpu_queue("guest", Some("all"), quota(0))]);
    let mut guest = job(&cluster, "guest", "guest", 0, 4);
    (guest.work, guest.checkpoint) = (100, Some(Checkpoint { every: 10, takes: 0 }));
    let jobs = [guest, job(&cluster, "own", "owner", 37, 2)];
    let outcome = run(cluster.clone(), &jobs, &options(&cluster));
    assert_eq!(outcome.jobs[0].preemptions, 1);
    assert_eq!(outcome.jobs[0].lost, 7, "30 of 37 were written");
    assert_eq!(outcome.jobs[1].first_start, Some(37));
    assert_eq!(outcome.jobs[0].end, Some(47 + 70), "it goes on when the owner ends at 47");
    let why = outcome.steps.iter().find_map(|step| match step.what {
        What::Preempted { by: 1, why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why, Some(Why::InCohortReclamation));
    let total: i128 = outcome.totals().values().map(|tally| tally.held).sum();
    assert_eq!(total, 4 * 37 + 2 * 10 + 4 * 70);
    let useful: i128 = outcome.totals().values().map(|tally| tally.useful).sum();
    assert_eq!(useful, 4 * 100 + 2 * 10, "what is useful is what was asked for");
}

#[test]
fn a_job_that_does_not_go_on_is_over_when_it_is_preempted() {
    let queue = QueueSpec {
        preemption: Preemption { within_queue: Policy::LowerPriority, ..Preemption::default() },
        ..gpu_queue("q", None, quota(1))
    };
    let cluster = cluster(&[queue]);
    let mut low = job(&cluster, "low", "q", 0, 1);
    low.when_stopped = WhenStopped::Ends;
    let mut high = job(&cluster, "high", "q", 4, 1);
    high.priority = 1;
    let outcome = run(cluster.clone(), &[low, high], &options(&cluster));
    assert_eq!(
        outcome.jobs.iter().map(|job| job.state).collect::<Vec<_>>(),
        [State::Lost, State::Finished]
    );
    assert_eq!(outcome.jobs[0].end, Some(4));
}

#[test]
fn what_exceeds_every_quota_never_fits() {
    let cluster = cluster(&[gpu_queue("q", None, quota(4))]);
    let outcome = run(cluster.clone(), &[job(&cluster, "big", "q", 0, 5)], &options(&cluster));
    assert!(outcome.jobs[0].never_fits);
    assert!(matches!(outcome.steps.last().unwrap().what, What::NeverFits(_)));
}

#[test]
fn more_quota_later_starts_what_waits() {
    let cluster = cluster(&[gpu_queue("q", None, quota(4))]);
    let change =
        Change { at: 7, node: cluster.queue("q").unwrap(), column: Id::new(0), quota: quota(8) };
    let options = Options { changes: vec![change], ..options(&cluster) };
    let outcome = run(cluster.clone(), &[job(&cluster, "big", "q", 0, 5)], &options);
    assert_eq!(starts(&outcome), [Some(7)]);
    assert_eq!(outcome.quota[0][0], 4 * 7 + 8 * 10, "to 7, and to the end at 17");
}

#[test]
fn half_a_job_starts_where_half_is_enough_and_takes_twice_as_long() {
    let cluster = cluster(&[gpu_queue("q", None, quota(5))]);
    let mut elastic = job(&cluster, "elastic", "q", 0, 1);
    (elastic.pod_sets[0].count, elastic.pod_sets[0].min_count) = (10, Some(2));
    let outcome = run(cluster.clone(), &[elastic], &options(&cluster));
    assert_eq!(outcome.jobs[0].end, Some(20), "5 of 10 pods");
}

#[test]
fn fair_sharing_admits_whoever_would_have_the_smallest_share() {
    let names = ["a", "b"];
    let mut queues: Vec<_> =
        names.iter().map(|name| gpu_queue(name, Some("all"), quota(0))).collect();
    queues.push(gpu_queue("lender", Some("all"), quota(7)));
    queues[1].weight = 2.0;
    let cluster = cluster(&queues);
    let jobs: Vec<_> = (0..16)
        .map(|index| job(&cluster, &format!("{index:02}"), names[index / 8], 0, 1))
        .collect();
    let fair = Options { sharing: Sharing::fair(), end: Some(5), ..options(&cluster) };
    let outcome = run(cluster.clone(), &jobs, &fair);
    let started = |from: usize| {
        outcome.jobs[from..from + 8].iter().filter(|job| job.first_start.is_some()).count()
    };
    // A cycle takes one head of each queue. For the last GPU `a` would have 4/7 ÷ 1, `b` 4/7 ÷ 2.
    assert_eq!((started(0), started(8)), (3, 4));
}

#[test]
fn the_second_flavour_is_taken_before_the_first_is_borrowed_where_the_queue_says_so() {
    let two = |first: i64, second: i64| {
        vec![vec![
            FlavorQuotas { flavor: "old".into(), resources: vec![("gpu".into(), quota(first))] },
            FlavorQuotas { flavor: "new".into(), resources: vec![("gpu".into(), quota(second))] },
        ]]
    };
    let of = |when_can_borrow| {
        let spec = QueueSpec {
            cohort: Some("all".into()),
            groups: two(1, 4),
            search: FlavorSearch { when_can_borrow, ..FlavorSearch::default() },
            ..QueueSpec::new("q")
        };
        let lender =
            QueueSpec { cohort: Some("all".into()), groups: two(4, 0), ..QueueSpec::new("lender") };
        let cluster = cluster(&[spec, lender]);
        let mut snapshot = Snapshot::new(cluster.clone(), vec![gpus(&cluster, "w", "q", 2)]);
        let (assignment, _) = assign(&mut snapshot, Id::new(0), &Sharing::Classical);
        assert_eq!(assignment.mode, Mode::Fit);
        (cluster.column_name(assignment.usage[0].0), assignment.borrowing)
    };
    assert_eq!(of(Fungibility::MayStopSearch), ("old/gpu".to_owned(), 1));
    assert_eq!(of(Fungibility::TryNextFlavor), ("new/gpu".to_owned(), 0));
}

#[test]
fn one_of_two_heads_that_want_the_last_gpu_is_overtaken() {
    let cluster = cluster(&[
        gpu_queue("a", Some("all"), quota(0)),
        gpu_queue("b", Some("all"), quota(0)),
        gpu_queue("lender", Some("all"), quota(1)),
    ]);
    let workloads = vec![gpus(&cluster, "x", "a", 1), gpus(&cluster, "y", "b", 1)];
    let mut snapshot = Snapshot::new(cluster, workloads);
    let decisions = cycle(&mut snapshot, &[Id::new(0), Id::new(1)], &Sharing::Classical, 0);
    assert!(matches!(decisions[0].1, Decision::Admitted { borrowing: 1, .. }));
    assert_eq!(decisions[1], (Id::new(1), Decision::Overtaken));
}

#[test]
fn failures_stretch_runs_as_the_closed_form_says() {
    // Pieces of τ with a checkpoint C, the last without: (M + D)·e^{R/M}·Σ(e^{s/M} − 1).
    let cluster = cluster(&[gpu_queue("q", None, quota(1_000_000))]);
    let (tau, write, restart, down, mean) = (HOUR, HOUR / 10, HOUR / 4, HOUR / 2, 8 * HOUR);
    let jobs: Vec<_> = (0..4000)
        .map(|index| Job {
            work: 20 * tau,
            checkpoint: Some(Checkpoint { every: tau, takes: write }),
            restart,
            ..job(&cluster, &format!("{index:04}"), "q", 0, 1)
        })
        .collect();
    let faults =
        Faults { node_size: 1, node_mtbf: Some(mean), downtime: down, interruptions: Vec::new() };
    let outcome = run(
        cluster.clone(),
        &jobs,
        &Options { faults, follow: Follow::Nobody, ..options(&cluster) },
    );
    let m = mean as f64;
    let piece = |length: i64| libm::exp(length as f64 / m) - 1.0;
    let expected = (m + down as f64)
        * libm::exp(restart as f64 / m)
        * (19.0 * piece(tau + write) + piece(tau));
    let ends = outcome.jobs.iter().map(|job| job.end.unwrap() as f64);
    let found = ends.sum::<f64>() / jobs.len() as f64;
    assert!((found / expected - 1.0).abs() < 0.01, "{found} {expected}");
}

#[test]
fn a_busy_queue_waits_as_pollaczek_and_khinchine_say() {
    // One server, Poisson arrivals, constant work: W = ρ·S / (2·(1 − ρ)).
    let cluster = cluster(&[gpu_queue("q", None, quota(1))]);
    let mut random = Draws::new(3, 1).stream("arrivals");
    let (mut at, service, load) = (0.0, 1000, 0.7);
    let jobs: Vec<_> = (0..60_000)
        .map(|index| {
            at -= libm::log(crate::draws::inside_unit(&mut random)) * f64::from(service) / load;
            #[expect(clippy::cast_possible_truncation, reason = "a moment")]
            let arrival = at as Moment;
            Job {
                work: i64::from(service),
                ..job(&cluster, &format!("{index:05}"), "q", arrival, 1)
            }
        })
        .collect();
    let outcome =
        run(cluster.clone(), &jobs, &Options { follow: Follow::Nobody, ..options(&cluster) });
    let waited: i64 = outcome.jobs.iter().map(|job| job.waited).sum();
    let found = waited as f64 / jobs.len() as f64;
    let expected = load * f64::from(service) / (2.0 * (1.0 - load));
    assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
}

/// Jobs over queues of two cohorts, by a fixed generator.
fn many(fair: bool) -> (Cluster, Vec<Job>, Options) {
    let preemption =
        Preemption { within_queue: Policy::LowerPriority, reclaim: Policy::Any, borrow: None };
    let queues: Vec<_> = (0..6)
        .map(|index| QueueSpec {
            preemption,
            ..gpu_queue(
                &format!("q{index}"),
                Some(["x", "y"][index % 2]),
                Quota { lending_limit: (index == 0).then_some(2), ..quota(8) },
            )
        })
        .collect();
    let cluster = cluster(&queues);
    let mut random = Draws::new(5, 1).stream("jobs");
    let mut below = |bound: u32| {
        let u = crate::draws::inside_unit(&mut random) * f64::from(bound);
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let whole = u as i64;
        whole
    };
    let jobs: Vec<_> = (0..600)
        .map(|index| Job {
            priority: below(3),
            work: 1 + below(400),
            checkpoint: Some(Checkpoint { every: 50, takes: 2 }),
            ..job(
                &cluster,
                &format!("{index:03}"),
                &format!("q{}", index % 6),
                below(4000),
                [1, 2, 4, 8][usize::try_from(below(4)).unwrap()],
            )
        })
        .collect();
    let sharing = if fair { Sharing::fair() } else { Sharing::Classical };
    let options = Options { sharing, ..options(&cluster) };
    (cluster, jobs, options)
}

#[test]
fn no_quota_is_overdrawn_no_work_is_lost_twice_and_the_same_jobs_give_the_same_outcome() {
    for fair in [false, true] {
        let (cluster, jobs, options) = many(fair);
        let outcome = run(cluster.clone(), &jobs, &options);
        assert!(outcome.jobs.iter().all(|job| job.state == State::Finished));
        assert!(outcome.jobs.iter().any(|job| job.preemptions > 0));
        assert!(outcome.utilization(0, Id::new(0)).unwrap() <= 1.0);
        let asked: i128 = outcome.totals().values().map(|tally| tally.asked).sum();
        let useful: i128 = outcome.totals().values().map(|tally| tally.useful).sum();
        assert_eq!(asked, useful, "all that was asked for was done, once");
        assert!(hours(useful) > 0.0);
        assert_eq!(outcome, run(cluster, &jobs, &options));
        // The trace names every start and every end.
        let count =
            |of: fn(&What) -> bool| outcome.steps.iter().filter(|step| of(&step.what)).count();
        let starts = count(|what| matches!(what, What::Started { .. }));
        let stops = count(|what| matches!(what, What::Preempted { .. }));
        assert_eq!(starts, stops + count(|what| matches!(what, What::Finished)));
    }
}

#[test]
fn the_screen_never_turns_away_who_could_start() {
    for fair in [false, true] {
        let (cluster, jobs, options) = many(fair);
        let workloads: Vec<_> = jobs
            .iter()
            .map(|job| super::snapshot::Workload {
                name: job.name.clone(),
                queue: job.queue,
                priority: job.priority,
                created: job.arrival,
                pod_sets: job.pod_sets.clone(),
                flavors: None,
            })
            .collect();
        let mut snapshot = Snapshot::new(cluster, workloads);
        let (mut turned_away, mut let_in) = (0, 0);
        for round in 0..3 {
            for id in snapshot.ids() {
                if snapshot.admission(id).is_some() {
                    continue;
                }
                let mut screen = Screen::new(&snapshot);
                screen.begin();
                let could = screen.could_start(&snapshot, id, &options.sharing);
                let (assignment, targets) = assign(&mut snapshot, id, &options.sharing);
                let starts = assignment.mode == Mode::Fit || !targets.is_empty();
                assert!(could || !starts, "{} {fair}", id.index());
                turned_away += usize::from(!could);
                let_in += usize::from(starts);
                let _ = cycle(&mut snapshot, &[id], &options.sharing, round);
            }
            for id in snapshot.ids().step_by(3) {
                snapshot.release(id);
            }
        }
        assert!(turned_away > 0 && let_in > 0);
    }
}
