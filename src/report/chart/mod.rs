//! Charts as SVG: classes instead of colours, coordinates to a tenth, a title and a description for those
//! who cannot see them, and a narrow drawing of its own for phones. The data beside each chart is the
//! document's.

pub(super) mod band;
pub(super) mod bridge;
pub(super) mod bullet;
pub(super) mod dial;
mod frame;
pub(super) mod gantt;
pub(super) mod heat_map;
pub(super) mod history;
pub(super) mod ranges;
pub(super) mod sankey;
mod scale;
pub(super) mod sparkline;
pub(super) mod stacked;
mod svg;
pub(super) mod tornado;

use serde::Serialize;

pub(super) use scale::Scale;
pub(super) use svg::escape;

/// One chart, drawn for two widths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Chart {
    /// An SVG element for wide pages.
    pub(super) wide: String,
    /// An SVG element for phones.
    pub(super) narrow: String,
}

/// What a chart is called. The id is unique on the page and prefixes every id inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// For which width a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Wide,
    Narrow,
}

impl Layout {
    fn width(self) -> f64 {
        self.choose(880.0, 380.0)
    }

    fn choose<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// Draws a chart for both widths.
fn both(naming: Naming<'_>, draw: impl Fn(Layout) -> svg::Svg) -> Chart {
    Chart {
        wide: draw(Layout::Wide).finish(naming, Layout::Wide),
        narrow: draw(Layout::Narrow).finish(naming, Layout::Narrow),
    }
}

/// A name of at most so many characters, so that it fits its margin.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
