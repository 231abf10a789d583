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
