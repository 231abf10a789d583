//! A job: what it asks for, how long it works, and what it loses when it is stopped.

use super::cluster::{Amount, Flavor, Node};
use super::snapshot::{Moment, PodSet};
use crate::ids::Id;

/// A job of a trace or of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name, unique.
    pub name: String,
    /// The queue it is sent to.
    pub queue: Id<Node>,
    /// The higher goes first.
    pub priority: i64,
    /// When it is sent.
    pub arrival: Moment,
    /// How long it works with all its pods, without stops.
    pub work: Moment,
    /// Its pods, all or none.
    pub pod_sets: Vec<PodSet>,
    /// The flavours it may run on; all where absent.
    pub flavors: Option<Vec<Id<Flavor>>>,
    /// How it keeps its work; without, a stop loses all of it.
    pub checkpoint: Option<Checkpoint>,
    /// How long it takes to go on after a stop, before it works again.
    pub restart: Moment,
    /// What preemption does to it.
    pub when_stopped: WhenStopped,
    /// When it is withdrawn, whether it runs, waits or has never started: the end of a working day.
    pub leaves: Option<Moment>,
    /// Results are told apart by it; it decides nothing.
    pub mark: u8,
}

/// How a job keeps its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Work between two checkpoints.
    pub every: Moment,
    /// How long writing one takes, during which nothing is worked.
    pub takes: Moment,
}

/// What preemption does to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenStopped {
    /// It waits again, with what it kept.
    #[default]
    Requeues,
    /// It is over, and its work lost.
    Ends,
}

/// One stretch of running: it goes on, works, and writes checkpoints, until it ends or is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub begin: Moment,
    /// Before it works: restart, or the repair of a node.
    pub idle: Moment,
    /// What is left to work.
    pub work: Moment,
    /// Pods asked for, and pods it has: with fewer it works slower in proportion.
    pub pods: (i64, i64),
    pub checkpoint: Option<Checkpoint>,
}

/// What a stretch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Yield {
    /// Work that is kept.
    pub kept: Moment,
    /// Work that is lost.
    pub lost: Moment,
}

impl Stretch {
    fn slower(&self, work: Moment) -> Moment {
        scale(work, self.pods.0, self.pods.1)
    }

    /// Checkpoints that are written before the end: none after the last piece of work.
    fn checkpoints(&self) -> Option<(Checkpoint, Moment)> {
        let checkpoint = self.checkpoint.filter(|checkpoint| checkpoint.every > 0)?;
        let pieces = (self.work + checkpoint.every - 1) / checkpoint.every;
        Some((checkpoint, (pieces - 1).max(0)))
    }

    /// When it ends by itself.
    pub(super) fn end(&self) -> Moment {
        let writing = self.checkpoints().map_or(0, |(checkpoint, count)| checkpoint.takes * count);
        self.begin + self.idle + self.slower(self.work) + writing
    }

    /// What it came to if it is stopped at `now`.
    pub(super) fn stopped(&self, now: Moment) -> Yield {
        let ran = (now - self.begin - self.idle).max(0);
        if now >= self.end() {
            return Yield { kept: self.work, lost: 0 };
        }
        let Some((checkpoint, most)) = self.checkpoints() else {
            return Yield { kept: 0, lost: scale(ran, self.pods.1, self.pods.0) };
        };
        let round = self.slower(checkpoint.every) + checkpoint.takes;
        let written = (ran / round).min(most);
        let kept = written * checkpoint.every;
        let since = (ran - written * round).min(self.slower(checkpoint.every));
        let lost = scale(since, self.pods.1, self.pods.0).min(self.work - kept);
        Yield { kept, lost }
    }
}

fn scale(value: Moment, up: i64, down: i64) -> Moment {
    if up == down || down == 0 {
        return value;
    }
    let scaled = i128::from(value) * i128::from(up) / i128::from(down);
    Moment::try_from(scaled).unwrap_or(Moment::MAX)
}

/// What pods request in all, of one resource.
pub(super) fn total(pod_sets: &[PodSet], resource: usize) -> Amount {
    pod_sets
        .iter()
        .map(|set| {
            let one = set.requests.iter().filter(|(id, _)| id.index() == resource);
            one.map(|(_, amount)| amount.saturating_mul(set.count)).sum::<Amount>()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Stretch = Stretch {
        begin: 100,
        idle: 5,
        work: 10,
        pods: (1, 1),
        checkpoint: Some(Checkpoint { every: 4, takes: 1 }),
    };

    #[test]
    fn ten_of_work_in_pieces_of_four_write_two_checkpoints() {
        assert_eq!(TEN.end(), 100 + 5 + 10 + 2);
    }

    #[test]
    fn a_stop_keeps_what_was_written_and_loses_the_rest() {
        assert_eq!(TEN.stopped(103), Yield { kept: 0, lost: 0 });
        assert_eq!(TEN.stopped(108), Yield { kept: 0, lost: 3 });
        assert_eq!(TEN.stopped(109), Yield { kept: 0, lost: 4 }, "before it is written");
        assert_eq!(TEN.stopped(110), Yield { kept: 4, lost: 0 });
        assert_eq!(TEN.stopped(116), Yield { kept: 8, lost: 1 });
        assert_eq!(TEN.stopped(117), Yield { kept: 10, lost: 0 });
    }

    #[test]
    fn half_the_pods_take_twice_as_long() {
        let half = Stretch { pods: (2, 1), checkpoint: None, ..TEN };
        assert_eq!(half.end(), 100 + 5 + 20);
        assert_eq!(half.stopped(115), Yield { kept: 0, lost: 5 });
    }
}
