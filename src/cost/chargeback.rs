//! Who bears what: the plan's rules for idle and shared cost, applied once, each on direct cost.
//!
//! A rule takes a cost (idle capacity, all of a workload, all of a team, a stated amount) and spreads it
//! over teams; it never sees what another rule did. Where two take from one place, the first by name
//! has it, workloads before teams. A rule that takes a team's own cost away measures direct cost without
//! it, so the rest of the team bears its part like any other. Above a cap, and what a split leaves
//! over, goes to the rule's `rest` team, which is not capped; without one it stays in the idle row. A
//! rule that finds nobody to bear the cost of a workload or team leaves it where it is.
//!
//! Idle capacity is shared by use or allocation resource by resource, each weighted by its own cost, as
//! `OpenCost` does; a resource that nobody asked for goes by the worth of all that was asked.
//!
//! The same code runs on exact decimals for the books and on floats for each draw.

use std::collections::BTreeMap;
use std::ops::{Add, Sub};

use crate::cost::pool_month::Priced;
use crate::cost::resource_weights::{ByResource, worth};
use crate::ids::Id;
use crate::money::{self, Decimal, quantised, to_f64};
use crate::plan::shared_cost::{ShareBy, SharedSource, Split};
use crate::plan::{Plan, Pool, SharedCost, Team, Workload};

/// What rules work on: direct cost by team, and what they may take, by month.
#[derive(Debug, Clone)]
pub(super) struct Causes<A> {
    /// Direct cost, by team index, then month.
    pub(super) teams: Vec<Vec<A>>,
    /// Direct cost of the workloads that rules take.
    pub(super) workloads: BTreeMap<Id<Workload>, Vec<A>>,
    /// Idle cost of the pools that rules take from: by resource, and what else idle capacity caused.
    pub(super) idle: BTreeMap<Id<Pool>, Vec<Idle<A>>>,
    /// Stated amounts, one a month, by rule.
    pub(super) stated: BTreeMap<Id<SharedCost>, A>,
}

/// The idle cost of a pool in a month.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Idle<A> {
    /// By resource.
    pub(super) resources: ByResource<A>,
    /// Support on it; follows the resources.
    pub(super) other: A,
}

/// What teams bear beyond their direct cost, by team index, then month.
#[derive(Debug, Clone)]
pub(super) struct Borne<A> {
    /// Of idle capacity.
    pub(super) idle: Vec<Vec<A>>,
    /// Of shared cost; negative where a rule takes a team's own away.
    pub(super) shared: Vec<Vec<A>>,
}

/// Money that can be split: exact, or of one draw.
pub(super) trait Money:
    Copy + Default + PartialOrd + Add<Output = Self> + Sub<Output = Self>
{
    /// Splits over weights; the parts sum to the whole.
    fn split(self, weights: &[f64]) -> Vec<Self>;
    /// A share of it, rounded down where it is rounded.
    fn share(self, share: f64) -> Self;
    /// As a weight.
    fn weight(self) -> f64;
}

impl Money for Decimal {
    fn split(self, weights: &[f64]) -> Vec<Self> {
        money::split(self, weights, 6)
    }
    fn share(self, share: f64) -> Self {
        (self * quantised(share)).trunc_with_scale(6)
    }
    fn weight(self) -> f64 {
        to_f64(self).max(0.0)
    }
}

impl Money for f64 {
    fn split(self, weights: &[f64]) -> Vec<Self> {
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| self * weight / sum).collect()
    }
    fn share(self, share: f64) -> Self {
        self * share
    }
    fn weight(self) -> f64 {
        self.max(0.0)
    }
}

/// What was asked for and used, by month, pool and team: means over the draws, the same in every draw.
#[derive(Debug, Clone, Default)]
pub(super) struct Measures {
    /// By (pool, month): one entry a workload.
    asked: BTreeMap<(Id<Pool>, usize), Vec<Measured>>,
}

#[derive(Debug, Clone)]
struct Measured {
    workload: Id<Workload>,
    team: Id<Team>,
    requested: ByResource<f64>,
    used: ByResource<f64>,
}

impl Measures {
    /// Collects what was asked for from the priced pool-months.
    pub(super) fn of(plan: &Plan, priced: &[Priced]) -> Self {
        let mut asked = BTreeMap::new();
        for priced in priced {
            let Some(pool) = priced.pool.filter(|_| !priced.asked.is_empty()) else { continue };
            let measured = priced.asked.iter().map(|asked| Measured {
                workload: asked.workload,
                team: plan.workloads[asked.workload].team,
                requested: asked.requested,
                used: asked.used,
            });
            asked.insert((pool, priced.t), measured.collect());
        }
        Self { asked }
    }

