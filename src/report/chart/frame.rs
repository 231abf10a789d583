//! The frame of a chart over months: axes, grid, month labels, and labels that make room for each other.

use super::Layout;
use super::scale::Scale;
use super::svg::{Anchor, Svg};
use crate::calendar::Month;

/// The plotting area, in the drawing's coordinates.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) scale: Scale,
    pub(super) columns: usize,
}

/// A label in the margin beside the line it names.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) y: f64,
    /// The class of the area it names, shown as a small square before it.
    pub(super) swatch: Option<&'static str>,
}

impl Frame {
    /// The width of a month.
    pub(super) fn step(&self) -> f64 {
        (self.right - self.left) / self.columns.max(1) as f64
    }

    /// Where month `t` begins.
    pub(super) fn x(&self, t: usize) -> f64 {
        self.left + self.step() * t as f64
    }

    /// The middle of month `t`.
    pub(super) fn middle(&self, t: usize) -> f64 {
        self.x(t) + self.step() / 2.0
    }

    /// Where a value lies, never outside the plotting area.
    pub(super) fn y(&self, value: f64) -> f64 {
        let share = (value / self.scale.max()).clamp(0.0, 1.0);
        self.bottom - share * (self.bottom - self.top)
    }

    /// Grid lines, with a label left of each.
    pub(super) fn grid(&self, svg: &mut Svg, label: impl Fn(f64) -> String) {
        for tick in &self.scale.ticks {
            let y = self.y(*tick);
            let class = if *tick == 0.0 { "zero" } else { "grid" };
            svg.line(class, (self.left, y), (self.right, y));
            svg.text("ax", (self.left - 8.0, y + 4.0), Anchor::End, &label(*tick));
        }
    }

    /// Month names under the axis, the year under the first and under each January that has a name.
    pub(super) fn months(&self, svg: &mut Svg, months: &[Month], layout: Layout) {
        let every = [1, 2, 3, 6, 12]
            .into_iter()
            .find(|every| self.step() * f64::from(*every) >= layout.choose(36.0, 30.0))
            .unwrap_or(12);
        let every = usize::try_from(every).unwrap_or(1);
        let mut year = None;
        for (t, month) in months.iter().enumerate().step_by(every) {
            svg.text(
                "ax",
                (self.middle(t), self.bottom + 18.0),
                Anchor::Middle,
                month.short_name(),
            );
            if year.replace(month.year()) != Some(month.year()) {
                let text = month.year().to_string();
                svg.text("ax", (self.middle(t), self.bottom + 33.0), Anchor::Middle, &text);
            }
        }
    }

    /// A line of steps: one level a month, as wide as the month; broken where there is none.
    pub(super) fn steps(&self, svg: &mut Svg, class: &str, levels: &[Option<f64>]) {
        let mut run: Vec<(f64, f64)> = Vec::new();
        for (t, level) in levels.iter().enumerate() {
            if let Some(level) = level {
                let y = self.y(*level);
                run.extend([(self.x(t), y), (self.x(t + 1), y)]);
            } else if !run.is_empty() {
                svg.path(class, std::mem::take(&mut run));
            }
        }
        if !run.is_empty() {
            svg.path(class, run);
        }
    }

    /// Labels right of the plotting area, moved apart where they would touch.
    pub(super) fn labels(&self, svg: &mut Svg, mut labels: Vec<Label>) {
        const GAP: f64 = 16.0;
        labels.sort_by(|a, b| a.y.total_cmp(&b.y));
        for index in 1..labels.len() {
            labels[index].y = labels[index].y.max(labels[index - 1].y + GAP);
        }
        let over = labels.last().map_or(0.0, |last| last.y - self.bottom).max(0.0);
        let mut ceiling = f64::INFINITY;
        for label in labels.iter_mut().rev() {
            label.y = (if over > 0.0 { label.y.min(self.bottom) } else { label.y }).min(ceiling);
            ceiling = label.y - GAP;
        }
        for label in &labels {
            let mut x = self.right + 8.0;
            if let Some(class) = label.swatch {
                svg.rect(class, (x, label.y - 5.0), (10.0, 10.0));
                x += 15.0;
            }
            svg.text(label.class, (x, label.y + 4.0), Anchor::Start, &label.text);
        }
    }
}
