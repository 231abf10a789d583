//! One share as a dial: half a ring, filled as far as the share, with the figure inside.

use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both};

/// A dial.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Dial {
    /// What is shown, from 0 to 1; what is more fills the ring.
    pub(in crate::report) share: f64,
    /// The figure inside.
    pub(in crate::report) value: String,
    /// What it is, below the figure.
    pub(in crate::report) label: String,
    /// Where a second share stands, as a line across the ring, and what it is.
    pub(in crate::report) mark: Option<(f64, String)>,
}

/// Draws a dial.
pub(in crate::report) fn draw(dial: &Dial, naming: Naming<'_>) -> Chart {
    both(naming, |layout| picture(dial, layout))
}

fn picture(dial: &Dial, layout: Layout) -> Svg {
    let (centre, radius) = ((layout.width() / 2.0, 172.0), 118.0);
    let mut svg = Svg::new(214.0);
    let turn = |share: f64| share.clamp(0.0, 1.0) / 2.0;
    svg.arc("track", centre, radius, (0.0, 0.5));
    if dial.share > 0.0 {
        svg.arc("gauge", centre, radius, (0.0, turn(dial.share)));
    }
    let at = |share: f64, radius: f64| {
        let angle = std::f64::consts::PI * (1.0 - share.clamp(0.0, 1.0));
        (centre.0 + radius * libm::cos(angle), centre.1 - radius * libm::sin(angle))
    };
    if let Some((share, text)) = &dial.mark {
        svg.line("target", at(*share, radius - 16.0), at(*share, radius + 16.0));
        let place = at(*share, radius + 24.0);
        let anchor = match share {
            share if *share < 0.45 => Anchor::End,
            share if *share > 0.55 => Anchor::Start,
            _ => Anchor::Middle,
        };
        svg.text("ax", place, anchor, text);
    }
    svg.text("dialvalue", (centre.0, centre.1 - 22.0), Anchor::Middle, &dial.value);
    svg.text("ax", (centre.0, centre.1 + 2.0), Anchor::Middle, &dial.label);
    svg.text("ax", (centre.0 - radius, centre.1 + 22.0), Anchor::Middle, "0");
    svg.text("ax", (centre.0 + radius, centre.1 + 22.0), Anchor::Middle, "100%");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(share: f64) -> String {
        let dial = Dial {
            share,
            value: "88%".to_owned(),
            label: "asked for".to_owned(),
            mark: Some((0.52, "used 52%".to_owned())),
        };
        let naming = Naming { id: "d", title: "Utilisation", description: "Of the fleet." };
        draw(&dial, naming).narrow
    }

    #[test]
    fn half_of_the_dial_ends_at_its_top() {
        // Narrow: the centre is at 190, 172; the ring's radius is 118.
        assert!(drawn(0.5).contains(r#"class="gauge" d="M72 172A118 118 0 0 1 190 54""#));
        assert!(drawn(1.0).contains(r#"class="gauge" d="M72 172A118 118 0 0 1 308 172""#));
        assert!(drawn(3.0).contains(r#"class="gauge" d="M72 172A118 118 0 0 1 308 172""#));
    }

    #[test]
    fn nothing_is_an_empty_ring() {
        assert!(!drawn(0.0).contains("class=\"gauge\""));
        assert!(!drawn(-0.2).contains("NaN"));
    }
}
