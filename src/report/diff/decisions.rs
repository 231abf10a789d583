//! What needs a decision: budgets and policies that fail newly, pools that run short, and what is cured.

use super::amounts::Print;
use super::view::DiffView;
use crate::calendar::Month;
use crate::diff::{BudgetDiff, Name, PolicyDiff, PoolDiff, Turn};
use crate::report::format;
use crate::report::page::{Line, plan, strong, words};

/// How many gates fail that did not fail before.
pub(super) fn broken(view: &DiffView) -> usize {
    let budgets = view.diff.budgets.iter().filter(|b| b.turn() == Turn::Broken).count();
    let policies = view.diff.policies.iter();
    budgets + policies.filter(|p| p.gates && p.turn() == Turn::Broken).count()
}

/// One line each, failures first; what holds on both sides together.
pub(super) fn decisions(view: &DiffView, print: Print) -> Vec<Line> {
    let diff = &view.diff;
    let (mut fails, mut warns, mut cured) = (Vec::new(), Vec::new(), Vec::new());
    let mut holds = 0;
    for budget in &diff.budgets {
        match budget.turn() {
            Turn::Broken => fails.push(over(budget, print)),
            Turn::StillFails => warns.extend(still_over(budget, print)),
            Turn::Cured => cured.push(item("✅", "Cured", &budget.name, "budget", " holds again")),
            Turn::Gone => warns.push(item("⚠️", "Gone", &budget.name, "budget", " is gone")),
            Turn::Holds => holds += 1,
        }
    }
    for policy in &diff.policies {
        match policy.turn() {
            Turn::Broken if policy.gates => fails.push(failing(policy, "❌", "Fails")),
            Turn::Broken => warns.push(failing(policy, "⚠️", "Warns")),
            Turn::StillFails => {
                warns.push(item("⚠️", "As before", &policy.name, "policy", " fails on both sides"));
            }
            Turn::Cured => cured.push(item("✅", "Cured", &policy.name, "policy", " holds again")),
            Turn::Gone => warns.push(item("⚠️", "Gone", &policy.name, "policy", " is gone")),
            Turn::Holds => holds += 1,
        }
    }
    for pool in &diff.pools {
        warns.extend(shortage(pool));
        warns.extend(limit(pool));
    }
    let mut all = fails;
    all.extend(warns);
    all.extend(cured);
    let holds_text = match (holds, all.is_empty()) {
        (0, true) => Some("No budget and no policy.".to_owned()),
        (0, false) => None,
        (1, _) => Some("✅ 1 budget or policy holds.".to_owned()),
        (count, _) => Some(format!("✅ {count} budgets and policies hold.")),
    };
    all.extend(holds_text.map(|text| vec![words(text)]));
    all
}

fn item(sign: &str, word: &str, name: &Name, kind: &str, what: &str) -> Line {
    vec![
        words(format!("{sign} ")),
        strong(word),
        words(format!(": {kind} ")),
        plan(name.now.clone()),
        words(what.to_owned()),
    ]
}

fn over(budget: &BudgetDiff, print: Print) -> Line {
    let mut line = item("❌", "Over budget", &budget.name, "budget", "");
    if let Some(state) = &budget.after {
        line.push(words(" ("));
        line.push(plan(budget.period.clone()));
        line.push(words(format!(
            ") comes to {} at {} confidence, {} over its {}{}",
            print.in_words(state.at_confidence),
            format::stated_percent(budget.confidence),
            print.in_words(state.at_confidence - state.amount),
            print.in_words(state.amount),
            passed(budget.before.as_ref().and_then(|b| b.first_breach), state.first_breach),
        )));
    }
    line
}

/// `; the running total passes it in Oct 2027 (Dec 2027 before)`
fn passed(before: Option<Month>, after: Option<Month>) -> String {
    match (before, after) {
        (_, None) => String::new(),
        (Some(old), Some(new)) if old != new => format!(
            "; the running total passes it in {} ({} before)",
            format::month(new),
            format::month(old)
        ),
        (_, Some(new)) => format!("; the running total passes it in {}", format::month(new)),
    }
}

/// A budget that failed already: worth a line where it gets worse or better.
fn still_over(budget: &BudgetDiff, print: Print) -> Option<Line> {
    let (old, new) = (budget.before.as_ref()?, budget.after.as_ref()?);
    let mut line = item("⚠️", "As before", &budget.name, "budget", " fails on both sides");
    let by = |state: &crate::diff::gates::BudgetState| state.at_confidence - state.amount;
    if old != new {
        line.push(words(format!(
            ", by {} before and {} after{}",
            print.in_words(by(old)),
            print.in_words(by(new)),
            passed(old.first_breach, new.first_breach)
        )));
    }
    Some(line)
}

fn failing(policy: &PolicyDiff, sign: &str, word: &str) -> Line {
    let mut line = item(sign, word, &policy.name, "policy", ", which requires ");
    line.push(plan(policy.requires.clone()));
    if let Some(state) = &policy.after {
        if let Some(worst) = &state.worst {
            line.push(words("; worst is "));
            line.push(plan(worst.clone()));
        }
        if let Some(month) = state.first_failure {
            line.push(words(format!(", from {}", format::month(month))));
        }
        if let Some(contributor) = &state.contributor {
            line.push(words("; most of it is "));
            line.push(plan(contributor.clone()));
        }
    }
    if let Some(because) = &policy.because {
        line.push(words("; the policy is there because "));
        line.push(plan(because.clone()));
    }
    line
}

fn shortage(pool: &PoolDiff) -> Option<Line> {
    let (old, new) = pool.short_from;
    if old == new {
        return None;
    }
    let chance = format::chance(pool.short_chance.1);
    Some(match new {
        Some(month) => {
            let was = old.map_or_else(
                || "never before".to_owned(),
                |old| format!("from {} before", format::month(old)),
            );
            let what = format!(
                " is short from {} ({was}), in {chance} of the draws",
                format::month(month)
            );
            item("⚠️", "Shortfall", &pool.name, "pool", &what)
        }
        None => item("✅", "Cured", &pool.name, "pool", " is no longer likely to be short"),
    })
}

fn limit(pool: &PoolDiff) -> Option<Line> {
    let (old, new) = pool.limit_reached;
    if old == new {
        return None;
    }
    let before = old.map_or_else(|| "never".to_owned(), format::month);
    let what = new.map_or_else(
        || format!(" no longer reaches what may run ({before} before)"),
        |new| format!(" reaches what may run in {} ({before} before)", format::month(new)),
    );
    let sooner = new.is_some_and(|new| old.is_none_or(|old| new < old));
    let sign = if sooner { "⚠️" } else { "✅" };
    Some(item(sign, "Limit", &pool.name, "pool", &what))
}
