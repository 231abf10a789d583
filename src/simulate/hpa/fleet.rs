//! Pods and nodes over time: what was asked for exists at once, runs when it has a node, serves when it is
//! ready.
//!
//! A pod waits for a place on a node (`Pending`), then `pod_start` until its containers run (`Pending`),
//! then `model_load` until it is ready (`Running`). Shrinking takes the youngest first, those that are
//! not ready before all others. A node autoscaler orders as many nodes as waiting pods fill, which arrive
//! `node_start` later, and removes a node that has not been needed for `node_idle`; pods are taken to
//! stand as closely as they can.

use std::collections::VecDeque;

use super::settings::Millis;

/// How long pods and nodes take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delays {
    /// From a place on a node until the containers run.
    pub pod_start: Millis,
    /// From then until the pod is ready.
    pub model_load: Millis,
}

/// The nodes under the pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRules {
    /// Pods that one node holds, at least 1.
    pub pods_per_node: i64,
    /// From the order of a node until pods can start on it.
    pub node_start: Millis,
    /// How long a node stays that nobody needs.
    pub node_idle: Millis,
}

/// Pods that were asked for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cohort {
    pub pods: i64,
    /// When they got their place; far off while they wait for a node.
    pub placed: Millis,
    /// When their containers run.
    pub running: Millis,
    /// When they are ready.
    pub ready: Millis,
}

/// Far off.
const NEVER: Millis = Millis::MAX / 4;

/// Pods and nodes at a moment.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    delays: Delays,
    nodes: Option<Nodes>,
    /// Pods that have been ready for so long that nothing of their start matters any more.
    pub settled: i64,
    /// The others, oldest first.
    pub young: VecDeque<Cohort>,
    /// Pods that are ready.
    pub ready: i64,
    /// Pods whose containers run.
    pub running: i64,
    /// Since when so many pods were ready, oldest first; reaches back beyond the lag of the metrics.
    pub ready_since: VecDeque<(Millis, i64)>,
}

#[derive(Debug, Clone)]
struct Nodes {
    rules: NodeRules,
    up: i64,
    /// Nodes ordered and when they arrive, soonest first.
    ordered: VecDeque<(Millis, i64)>,
    /// Nodes that nobody needs, and since when; longest first.
    idle: VecDeque<(Millis, i64)>,
}

impl Fleet {
    /// A fleet in which so many pods have long been ready.
    pub(super) fn settled(
        pods: i64,
        delays: Delays,
        nodes: Option<NodeRules>,
        now: Millis,
    ) -> Self {
        let nodes = nodes.map(|rules| Nodes {
            rules,
            up: whole(pods, rules.pods_per_node),
            ordered: VecDeque::new(),
            idle: VecDeque::new(),
        });
        let ready_since = VecDeque::from([(Millis::MIN / 4, pods), (now, pods)]);
        let young = VecDeque::new();
        Self { delays, nodes, settled: pods, young, ready: pods, running: pods, ready_since }
    }

    /// Pods there are, in whatever state.
    pub(super) fn pods(&self) -> i64 {
        self.settled + self.young.iter().map(|cohort| cohort.pods).sum::<i64>()
    }

    /// Nodes paid for: those that run, and those ordered.
    pub(super) fn nodes(&self) -> i64 {
        self.nodes.as_ref().map_or(0, |nodes| nodes.up + nodes.coming())
    }

    /// Asks for more pods.
    pub(super) fn grow(&mut self, by: i64, now: Millis) {
        let cohort = Cohort { pods: by, placed: NEVER, running: NEVER, ready: NEVER };
        self.young.push_back(cohort);
        self.place(now);
    }

    /// Takes pods away, the youngest first.
    pub(super) fn shrink(&mut self, by: i64, now: Millis) {
        let mut left = by;
        while left > 0 {
            let Some(cohort) = self.young.back_mut() else { break };
            let taken = left.min(cohort.pods);
            cohort.pods -= taken;
            left -= taken;
            if cohort.running <= now {
                self.running -= taken;
            }
            if cohort.ready <= now {
                self.ready -= taken;
            }
            if cohort.pods == 0 {
                self.young.pop_back();
            }
        }
        self.settled -= left;
        self.running -= left;
        self.ready -= left;
        self.place(now);
        self.note_ready(now);
    }

