//! Costs of an outcome, with every label a plan knows of who caused them.

use std::collections::BTreeMap;

use crate::allocation::allocate::{Allocation, Group, Share, allocate, group};
use crate::allocation::cost::{Cost, Idle, Labels, Resources};
use crate::allocation::question::{Question, Selector};
use crate::capacity::need::Resource;
use crate::cost::ledger::{Category, Row};
use crate::ids::Id;
use crate::money::{Decimal, split};
use crate::outcome::Outcome;
use crate::plan::{Plan, Pool, Team, Workload};

/// The labels a cost may have, in the order of the documentation.
pub const LABELS: [&str; 10] = [
    "department",
    "team",
    "cost-center",
    "project",
    "environment",
    "workload",
    "kind",
    "priority",
    "pool",
    "provider",
];

/// The months that are asked about, counted from the horizon's first.
pub type Window = std::ops::Range<usize>;

/// The labels of a workload; `pool` and `provider` are those of a cost.
#[must_use]
pub fn labels(plan: &Plan, workload: Id<Workload>) -> Labels {
    let of = &plan.workloads[workload];
    let mut labels = team_labels(plan, of.team);
    labels.insert("workload", of.name.clone());
    labels.insert("kind", of.kind.word().to_owned());
    if let Some(project) = of.project.map(|id| &plan.projects[id]) {
        labels.insert("project", project.name.clone());
    }
    let cost_center = plan.cost_center(workload).map(str::to_owned);
    labels.extend(cost_center.map(|cost_center| ("cost-center", cost_center)));
    let environment = of.environment.map(|id| plan.environments[id].name.clone());
    let priority = of.priority.map(|id| plan.priorities[id].name.clone());
    labels.extend(environment.map(|name| ("environment", name)));
    labels.extend(priority.map(|name| ("priority", name)));
    labels
}

fn team_labels(plan: &Plan, id: Id<Team>) -> Labels {
    let team = &plan.teams[id];
    let mut labels = Labels::from([("team", team.name.clone())]);
    let department = team.department.map(|id| &plan.departments[id]);
    labels.extend(department.map(|department| ("department", department.name.clone())));
    let cost_center = plan.cost_center_of_team(id).map(str::to_owned);
    labels.extend(cost_center.map(|cost_center| ("cost-center", cost_center)));
    labels
}

/// Answers a question of the ledger's amortised amounts, month by month. Stated shared amounts are
/// overhead, beside that of the question.
#[must_use]
pub fn by_question(
    plan: &Plan,
    outcome: &Outcome,
    window: Window,
    question: &Question,
) -> Allocation {
    let mut sum = Allocation::default();
    for t in window {
        let (costs, idle, stated) = month(plan, outcome, t);
        let question = Question { overhead: question.overhead + stated, ..question.clone() };
        sum.add(allocate(&costs, &idle, &question));
    }
    sum
}

/// Answers by the plan's own rules for idle and shared cost. What a team bears beyond its direct cost is
/// spread over its workloads by theirs; in a month without any it stays with the team alone.
#[must_use]
pub fn by_rules(
    plan: &Plan,
    outcome: &Outcome,
    window: Window,
    by: &[&'static str],
    filter: Option<&Selector>,
) -> Allocation {
    let mut rows: BTreeMap<Group, Share> = BTreeMap::new();
    let shown = |labels: &Labels| filter.is_none_or(|filter| filter.matches(labels));
    for t in window {
        let causes = causes(plan, outcome, t);
        for charge in &outcome.chargeback.teams {
            let own: Vec<_> = causes
                .iter()
                .filter(|((workload, _), _)| plan.workloads[*workload].team == charge.team)
                .map(|((workload, pool), resources)| (*workload, *pool, resources))
                .collect();
            let weights: Vec<f64> =
                own.iter().map(|own| crate::money::to_f64(own.2.total()).max(0.0)).collect();
            let mut add = |labels: &Labels, direct: &Resources, idle: Decimal, shared: Decimal| {
                if shown(labels) {
                    let group = group(by, labels);
                    let row =
                        rows.entry(group.clone()).or_insert_with(|| Share::nothing(group.clone()));
                    row.direct.add(direct);
                    row.idle += idle;
                    row.shared += shared;
                }
            };
            if weights.iter().sum::<f64>() > 0.0 {
                let idle = split(charge.idle[t], &weights, 6);
                let shared = split(charge.shared[t], &weights, 6);
                for ((workload, pool, direct), (idle, shared)) in
                    own.into_iter().zip(idle.into_iter().zip(shared))
                {
                    add(&placed(plan, workload, pool), direct, idle, shared);
                }
            } else if !(charge.idle[t].is_zero() && charge.shared[t].is_zero()) {
                let labels = team_labels(plan, charge.team);
                add(&labels, &Resources::default(), charge.idle[t], charge.shared[t]);
            }
        }
        let unborne = outcome.chargeback.idle[t];
        if filter.is_none() && !unborne.is_zero() {
            let group = Group::Idle(None);
            rows.entry(group.clone()).or_insert_with(|| Share::nothing(group)).idle += unborne;
        }
    }
    Allocation { rows: rows.into_values().collect() }
}

/// The labels of a workload's cost in one pool.
pub(super) fn placed(plan: &Plan, workload: Id<Workload>, place: Place) -> Labels {
    let mut labels = labels(plan, workload);
    labels.extend(place.pool.map(|pool| ("pool", plan.pools[pool].name.clone())));
    labels.extend(place.provider.map(|id| ("provider", plan.providers[id].name.clone())));
    labels
}

/// Where a cost was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) pool: Option<Id<Pool>>,
    pub(super) provider: Option<Id<crate::plan::Provider>>,
}

