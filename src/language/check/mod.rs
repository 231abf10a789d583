//! Cross-checks: what every node means by itself, but not together with the others.
//!
//! The lowered [`Plan`] goes in, diagnostics come out; one rule a file. The plan's names, units and
//! ranges hold already, and so does what lowering finds by itself while it reads one node (a period that
//! ends before it begins, shares that do not add up). Rules that need the plan as written (an assumption
//! that nothing uses) are not here.

mod autoscale;
mod budgets;
mod calendars;
mod commitments;
mod cycles;
mod discounts;
mod egress;
mod events;
mod figures;
mod fit;
mod floors;
mod growth;
mod latency;
mod limits;
mod lots;
mod missing_price;
mod model;
mod node_kinds;
mod odd_price;
mod peak_flops;
mod policies;
mod pool_kind;
mod price_currency;
mod probabilities;
mod purchases;
mod quotas;
mod region;
mod resources;
mod review;
mod runs;
mod shared_costs;
mod spot;
mod stale_price;
mod storage;
mod unused;
mod unused_pool;
mod utilization;

use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::language::lower::{Draft, Used};
use crate::language::names::Names;
use crate::language::report::Report;
use crate::language::scenario::Declared;
use crate::language::values::Values;
use crate::plan::{Plan, Scenario};

/// Every code of this module.
pub static CODES: &[&Code] = &[
    &autoscale::TARGET_ABOVE_CAPACITY,
    &budgets::BUDGET_OUTSIDE_HORIZON,
    &budgets::BUDGET_PARTLY_COVERED,
    &budgets::SAME_BUDGET,
    &commitments::COMMITMENT_ELSEWHERE,
    &commitments::COMMITMENT_ENDED,
    &commitments::SPEND_COVERS_NOTHING,
    &cycles::COHORT_CYCLE,
    &discounts::DISCOUNT_ENDED,
    &discounts::RATE_NOT_LOWER,
    &discounts::TYPE_OF_ANOTHER_PROVIDER,
    &egress::NO_EGRESS_PRICE,
    &events::EVENT_CLIPPED,
    &events::EVENT_OUTSIDE_HORIZON,
    &fit::REPLICA_TOO_LARGE,
    &floors::IMPOSSIBLE_FLOOR,
    &growth::CEILING_BELOW_BASE,
    &growth::FLAT_PEAK,
    &growth::GROWTH_TARGET_PAST,
    &latency::LATENCY_OUT_OF_REACH,
    &limits::IDLE_LIMIT_INCREASE,
    &limits::LIMIT_OF_NOBODY,
    &limits::START_ABOVE_LIMIT,
    &lots::DELIVERY_OVERDUE,
    &lots::NEVER_WRITTEN_OFF,
    &lots::OWNED_IN_TWO_POOLS,
    &lots::OWNED_WITHOUT_LOTS,
    &missing_price::MISSING_PRICE,
    &model::MISSING_GPU_FIGURE,
    &model::MODEL_NOT_SERVED,
    &odd_price::PRICE_NOT_LOWER,
    &odd_price::PRICE_OF_ZERO,
    &peak_flops::MISSING_PEAK,
    &policies::POLICY_DECIDES_NOTHING,
    &policies::SELECTOR_MATCHES_NOTHING,
    &policies::SELECTOR_WITHOUT_METRIC,
    &policies::WAIVER_EXPIRED,
    &pool_kind::WRONG_KIND_OF_POOL,
    &price_currency::PRICE_CURRENCY,
    &probabilities::PROBABILITIES,
    &calendars::SCENARIO_CALENDAR,
    &purchases::IMPOSSIBLE_PURCHASE,
    &quotas::BORROWING_WITHOUT_COHORT,
    &quotas::GUARANTEES_ABOVE_LIMIT,
    &quotas::LENDING_ABOVE_GUARANTEE,
    &region::UNKNOWN_REGION,
    &resources::POOL_WITHOUT_GPUS,
    &resources::UNSTATED_RESOURCE,
    &review::REVIEW_OVERDUE,
    &runs::RUNS_OVERLAP,
    &runs::RUN_NEVER_FITS,
    &runs::RUN_OUTSIDE_HORIZON,
    &shared_costs::SHARED_TWICE,
    &spot::SPOT_DOES_NOT_PAY,
    &spot::SPOT_UNUSED,
    &spot::SPOT_WITHOUT_TAKERS,
    &stale_price::STALE_PRICE,
    &storage::NO_LAST_STEP,
    &storage::RETENTION_BEFORE_TIER,
    &unused::UNUSED,
    &unused_pool::UNUSED_POOL,
    &utilization::LOW_TARGET_UTILIZATION,
];

/// Holds a plan against every rule.
///
/// What is late, stale or expired is measured from the plan's as-of day; without one those rules are
/// silent. A rule reports in the order of names.
#[must_use]
pub fn plan(plan: &Plan) -> Vec<Diagnostic> {
    const RULES: &[fn(&Plan, &mut Vec<Diagnostic>)] = &[
        pool_kind::check,
        resources::check,
        fit::check,
        latency::check,
        model::check,
        peak_flops::check,
        region::check,
        purchases::check,
        missing_price::check,
        floors::check,
        odd_price::check,
        price_currency::check,
        discounts::check,
        spot::check,
        limits::check,
        utilization::check,
        lots::check,
        commitments::check,
        storage::check,
        unused_pool::check,
        growth::check,
        events::check,
        runs::check,
        autoscale::check,
        cycles::check,
        quotas::check,
        budgets::check,
        shared_costs::check,
        policies::check,
    ];
    const DATED: &[fn(&Plan, Date, &mut Vec<Diagnostic>)] = &[
        lots::check_dates,
        discounts::check_dates,
        stale_price::check,
        review::check,
        policies::check_dates,
    ];
    let mut found = Vec::new();
    for rule in RULES {
        rule(plan, &mut found);
    }
    if let Some(as_of) = plan.as_of {
        for rule in DATED {
            rule(plan, as_of, &mut found);
        }
    }
    found
}

/// The rules on what could be read of a plan, even where other things could not.
pub fn draft(draft: &Draft, report: &mut Report) {
    egress::check(draft, report);
}

/// Every rule on scenarios together.
pub fn scenarios(scenarios: &[Declared<'_>], values: &mut Values<'_>, report: &mut Report) {
    probabilities::check(scenarios, values, report);
}

/// Every rule on a scenario beside the plan.
pub fn scenario(base: &Plan, scenario: &Scenario, report: &mut Report) {
    calendars::check(base, scenario, report);
}

/// What is declared and never used.
pub fn unused(names: &Names<'_>, used: &Used<'_>, scenarios: &[Declared<'_>], report: &mut Report) {
    unused::check(names, used, scenarios, report);
}

/// The code of an error.
const fn error(id: &'static str, title: &'static str, page: &'static str) -> Code {
    Code { id, family: Family::Model, severity: Severity::Error, title, page }
}

/// The code of a warning.
const fn warning(id: &'static str, title: &'static str, page: &'static str) -> Code {
    Code { id, family: Family::Model, severity: Severity::Warning, title, page }
}

/// The code of a note.
const fn note(id: &'static str, title: &'static str, page: &'static str) -> Code {
    Code { id, family: Family::Model, severity: Severity::Note, title, page }
}

/// The code, in the family of budgets and policies.
const fn of_policy(code: &Code) -> Code {
    Code { family: Family::Policy, ..*code }
}
