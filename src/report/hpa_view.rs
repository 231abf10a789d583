//! What an autoscaler would do with a load, for people and machines.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::csv::Csv;
use super::format::{plain, significant, stated_percent, units};
use super::series::trimmed;
use super::terminal::chart::{Axis, Column, MARGIN, plot};
use super::terminal::{Color, Style, wrap};
use crate::money::{Decimal, quantised};
use crate::simulate::hpa::bins::{Bin, bins};
use crate::simulate::hpa::controller::Reason;
use crate::simulate::hpa::limits::Limit;
use crate::simulate::hpa::load::Load;
use crate::simulate::hpa::recommend::{Advice, static_peak};
use crate::simulate::hpa::run::Setup;
use crate::simulate::hpa::settings::Millis;
use crate::simulate::hpa::tally::{Event, Run, Totals};
use crate::table::stamp::{self, Style as Times};

/// What a view is made of beside the run itself.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The autoscaler's name.
    pub name: String,
    /// What it scales: `Deployment web`.
    pub target: String,
    /// Its metrics, in the order of the setup's signals: `cpu at 60%`.
    pub metrics: Vec<String>,
    /// What the load counts; empty where nobody said.
    pub unit: String,
    /// How times are written.
    pub times: Times,
    /// The price of an hour of a node, or of a pod where no nodes are simulated, and its currency.
    pub price: Option<(Decimal, String)>,
    /// What was taken for granted.
    pub notes: Vec<String>,
    /// The width of a stretch of the timeline.
    pub every: Millis,
    /// What is recommended, and its manifest.
    pub advice: Option<(&'a Advice, f64, String)>,
}

/// What an autoscaler would do with a load.
#[derive(Debug, Clone, Serialize)]
pub struct HpaView {
    /// The autoscaler's name.
    pub name: String,
    /// What it scales.
    pub target: String,
    /// Fewest replicas.
    pub min_replicas: i32,
    /// Most replicas.
    pub max_replicas: i32,
    /// Its metrics.
    pub metrics: Vec<String>,
    /// What the load counts.
    pub unit: String,
    /// The load's first moment.
    pub from: String,
    /// The moment after its last.
    pub until: String,
    /// What one pod serves at most.
    pub pod_serves: f64,
    /// How it went.
    pub outcome: OutcomeView,
    /// As many pods as serve the peak, all the time.
    pub static_peak: StaticView,
    /// What is recommended.
    pub recommended: Option<AdviceView>,
    /// What was taken for granted.
    pub notes: Vec<String>,
    /// Every change of the replicas.
    pub events: Vec<EventView>,
    /// Means by stretch of time.
    pub timeline: Vec<BinView>,
}

/// How a run went.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeView {
    /// Load times seconds: requests, where the load is a rate.
    pub load: f64,
    /// The same beyond what the ready pods could serve.
    pub short: f64,
    /// The share of it.
    pub short_share: f64,
    /// Seconds in which some load was short.
    pub short_seconds: f64,
    /// The largest load that was short at one moment.
    pub worst: f64,
    /// When.
    pub worst_at: String,
    /// The fewest replicas asked for.
    pub least_replicas: i64,
    /// The most replicas asked for.
    pub most_replicas: i64,
    /// How often it grew.
    pub grew: u32,
    /// How often it shrank.
    pub shrank: u32,
    /// Pod-hours.
    pub pod_hours: f64,
    /// Node-hours; `None` where no nodes are simulated.
    pub node_hours: Option<f64>,
    /// What they cost.
    pub cost: Option<String>,
}

/// As many pods as serve the peak, all the time.
#[derive(Debug, Clone, Serialize)]
pub struct StaticView {
    /// Pods.
    pub pods: i64,
    /// Nodes; `None` where no nodes are simulated.
    pub nodes: Option<i64>,
    /// Pod-hours.
    pub pod_hours: f64,
    /// Node-hours; `None` where no nodes are simulated.
    pub node_hours: Option<f64>,
    /// What they cost.
    pub cost: Option<String>,
}

/// What is recommended.
#[derive(Debug, Clone, Serialize)]
pub struct AdviceView {
    /// The share of the load that may be short.
    pub risk: f64,
    /// Whether it keeps it.
    pub meets: bool,
    /// Fewest replicas.
    pub min_replicas: i32,
    /// Most replicas.
    pub max_replicas: i32,
    /// The share of what a pod serves that it aims at.
    pub target_share: Option<f64>,
    /// How it would go.
    pub outcome: OutcomeView,
    /// How many simulations were run.
    pub simulations: usize,
    /// The manifest.
    pub manifest: String,
}

