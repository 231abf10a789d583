//! Joins everything priced into the ledger, costs by draw, and what each team bears.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::capacity::need::VolumeUse;
use crate::cost::chargeback::{Borne, Causes, Idle, Rules};
use crate::cost::figure::Figure;
use crate::cost::ledger::{
    Category, Chargeback, CostDraws, Ledger, MonthlyDraws, Row, RuleCharge, TeamCharge,
};
use crate::cost::measures::Measures;
use crate::cost::pool_month::{Parts, Priced, add};
use crate::cost::prices::{Kept, Prices};
use crate::cost::resource_weights::ByResource;
use crate::cost::settle::{self, Promised};
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
    /// What was asked for and used.
    pub measures: Measures,
    /// Spend that discounts ask for.
    pub promised: Vec<Promised>,
}

/// Joins the priced pool-months (one for each of `pool_months`, in any order) with what is unused of
/// committed spend, the volumes billed by the unit and the stated shared amounts, and applies the rules for idle and shared cost.
///
/// # Panics
/// If there is not one priced value for each pool-month.
#[must_use]
pub fn assemble(
    plan: &Plan,
    pool_months: &[PoolMonth],
    priced: &[Priced],
    unused: &[Priced],
    volumes: &[VolumeUse],
    prices: &Prices,
) -> Costed {
    assert_eq!(pool_months.len(), priced.len(), "every pool-month is priced once");
    let volumes = volumes::price(plan, &prices.kept, volumes);
    let mut all: Vec<&Priced> = priced.iter().chain(unused).chain(&volumes).collect();
    // Sums run in the order of pools and months, whatever order they came in; volumes keep theirs.
    all.sort_by_key(|priced| (priced.asked.is_empty(), priced.pool, priced.t));

    let (settled, promised) = settle::settle(plan, &prices.kept, &all);
    all.extend(&settled);

    let stated = stated_amounts(plan);
    let ledger = ledger(plan, &all, &stated);
    let measures = Measures::of(plan, priced);
    let rules = Rules::new(plan, &measures);
    let chargeback = chargeback(plan, &prices.kept, &ledger, &rules, &stated);
    let draws = cost_draws(plan, &prices.kept, &all, &rules, &stated);
    Costed { ledger, draws, chargeback, measures, promised }
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
            list: amount,
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
    let mut by_rule = Vec::new();
    let mut so_far = vec![vec![Decimal::ZERO; months]; plan.teams.len()];
    let Borne { idle, shared } = rules.apply_each(&causes, &mut |rule, borne| {
        let given = |team: usize, t: usize| borne.idle[team][t] + borne.shared[team][t];
        let teams = so_far.iter_mut().enumerate().map(|(team, before)| {
            let parts = before.iter_mut().enumerate().map(|(t, before)| {
                let after = given(team, t);
                after - std::mem::replace(before, after)
            });
            parts.collect()
        });
        by_rule.push(RuleCharge { rule, teams: teams.collect() });
    });
    let teams = plan.teams.ids().zip(causes.teams).zip(idle.into_iter().zip(shared));
    let teams: Vec<TeamCharge> = teams
        .map(|((team, direct), (idle, shared))| TeamCharge { team, direct, idle, shared })
        .collect();
    let idle = (0..months)
        .map(|t| invoice[t] - teams.iter().map(|team| team.total(t)).sum::<Decimal>())
        .collect();
    Chargeback { teams, idle, invoice, by_rule }
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
        let borne = (0..plan.draws.count()).into_par_iter().map(|draw| {
            let at = |months: &MonthlyDraws| months.iter().map(|month| month[draw]).collect();
            rules.apply(&Causes {
                teams: self.teams.iter().map(at).collect(),
                workloads: self.workloads.iter().map(|(id, months)| (*id, at(months))).collect(),
                idle: self.idle.iter().map(|(id, months)| (*id, idle_at(months, draw))).collect(),
                stated: stated.iter().map(|(id, amount)| (*id, amount.at(draw))).collect(),
            })
        });
        let borne: Vec<Borne<f64>> = borne.collect();
        for (draw, borne) in borne.iter().enumerate() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::testing::{amount, costed, shared_cost, small, uncertain, used};
    use crate::draws::mean;
    use crate::ids::Arena;
    use crate::money::to_f64;
    use crate::plan::budget::{Basis, BudgetOwner, Phasing};
    use crate::plan::shared_cost::{ShareBy, Split};
    use crate::plan::{Budget, Workload};
    use proptest::prelude::{Just, Strategy, proptest};

    fn rules() -> Vec<SharedCost> {
        let proportional = |by, over_months| Split::Proportional { by, over_months };
        let mut idle =
            shared_cost("idle-a", SharedSource::Idle(Id::new(0)), proportional(ShareBy::Usage, 3));
        idle.cap_of_direct = Some(0.15);
        idle.rest = Some(Id::new(1));
        let mut platform = shared_cost(
            "platform",
            SharedSource::AmountPerMonth(amount("31000.10")),
            Split::Fixed(vec![(Id::new(0), 0.2), (Id::new(2), 0.45)]),
        );
        platform.cap_of_direct = Some(0.5);
        let cache = SharedSource::Workload(Id::new(1));
        let cache = shared_cost("cache", cache, proportional(ShareBy::DirectCost, 1));
        let risk = SharedSource::AmountPerMonth(uncertain("risk", 10.0, 20.0));
        vec![idle, platform, cache, shared_cost("risk", risk, Split::Even)]
    }

    fn with_rules() -> (Plan, Vec<crate::capacity::need::InstanceChoice>) {
        let (mut plan, choices) = small();
        plan.shared_costs = Arena::new(rules());
        let mut provider = plan.providers.items()[0].clone();
        provider.support_share = Some(0.07);
        plan.providers = Arena::new(vec![provider]);
        (plan, choices)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-6 * b.abs().max(1.0)
    }

    #[test]
    fn the_mean_of_the_draws_is_the_ledger() {
        let (plan, choices) = with_rules();
        let (_, costed) = costed(&plan, &choices);
        for t in 0..12 {
            let rows = || costed.ledger.rows.iter().filter(move |row| row.t == t);
            let of = |amount: fn(&Row) -> Decimal| to_f64(rows().map(amount).sum::<Decimal>());
            assert!(close(mean(&costed.draws.total[t]), of(|row| row.amortised)));
            assert!(close(mean(&costed.draws.total_cash[t]), of(|row| row.cash)));
            let categories: f64 = costed.draws.by_category.values().map(|m| mean(&m[t])).sum();
            assert!(close(categories, of(|row| row.amortised)));
            for (category, months) in &costed.draws.by_category {
                let rows = rows().filter(|row| row.category == *category);
                let rows: Decimal = rows.map(|row| row.amortised).sum();
                assert!(close(mean(&months[t]), to_f64(rows)), "{category:?}");
            }
        }
    }

    #[test]
    fn teams_and_idle_come_to_the_invoice_exactly() {
        let (plan, choices) = with_rules();
        let (_, costed) = costed(&plan, &choices);
        let chargeback = &costed.chargeback;
        for t in 0..12 {
            let rows = costed.ledger.rows.iter().filter(|row| row.t == t);
            assert_eq!(rows.map(|row| row.amortised).sum::<Decimal>(), chargeback.invoice[t]);
            let teams: Decimal = chargeback.teams.iter().map(|team| team.total(t)).sum();
            assert_eq!(teams + chargeback.idle[t], chargeback.invoice[t]);
            assert!(chargeback.idle[t] >= Decimal::ZERO);
        }
        let draws = &costed.draws;
        for (t, total) in draws.total.iter().enumerate() {
            for (draw, total) in total.iter().enumerate() {
                let teams: f64 = draws.by_team.values().map(|months| months[t][draw]).sum();
                assert!(close(teams + draws.unborne[t][draw], *total));
            }
            // Without a binding cap that only some draws meet, the means agree too.
            let mean_of = |id: Id<crate::plan::Team>| mean(&draws.by_team[&id][t]);
            for charge in &chargeback.teams {
                assert!((mean_of(charge.team) / to_f64(charge.total(t)) - 1.0).abs() < 0.01);
            }
        }
    }

    #[test]
    fn the_statement_in_cents_foots_too() {
        let (plan, choices) = with_rules();
        let (_, costed) = costed(&plan, &choices);
        let cents = crate::cost::statement::to_cents(&costed.chargeback);
        for t in 0..12 {
            let teams: Decimal = cents.teams.iter().map(|team| team.total(t)).sum();
            assert_eq!(teams + cents.idle[t], cents.invoice[t]);
            assert!((cents.invoice[t] - costed.chargeback.invoice[t]).abs() <= Decimal::new(1, 2));
        }
        let whole: Decimal = costed.chargeback.invoice.iter().sum();
        assert_eq!(cents.invoice.iter().sum::<Decimal>(), whole.round_dp(2));
    }

    #[test]
    fn pool_totals_come_to_the_ledger() {
        let (plan, choices) = with_rules();
        let (_, costed) = costed(&plan, &choices);
        for (pool, months) in &costed.draws.by_pool {
            let rows = costed.ledger.rows.iter().filter(|row| row.pool == Some(*pool));
            let rows = to_f64(rows.map(|row| row.amortised).sum());
            assert!(close(months.iter().map(|month| mean(month)).sum(), rows));
        }
    }

    #[test]
    fn who_asks_for_a_workload_or_cash_does_not_change_any_amount() {
        let (mut plan, choices) = with_rules();
        let (_, plain) = costed(&plan, &choices);
        plan.budgets = Arena::new(vec![Budget {
            name: "one".into(),
            owners: vec![BudgetOwner::Team(Id::new(0)), BudgetOwner::CostCenter("x".into())],
            first: plan.horizon.first,
            months: 12,
            period_label: "FY2027".into(),
            amount: Decimal::ONE,
            opex: None,
            capex: None,
            basis: Basis::Cash,
            confidence: 0.5,
            phasing: Phasing::Even,
            warn_at: Vec::new(),
            origin: crate::cost::testing::span(0),
        }]);
        let (_, kept) = costed(&plan, &choices);
        assert_eq!(plain.ledger.rows, kept.ledger.rows);
        assert_eq!(plain.draws.by_team, kept.draws.by_team);
        assert!(plain.draws.cash_by_team.is_empty() && kept.draws.cash_by_team.len() == 3);
        // Here nothing is paid upfront, so cash by team is what it is amortised.
        for (team, months) in &kept.draws.cash_by_team {
            for (cash, amortised) in months.iter().zip(&kept.draws.by_team[team]) {
                assert!(cash.iter().zip(amortised).all(|(a, b)| close(*a, *b)));
            }
        }
    }

    #[test]
    fn another_teams_workload_in_another_pool_changes_no_charge() {
        let (mut plan, choices) = small();
        let (months, priced) = used(&plan, &choices);
        let prices = crate::cost::prices(&plan, &choices);
        let all = assemble(&plan, &months, &priced, &[], &[], &prices);
        // Pool `b` alone: what its tenant pays is what it pays beside pool `a`.
        let b = plan.pools.find("b").unwrap();
        let keep = |pool: Option<Id<Pool>>| pool == Some(b);
        let own: Vec<Priced> = priced.iter().filter(|p| keep(p.pool)).cloned().collect();
        let own_months: Vec<PoolMonth> =
            months.iter().filter(|month| month.pool == b).cloned().collect();
        plan.shared_costs = Arena::default();
        let alone = assemble(&plan, &own_months, &own, &[], &[], &prices);
        let of = |ledger: &Ledger| -> Vec<Row> {
            ledger.rows.iter().filter(|row| keep(row.pool)).cloned().collect()
        };
        assert_eq!(of(&all.ledger), of(&alone.ledger));
    }

    #[test]
    fn a_workload_without_cost_leaves_every_row_alone() {
        let (mut plan, choices) = small();
        let (_, before) = costed(&plan, &choices);
        let mut workloads: Vec<Workload> = plan.workloads.items().to_vec();
        workloads.push(crate::cost::testing::workload("zz", Id::new(0), Id::new(0)));
        plan.workloads = Arena::new(workloads);
        let (_, after) = costed(&plan, &choices);
        assert_eq!(before.ledger.rows, after.ledger.rows);
    }

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(8))]
        #[test]
        fn the_order_of_pool_months_does_not_matter(
            order in Just((0..24).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let (plan, choices) = with_rules();
            let (months, priced) = used(&plan, &choices);
            let prices = crate::cost::prices(&plan, &choices);
            let straight = assemble(&plan, &months, &priced, &[], &[], &prices);
            let months: Vec<PoolMonth> = order.iter().map(|i| months[*i].clone()).collect();
            let priced: Vec<Priced> = order.iter().map(|i| priced[*i].clone()).collect();
            let shuffled = assemble(&plan, &months, &priced, &[], &[], &prices);
            assert_eq!(straight.ledger.rows, shuffled.ledger.rows);
            assert_eq!(straight.draws.total, shuffled.draws.total);
            assert_eq!(straight.draws.by_team, shuffled.draws.by_team);
            assert_eq!(straight.chargeback.idle, shuffled.chargeback.idle);
        }
    }
}
