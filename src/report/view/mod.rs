//! The report as data: decimals, dates, shares and names, nothing formatted.
//!
//! [`view`] takes a checked plan and the outcomes of its passes. It sums, sorts and names; whatever needs
//! a forecast, a sizing or a price was computed before. Means are sums of ledger rows and add up;
//! quantiles are taken over per-draw sums and do not.

mod assumptions;
mod autoscaling;
mod bridge;
mod calendar;
mod chargeback;
mod cost;
mod flows;
mod gates;
mod headline;
mod headroom;
pub(super) mod money;
mod moves;
mod ordered;
mod periods;
mod pools;
pub mod procurement;
pub(super) mod queues;
mod resources;
mod runs;
pub mod savings;
mod scenarios;
pub mod spends;
mod statement;
pub(super) mod trace;
mod uncertainty;
mod utilization;
mod workloads;

use serde::Serialize;

use crate::calendar::{Date, Month};
use crate::money::Currency;
use crate::outcome::Outcomes;
use crate::plan::CheckedPlan;

pub use assumptions::{AssumptionView, NoteView, PriceDates, PriceView};
pub use autoscaling::{AutoscalingView, RecommendedView, autoscaling};
pub use bridge::{BridgeBy, BridgeStep, BridgeView, StepOf};
pub use calendar::CalendarView;
pub use chargeback::{ChargebackView, TeamView};
pub use cost::{CategoryView, ComparedBudget, Comparison, CostView};
pub use flows::{FlowEnd, FlowView};
pub use gates::{BudgetOutcomeView, PolicyOutcomeView, PolicyVerdict};
pub use headline::Problem;
pub use headroom::{
    CrossingView, CureView, DriverView, HeadroomMonth, HeadroomView, HourView, RaisedView,
    ResourceUseView, headroom,
};
pub use money::{Day, Money, Quantity, Spread};
pub use moves::{MonthsView, MovedBy, MovedLineView, MovesView};
pub use ordered::Ordered;
pub use periods::Period;
pub use pools::{PoolMonthView, PoolShortfall, PoolView, ShortfallView};
pub use procurement::{LimitRequestView, OrderView, ProcurementView};
pub use queues::{QueueLineView, QueuePoolView, QueuesView};
pub use resources::ResourceView;
pub use runs::RunView;
pub use savings::EffectiveSavingsView;
pub use scenarios::ScenarioView;
pub use spends::SpendView;
pub use statement::{
    DetailLine, PoolShare, RuleShare, ServiceLine, StatementMonth, StatementView, StatementsView,
    statements,
};
pub use trace::{FigureView, StepView, TraceView};
pub use uncertainty::{MoverView, UncertaintyView};
pub use utilization::{PoolUseView, UtilizationView};
pub use workloads::{
    BacktestView, CandidateView, ChoiceView, HistoryMonth, HistoryView, SizingView, UnitCostView,
    VolumeView, WorkloadView,
};

/// What a report was made from, so that it can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Provenance {
    /// The day it speaks of; never the day it was made.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(test, schemars(with = "Day"))]
    pub as_of: Date,
    /// The commit of the plan, with `+dirty` where files differ from it; absent outside git.
    pub revision: Option<String>,
    /// The seed of the draws.
    pub seed: u64,
    /// How many draws.
    pub draws: usize,
    /// The version of this program.
    pub version: &'static str,
    /// Every file read: its path as shown, and its SHA-256 in hexadecimal; by path.
    pub digests: Vec<(String, String)>,
    /// The command that makes the same report again.
    pub command: String,
}