/// A change of the replicas.
#[derive(Debug, Clone, Serialize)]
pub struct EventView {
    /// When.
    pub at: String,
    /// From so many.
    pub from: i32,
    /// To so many.
    pub to: i32,
    /// The load as the metrics showed it.
    pub load: f64,
    /// Why.
    pub why: String,
}

/// Means of a stretch of time.
#[derive(Debug, Clone, Serialize)]
pub struct BinView {
    /// From when.
    pub at: String,
    /// Mean load.
    pub load: f64,
    /// Mean replicas asked for.
    pub wanted: f64,
    /// Mean pods whose containers run.
    pub running: f64,
    /// Mean pods that serve.
    pub ready: f64,
    /// Mean nodes paid for.
    pub nodes: f64,
    /// Load times seconds that was short.
    pub short: f64,
}

/// The view of a run that kept everything.
#[must_use]
pub fn view(subject: Subject, setup: &Setup, load: &Load, run: &Run) -> HpaView {
    let time = |at: Millis| written(at, subject.times);
    let with_nodes = setup.nodes.is_some();
    let peak = static_peak(setup, load);
    let outcome = |totals: &Totals| OutcomeView {
        load: six(totals.load),
        short: six(totals.short),
        short_share: six(totals.short_share()),
        short_seconds: six(totals.short_seconds),
        worst: six(totals.worst),
        worst_at: time(totals.worst_at),
        least_replicas: totals.least_wanted,
        most_replicas: totals.most_wanted,
        grew: totals.grew,
        shrank: totals.shrank,
        pod_hours: six(totals.pod_hours),
        node_hours: with_nodes.then_some(six(totals.node_hours)),
        cost: cost(if with_nodes { totals.node_hours } else { totals.pod_hours }, &subject),
    };
    HpaView {
        min_replicas: setup.rules.min,
        max_replicas: setup.rules.max,
        from: time(load.start()),
        until: time(load.end()),
        pod_serves: setup.most,
        outcome: outcome(&run.totals),
        static_peak: StaticView {
            pods: peak.pods,
            nodes: with_nodes.then_some(peak.nodes),
            pod_hours: six(peak.pod_hours),
            node_hours: with_nodes.then_some(six(peak.node_hours)),
            cost: cost(if with_nodes { peak.node_hours } else { peak.pod_hours }, &subject),
        },
        recommended: subject.advice.as_ref().map(|(advice, risk, manifest)| AdviceView {
            risk: *risk,
            meets: advice.meets,
            min_replicas: advice.setup.rules.min,
            max_replicas: advice.setup.rules.max,
            target_share: advice.share.map(six),
            outcome: outcome(&advice.totals),
            simulations: advice.tried,
            manifest: manifest.clone(),
        }),
        events: run.events.iter().map(|event| of_event(event, &subject)).collect(),
        timeline: bins(run, load, setup.most, subject.every)
            .into_iter()
            .map(|bin| of_bin(&bin, subject.times))
            .collect(),
        name: subject.name,
        target: subject.target,
        metrics: subject.metrics,
        unit: subject.unit,
        notes: subject.notes,
    }
}

/// A moment as the load's file writes its times, but with the time of day.
fn written(at: Millis, times: Times) -> String {
    let times = match times {
        Times::Month | Times::Day => Times::Clock { separator: ' ', utc: false },
        other => other,
    };
    stamp::write(at.div_euclid(1000), times)
}

