//! Policies as gates: each metric, in every month and at the policy's confidence, against its limit.

use globset::Glob;

use crate::calendar::Date;
use crate::capacity::need::InstanceChoice;
use crate::cost::budget_gate::NOISE;
use crate::cost::gates::{PolicyOutcome, Verdict};
use crate::cost::ledger::{CostDraws, MonthlyDraws};
use crate::cost::pool_month::add;
use crate::cost::price_age;
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::policy::{Bound, Metric, Requirement, Selector};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Policy, Pool, Workload};
use crate::procure::supply::PoolMonth;

/// Holds every policy against the plan; in the order of their names.
#[must_use]
pub fn policies(
    plan: &Plan,
    pool_months: &[PoolMonth],
    draws: &CostDraws,
    choices: &[InstanceChoice],
    as_of: Date,
) -> Vec<PolicyOutcome> {
    let seen = Seen { plan, pool_months, draws, choices, as_of };
    plan.policies
        .iter()
        .map(|(id, policy)| {
            let mut outcome = seen.outcome(id, policy);
            let waived = policy.waiver.as_ref().is_some_and(|waiver| as_of <= waiver.until);
            if outcome.verdict == Verdict::Fails && waived {
                outcome.verdict = Verdict::Waived;
            }
            outcome
        })
        .collect()
}

/// What policies look at.
struct Seen<'a> {
    plan: &'a Plan,
    pool_months: &'a [PoolMonth],
    draws: &'a CostDraws,
    choices: &'a [InstanceChoice],
    as_of: Date,
}

/// A metric of one thing: by month, one value a draw; a draw without a value is not a number, a month
/// without any has none.
struct Series {
    name: Option<String>,
    months: MonthlyDraws,
}

/// What was found in the month and thing that is worst.
struct Finding {
    name: Option<String>,
    series: usize,
    t: usize,
    observed: (f64, f64),
    at_confidence: f64,
}

