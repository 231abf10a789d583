//! What reports say as JSON: decimals as strings, dates as ISO, shares from 0 to 1. Its schemas are in [`super::schema`].

use serde::Serialize;

use super::view::BudgetView;

/// Renders a view as indented JSON that ends with a line break.
///
/// # Panics
/// Never: a view holds nothing that JSON cannot say.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    text(view)
}

/// A value as indented JSON that ends with a line break.
pub(super) fn text(value: &impl Serialize) -> String {
    format!("{}\n", super::prose::or_bug(serde_json::to_string_pretty(value)))
}