    /// Gives waiting pods places, orders nodes for the rest, and notes which nodes nobody needs.
    fn place(&mut self, now: Millis) {
        let pods = self.pods();
        let Some(nodes) = &mut self.nodes else {
            for place in (0..self.young.len()).rev() {
                if self.young[place].placed != NEVER {
                    break;
                }
                self.start(place, now);
            }
            return;
        };
        let waiting: i64 =
            self.young.iter().rev().take_while(|c| c.placed == NEVER).map(|c| c.pods).sum();
        let mut free = (nodes.up * nodes.rules.pods_per_node - (pods - waiting)).max(0);
        let first = self.young.iter().position(|cohort| cohort.placed == NEVER);
        let mut place = first.unwrap_or(self.young.len());
        nodes.follow(whole(pods, nodes.rules.pods_per_node), now);
        while free > 0 && place < self.young.len() {
            let taken = free.min(self.young[place].pods);
            free -= taken;
            if taken < self.young[place].pods {
                let rest = Cohort { pods: self.young[place].pods - taken, ..self.young[place] };
                self.young[place].pods = taken;
                self.young.insert(place + 1, rest);
            }
            self.start(place, now);
            place += 1;
        }
    }

    /// Starts a cohort on its place; without any delay it runs and is ready at once.
    fn start(&mut self, place: usize, now: Millis) {
        let cohort = &mut self.young[place];
        cohort.placed = now;
        cohort.running = now + self.delays.pod_start;
        cohort.ready = cohort.running + self.delays.model_load;
        if cohort.running == now {
            self.running += cohort.pods;
        }
        if cohort.ready == now {
            self.ready += cohort.pods;
        }
        self.note_ready(now);
    }

    /// When something next becomes of itself: a node arrives or goes, a pod runs or is ready.
    pub(super) fn next(&self, now: Millis) -> Millis {
        let pods = self.young.iter().flat_map(|cohort| [cohort.running, cohort.ready]);
        let next = pods.filter(|at| *at > now).min().unwrap_or(NEVER);
        let Some(nodes) = &self.nodes else { return next };
        let arrives = nodes.ordered.front().map_or(NEVER, |(at, _)| *at);
        let goes = nodes.idle.front().map_or(NEVER, |(since, _)| since + nodes.rules.node_idle);
        next.min(arrives).min(goes)
    }

    /// Does what becomes of itself at `now`.
    pub(super) fn turn(&mut self, now: Millis) {
        for cohort in &self.young {
            if cohort.running == now {
                self.running += cohort.pods;
            }
            if cohort.ready == now {
                self.ready += cohort.pods;
            }
        }
        self.note_ready(now);
        if let Some(nodes) = &mut self.nodes
            && nodes.turn(now)
        {
            self.place(now);
        }
    }

    fn note_ready(&mut self, now: Millis) {
        match self.ready_since.back_mut() {
            Some((_, ready)) if *ready == self.ready => {}
            Some((at, ready)) if *at == now => *ready = self.ready,
            _ => self.ready_since.push_back((now, self.ready)),
        }
    }

    /// Pods that were ready at a moment of late; forgets what was before.
    pub(super) fn ready_at(&mut self, moment: Millis) -> i64 {
        while self.ready_since.len() > 1 && self.ready_since[1].0 <= moment {
            self.ready_since.pop_front();
        }
        self.ready_since.front().map_or(self.ready, |(_, ready)| *ready)
    }

    /// Moves cohorts that have been ready since `moment` to the settled ones.
    pub(super) fn settle(&mut self, moment: Millis) {
        while let Some(cohort) = self.young.front()
            && cohort.ready <= moment
        {
            self.settled += cohort.pods;
            self.young.pop_front();
        }
    }
}