impl Seen<'_> {
    fn outcome(&self, id: Id<Policy>, policy: &Policy) -> PolicyOutcome {
        let require = &policy.require;
        let series = match require.metric {
            Metric::Shortfall | Metric::Utilization | Metric::SpotShare => self.by_pool(require),
            Metric::Cash | Metric::Cost => self.money(require),
            Metric::PriceAge => return self.price_age(id, require),
            Metric::CommitmentUncovered => {
                Err("commitments are not yet renewed or compared".into())
            }
            Metric::OrderSlack => Err("orders are not planned yet".into()),
            Metric::QueueWait => Err("queues are not simulated yet".into()),
        };
        match series {
            Ok(series) => self.judge(id, require, &series),
            Err(why) => not_evaluated(id, why),
        }
    }

    fn judge(&self, id: Id<Policy>, require: &Requirement, series: &[Series]) -> PolicyOutcome {
        let mut worst: Option<Finding> = None;
        let mut first_failure = None;
        for (index, one) in series.iter().enumerate() {
            for t in 0..one.months.len() {
                let values = trailing(&one.months, t, require.over_months.unwrap_or(1));
                if values.is_empty() {
                    continue;
                }
                let (tail, side) = match require.bound {
                    Bound::AtMost => (0.95, require.confidence),
                    Bound::AtLeast => (0.05, 1.0 - require.confidence),
                };
                let finding = Finding {
                    name: one.name.clone(),
                    series: index,
                    t,
                    observed: (quantile(&values, 0.5), quantile(&values, tail)),
                    at_confidence: quantile(&values, side),
                };
                let fails = holds_in(&values, require) < require.confidence;
                if fails && first_failure.is_none_or(|first| t < first) {
                    first_failure = Some(t);
                }
                if worst.as_ref().is_none_or(|worst| is_worse(require.bound, &finding, worst)) {
                    worst = Some(finding);
                }
            }
        }
        let Some(worst) = worst else {
            return not_evaluated(id, "nothing is supplied in what it selects".into());
        };
        PolicyOutcome {
            policy: id,
            verdict: if first_failure.is_some() { Verdict::Fails } else { Verdict::Holds },
            observed: Some(worst.observed),
            at_confidence: Some(worst.at_confidence),
            first_failure: first_failure.map(|t| self.plan.horizon.month(t)),
            contributor: self.contributor(require.metric, &series[worst.series], worst.t),
            worst: worst.name,
        }
    }

    /// The metric of every selected pool.
    fn by_pool(&self, require: &Requirement) -> Result<Vec<Series>, String> {
        let pools = self.pools(&require.select);
        let series = pools.into_iter().map(|pool| {
            let mut months = vec![Vec::new(); self.plan.horizon.months];
            for month in self.pool_months.iter().filter(|month| month.pool == pool) {
                months[month.t] = match require.metric {
                    Metric::Shortfall => month.short_peak.clone(),
                    Metric::SpotShare => spot_share(month),
                    _ => self
                        .draws
                        .utilization
                        .get(&pool)
                        .map_or_else(Vec::new, |months| months[month.t].clone()),
                };
            }
            Series { name: Some(self.plan.pools[pool].name.clone()), months }
        });
        let series: Vec<Series> =
            series.filter(|series| series.months.iter().any(|month| !month.is_empty())).collect();
        if series.is_empty() { Err("no pool of nodes matches it".into()) } else { Ok(series) }
    }

    /// Cost or cash of everything, of teams, or (cost) of pools.
    fn money(&self, require: &Requirement) -> Result<Vec<Series>, String> {
        let select = &require.select;
        let cash = require.metric == Metric::Cash;
        if select.workload.is_some() || select.priority.is_some() || select.environment.is_some() {
            return Err(format!(
                "{} is known in all, by team and by pool only",
                require.metric.row().word
            ));
        }
        let plan = self.plan;
        let (name, parts): (_, Vec<&MonthlyDraws>) = match (&select.team, &select.pool) {
            (None, None) => {
                let all = if cash { &self.draws.total_cash } else { &self.draws.total };
                return Ok(vec![Series { name: None, months: all.clone() }]);
            }
            (Some(team), None) => {
                let by = if cash { &self.draws.cash_by_team } else { &self.draws.by_team };
                let ids = plan.teams.iter().filter(|(_, one)| matches(team, &one.name));
                (format!("team {team}"), ids.filter_map(|(id, _)| by.get(&id)).collect())
            }
            (None, Some(pool)) if !cash => {
                let ids = plan.pools.iter().filter(|(_, one)| matches(pool, &one.name));
                let by = &self.draws.by_pool;
                (format!("pool {pool}"), ids.filter_map(|(id, _)| by.get(&id)).collect())
            }
            (None, Some(_)) => return Err("cash is known in all and by team only".into()),
            (Some(_), Some(_)) => return Err("cost of a team in a pool is not kept by draw".into()),
        };
        if parts.is_empty() {
            return Err("nothing matches it".into());
        }
        let mut months = vec![vec![0.0; plan.draws.count()]; plan.horizon.months];
        for part in parts {
            for (sum, month) in months.iter_mut().zip(part) {
                add(sum, month);
            }
        }
        Ok(vec![Series { name: Some(name), months }])
    }

    fn price_age(&self, id: Id<Policy>, require: &Requirement) -> PolicyOutcome {
        let pools = self.pools(&require.select);
        let prices =
            price_age::in_use(self.plan, self.pool_months, self.choices, self.as_of, |pool| {
                pools.contains(&pool)
            });
        let undated = prices.iter().filter(|price| price.age_days.is_none()).count();
        let dated = prices.iter().filter_map(|price| Some((price, f64::from(price.age_days?))));
        let worst = match require.bound {
            Bound::AtMost => dated.max_by(|a, b| a.1.total_cmp(&b.1)),
            Bound::AtLeast => dated.min_by(|a, b| a.1.total_cmp(&b.1)),
        };
        let Some((worst, age)) = worst else {
            return not_evaluated(id, "no price in use says when it was read".into());
        };
        let holds = holds_in(&[age], require) > 0.0;
        PolicyOutcome {
            policy: id,
            verdict: if holds { Verdict::Holds } else { Verdict::Fails },
            worst: Some(worst.what.clone()),
            observed: Some((age, age)),
            at_confidence: Some(age),
            first_failure: None,
            contributor: (undated > 0).then(|| {
                let prices = if undated == 1 { "price does" } else { "prices do" };
                format!("{undated} more {prices} not say when they were read")
            }),
        }
    }

    /// The pools that a selector means: by their own name, or because a workload that it selects runs there.
    fn pools(&self, select: &Selector) -> Vec<Id<Pool>> {
        let plan = self.plan;
        let by_workload = [&select.workload, &select.priority, &select.environment, &select.team];
        let by_workload = by_workload.iter().any(|pattern| pattern.is_some());
        let used = |pool: Id<Pool>| {
            plan.workloads.items().iter().any(|workload| {
                let runs = workload.pool == Some(pool)
                    || workload.needs.iter().any(|needs| needs.pool == pool);
                runs && self.selects(select, workload)
            })
        };
        let named = |name: &str| select.pool.as_ref().is_none_or(|glob| matches(glob, name));
        let pools = plan.pools.iter().filter(|(_, pool)| named(&pool.name));
        pools.map(|(id, _)| id).filter(|id| !by_workload || used(*id)).collect()
    }

    fn selects(&self, select: &Selector, workload: &Workload) -> bool {
        let plan = self.plan;
        let priority = workload.priority.map(|id| plan.priorities[id].name.as_str());
        let environment = workload.environment.map(|id| plan.environments[id].name.as_str());
        let asks = [
            (&select.workload, Some(workload.name.as_str())),
            (&select.priority, priority),
            (&select.environment, environment),
            (&select.team, Some(plan.teams[workload.team].name.as_str())),
        ];
        asks.iter().all(|(glob, name)| {
            glob.as_ref().is_none_or(|glob| name.is_some_and(|name| matches(glob, name)))
        })
    }

    /// What makes up most of the metric in a month.
    fn contributor(&self, metric: Metric, series: &Series, t: usize) -> Option<String> {
        match metric {
            Metric::Shortfall => {
                let name = series.name.as_deref()?;
                let pool = self.plan.pools.find(name)?;
                let month = self.pool_months.iter().find(|m| m.pool == pool && m.t == t)?;
                let need = quantile(&month.need_peak, 0.5);
                let have = quantile(&month.available, 0.5);
                have.is_finite().then(|| {
                    format!(
                        "{need:.0} nodes needed in the busiest hour at p50, {have:.0} to be had"
                    )
                })
            }
            Metric::Cost if series.name.is_none() => {
                let mean = |months: &MonthlyDraws| crate::draws::mean(&months[t]);
                let by_pool = self.draws.by_pool.iter();
                let largest = by_pool.max_by(|a, b| mean(a.1).total_cmp(&mean(b.1)))?.0;
                Some(format!("pool {} costs most", self.plan.pools[*largest].name))
            }
            _ => None,
        }
    }
}

