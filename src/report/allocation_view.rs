//! Who bears what along any label, for every output.

use serde::Serialize;

use super::csv::{Csv, text};
use super::document;
use super::format::MoneyFormat;
use super::template::{Made, Templates};
use super::terminal::{self, Color};
use super::view::Money;
use crate::allocation::{Allocation, Group, GroupValue, Share, Window};
use crate::calendar::{Date, Month};
use crate::capacity::need::Resource;
use crate::money::{Currency, Decimal};
use crate::plan::Plan;

/// Who bears what.
#[derive(Debug, Clone, Serialize)]
pub struct AllocationView {
    /// The plan.
    pub plan: String,
    /// The day it is looked at from.
    #[serde(serialize_with = "super::view::as_text")]
    pub as_of: Date,
    /// Of every amount.
    pub currency: Currency,
    /// The first month asked about.
    pub first: Month,
    /// The last.
    pub last: Month,
    /// The labels that make a group.
    pub by: Vec<&'static str>,
    /// How idle and shared cost are spread, in words.
    pub method: String,
    /// What is shown, in words; everything where absent.
    pub filter: Option<String>,
    /// Groups by name, then what nobody bears.
    pub rows: Vec<AllocationRow>,
    /// What the rows come to: without a filter, the ledger's amortised total.
    pub total: Money,
}

/// What one group bears: amortised means.
#[derive(Debug, Clone, Serialize)]
pub struct AllocationRow {
    /// `group`, `idle`, `unborne`.
    pub kind: &'static str,
    /// The values of the labels asked by, in their order; `null` where there is no such label. For idle
    /// cost, its pool, where it is shown by pool.
    pub group: Vec<Option<String>>,
    /// Of the cost it caused: CPU.
    pub cpu: Money,
    /// Memory.
    pub memory: Money,
    /// GPUs.
    pub gpu: Money,
    /// Local storage of nodes.
    pub storage: Money,
    /// Storage tiers, transfer, services, support.
    pub other: Money,
    /// All it caused.
    pub direct: Money,
    /// Its part of idle cost.
    pub idle: Money,
    /// Its part of shared cost; negative where a rule takes cost away from it.
    pub shared: Money,
    /// All it bears.
    pub total: Money,
    /// Use over request of the nodes' resources, weighed by cost, GPUs included, 0 to 1.
    pub efficiency: Option<f64>,
}

/// What was asked, beside the costs.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The months.
    pub window: Window,
    /// The labels.
    pub by: Vec<&'static str>,
    /// How idle and shared cost are spread, in words.
    pub method: String,
    /// What is shown, in words.
    pub filter: Option<String>,
}

/// Gathers what is shown of an allocation.
#[must_use]
pub fn view(
    plan: &Plan,
    as_of: Date,
    asked: Asked,
    allocation: &Allocation,
    efficiencies: &std::collections::BTreeMap<Group, f64>,
) -> AllocationView {
    let exact: Vec<Decimal> = allocation.rows.iter().map(Share::total).collect();
    let totals = rounded(&exact, allocation.total().round_dp(6));
    let rows: Vec<AllocationRow> = allocation
        .rows
        .iter()
        .zip(&totals)
        .map(|(share, total)| row(share, *total, efficiencies.get(&share.group).copied()))
        .collect();
    AllocationView {
        plan: plan.name.clone(),
        as_of,
        currency: plan.currency,
        first: plan.horizon.month(asked.window.start),
        last: plan.horizon.month(asked.window.end - 1),
        by: asked.by,
        method: asked.method,
        filter: asked.filter,
        total: rows.iter().map(|row| row.total).sum(),
        rows,
    }
}

