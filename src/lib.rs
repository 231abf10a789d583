//! Capacity planning as code.
//!
//! Plan text goes in, each pass turns one plain value into the next, a report comes out:
//!
//! ```text
//! plans/*.kdl ─ language ─▶ Plan ─┐
//! history/    ─ history  ─▶ Usage ┴▶ forecast ─▶ Demand ─▶ capacity ─▶ Need ─▶ procure ─▶ Supply ─▶ cost ─▶ Ledger ─▶ report
//! ```

pub mod allocation;
pub mod calendar;
pub mod capacity;
pub mod catalogue;
pub mod cli;
pub mod comparison;
pub mod cost;
pub mod diagnostic;
pub mod diff;
pub mod draws;
pub mod effective_savings;
pub mod estimate;
pub mod explain;
pub mod export;
pub mod forecast;
pub mod headroom;
pub mod history;
pub mod ids;
pub mod import;
pub mod kubernetes;
pub mod language;
pub mod money;
mod normal;
pub mod outcome;
pub mod pipeline;
pub mod plan;
pub mod procure;
pub mod pull;
pub mod queueing;
pub mod queues;
pub mod report;
pub mod scale;
pub mod serving;
pub mod simulate;
pub mod source;
pub mod table;
pub mod usage;
