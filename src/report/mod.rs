//! Reports: one typed view, and its renderings as Markdown, HTML and text.
//!
//! A checked plan and the outcomes of its passes go in; [`view()`] gathers what a report says as decimals,
//! dates and names, and every rendering shows that same view. `document` lays it out as headings, tables
//! and charts, with every value turned into text by `format`, so that Markdown and HTML cannot differ.
//! Nothing here computes a forecast, a need or a cost, reads a file or knows what day it is.

pub mod accuracy;
pub mod allocation_view;
pub mod autoscaling;
mod chart;
pub mod csv;
pub mod data;
pub mod diff;
mod document;
pub mod explain;
#[cfg(test)]
mod fixture;
mod foot;
pub mod forecast_view;
mod format;
pub mod headroom_table;
pub mod hpa_view;
pub mod html;
pub mod ics;
pub mod json;
pub mod kueue_view;
pub mod ledger_data;
pub mod listing;
pub mod markdown;
pub mod orders;
pub mod page;
pub mod panels;
pub mod prices_view;
mod prose;
pub mod queues_view;
pub mod quota_view;
pub mod scale_view;
pub mod schema;
pub mod series;
pub mod set;
pub mod statement_data;
pub mod supply_views;
pub mod template;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod usage_view;
pub mod view;
pub mod workbook;

pub use view::{BudgetView, Provenance, StatementsView, statements, view};