/// Six places: more than a simulation knows.
fn six(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn cost(hours: f64, subject: &Subject) -> Option<String> {
    let (price, currency) = subject.price.as_ref()?;
    let amount = (quantised(hours) * price).round_dp(2);
    Some(format!("{amount:.2} {currency}").trim_end().to_owned())
}

fn of_event(event: &Event, subject: &Subject) -> EventView {
    let decision = event.decision;
    let mut why = match decision.reason {
        Reason::AboveTarget(metric) => {
            format!(
                "{} above target",
                subject.metrics.get(metric).map_or("a metric", String::as_str)
            )
        }
        Reason::BelowTarget => "all metrics below target".to_owned(),
        Reason::BelowMin => "fewer than minReplicas".to_owned(),
        Reason::AboveMax => "more than maxReplicas".to_owned(),
        Reason::Steady => "a window let go".to_owned(),
        Reason::Disabled | Reason::Failed(_) => "no metric".to_owned(),
    };
    if let Some(wished) = decision.recommended.filter(|wished| *wished != event.to) {
        let _ = match decision.limit {
            Limit::DesiredWithinRange => {
                write!(why, "; {wished} asked for, a window holds it back")
            }
            limit => write!(why, "; {wished} asked for, {}", limit.word()),
        };
    }
    EventView {
        at: written(event.at, subject.times),
        from: event.from,
        to: event.to,
        load: six(event.load),
        why,
    }
}

fn of_bin(bin: &Bin, times: Times) -> BinView {
    BinView {
        at: written(bin.at, times),
        load: six(bin.load),
        wanted: six(bin.wanted),
        running: six(bin.running),
        ready: six(bin.ready),
        nodes: six(bin.nodes),
        short: six(bin.short),
    }
}

/// Rows of two and three columns: what, how much, against what.
fn rows(view: &HpaView, outcome: &OutcomeView) -> Vec<[String; 3]> {
    let none = String::new;
    let peak = &view.static_peak;
    let unit = plain(&view.unit);
    let rate = if unit.is_empty() { "load".to_owned() } else { unit.clone() };
    let count = match unit.strip_suffix("/s") {
        Some(counted) => counted.to_owned(),
        None => format!("{rate} × s"),
    };
    let mut rows = vec![
        ["Load".to_owned(), format!("{} {count}", units(outcome.load)), none()],
        [
            "Short of capacity".to_owned(),
            share(outcome.short_share),
            if outcome.short > 0.0 {
                format!(
                    "{} {count} in {}; at worst {} {rate} at {}",
                    significant(outcome.short),
                    span(outcome.short_seconds),
                    significant(outcome.worst),
                    outcome.worst_at
                )
            } else {
                none()
            },
        ],
        [
            "Replicas".to_owned(),
            format!("{} to {}", outcome.least_replicas, outcome.most_replicas),
            format!("grew {}, shrank {} times", outcome.grew, outcome.shrank),
        ],
        [
            "Pod-hours".to_owned(),
            units(outcome.pod_hours),
            format!("static peak of {} pods: {}", peak.pods, units(peak.pod_hours)),
        ],
    ];
    if let (Some(hours), Some(nodes), Some(peak)) =
        (outcome.node_hours, peak.nodes, peak.node_hours)
    {
        let saved = saving(hours, peak);
        rows.push([
            "Node-hours".to_owned(),
            units(hours),
            format!("static peak of {nodes} nodes: {}{saved}", units(peak)),
        ]);
    }
    if let (Some(cost), Some(peak)) = (&outcome.cost, &peak.cost) {
        rows.push(["Cost".to_owned(), cost.clone(), format!("static peak: {peak}")]);
    }
    rows
}

fn saving(hours: f64, peak: f64) -> String {
    if peak <= 0.0 {
        return String::new();
    }
    let share = 1.0 - hours / peak;
    let word = if share >= 0.0 { "saved" } else { "more" };
    format!(", {:.0}% {word}", share.abs() * 100.0)
}

/// A share with as many places as say something.
fn share(share: f64) -> String {
    match share {
        s if s <= 0.0 => "0%".to_owned(),
        s if s < 1e-5 => "<0.001%".to_owned(),
        s if s < 0.01 => format!("{:.3}%", s * 100.0),
        s => format!("{:.1}%", s * 100.0),
    }
}

/// Seconds as people say them.
fn span(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{} h", units(s / 3600.0)),
    }
}

fn title(view: &HpaView) -> String {
    let serves = format!("a pod serves {} {}", significant(view.pod_serves), plain(&view.unit));
    format!(
        "{} ({}), {} to {} replicas, {}; {}",
        plain(&view.name),
        plain(&view.target),
        view.min_replicas,
        view.max_replicas,
        view.metrics.join(", "),
        serves.trim_end()
    )
}

/// Changes shown to people; the rest are in CSV and JSON.
const SHOWN: usize = 12;

/// The view for a terminal.
#[must_use]
pub fn table(view: &HpaView, width: usize, color: Color) -> String {
    let mut out = color.paint(Style::Bold, &title(view));
    let _ = write!(out, "\n{} to {}\n\n", view.from, view.until);
    out.push_str(&grid(&rows(view, &view.outcome)));
    out.push('\n');
    out.push_str(&chart(view, width, color));
    out.push_str(&events(view));
    for note in &view.notes {
        let _ =
            writeln!(out, "{}", color.paint(Style::Dim, &wrap(&format!("Note: {note}."), width)));
    }
    if let Some(advice) = &view.recommended {
        out.push('\n');
        out.push_str(&color.paint(Style::Bold, &headline(advice)));
        out.push_str("\n\n");
        out.push_str(&grid(&rows(view, &advice.outcome)));
        let _ = write!(out, "\n{}", advice.manifest);
    }
    out
}

