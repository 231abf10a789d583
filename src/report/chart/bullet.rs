//! Shares against what is asked of them: one row each, a bar over bands of half and 85%, a ring where a part
//! of the bar ends, a tick at the least that is asked.
//!
//! Everything is said by its label too. The axis is 0 to 100%; what is more ends at its edge.

use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Row {
    pub(in crate::report) name: String,
    /// The bar, from 0 to 1.
    pub(in crate::report) share: f64,
    /// Where the ring stands.
    pub(in crate::report) part: f64,
    /// The least that is asked, if anything is.
    pub(in crate::report) target: Option<f64>,
    /// What the bar says.
    pub(in crate::report) label: String,
}

/// Where the bands end.
const BANDS: [(f64, &str); 3] = [(0.5, "poor"), (0.85, "fair"), (1.0, "full")];

/// Draws one row a share.
pub(in crate::report) fn draw(rows: &[Row], naming: Naming<'_>) -> Chart {
    both(naming, |layout| picture(rows, layout))
}

fn picture(rows: &[Row], layout: Layout) -> Svg {
    let top = 8.0;
    let height = layout.choose(34.0, 48.0);
    let bottom = top + height * rows.len() as f64;
    let mut svg = Svg::new(bottom + 26.0);
    let (left, right) = (layout.choose(210.0, 8.0), layout.width() - layout.choose(190.0, 14.0));
    let x = |share: f64| left + share.clamp(0.0, 1.0) * (right - left);
    for (place, row) in rows.iter().enumerate() {
        let y = top + height * place as f64;
        let (from, to) = layout.choose((y + 5.0, y + height - 5.0), (y + 22.0, y + height - 4.0));
        let mut start = 0.0;
        for (end, class) in BANDS {
            svg.rect(class, (x(start), from), (x(end) - x(start), to - from));
            start = end;
        }
        let third = (to - from) / 3.0;
        svg.rect("measure", (left, from + third), (x(row.share) - left, third));
        svg.circle("usedmark", (x(row.part), f64::midpoint(from, to)), 4.0);
        if let Some(target) = row.target {
            svg.line("target", (x(target), from + 1.0), (x(target), to - 1.0));
        }
        let middle = f64::midpoint(from, to) + 4.0;
        let name = shortened(&row.name, layout.choose(28, 24));
        let (at, anchor) =
            layout.choose(((left - 10.0, middle), Anchor::End), ((left, y + 16.0), Anchor::Start));
        svg.text("lab", at, anchor, &name);
        let (at, anchor) = layout
            .choose(((right + 10.0, middle), Anchor::Start), ((right, y + 16.0), Anchor::End));
        svg.text("lab", at, anchor, &row.label);
    }
    for (share, text) in [(0.0, "0"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")] {
        let anchor = match share {
            share if share >= 1.0 => Anchor::End,
            share if share <= 0.0 => Anchor::Start,
            _ => Anchor::Middle,
        };
        svg.text("ax", (x(share), bottom + 18.0), anchor, text);
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(share: f64, target: Option<f64>) -> String {
        let row =
            Row { name: "gpu".to_owned(), share, part: 0.2, target, label: "label".to_owned() };
        let naming = Naming { id: "b", title: "Utilisation", description: "Of pools." };
        draw(&[row], naming).wide
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_leaves_the_axis() {
        let width = |svg: &str| -> f64 {
            let bar = svg.split("class=\"measure\"").nth(1).unwrap();
            bar.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
        };
        assert!((width(&drawn(0.5, None)) - 240.0).abs() < 0.11);
        assert!((width(&drawn(1.7, None)) - 480.0).abs() < 0.11);
        assert!(width(&drawn(0.0, None)).abs() < 0.11 && width(&drawn(-1.0, None)).abs() < 0.11);
    }

    #[test]
    fn a_target_is_a_tick_where_there_is_one() {
        assert!(!drawn(0.5, None).contains("class=\"target\""));
        assert!(drawn(0.5, Some(0.25)).contains(r#"class="target" x1="330""#));
    }
}
