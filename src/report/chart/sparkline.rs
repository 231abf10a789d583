//! A trend inside a table cell: a small line for the page, blocks for text.

use std::fmt::Write as _;

use super::svg::tenth;

/// A line of values, from zero to their largest; said by the cells beside it, so hidden from readers.
pub(in crate::report) fn svg(values: &[f64]) -> String {
    let (width, height) = (84.0, 20.0);
    let largest = values.iter().copied().fold(0.0, f64::max);
    if values.len() < 2 || largest <= 0.0 {
        return String::new();
    }
    let mut d = String::new();
    let mut end = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let x = 2.0 + (width - 6.0) * index as f64 / (values.len() - 1) as f64;
        let y = height - 2.0 - (height - 5.0) * (value / largest).max(0.0);
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", tenth(x), tenth(y));
        end = (x, y);
    }
    format!(
        concat!(
            r#"<svg class="spark" viewBox="0 0 84 20" aria-hidden="true" focusable="false">"#,
            r#"<line class="grid" x1="2" y1="18.5" x2="80" y2="18.5"/>"#,
            r#"<path class="median" d="{d}"/><circle class="end" cx="{x}" cy="{y}" r="2"/></svg>"#
        ),
        d = d,
        x = tenth(end.0),
        y = tenth(end.1),
    )
}

/// The same in block characters, one a value.
pub(in crate::report) fn blocks(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = values.iter().copied().fold(0.0, f64::max);
    let block = |value: &f64| {
        let share = if largest > 0.0 { (value / largest).clamp(0.0, 1.0) } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 7")]
        let place = (share * 7.0).round() as usize;
        BLOCKS[place]
    };
    values.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_rise_with_their_values() {
        assert_eq!(blocks(&[0.0, 1.0, 2.0, 4.0]), "▁▃▅█");
    }
}
