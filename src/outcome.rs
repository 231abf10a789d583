//! Everything the passes say, side by side: what reports, gates and diffs read.

use crate::capacity::RunTime;
use crate::capacity::need::{InstanceChoice, Sizing, VolumeUse};
use crate::cost::Promised;
use crate::cost::gates::{BudgetOutcome, PolicyOutcome};
use crate::cost::ledger::{Chargeback, CostDraws, Ledger};
use crate::cost::measures::Measures;
use crate::cost::spend::SpendUse;
use crate::cost::unit_economics::UnitCost;
use crate::effective_savings::EffectiveSavings;
use crate::explain::sensitivity::Uncertainty;
use crate::forecast::demand::Demand;
use crate::headroom::PoolHeadroom;
use crate::procure::orders::Schedule;
use crate::procure::supply::PoolMonth;
use crate::queues::Queues;
use crate::simulate::hpa::planned::Autoscaled;

/// Everything the passes say of one plan.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What every workload is asked for.
    pub demand: Demand,
    /// How every workload was sized, and why; by pool, then workload.
    pub sizings: Vec<Sizing>,
    /// How long every run takes, and why; by workload, then run.
    pub run_times: Vec<RunTime>,
    /// Which instance type every pool uses, and what the others would have cost.
    pub choices: Vec<InstanceChoice>,
    /// What to buy and when; only where the plan has a `procurement` node. Supply and cost follow it.
    pub schedule: Option<Schedule>,
    /// What every pool was supplied with; by pool, then month. Storage pools have none.
    pub pool_months: Vec<PoolMonth>,
    /// What spend committed by the hour paid for, and what of it was left unused; by commitment.
    pub spends: Vec<SpendUse>,
    /// Spend that discounts ask for, held against what is spent; by provider, then month.
    pub promised: Vec<Promised>,
    /// Where need crosses what there is, what drives it and what cures it; by pool.
    pub headroom: Vec<PoolHeadroom>,
    /// What runs and sessions wait for, where quotas share a pool; of the base, and of plans with a policy on it.
    pub queues: Queues,
    /// What is billed by the unit.
    pub volumes: Vec<VolumeUse>,
    /// Every cost.
    pub ledger: Ledger,
    /// Costs by draw, at the grains of reports.
    pub draws: CostDraws,
    /// What each team bears.
    pub chargeback: Chargeback,
    /// What every workload asked of every pool, and used.
    pub measures: Measures,
    /// What one unit of every workload costs.
    pub unit_costs: Vec<UnitCost>,
    /// How every budget came out, by name.
    pub budgets: Vec<BudgetOutcome>,
    /// How every policy came out, by name.
    pub policies: Vec<PolicyOutcome>,
    /// What the autoscalers would really do, by workload; of the base only.
    pub autoscaling: Vec<Autoscaled>,
    /// What is saved against running everything on demand, and by what; of the base only.
    pub effective_savings: EffectiveSavings,
    /// Which assumptions move the cost of everything most; of the base only.
    pub uncertainty: Uncertainty,
}

/// The base, and every scenario in the order of the plan's list.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// The plan itself.
    pub base: Outcome,
    /// One for each of [`CheckedPlan::scenarios`].
    pub scenarios: Vec<Outcome>,
}
