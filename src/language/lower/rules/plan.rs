//! The `plan` node: version, horizon, currency, fiscal years.

use super::codes::{BAD_FX, FISCAL_LABEL, NOT_WHOLE, UNKNOWN_VERSION};
use crate::diagnostic::Diagnostic;
use crate::language::shape::head;
use crate::language::syntax::{Node, Value};
use crate::language::values::OUT_OF_RANGE;
use crate::money::Currency;

pub(crate) fn fx_of_own_currency(fx: &Node, own: Currency) -> Diagnostic {
    Diagnostic::new(&BAD_FX, format!("{own} is the plan's own currency"))
        .at(head(fx), "it needs no rate")
        .help("remove it")
}

pub(crate) fn fx_not_in_plan_currency(rate: &Value, code: Currency, own: Currency) -> Diagnostic {
    Diagnostic::new(&BAD_FX, format!("the rate of {code} is not in {own}"))
        .at(rate.span, format!("the plan's currency is {own}"))
        .help(format!("write what one {code} costs in {own}: `fx {code} \"… {own}\"`"))
}

pub(crate) fn unknown_version(version: &Value) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_VERSION, "this version of the language is not known")
        .at(version.span, "capplan reads version 1")
        .help("write `version 1`, or use a newer capplan")
}

pub(crate) fn horizon_too_long(node: &Node, months: usize) -> Diagnostic {
    Diagnostic::new(&OUT_OF_RANGE, format!("a horizon of {months} months is too long"))
        .at(node.span, "at most 120 months, which is ten years")
        .help("plan fewer months")
}

pub(crate) fn too_many_draws(plan: &Node, count: usize) -> Diagnostic {
    let place = plan.child("draws").map_or(plan.name.span, |draws| draws.span);
    Diagnostic::new(&OUT_OF_RANGE, format!("{count} draws are too many"))
        .at(place, "at most a million")
        .help("1000 are enough for p10 to p90, 10000 for p99")
}

pub(crate) fn fiscal_label(node: &Node, month: &str) -> Diagnostic {
    Diagnostic::new(&FISCAL_LABEL, "`fiscal-year` does not say which year names it")
        .at(node.span, format!("a year that starts in {month} lies in two calendar years"))
        .help("add `label=start-year`, or `label=end-year`")
}

pub(crate) fn not_whole_months(value: &Value) -> Diagnostic {
    Diagnostic::new(&NOT_WHOLE, "this is no whole number of months")
        .at(value.span, "whole months are meant here")
        .help("write it as in `\"12 months\"` or `\"3 years\"`")
}
