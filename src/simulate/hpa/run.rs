//! An autoscaler over a load: what it would do, look by look, and what that costs and leaves unserved.
//!
//! Every look reads the metrics as they were `lag` before: the load of that moment over the pods that were
//! ready then, each serving at most what it can. Looks that can be told to change nothing are skipped:
//! between two of them neither a pod, nor a node, nor a history, nor the load's slope changes, and the
//! metrics ask for the same at both ends. The result is the same, to the bit, as looking every time.

use super::controller::{Autoscaler, Reason, combine};
use super::fleet::{Cohort, Delays, Fleet, NodeRules};
use super::load::{Cursor, Load};
use super::pods::{Alike, Metered, Phase, Pod, Readiness, Sample, Standing, standing};
use super::proposal::{self, NoProposal, Proposal};
use super::settings::{Millis, Rules, Settings, Tolerances};
use super::tally::{Event, Keep, Point, Run, Tally};

/// What a metric shows of the load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// What a pod serves over what it serves at 100%, in per cent of its request.
    Utilization {
        /// The target, in per cent.
        percent: i32,
        /// Whether it is the CPU.
        metered: Metered,
    },
    /// What a pod serves, in milli-units of the metric.
    OfPods {
        /// The target, in milli-units.
        target: i64,
        /// Milli-units for one unit of load.
        milli: f64,
        /// Whether it is the CPU.
        metered: Metered,
    },
    /// The whole load, as one value.
    Whole {
        /// The target, in milli-units.
        target: i64,
        /// Milli-units for one unit of load.
        milli: f64,
    },
    /// The whole load, shared by the pods.
    Shared {
        /// The target, in milli-units.
        target: i64,
        /// Milli-units for one unit of load.
        milli: f64,
    },
}

/// An autoscaler and what it scales.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Its limits and rules.
    pub rules: Rules,
    /// The controller's settings.
    pub settings: Settings,
    /// Its metrics; at least one.
    pub signals: Vec<Signal>,
    /// Load that one pod serves at 100% of its request.
    pub full: f64,
    /// Load that one pod can serve at most.
    pub most: f64,
    /// How long pods take.
    pub delays: Delays,
    /// The nodes under them; without, every pod has a place.
    pub nodes: Option<NodeRules>,
    /// How old what a look sees is.
    pub lag: Millis,
    /// Over how long a metric is averaged; a pod must have been ready for as long before its CPU counts.
    pub window: Millis,
    /// Pods at the start; as many as the first load needs, where absent.
    pub start: Option<i32>,
    /// What must be ready beside what the load keeps busy; what is short is told against it.
    pub promise: Option<Promise>,
}

/// What is promised beyond serving the load.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// The load that ready pods must be able to serve, over the same time: as many as a latency takes count as
    /// the load that they serve at most.
    pub owed: Load,
    /// Ready pods that serve nothing.
    pub spare: i64,
}

impl Setup {
    /// What must be ready at the largest load, in load, and how many beside it.
    #[must_use]
    pub fn owed(&self, load: &Load) -> (f64, i64) {
        let owed = self.promise.as_ref();
        owed.map_or((load.peak().1, 0), |promise| (promise.owed.peak().1, promise.spare))
    }
}

/// What a pod requests, for a utilisation: only the ratio matters, and this loses none of it.
const REQUEST: i64 = 1_000_000;

impl Setup {
    /// The share of `full` that the metrics aim at: the lowest of those that aim at one.
    #[must_use]
    pub fn target_share(&self) -> Option<f64> {
        let share = |signal: &Signal| match signal {
            Signal::Utilization { percent, .. } => Some(f64::from(*percent) / 100.0),
            Signal::OfPods { target, milli, .. } | Signal::Shared { target, milli } => {
                Some(*target as f64 / (milli * self.full))
            }
            Signal::Whole { .. } => None,
        };
        self.signals.iter().filter_map(share).min_by(f64::total_cmp)
    }

    /// Pods that hold a load at the target, within the limits.
    #[must_use]
    pub fn pods_for(&self, load: f64) -> i32 {
        let each = self.full * self.target_share().unwrap_or(1.0);
        proposal::count(load / each * (1.0 - 1e-9)).clamp(self.rules.min, self.rules.max)
    }
}

/// Runs an autoscaler over a load, from its first moment to its end.
#[must_use]
pub fn run(setup: &Setup, load: &Load, keep: Keep) -> Run {
    let mut simulation = Simulation::new(setup, load, keep);
    let end = load.end();
    while simulation.now < end {
        let looked = simulation.look();
        let next = simulation.next_look(looked, end);
        simulation.advance(next.min(end));
    }
    simulation.finish()
}

/// Pods that are alike in all that a look sees.
#[derive(Debug, Clone, Copy)]
struct Class {
    pods: i64,
    cpu: Standing,
    other: Standing,
    /// Whether they served when the metrics were taken.
    served: bool,
}