fn headline(advice: &AdviceView) -> String {
    let risk = stated_percent(advice.risk);
    let found = if advice.meets {
        format!("Recommended for at most {risk} short")
    } else {
        format!("Nothing that was tried keeps {risk}; the nearest")
    };
    let aim = advice.target_share.map_or(String::new(), |share| {
        format!(", aiming at {} of what a pod serves", stated_percent(share))
    });
    format!(
        "{found}: {} to {} replicas{aim} (the cheapest of {} simulations)",
        advice.min_replicas, advice.max_replicas, advice.simulations
    )
}

fn grid(rows: &[[String; 3]]) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    for row in rows {
        grid.add_row(row);
    }
    if let Some(column) = grid.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    trimmed(&grid)
}

/// Ready pods as an area, what the load takes as dots, both means of a stretch.
fn chart(view: &HpaView, width: usize, color: Color) -> String {
    let most = width.saturating_sub(MARGIN + 1).max(10);
    let step = view.timeline.len().div_ceil(most).max(1);
    let columns: Vec<(Column, f64)> = view
        .timeline
        .chunks(step)
        .map(|bins| {
            let mean = |of: fn(&BinView) -> f64| {
                bins.iter().map(of).sum::<f64>() / bins.len().max(1) as f64
            };
            let short = bins.iter().map(|bin| bin.short).sum();
            let ready = mean(|bin| bin.ready);
            let need = mean(|bin| bin.load) / view.pod_serves;
            (Column { low: 0.0, high: ready, middle: need, line: None, dashed: None }, short)
        })
        .collect();
    let (columns, short): (Vec<Column>, Vec<f64>) = columns.into_iter().unzip();
    let wide = (most / columns.len().max(1)).clamp(1, 6);
    let mut text =
        "░ pods that serve  ● pods the load takes at 100%  ▪ some of it short\n".to_owned();
    text.push_str(&plot(&columns, wide, Axis::Zero));
    if short.iter().any(|short| *short > 0.0) {
        let marks: String = short
            .iter()
            .flat_map(|short| std::iter::repeat_n(if *short > 0.0 { '▪' } else { ' ' }, wide))
            .collect();
        let line = format!("{:>MARGIN$} {marks}", "short");
        let _ = writeln!(text, "{}", color.paint(Style::Red, line.trim_end()));
    }
    let length = columns.len() * wide;
    let gap = length.saturating_sub(view.from.len() + view.until.len()).max(2);
    let _ = writeln!(text, "{:MARGIN$} {}{}{}\n", "", view.from, " ".repeat(gap), view.until);
    text
}

fn events(view: &HpaView) -> String {
    if view.events.is_empty() {
        return "It neither grew nor shrank.\n\n".to_owned();
    }
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(["When", "From", "To", "Why"]);
    for event in view.events.iter().take(SHOWN) {
        let EventView { at, from, to, why, .. } = event;
        grid.add_row([at, &from.to_string(), &to.to_string(), why]);
    }
    for place in [1, 2] {
        if let Some(column) = grid.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = trimmed(&grid);
    if view.events.len() > SHOWN {
        let more = view.events.len() - SHOWN;
        let _ = writeln!(text, " and {more} more; `--format json` has them all");
    }
    text.push('\n');
    text
}

/// The view as JSON.
#[must_use]
pub fn json(view: &HpaView) -> String {
    let text = super::prose::or_bug(serde_json::to_string_pretty(view));
    format!("{text}\n")
}

/// The timeline as CSV.
#[must_use]
pub fn csv(view: &HpaView) -> String {
    let mut csv = Csv::default();
    let heads = ["time", "load", "wanted", "running", "ready", "nodes", "short"];
    csv.row(&heads.map(str::to_owned));
    for bin in &view.timeline {
        let figures = [bin.load, bin.wanted, bin.running, bin.ready, bin.nodes, bin.short]
            .map(|f| f.to_string());
        let mut row = vec![super::csv::text(&bin.at)];
        row.extend(figures);
        csv.row(&row);
    }
    csv.text
}

/// The view as Markdown.
#[must_use]
pub fn markdown(view: &HpaView) -> String {
    let escape = super::prose::escape;
    let mut out = format!("### {}\n\n{} to {}\n\n", escape(&title(view)), view.from, view.until);
    let table = |out: &mut String, outcome: &OutcomeView| {
        out.push_str("| | | |\n|---|--:|---|\n");
        for row in rows(view, outcome) {
            let _ = writeln!(out, "| {} |", row.map(|cell| escape(&cell)).join(" | "));
        }
        out.push('\n');
    };
    table(&mut out, &view.outcome);
    for note in &view.notes {
        let _ = writeln!(out, "* {}", escape(note));
    }
    if let Some(advice) = &view.recommended {
        let _ = write!(out, "\n#### {}\n\n", escape(&headline(advice)));
        table(&mut out, &advice.outcome);
        let _ = write!(out, "```yaml\n{}```\n", advice.manifest);
    }
    out
}
