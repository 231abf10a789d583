//! Headroom: utilisation, saturation and errors of every resource, bottlenecks with their dates, and the
//! tightest week of each pool that is limited.

use serde::Serialize;

use super::{Align, Block, Cell, Figure, RowKind, Section, Table, Tone, cell, plain};
use crate::procure::week::STEPS;
use crate::report::chart::{Naming, heat_map};
use crate::report::format;
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::{BudgetView, CureView, DriverView, HeadroomView, RaisedView};

/// Pools whose week is drawn, the tightest first.
const DRAWN: usize = 4;

#[derive(Serialize)]
struct Confidence {
    confidence: String,
}

/// What the prose is given.
pub(super) fn sample() -> impl Serialize {
    Confidence { confidence: TEXT.to_owned() }
}

pub(super) fn section(view: &BudgetView) -> Option<Section> {
    let first = view.headroom.first()?;
    let confidence = Confidence { confidence: format::stated_percent(first.confidence) };
    let mut blocks = vec![
        Block::prose(prose::render("headroom", &confidence)),
        Block::table(bottlenecks(&view.headroom)),
        Block::table(causes(&view.headroom)),
        Block::table(resources(&view.headroom)),
    ];
    for (place, pool) in tight(view).into_iter().take(DRAWN).enumerate() {
        blocks.push(Block::figure(figure(pool, &format!("week-{}", place + 1))));
    }
    Some(Section { id: "headroom", heading: "Headroom".to_owned(), blocks })
}

/// Pools whose week is worth a look, the tightest first.
pub(in crate::report) fn tight(view: &BudgetView) -> Vec<&HeadroomView> {
    let mut tight: Vec<&HeadroomView> =
        view.headroom.iter().filter(|pool| pool.level_max() > 1).collect();
    tight.sort_by(|a, b| {
        b.short_chance.total_cmp(&a.short_chance).then(b.level_max().cmp(&a.level_max()))
    });
    tight
}

/// The week of the tightest pool, on its own.
pub(super) fn tightest(view: &BudgetView) -> Option<Figure> {
    tight(view).first().map(|pool| figure(pool, "tightest"))
}

/// Pools, when they cross, why and what would cure it.
pub(in crate::report) fn bottlenecks(pools: &[HeadroomView]) -> Table {
    let caption = "First month in which the busiest hour needs more than exists, first day on which nodes are missing, at each confidence";
    let mut table = Table::new("bottlenecks", "Bottlenecks and their dates", caption)
        .columns(Align::Text, &["Pool", "Tightest"])
        .columns(Align::Number, &["Chance short", "Missing"])
        .columns(Align::Text, &["Past what exists"]);
    let confidences: Vec<String> = pools.first().map_or_else(Vec::new, |pool| {
        pool.crossings.iter().map(|of| format!("Short, {}", percent(of.confidence))).collect()
    });
    let heads: Vec<&str> = confidences.iter().map(String::as_str).collect();
    table = table.columns(Align::Text, &heads);
    for pool in pools {
        let tone = (pool.short_chance >= 0.05).then_some(Tone::Bad);
        let mut row = vec![
            plain(&pool.pool),
            cell(format::month(pool.tightest)),
            Cell { tone, ..cell(format::chance(pool.short_chance)) },
            cell(if pool.missing > 0.0 {
                format::counted(pool.missing, "node")
            } else {
                format::NONE.to_owned()
            }),
            cell(past_existing(pool)),
        ];
        row.extend(
            pool.crossings
                .iter()
                .map(|of| cell(of.short.map_or_else(|| format::NONE.to_owned(), format::day))),
        );
        table.push(RowKind::Body, row);
    }
    table
}

/// What drives each pool, and what would cure it.
pub(in crate::report) fn causes(pools: &[HeadroomView]) -> Table {
    let caption = "The workload that adds most by the tightest month, and where the plan says so";
    let mut table = Table::new("causes", "What drives need, and what would cure it", caption)
        .columns(Align::Text, &["Pool"])
        .columns(Align::Wrapped, &["Driven by", "What would cure it"]);
    for pool in pools {
        let cures: Vec<String> = pool.cures.iter().map(cure).collect();
        table.push(
            RowKind::Body,
            vec![
                plain(&pool.pool),
                cell(pool.driver.as_ref().map_or_else(|| format::NONE.to_owned(), driver)),
                cell(if cures.is_empty() { none_needed(pool) } else { cures.join("; or ") }),
            ],
        );
    }
    table
}

