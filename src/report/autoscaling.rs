//! What the autoscalers of a plan would do, on its own: for a terminal and for machines.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::chart::sparkline;
use super::csv::{self, Csv};
use super::format::{MoneyFormat, NONE, plain, stated_percent, units};
use super::prose;
use super::series::trimmed;
use super::view::{AutoscalingView, RecommendedView};
use crate::money::Currency;

/// What the autoscalers would do.
const HEADS: [&str; 8] =
    ["Workload", "Replicas", "Short", "Simulated", "Following", "Static", "Saved", "A week"];

/// What is recommended for them.
const RECOMMENDED: [&str; 8] =
    ["Workload", "Min", "Max", "Target", "Down after", "Spares", "Short", "Saved"];

fn cells(one: &AutoscalingView) -> [String; 8] {
    let most = if one.at_max > 0.0 { "+" } else { "" };
    let half_days = one.week.chunks(12);
    let week: Vec<f64> =
        half_days.map(|hours| hours.iter().sum::<f64>() / hours.len() as f64).collect();
    [
        plain(&one.workload),
        format!("{} to {}{most}", one.least, one.most),
        short(one.short_share),
        units(one.replica_hours),
        units(one.following_hours),
        units(one.static_hours),
        one.saved.map_or(NONE.to_owned(), MoneyFormat::whole_units),
        sparkline::blocks(&week),
    ]
}

fn recommended_cells(one: &AutoscalingView, advice: &RecommendedView) -> [String; 8] {
    let fails = if advice.meets { "" } else { " (more than asked)" };
    [
        plain(&one.workload),
        advice.min.to_string(),
        advice.max.to_string(),
        advice.target.map_or(NONE.to_owned(), stated_percent),
        // What an autoscaler does that says nothing.
        format!("{} s", advice.down_window_seconds.unwrap_or(300)),
        if advice.spare > 0.0 { units(advice.spare) } else { NONE.to_owned() },
        format!("{}{fails}", short(advice.short_share)),
        advice.saved.map_or(NONE.to_owned(), MoneyFormat::whole_units),
    ]
}

fn short(share: f64) -> String {
    match share {
        share if share <= 0.0 => "0%".to_owned(),
        share if share < 1e-5 => "<0.001%".to_owned(),
        share => format!("{:.3}%", share * 100.0),
    }
}

fn caption(views: &[AutoscalingView], currency: Currency) -> String {
    let simulated = views.first().map_or(String::new(), AutoscalingView::simulated);
    let at_most = views.iter().any(|one| one.at_max > 0.0);
    let at_most = if at_most { " A plus: it asks for its most at times." } else { "" };
    format!(
        "Simulated: {simulated}.{at_most} Hours of replicas a month: as simulated, following every hour at once, and \
         held at the month's largest hour; saved is against the last, in {currency} a month at on-demand prices."
    )
}

/// What the recommended limits keep, and where a report's may differ.
fn recommended_caption(views: &[AutoscalingView], currency: Currency) -> String {
    let advised: Vec<_> = advised(views).map(|(_, advice)| advice).collect();
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
        "Recommended: the cheapest found with at most {risk} of the demand short in the highest draw of the month \
         that needs most{also}. Saved is in that month against its largest hour held with its spares, in {currency} at \
         on-demand prices. A report looks at the highest of the few draws that it simulates, so its limits may be lower."
    )
}

