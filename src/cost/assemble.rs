//! Joins everything priced into the ledger, costs by draw, and what each team bears.

use std::collections::BTreeMap;

use crate::capacity::need::VolumeUse;
use crate::cost::chargeback::{Borne, Causes, Idle, Measures, Rules};
use crate::cost::figure::Figure;
use crate::cost::ledger::{Category, Chargeback, CostDraws, Ledger, MonthlyDraws, Row, TeamCharge};
use crate::cost::pool_month::{Parts, Priced, add};
use crate::cost::prices::{Kept, Prices};
use crate::cost::resource_weights::ByResource;
use crate::cost::volumes;
use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::shared_cost::SharedSource;
use crate::plan::{Plan, Pool, SharedCost};
use crate::procure::supply::PoolMonth;

/// Everything that costs come to.
#[derive(Debug, Clone, Default)]
pub struct Costed {
    /// Every cost, as means.
    pub ledger: Ledger,
    /// Costs by draw.
    pub draws: CostDraws,
    /// Who bears them.
    pub chargeback: Chargeback,
}

/// Joins the priced pool-months (one for each of `pool_months`, in any order) with the volumes billed
/// by the unit and the stated shared amounts, and applies the rules for idle and shared cost.
///
/// # Panics
/// If there is not one priced value for each pool-month.
#[must_use]
pub fn assemble(
    plan: &Plan,
    pool_months: &[PoolMonth],
    priced: &[Priced],
    volumes: &[VolumeUse],
    prices: &Prices,
) -> Costed {
    assert_eq!(pool_months.len(), priced.len(), "every pool-month is priced once");
    let volumes = volumes::price(plan, &prices.kept, volumes);
    let mut all: Vec<&Priced> = priced.iter().chain(&volumes).collect();
    // Sums run in the order of pools and months, whatever order they came in; volumes keep theirs.
    all.sort_by_key(|priced| (priced.asked.is_empty(), priced.pool, priced.t));

    let stated = stated_amounts(plan);
    let ledger = ledger(plan, &all, &stated);
    let measures = Measures::of(plan, priced);
    let rules = Rules::new(plan, &measures);
    let chargeback = chargeback(plan, &prices.kept, &ledger, &rules, &stated);
    let draws = cost_draws(plan, &prices.kept, &all, &rules, &stated);
    Costed { ledger, draws, chargeback }
}

/// The amounts that rules state, a month.
fn stated_amounts(plan: &Plan) -> BTreeMap<Id<SharedCost>, Figure> {
    let stated = plan.shared_costs.iter().filter_map(|(id, rule)| match &rule.from {
        SharedSource::AmountPerMonth(amount) => Some((id, Figure::of(amount, plan.draws))),
        _ => None,
    });
    stated.collect()
}

fn ledger(plan: &Plan, all: &[&Priced], stated: &BTreeMap<Id<SharedCost>, Figure>) -> Ledger {
    let mut rows: Vec<Row> = all.iter().flat_map(|priced| priced.rows.iter().cloned()).collect();
    for (id, amount) in stated {
        let amount = amount.mean();
        rows.extend((0..plan.horizon.months).map(|t| Row {
            t,
            workload: None,
            team: None,
            pool: None,
            provider: None,
            category: Category::Shared,
            purchase: None,
            quantity: Decimal::ONE,
            unit: "month",
            amortised: amount,
            cash: amount,
            capex: Decimal::ZERO,
            origin: plan.shared_costs[*id].origin,
        }));
    }
    // What nobody caused stands last; rows that agree in all of this, in the order of the plan.
    rows.sort_by_key(|row| {
        let caused = (row.team.is_none(), row.team, row.workload.is_none(), row.workload);
        let spent = (row.pool.is_none(), row.pool, row.category, row.purchase);
        (row.t, caused, spent, row.provider, row.unit, row.origin)
    });
    Ledger { rows }
}

