//! The replicas of a pool as things to pack: how many of each workload in the busiest month, and their size.
//!
//! Counts are the median over the draws, sizes the median of what one replica states; what it does not state
//! takes no room. What has no whole counts (needs by the unit, runs, whole nodes) is left out, and said so.

use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::factors::Factors;
use crate::capacity::members::{columns, members};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{BINDING, BOUND, Node, Unit};
use crate::capacity::peak::peak;
use crate::capacity::per_draw::PerDraw;
use crate::draws::quantile;
use crate::estimate::Estimate;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::pool::Candidate;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool, Workload};

/// Replicas of one workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicas {
    /// The workload.
    pub workload: Id<Workload>,
    /// How many, in the busiest month.
    pub count: usize,
    /// Cores of one.
    pub cores: f64,
    /// Memory of one, in bytes.
    pub memory_bytes: f64,
    /// GPUs of one.
    pub gpus: f64,
    /// Memory on GPUs of one, in bytes.
    pub gpu_memory_bytes: f64,
    /// Network of one, in bits a second.
    pub network_bits_per_second: f64,
}

/// What a pool has to pack.
#[derive(Debug, Clone, Default)]
pub struct Packable {
    /// By workload.
    pub replicas: Vec<Replicas>,
    /// What is left out: the workload, and why.
    pub left_out: Vec<(Id<Workload>, &'static str)>,
}

/// The replicas of a pool in its busiest month: the one in which they take most of a node like those it uses.
#[must_use]
pub fn packable(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    pool: Id<Pool>,
) -> Packable {
    let mut found = Packable::default();
    let Some(node) = Node::of_pool(plan, choices, pool) else { return found };
    let members = members(plan, pool);
    let columns = columns(plan, factors, &node, pool, &members);
    // By month and resource: the node shares of everything that is packed.
    let mut shares = vec![[0.0; BOUND]; plan.horizon.months];
    let mut counts: Vec<Vec<f64>> = Vec::new();
    for member in members {
        let workload = member.workload;
        if member.fractions {
            found
                .left_out
                .push((workload, "needs by the unit of demand have no size of their own"));
        }
        if member.runs {
            found.left_out.push((workload, "runs come and go, and are not packed for good"));
        }
        let main = factors.of(workload).main.as_ref().filter(|_| member.counts);
        let Some(main) = main else { continue };
        let Unit::Stated(stated) = &main.unit else {
            found.left_out.push((workload, "it takes whole nodes, whichever they are"));
            continue;
        };
        let median = |value: &Option<PerDraw>| value.as_ref().map_or(0.0, PerDraw::median);
        let of_one = main.unit.shares(plan, &node);
        let of_one = BINDING
            .map(|binding| if columns.counts(binding) { of_one.of(binding).median() } else { 0.0 });
        let by_month = (0..plan.horizon.months).map(|t| {
            let peak = peak(plan, demand, factors, &node, pool, member, t);
            quantile(&peak.count, 0.5).round()
        });
        let by_month: Vec<f64> = by_month.collect();
        for (sums, count) in shares.iter_mut().zip(&by_month) {
            sums.iter_mut().zip(of_one).for_each(|(sum, share)| *sum += count * share);
        }
        counts.push(by_month);
        found.replicas.push(Replicas {
            workload,
            count: 0,
            cores: median(&stated.cores),
            memory_bytes: median(&stated.memory_bytes),
            gpus: median(&stated.gpus),
            gpu_memory_bytes: median(&stated.gpu_memory_bytes),
            network_bits_per_second: median(&stated.network_bits_per_second),
        });
    }
    let nodes = shares.iter().map(|sums| sums.iter().copied().fold(0.0, f64::max));
    // The first of the largest.
    let busiest =
        nodes.enumerate().fold((0, 0.0), |most, of| if of.1 > most.1 { of } else { most });
    for (replicas, counts) in found.replicas.iter_mut().zip(counts) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = counts[busiest.0] as usize;
        replicas.count = count;
    }
    found
}

/// What is paid for one node and hour of a candidate: on-demand where the pool may buy that, else the cheapest of
/// what it may. What is negotiated is off it, and it moves with the price trend: in the mean of the horizon; what is
/// reserved has the price of its first day.
#[must_use]
pub fn price_per_hour(plan: &Plan, pool: Id<Pool>, candidate: &Candidate) -> Option<f64> {
    let pool = &plan.pools[pool];
    let instance = &plan.instances[candidate.instance];
    let provider = &plan.providers[instance.provider];
    let trend = instance.price_trend_per_month.as_ref().map_or(0.0, Estimate::median);
    let price = |purchase| {
        let price = price_of(plan, candidate, purchase).filter(|_| may_buy(pool, purchase))?;
        let left = match purchase {
            Purchase::Reserved => provider.left_on(Some(purchase), plan.horizon.first_day()),
            _ => provider.left_over(Some(purchase), plan.horizon, trend),
        };
        Some(price.planned(pool.risk_tolerance).mean(plan.draws) * left)
    };
    price(Purchase::OnDemand).or_else(|| {
        [Purchase::Spot, Purchase::Reserved].into_iter().filter_map(price).min_by(f64::total_cmp)
    })
}