impl Nodes {
    fn coming(&self) -> i64 {
        self.ordered.iter().map(|(_, nodes)| nodes).sum()
    }

    fn idle(&self) -> i64 {
        self.idle.iter().map(|(_, nodes)| nodes).sum()
    }

    /// Orders what is missing to `needed`, or notes what is more.
    fn follow(&mut self, needed: i64, now: Millis) {
        let missing = needed - self.up - self.coming();
        if missing > 0 {
            self.ordered.push_back((now + self.rules.node_start, missing));
        }
        // Nodes on their way are counted as used first by what waits for them.
        let spare = (self.up - needed).max(0);
        let mut change = spare - self.idle();
        if change > 0 {
            self.idle.push_back((now, change));
        }
        while change < 0
            && let Some((_, nodes)) = self.idle.back_mut()
        {
            let taken = (-change).min(*nodes);
            *nodes -= taken;
            change += taken;
            if *nodes == 0 {
                self.idle.pop_back();
            }
        }
    }

    /// Nodes that arrive or go at `now`; whether any did.
    fn turn(&mut self, now: Millis) -> bool {
        let mut turned = false;
        while let Some((at, nodes)) = self.ordered.front()
            && *at <= now
        {
            self.up += nodes;
            self.ordered.pop_front();
            turned = true;
        }
        while let Some((since, nodes)) = self.idle.front()
            && since + self.rules.node_idle <= now
        {
            self.up -= nodes;
            self.idle.pop_front();
            turned = true;
        }
        turned
    }
}

/// Nodes for so many pods.
fn whole(pods: i64, per_node: i64) -> i64 {
    (pods + per_node - 1) / per_node
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAYS: Delays = Delays { pod_start: 20, model_load: 100 };

    fn until(fleet: &mut Fleet, now: &mut Millis, moment: Millis) {
        while fleet.next(*now) <= moment {
            *now = fleet.next(*now);
            fleet.turn(*now);
        }
        *now = moment;
    }

    #[test]
    fn a_pod_runs_then_serves() {
        let mut fleet = Fleet::settled(2, DELAYS, None, 0);
        let mut now = 0;
        fleet.grow(3, 0);
        let mut seen = Vec::new();
        for moment in [0, 19, 20, 119, 120] {
            until(&mut fleet, &mut now, moment);
            seen.push((fleet.pods(), fleet.running, fleet.ready));
        }
        assert_eq!(seen, [(5, 2, 2), (5, 2, 2), (5, 5, 2), (5, 5, 2), (5, 5, 5)]);
        assert_eq!((fleet.ready_at(119), fleet.ready_at(120)), (2, 5));
    }

    #[test]
    fn a_waiting_pod_waits_for_a_node_that_goes_when_nobody_needs_it() {
        let rules = NodeRules { pods_per_node: 4, node_start: 300, node_idle: 1000 };
        let mut fleet = Fleet::settled(3, DELAYS, Some(rules), 0);
        let mut now = 0;
        fleet.grow(4, 0);
        // One finds a place, three wait for a second node.
        until(&mut fleet, &mut now, 120);
        assert_eq!((fleet.nodes(), fleet.ready), (2, 4));
        until(&mut fleet, &mut now, 420);
        assert_eq!((fleet.nodes(), fleet.ready), (2, 7));
        fleet.shrink(4, 420);
        until(&mut fleet, &mut now, 1419);
        assert_eq!((fleet.nodes(), fleet.ready), (2, 3));
        until(&mut fleet, &mut now, 1420);
        assert_eq!(fleet.nodes(), 1);
    }

    #[test]
    fn shrinking_takes_those_that_are_not_ready_first() {
        let mut fleet = Fleet::settled(5, DELAYS, None, 0);
        fleet.grow(3, 0);
        fleet.shrink(4, 10);
        assert_eq!((fleet.pods(), fleet.ready), (4, 4));
        let mut now = 10;
        until(&mut fleet, &mut now, 500);
        assert_eq!((fleet.pods(), fleet.running, fleet.ready), (4, 4, 4));
    }
}
