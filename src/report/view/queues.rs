//! What runs wait for, where quotas share a pool.

use serde::Serialize;

use crate::calendar::Month;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::queues::{Figures, Finding, Queues, Sent};

/// What a simulation of the plan's queues came to.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueuesView {
    /// How many draws were simulated.
    pub draws: usize,
    /// What hours are of: `GPU` or `core`.
    pub unit: &'static str,
    /// By quota, then priority.
    pub lines: Vec<QueueLineView>,
    /// By quota, priority and month.
    pub months: Vec<QueueLineView>,
    /// Held over granted of each pool, by month.
    pub pools: Vec<QueuePoolView>,
    /// What should be known of the quotas, as sentences.
    pub findings: Vec<String>,
}

/// The runs, or the sessions, of one quota at one priority.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueueLineView {
    /// The month; absent over the horizon.
    pub month: Option<Month>,
    /// The quota.
    pub quota: String,
    /// The priority, where workloads state one.
    pub priority: Option<String>,
    /// What was sent: `runs`, or `sessions` of workspaces.
    pub sent: &'static str,
    /// How many of them, on the mean.
    pub runs: f64,
    /// The share that had not started at the end.
    pub not_started: f64,
    /// Half start within so many hours.
    pub wait_p50_hours: f64,
    /// 95% start within so many hours.
    pub wait_p95_hours: f64,
    /// Hours held, on the mean.
    pub held_hours: f64,
    /// Useful over held.
    pub goodput: Option<f64>,
    /// Preemptions, on the mean.
    pub preemptions: f64,
    /// Hours of work that wait at the end, on the mean.
    pub unmet_hours: f64,
}

/// How much of a pool's quotas is held.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueuePoolView {
    /// The pool.
    pub pool: String,
    /// Held over granted, one value a month.
    pub utilization: Vec<Option<f64>>,
}

impl QueuesView {
    /// Whether the plan has no quota.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.draws == 0
    }
}

/// Lays the queues of an outcome out.
pub(super) fn queues(plan: &Plan, outcome: &Outcome) -> QueuesView {
    of(plan, &outcome.queues)
}

/// Lays queues out.
#[must_use]
pub fn of(plan: &Plan, queues: &Queues) -> QueuesView {
    if queues.draws == 0 {
        return QueuesView::default();
    }
    let grants = plan.quotas.items().iter().flat_map(|quota| &quota.grants);
    let gpus = grants.clone().any(|grant| grant.resource == "gpu");
    let unit = if gpus { "GPU" } else { "core" };
    let line =
        |line: &crate::queues::Line, month: Option<Month>, figures: &Figures| QueueLineView {
            month,
            quota: plan.quotas[line.quota].name.clone(),
            priority: line.priority.map(|id| plan.priorities[id].name.clone()),
            sent: line.sent.word(),
            runs: figures.runs,
            not_started: figures.unstarted,
            wait_p50_hours: figures.wait_p50,
            wait_p95_hours: figures.wait_p95,
            held_hours: figures.held,
            goodput: (figures.held > 0.0).then(|| figures.useful / figures.held),
            preemptions: figures.preemptions,
            unmet_hours: figures.unmet,
        };
    let months = queues.lines.iter().flat_map(|of| {
        plan.horizon
            .iter()
            .zip(&of.months)
            .map(move |(month, figures)| line(of, Some(month), figures))
    });
    QueuesView {
        draws: queues.draws,
        unit,
        lines: queues.lines.iter().map(|of| line(of, None, &of.total)).collect(),
        months: months.collect(),
        pools: queues
            .pools
            .iter()
            .map(|of| QueuePoolView {
                pool: plan.pools[of.pool].name.clone(),
                utilization: of.utilization.clone(),
            })
            .collect(),
        findings: queues.findings.iter().map(|finding| sentence(plan, finding, unit)).collect(),
    }
}

/// A length of time in words: hours below two days, days above.
#[must_use]
pub fn duration(hours: f64) -> String {
    if hours >= 48.0 { format!("{:.0} days", hours / 24.0) } else { format!("{hours:.0} hours") }
}

/// A finding as a sentence.
#[must_use]
pub fn sentence(plan: &Plan, finding: &Finding, unit: &str) -> String {
    match finding {
        Finding::PromisesTooMuch { pool, t, promised, there } => format!(
            "Quotas guarantee {promised:.0} {unit}s of pool `{}`, which may have {there:.0} in {}: they were cut \
             in proportion.",
            plan.pools[*pool].name,
            plan.horizon.month(*t)
        ),
        Finding::Unused { quota, nominal } => format!(
            "No run uses quota `{}`, which guarantees {nominal:.0} {unit}s.",
            plan.quotas[*quota].name
        ),
        Finding::Starved { quota, sent: Sent::Sessions, unstarted, .. } => format!(
            "{:.0}% of the sessions of quota `{}` found no room on their day.",
            unstarted * 100.0,
            plan.quotas[*quota].name
        ),
        Finding::Starved { quota, sent: Sent::Runs, wait_p95, unstarted } => format!(
            "Runs of quota `{}` starve: 95% start within {}, and {} had not started at the end.",
            plan.quotas[*quota].name,
            duration(*wait_p95),
            if *unstarted > 0.0 { format!("{:.0}%", unstarted * 100.0) } else { "none".to_owned() }
        ),
        Finding::TooLarge { quota, workload, run, pool, asks, nominal, borrowed } => format!(
            "`{}` of `{}` can never start: it asks for {asks:.0} {unit}s of pool `{}` at once; quota `{}` \
             guarantees {nominal:.0} and may borrow {borrowed:.0}, {:.0} in all.",
            plan.workloads[*workload].runs[*run].name,
            plan.workloads[*workload].name,
            plan.pools[*pool].name,
            plan.quotas[*quota].name,
            nominal + borrowed
        ),
        Finding::Scattered { workload, run, pool, gpus, each, of_node, nodes, counted, there } => {
            let waits = there.map_or(String::new(), |(t, there)| {
                format!(
                    "; in {} the pool may have {there:.0}: Kueue would admit it, and its pods would wait for nodes",
                    plan.horizon.month(t)
                )
            });
            format!(
                "`{}` of `{}` takes {nodes:.0} nodes of pool `{}`, where a quota counts {gpus:.0} GPUs, which come \
                 to {counted:.0}: its pods of {each:.0} leave {:.0} of a node's {of_node:.0} GPUs to smaller ones{waits}.",
                plan.workloads[*workload].runs[*run].name,
                plan.workloads[*workload].name,
                plan.pools[*pool].name,
                of_node - (of_node / each).floor() * each
            )
        }
        Finding::Outside { workload } => format!(
            "Runs of `{}` are served by no quota of their pool and are not simulated.",
            plan.workloads[*workload].name
        ),
    }
}
