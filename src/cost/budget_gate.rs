//! Budgets as gates: the cost of whoever a budget names, against the budget phased over the months that
//! the horizon covers.
//!
//! A team's cost is what it is charged, idle and shared included; a project's or cost centre's is the
//! direct cost of its workloads. What two owners of one budget both match counts once. A budget without
//! owners covers everything. `basis list` is not told apart yet: the plan knows no list price for what
//! is reserved or owned, so it compares the amortised cost.

use std::collections::BTreeSet;

use crate::cost::gates::BudgetOutcome;
use crate::cost::ledger::{Chargeback, CostDraws, Ledger};
use crate::cost::prices::owned_workloads;
use crate::draws::{mean, quantile};
use crate::ids::Id;
use crate::money::{Decimal, quantised, split, to_f64};
use crate::plan::budget::{Basis, BudgetOwner, Phasing};
use crate::plan::{Budget, Plan, Team, Workload};

/// Figures within this share of a limit are within it: the noise of sums of floats.
pub(super) const NOISE: f64 = 1e-9;

/// Holds every budget against the cost; in the order of their names.
#[must_use]
pub fn budgets(
    plan: &Plan,
    ledger: &Ledger,
    draws: &CostDraws,
    chargeback: &Chargeback,
) -> Vec<BudgetOutcome> {
    let budgets = plan.budgets.iter();
    budgets.map(|(id, budget)| outcome(plan, ledger, draws, chargeback, id, budget)).collect()
}

fn outcome(
    plan: &Plan,
    ledger: &Ledger,
    draws: &CostDraws,
    chargeback: &Chargeback,
    id: Id<Budget>,
    budget: &Budget,
) -> BudgetOutcome {
    let phased = phased(budget);
    let months = (0..budget.months)
        .map(|k| budget.first.plus(i32::try_from(k).unwrap_or(i32::MAX)))
        .zip(phased)
        .filter_map(|(month, amount)| plan.horizon.index(month).map(|t| (t, amount)));
    let (covered, amount_by_month): (Vec<usize>, Vec<Decimal>) = months.unzip();
    let amount: Decimal = amount_by_month.iter().copied().sum();

    let scope = Scope::of(plan, budget);
    let by_month: Vec<Vec<f64>> = covered
        .iter()
        .map(|t| scope.by_draw(draws, budget.basis, *t, plan.draws.count()))
        .collect();
    let forecast_by_month: Vec<Decimal> = covered
        .iter()
        .zip(&by_month)
        .map(|(t, by_draw)| scope.mean(ledger, chargeback, budget.basis, *t, by_draw))
        .collect();

    let limit = to_f64(amount) * (1.0 + NOISE) + NOISE;
    let mut running = vec![0.0; plan.draws.count()];
    let mut first_breach = None;
    for (t, by_draw) in covered.iter().zip(&by_month) {
        super::pool_month::add(&mut running, by_draw);
        if first_breach.is_none() && within(&running, limit) < budget.confidence {
            first_breach = Some(plan.horizon.month(*t));
        }
    }
    let within = within(&running, limit);
    let p50 = quantile(&running, 0.5);
    let passed = budget.warn_at.iter().copied();
    BudgetOutcome {
        budget: id,
        amount,
        amount_by_month,
        forecast: forecast_by_month.iter().copied().sum(),
        forecast_by_month,
        quantiles: [quantile(&running, 0.1), p50, quantile(&running, 0.9)],
        at_confidence: quantile(&running, budget.confidence),
        within,
        passes: within >= budget.confidence,
        first_breach,
        warned: passed
            .filter(|share| !covered.is_empty() && p50 > share * to_f64(amount) * (1.0 + NOISE))
            .max_by(f64::total_cmp),
        covered,
    }
}

/// The budget over its months; sums to its amount.
fn phased(budget: &Budget) -> Vec<Decimal> {
    let months = (0..budget.months).map(|k| budget.first.plus(i32::try_from(k).unwrap_or(0)));
    let weights: Vec<f64> = months
        .map(|month| match budget.phasing {
            Phasing::Even => 1.0,
            Phasing::Days => f64::from(month.days()),
        })
        .collect();
    split(budget.amount, &weights, 6)
}

/// The share of draws that stay within a limit.
fn within(values: &[f64], limit: f64) -> f64 {
    values.iter().filter(|value| **value <= limit).count() as f64 / values.len() as f64
}

