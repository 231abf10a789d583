//! The order of a comparison: the plan before, the plan after, and the plans between them, one cause of
//! change at a time.
//!
//! Each plan between is checked like any plan. One that is not a plan (a change that makes no sense
//! without one of a later cause) is passed over: its cause is told together with the next. A demand is
//! forecast once, and a pool supplied and priced once, for all plans in a row in which their inputs are the
//! same; a test holds that this changes no row.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::cost::Priced;
use crate::diff::{Cost, Diff, LineDiff, Lines, Side, Step, diff, lines};
use crate::forecast::demand::WorkloadDemand;
use crate::history::{Series, Usage};
use crate::ids::{Arena, Id, Named};
use crate::language::between::{Between, Cause, PoolInputs, demands, pools};
use crate::language::load::Loaded;
use crate::language::{self};
use crate::outcome::Outcome;
use crate::pipeline::KnownPools;
use crate::plan::pool::CommitmentKind;
use crate::plan::{Commitment, Plan, Pool, Workload};
use crate::procure::supply::PoolMonth;
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
    /// How far down cost is compared.
    pub grain: Grain,
}

/// How far down cost is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// By team.
    Teams,
    /// By line of every team's statement too.
    Lines,
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
    /// Lines of statements that change, where they were asked for.
    pub lines: Vec<LineDiff>,
}

/// Compares two plans.
#[must_use]
pub fn compare(given: Given<'_>) -> Compared {
    let Given { between, before: (old, old_usage), after: (new, new_usage), as_of, grain } = given;
    let mut known = Known::default();
    let before = known.run(old, old_usage, &between.before(), as_of);
    let measured_anew = measured_anew(given);
    let mut causes = between.causes();
    if !measured_anew.is_empty() && !causes.contains(&Cause::Demand) {
        causes.insert(0, Cause::Demand);
    }
    let mut steps = Vec::new();
    let mut by_line: Vec<(Vec<Cause>, Lines)> = Vec::new();
    let mut waiting = Vec::new();
    let mut step = |causes: Vec<Cause>, plan: &Plan, outcome: &Outcome| {
        let cost = Cost::of(plan, outcome);
        if grain == Grain::Lines {
            by_line.push((causes.clone(), Lines::of(plan, outcome, &cost)));
        }
        steps.push(Step { causes, cost });
    };
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
        step(std::mem::take(&mut waiting), &plan, &outcome);
    }
    let after = if causes.is_empty() {
        before.clone()
    } else {
        known.run(new, new_usage, &between.after(), as_of)
    };
    if !causes.is_empty() {
        step(waiting, new, &after);
    }
    let side = |plan, outcome| Side { plan, outcome };
    let diff = diff(Some(side(old, &before)), side(new, &after), &steps, &between.renames);
    let lines = match grain {
        Grain::Teams => Vec::new(),
        Grain::Lines => {
            let old_lines = Lines::of(old, &before, &Cost::of(old, &before));
            lines::lines(&old_lines, &by_line, &between.renames)
        }
    };
    Compared { diff, before, after, measured_anew, lines }
}

/// What a pool was computed from, and its months as they came out.
type KnownPool = (PoolInputs, Vec<Option<Series>>, Vec<(PoolMonth, Priced)>);

/// What is known of plans that were run: demands by what they were forecast from, pools by what they were
/// computed from.
#[derive(Default)]
struct Known {
    demands: BTreeMap<String, (String, Option<Series>, WorkloadDemand)>,
    pools: BTreeMap<String, KnownPool>,
    /// The names of all things that priced months refer to, in their order.
    things: Vec<String>,
}

impl Known {
    /// Runs every pass; what has the inputs of something known is not computed again.
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
        let things = things(plan);
        if things != self.things {
            // Rows refer to things by their place among all.
            self.pools.clear();
            self.things = things;
        }
        if shares_spend(plan) {
            self.pools.clear();
            return pipeline::run_from(plan, demand, as_of);
        }
        let inputs = pools(written);
        let series = |inputs: &PoolInputs| -> Vec<Option<Series>> {
            let of = |name: &String| plan.workloads.find(name).and_then(|id| usage.series.get(&id));
            inputs.workloads.iter().map(|name| of(name).cloned()).collect()
        };
        let mut known_pools = KnownPools::new();
        for (id, pool) in plan.pools.iter() {
            let (Some(inputs), Some(known)) = (inputs.get(&pool.name), self.pools.get(&pool.name))
            else {
                continue;
            };
            let now = series(inputs);
            let same = now.len() == known.1.len()
                && now.iter().zip(&known.1).all(|(a, b)| same_series(a.as_ref(), b.as_ref()));
            if *inputs == known.0 && same {
                known_pools.insert(id, known.2.clone());
            }
        }
        let (outcome, priced) = pipeline::run_knowing(plan, demand, as_of, &known_pools);
        let mut months: BTreeMap<Id<Pool>, Vec<(PoolMonth, Priced)>> = BTreeMap::new();
        for (supply, priced) in outcome.pool_months.iter().zip(priced) {
            months.entry(supply.pool).or_default().push((supply.clone(), priced));
        }
        for (id, months) in months {
            let name = &plan.pools[id].name;
            if let Some(inputs) = inputs.get(name) {
                let entry = (inputs.clone(), series(inputs), months);
                self.pools.insert(name.clone(), entry);
            }
        }
        outcome
    }
}

