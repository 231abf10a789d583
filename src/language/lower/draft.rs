//! A plan as far as it could be read.

use std::collections::BTreeMap;

use super::Lower;
use crate::calendar::{Date, FiscalCalendar, Horizon};
use crate::draws::Draws;
use crate::ids::{Arena, Id, Named};
use crate::language::nodes::Noun;
use crate::language::syntax::Node;
use crate::language::tree::Tree;
use crate::money::Currency;
use crate::plan::{
    Assumption, Budget, Cohort, Commitment, Department, Environment, Fx, GpuModel, Instance,
    MeasureSource, Owned, Plan, Policy, Pool, Priority, Procurement, Project, Provider, Quota,
    SavingsPlan, SharedCost, StorageTier, Team, Workload,
};

/// Things of one kind in the order of names; `None` where one could not be read.
#[derive(Debug)]
pub struct Table<T> {
    items: Vec<Option<T>>,
}

impl<T> Table<T> {
    /// The thing with an id, if it could be read.
    #[must_use]
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.items.get(id.index())?.as_ref()
    }

    /// Everything that could be read, by name.
    pub fn iter(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((Id::new(index), item.as_ref()?)))
    }

    /// How many were declared.
    #[must_use]
    pub fn declared(&self) -> usize {
        self.items.len()
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: Named> Table<T> {
    fn finish(self) -> Option<Arena<T>> {
        Some(Arena::new(self.items.into_iter().collect::<Option<Vec<T>>>()?))
    }
}

/// What could be read of a plan.
#[derive(Debug, Default)]
pub struct Draft {
    /// The plan's name.
    pub name: Option<String>,
    /// Its as-of day.
    pub as_of: Option<Date>,
    /// Its months.
    pub horizon: Option<Horizon>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its exchange rates.
    pub fx: BTreeMap<Currency, Fx>,
    /// Its fiscal calendar.
    pub fiscal: Option<FiscalCalendar>,
    /// Its draws.
    pub draws: Option<Draws>,
    /// How purchases are planned.
    pub procurement: Option<Procurement>,
    /// Assumptions.
    pub assumptions: Vec<Assumption>,
    /// Departments.
    pub departments: Table<Department>,
    /// Teams.
    pub teams: Table<Team>,
    /// Projects.
    pub projects: Table<Project>,
    /// Environments.
    pub environments: Table<Environment>,
    /// GPU models.
    pub gpus: Table<GpuModel>,
    /// Providers.
    pub providers: Table<Provider>,
    /// Instance types.
    pub instances: Table<Instance>,
    /// Storage tiers.
    pub storage_tiers: Table<StorageTier>,
    /// Savings plans.
    pub savings_plans: Table<SavingsPlan>,
    /// Owned hardware.
    pub owned: Table<Owned>,
    /// Pools.
    pub pools: Table<Pool>,
    /// Commitments.
    pub commitments: Table<Commitment>,
    /// Priorities.
    pub priorities: Table<Priority>,
    /// Cohorts.
    pub cohorts: Table<Cohort>,
    /// Quotas.
    pub quotas: Table<Quota>,
    /// Where measured usage comes from.
    pub measure_sources: Table<MeasureSource>,
    /// Workloads.
    pub workloads: Table<Workload>,
    /// Budgets.
    pub budgets: Table<Budget>,
    /// Shared costs.
    pub shared_costs: Table<SharedCost>,
    /// Policies.
    pub policies: Table<Policy>,
}

impl Draft {
    /// The plan, where nothing is missing.
    #[must_use]
    pub fn finish(self) -> Option<Plan> {
        Some(Plan {
            name: self.name?,
            as_of: self.as_of,
            horizon: self.horizon?,
            currency: self.currency?,
            fx: self.fx,
            fiscal: self.fiscal?,
            draws: self.draws?,
            procurement: self.procurement,
            assumptions: self.assumptions,
            departments: self.departments.finish()?,
            teams: self.teams.finish()?,
            projects: self.projects.finish()?,
            environments: self.environments.finish()?,
            gpus: self.gpus.finish()?,
            providers: self.providers.finish()?,
            instances: self.instances.finish()?,
            storage_tiers: self.storage_tiers.finish()?,
            savings_plans: self.savings_plans.finish()?,
            owned: self.owned.finish()?,
            pools: self.pools.finish()?,
            commitments: self.commitments.finish()?,
            priorities: self.priorities.finish()?,
            cohorts: self.cohorts.finish()?,
            quotas: self.quotas.finish()?,
            measure_sources: self.measure_sources.finish()?,
            workloads: self.workloads.finish()?,
            budgets: self.budgets.finish()?,
            shared_costs: self.shared_costs.finish()?,
            policies: self.policies.finish()?,
        })
    }
}

impl<'t> Lower<'t, '_> {
    /// Lowers everything, each kind after those it looks into.
    pub(super) fn draft(&mut self, tree: &'t Tree<'_>) -> Draft {
        let mut draft = Draft::default();
        if let Some(plan) = tree.iter().find(|node| &*node.name.text == "plan") {
            self.plan(plan, &mut draft);
        }
        self.price_day = (self.as_of)(draft.as_of);
        if let Some(node) = tree.iter().find(|node| &*node.name.text == "procurement") {
            draft.procurement = self.procurement(node);
        }
        draft.assumptions = self.assumptions();
        draft.departments = self.table(Noun::Department, Self::department);
        draft.teams = self.table(Noun::Team, Self::team);
        draft.projects = self.table(Noun::Project, Self::project);
        draft.environments = self.table(Noun::Environment, Self::environment);
        draft.gpus = self.table(Noun::Gpu, Self::gpu);
        draft.providers = self.table(Noun::Provider, Self::provider);
        draft.instances = self.table_within(Noun::Instance, Self::instance);
        for instance in draft.instances.items.iter_mut().flatten() {
            if let Some(provider) = draft.providers.get(instance.provider) {
                self.add_listed(instance, provider);
            }
        }
        draft.storage_tiers = self.table_within(Noun::StorageTier, Self::storage_tier);
        draft.savings_plans = self.table_within(Noun::SavingsPlan, Self::savings_plan);
        draft.owned = self.table(Noun::Owned, Self::owned);
        draft.pools = self.table(Noun::Pool, Self::pool);
        draft.commitments = self
            .table(Noun::Commitment, |lower, node| lower.commitment(node, &draft.savings_plans));
        draft.priorities = self.table(Noun::Priority, Self::priority);
        draft.cohorts = self.table(Noun::Cohort, Self::cohort);
        draft.quotas = self.table(Noun::Quota, Self::quota);
        draft.measure_sources = self.table(Noun::Source, Self::measure_source);
        draft.workloads = Table {
            items: (0..self.merged.len()).map(|index| self.workload(index, &draft)).collect(),
        };
        let fiscal = draft.fiscal;
        draft.budgets = self.table(Noun::Budget, |lower, node| lower.budget(node, fiscal));
        draft.shared_costs = self.table(Noun::SharedCost, Self::shared_cost);
        draft.policies = self.table(Noun::Policy, Self::policy);
        draft
    }

    fn table<T>(
        &mut self,
        noun: Noun,
        mut lower: impl FnMut(&mut Self, &'t Node) -> Option<T>,
    ) -> Table<T> {
        let names = self.names;
        let items = names.all(noun).iter().map(|name| lower(self, name.node)).collect();
        Table { items }
    }

    /// The same for what stands in a provider, which is given too.
    fn table_within<T>(
        &mut self,
        noun: Noun,
        mut lower: impl FnMut(&mut Self, &'t Node, &'t Node) -> Option<T>,
    ) -> Table<T> {
        let names = self.names;
        let items = names
            .all(noun)
            .iter()
            .map(|name| name.parent.and_then(|parent| lower(self, name.node, parent)))
            .collect();
        Table { items }
    }
}
