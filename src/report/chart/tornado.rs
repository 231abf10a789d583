//! What moves a total: one row an assumption, a bar from the total where it is low to the total where it is
//! high, the widest swing on top; a line at the median of the total.
//!
//! Low and high are told apart by the arrows in their labels as well as by colour. The axis shows positions,
//! so it need not start at zero.

use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};

/// One row, in units of the axis.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Row {
    pub(in crate::report) name: String,
    /// The total where the assumption is low, and as text.
    pub(in crate::report) low: (f64, String),
    /// The total where it is high.
    pub(in crate::report) high: (f64, String),
}

/// Draws rows around `middle`; `unit` names what the axis counts.
pub(in crate::report) fn draw(
    rows: &[Row],
    middle: (f64, &str),
    unit: &str,
    tick: &dyn Fn(f64) -> String,
    naming: Naming<'_>,
) -> Chart {
    both(naming, |layout| picture(rows, middle, unit, tick, layout))
}

fn picture(
    rows: &[Row],
    (middle, label): (f64, &str),
    unit: &str,
    tick: &dyn Fn(f64) -> String,
    layout: Layout,
) -> Svg {
    let height = layout.choose(30.0, 46.0);
    let top = 60.0;
    let bottom = top + height * rows.len() as f64;
    let mut svg = Svg::new(bottom + 44.0);
    // Labels stand outside the bars.
    let margin = layout.choose(76.0, 60.0);
    let (left, right) = (layout.choose(230.0, 0.0) + margin, layout.width() - margin);
    let ends = rows.iter().flat_map(|row| [row.low.0, row.high.0]).chain([middle]);
    let (least, largest) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let scale = Scale::between(least, largest, layout.choose(5, 3));
    let x = |value: f64| left + scale.share(value) * (right - left);
    for at in &scale.ticks {
        svg.line("grid", (x(*at), top), (x(*at), bottom));
        svg.text("ax", (x(*at), bottom + 18.0), Anchor::Middle, &tick(*at));
    }
    svg.text("ax", (layout.width() - 4.0, bottom + 36.0), Anchor::End, unit);
    legend(&mut svg, layout.choose(left, 4.0));
    svg.line("need", (x(middle), top - 8.0), (x(middle), bottom));
    for (place, row) in rows.iter().enumerate() {
        let y = top + height * place as f64;
        let (from, to) = layout.choose((y + 6.0, y + height - 6.0), (y + 22.0, y + height - 4.0));
        // The longer half lies below, where both lie on one side.
        let mut halves = [("lowhalf", row.low.0), ("highhalf", row.high.0)];
        halves.sort_by(|a, b| (b.1 - middle).abs().total_cmp(&(a.1 - middle).abs()));
        for (class, end) in halves {
            let (low, high) = (x(end.min(middle)), x(end.max(middle)));
            svg.rect(class, (low, from), ((high - low).max(1.0), to - from));
        }
        svg.line("need", (x(middle), from), (x(middle), to));
        let text = f64::midpoint(from, to) + 4.0;
        let (low, high) = (format!("↓ {}", row.low.1), format!("↑ {}", row.high.1));
        let ends = if row.low.0 <= row.high.0 { (low, high) } else { (high, low) };
        let (first, last) = (row.low.0.min(row.high.0), row.low.0.max(row.high.0));
        svg.text("ax", (x(first.min(middle)) - 6.0, text), Anchor::End, &ends.0);
        svg.text("ax", (x(last.max(middle)) + 6.0, text), Anchor::Start, &ends.1);
        let name = shortened(&row.name, layout.choose(31, 46));
        let at = layout.choose((230.0, text), (4.0, y + 16.0));
        svg.text("lab", at, layout.choose(Anchor::End, Anchor::Start), &name);
    }
    svg.text("supplylabel", (x(middle), top - 14.0), Anchor::Middle, label);
    svg
}

fn legend(svg: &mut Svg, left: f64) {
    let parts = [("lowhalf", "↓ in its lowest fifth"), ("highhalf", "↑ in its highest fifth")];
    for (place, (class, text)) in parts.into_iter().enumerate() {
        let x = left + 170.0 * place as f64;
        svg.rect(class, (x, 7.0), (12.0, 12.0));
        svg.text("ax", (x + 18.0, 18.0), Anchor::Start, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, low: f64, high: f64) -> Row {
        Row { name: name.to_owned(), low: (low, format!("{low}")), high: (high, format!("{high}")) }
    }

    fn drawn(rows: &[Row], middle: f64) -> Chart {
        let naming = Naming { id: "t", title: "What moves it", description: "The total." };
        draw(rows, (middle, "median"), "US$", &|value| format!("{value}"), naming)
    }

    #[test]
    fn labels_stand_at_the_ends_that_they_name() {
        let rises = drawn(&[row("a", 90.0, 120.0)], 100.0).wide;
        assert!(rises.contains("text-anchor=\"end\">↓ 90<"), "{rises}");
        assert!(rises.contains("text-anchor=\"start\">↑ 120<"), "{rises}");
        let falls = drawn(&[row("a", 120.0, 90.0)], 100.0).wide;
        assert!(falls.contains("text-anchor=\"end\">↑ 90<"), "{falls}");
        assert!(falls.contains("text-anchor=\"start\">↓ 120<"), "{falls}");
    }

    #[test]
    fn nothing_equal_values_and_one_side_have_a_drawing() {
        for rows in [
            vec![],
            vec![row("still", 0.0, 0.0)],
            vec![row("one side", 110.0, 130.0), row("other side", -5.0, -9.0)],
        ] {
            for svg in [drawn(&rows, 0.0), drawn(&rows, 100.0)].map(|chart| chart.wide) {
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert!(!svg.contains("width=\"-"), "{svg}");
            }
        }
    }
}
