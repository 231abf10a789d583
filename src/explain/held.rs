//! What the cost of something is with one assumption held where it is low, and held where it is high, while all else
//! varies: the plan for each, what of it the assumption touches, and the median read from the outcome.
//!
//! Absent: the passes. [`crate::pipeline::held`] runs them, on what is touched alone.
//!
//! # Source
//! Howard (1988), Decision analysis: practice and promise: the tornado swings one variable between its 10% and its 90%
//! quantile. It is often drawn with all others at their medians; here they vary, so that the median is one of the
//! distribution which the reports give.

use std::collections::BTreeSet;
use std::ops::Range;

use super::query::Of;
use super::sensitivity::{amounts, chances, draws_of, of_workload};
use crate::draws::{At, observed_quantile};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::pool::{CommitmentKind, PoolSupply};
use crate::plan::{Plan, Pool, Workload};

/// What an assumption reaches: nothing else differs between the plan and the plan that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Workloads whose demand follows it.
    pub demands: BTreeSet<Id<Workload>>,
    /// Pools whose need, supply or prices follow it.
    pub pools: BTreeSet<Id<Pool>>,
}

/// The plan with an assumption held low, and held high; of a chance, where it does not come true, and where it does.
#[must_use]
pub fn plans(plan: &Plan, key: &str, is_chance: bool) -> [Plan; 2] {
    let sides = if is_chance { [At::Never, At::Always] } else { [At::P10, At::P90] };
    sides.map(|at| Plan { draws: plan.draws.holding(key, at), ..plan.clone() })
}

/// What an assumption reaches, by the key of its draws.
#[must_use]
pub fn touched(plan: &Plan, key: &str) -> Touched {
    let mut touched = Touched::default();
    for (id, workload) in plan.workloads.iter() {
        let mut all = Vec::new();
        of_workload(workload, &mut all);
        if let Some(autoscale) = &workload.autoscale {
            let delays = &autoscale.delays;
            let starts = [&delays.pod_start, &delays.node_start, &delays.model_load];
            all.extend(starts.into_iter().flatten());
        }
        let events = workload.demand.iter().flat_map(|demand| &demand.events);
        if holds(all, key) || events.clone().any(|event| &*event.chance_key == key) {
            touched.demands.insert(id);
        }
    }
    // Who follows a demand is moved with it, in any number of steps.
    loop {
        let followers = plan.workloads.iter().filter(|(id, workload)| {
            let leader = workload.demand.as_ref().and_then(|demand| demand.follows.as_ref());
            !touched.demands.contains(id)
                && leader.is_some_and(|(leader, _)| touched.demands.contains(leader))
        });
        let more: Vec<_> = followers.map(|(id, _)| id).collect();
        if more.is_empty() {
            break;
        }
        touched.demands.extend(more);
    }
    for id in &touched.demands {
        let workload = &plan.workloads[*id];
        touched.pools.extend(workload.pool);
        touched.pools.extend(workload.needs.iter().map(|needs| needs.pool));
    }
    for commitment in plan.commitments.items() {
        match &commitment.kind {
            CommitmentKind::Reserved { pool, per_hour, .. } => {
                touched.pools.extend(holds([&per_hour.estimate], key).then_some(*pool));
            }
            // Pools that share spend are never known from another plan.
            CommitmentKind::Spend { .. } => {}
        }
    }
    let is_chance = chances(plan).iter().any(|(of, ..)| of == key);
    for (id, pool) in plan.pools.iter() {
        if is_chance || of_pool(plan, pool, key) {
            touched.pools.insert(id);
        }
    }
    touched
}

fn holds<'p>(all: impl IntoIterator<Item = &'p Estimate>, key: &str) -> bool {
    all.into_iter().any(|estimate| &*estimate.key == key)
}

/// Whether an assumption reaches a pool through what it is made of and what that costs.
fn of_pool(plan: &Plan, pool: &Pool, key: &str) -> bool {
    let own = pool.limit_increases.iter().map(|increase| &increase.expected_hours);
    let own = own.chain(&pool.node_failures_per_day).chain(pool.lead_time_hours.values());
    if holds(own, key) {
        return true;
    }
    match &pool.supply {
        PoolSupply::Instances(candidates) => candidates.iter().any(|candidate| {
            let instance = &plan.instances[candidate.instance];
            let prices = instance.prices.iter().flat_map(|price| {
                let of = std::iter::once(&price.per_hour.estimate);
                of.chain(price.by_risk.iter().flat_map(|all| all.iter().map(|of| &of.estimate)))
                    .chain(&price.interruption_per_day)
                    .chain(&price.availability)
            });
            holds(prices.chain(&instance.price_trend_per_month), key)
        }),
        PoolSupply::Owned(owned) => {
            let owned = &plan.owned[*owned];
            let lots = owned.lots.iter().flat_map(|lot| {
                std::iter::once(&lot.purchase_per_node.estimate).chain(&lot.slip_days)
            });
            let stated = amounts([&owned.power_price_per_kwh, &owned.hosting_per_node_month]);
            let staff = owned.staff.iter().map(|(_, cost)| &cost.estimate);
            holds(lots.chain(stated).chain(&owned.availability).chain(staff), key)
        }
        PoolSupply::Storage(_) => true,
    }
}