impl Place {
    fn of(row: &Row) -> Self {
        Self { pool: row.pool, provider: row.provider }
    }
}

/// What every workload caused in a month, by place.
pub(super) fn causes(
    plan: &Plan,
    outcome: &Outcome,
    t: usize,
) -> BTreeMap<(Id<Workload>, Place), Resources> {
    let mut causes = BTreeMap::new();
    for row in month_rows(outcome, t) {
        if let Some(workload) = row.workload {
            let sum: &mut Resources = causes.entry((workload, Place::of(row))).or_default();
            *amount_of(plan, row, sum) += row.amortised;
        }
    }
    causes
}

/// The costs, idle cost and stated shared amounts of a month.
fn month(plan: &Plan, outcome: &Outcome, t: usize) -> (Vec<Cost>, Vec<Idle>, Decimal) {
    let name =
        |pool: Option<Id<Pool>>| pool.map_or(String::new(), |id| plan.pools[id].name.clone());
    let costs = causes(plan, outcome, t)
        .into_iter()
        .map(|((workload, place), resources)| Cost {
            labels: placed(plan, workload, place),
            place: name(place.pool),
            resources,
        })
        .collect();
    let mut idle: BTreeMap<Id<Pool>, Resources> = BTreeMap::new();
    let mut stated = Decimal::ZERO;
    for row in month_rows(outcome, t).filter(|row| row.workload.is_none()) {
        match row.pool {
            Some(pool) => *amount_of(plan, row, idle.entry(pool).or_default()) += row.amortised,
            None => stated += row.amortised,
        }
    }
    let idle = idle
        .into_iter()
        .map(|(pool, resources)| Idle { place: name(Some(pool)), resources })
        .collect();
    (costs, idle, stated)
}

/// The ledger's rows of a month, which stand together.
fn month_rows(outcome: &Outcome, t: usize) -> impl Iterator<Item = &Row> {
    let rows = &outcome.ledger.rows;
    let first = rows.partition_point(|row| row.t < t);
    rows[first..].iter().take_while(move |row| row.t == t)
}

/// What an amount of the ledger was paid for.
fn amount_of<'a>(plan: &Plan, row: &Row, sum: &'a mut Resources) -> &'a mut Decimal {
    use crate::plan::pool::PoolSupply;
    let nodes =
        row.pool.is_some_and(|pool| !matches!(plan.pools[pool].supply, PoolSupply::Storage(_)));
    let resource = match row.category {
        Category::Compute => Some(Resource::Cpu),
        Category::Memory => Some(Resource::Memory),
        Category::Gpu => Some(Resource::Gpu),
        Category::Storage => Some(Resource::Storage),
        Category::Network
        | Category::Service
        | Category::Interruption
        | Category::Support
        | Category::Shared
        | Category::Commitment
        | Category::Credit => None,
    };
    match resource.filter(|_| nodes) {
        Some(resource) => {
            let place = Resource::ALL.iter().position(|r| *r == resource).unwrap_or(0);
            &mut sum.node[place]
        }
        None => &mut sum.other,
    }
}

/// The efficiency of every group, GPUs included; absent where nothing was requested or used.
///
/// # Source
/// Kubecost, "Efficiency and idle": `Σ usage ÷ request × cost ÷ Σ cost`; use without a request counts 1.
#[must_use]
pub fn efficiencies(
    plan: &Plan,
    outcome: &Outcome,
    window: Window,
    by: &[&'static str],
) -> BTreeMap<Group, f64> {
    super::efficiency::efficiencies(plan, outcome, window, by)
}
