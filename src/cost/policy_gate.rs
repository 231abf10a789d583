//! Policies as gates: each metric, in every month and at the policy's confidence, against its limit.

use crate::calendar::Date;
use crate::capacity::need::InstanceChoice;
use crate::cost::budget_gate::NOISE;
use crate::cost::gates::{PolicyOutcome, Sampled, Verdict};
use crate::cost::ledger::{CostDraws, MonthlyDraws};
use crate::cost::pool_month::add;
use crate::cost::price_age;
use crate::cost::wait_gate::{QuotaWaits, by_quota};
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::policy::{Bound, Metric, Requirement, Selector, matches};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Policy, Pool, Workload};
use crate::procure::supply::PoolMonth;
use crate::queues::Queues;

/// Holds every policy against the plan; in the order of their names.
#[must_use]
pub fn policies(
    plan: &Plan,
    pool_months: &[PoolMonth],
    draws: &CostDraws,
    choices: &[InstanceChoice],
    queues: &Queues,
    as_of: Date,
) -> Vec<PolicyOutcome> {
    let seen = Seen { plan, pool_months, draws, choices, queues, as_of };
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

/// Whether some policy is about what waits in queues.
#[must_use]
pub fn ask_for_queues(plan: &Plan) -> bool {
    plan.policies.items().iter().any(|policy| policy.require.metric == Metric::QueueWait)
}

/// What policies look at.
struct Seen<'a> {
    plan: &'a Plan,
    pool_months: &'a [PoolMonth],
    draws: &'a CostDraws,
    choices: &'a [InstanceChoice],
    queues: &'a Queues,
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
    held: f64,
    draws: usize,
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
            Metric::QueueWait => self.waits(require),
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
                    held: holds_in(&values, require),
                    draws: values.len(),
                };
                let fails = finding.held < require.confidence;
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
            contributor: self.contributor(require, &series[worst.series], worst.t),
            sampled: (require.metric == Metric::QueueWait && worst.draws < self.plan.draws.count())
                .then(|| Sampled::of(worst.held, worst.draws, self.plan.draws.count())),
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
        let mut prices =
            price_age::in_use(self.plan, self.pool_months, self.choices, self.as_of, |pool| {
                pools.contains(&pool)
            });
        let select = &require.select;
        let narrowed = [&select.pool, &select.workload, &select.priority, &select.environment];
        if narrowed.iter().all(|glob| glob.is_none()) && select.team.is_none() {
            prices.extend(price_age::transfers(self.plan, self.as_of));
        }
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
                let prices = if undated == 1 { "price" } else { "prices" };
                format!("{undated} more {prices} without a date")
            }),
            sampled: None,
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

    /// How long what it selects waits in queues, by quota.
    fn waits(&self, require: &Requirement) -> Result<Vec<Series>, String> {
        if self.plan.quotas.is_empty() {
            return Err("the plan has no quota, so nothing waits".into());
        }
        let found = self.quota_waits(&require.select);
        let series = found.into_iter().map(|of| Series { name: Some(of.name), months: of.months });
        let series: Vec<Series> = series.collect();
        if series.is_empty() {
            Err("nothing that it selects is sent to a quota".into())
        } else {
            Ok(series)
        }
    }

    fn quota_waits(&self, select: &Selector) -> Vec<QuotaWaits> {
        let plan = self.plan;
        let named = |pool| {
            let name = |id: Id<Pool>| plan.pools[id].name.as_str();
            select.pool.as_ref().is_none_or(|glob| matches(glob, name(pool)))
        };
        by_quota(plan, self.queues, |waited| {
            named(waited.pool) && self.selects(select, &plan.workloads[waited.workload])
        })
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
    fn contributor(&self, require: &Requirement, series: &Series, t: usize) -> Option<String> {
        match require.metric {
            Metric::QueueWait => {
                let found = self.quota_waits(&require.select);
                let of = found.iter().find(|of| series.name.as_ref() == Some(&of.name))?;
                Some(format!("`{}`", self.plan.workloads[of.longest[t]?].name))
            }
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
        sampled: None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::cost::testing::{DRAWS, costed, date, small, span};
    use crate::ids::Arena;
    use crate::plan::policy::Waiver;
    use crate::plan::price::PriceSource;

    fn policy(metric: Metric, bound: Bound, limit: f64) -> Policy {
        Policy {
            name: "p".into(),
            fails: true,
            require: Requirement {
                select: Selector::default(),
                metric,
                bound,
                limit,
                limit_text: limit.to_string(),
                over_months: None,
                confidence: 0.5,
                origin: span(0),
            },
            because: None,
            waiver: None,
            origin: span(0),
        }
    }

    /// The small plan with pool `a` short of so many nodes in April, in the last ten of forty draws.
    fn held(policy: Policy, change: impl FnOnce(&mut Plan)) -> PolicyOutcome {
        let (mut plan, choices) = small();
        plan.policies = Arena::new(vec![policy]);
        change(&mut plan);
        let (mut months, costed) = costed(&plan, &choices);
        let a = plan.pools.find("a").unwrap();
        for month in months.iter_mut().filter(|month| month.pool == a && month.t == 3) {
            month.short_peak = (0..DRAWS).map(|d| if d >= 30 { 2.0 } else { 0.0 }).collect();
            month.need_peak = vec![14.0; DRAWS];
            month.available = vec![12.0; DRAWS];
        }
        let queues = Queues::default();
        policies(&plan, &months, &costed.draws, &choices, &queues, date("2027-01-31")).remove(0)
    }

    #[test]
    fn a_shortfall_may_come_in_the_draws_that_confidence_leaves() {
        let mut require = policy(Metric::Shortfall, Bound::AtMost, 0.0);
        require.require.confidence = 0.75;
        let holds = held(require.clone(), |_| ());
        assert_eq!(holds.verdict, Verdict::Holds);
        require.require.confidence = 0.95;
        let fails = held(require.clone(), |_| ());
        assert_eq!(fails.verdict, Verdict::Fails);
        assert_eq!(fails.worst.as_deref(), Some("a"));
        assert_eq!(fails.first_failure, Some(Month::new(2027, 4)));
        assert_eq!(fails.observed, Some((0.0, 2.0)));
        let contributor = "14 nodes needed in the busiest hour at p50, 12 to be had";
        assert_eq!(fails.contributor.as_deref(), Some(contributor));
        require.require.select.pool = Some("b*".into());
        assert_eq!(held(require, |_| ()).verdict, Verdict::Holds);
    }

    #[test]
    fn a_selector_of_workloads_means_the_pools_they_run_in() {
        let mut require = policy(Metric::Shortfall, Bound::AtMost, 0.0);
        require.require.confidence = 0.95;
        require.require.select.workload = Some("x?".into());
        assert_eq!(held(require.clone(), |_| ()).verdict, Verdict::Holds);
        require.require.select.workload = None;
        require.require.select.team = Some("three".into());
        assert_eq!(held(require.clone(), |_| ()).verdict, Verdict::Fails);
        require.require.select.environment = Some("production".into());
        assert!(matches!(held(require, |_| ()).verdict, Verdict::NotEvaluated(_)));
    }

    #[test]
    fn a_waiver_holds_to_its_last_day() {
        let mut require = policy(Metric::Shortfall, Bound::AtMost, 0.0);
        require.require.confidence = 0.95;
        let waiver = |until| Some(Waiver { until: date(until), by: "ops".into(), because: None });
        require.waiver = waiver("2027-01-31");
        assert_eq!(held(require.clone(), |_| ()).verdict, Verdict::Waived);
        require.waiver = waiver("2027-01-30");
        assert_eq!(held(require, |_| ()).verdict, Verdict::Fails);
    }

    #[test]
    fn spot_share_and_utilization_are_by_pool() {
        // Pool `a` buys 300 spot hours beside 900 on demand in the first month.
        let share = held(policy(Metric::SpotShare, Bound::AtMost, 0.2), |_| ());
        assert_eq!(share.verdict, Verdict::Fails);
        assert!((share.at_confidence.unwrap() - 0.25).abs() < 1e-9);
        assert_eq!(share.first_failure, Some(Month::new(2027, 1)));
        let mut waste = policy(Metric::Utilization, Bound::AtLeast, 0.6);
        waste.require.select.pool = Some("b".into());
        // 3,000 of 500 × 8 GPU-hours is 75%; the widest draw supplies 39% more.
        let waste = held(waste, |_| ());
        assert_eq!(waste.verdict, Verdict::Holds);
        assert!((waste.observed.unwrap().0 - 0.75 / 1.195).abs() < 1e-3);
    }

    #[test]
    fn trailing_months_are_averaged_where_there_are_any() {
        let months: MonthlyDraws = vec![vec![1.0, f64::NAN], vec![2.0, f64::NAN], vec![6.0, 4.0]];
        assert_eq!(trailing(&months, 0, 3), [1.0]);
        assert_eq!(trailing(&months, 2, 3), [3.0, 4.0]);
        assert_eq!(trailing(&months, 2, 1), [6.0, 4.0]);
    }

    #[test]
    fn cost_is_known_in_all_by_team_and_by_pool() {
        let mut cost = policy(Metric::Cost, Bound::AtMost, 1.0);
        let all = held(cost.clone(), |_| ());
        assert_eq!(all.first_failure, Some(Month::new(2027, 1)));
        assert_eq!(all.contributor.as_deref(), Some("pool a costs most"));
        cost.require.select.pool = Some("b".into());
        // 500 hours × 55.04 × 1.195 in the median draw, every month.
        let pool = held(cost.clone(), |_| ());
        assert!((pool.at_confidence.unwrap() - 500.0 * 55.04 * 1.195).abs() < 1.0);
        cost.require.select.team = Some("two".into());
        assert!(matches!(held(cost.clone(), |_| ()).verdict, Verdict::NotEvaluated(_)));
        cost.require.select.pool = None;
        cost.require.metric = Metric::Cash;
        assert_eq!(held(cost, |_| ()).worst.as_deref(), Some("team two"));
    }

    #[test]
    fn the_oldest_price_in_use_decides() {
        let fresh = policy(Metric::PriceAge, Bound::AtMost, 120.0);
        assert!(matches!(held(fresh.clone(), |_| ()).verdict, Verdict::NotEvaluated(_)));
        let read = |on_demand: &'static str| {
            move |plan: &mut Plan| {
                let mut instance = plan.instances.items()[0].clone();
                instance.prices[0].source =
                    PriceSource { as_of: Some(date(on_demand)), source: None };
                plan.instances = Arena::new(vec![instance]);
            }
        };
        let holds = held(fresh.clone(), read("2026-11-01"));
        assert_eq!(holds.verdict, Verdict::Holds);
        assert_eq!(holds.observed, Some((91.0, 91.0)));
        // The spot price, which has no date, is said so.
        let contributor = "1 more price without a date";
        assert_eq!(holds.contributor.as_deref(), Some(contributor));
        let stale = held(fresh, read("2026-07-01"));
        assert_eq!(stale.verdict, Verdict::Fails);
        assert_eq!(stale.worst.as_deref(), Some("g8 on-demand"));
    }

    #[test]
    fn what_is_not_evaluated_yet_says_why() {
        for metric in [Metric::OrderSlack, Metric::CommitmentUncovered] {
            let outcome = held(policy(metric, Bound::AtMost, 1.0), |_| ());
            assert!(matches!(outcome.verdict, Verdict::NotEvaluated(_)));
            assert!(!metric.row().evaluated);
        }
    }
}