/// Whose cost a budget covers.
enum Scope {
    /// Everybody's, and what nobody caused.
    Everything,
    /// What these teams are charged, and what these workloads of other teams cost directly.
    Of { teams: BTreeSet<Id<Team>>, workloads: BTreeSet<Id<Workload>> },
}

impl Scope {
    fn of(plan: &Plan, budget: &Budget) -> Self {
        if budget.owners.is_empty() {
            return Self::Everything;
        }
        let covers = |id: Id<Team>| {
            budget.owners.iter().any(|owner| match owner {
                BudgetOwner::Team(team) => *team == id,
                BudgetOwner::Department(of) => plan.teams[id].department == Some(*of),
                BudgetOwner::Project(_) | BudgetOwner::CostCenter(_) => false,
            })
        };
        let teams: BTreeSet<_> = plan.teams.ids().filter(|id| covers(*id)).collect();
        let mut workloads = owned_workloads(plan, &budget.owners);
        workloads.retain(|workload| !teams.contains(&plan.workloads[*workload].team));
        Self::Of { teams, workloads }
    }

    /// The cost of a month, by draw.
    fn by_draw(&self, draws: &CostDraws, basis: Basis, t: usize, count: usize) -> Vec<f64> {
        let cash = basis == Basis::Cash;
        let (teams, workloads) = match self {
            Self::Everything => {
                return if cash { draws.total_cash[t].clone() } else { draws.total[t].clone() };
            }
            Self::Of { teams, workloads } => (teams, workloads),
        };
        let (by_team, by_workload) = if cash {
            (&draws.cash_by_team, &draws.cash_by_workload)
        } else {
            (&draws.by_team, &draws.by_workload)
        };
        let mut sum = vec![0.0; count];
        let teams = teams.iter().filter_map(|id| by_team.get(id));
        let workloads = workloads.iter().filter_map(|id| by_workload.get(id));
        for months in teams.chain(workloads) {
            super::pool_month::add(&mut sum, &months[t]);
        }
        sum
    }

