//! One workload in its busiest hour, at the median, and what another way of serving would make of it.

use serde::Serialize;

use crate::capacity::counted::Counting;
use crate::capacity::factors::{Main, Served};
use crate::capacity::members::members;
use crate::capacity::node::{Node, Unit, chosen_candidate};
use crate::capacity::packable::price_per_hour;
use crate::capacity::peak::peak;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::MonthDays;
use crate::capacity::source::Source;
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::pool::Candidate;
use crate::plan::workload::{Latency, Replica, Serving};
use crate::plan::{Plan, Pool, Workload};
use crate::queueing::objective::Objective;
use crate::queueing::queue::Queue;
use crate::scale::Passes;

/// Hours of a month at a provider's own count.
pub(super) const MONTH_HOURS: f64 = 730.0;

/// One workload in its busiest hour.
#[derive(Clone, Copy)]
pub(super) struct Point<'a> {
    pub plan: &'a Plan,
    pub workload: &'a Workload,
    pub pool: Id<Pool>,
    /// The month.
    pub t: usize,
    pub node: Node,
    /// The instance type that was chosen; none of owned hardware.
    pub candidate: Option<&'a Candidate>,
    pub main: &'a Main,
    pub served: &'a Served,
    pub counting: Counting,
    /// Replicas that are busy on average.
    pub busy: f64,
    /// Served units a second of one, as events leave it.
    pub serves: f64,
}

/// Another way of serving, against the plan's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Other {
    /// Money for a node and hour.
    pub price: Option<f64>,
    /// What one takes of a node.
    pub share: f64,
    /// The demand that is left, as a share.
    pub demand: f64,
    /// What one serves, over what it serves now.
    pub speed: f64,
    /// Requests at a time.
    pub concurrency: f64,
    /// Seconds of one request, waiting apart; not known where absent.
    pub service: Option<f64>,
    /// Money a month beside the nodes.
    pub beside: f64,
}

/// What comes of a way of serving.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Replicas (GPUs or nodes, where capacity is stated so), spares included.
    pub replicas: f64,
    /// Nodes.
    pub nodes: f64,
    /// Money for 730 hours; absent where the pool has no price by the hour.
    pub cost: Option<f64>,
    /// Seconds at the median; absent where how long one is served is not known.
    pub p50: Option<f64>,
    /// Seconds at the 99th percentile.
    pub p99: Option<f64>,
    /// The share of what serves that is not busy in the busiest hour.
    pub headroom: f64,
    /// Whether what is promised is kept.
    pub keeps: bool,
    /// The autoscaler's limit, where it is too low.
    pub limit: Option<f64>,
    /// How many more it would take.
    pub missing: f64,
}

impl<'a> Point<'a> {
    pub(super) fn of(passes: Passes<'a>, id: Id<Workload>, t: Option<usize>) -> Option<Self> {
        let Passes { plan, demand, factors, choices } = passes;
        let workload = &plan.workloads[id];
        let pool = workload.pool?;
        let node = Node::of_pool(plan, choices, pool)?;
        let member = members(plan, pool)
            .into_iter()
            .find(|member| member.workload == id && member.counts)?;
        let main = factors.of(id).main.as_ref()?;
        let served = main.served(node.gpu)?;
        let busiest = || {
            let count = |t: usize| {
                quantile(&peak(plan, demand, factors, &node, pool, member, t).count, 0.5)
            };
            let counts: Vec<f64> = (0..plan.horizon.months).map(count).collect();
            let most = counts.iter().copied().fold(0.0, f64::max);
            counts.iter().position(|count| *count >= most).unwrap_or(0)
        };
        let t = t.unwrap_or_else(busiest);
        let month = MonthDays::of(plan.horizon.month(t));
        let source = Source::of(plan, demand, factors, &node, pool, member, t, &month);
        let (counted, asked) = (source.counted.as_ref()?, source.demand.as_ref()?);
        let busy = quantile(&asked.peak(&month, &counted.used), 0.5);
        let factor = asked.pieces.last().and_then(|piece| piece.span.capacity_factor.as_ref());
        let factor = factor.map_or(1.0, |factors| quantile(factors, 0.5));
        Some(Self {
            plan,
            workload,
            pool,
            t,
            node,
            candidate: chosen_candidate(plan, choices, pool),
            main,
            served,
            counting: counted.counting,
            busy,
            serves: median(&main.serves_at(t, node.gpu)) * factor,
        })
    }

    /// Served units a second.
    pub(super) fn rate(&self) -> f64 {
        self.busy * self.serves
    }

    /// The unit that is served.
    pub(super) fn unit(&self) -> String {
        let last = self.workload.conversions.last().map(|conversion| conversion.to.clone());
        last.or_else(|| self.workload.demand.as_ref().map(|demand| demand.unit.clone()))
            .unwrap_or_default()
    }

