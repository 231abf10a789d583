//! The page that leads to everything that was written.

use super::{Block, Document, Link, Section, opening};
use crate::report::format::MoneyFormat;
use crate::report::view::BudgetView;

/// Lays out the links of one set of reports under the verdict and figures of the whole. Both lists may be
/// empty; what is, has no heading.
pub(in crate::report) fn document(
    view: &BudgetView,
    reports: Vec<Link>,
    teams: Vec<Link>,
) -> Document {
    let format = MoneyFormat::of(view);
    let section = |id, heading: &str, links: Vec<Link>| Section {
        id,
        heading: heading.to_owned(),
        blocks: vec![Block { links: Some(links), ..Block::default() }],
    };
    let sections = [
        (!reports.is_empty()).then(|| section("reports", "Reports and files", reports)),
        (!teams.is_empty()).then(|| section("statements", "Team statements", teams)),
        Some(super::provenance::section(view)),
    ];
    Document {
        title: opening::title(view),
        byline: opening::byline(view),
        scale: opening::scale(view, format),
        verdict: opening::verdict(view, format),
        figures: opening::figures(view, format),
        sections: sections.into_iter().flatten().collect(),
    }
}
