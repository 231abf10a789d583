//! The report's view as JSON: decimals as strings, dates as ISO, shares from 0 to 1.

use super::view::BudgetView;

/// Renders a view as indented JSON that ends with a line break.
///
/// # Panics
/// Never: a view holds nothing that JSON cannot say.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    let json = serde_json::to_string_pretty(view);
    format!("{}\n", super::prose::or_bug(json))
}