    /// Resource-hours by team over `months` trailing months.
    fn by_team(
        &self,
        plan: &Plan,
        from: &SharedSource,
        by: ShareBy,
        t: usize,
        months: u32,
    ) -> Vec<ByResource<f64>> {
        let first = (t + 1).saturating_sub(months.max(1) as usize);
        let mut teams = vec![[0.0; 4]; plan.teams.len()];
        for ((pool, month), asked) in &self.asked {
            let elsewhere = matches!(from, SharedSource::Idle(of) if of != pool);
            if elsewhere || *month < first || *month > t {
                continue;
            }
            for one in asked {
                let taken = match from {
                    SharedSource::Workload(workload) => one.workload == *workload,
                    SharedSource::Team(team) => one.team == *team,
                    SharedSource::Idle(_) | SharedSource::AmountPerMonth(_) => false,
                };
                let hours = if by == ShareBy::Usage { &one.used } else { &one.requested };
                if !taken {
                    for (sum, hours) in teams[one.team.index()].iter_mut().zip(hours) {
                        *sum += hours;
                    }
                }
            }
        }
        teams
    }
}

/// Weights of one rule in one month that do not depend on the draw.
#[derive(Debug, Clone)]
enum Weights {
    /// By resource, and by the worth of all.
    Asked { resources: ByResource<Vec<f64>>, all: Vec<f64> },
    /// Direct cost of trailing months.
    DirectCost { months: u32 },
    /// The same for every team with direct cost.
    Even,
    /// Stated shares by team; what is left of 1 last.
    Fixed(Vec<f64>),
}

/// The plan's rules, ready to be applied.
#[derive(Debug, Clone)]
pub(super) struct Rules<'a> {
    plan: &'a Plan,
    /// By rule, in the order in which they take; then month.
    rules: Vec<(Id<SharedCost>, &'a SharedCost, Vec<Weights>)>,
}

impl<'a> Rules<'a> {
    /// The rules of a plan, with what was asked for as their measure.
    pub(super) fn new(plan: &'a Plan, measures: &Measures) -> Self {
        let mut rules: Vec<_> = plan
            .shared_costs
            .iter()
            .map(|(id, rule)| {
                let months = 0..plan.horizon.months;
                (id, rule, months.map(|t| weights(plan, measures, rule, t)).collect())
            })
            .collect();
        rules.sort_by_key(|(_, rule, _): &(_, &SharedCost, _)| {
            matches!(rule.from, SharedSource::Team(_))
        });
        Self { plan, rules }
    }

    /// Applies every rule in every month.
    pub(super) fn apply<A: Money>(&self, causes: &Causes<A>) -> Borne<A> {
        let months = self.plan.horizon.months;
        let nothing = vec![vec![A::default(); months]; self.plan.teams.len()];
        let mut borne = Borne { idle: nothing.clone(), shared: nothing.clone() };
        // What rules have taken from each team, and from where something was taken already.
        let mut taken = nothing;
        let mut seen_pools = Vec::new();
        let mut seen_workloads = Vec::new();
        for (id, rule, weights) in &self.rules {
            match rule.from {
                SharedSource::Idle(pool) if !seen_pools.contains(&pool) => {
                    seen_pools.push(pool);
                    for (t, idle) in causes.idle.get(&pool).into_iter().flatten().enumerate() {
                        let parts = spread_idle(&weights[t], causes, *idle, t);
                        bear(rule, causes, t, parts, &mut borne.idle);
                    }
                }
                SharedSource::AmountPerMonth(_) => {
                    let Some(amount) = causes.stated.get(id) else { continue };
                    for (t, weights) in weights.iter().enumerate() {
                        let parts = spread(weights, causes, None, *amount, t);
                        bear(rule, causes, t, parts, &mut borne.shared);
                    }
                }
                SharedSource::Workload(workload) if !seen_workloads.contains(&workload) => {
                    seen_workloads.push(workload);
                    let team = self.plan.workloads[workload].team.index();
                    let Some(cost) = causes.workloads.get(&workload) else { continue };
                    let left = causes.teams[team].iter().zip(cost);
                    let left: Vec<A> = left.map(|(direct, cost)| *direct - *cost).collect();
                    let source = Source { team, cost, left: &left };
                    take(rule, weights, causes, source, &mut taken, &mut borne.shared);
                }
                SharedSource::Team(team) => {
                    let team = team.index();
                    let left = causes.teams[team].iter().zip(&taken[team]);
                    let cost: Vec<A> = left.map(|(direct, taken)| *direct - *taken).collect();
                    let left = vec![A::default(); cost.len()];
                    let source = Source { team, cost: &cost, left: &left };
                    take(rule, weights, causes, source, &mut taken, &mut borne.shared);
                }
                SharedSource::Idle(_) | SharedSource::Workload(_) => {}
            }
        }
        borne
    }
}

/// A team's own cost that a rule takes, and the direct cost it keeps, by month.
#[derive(Debug, Clone, Copy)]
struct Source<'a, A> {
    team: usize,
    cost: &'a [A],
    left: &'a [A],
}

/// A cost by team index, and what nobody of them bears.
struct Spread<A> {
    parts: Vec<A>,
    over: A,
}

