//! Demand, its history, its events.

use super::codes::{
    BACKWARDS, DEMAND_UNIT, DEMAND_WITHOUT_LEVEL, EMPTY_EVENT, FOLLOWS_CYCLE, HISTORY_OUTSIDE,
    HISTORY_WITHOUT_FIT, UNKNOWN_ZONE,
};
use super::{conflict, lacks};
use crate::diagnostic::Diagnostic;
use crate::language::lower::DemandUnit;
use crate::language::quantity::{Mismatch, Quantity};
use crate::language::shape::{described, head};
use crate::language::syntax::{Node, Value};
use crate::language::values::UNIT_MISMATCH;

pub(crate) fn follows_cycle(demand: &Node) -> Diagnostic {
    Diagnostic::new(&FOLLOWS_CYCLE, "these demands follow each other in a circle")
        .at(demand.span, "this one ends where it begins")
        .help("state one of them by itself")
}

pub(crate) fn follows_unit(by: &Value, other: &str) -> Diagnostic {
    Diagnostic::new(&UNIT_MISMATCH, format!("`by` is not in units for one `{other}`"))
        .at(by.span, format!("the followed demand is counted in `{other}`"))
        .help(format!("write it as in `by=\"25 req/{other}\"`"))
}

pub(crate) fn demand_unit(value: &Value, quantity: &Quantity) -> Diagnostic {
    let unit = &quantity.unit_text;
    let message = if unit.is_empty() {
        "this demand has no unit".to_owned()
    } else {
        format!("`{unit}` is nothing that a workload is asked for")
    };
    Diagnostic::new(&DEMAND_UNIT, message)
        .at(value.span, "a rate or a stock is meant")
        .help("a rate is `req/s`, `chat/day` or `TB/day`, a stock is `TiB` or `user`; declare others by `unit \"…\"`")
}

pub(crate) fn demand_without_level(demand: &Node) -> Diagnostic {
    Diagnostic::new(&DEMAND_WITHOUT_LEVEL, "this demand has no level")
        .at(demand.name.span, "nothing says how much it is")
        .help(
            "state it, as in `demand \"120 req/s\"`, or give its history from a file with a unit: `history \
             \"data/rps.csv\" column=\"rps\" unit=\"req/s\"`",
        )
}

pub(crate) fn history_outside(file: &Value) -> Diagnostic {
    Diagnostic::new(&HISTORY_OUTSIDE, "this file lies outside the plan's folder")
        .at(file.span, "a plan is one folder")
        .help("copy the history beside the plan, and write a relative path with `/`")
}

pub(crate) fn history_unit(unit: &Value, mismatch: &Mismatch, demand: &DemandUnit) -> Diagnostic {
    Diagnostic::new(&UNIT_MISMATCH, mismatch.to_string())
        .at(unit.span, format!("the demand is in `{}`", demand.text))
        .help(format!(
            "`{}` times `{}` would be `{}`",
            mismatch.found, mismatch.quotient, mismatch.wanted
        ))
}

pub(crate) fn unknown_zone(zone: &Value) -> Diagnostic {
    let name = zone.text().unwrap_or_default();
    Diagnostic::new(&UNKNOWN_ZONE, format!("unknown time zone `{name}`"))
        .at(zone.span, "no time zone has this name")
        .help("write it by its IANA name, such as `\"Europe/Berlin\"` or `\"UTC\"`")
}

pub(crate) fn history_without_fit(history: &Node, growth: &Node) -> Diagnostic {
    Diagnostic::new(&HISTORY_WITHOUT_FIT, "is the trend from the history, or from the stated growth?")
        .at(history.name.span, "this does not say what the history decides")
        .also(head(growth), "a growth is stated too")
        .help("add `fit=auto` (the growth multiplies the history's trend) or `fit=level` (the growth is the trend)")
}

pub(crate) fn logistic_pace(growth: &Node, midpoint: Option<&Node>) -> Diagnostic {
    match (midpoint, growth.child("steepness")) {
        (Some(midpoint), Some(steepness)) => conflict(
            "`growth logistic` has a midpoint and a steepness".to_owned(),
            steepness,
            midpoint,
            "keep one: through the base, the other follows",
        ),
        _ => lacks(growth, "midpoint", "midpoint \"2027-06\"")
            .help("add `midpoint \"2027-06\"`, or `steepness \"45%/month\"`"),
    }
}

pub(crate) fn event_backwards(event: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, format!("{} ends before it begins", described(event)))
        .at(event.name.span, "`until` is before `at`")
        .help("both days are included; exchange them")
}

pub(crate) fn empty_event(event: &Node) -> Diagnostic {
    Diagnostic::new(&EMPTY_EVENT, format!("{} changes nothing", described(event)))
        .at(head(event), "nothing says what happens")
        .help("add `multiply 1.25`, `add \"300 req/s\"` or `scale-capacity 0.7`")
}
