//! The plan as meant: data only, every name looked up, every quantity in the base unit of its field.
//!
//! Base units: seconds for rates (`per_second`), bytes, cores, GPUs, FLOP/s, hours for durations
//! (`hours`), months for terms, shares from 0 to 1, money in the plan's currency. Only the checker
//! builds a [`CheckedPlan`], so no pass meets a plan that is wrong. Things of a kind stand in an
//! [`Arena`](crate::ids::Arena) in the order of their names. A scenario is a whole plan of its own.

pub mod assumption;
pub mod autoscale;
pub mod budget;
pub mod catalog;
pub mod demand;
pub mod language_model;
pub mod measure;
mod negotiated;
pub mod organisation;
pub mod policy;
pub mod pool;
pub mod price;
pub mod procurement;
pub mod quota;
pub mod run;
pub mod savings_plan;
pub mod shared_cost;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Date, FiscalCalendar, Horizon};
use crate::diagnostic::Diagnostic;
use crate::draws::Draws;
use crate::ids::{Arena, Id};
use crate::money::{Currency, Decimal};
use crate::plan::pool::PoolSupply;
use crate::source::{Sources, Span};

pub use assumption::Assumption;
pub use budget::Budget;
pub use catalog::{GpuModel, Instance, Lot, Owned, Provider, StorageTier};
pub use measure::MeasureSource;
pub use organisation::{Department, Environment, Project, Team};
pub use policy::Policy;
pub use pool::{Commitment, Pool};
pub use procurement::Procurement;
pub use quota::{Cohort, Priority, Quota};
pub use savings_plan::SavingsPlan;
pub use shared_cost::SharedCost;
pub use workload::Workload;

/// A plan that passed every check, with its scenarios.
#[derive(Debug, Clone)]
pub struct CheckedPlan {
    /// The plan itself.
    pub base: Plan,
    /// Every scenario, by name, each applied to the base.
    pub scenarios: Vec<Scenario>,
    /// The `compare` nodes, in the order of their scenarios' names.
    pub comparisons: Vec<Comparison>,
    /// The files it was read from.
    pub sources: Sources,
    /// Warnings and notes, in the order of their places.
    pub warnings: Vec<Diagnostic>,
}

impl CheckedPlan {
    /// The base, then every scenario's plan.
    #[must_use]
    pub fn plans(&self) -> Vec<&Plan> {
        let scenarios = self.scenarios.iter().map(|scenario| &scenario.plan);
        std::iter::once(&self.base).chain(scenarios).collect()
    }
}

/// A scenario: the base with its changes applied.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name; never `base`.
    pub name: String,
    /// A title for people, if given.
    pub title: Option<String>,
    /// How likely it is held to be, 0 to 1.
    pub probability: Option<f64>,
    /// The whole plan under this scenario.
    pub plan: Plan,
    /// Where it is declared.
    pub origin: Span,
}

/// Scenarios to be shown side by side.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Names of scenarios, `base` among them, as written.
    pub scenarios: Vec<String>,
    /// Words of the metrics to show, as written.
    pub show: Vec<String>,
}

/// One plan: the base, or the base under a scenario.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The name in `plan "…"`.
    pub name: String,
    /// `as-of` as the plan states it.
    pub as_of: Option<Date>,
    /// The months it looks ahead.
    pub horizon: Horizon,
    /// The currency of every amount below.
    pub currency: Currency,
    /// Pinned exchange rates by foreign currency.
    pub fx: BTreeMap<Currency, Fx>,
    /// When fiscal years begin.
    pub fiscal: FiscalCalendar,
    /// The seed and count of its draws.
    pub draws: Draws,
    /// How purchases are planned, where the plan says so: then what is recommended is supplied.
    pub procurement: Option<Procurement>,
    /// Every `let`, by name.
    pub assumptions: Vec<Assumption>,
    /// Departments.
    pub departments: Arena<Department>,
    /// Teams.
    pub teams: Arena<Team>,
    /// Projects.
    pub projects: Arena<Project>,
    /// Environments.
    pub environments: Arena<Environment>,
    /// GPU models.
    pub gpus: Arena<GpuModel>,
    /// Providers.
    pub providers: Arena<Provider>,
    /// Instance types of all providers.
    pub instances: Arena<Instance>,
    /// Storage tiers of all providers.
    pub storage_tiers: Arena<StorageTier>,
    /// Savings plans of all providers.
    pub savings_plans: Arena<SavingsPlan>,
    /// Owned hardware.
    pub owned: Arena<Owned>,
    /// Pools.
    pub pools: Arena<Pool>,
    /// Commitments signed already.
    pub commitments: Arena<Commitment>,
    /// Priorities.
    pub priorities: Arena<Priority>,
    /// Cohorts of quotas.
    pub cohorts: Arena<Cohort>,
    /// Quotas inside the organisation's own clusters.
    pub quotas: Arena<Quota>,
    /// Where measured usage comes from.
    pub measure_sources: Arena<MeasureSource>,
    /// Workloads.
    pub workloads: Arena<Workload>,
    /// Budgets.
    pub budgets: Arena<Budget>,
    /// Rules for cost that no team asked for.
    pub shared_costs: Arena<SharedCost>,
    /// Policies.
    pub policies: Arena<Policy>,
}

/// A pinned exchange rate.
#[derive(Debug, Clone)]
pub struct Fx {
    /// Plan currency for one unit of the foreign currency.
    pub rate: Decimal,
    /// The day it was read.
    pub as_of: Option<Date>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Where the plan says it.
    pub origin: Span,
}

impl Plan {
    /// The department a workload's team belongs to.
    #[must_use]
    pub fn department_of(&self, workload: Id<Workload>) -> Option<Id<Department>> {
        self.teams[self.workloads[workload].team].department
    }

    /// The storage tiers that data of a pool lies in: its own, and those that its workloads name.
    #[must_use]
    pub fn tiers_in(&self, pool: Id<Pool>) -> BTreeSet<Id<StorageTier>> {
        let of_pool = match &self.pools[pool].supply {
            PoolSupply::Storage(tiers) => tiers.as_slice(),
            PoolSupply::Instances(_) | PoolSupply::Owned(_) => &[],
        };
        let stored = self.workloads.items().iter().filter(|workload| workload.pool == Some(pool));
        let own =
            stored.filter_map(|workload| workload.storage.as_ref()).flat_map(|rule| &rule.tiers);
        of_pool.iter().chain(own).map(|tier| tier.tier).collect()
    }
}
