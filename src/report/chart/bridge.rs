//! A bridge from one amount to another: levels stand on the axis, steps hang between them, and a thin line
//! leads from each bar to the next.
//!
//! Bars and their labels go in, in order. A step begins where the bar before it ended, so that the drawing
//! foots exactly as its figures do. Direction is said by the sign in the label as well as by colour. Bars lie
//! in rows from top to bottom, so that names of any length stand beside them in full.

use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};

/// What a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Kind {
    /// An amount: it stands on the axis.
    Level,
    /// A difference: it hangs from where the bar before it ended.
    Step,
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Bar {
    pub(in crate::report) kind: Kind,
    pub(in crate::report) name: String,
    /// The amount, or the difference.
    pub(in crate::report) value: f64,
    /// The value as text; a difference with its sign.
    pub(in crate::report) label: String,
}

/// Draws a bridge; `unit` names what the axis counts, `tick` writes a value of it.
pub(in crate::report) fn draw(
    bars: &[Bar],
    unit: &str,
    tick: &dyn Fn(f64) -> String,
    naming: Naming<'_>,
) -> Chart {
    both(naming, |layout| picture(bars, unit, tick, layout))
}

/// Where a bar begins and ends on the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    from: f64,
    to: f64,
    class: &'static str,
}

impl Span {
    fn low(self) -> f64 {
        self.from.min(self.to)
    }

    fn high(self) -> f64 {
        self.from.max(self.to)
    }
}

fn spans(bars: &[Bar]) -> Vec<Span> {
    let mut level = 0.0;
    bars.iter()
        .map(|bar| {
            let from = if bar.kind == Kind::Level { 0.0 } else { level };
            level = from + bar.value;
            let class = match bar.kind {
                Kind::Level => "level",
                Kind::Step if bar.value < 0.0 => "fall",
                Kind::Step => "rise",
            };
            Span { from, to: level, class }
        })
        .collect()
}

/// From zero; from a round value below every level where the steps would else be too small to see.
fn scale(spans: &[Span]) -> Scale {
    const SEEN: f64 = 0.35;
    let least = spans.iter().map(|span| span.to).fold(f64::INFINITY, f64::min);
    let largest = spans.iter().map(|span| span.to).fold(0.0, f64::max);
    let moved = largest - least;
    if moved > 0.0 && moved < largest * SEEN {
        Scale::between((least - moved * 0.6).max(0.0), largest, 4)
    } else {
        Scale::between(least.min(0.0), largest, 4)
    }
}

fn picture(bars: &[Bar], unit: &str, tick: &dyn Fn(f64) -> String, layout: Layout) -> Svg {
    let spans = spans(bars);
    let scale = scale(&spans);
    let top = 12.0;
    let row = layout.choose(30.0, 44.0);
    let bottom = top + row * bars.len() as f64;
    let mut svg = Svg::new(bottom + 44.0);
    let longest = bars.iter().map(|bar| bar.name.chars().count()).max().unwrap_or(0) as f64;
    let margin = (24.0 + 7.2 * longest).clamp(96.0, 230.0);
    let (left, right) = (layout.choose(margin, 8.0), layout.width() - layout.choose(84.0, 8.0));
    let x = |value: f64| left + scale.share(value) * (right - left);
    let every = layout.choose(1, scale.ticks.len().div_ceil(4));
    for at in scale.ticks.iter().step_by(every) {
        let class = if *at == 0.0 { "zero" } else { "grid" };
        svg.line(class, (x(*at), top), (x(*at), bottom));
        let anchor = match x(*at) {
            x if x - left < 24.0 => Anchor::Start,
            x if layout.width() - x < 24.0 => Anchor::End,
            _ => Anchor::Middle,
        };
        svg.text("ax", (x(*at), bottom + 18.0), anchor, &tick(*at));
    }
    svg.text("ax", (right, bottom + 36.0), Anchor::End, &axis_words(&scale, unit, tick));
    for (place, (bar, span)) in bars.iter().zip(&spans).enumerate() {
        let y = top + row * place as f64;
        let (from, to) = layout.choose((y + 6.0, y + row - 6.0), (y + 22.0, y + row - 4.0));
        let (low, high) = (x(span.low()), x(span.high()));
        svg.rect(span.class, (low, from), ((high - low).max(1.0), to - from));
        if bar.kind == Kind::Level && scale.min() > 0.0 {
            // The bar is longer than the axis shows.
            for right in [8.0, 13.0] {
                svg.line("break", (left + right, to), (left + right + 5.0, from));
            }
        }
        if place + 1 < bars.len() {
            let next = y + row + layout.choose(6.0, 22.0);
            svg.line("joint", (x(span.to), to), (x(span.to), next));
        }
        let name = shortened(&bar.name, layout.choose(32, 34));
        if layout == Layout::Wide {
            let middle = f64::midpoint(from, to) + 4.0;
            svg.text("lab", (left - 10.0, middle), Anchor::End, &name);
            svg.text("barlabel", (high + 7.0, middle), Anchor::Start, &bar.label);
        } else {
            svg.text("lab", (left, y + 16.0), Anchor::Start, &name);
            svg.text("barlabel", (right, y + 16.0), Anchor::End, &bar.label);
        }
    }
    svg
}