    pub(super) fn replica(&self) -> Option<&'a Replica> {
        match &self.workload.serving {
            Serving::Replica(replica) => Some(replica),
            Serving::Capacity { .. } | Serving::None => None,
        }
    }

    pub(super) fn latency(&self) -> Option<&'a Latency> {
        self.replica()?.latency.as_ref()
    }

    /// So many of what is counted, on the nodes of the pool: `12 replicas on p5.48xlarge`.
    pub(super) fn counted(&self, count: f64) -> String {
        let word = if self.main.counted == "gpu" { "GPU" } else { self.main.counted };
        let plural = if (count - 1.0).abs() < 0.5 { "" } else { "s" };
        format!("{count:.0} {word}{plural} on {}", self.node_name())
    }

    pub(super) fn node_name(&self) -> String {
        match self.candidate {
            Some(candidate) => self.plan.instances[candidate.instance].name.clone(),
            None => self.plan.pools[self.pool].name.clone(),
        }
    }

    /// The plan's own way.
    pub(super) fn planned(&self) -> Other {
        let price = self.candidate.and_then(|c| price_per_hour(self.plan, self.pool, c));
        let known = self.latency().is_some() || self.served.rated.is_some();
        Other {
            price,
            share: self.share_of(&self.node),
            demand: 1.0,
            speed: 1.0,
            concurrency: self.served.concurrency,
            service: known
                .then(|| self.served.concurrency * median(&self.served.per_request) / self.serves),
            beside: 0.0,
        }
    }

    /// What one takes of a node, at the median.
    pub(super) fn share_of(&self, node: &Node) -> f64 {
        self.share_of_unit(&self.main.unit, node)
    }

    pub(super) fn share_of_unit(&self, unit: &Unit, node: &Node) -> f64 {
        median(&unit.shares(self.plan, node).largest())
    }

    /// What comes of a way.
    pub(super) fn figures(&self, other: &Other) -> Figures {
        let busy = self.busy * other.demand / other.speed;
        let serves = self.serves * other.speed;
        let of_target = self.counting.target_per_second.map_or(0.0, |target| serves / target);
        let for_rate = whole_up(busy * (1.0 / self.counting.target_utilization).max(of_target));
        let queue = other.service.map(|service| self.queue(other, busy, service, for_rate));
        let for_latency = self.latency().zip(queue).map(|(latency, queue)| {
            let with = |(share, seconds): &(f64, f64)| {
                let objective =
                    Objective { response: Some((*share, *seconds)), ..Objective::default() };
                objective
                    .servers(&queue)
                    .map(|servers| (f64::from(servers) / other.concurrency).ceil())
            };
            latency.objectives.iter().map(with).collect::<Option<Vec<f64>>>()
        });
        let waits = match &for_latency {
            Some(Some(all)) => all.iter().copied().fold(0.0, f64::max),
            Some(None) | None => 0.0,
        };
        let wanted = for_rate.max(waits);
        let unlimited = Counting { max: f64::INFINITY, ..self.counting }.with_spares(wanted);
        let replicas = self.counting.with_spares(wanted);
        let serving = (replicas / self.counting.copies - self.counting.spare).max(0.0);
        let loss = self.plan.pools[self.pool].fragmentation_loss;
        let nodes = whole_up(whole_up(replicas * other.share) * (1.0 + loss));
        let final_queue = other.service.map(|service| self.queue(other, busy, service, serving));
        let percentile = |share| final_queue.map(|queue: Queue| queue.response_percentile(share));
        let late =
            |(share, most): &(f64, f64)| percentile(*share).is_some_and(|time| time > most * 1.001);
        Figures {
            replicas,
            nodes,
            cost: other.price.map(|price| nodes * price * MONTH_HOURS + other.beside),
            p50: percentile(0.5),
            p99: percentile(0.99),
            headroom: if serving > 0.0 { 1.0 - busy / serving } else { 0.0 },
            keeps: !matches!(for_latency, Some(None))
                && !self.latency().is_some_and(|latency| latency.objectives.iter().any(late)),
            limit: (unlimited > replicas + 0.5).then_some(self.counting.max),
            missing: unlimited - replicas,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of servers"
    )]
    fn queue(&self, other: &Other, busy: f64, service: f64, serving: f64) -> Queue {
        let (arrival_scv, service_scv) =
            self.latency().map_or((1.0, 1.0), |latency| (latency.arrival_scv, latency.service_scv));
        Queue {
            servers: (serving * other.concurrency).clamp(0.0, 1e9) as u32,
            arrivals: busy * other.concurrency / service,
            mean_service: service,
            arrival_scv,
            service_scv,
        }
    }
}

/// The median over draws.
pub(super) fn median(value: &PerDraw) -> f64 {
    match value {
        PerDraw::Same(value) => *value,
        PerDraw::Each(values) => quantile(values, 0.5),
    }
}
