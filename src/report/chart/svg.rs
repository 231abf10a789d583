//! Writes SVG elements: classes only, coordinates to a tenth, all text escaped.

use std::fmt::Write as _;

use super::{Layout, Naming};

/// An SVG drawing in the making.
#[derive(Debug)]
pub(super) struct Svg {
    height: f64,
    body: String,
}

/// Which end of a text its position is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

impl Svg {
    pub(super) fn new(height: f64) -> Self {
        Self { height, body: String::new() }
    }

    pub(super) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let (x, y, width, height) = (tenth(x), tenth(y), tenth(width), tenth(height));
        self.push(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        ));
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let (x1, y1, x2, y2) = (tenth(x1), tenth(y1), tenth(x2), tenth(y2));
        self.push(format_args!(
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let (x, y, radius) = (tenth(x), tenth(y), tenth(radius));
        self.push(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#));
    }

    /// A line through points, in order.
    pub(super) fn path(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let d = path_data(points);
        self.push(format_args!(r#"<path class="{class}" d="{d}"/>"#));
    }

    /// A closed area through points, in order.
    pub(super) fn area(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let d = path_data(points);
        self.push(format_args!(r#"<path class="{class}" d="{d}Z"/>"#));
    }

    /// A part of a circle, clockwise from `from` to `to`: turns from its left end over its top.
    pub(super) fn arc(&mut self, class: &str, (cx, cy): (f64, f64), radius: f64, ends: (f64, f64)) {
        let at = |turn: f64| {
            let angle = std::f64::consts::PI * (1.0 - 2.0 * turn);
            (tenth(cx + radius * libm::cos(angle)), tenth(cy - radius * libm::sin(angle)))
        };
        let ((x1, y1), (x2, y2), radius) = (at(ends.0), at(ends.1), tenth(radius));
        self.push(format_args!(
            r#"<path class="{class}" d="M{x1} {y1}A{radius} {radius} 0 0 1 {x2} {y2}"/>"#
        ));
    }

    /// A band that flows from one upright edge to another; each is a top and a height at an x.
    pub(super) fn ribbon(&mut self, class: &str, from: (f64, f64, f64), to: (f64, f64, f64)) {
        let (x1, x2) = (from.0, to.0);
        let middle = tenth(f64::midpoint(x1, x2));
        let (left, right) = (tenth(x1), tenth(x2));
        let ((a, b), (c, d)) =
            ((tenth(from.1), tenth(from.1 + from.2)), (tenth(to.1), tenth(to.1 + to.2)));
        self.push(format_args!(
            r#"<path class="{class}" d="M{left} {a}C{middle} {a} {middle} {c} {right} {c}L{right} {d}C{middle} {d} {middle} {b} {left} {b}Z"/>"#
        ));
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let (x, y, anchor, text) = (tenth(x), tenth(y), anchor.word(), escape(text));
        self.push(format_args!(
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// The element, named by its title and description.
    pub(super) fn finish(self, naming: Naming<'_>, layout: Layout) -> String {
        let kind = layout.choose("wide", "narrow");
        let id = format!("{}-{kind}", naming.id);
        format!(
            concat!(
                r#"<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" "#,
                r#"aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title>"#,
                r#"<desc id="{id}-desc">{desc}</desc>{body}</svg>"#
            ),
            kind = kind,
            width = tenth(layout.width()),
            height = tenth(self.height),
            id = id,
            title = escape(naming.title),
            desc = escape(naming.description),
            body = self.body,
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(element);
    }
}

fn path_data(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut d = String::new();
    for (index, (x, y)) in points.into_iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", tenth(x), tenth(y));
    }
    d
}

/// A coordinate to a tenth, without a needless `.0`.
pub(super) fn tenth(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    // No negative zero.
    format!("{}", tenths + 0.0)
}

/// Text as SVG and HTML text or attribute value.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '`' => escaped.push_str("&#96;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_place_at_most() {
        assert_eq!(tenth(12.345), "12.3");
        assert_eq!(tenth(12.0), "12");
        assert_eq!(tenth(-0.01), "0");
    }

    #[test]
    fn text_cannot_leave_its_element() {
        assert_eq!(escape("</text><script>"), "&lt;/text&gt;&lt;script&gt;");
    }
}