/// What a look did.
#[derive(Debug, Clone, Copy)]
enum Looked {
    /// It changed the replicas, or the metrics said nothing.
    Again,
    /// The metrics asked for so many, and nothing changed.
    Held(i32),
    /// Nothing, and nothing ever will.
    Idle,
}

struct Simulation<'a> {
    setup: &'a Setup,
    tolerances: Tolerances,
    scaler: Autoscaler,
    fleet: Fleet,
    seen: Cursor<'a>,
    tally: Tally<'a>,
    now: Millis,
    current: i32,
    classes: Vec<Class>,
    groups: Vec<Alike>,
    proposals: Vec<Result<Proposal, NoProposal>>,
}

impl<'a> Simulation<'a> {
    fn new(setup: &'a Setup, load: &'a Load, keep: Keep) -> Self {
        let now = load.start();
        let current = setup.start.unwrap_or_else(|| setup.pods_for(load.points()[0].1));
        let fleet = Fleet::settled(i64::from(current), setup.delays, setup.nodes, now);
        let mut scaler = Autoscaler::new(setup.rules.clone(), setup.settings);
        scaler.sees_without_pods =
            setup.signals.iter().any(|s| matches!(s, Signal::Whole { .. } | Signal::Shared { .. }));
        let mut simulation = Self {
            setup,
            tolerances: Tolerances::of(setup.rules.behavior.as_ref(), &setup.settings),
            scaler,
            fleet,
            seen: Cursor::new(load),
            tally: Tally::new(load, setup.most, setup.promise.as_ref(), keep),
            now,
            current,
            classes: Vec::new(),
            groups: Vec::new(),
            proposals: Vec::new(),
        };
        simulation.point();
        simulation
    }

    /// Looks once, and does what it decides.
    fn look(&mut self) -> Looked {
        let (now, setup) = (self.now, self.setup);
        self.fleet.settle(now - setup.lag - setup.window);
        self.classify();
        let moment = now - setup.lag;
        let load = self.seen.stretch(moment).at(moment);
        let ready = self.fleet.ready_at(moment);
        self.propose(load, ready);
        let (from, decision) = (self.current, self.scaler.look(now, self.current, &self.proposals));
        if decision.replicas == from {
            return match (decision.recommended, decision.reason) {
                (Some(recommended), _) => Looked::Held(recommended),
                (None, Reason::Disabled) => Looked::Idle,
                (None, _) => Looked::Again,
            };
        }
        self.current = decision.replicas;
        let by = i64::from((self.current - from).abs());
        if self.current > from {
            self.fleet.grow(by, now);
        } else {
            self.fleet.shrink(by, now);
        }
        self.tally.event(Event { at: now, from, to: self.current, decision, load });
        self.point();
        Looked::Again
    }

    fn point(&mut self) {
        self.tally.point(Point {
            at: self.now,
            wanted: i64::from(self.current),
            running: self.fleet.running,
            ready: self.fleet.ready,
            nodes: self.fleet.nodes(),
        });
    }

    /// Sorts the pods into classes, as a look at this moment sees them.
    fn classify(&mut self) {
        let (now, setup) = (self.now, self.setup);
        self.classes.clear();
        let (cpu, other) = (Standing::Ready, Standing::Ready);
        self.classes.push(Class { pods: self.fleet.settled, cpu, other, served: true });
        for cohort in &self.fleet.young {
            let (pod, sample) = seen(cohort, now, setup);
            let of = |metered| standing(&pod, sample, metered, now, &setup.settings);
            let (cpu, other) = (of(Metered::Cpu), of(Metered::Other));
            let served = cohort.ready <= now - setup.lag;
            let same = |c: &&mut Class| c.cpu == cpu && c.other == other && c.served == served;
            match self.classes.iter_mut().find(same) {
                Some(class) => class.pods += cohort.pods,
                None => self.classes.push(Class { pods: cohort.pods, cpu, other, served }),
            }
        }
    }

    /// What every metric asks for at a load, of which as many pods as were ready then took a share.
    fn propose(&mut self, load: f64, ready_then: i64) {
        let setup = self.setup;
        let share = if ready_then > 0 { load / ready_then as f64 } else { 0.0 };
        let served = share.min(setup.most);
        self.proposals.clear();
        for signal in &setup.signals {
            let proposal = match *signal {
                Signal::Utilization { percent, metered } => {
                    let value = milli(served / setup.full * REQUEST as f64);
                    fill(&mut self.groups, &self.classes, metered, value);
                    proposal::utilization(&self.groups, self.current, percent, self.tolerances)
                }
                Signal::OfPods { target, milli: of_load, metered } => {
                    fill(&mut self.groups, &self.classes, metered, milli(served * of_load));
                    proposal::average_of_pods(&self.groups, self.current, target, self.tolerances)
                }
                Signal::Whole { target, milli: of_load } => proposal::whole_value(
                    &[milli(load * of_load)],
                    self.current,
                    i64::from(self.current),
                    self.fleet.ready,
                    target,
                    self.tolerances,
                ),
                Signal::Shared { target, milli: of_load } => Ok(proposal::shared_value(
                    &[milli(load * of_load)],
                    self.current,
                    target,
                    self.tolerances,
                )),
            };
            self.proposals.push(proposal);
        }
    }

