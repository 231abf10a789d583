//! Ways to serve more, for people and machines: one table a workload.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Serialize;

use super::format::{NONE, count, percent, percentile, plain, quantity, significant, time, units};
use super::prose;
use super::series::trimmed;
use super::terminal::wrap;
use crate::calendar::Month;
use crate::plan::Plan;
use crate::scale::{Scaled, Way};
use crate::serving::usl::Fitted;

/// Every workload asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ScaleView {
    /// The plan.
    pub plan: String,
    /// Its currency.
    pub currency: String,
    /// By name.
    pub workloads: Vec<ScaledView>,
}

/// One workload.
#[derive(Debug, Clone, Serialize)]
pub struct ScaledView {
    /// Its name.
    pub workload: String,
    /// Its pool.
    pub pool: String,
    /// The month whose busiest hour counts.
    #[serde(serialize_with = "super::view::as_text")]
    pub month: Month,
    /// Served units a second in that hour, at the median.
    pub rate: f64,
    /// The unit.
    pub unit: String,
    /// `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// Percentile and seconds that are promised.
    pub promised: Vec<(f64, f64)>,
    /// The plan first, then every way.
    pub ways: Vec<Way>,
    /// The law of scalability through the points given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<Fitted>,
    /// Which is best.
    pub verdict: String,
}

/// What was found, as reports say it.
#[must_use]
pub fn view(plan: &Plan, scaled: &[Scaled]) -> ScaleView {
    let of = |scaled: &Scaled| ScaledView {
        workload: plan.workloads[scaled.workload].name.clone(),
        pool: plan.pools[scaled.pool].name.clone(),
        month: plan.horizon.month(scaled.t),
        rate: scaled.rate,
        unit: scaled.unit.clone(),
        counted: scaled.counted,
        promised: scaled.promised.clone(),
        ways: scaled.ways.clone(),
        law: scaled.law.clone(),
        verdict: scaled.verdict.clone(),
    };
    ScaleView {
        plan: plan.name.clone(),
        currency: plan.currency.to_string(),
        workloads: scaled.iter().map(of).collect(),
    }
}

/// As JSON.
#[must_use]
pub fn json(view: &ScaleView) -> String {
    format!("{}\n", prose::or_bug(serde_json::to_string_pretty(view)))
}

const RIGHT: [usize; 6] = [2, 3, 4, 5, 6, 7];

fn heads(view: &ScaleView, of: &ScaledView) -> [String; 9] {
    let counted = match of.counted {
        "gpu" => "GPUs",
        "node" => "Count",
        _ => "Replicas",
    };
    let cost = format!("{}/month", view.currency);
    ["Way", "How", counted, "Nodes", &cost, "p50", "p99", "Headroom", "Verdict"].map(str::to_owned)
}

fn cells(way: &Way) -> [String; 9] {
    let none = || NONE.to_owned();
    let figures = way.figures.as_ref();
    let number = |value: Option<f64>| value.map_or_else(none, count);
    let seconds = |value: Option<f64>| value.map_or_else(none, time);
    [
        way.kind.word().to_owned(),
        way.how.clone(),
        number(figures.map(|f| f.replicas)),
        number(figures.map(|f| f.nodes)),
        figures.and_then(|f| f.cost).map_or_else(none, |cost| units(cost.round())),
        seconds(figures.and_then(|f| f.p50)),
        seconds(figures.and_then(|f| f.p99)),
        figures.map_or_else(none, |f| percent(f.headroom)),
        way.verdict.clone(),
    ]
}

/// Whose ways these are: the busiest hour, and what is promised.
fn opening(of: &ScaledView) -> String {
    let promised = match of.promised.as_slice() {
        [] => "no latency promised".to_owned(),
        all => {
            let each =
                all.iter().map(|(share, most)| format!("{} {}", percentile(*share), time(*most)));
            format!("promised {}", each.collect::<Vec<_>>().join(", "))
        }
    };
    let rate = quantity(of.rate, &of.unit, true);
    format!(
        "{} in pool {}: {rate} in the busiest hour of {}, {promised}",
        of.workload, of.pool, of.month
    )
}