/// What each team bears: the rules on the ledger's own amounts.
fn chargeback(
    plan: &Plan,
    kept: &Kept,
    ledger: &Ledger,
    rules: &Rules<'_>,
    stated: &BTreeMap<Id<SharedCost>, Figure>,
) -> Chargeback {
    let months = plan.horizon.months;
    let nothing = vec![Decimal::ZERO; months];
    let mut causes = Causes {
        teams: vec![nothing.clone(); plan.teams.len()],
        workloads: kept.workloads.iter().map(|id| (*id, nothing.clone())).collect(),
        idle: kept.idle_pools.iter().map(|id| (*id, vec![Idle::default(); months])).collect(),
        stated: stated.iter().map(|(id, amount)| (*id, amount.mean())).collect(),
    };
    let mut invoice = nothing;
    for row in &ledger.rows {
        invoice[row.t] += row.amortised;
        if let Some(team) = row.team {
            causes.teams[team.index()][row.t] += row.amortised;
        }
        match row.workload {
            Some(workload) => {
                if let Some(months) = causes.workloads.get_mut(&workload) {
                    months[row.t] += row.amortised;
                }
            }
            None => {
                if let Some(months) = row.pool.and_then(|pool| causes.idle.get_mut(&pool)) {
                    match resource_place(row.category) {
                        Some(r) => months[row.t].resources[r] += row.amortised,
                        None => months[row.t].other += row.amortised,
                    }
                }
            }
        }
    }
    let Borne { idle, shared } = rules.apply(&causes);
    let teams = plan.teams.ids().zip(causes.teams).zip(idle.into_iter().zip(shared));
    let teams: Vec<TeamCharge> = teams
        .map(|((team, direct), (idle, shared))| TeamCharge { team, direct, idle, shared })
        .collect();
    let idle = (0..months)
        .map(|t| invoice[t] - teams.iter().map(|team| team.total(t)).sum::<Decimal>())
        .collect();
    Chargeback { teams, idle, invoice }
}

/// The place of a category in what a node offers.
fn resource_place(category: Category) -> Option<usize> {
    use crate::capacity::need::Resource;
    let of = |resource: &Resource| super::pool_month::category(*resource) == category;
    Resource::ALL.iter().position(of)
}

fn cost_draws(
    plan: &Plan,
    kept: &Kept,
    all: &[&Priced],
    rules: &Rules<'_>,
    stated: &BTreeMap<Id<SharedCost>, Figure>,
) -> CostDraws {
    let nothing = || vec![vec![0.0; plan.draws.count()]; plan.horizon.months];
    let mut draws = CostDraws { total: nothing(), total_cash: nothing(), ..CostDraws::default() };
    let mut scaled = vec![0.0; plan.draws.count()];
    for priced in all {
        let (t, total) = (priced.t, &priced.amortised.total);
        add(&mut draws.total[t], total);
        add(&mut draws.total_cash[t], &priced.cash.total);
        if let Some(pool) = priced.pool {
            add(&mut draws.by_pool.entry(pool).or_insert_with(nothing)[t], total);
            if !priced.utilization.is_empty() {
                let months = draws.utilization.entry(pool).or_insert_with(|| {
                    vec![vec![f64::NAN; plan.draws.count()]; plan.horizon.months]
                });
                months[t].clone_from(&priced.utilization);
            }
        }
        for (category, share) in priced.categories.iter().filter(|(_, share)| *share > 0.0) {
            for (scaled, total) in scaled.iter_mut().zip(total) {
                *scaled = total * share;
            }
            add(&mut draws.by_category.entry(*category).or_insert_with(nothing)[t], &scaled);
        }
    }
    for amount in stated.values() {
        let amount = amount.values(plan.draws.count());
        let shared = draws.by_category.entry(Category::Shared).or_insert_with(nothing);
        for month in draws.total.iter_mut().chain(&mut draws.total_cash).chain(shared) {
            add(month, &amount);
        }
    }

    let amortised = Basis::of(plan, kept, all, |priced| &priced.amortised);
    let (by_team, unborne) = amortised.charged(plan, rules, stated, &draws.total);
    draws.by_team = plan.teams.ids().zip(by_team).collect();
    draws.unborne = unborne;
    draws.by_workload = amortised.workloads;
    if kept.cash_by_owner {
        let cash = Basis::of(plan, kept, all, |priced| &priced.cash);
        let (by_team, _) = cash.charged(plan, rules, stated, &draws.total_cash);
        draws.cash_by_team = plan.teams.ids().zip(by_team).collect();
        draws.cash_by_workload = cash.workloads;
    }
    draws
}