/// The median of the cost of something over some months; nothing where its draws are not kept.
#[must_use]
pub fn median(plan: &Plan, outcome: &Outcome, of: &Of, months: &Range<usize>) -> Option<f64> {
    let mut total = draws_of(plan, outcome, of, months)?;
    total.sort_by(f64::total_cmp);
    observed_quantile(&total, 0.5)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::calendar::{Date, parse_date};
    use crate::estimate::Dist;
    use crate::explain::sensitivity::{self, Mover};
    use crate::history::Usage;
    use crate::language;
    use crate::pipeline;

    fn day() -> Date {
        parse_date("2026-11-23").unwrap()
    }

    /// The exact swing of the total by the strongest assumptions.
    fn held(plan: &Plan, most: usize) -> Vec<Mover> {
        let usage = Usage::default();
        let (base, priced) = pipeline::run_priced(plan, &usage, day());
        let asked = (&Of::Total, &(0..plan.horizon.months));
        let mut movers = sensitivity::movers(plan, &base, asked.0, asked.1);
        movers.truncate(most);
        for mover in &mut movers {
            mover.held = pipeline::held((plan, &usage, day()), (&base, &priced), mover, asked);
            assert!(mover.held.is_some());
        }
        movers
    }

    #[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
    fn plan_of(name: &str, text: &str) -> Plan {
        let file =
            std::env::temp_dir().join(format!("capplan-held-{}-{name}.kdl", std::process::id()));
        std::fs::write(&file, text).unwrap();
        let checked = language::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(checked.plan.is_some(), "{:?}", checked.diagnostics);
        checked.plan.unwrap().base
    }

    fn acme(draws: usize) -> Plan {
        let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
        let mut plan = language::read(&path).unwrap().plan.unwrap().base;
        plan.draws = plan.draws.with_count(draws);
        plan
    }

    /// Cost is linear: 12 months of `a` tokens and of `b` tokens at a dollar for a thousand.
    #[test]
    fn a_linear_cost_swings_as_its_closed_form_does() {
        let plan = plan_of(
            "linear",
            r#"
plan "linear" { version 1; as-of "2026-11-23"; horizon from="2027-01" months=12; currency USD; draws 2000; }
team "t"
workload "a" { kind service; team "t"; demand "100 to 200 token/s"; price "1 USD/1000 token"; }
workload "b" { kind service; team "t"; demand "50 to 60 token/s"; price "1 USD/1000 token"; }
"#,
        );
        let year = 365.0 * 86_400.0 / 1000.0;
        let z = crate::estimate::Z_95;
        let (a, b) = (Dist::interval(100.0, 200.0, z), Dist::interval(50.0, 60.0, z));
        let movers = held(&plan, 2);
        assert_eq!(movers[0].key, "workload/a/demand");
        let (low, high) = movers[0].held.unwrap();
        for (found, share) in [(low, 0.1), (high, 0.9)] {
            // `a` is one number; the median of `b` lies within one of 2,000 bins.
            let exact = (a.quantile(share) + b.quantile(0.5)) * year;
            assert!((found / exact - 1.0).abs() < 2e-4, "{found} for {exact}");
        }
        // A fifth around each is near it: its median is that of `a` between p0 and p20, about its p10.
        let (low, high) = movers[0].swing;
        for (found, share) in [(low, 0.1), (high, 0.9)] {
            let exact = (a.quantile(share) + b.quantile(0.5)) * year;
            assert!((found / exact - 1.0).abs() < 0.01, "{found} for {exact}");
        }
    }

    #[test]
    fn what_is_not_touched_is_what_would_be_computed() {
        let plan = acme(4);
        let usage = Usage::default();
        let (of, months) = (Of::Total, 0..plan.horizon.months);
        for mover in held(&plan, 8) {
            let [low, high] = plans(&plan, &mover.key, mover.is_chance).map(|held| {
                let whole = pipeline::run(&held, &usage, day());
                median(&held, &whole, &of, &months).unwrap()
            });
            assert_eq!(mover.held, Some((low, high)), "{}", mover.key);
        }
    }

    #[test]
    fn held_and_estimated_agree_within_the_error_of_sampling() {
        let plan = acme(100);
        let outcome = pipeline::run(&plan, &Usage::default(), day());
        let total = draws_of(&plan, &outcome, &Of::Total, &(0..plan.horizon.months)).unwrap();
        let mean = total.iter().sum::<f64>() / 100.0;
        let sigma = (total.iter().map(|of| (of - mean) * (of - mean)).sum::<f64>() / 99.0).sqrt();
        // The median of the 20 draws in a fifth has a standard error of 1.2533 σ/√20 (Kendall and Stuart).
        let error = 1.2533 * sigma / 20_f64.sqrt();
        for mover in held(&plan, 3).into_iter().filter(|mover| !mover.is_chance) {
            let (held, swing) = (mover.held.unwrap(), mover.swing);
            for (held, swing) in [(held.0, swing.0), (held.1, swing.1)] {
                assert!((held - swing).abs() < 3.0 * error, "{}: {held} or {swing}", mover.key);
            }
        }
    }
}
