//! The procurement schedule as a page of its own.

use super::{Document, opening, procurement, provenance};
use crate::report::format::{self, MoneyFormat};
use crate::report::view::BudgetView;

/// Lays the orders out; absent where the plan has no `procurement` node.
pub(in crate::report) fn document(view: &BudgetView) -> Option<Document> {
    let format = MoneyFormat::of(view);
    let section = procurement::section(view, format)?;
    Some(Document {
        title: format!(
            "{}: procurement schedule, {}",
            format::plain(&view.plan),
            format::months(view.first_month(), view.last_month())
        ),
        byline: opening::byline(view),
        scale: opening::scale(view, format),
        verdict: opening::verdict(view, format),
        figures: opening::figures(view, format),
        sections: vec![section, provenance::section(view)],
    })
}