fn not_evaluated(policy: Id<Policy>, why: String) -> PolicyOutcome {
    PolicyOutcome {
        policy,
        verdict: Verdict::NotEvaluated(why),
        worst: None,
        observed: None,
        at_confidence: None,
        first_failure: None,
        contributor: None,
    }
}

/// Whether a pattern matches a name; a pattern that is no glob matches itself.
fn matches(pattern: &str, name: &str) -> bool {
    Glob::new(pattern)
        .map_or_else(|_| pattern == name, |glob| glob.compile_matcher().is_match(name))
}

fn spot_share(month: &PoolMonth) -> Vec<f64> {
    let all = |draw: usize| month.node_hours.values().map(|hours| hours[draw]).sum::<f64>();
    let spot = month.node_hours.get(&Purchase::Spot);
    (0..month.need_mean.len())
        .map(|draw| spot.map_or(0.0, |hours| hours[draw]) / all(draw))
        .collect()
}

/// The mean over trailing months, draw by draw; draws without any value are left out.
fn trailing(months: &MonthlyDraws, t: usize, over: u32) -> Vec<f64> {
    let first = (t + 1).saturating_sub(over.max(1) as usize);
    let values = (0..months[t].len()).map(|draw| {
        let window = months[first..=t].iter().filter_map(|month| month.get(draw));
        let known: Vec<f64> = window.copied().filter(|value| !value.is_nan()).collect();
        known.iter().sum::<f64>() / known.len() as f64
    });
    values.filter(|value| !value.is_nan()).collect()
}

/// The share of draws in which the requirement holds.
fn holds_in(values: &[f64], require: &Requirement) -> f64 {
    let noise = NOISE * require.limit.abs() + NOISE;
    let holds = values.iter().filter(|value| match require.bound {
        Bound::AtMost => **value <= require.limit + noise,
        Bound::AtLeast => **value >= require.limit - noise,
    });
    holds.count() as f64 / values.len() as f64
}

fn is_worse(bound: Bound, a: &Finding, b: &Finding) -> bool {
    match bound {
        Bound::AtMost => a.at_confidence > b.at_confidence,
        Bound::AtLeast => a.at_confidence < b.at_confidence,
    }
}