    /// The mean cost of a month, from the books; a part's cash is kept by draw only, so it is their mean.
    fn mean(
        &self,
        ledger: &Ledger,
        chargeback: &Chargeback,
        basis: Basis,
        t: usize,
        by_draw: &[f64],
    ) -> Decimal {
        let rows = ledger.rows.iter().filter(|row| row.t == t);
        match (self, basis) {
            (Self::Everything, Basis::Cash) => rows.map(|row| row.cash).sum(),
            (Self::Everything, _) => rows.map(|row| row.amortised).sum(),
            (Self::Of { .. }, Basis::Cash) => quantised(mean(by_draw)),
            (Self::Of { teams, workloads }, _) => {
                let charged = chargeback.teams.iter().filter(|charge| teams.contains(&charge.team));
                let direct =
                    rows.filter(|row| row.workload.is_some_and(|w| workloads.contains(&w)));
                charged.map(|charge| charge.total(t)).sum::<Decimal>()
                    + direct.map(|row| row.amortised).sum::<Decimal>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::cost::ledger::{Category, Row, TeamCharge};
    use crate::cost::testing::{DRAWS, decimal, plan, pool, span, team, workload};
    use crate::ids::Arena;
    use crate::plan::pool::PoolSupply;
    use crate::plan::{Department, Project};

    fn budget(owners: Vec<BudgetOwner>, amount: &str) -> Budget {
        Budget {
            name: "fy".into(),
            owners,
            first: Month::new(2027, 1),
            months: 12,
            period_label: "FY2027".into(),
            amount: decimal(amount),
            opex: None,
            capex: None,
            basis: Basis::Amortised,
            confidence: 0.5,
            phasing: Phasing::Even,
            warn_at: vec![0.8, 0.95],
            origin: span(0),
        }
    }

    /// Team `t` is charged 100 a month in the mean, from 80 to 119 by draw; of it, the workload of
    /// project `p` costs 40.
    fn held(budget: Budget) -> BudgetOutcome {
        let mut plan = plan();
        plan.departments = Arena::new(vec![Department {
            name: "d".into(),
            cost_center: Some("4100".into()),
            owner: None,
            origin: span(0),
        }]);
        let mut of_department = team("t");
        of_department.department = Some(Id::new(0));
        plan.teams = Arena::new(vec![of_department]);
        plan.projects = Arena::new(vec![Project {
            name: "p".into(),
            team: Id::new(0),
            cost_center: None,
            origin: span(0),
        }]);
        plan.pools = Arena::new(vec![pool("a", PoolSupply::Instances(Vec::new()))]);
        let mut own = workload("w", Id::new(0), Id::new(0));
        own.project = Some(Id::new(0));
        plan.workloads = Arena::new(vec![own]);
        let row = |t: usize| Row {
            t,
            workload: Some(Id::new(0)),
            team: Some(Id::new(0)),
            pool: Some(Id::new(0)),
            provider: None,
            category: Category::Gpu,
            purchase: None,
            quantity: Decimal::ONE,
            unit: "GPU-hour",
            amortised: decimal("40"),
            cash: decimal("40"),
            capex: Decimal::ZERO,
            list: Decimal::ZERO,
            origin: span(0),
        };
        let ledger = Ledger { rows: (0..12).map(row).collect() };
        let by_draw: Vec<f64> = (0..DRAWS).map(|draw| 80.0 + draw as f64).collect();
        let months = |values: Vec<f64>| vec![values; 12];
        let draws = CostDraws {
            total: months(by_draw.clone()),
            total_cash: months(by_draw.clone()),
            by_team: [(Id::new(0), months(by_draw.clone()))].into(),
            by_workload: [(Id::new(0), months(vec![40.0; DRAWS]))].into(),
            ..CostDraws::default()
        };
        let charge = TeamCharge {
            team: Id::new(0),
            direct: vec![decimal("90"); 12],
            idle: vec![decimal("10"); 12],
            shared: vec![Decimal::ZERO; 12],
        };
        let chargeback = Chargeback {
            by_rule: Vec::new(),
            teams: vec![charge],
            idle: vec![Decimal::ZERO; 12],
            invoice: vec![decimal("100"); 12],
        };
        plan.budgets = Arena::new(vec![budget]);
        budgets(&plan, &ledger, &draws, &chargeback).remove(0)
    }

    #[test]
    fn a_budget_holds_in_its_share_of_draws() {
        let team = vec![BudgetOwner::Team(Id::new(0))];
        let outcome = held(budget(team.clone(), "1320"));
        // 110 a month: 31 of the 40 draws stay within it.
        assert!((outcome.within - 0.775).abs() < 1e-12);
        assert!(outcome.passes && outcome.first_breach.is_none());
        assert_eq!(outcome.forecast, decimal("1200"));
        assert_eq!(outcome.warned, Some(0.8));
        let strict = Budget { confidence: 0.8, ..budget(team, "1320") };
        let outcome = held(strict);
        assert!(!outcome.passes);
        assert_eq!(outcome.first_breach, Some(Month::new(2027, 12)));
        assert!((outcome.at_confidence - 12.0 * 111.2).abs() < 1e-9);
    }

    #[test]
    fn the_first_breach_is_when_the_running_total_passes_the_whole() {
        let outcome = held(budget(vec![BudgetOwner::Department(Id::new(0))], "500"));
        // p50 is 99.5 a month: five months are 497.5, six are 597.
        assert_eq!(outcome.first_breach, Some(Month::new(2027, 6)));
        assert_eq!(outcome.warned, Some(0.95));
    }

    #[test]
    fn a_cost_counts_once_however_many_owners_match() {
        let project = BudgetOwner::Project(Id::new(0));
        let center = BudgetOwner::CostCenter("4100".into());
        let both = held(budget(vec![project.clone(), center.clone()], "480"));
        assert_eq!(both.forecast, decimal("480"));
        assert!(both.passes);
        let with_team = vec![project, center, BudgetOwner::Team(Id::new(0))];
        assert_eq!(held(budget(with_team, "480")).forecast, decimal("1200"));
    }

    #[test]
    fn only_the_covered_months_count_against_the_phased_budget() {
        let half = Budget {
            first: Month::new(2026, 7),
            phasing: Phasing::Days,
            ..budget(vec![BudgetOwner::Team(Id::new(0))], "365")
        };
        let outcome = held(half);
        assert_eq!(outcome.covered, [0, 1, 2, 3, 4, 5]);
        assert_eq!(outcome.amount, decimal("181"));
        assert_eq!(outcome.amount_by_month[1], decimal("28"));
        assert_eq!(outcome.forecast, decimal("600"));
        let past = Budget { first: Month::new(2025, 1), ..budget(Vec::new(), "365") };
        let outcome = held(past);
        assert!(outcome.covered.is_empty() && outcome.passes && outcome.warned.is_none());
    }

    #[test]
    fn a_budget_without_owners_covers_everything() {
        let outcome = held(budget(Vec::new(), "2000"));
        assert_eq!(outcome.forecast, decimal("480"));
        assert!((outcome.quantiles[1] - 1194.0).abs() < 1e-9);
    }
}
