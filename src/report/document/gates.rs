//! Gates: what must hold, and whether it does.

use super::{Align, Block, Cell, RowKind, Section, Table, Tone, cell, plain};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetOutcomeView, BudgetView, PolicyOutcomeView, PolicyVerdict};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.policies.is_empty() && view.budgets.is_empty() {
        return None;
    }
    Some(Section {
        id: "gates",
        heading: "Gates".to_owned(),
        blocks: vec![Block::prose(prose::render("gates", &())), Block::table(table(view, format))],
    })
}

pub(super) fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!("Amounts in {}; failures first", format.words());
    let mut table = Table::new("gate-table", "Budgets and policies", caption)
        .columns(Align::Text, &["Gate", "Verdict"])
        .columns(Align::Wrapped, &["Requires", "Observed"])
        .columns(Align::Text, &["First failing"])
        .columns(Align::Wrapped, &["What contributes", "Why it is a gate"]);
    let budgets = view.budgets.iter().map(|budget| (!budget.passes, budget_row(budget, format)));
    let policies = view
        .policies
        .iter()
        .map(|policy| (policy.verdict == PolicyVerdict::Fails, policy_row(policy, view, format)));
    let mut rows: Vec<(bool, Vec<Cell>)> = budgets.chain(policies).collect();
    rows.sort_by_key(|(fails, _)| !*fails);
    for (_, row) in rows {
        table.push(RowKind::Body, row);
    }
    table
}

fn verdict(word: &str, tone: Option<Tone>) -> Cell {
    let mark = match tone {
        Some(Tone::Bad) => "✗ ",
        Some(Tone::Warn) => "! ",
        Some(Tone::Good) => "✓ ",
        None => "",
    };
    Cell { tone, ..cell(format!("{mark}{word}")) }
}

fn budget_row(budget: &BudgetOutcomeView, format: MoneyFormat) -> Vec<Cell> {
    let confidence = format::stated_percent(budget.confidence);
    let word = match (budget.passes, budget.warned) {
        (false, _) => verdict("fails", Some(Tone::Bad)),
        (true, Some(_)) => verdict("warns", Some(Tone::Warn)),
        (true, None) => verdict("holds", Some(Tone::Good)),
    };
    let month = budget.first_breach.filter(|_| !budget.passes);
    vec![
        cell(format!("budget {}", format::plain(&budget.name))),
        word,
        cell(format!("at most {} in {confidence} of draws", format.cell(budget.amount))),
        cell(format!(
            "{} at {confidence}, p10–p90 {} to {}",
            format.cell(budget.at_confidence),
            format.cell(budget.quantiles[0]),
            format.cell(budget.quantiles[2])
        )),
        cell(month.map_or_else(|| format::NONE.to_owned(), format::month)),
        cell(format::NONE),
        cell(format::NONE),
    ]
}

fn policy_row(policy: &PolicyOutcomeView, view: &BudgetView, format: MoneyFormat) -> Vec<Cell> {
    let word = match &policy.verdict {
        PolicyVerdict::Holds => verdict("holds", Some(Tone::Good)),
        PolicyVerdict::Fails if policy.gates => verdict("fails", Some(Tone::Bad)),
        PolicyVerdict::Fails => verdict("warns", Some(Tone::Warn)),
        PolicyVerdict::Waived => verdict("waived", Some(Tone::Warn)),
        PolicyVerdict::NotEvaluated(_) => verdict("not evaluated", None),
    };
    let contributor = policy.contributor.as_deref().map(format::plain);
    let waiver = policy.waiver.as_ref().map(|(until, by)| {
        let (day, by) = (format::day(*until), format::plain(by));
        if until.0 < view.provenance.as_of {
            format!("the waiver by {by} ended on {day}")
        } else {
            format!("waived until {day} by {by}")
        }
    });
    let because = policy.because.as_deref().map(format::plain);
    let why: Vec<String> = because.into_iter().chain(waiver).collect();
    vec![
        cell(format!("policy {}", format::plain(&policy.name))),
        word,
        cell(requirement(policy, format)),
        cell(observed(policy, format)),
        cell(policy.first_failure.map_or_else(|| format::NONE.to_owned(), format::month)),
        contributor.map_or_else(|| cell(format::NONE), cell),
        if why.is_empty() { cell(format::NONE) } else { plain(&why.join("; ")) },
    ]
}

fn requirement(policy: &PolicyOutcomeView, format: MoneyFormat) -> String {
    let bound = if policy.at_most { "at most" } else { "at least" };
    let over =
        policy.over_months.map_or_else(String::new, |months| format!(" over {months} months"));
    let select: Vec<String> = policy.select.iter().map(|word| format::plain(word)).collect();
    let of = if select.is_empty() { String::new() } else { format!(" of {}", select.join(", ")) };
    // Money and nodes read like what is observed beside them.
    let limit = match policy.unit {
        unit @ ("money/month" | "nodes") => metric_value(unit, policy.bound, format),
        _ => format::plain(&policy.limit),
    };
    format!(
        "{}{of} {bound} {limit}{over} in {} of draws",
        policy.metric,
        format::stated_percent(policy.confidence)
    )
}

fn observed(policy: &PolicyOutcomeView, format: MoneyFormat) -> String {
    if let PolicyVerdict::NotEvaluated(why) = &policy.verdict {
        return format::plain(why);
    }
    let Some((p50, tail)) = policy.observed else { return format::NONE.to_owned() };
    let worst = policy.worst.as_deref().map(format::plain);
    let worst = worst.map_or_else(String::new, |worst| format!("{worst}: "));
    let value = |value: f64| metric_value(policy.unit, value, format);
    let name = if policy.at_most { "p95" } else { "p5" };
    if (p50 - tail).abs() < 1e-9 {
        return format!("{worst}{}", value(p50));
    }
    format!("{worst}p50 {}, {name} {}", value(p50), value(tail))
}

/// A metric's value in its unit; shares come as 0 to 1.
fn metric_value(unit: &str, value: f64, format: MoneyFormat) -> String {
    let zero = |text: String| if text == format::NONE { "0".to_owned() } else { text };
    match unit {
        "%" => format!("{}%", zero(format::count(value * 100.0))),
        "nodes" => {
            if value == 0.0 {
                "0 nodes".to_owned()
            } else {
                format::counted(value, "node")
            }
        }
        "money/month" => {
            let amount = crate::report::view::Money::new(crate::money::quantised(value));
            format!("{} a month", format.cell(amount))
        }
        unit => format!("{} {unit}", zero(format::count(value))),
    }
}
