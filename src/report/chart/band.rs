//! Demand against supply: the fan of what a pool needs, supply as steps, months at risk marked.

use super::frame::{Frame, Label};
use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both};
use crate::calendar::Month;
use crate::report::format;
use crate::report::view::PoolMonthView;

/// Months with a smaller chance of a shortfall are not shaded.
const SHADED_MIN: f64 = 0.05;

/// What is drawn: months of need and supply, counted in `unit`.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Band<'a> {
    pub(in crate::report) months: &'a [PoolMonthView],
    pub(in crate::report) unit: &'a str,
    /// GPUs in one of the unit, for a second axis; 0 without.
    pub(in crate::report) gpus_per_node: f64,
}

/// Draws need against supply.
pub(in crate::report) fn draw(pool: &Band<'_>, naming: Naming<'_>) -> Chart {
    both(naming, |layout| picture(pool, layout))
}

fn picture(pool: &Band<'_>, layout: Layout) -> Svg {
    let height = layout.choose(330.0, 300.0);
    let mut svg = Svg::new(height);
    let frame = frame(pool, layout, height);
    let months: Vec<Month> = pool.months.iter().map(|month| month.month).collect();
    shade(&mut svg, &frame, pool);
    axis(&mut svg, &frame, pool, layout);
    frame.months(&mut svg, &months, layout);
    fan(&mut svg, &frame, pool);
    let exists = |month: &PoolMonthView| Some(month.existing).filter(|nodes| *nodes > 0.0);
    let existing: Vec<_> = pool.months.iter().map(exists).collect();
    let inside = |month: &PoolMonthView| month.available.filter(|n| *n <= frame.scale.max());
    let available: Vec<_> = pool.months.iter().map(inside).collect();
    frame.steps(&mut svg, "halo", &existing);
    frame.steps(&mut svg, "exists", &existing);
    frame.steps(&mut svg, "halo", &available);
    frame.steps(&mut svg, "available", &available);
    chances(&mut svg, &frame, pool, layout);
    frame.labels(&mut svg, labels(&frame, pool, layout));
    svg
}

fn frame(pool: &Band<'_>, layout: Layout, height: f64) -> Frame {
    let top_of = |month: &PoolMonthView| month.need[4].max(month.existing);
    let largest = pool.months.iter().map(top_of).fold(0.0, f64::max);
    // A limit far above the need would press the picture flat: it is named at the edge instead.
    let limits = pool.months.iter().filter_map(|month| month.available);
    let largest = limits.filter(|limit| *limit <= largest * 1.6).fold(largest, f64::max);
    Frame {
        left: layout.choose(if pool.gpus_per_node > 0.0 { 104.0 } else { 64.0 }, 52.0),
        right: layout.width() - layout.choose(150.0, 66.0),
        top: 34.0,
        bottom: height - 72.0,
        scale: Scale::counting(largest, 4),
        columns: pool.months.len(),
    }
}

/// Tick labels in nodes and, beside them where there is room, in GPUs.
fn axis(svg: &mut Svg, frame: &Frame, pool: &Band<'_>, layout: Layout) {
    let per_node = pool.gpus_per_node;
    frame.grid(svg, |nodes| if nodes == 0.0 { "0".to_owned() } else { format::count(nodes) });
    svg.text("ax", (frame.left - 8.0, 18.0), Anchor::End, pool.unit);
    if per_node > 0.0 && layout == Layout::Wide {
        let x = frame.left - 46.0;
        for tick in &frame.scale.ticks {
            let text = if *tick == 0.0 { "0".to_owned() } else { format::count(tick * per_node) };
            svg.text("ax gpus", (x - 8.0, frame.y(*tick) + 4.0), Anchor::End, &text);
        }
        svg.text("ax gpus", (x - 8.0, 18.0), Anchor::End, "GPUs");
    }
}

fn shade(svg: &mut Svg, frame: &Frame, pool: &Band<'_>) {
    for (t, month) in pool.months.iter().enumerate() {
        let class = match month.short_chance {
            chance if chance >= 0.5 => "short3",
            chance if chance >= 0.25 => "short2",
            chance if chance >= SHADED_MIN => "short1",
            _ => continue,
        };
        svg.rect(class, (frame.x(t), frame.top), (frame.step(), frame.bottom - frame.top));
    }
}

fn fan(svg: &mut Svg, frame: &Frame, pool: &Band<'_>) {
    let points = |q: usize| -> Vec<(f64, f64)> {
        let months = pool.months.iter().enumerate();
        months.map(|(t, month)| (frame.middle(t), frame.y(month.need[q]))).collect()
    };
    let between = |low: usize, high: usize| {
        points(high).into_iter().chain(points(low).into_iter().rev()).collect::<Vec<_>>()
    };
    svg.area("b80", between(0, 4));
    svg.area("b50", between(1, 3));
    svg.path("median", points(2));
}

/// The chance of a shortfall, month by month, under the month it belongs to.
fn chances(svg: &mut Svg, frame: &Frame, pool: &Band<'_>, layout: Layout) {
    let y = frame.bottom + 60.0;
    let any = pool.months.iter().any(|month| month.short_chance > 0.0);
    if !any {
        svg.text("ax", (frame.left, y), Anchor::Start, "no shortfall in any draw");
        return;
    }
    svg.line("grid", (frame.left, y - 17.0), (frame.right, y - 17.0));
    svg.text("ax", (frame.left - 8.0, y), Anchor::End, layout.choose("short, %", "risk %"));
    // Months narrower than a figure are labelled where the chance is largest.
    let largest = pool.months.iter().map(|month| month.short_chance).fold(0.0, f64::max);
    for (t, month) in pool.months.iter().enumerate() {
        if frame.step() < layout.choose(26.0, 20.0) && month.short_chance < largest {
            continue;
        }
        let chance = format::chance(month.short_chance).replace('%', "");
        let whole = chance.split_once('.').map_or(chance.as_str(), |(whole, _)| whole).to_owned();
        let text = layout.choose(chance, whole);
        let class = if month.short_chance >= SHADED_MIN { "risk" } else { "ax" };
        svg.text(class, (frame.middle(t), y), Anchor::Middle, &text);
    }
}

fn labels(frame: &Frame, pool: &Band<'_>, layout: Layout) -> Vec<Label> {
    let Some(last) = pool.months.last() else { return Vec::new() };
    let label = |class, value: f64, wide: String, narrow: &str| Label {
        class,
        text: layout.choose(wide, narrow.to_owned()),
        y: frame.y(value),
        swatch: None,
    };
    let nodes = |value: f64| if value == 0.0 { "0".to_owned() } else { format::count(value) };
    let mut labels = vec![
        label("fanlabel", last.need[4], format!("p90 need {}", nodes(last.need[4])), "p90"),
        label("fanlabel", last.need[2], format!("median need {}", nodes(last.need[2])), "median"),
        label("fanlabel", last.need[0], format!("p10 need {}", nodes(last.need[0])), "p10"),
    ];
    if pool.months.iter().any(|month| month.existing > 0.0) {
        let exists = format!("exists {}", nodes(last.existing));
        labels.push(label("supplylabel", last.existing, exists, "exists"));
    }
    labels.push(match last.available {
        Some(limit) if limit <= frame.scale.max() => {
            label("supplylabel", limit, format!("can run {}", nodes(limit)), "can run")
        }
        Some(limit) => {
            let text = format!("can run {} ↑", nodes(limit));
            label("supplylabel", frame.scale.max(), text, "can run ↑")
        }
        None => label("supplylabel", frame.scale.max(), "no limit ↑".to_owned(), "no limit ↑"),
    });
    labels
}