/// For a terminal.
#[must_use]
pub fn table(views: &[AutoscalingView], currency: Currency, width: usize) -> String {
    let wrap = |text: &str| super::terminal::wrap(text, width);
    let grid = |heads: [&str; 8], rows: Vec<[String; 8]>, figures: usize| {
        let mut grid = Table::new();
        grid.load_style(NOTHING);
        grid.set_header(heads);
        for row in rows {
            grid.add_row(row);
        }
        for column in grid.column_iter_mut().skip(1).take(figures) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        trimmed(&grid)
    };
    let simulated = grid(HEADS, views.iter().map(cells).collect(), 6);
    let mut out = format!("{simulated}\n{}\n", wrap(&caption(views, currency)));
    let advised: Vec<_> = advised(views).collect();
    if !advised.is_empty() {
        let rows = advised.into_iter().map(|(one, advice)| recommended_cells(one, advice));
        let recommended = grid(RECOMMENDED, rows.collect(), 7);
        let _ = writeln!(out, "\n{recommended}\n{}", wrap(&recommended_caption(views, currency)));
    }
    out
}

fn advised(
    views: &[AutoscalingView],
) -> impl Iterator<Item = (&AutoscalingView, &RecommendedView)> {
    views.iter().filter_map(|one| Some((one, one.recommended.as_ref()?)))
}

/// As Markdown.
#[must_use]
pub fn markdown(views: &[AutoscalingView], currency: Currency) -> String {
    let mut out = String::new();
    let mut table = |heads: [&str; 8], rows: Vec<[String; 8]>, last: &str, caption: &str| {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ =
            writeln!(out, "{gap}| {} |\n|---|--:|--:|--:|--:|--:|--:|{last}|", heads.join(" | "));
        for row in rows {
            let _ = writeln!(out, "| {} |", row.map(|cell| prose::escape(&cell)).join(" | "));
        }
        let _ = writeln!(out, "\n{caption}");
    };
    table(HEADS, views.iter().map(cells).collect(), "---", &caption(views, currency));
    let rows: Vec<_> = advised(views).map(|(one, advice)| recommended_cells(one, advice)).collect();
    if !rows.is_empty() {
        table(RECOMMENDED, rows, "--:", &recommended_caption(views, currency));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::report::view::Money;

    /// The widest figures that a plan of a large company has.
    fn views() -> Vec<AutoscalingView> {
        let advice = RecommendedView {
            risk: 0.001,
            spare: 24.0,
            latency: true,
            meets: true,
            min: 120,
            max: 1_290,
            target: Some(0.85),
            down_window_seconds: Some(3600),
            short_share: 0.00094,
            replica_hours: 1.0e6,
            static_hours: 2.0e6,
            saved: Some(Money::new("71681.40".parse().unwrap())),
        };
        vec![AutoscalingView {
            workload: "search-embedding-api".to_owned(),
            pool: "serve".to_owned(),
            counted: "replica",
            draws: 1000,
            of_draws: 1000,
            months: vec![Month::new(2027, 2)],
            of_months: 1,
            short_share: 0.0123,
            worst_month: Month::new(2027, 2),
            worst_share: 0.0123,
            least: 120,
            most: 1_290,
            at_max: 0.5,
            replica_hours: 212_740.0,
            following_hours: 215_100.0,
            static_hours: 351_720.0,
            node_hours: 1.0,
            saved: Some(Money::new("122586.28".parse().unwrap())),
            week: (0..168).map(f64::from).collect(),
            node_share: 1.0,
            node_hour: Some(1.0),
            recommended: Some(advice),
        }]
    }

    #[test]
    fn tables_fit_a_terminal_of_a_hundred_columns() {
        let usd = Currency::new("USD").unwrap();
        let text = table(&views(), usd, 100);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "{widest} columns:\n{text}");
        assert!(text.contains("122,586") && text.contains("71,681"), "{text}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("its limits may be lower"), "{text}");
        let text = markdown(&views(), usd);
        assert!(text.contains(
            "| search-embedding-api | 120 | 1290 | 85% | 3600 s | 24 | 0.094% | 71,681 |"
        ));
    }

    #[test]
    fn without_advice_there_is_one_table() {
        let mut views = views();
        views[0].recommended = None;
        let text = table(&views, Currency::new("USD").unwrap(), 100);
        assert!(!text.contains("Recommended") && !text.contains("Down after"), "{text}");
    }
}