/// Whether spend is committed by the hour: it ties pools together, so that none is known from another plan.
fn shares_spend(plan: &Plan) -> bool {
    let spend = |one: &Commitment| matches!(one.kind, CommitmentKind::Spend { .. });
    plan.commitments.items().iter().any(spend)
}

/// The names of all things that a priced month can refer to, in their order.
fn things(plan: &Plan) -> Vec<String> {
    fn named<T: Named>(arena: &Arena<T>) -> impl Iterator<Item = String> + '_ {
        arena.items().iter().map(|item| item.name().to_owned()).chain(["/".to_owned()])
    }
    named(&plan.workloads)
        .chain(named(&plan.teams))
        .chain(named(&plan.pools))
        .chain(named(&plan.providers))
        .chain(named(&plan.storage_tiers))
        .chain(named(&plan.owned))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::load;

    const PLAN: &str = include_str!("../plans/acme/plan.kdl");

    #[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
    fn loaded(name: &str, edits: &[(&str, &str, &str)]) -> Loaded {
        assert!(PLAN.contains("include"), "the plan has files of its own");
        let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
        let into =
            std::env::temp_dir().join(format!("capplan-comparison-{}-{name}", std::process::id()));
        copy(&from, &into);
        for (file, old, new) in edits {
            let path = into.join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(old), "{file}: {old}");
            std::fs::write(&path, text.replace(old, new)).unwrap();
        }
        let loaded = load::load(&into).unwrap();
        std::fs::remove_dir_all(&into).unwrap();
        loaded
    }

    fn copy(from: &std::path::Path, into: &std::path::Path) {
        std::fs::create_dir_all(into).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            let (from, into) = (entry.path(), into.join(entry.file_name()));
            if from.is_dir() {
                if !from.ends_with("reports") {
                    copy(&from, &into);
                }
            } else {
                std::fs::copy(from, into).unwrap();
            }
        }
    }

    #[test]
    fn what_is_known_is_what_would_be_computed() {
        let edit = ("workloads/serving.kdl", "min 8; max 96;", "min 9; max 96;");
        let (before, after) = (loaded("known-a", &[]), loaded("known-b", &[edit]));
        let between = Between::new(&before, &after);
        let day = crate::calendar::parse_date("2026-11-23").unwrap();
        let plan = |loaded: Loaded| {
            let mut plan = language::check(loaded, &|_| Some(day)).plan.unwrap().base;
            plan.draws = plan.draws.with_count(50);
            plan
        };
        let (old, new) = (plan(between.before()), plan(between.after()));
        let usage = Usage::default();
        let mut known = Known::default();
        known.run(&old, &usage, &between.before(), day);
        let at_once = known.run(&new, &usage, &between.after(), day);
        let alone = pipeline::run(&new, &usage, day);
        assert_eq!(at_once.ledger.rows.len(), alone.ledger.rows.len());
        let same = |a: &crate::cost::ledger::Row, b: &crate::cost::ledger::Row| {
            (a.t, a.workload, a.team, a.pool, a.category, a.quantity, a.amortised, a.cash)
                == (b.t, b.workload, b.team, b.pool, b.category, b.quantity, b.amortised, b.cash)
        };
        assert!(at_once.ledger.rows.iter().zip(&alone.ledger.rows).all(|(a, b)| same(a, b)));
        assert_eq!(at_once.draws.total, alone.draws.total);
        // Only the pools that what changed runs in have other inputs.
        let (a, b) = (pools(&between.before()), pools(&between.after()));
        let changed: Vec<&String> = a.keys().filter(|name| a[*name] != b[*name]).collect();
        assert_eq!(changed, ["cpu-general", "serve-h100"]);
    }
}