pub(super) fn as_text<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The quarterly budget report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BudgetView {
    /// The plan's name.
    pub plan: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// What it was made from.
    pub provenance: Provenance,
    /// The horizon's months, oldest first.
    pub months: Vec<Month>,
    /// The month of the year, 1 to 12, in which fiscal years begin.
    pub fiscal_year_starts: i8,
    /// Which days the months have, where they are those of a retail calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarView>,
    /// The columns of cost tables.
    pub periods: Vec<Period>,
    /// What matters most.
    pub problem: Problem,
    /// What it costs, by category and month, against the budgets.
    pub cost: CostView,
    /// From the budgets to the forecast, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<BridgeView>,
    /// Every budget, by name.
    pub budgets: Vec<BudgetOutcomeView>,
    /// Every policy, by name.
    pub policies: Vec<PolicyOutcomeView>,
    /// The risk that something is not there when needed, over all pools.
    pub shortfall: ShortfallView,
    /// Where need crosses what there is, by pool.
    pub headroom: Vec<HeadroomView>,
    /// Every pool of nodes, by name.
    pub pools: Vec<PoolView>,
    /// Need against supply by resource.
    pub resources: Vec<ResourceView>,
    /// How much of what is paid for is asked for and used.
    pub utilization: UtilizationView,
    /// What to buy and when, where the plan has a `procurement` node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procurement: Option<ProcurementView>,
    /// Spend committed by the hour: used, unused, and what it saves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spends: Vec<SpendView>,
    /// What is saved against running everything on demand, and by what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_savings: Option<EffectiveSavingsView>,
    /// What runs wait for, where quotas share a pool.
    #[serde(skip_serializing_if = "QueuesView::is_empty")]
    pub queues: QueuesView,
    /// Who bears the cost.
    pub chargeback: ChargebackView,
    /// What is paid for, and who bears it.
    pub flows: Vec<FlowView>,
    /// The base first, then every scenario.
    pub scenarios: Vec<ScenarioView>,
    /// Which assumptions move the total most, where any is uncertain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<UncertaintyView>,
    /// Every workload, by name.
    pub workloads: Vec<WorkloadView>,
    /// How long every run takes, by workload, then run.
    pub runs: Vec<RunView>,
    /// What is billed by the unit.
    pub volumes: Vec<VolumeView>,
    /// Which instance type each pool uses.
    pub choices: Vec<ChoiceView>,
    /// Every shared assumption and exchange rate.
    pub assumptions: Vec<AssumptionView>,
    /// Every price of an instance type in use.
    pub prices: Vec<PriceView>,
    /// The oldest and newest day a price was read.
    pub price_dates: Option<PriceDates>,
    /// What the autoscalers would really do.
    pub autoscaling: Vec<AutoscalingView>,
    /// What histories taught.
    pub history: Vec<HistoryView>,
    /// Where the totals come from: the whole, every category, every team.
    pub traces: Vec<TraceView>,
    /// Warnings, and words of the plan that change no figure yet.
    pub notes: Vec<NoteView>,
}

impl BudgetView {
    /// The last month of the horizon.
    #[must_use]
    pub fn last_month(&self) -> Month {
        self.months.last().copied().unwrap_or(self.first_month())
    }

    /// The first month of the horizon.
    #[must_use]
    pub fn first_month(&self) -> Month {
        self.months.first().copied().unwrap_or(Month::new(1, 1))
    }
}

/// Gathers the report of a plan from the outcomes of its passes.
#[must_use]
pub fn view(plan: &CheckedPlan, outcomes: &Outcomes, provenance: Provenance) -> BudgetView {
    let base = &plan.base;
    let budgets = gates::budgets(base, &outcomes.base, &plan.sources);
    let policies = gates::policies(base, &outcomes.base, &plan.sources);
    let pools = pools::pools(base, &outcomes.base);
    let shortfall = pools::shortfall(&outcomes.base, &pools);
    let cost = cost::cost(base, &outcomes.base);
    let periods = periods::periods(base.horizon, base.fiscal);
    BudgetView {
        plan: base.name.clone(),
        currency: base.currency,
        months: base.horizon.iter().collect(),
        fiscal_year_starts: base.fiscal.starts,
        calendar: calendar::calendar(base.horizon, base.fiscal),
        bridge: bridge::bridge(base, &outcomes.base, &cost, &periods),
        periods,
        problem: headline::problem(&shortfall, &budgets, &policies),
        cost,
        budgets,
        policies,
        shortfall,
        headroom: headroom::headroom(
            base,
            &plan.sources,
            &outcomes.base,
            &outcomes.base.headroom,
            crate::headroom::CONFIDENCE,
        ),
        resources: resources::resources(base, &plan.sources, &outcomes.base, &pools),
        utilization: utilization::utilization(base, &outcomes.base, &pools),
        pools,
        procurement: procurement::procurement(base, &outcomes.base, &plan.sources),
        spends: spends::spends(base, &outcomes.base, &plan.sources),
        effective_savings: savings::savings(base, &outcomes.base.effective_savings),
        queues: queues::queues(base, &outcomes.base),
        chargeback: chargeback::chargeback(base, &outcomes.base),
        flows: flows::flows(base, &outcomes.base),
        scenarios: scenarios::scenarios(plan, outcomes),
        uncertainty: uncertainty::uncertainty(base, &outcomes.base, &plan.sources),
        workloads: workloads::workloads(base, &outcomes.base),
        runs: runs::runs(base, &outcomes.base),
        volumes: workloads::volumes(base, &outcomes.base),
        choices: workloads::choices(base, &outcomes.base),
        assumptions: assumptions::assumptions(base, &plan.sources, provenance.as_of),
        prices: assumptions::prices(base, &outcomes.base),
        price_dates: assumptions::price_dates(base),
        autoscaling: autoscaling(base, &outcomes.base.autoscaling),
        history: workloads::history(base, &outcomes.base),
        traces: trace::of(base, &outcomes.base, &plan.sources),
        notes: assumptions::notes(plan),
        provenance,
    }
}