fn none_needed(pool: &HeadroomView) -> String {
    let short = pool.months.iter().any(|month| month.missing > 0.0);
    if short { "none of ours".to_owned() } else { "nothing is short".to_owned() }
}

/// The first month past what exists, by confidence, where they differ.
fn past_existing(pool: &HeadroomView) -> String {
    let found: Vec<(f64, String)> = pool
        .crossings
        .iter()
        .filter_map(|of| Some((of.confidence, format::month(of.exists?))))
        .collect();
    match found.as_slice() {
        [] => format::NONE.to_owned(),
        [(_, first), rest @ ..] if rest.iter().all(|(_, month)| month == first) => first.clone(),
        all => {
            let each: Vec<String> =
                all.iter().map(|(at, month)| format!("{month} ({})", percent(*at))).collect();
            each.join(", ")
        }
    }
}

/// A driver in words: `chat, +3 nodes to 12 by May 2027: growth compound (plan.kdl:31)`.
pub(in crate::report) fn driver(driver: &DriverView) -> String {
    let name =
        driver.name.as_deref().map_or_else(String::new, |name| format!(" {}", format::plain(name)));
    let cause = match driver.cause {
        "level" => "as large from the start".to_owned(),
        "history" => "the growth of its history".to_owned(),
        word => format!("{word}{name}"),
    };
    let grown = if driver.grown >= 0.05 {
        format!("+{} to {}", format::count(driver.grown), format::counted(driver.nodes, "node"))
    } else {
        format::counted(driver.nodes, "node")
    };
    format!(
        "{}, {grown} in {}: {cause} ({})",
        format::plain(&driver.workload),
        format::month(driver.month),
        format::plain(&driver.place)
    )
}

/// Limits to raise, in words.
fn raised(limits: &[RaisedView]) -> String {
    let of = |limit: &RaisedView| {
        let which = limit.purchase.map_or_else(String::new, |purchase| format!("{purchase} "));
        let from = if limit.from < 0.5 { "0".to_owned() } else { format::count(limit.from) };
        let to = format::counted(limit.to, "node");
        let all =
            if limit.purchase.is_none() && limits.len() > 1 { " on all purchases" } else { "" };
        format!("the {which}limit{all} from {from} to {to}")
    };
    format!("raise {}", limits.iter().map(of).collect::<Vec<_>>().join(" and "))
}

/// A cure in words.
pub(in crate::report) fn cure(cure: &CureView) -> String {
    match cure {
        CureView::RaiseLimit { limits } => raised(limits),
        CureView::Order { purchase, nodes, need_by, order_by, late, limits } => {
            let what = format!("{purchase} {}", if *nodes > 1.5 { "nodes" } else { "node" });
            let when = order_by.map_or_else(
                || "; no lead time is stated".to_owned(),
                |day| {
                    let late = if *late { ", LATE" } else { "" };
                    format!(", ordered by {}{late} (p90 of the lead time)", format::day(day))
                },
            );
            let also =
                if limits.is_empty() { String::new() } else { format!("; {}", raised(limits)) };
            let nodes = format::count(*nodes);
            format!("{nodes} more {what} by {}{when}{also}", format::day(*need_by))
        }
        CureView::RaiseTarget { from, to } => {
            format!("raise target-utilization from {} to {}", percent(*from), percent(*to))
        }
        CureView::Relieve { workload, nodes, of } => format!(
            "move or cap {}: {} of its {}",
            format::plain(workload),
            format::count(*nodes),
            format::counted(*of, "node")
        ),
    }
}

/// Every pool × resource, what is cleared too.
pub(in crate::report) fn resources(pools: &[HeadroomView]) -> Table {
    let caption =
        "In the tightest month; nodes that the resource alone would need in the busiest hour";
    let mut table =
        Table::new("use-method", "Utilisation, saturation and errors of every resource", caption)
            .columns(Align::Text, &["Pool", "Resource", "Month"])
            .columns(Align::Number, &["Requested", "Used", "Nodes p50", "Nodes p95"])
            .columns(Align::Number, &["Saturation", "Errors"])
            .columns(Align::Text, &["Verdict"]);
    for pool in pools {
        for (place, row) in pool.resources.iter().enumerate() {
            let share = |share: Option<f64>| {
                cell(share.map_or_else(|| format::NONE.to_owned(), format::percent))
            };
            let bad = (row.short_chance >= 0.05).then_some(Tone::Bad);
            let verdict = match row.saturation {
                _ if row.short_chance > 1.0 - pool.confidence => "short",
                None => "no limit",
                Some(full) if full > STEPS[2] => "tight",
                Some(_) if place == 0 => "fits; binds first",
                Some(_) => "cleared",
            };
            table.push(
                RowKind::Body,
                vec![
                    plain(&pool.pool),
                    cell(row.resource.word()),
                    cell(format::month(pool.tightest)),
                    share(row.utilization),
                    share(row.used),
                    cell(format::count(row.peak_nodes.0)),
                    cell(format::count(row.peak_nodes.1)),
                    row.saturation.map_or_else(|| cell("no limit"), |full| share(Some(full))),
                    Cell { tone: bad, ..cell(format::chance(row.short_chance)) },
                    Cell { tone: bad, ..cell(verdict) },
                ],
            );
        }
    }
    table
}