/// Amounts in micro-units that come to a total, by largest remainder; earlier ones first on ties.
fn rounded(exact: &[Decimal], total: Decimal) -> Vec<Decimal> {
    let mut parts: Vec<Decimal> = exact.iter().map(|exact| exact.round_dp(6)).collect();
    let micro = Decimal::new(1, 6);
    let mut left = total - parts.iter().sum::<Decimal>();
    while !left.is_zero() && !parts.is_empty() {
        let step = if left.is_sign_positive() { micro } else { -micro };
        let due = |index: &usize| (exact[*index] - parts[*index]) * step;
        let Some(most) = (0..parts.len()).rev().max_by(|a, b| due(a).cmp(&due(b))) else { break };
        parts[most] += step;
        left -= step;
    }
    parts
}

fn row(share: &Share, total: Decimal, efficiency: Option<f64>) -> AllocationRow {
    let (kind, group) = match &share.group {
        Group::Of(values) => {
            let value = |value: &GroupValue| match value {
                GroupValue::Named(name) => Some(name.clone()),
                GroupValue::Unallocated => None,
            };
            ("group", values.iter().map(value).collect())
        }
        Group::Idle(place) => ("idle", place.iter().cloned().map(Some).collect()),
        Group::Unborne => ("unborne", Vec::new()),
    };
    let of = |resource: Resource| {
        let place = Resource::ALL.iter().position(|r| *r == resource).unwrap_or(0);
        Money::new(share.direct.node[place].round_dp(6))
    };
    let [direct, idle, shared] = rounded(&[share.direct.total(), share.idle, share.shared], total)
        .try_into()
        .unwrap_or([total, Decimal::ZERO, Decimal::ZERO])
        .map(Money::new);
    AllocationRow {
        kind,
        group,
        cpu: of(Resource::Cpu),
        memory: of(Resource::Memory),
        gpu: of(Resource::Gpu),
        storage: of(Resource::Storage),
        other: Money::new(share.direct.other.round_dp(6)),
        direct,
        idle,
        shared,
        total: Money::new(total),
        efficiency,
    }
}

/// For a terminal so many columns wide.
#[must_use]
pub fn table(view: &AllocationView, width: usize, color: Color) -> String {
    let table = document::allocation(view, MoneyFormat::for_total(view.currency, view.total));
    terminal::printed(&table, &format!("{}. As of {}.", table.caption, view.as_of), width, color)
}

/// As a Markdown table.
///
/// # Errors
/// If a template of the plan fails.
pub fn markdown(view: &AllocationView, templates: &Templates) -> Made<String> {
    let table = document::allocation(view, MoneyFormat::for_total(view.currency, view.total));
    super::markdown::table(&table, templates)
}

/// As JSON: amounts as decimal strings.
#[must_use]
pub fn json(view: &AllocationView) -> String {
    format!("{}\n", super::prose::or_bug(serde_json::to_string_pretty(view)))
}

/// As CSV: one row a group.
#[must_use]
pub fn csv(view: &AllocationView) -> String {
    let mut csv = Csv::default();
    let mut heads: Vec<String> = vec!["kind".to_owned()];
    heads.extend(view.by.iter().map(|by| (*by).to_owned()));
    heads.extend(
        ["cpu", "memory", "gpu", "storage", "other", "direct", "idle", "shared", "total"]
            .map(str::to_owned),
    );
    heads.extend(["efficiency", "currency"].map(str::to_owned));
    csv.row(&heads);
    for row in &view.rows {
        let mut fields = vec![row.kind.to_owned()];
        let named = |index: usize| row.group.get(index).cloned().flatten().unwrap_or_default();
        fields.extend((0..view.by.len()).map(|index| text(&named(index))));
        let amounts = [
            row.cpu,
            row.memory,
            row.gpu,
            row.storage,
            row.other,
            row.direct,
            row.idle,
            row.shared,
            row.total,
        ];
        fields.extend(amounts.map(|amount| amount.decimal().normalize().to_string()));
        let efficiency = row.efficiency.map(|share| format!("{share:.6}")).unwrap_or_default();
        fields.extend([efficiency, view.currency.to_string()]);
        csv.row(&fields);
    }
    csv.text
}
