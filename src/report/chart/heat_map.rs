//! The hours of a week as a map: one cell an hour, darker where need takes more of what can run, and a dot
//! where nodes are missing.

use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both};
use crate::report::view::HourView;

/// Weekdays, Monday first.
pub(in crate::report) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What a level says, from the least.
pub(in crate::report) const LEVELS: [&str; 6] =
    ["to 50%", "to 70%", "to 85%", "to 95%", "to 100%", "short"];

const CLASSES: [&str; 6] = ["h0", "h1", "h2", "h3", "h4", "h5"];

/// Draws a week of 168 hours, Monday 00:00 UTC first.
pub(in crate::report) fn draw(week: &[HourView], naming: Naming<'_>) -> Chart {
    both(naming, |layout| picture(week, layout))
}

fn picture(week: &[HourView], layout: Layout) -> Svg {
    let (left, top) = (layout.choose(52.0, 40.0), 26.0);
    let width = (layout.width() - left - 4.0) / 24.0;
    let height = layout.choose(26.0, 22.0);
    let bottom = top + 7.0 * height;
    let legend_rows = layout.choose(1.0, 2.0);
    let mut svg = Svg::new(bottom + 20.0 + 24.0 * legend_rows);
    for hour in (0..24).step_by(layout.choose(3, 6)) {
        let x = left + width * f64::from(hour);
        svg.text("ax", (x, top - 9.0), Anchor::Start, &format!("{hour:02}:00"));
    }
    for (day, name) in DAYS.into_iter().enumerate() {
        let y = top + height * day as f64;
        svg.text("ax", (left - 8.0, y + height / 2.0 + 4.0), Anchor::End, name);
        for (hour, of) in week.iter().skip(day * 24).take(24).enumerate() {
            let x = left + width * hour as f64;
            let level = of.level.min(CLASSES.len() - 1);
            svg.rect(CLASSES[level], (x, y), (width - 1.0, height - 1.0));
            if level == CLASSES.len() - 1 {
                let middle = (x + (width - 1.0) / 2.0, y + (height - 1.0) / 2.0);
                svg.circle("hotdot", middle, layout.choose(3.0, 2.5));
            }
        }
    }
    legend(&mut svg, left, bottom + 16.0, layout);
    svg
}

fn legend(svg: &mut Svg, left: f64, top: f64, layout: Layout) {
    let columns: u8 = layout.choose(6, 3);
    let step = (layout.width() - left) / f64::from(columns);
    for (level, (class, text)) in CLASSES.into_iter().zip(LEVELS).enumerate() {
        let (row, column) = (level / usize::from(columns), level % usize::from(columns));
        let (x, y) = (left + step * column as f64, top + 24.0 * row as f64);
        svg.rect(class, (x, y), (14.0, 14.0));
        if level == CLASSES.len() - 1 {
            svg.circle("hotdot", (x + 7.0, y + 7.0), 2.5);
        }
        svg.text("ax", (x + 20.0, y + 12.0), Anchor::Start, text);
    }
}