/// Direct and idle cost by draw, on one basis.
struct Basis {
    teams: Vec<MonthlyDraws>,
    workloads: BTreeMap<Id<crate::plan::Workload>, MonthlyDraws>,
    idle: BTreeMap<Id<Pool>, Vec<ByResource<Vec<f64>>>>,
}

impl Basis {
    fn of(plan: &Plan, kept: &Kept, all: &[&Priced], view: fn(&Priced) -> &Parts) -> Self {
        let draws = plan.draws.count();
        let nothing = vec![vec![0.0; draws]; plan.horizon.months];
        let no_idle = || vec![[0, 1, 2, 3].map(|_| vec![0.0; draws]); plan.horizon.months];
        let mut basis = Self {
            teams: vec![nothing.clone(); plan.teams.len()],
            workloads: kept.workloads.iter().map(|id| (*id, nothing.clone())).collect(),
            idle: kept.idle_pools.iter().map(|id| (*id, no_idle())).collect(),
        };
        for priced in all {
            let parts = view(priced);
            for (team, values) in &parts.teams {
                add(&mut basis.teams[team.index()][priced.t], values);
            }
            for (workload, values) in &parts.workloads {
                if let Some(months) = basis.workloads.get_mut(workload) {
                    add(&mut months[priced.t], values);
                }
            }
            let months = priced.pool.and_then(|pool| basis.idle.get_mut(&pool));
            if let (Some(idle), Some(months)) = (&parts.idle, months) {
                months[priced.t].clone_from(idle);
            }
        }
        basis
    }

    /// Applies the rules draw by draw. Measures of use and allocation are the same in every draw (the
    /// means); direct cost and caps are the draw's own.
    fn charged(
        &self,
        plan: &Plan,
        rules: &Rules<'_>,
        stated: &BTreeMap<Id<SharedCost>, Figure>,
        total: &MonthlyDraws,
    ) -> (Vec<MonthlyDraws>, MonthlyDraws) {
        let mut charged = self.teams.clone();
        let mut unborne = total.clone();
        for draw in 0..plan.draws.count() {
            let at = |months: &MonthlyDraws| months.iter().map(|month| month[draw]).collect();
            let causes = Causes {
                teams: self.teams.iter().map(at).collect(),
                workloads: self.workloads.iter().map(|(id, months)| (*id, at(months))).collect(),
                idle: self.idle.iter().map(|(id, months)| (*id, idle_at(months, draw))).collect(),
                stated: stated.iter().map(|(id, amount)| (*id, amount.at(draw))).collect(),
            };
            let borne = rules.apply(&causes);
            for (team, months) in charged.iter_mut().enumerate() {
                for (t, month) in months.iter_mut().enumerate() {
                    month[draw] += borne.idle[team][t] + borne.shared[team][t];
                    unborne[t][draw] -= month[draw];
                }
            }
        }
        (charged, unborne)
    }
}

fn idle_at(months: &[ByResource<Vec<f64>>], draw: usize) -> Vec<Idle<f64>> {
    let month = |by_resource: &ByResource<Vec<f64>>| Idle {
        resources: [0, 1, 2, 3].map(|r| by_resource[r][draw]),
        other: 0.0,
    };
    months.iter().map(month).collect()
}