    /// The next moment at which it must look.
    fn next_look(&mut self, looked: Looked, end: Millis) -> Millis {
        let (now, sync, lag) = (self.now, self.setup.settings.sync, self.setup.lag);
        let following = now + sync;
        let recommended = match looked {
            Looked::Again => return following,
            Looked::Idle => return end,
            Looked::Held(recommended) => recommended,
        };
        // What a whole value asks for does not rise evenly with the load while pods start.
        let whole = |signal: &Signal| matches!(signal, Signal::Whole { .. });
        if self.setup.signals.iter().any(whole) && self.fleet.ready != i64::from(self.current) {
            return following;
        }
        let stretch = self.seen.stretch(now - lag);
        let until = (stretch.until.saturating_add(lag))
            .min(self.scaler.same_until(now))
            .min(self.next_change())
            .min(end);
        // Looks before `until`, counted from this one.
        let looks = (until - now - 1) / sync;
        if looks < 1 {
            return following;
        }
        let ready = self.fleet.ready_at(now - lag);
        let same = |simulation: &mut Self, looks: i64| {
            simulation.propose(stretch.at(now + looks * sync - lag), ready);
            combine(&simulation.proposals, simulation.current).is_ok_and(|(r, _)| r == recommended)
        };
        // The furthest look that asks for the same: what is asked rises or falls with the load.
        let mut known = if same(self, looks) { looks } else { 0 };
        let mut beyond = if known == looks { looks + 1 } else { looks };
        while beyond - known > 1 {
            let middle = known + (beyond - known) / 2;
            if same(self, middle) {
                known = middle;
            } else {
                beyond = middle;
            }
        }
        if known > 0 {
            self.scaler.same_again(now + known * sync, recommended);
        }
        now + (known + 1) * sync
    }

    /// The next moment at which a look sees pods, or nodes, otherwise than now.
    fn next_change(&self) -> Millis {
        let (now, lag, window) = (self.now, self.setup.lag, self.setup.window);
        let initialized = self.setup.settings.cpu_initialization;
        let of_pods = self.fleet.young.iter().flat_map(|cohort| {
            [
                cohort.running,
                cohort.running + lag,
                cohort.ready,
                cohort.ready + lag,
                cohort.ready + lag + window,
                cohort.placed + initialized,
            ]
        });
        let of_ready = self.fleet.ready_since.iter().map(|(at, _)| at + lag);
        let next = of_pods.chain(of_ready).filter(|at| *at > now).min();
        self.fleet.next(now).min(next.unwrap_or(Millis::MAX / 4))
    }

    /// Lets time pass: pods and nodes come and go, and what was served is added up.
    fn advance(&mut self, to: Millis) {
        loop {
            let next = self.fleet.next(self.now);
            if next > to {
                break;
            }
            self.pass(next);
            self.fleet.turn(next);
            self.point();
        }
        self.pass(to);
    }

    fn pass(&mut self, to: Millis) {
        let pods = self.fleet.pods();
        self.tally.pass(self.now, to, pods, self.fleet.ready, self.fleet.nodes());
        self.now = to;
    }

    fn finish(self) -> Run {
        self.tally.finish(self.current)
    }
}

/// A pod of a cohort and its newest sample, as a look sees them.
fn seen(cohort: &Cohort, now: Millis, setup: &Setup) -> (Pod, Option<Sample>) {
    let ready = cohort.ready <= now;
    let placed = cohort.placed <= now;
    let since = if ready { cohort.ready } else { cohort.placed };
    let pod = Pod {
        phase: if cohort.running <= now { Phase::Running } else { Phase::Pending },
        deleting: false,
        started: placed.then_some(cohort.placed),
        readiness: placed.then_some(Readiness { ready, since }),
    };
    let at = now - setup.lag;
    let sample = (cohort.running <= at).then_some(Sample { at, window: setup.window });
    (pod, sample)
}

fn fill(groups: &mut Vec<Alike>, classes: &[Class], metered: Metered, value: i64) {
    groups.clear();
    groups.extend(classes.iter().map(|class| Alike {
        pods: class.pods,
        standing: match metered {
            Metered::Cpu => class.cpu,
            Metered::Other => class.other,
        },
        request: Some(REQUEST),
        value: if class.served { value } else { 0 },
    }));
}

/// A value in whole milli-units.
#[expect(clippy::cast_possible_truncation, reason = "capped at what the API can hold")]
fn milli(value: f64) -> i64 {
    // A value that is whole but for its last bits is that whole.
    (value * (1.0 + 1e-12)).floor() as i64
}