fn figure(pool: &HeadroomView, id: &str) -> Figure {
    let name = format::plain(&pool.pool);
    let title = format!("The week of {name} in {}", format::month(pool.tightest));
    let (finding, summary) = (finding(pool), summary(pool));
    let description = format!("{finding}. {summary}");
    let naming = Naming { id, title: &title, description: &description };
    Figure {
        caption: format!(
            "{}, hours in UTC; need as a share of what can run, at {} confidence; a dot marks a shortfall",
            format::month(pool.tightest),
            percent(pool.confidence)
        ),
        chart: heat_map::draw(&pool.week, naming),
        data: data(pool, id, &title),
        finding,
        summary,
    }
}

/// What a week shows, in a sentence.
pub(in crate::report) fn finding(pool: &HeadroomView) -> String {
    let name = format::plain(&pool.pool);
    let month = format::month(pool.tightest);
    match pool.hours_short() {
        0 => {
            let level = heat_map::LEVELS[pool.level_max().min(STEPS.len())];
            format!(
                "{name}: no hour of the week is short in {month}; the busiest take{} of what can run",
                level.replace("to", " up to")
            )
        }
        hours if hours == pool.week.len() => {
            format!("{name}: short in every hour of the week in {month}")
        }
        1 => format!("{name}: short in one hour of the week in {month}"),
        hours => format!("{name}: short in {hours} of 168 hours of the week in {month}"),
    }
}

fn summary(pool: &HeadroomView) -> String {
    let busiest = pool.week.iter().enumerate().max_by(|a, b| {
        let rank = |hour: &crate::report::view::HourView| (hour.level, hour.short_chance);
        let (a_level, a_chance) = rank(a.1);
        let (b_level, b_chance) = rank(b.1);
        a_level.cmp(&b_level).then(a_chance.total_cmp(&b_chance)).then(b.0.cmp(&a.0))
    });
    let Some((hour, busiest)) = busiest else { return String::new() };
    let tightest =
        format!("The tightest hour is {} {:02}:00 UTC", heat_map::DAYS[hour / 24], hour % 24);
    if busiest.short_chance <= 0.0 {
        return format!("{tightest}; it is short in no draw.");
    }
    format!(
        "{tightest}: short in {} of draws, {} missing on average.",
        format::chance(busiest.short_chance),
        format::counted(busiest.missing, "node"),
    )
}

/// Each day's tightest hour, and how many hours are at each level.
fn data(pool: &HeadroomView, id: &str, title: &str) -> Table {
    let mut table = Table::new(format!("{id}-data"), title, "Hours of the day at each level")
        .columns(Align::Text, &["Day"])
        .columns(Align::Number, &heat_map::LEVELS)
        .columns(Align::Number, &["Largest chance short", "At, UTC"]);
    for (day, name) in heat_map::DAYS.into_iter().enumerate() {
        let hours =
            &pool.week[(day * 24).min(pool.week.len())..((day + 1) * 24).min(pool.week.len())];
        let mut row = vec![cell(name)];
        row.extend((0..heat_map::LEVELS.len()).map(|level| {
            let count = hours.iter().filter(|hour| hour.level == level).count();
            cell(format::count(count as f64))
        }));
        let worst = hours
            .iter()
            .enumerate()
            .rev()
            .max_by(|a, b| a.1.short_chance.total_cmp(&b.1.short_chance));
        let (at, chance) = worst.map_or((0, 0.0), |(at, hour)| (at, hour.short_chance));
        row.push(cell(format::chance(chance)));
        row.push(if chance > 0.0 { cell(format!("{at:02}:00")) } else { cell(format::NONE) });
        table.push(RowKind::Body, row);
    }
    table
}

fn percent(share: f64) -> String {
    format::stated_percent(share)
}