fn take<A: Money>(
    rule: &SharedCost,
    weights: &[Weights],
    causes: &Causes<A>,
    source: Source<'_, A>,
    taken: &mut [Vec<A>],
    account: &mut [Vec<A>],
) {
    for (t, (cost, weights)) in source.cost.iter().zip(weights).enumerate() {
        let parts = spread(weights, causes, Some(source), *cost, t);
        if parts.parts.is_empty() && rule.rest.is_none() {
            continue;
        }
        taken[source.team][t] = taken[source.team][t] + *cost;
        account[source.team][t] = account[source.team][t] - *cost;
        bear(rule, causes, t, parts, account);
    }
}

/// Books the parts of a cost under `account`, caps them, and gives what is over to `rest`.
fn bear<A: Money>(
    rule: &SharedCost,
    causes: &Causes<A>,
    t: usize,
    spread: Spread<A>,
    account: &mut [Vec<A>],
) {
    let rest = rule.rest.map(Id::index);
    let mut over = spread.over;
    for (team, mut part) in spread.parts.into_iter().enumerate() {
        if let Some(cap) = rule.cap_of_direct.filter(|_| Some(team) != rest) {
            let most = causes.teams[team][t].share(cap);
            if part > most {
                over = over + (part - most);
                part = most;
            }
        }
        account[team][t] = account[team][t] + part;
    }
    if let Some(rest) = rest {
        account[rest][t] = account[rest][t] + over;
    }
}

/// Splits an amount by a rule's weights; no parts where there is nobody to bear any.
fn spread<A: Money>(
    weights: &Weights,
    causes: &Causes<A>,
    source: Option<Source<'_, A>>,
    amount: A,
    t: usize,
) -> Spread<A> {
    let direct = |team: usize, t: usize| {
        let own = source.filter(|source| source.team == team);
        own.map_or(causes.teams[team][t], |source| source.left[t]).weight()
    };
    let teams = 0..causes.teams.len();
    let by_team: Vec<f64> = match weights {
        Weights::Asked { all, .. } => all.clone(),
        Weights::DirectCost { months } => {
            let first = (t + 1).saturating_sub((*months).max(1) as usize);
            teams.map(|team| (first..=t).map(|t| direct(team, t)).sum()).collect()
        }
        Weights::Even => teams.map(|team| if direct(team, t) > 0.0 { 1.0 } else { 0.0 }).collect(),
        Weights::Fixed(shares) => {
            let mut parts = amount.split(shares);
            let over = parts.pop().unwrap_or_default();
            return Spread { parts, over };
        }
    };
    if by_team.iter().sum::<f64>() > 0.0 {
        Spread { parts: amount.split(&by_team), over: A::default() }
    } else {
        Spread { parts: Vec::new(), over: amount }
    }
}

/// Splits the idle cost of a pool: by resource where it goes by what was asked.
fn spread_idle<A: Money>(
    weights: &Weights,
    causes: &Causes<A>,
    idle: Idle<A>,
    t: usize,
) -> Spread<A> {
    let sum = idle.resources.into_iter().fold(A::default(), A::add);
    let Weights::Asked { resources, all } = weights else {
        return spread(weights, causes, None, sum + idle.other, t);
    };
    if all.iter().sum::<f64>() <= 0.0 {
        return Spread { parts: Vec::new(), over: sum + idle.other };
    }
    let mut parts = vec![A::default(); causes.teams.len()];
    let mut add = |more: Vec<A>| {
        for (part, more) in parts.iter_mut().zip(more) {
            *part = *part + more;
        }
    };
    for (amount, by_team) in idle.resources.into_iter().zip(resources) {
        let asked = by_team.iter().sum::<f64>() > 0.0;
        add(amount.split(if asked { by_team } else { all }));
    }
    let so_far: Vec<f64> = parts.iter().map(|part| part.weight()).collect();
    let follows = if so_far.iter().sum::<f64>() > 0.0 { &so_far } else { all };
    for (part, more) in parts.iter_mut().zip(idle.other.split(follows)) {
        *part = *part + more;
    }
    Spread { parts, over: A::default() }
}

fn weights(plan: &Plan, measures: &Measures, rule: &SharedCost, t: usize) -> Weights {
    match &rule.split {
        Split::Proportional { by: ShareBy::DirectCost, over_months } => {
            Weights::DirectCost { months: *over_months }
        }
        Split::Proportional { by, over_months } => {
            let hours = measures.by_team(plan, &rule.from, *by, t, *over_months);
            let resources = [0, 1, 2, 3].map(|r| hours.iter().map(|hours| hours[r]).collect());
            Weights::Asked { resources, all: hours.iter().map(worth).collect() }
        }
        Split::Even => Weights::Even,
        Split::Fixed(stated) => {
            let mut shares = vec![0.0; plan.teams.len()];
            for (team, share) in stated {
                shares[team.index()] += share;
            }
            let left = 1.0 - shares.iter().sum::<f64>();
            shares.push(if left > 1e-9 { left } else { 0.0 });
            Weights::Fixed(shares)
        }
    }
}
