//! What the autoscalers of a plan would do, on its own: for a terminal and for machines.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::chart::sparkline;
use super::csv::{self, Csv};
use super::format::{plain, stated_percent, units};
use super::prose;
use super::series::trimmed;
use super::view::AutoscalingView;
use crate::money::Currency;

const HEADS: [&str; 9] = [
    "Workload",
    "Replicas",
    "Short",
    "Simulated",
    "Following",
    "Static",
    "Saved",
    "Recommended",
    "A week",
];

fn cells(one: &AutoscalingView) -> [String; 9] {
    let most = if one.at_max > 0.0 { " (its most)" } else { "" };
    let week: Vec<f64> = one.week.iter().copied().step_by(6).collect();
    let short = match one.short_share {
        share if share <= 0.0 => "0%".to_owned(),
        share if share < 1e-5 => "<0.001%".to_owned(),
        share => format!("{:.3}%", share * 100.0),
    };
    let recommended = one.recommended.as_ref().map_or("–".to_owned(), |advice| {
        let target = advice.target.map_or(String::new(), |t| format!(" at {}", stated_percent(t)));
        let window =
            advice.down_window_seconds.map_or(String::new(), |s| format!(", down after {s} s"));
        let fails = if advice.meets { "" } else { " (does not keep it)" };
        format!("{} to {}{target}{window}{fails}", advice.min, advice.max)
    });
    [
        plain(&one.workload),
        format!("{} to {}{most}", one.least, one.most),
        short,
        units(one.replica_hours),
        units(one.following_hours),
        units(one.static_hours),
        one.saved.map_or("–".to_owned(), |saved| format!("{:.2}", saved.decimal())),
        recommended,
        sparkline::blocks(&week),
    ]
}

fn caption(views: &[AutoscalingView], currency: Currency) -> String {
    let simulated = views.first().map_or(String::new(), AutoscalingView::simulated);
    let kept = recommended_caption(views);
    format!(
        "Simulated: {simulated}. Hours of replicas a month: as simulated, following every hour at once, and \
         held at the month's largest hour; saved is against the last, in {currency} a month at on-demand prices.{kept}"
    )
}

/// What the recommended limits keep.
fn recommended_caption(views: &[AutoscalingView]) -> String {
    let advised: Vec<_> = views.iter().filter_map(|one| one.recommended.as_ref()).collect();
    let Some(first) = advised.first() else { return String::new() };
    let same = advised.iter().all(|one| one.risk.to_bits() == first.risk.to_bits());
    let risk = if same { stated_percent(first.risk) } else { "its stated share".to_owned() };
    let spared = advised.iter().filter(|one| one.spare > 0.0).count();
    let prompt = advised.iter().filter(|one| one.latency).count();
    let workloads = |count: usize| format!("{count} workload{}", if count == 1 { "" } else { "s" });
    let also = match (spared, prompt) {
        (0, 0) => String::new(),
        (spared, 0) => format!("; the spares of {} are kept ready", workloads(spared)),
        (0, prompt) => format!("; what the latency of {} takes is kept ready", workloads(prompt)),
        (spared, prompt) => format!(
            "; the spares of {} and what the latency of {} takes are kept ready",
            workloads(spared),
            workloads(prompt)
        ),
    };
    format!(
        " Recommended: the cheapest found with at most {risk} of the demand short in the highest draw of the month \
         that needs most{also}."
    )
}

/// For a terminal.
#[must_use]
pub fn table(views: &[AutoscalingView], currency: Currency, width: usize) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    let advised = views.iter().any(|one| one.recommended.is_some());
    let keep = |index: &usize| advised || *index != 7;
    grid.set_header((0..HEADS.len()).filter(keep).map(|index| HEADS[index]));
    for one in views {
        let cells = cells(one);
        grid.add_row((0..HEADS.len()).filter(keep).map(|index| cells[index].clone()));
    }
    for column in grid.column_iter_mut().skip(1).take(6) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}\n{}\n", trimmed(&grid), super::terminal::wrap(&caption(views, currency), width))
}

/// As Markdown.
#[must_use]
pub fn markdown(views: &[AutoscalingView], currency: Currency) -> String {
    let mut out = format!("| {} |\n|---|--:|--:|--:|--:|--:|--:|---|---|\n", HEADS.join(" | "));
    for one in views {
        let _ = writeln!(out, "| {} |", cells(one).map(|cell| prose::escape(&cell)).join(" | "));
    }
    let _ = writeln!(out, "\n{}", caption(views, currency));
    out
}

/// As JSON.
#[must_use]
pub fn json(views: &[AutoscalingView]) -> String {
    format!("{}\n", prose::or_bug(serde_json::to_string_pretty(views)))
}

/// As CSV: one row a workload.
#[must_use]
pub fn csv(views: &[AutoscalingView]) -> String {
    let mut csv = Csv::default();
    let heads = [
        "workload",
        "pool",
        "least",
        "most",
        "short_share",
        "replica_hours",
        "following_hours",
        "static_hours",
        "node_hours",
        "saved",
        "recommended_min",
        "recommended_max",
        "recommended_target",
        "recommended_risk",
    ];
    csv.row(&heads.map(str::to_owned));
    for one in views {
        let advice = one.recommended.as_ref();
        let text = |value: Option<String>| value.unwrap_or_default();
        csv.row(&[
            csv::text(&one.workload),
            csv::text(&one.pool),
            one.least.to_string(),
            one.most.to_string(),
            one.short_share.to_string(),
            one.replica_hours.to_string(),
            one.following_hours.to_string(),
            one.static_hours.to_string(),
            one.node_hours.to_string(),
            text(one.saved.map(|saved| saved.decimal().normalize().to_string())),
            text(advice.map(|advice| advice.min.to_string())),
            text(advice.map(|advice| advice.max.to_string())),
            text(advice.and_then(|advice| advice.target).map(|target| target.to_string())),
            text(advice.map(|advice| advice.risk.to_string())),
        ]);
    }
    csv.text
}
