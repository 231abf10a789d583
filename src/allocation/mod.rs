//! Who bears what, asked along any label: team, department, cost centre, project, environment, workload.
//!
//! In goes cost by who caused it and where, with the idle cost of every place; out comes one row for each
//! group, which together come to all that went in. `question` says what is asked, `allocate` answers by
//! `OpenCost`'s meaning, `books` takes costs from an outcome (and can answer by the plan's own rules
//! instead). A filter picks rows and never changes one: what a group bears is settled before it.
//! Absent: quantiles, which do not add.

mod allocate;
mod books;
mod cost;
mod efficiency;
mod question;

pub use allocate::{Allocation, Group, GroupValue, Share, allocate};
pub use books::{LABELS, Window, by_question, by_rules, efficiencies, labels};
pub use cost::{Cost, Idle, Labels, Resources};
pub use question::{IdleShown, Question, Selector, Split};