/// What each way takes, in sentences.
fn needs(of: &ScaledView) -> Vec<String> {
    let with = of.ways.iter().filter(|way| !way.needs.is_empty());
    with.map(|way| {
        let word = if way.figures.is_some() { "takes" } else { "missing" };
        format!("{} ({}) {word}: {}", way.kind.word(), way.how, way.needs)
    })
    .collect()
}

fn law(fitted: &Fitted) -> String {
    let with = |value: f64, (low, high): (f64, f64)| {
        if high.is_finite() {
            format!("{} ({} to {})", significant(value), significant(low), significant(high))
        } else {
            significant(value)
        }
    };
    let parts = fitted.law;
    let [gamma, sigma, kappa] = fitted.intervals;
    let largest = fitted.residuals.iter().fold(0.0_f64, |most, left| most.max(left.abs()));
    format!(
        "X(N) = γN/(1 + σ(N−1) + κN(N−1)): γ {}, σ {:.5}, κ {:.7}; 95% intervals σ {:.5} to {:.5}, κ {:.7} to {:.7}; \
         R² {:.4}, largest residual {}",
        with(parts.gamma, gamma),
        parts.sigma,
        parts.kappa,
        sigma.0,
        sigma.1,
        kappa.0,
        kappa.1,
        fitted.r_squared,
        significant(largest)
    )
}

const CAPTION: &str = "At the median of the busiest hour. Nodes hold this workload alone. Money: the price of the \
    pool's first purchase for 730 hours. Latency from arrival to answer; headroom: the share of what serves that \
    is not busy.";

/// For a terminal so many columns wide.
#[must_use]
pub fn table(view: &ScaleView, width: usize) -> String {
    let mut out = String::new();
    for of in &view.workloads {
        let _ = writeln!(out, "{}", wrap(&plain(&opening(of)), width));
        let mut grid = Table::new();
        grid.load_style(NOTHING);
        grid.set_content_arrangement(ContentArrangement::Disabled);
        grid.set_header(heads(view, of));
        for way in &of.ways {
            grid.add_row(cells(way).map(|cell| plain(&cell)));
        }
        for column in RIGHT {
            if let Some(column) = grid.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let _ = writeln!(out, "{}", trimmed(&grid));
        for line in needs(of) {
            let _ = writeln!(out, "{}", wrap(&plain(&format!("· {line}")), width));
        }
        if let Some(fitted) = &of.law {
            let _ = writeln!(out, "{}", wrap(&law(fitted), width));
        }
        let _ = writeln!(out, "{}\n", wrap(&plain(&of.verdict), width));
    }
    let _ = writeln!(out, "{}", wrap(CAPTION, width));
    out
}

/// As Markdown.
#[must_use]
pub fn markdown(view: &ScaleView) -> String {
    let mut out = String::new();
    for of in &view.workloads {
        let _ = writeln!(out, "## {}\n", prose::escape(&opening(of)));
        let _ = writeln!(out, "| {} |", heads(view, of).join(" | "));
        let line: String =
            (0..9).map(|column| if RIGHT.contains(&column) { "--:|" } else { "---|" }).collect();
        let _ = writeln!(out, "|{line}");
        for way in &of.ways {
            let _ =
                writeln!(out, "| {} |", cells(way).map(|cell| prose::escape(&cell)).join(" | "));
        }
        out.push('\n');
        for line in needs(of) {
            let _ = writeln!(out, "* {}", prose::escape(&line));
        }
        if let Some(fitted) = &of.law {
            let _ = writeln!(out, "* {}", prose::escape(&law(fitted)));
        }
        let _ = writeln!(out, "\n**{}**\n", prose::escape(&of.verdict));
    }
    let _ = writeln!(out, "{CAPTION}");
    out
}
