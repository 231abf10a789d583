//! What must fit together over several nodes: one rule a file, over what could be read of a plan.
//!
//! Rules see the [`Draft`], so that they judge what is there even where other things could not be read.

mod cohorts;
mod commitments;
mod egress;
mod gpus;
mod horizon;
mod owned;
mod peaks;
mod policies;
mod pools;
mod prices;
mod probabilities;
mod quotas;
mod regions;
mod review;
mod sizes;
mod steps;
mod unused;

use std::collections::HashSet;

use crate::diagnostic::Code;
use crate::language::lower::{Draft, Used};
use crate::language::names::Names;
use crate::language::report::Report;
use crate::language::scenario::Declared;
use crate::language::values::Values;
use crate::source::Span;

/// Every rule on one plan.
pub fn plan(draft: &Draft, names: &Names<'_>, poisoned: &HashSet<Span>, report: &mut Report) {
    cohorts::check(draft, report);
    commitments::check(draft, report);
    egress::check(draft, report);
    gpus::check(draft, report);
    horizon::check(draft, report);
    owned::check(draft, names, report);
    peaks::check(draft, report);
    policies::check(draft, names, report);
    pools::check(draft, report);
    prices::check(draft, names, poisoned, report);
    quotas::check(draft, report);
    regions::check(draft, names, report);
    review::check(draft, report);
    sizes::check(draft, report);
    steps::check(draft, report);
}

/// Every rule on scenarios together.
pub fn scenarios(scenarios: &[Declared<'_>], values: &mut Values<'_>, report: &mut Report) {
    probabilities::check(scenarios, values, report);
}

/// What is declared and never used.
pub fn unused(
    names: &Names<'_>,
    used: &Used<'_>,
    scenarios: &[Declared<'_>],
    report: &mut Report,
) {
    unused::check(names, used, scenarios, report);
}

/// The codes of the rules.
pub static CODES: &[&Code] = &[
    &cohorts::COHORT_CYCLE,
    &commitments::COMMITMENT_INSTANCE,
    &commitments::COMMITMENT_ENDS,
    &commitments::COMMITMENT_OVER,
    &egress::NO_EGRESS_PRICE,
    &gpus::NO_GPUS,
    &gpus::NO_PEAK,
    &horizon::EVENT_PAST_HORIZON,
    &horizon::BUDGET_OUTSIDE_HORIZON,
    &owned::OWNED_WITHOUT_LOTS,
    &peaks::FLAT_PEAK,
    &policies::SELECTS_NOTHING,
    &policies::BAD_PATTERN,
    &pools::POOL_OF_OTHER_KIND,
    &pools::START_ABOVE_LIMIT,
    &prices::NO_PRICE,
    &prices::PRICE_OF_ZERO,
    &prices::SPOT_ABOVE_ON_DEMAND,
    &prices::PRICE_CURRENCY,
    &probabilities::PROBABILITIES,
    &quotas::GUARANTEES_ABOVE_CAPACITY,
    &regions::UNKNOWN_REGION,
    &review::REVIEW_OVERDUE,
    &sizes::TOO_LARGE_FOR_A_NODE,
    &steps::PRICE_STEPS,
    &unused::UNUSED,
];
