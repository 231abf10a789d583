//! The order of a comparison: the plan before, the plan after, and the plans between them, one cause of
//! change at a time.
//!
//! Each plan between is checked like any plan. One that is not a plan (a change that makes no sense
//! without one of a later cause) is passed over: its cause is told together with the next. A demand is
//! forecast once for all plans in which its inputs are the same.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::diff::{Cost, Diff, Side, Step, diff};
use crate::forecast::demand::WorkloadDemand;
use crate::history::{Series, Usage};
use crate::ids::Id;
use crate::language::between::{Between, Cause, demands};
use crate::language::load::Loaded;
use crate::language::{self};
use crate::outcome::Outcome;
use crate::plan::{Plan, Workload};
use crate::{forecast, pipeline};

/// What a comparison begins with. Both plans have the names of the plan before.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The plans as written.
    pub between: &'a Between,
    /// The plan before, with its history.
    pub before: (&'a Plan, &'a Usage),
    /// The plan after, with its history.
    pub after: (&'a Plan, &'a Usage),
    /// The day both are looked at from.
    pub as_of: Date,
}

/// What a comparison comes to.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What the change costs.
    pub diff: Diff,
    /// The outcome before.
    pub before: Outcome,
    /// The outcome after.
    pub after: Outcome,
    /// Workloads whose demand is written as it was, and whose measured history is another.
    pub measured_anew: Vec<String>,
}

/// Compares two plans.
#[must_use]
pub fn compare(given: Given<'_>) -> Compared {
    let Given { between, before: (old, old_usage), after: (new, new_usage), as_of } = given;
    let mut known = Known::default();
    let before = known.run(old, old_usage, &between.before(), as_of);
    let measured_anew = measured_anew(given);
    let mut causes = between.causes();
    if !measured_anew.is_empty() && !causes.contains(&Cause::Demand) {
        causes.insert(0, Cause::Demand);
    }
    let mut steps = Vec::new();
    let mut waiting = Vec::new();
    for (index, cause) in causes.iter().enumerate() {
        waiting.push(*cause);
        if index + 1 == causes.len() {
            break;
        }
        let loaded = between.with(&causes[..=index]);
        let checked = language::check(loaded.clone(), &|_| Some(as_of));
        let Some(mut plan) = checked.plan.map(|plan| plan.base) else { continue };
        plan.draws = new.draws;
        let usage = usage_of(&plan, given);
        let outcome = known.run(&plan, &usage, &loaded, as_of);
        steps.push(Step { causes: std::mem::take(&mut waiting), cost: Cost::of(&plan, &outcome) });
    }
    let after = if causes.is_empty() {
        before.clone()
    } else {
        known.run(new, new_usage, &between.after(), as_of)
    };
    if !causes.is_empty() {
        steps.push(Step { causes: waiting, cost: Cost::of(new, &after) });
    }
    let side = |plan, outcome| Side { plan, outcome };
    let diff = diff(Some(side(old, &before)), side(new, &after), &steps, &between.renames);
    Compared { diff, before, after, measured_anew }
}

/// Demands that are known, by what they were forecast from.
#[derive(Default)]
struct Known {
    demands: BTreeMap<String, (String, Option<Series>, WorkloadDemand)>,
}

impl Known {
    /// Runs every pass; demands whose inputs are known are not forecast again.
    fn run(&mut self, plan: &Plan, usage: &Usage, written: &Loaded, as_of: Date) -> Outcome {
        let inputs = demands(written);
        let is_known = |id: Id<Workload>| {
            let name = &plan.workloads[id].name;
            let (input, series, demand) = self.demands.get(name)?;
            let same = inputs.get(name) == Some(input)
                && same_series(series.as_ref(), usage.series.get(&id));
            same.then(|| demand.clone())
        };
        let demand = forecast::forecast_new(plan, usage, &is_known);
        let of_each = plan.workloads.iter().zip(&demand.workloads);
        for ((id, workload), demand) in of_each {
            if let (Some(demand), Some(input)) = (demand, inputs.get(&workload.name)) {
                let series = usage.series.get(&id).cloned();
                let entry = (input.clone(), series, demand.clone());
                self.demands.insert(workload.name.clone(), entry);
            }
        }
        pipeline::run_from(plan, demand, as_of)
    }
}

/// The history of a plan between: that of the plan after, or of what only the plan before has.
fn usage_of(plan: &Plan, given: Given<'_>) -> Usage {
    let mut usage = Usage::default();
    for (id, workload) in plan.workloads.iter() {
        let of = |(plan, usage): (&Plan, &Usage)| {
            plan.workloads.find(&workload.name).and_then(|id| usage.series.get(&id).cloned())
        };
        let is_after = given.after.0.workloads.find(&workload.name).is_some();
        let series = if is_after { of(given.after) } else { of(given.before) };
        usage.series.extend(series.map(|series| (id, series)));
    }
    usage
}

/// Workloads of both plans whose history is another.
fn measured_anew(given: Given<'_>) -> Vec<String> {
    let (old, old_usage) = given.before;
    let (new, new_usage) = given.after;
    let both = new.workloads.iter().filter_map(|(id, workload)| {
        Some((workload, old_usage.series.get(&old.workloads.find(&workload.name)?)?, id))
    });
    both.filter_map(|(workload, old, id)| {
        let new = new_usage.series.get(&id)?;
        (!same_series(Some(old), Some(new))).then(|| workload.name.clone())
    })
    .collect()
}

/// Whether two histories are equal to the bit; what was not measured is equal too.
fn same_series(one: Option<&Series>, other: Option<&Series>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            (one.start, one.start_hour, one.step) == (other.start, other.start_hour, other.step)
                && one.values.len() == other.values.len()
                && one.values.iter().zip(&other.values).all(|(a, b)| a.to_bits() == b.to_bits())
        }
        _ => false,
    }
}