/// What the axis counts, and where it begins if not at zero.
fn axis_words(scale: &Scale, unit: &str, tick: &dyn Fn(f64) -> String) -> String {
    if scale.min() > 0.0 {
        format!("{unit}, axis starts at {}", tick(scale.min()))
    } else {
        unit.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(name: &str, value: f64) -> Bar {
        Bar { kind: Kind::Level, name: name.to_owned(), value, label: format!("{value}") }
    }

    fn step(name: &str, value: f64) -> Bar {
        Bar { kind: Kind::Step, ..level(name, value) }
    }

    fn drawn(bars: &[Bar]) -> Chart {
        let naming = Naming { id: "b", title: "Bridge", description: "From one to another." };
        draw(bars, "US$", &|value| format!("{value}"), naming)
    }

    #[test]
    fn a_step_begins_where_the_bar_before_it_ended() {
        let bars = [level("a", 100.0), step("b", 20.0), step("c", -50.0), level("d", 70.0)];
        let ends: Vec<(f64, f64)> = spans(&bars).iter().map(|span| (span.from, span.to)).collect();
        assert_eq!(ends, [(0.0, 100.0), (100.0, 120.0), (120.0, 70.0), (0.0, 70.0)]);
        let classes: Vec<&str> = spans(&bars).iter().map(|span| span.class).collect();
        assert_eq!(classes, ["level", "rise", "fall", "level"]);
    }

    #[test]
    fn small_steps_are_seen_on_an_axis_that_says_where_it_starts() {
        let bars = [level("a", 1000.0), step("b", 20.0), level("c", 1020.0)];
        let scale = scale(&spans(&bars));
        assert!(scale.min() > 900.0 && scale.min() < 1000.0 && scale.max() >= 1020.0);
        assert!(drawn(&bars).wide.contains("axis starts at"));
        let large = [level("a", 1000.0), step("b", -800.0), level("c", 200.0)];
        assert!(super::scale(&spans(&large)).min().abs() < 1e-9);
    }

    #[test]
    fn zeros_negatives_and_single_bars_have_a_drawing() {
        for bars in [
            vec![],
            vec![level("a", 0.0)],
            vec![level("a", 0.0), step("b", 0.0), level("c", 0.0)],
            vec![level("a", 10.0), step("b", -30.0), level("c", -20.0)],
            vec![level("a", -10.0), step("b", -30.0), level("c", -40.0)],
            vec![level("a", 5.0), step("b", 0.0), level("c", 5.0)],
        ] {
            let chart = drawn(&bars);
            for svg in [chart.wide, chart.narrow] {
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{bars:?}: {svg}");
                assert!(!svg.contains("height=\"-") && !svg.contains("width=\"-"), "{bars:?}");
                assert!(bars.iter().all(|bar| svg.contains(&format!(">{}<", bar.label))));
            }
        }
    }
}
