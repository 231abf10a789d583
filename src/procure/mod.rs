//! Procurement: what to buy and when, and what each pool is then supplied with.
//!
//! Where the plan has a `procurement` node, [`need`] reduces every pool and month to what is still needed
//! beside what exists, [`schedule()`] decides the orders ([`optimum`]) with their dates, cash and reasons,
//! and [`enacted`] puts them into the plan as if they were signed. Then, with or without orders, the
//! supply rule: what exists, spot for what may be interrupted, on-demand to the limit, a shortfall.
//!
//! In: the load of a pool in a month ([`crate::capacity::load`]) and the [`Terms`] of its supply. Out:
//! the [`Schedule`](orders::Schedule), what the pool is supplied with, and what every workload asked.

mod alternatives;
mod buy;
pub mod buy_or_rent;
#[cfg(test)]
mod buy_tests;
pub mod cash;
pub mod dates;
mod enact;
pub mod hourly;
mod joint;
pub mod limits;
mod market;
pub mod mix;
mod need;
pub mod optimum;
mod ordering;
pub mod orders;
#[cfg(test)]
mod owned_tests;
pub mod packing;
#[cfg(test)]
mod paid_tests;
mod problem;
mod rule;
mod savings;
#[cfg(test)]
mod signed_tests;
pub mod spot;
#[cfg(test)]
mod spot_tests;
pub mod supply;
pub(crate) mod terms;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod together;
#[cfg(test)]
mod together_tests;
pub mod week;
mod windows;
#[cfg(test)]
mod windows_tests;

use enact::pool_of;

pub(crate) use buy::schedule;
pub use enact::{enacted, renewed};
pub(crate) use need::month_need;
pub use rule::{asked_by_hour, supply, supply_by_hour};
pub use terms::{Terms, terms};
