//! A comparison as JSON: amounts as decimal strings in cents, quantiles as numbers, places as `file:line`.

use serde::Serialize;
use serde_json::{Value, json};

use super::view::DiffView;
use crate::diff::{Amounts, BudgetDiff, Moved, Name, PolicyDiff, PoolDiff, TeamDiff};
use crate::language::between::Cause;
use crate::money::Decimal;

/// Renders a comparison as indented JSON that ends with a line break.
#[must_use]
pub fn render(view: &DiffView) -> String {
    let diff = &view.diff;
    let quantile = |moved: &Moved| json!({"before": cents(moved.before), "after": cents(moved.after), "within_noise": moved.within_noise});
    let months: Vec<Value> = diff
        .months
        .iter()
        .map(|month| {
            json!({"month": month.month, "mean": amounts(month.mean), "p50": quantile(&month.p50), "p90": quantile(&month.p90)})
        })
        .collect();
    let quarters = diff
        .quarters
        .iter()
        .map(|(quarter, sums)| json!({"quarter": quarter.to_string(), "mean": amounts(*sums)}));
    let why = diff.why.iter().map(|row| {
        json!({"causes": causes(&row.causes), "amount": text(row.amount), "changes": of(view, &row.causes)})
    });
    let [p10, p50, p90] = &diff.quantiles;
    let value = json!({
        "plan": diff.plan,
        "path": view.path,
        "before": view.sides.0,
        "after": view.sides.1,
        "currency": diff.currency,
        "plan_is_new": diff.is_new,
        "total": {"mean": amounts(diff.total), "p10": quantile(p10), "p50": quantile(p50), "p90": quantile(p90)},
        "why": why.collect::<Vec<_>>(),
        "teams": diff.teams.iter().map(team).collect::<Vec<_>>(),
        "quarters": quarters.collect::<Vec<_>>(),
        "months": months,
        "capex": amounts(diff.capex),
        "pools": diff.pools.iter().map(pool).collect::<Vec<_>>(),
        "budgets": diff.budgets.iter().map(budget).collect::<Vec<_>>(),
        "policies": diff.policies.iter().map(policy).collect::<Vec<_>>(),
        "breaks_a_gate": diff.breaks_a_gate(),
        "changes": view.changes,
        "renames": view.renames,
        "pinned": view.pinned,
        "measured_anew": view.measured_anew,
        "provenance": view.frame,
    });
    format!("{value:#}\n")
}

fn text(amount: Decimal) -> String {
    format!("{amount:.2}")
}

fn cents(amount: f64) -> String {
    text(crate::money::quantised(amount).round_dp(2))
}

fn amounts(amounts: Amounts) -> Value {
    json!({"before": text(amounts.before), "after": text(amounts.after), "change": text(amounts.change())})
}

fn causes(causes: &[Cause]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.words()).collect()
}

/// The places in `changes` of those that have one of these causes.
fn of(view: &DiffView, causes: &[Cause]) -> Vec<usize> {
    let changes = view.changes.iter().enumerate();
    changes.filter(|(_, change)| causes.contains(&change.cause)).map(|(at, _)| at).collect()
}

fn name(name: &Name) -> Value {
    json!({"name": name.now, "name_before": name.was})
}

/// Joins the members of two objects.
fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

fn team(team: &TeamDiff) -> Value {
    let named = team.name.as_ref().map_or_else(|| json!({"name": null}), name);
    let why =
        team.why.iter().map(|(of, amount)| json!({"causes": causes(of), "amount": text(*amount)}));
    with(named, json!({"mean": amounts(team.cost), "why": why.collect::<Vec<_>>()}))
}

fn both<T: Serialize>(both: &(T, T)) -> Value {
    json!({"before": both.0, "after": both.1})
}

fn pool(pool: &PoolDiff) -> Value {
    let more = json!({
        "gpus_per_node": pool.gpus_per_node,
        "there": both(&pool.there),
        "peak_nodes": {"p50": pool.peak_p50, "p90": pool.peak_p90},
        "short_from": both(&pool.short_from),
        "short_chance": both(&pool.short_chance),
        "limit_reached": both(&pool.limit_reached),
    });
    with(name(&pool.name), more)
}

fn budget(budget: &BudgetDiff) -> Value {
    let state = |state: &crate::diff::gates::BudgetState| json!({"holds": state.holds, "amount": text(state.amount), "at_confidence": text(state.at_confidence), "first_breach": state.first_breach});
    let more = json!({
        "turn": budget.turn(),
        "period": budget.period,
        "confidence": budget.confidence,
        "before": budget.before.as_ref().map(state),
        "after": budget.after.as_ref().map(state),
    });
    with(name(&budget.name), more)
}

fn policy(policy: &PolicyDiff) -> Value {
    let state = |state: &crate::diff::gates::PolicyState| json!({"fails": state.fails, "worst": state.worst, "at_confidence": state.at_confidence, "unit": state.unit, "first_failure": state.first_failure});
    let more = json!({
        "turn": policy.turn(),
        "gates": policy.gates,
        "requires": policy.requires,
        "before": policy.before.as_ref().map(state),
        "after": policy.after.as_ref().map(state),
    });
    with(name(&policy.name), more)
}
