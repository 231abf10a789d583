//! Budgets and shared costs.

use super::codes::{BUDGET_PARTS, CONFLICTING_SETTINGS, SPLIT_SHARES};
use super::percent;
use crate::diagnostic::Diagnostic;
use crate::language::syntax::Node;
use crate::money::Decimal;

pub(crate) fn parts_do_not_add_up(
    amount: &Node,
    opex: Decimal,
    capex: Decimal,
    whole: Decimal,
) -> Diagnostic {
    let sum = opex.saturating_add(capex);
    Diagnostic::new(&BUDGET_PARTS, format!("`opex` and `capex` are {sum} together, not {whole}"))
        .at(amount.span, "the parts are not the whole")
        .help("change the amount or a part")
}

pub(crate) fn budget_period(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "the period is not said in one way")
        .at(node.span, "one of three ways is meant")
        .help(
            "write `period fiscal-year=2027`, `period fiscal-quarter=\"FY2027-Q1\"`, or `period \
             from=\"2027-02\" months=6`",
        )
}

pub(crate) fn split_over_100(split: &Node, sum: f64) -> Diagnostic {
    Diagnostic::new(&SPLIT_SHARES, format!("the shares are {} together", percent(sum)))
        .at(split.span, "more than there is")
        .help("take the shares down to 100%")
}

pub(crate) fn split_without_rest(split: &Node, sum: f64) -> Diagnostic {
    let left = percent(1.0 - sum);
    Diagnostic::new(&SPLIT_SHARES, format!("the shares are {} together", percent(sum)))
        .at(split.span, format!("nobody bears the other {left}"))
        .help("say who does: `rest \"platform\"`, beside `split`")
}

pub(crate) fn shared_source(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "`from` does not say one thing to spread")
        .at(node.span, "one source is meant")
        .help(
            "write `from idle pool=\"…\"`, `from workload=\"…\"`, `from team=\"…\"` or `from \
             amount=\"310k USD/month\"`",
        )
}

pub(crate) fn policy_bound(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "the requirement has no single bound")
        .at(node.span, "either a ceiling or a floor is meant")
        .help("write `at-most=\"…\"` or `at-least=\"…\"`")
}
