//! Procurement. For now the first supply rule: what exists, then spot for what may be interrupted, then
//! on-demand to the limit, then a shortfall.
//!
//! In: the load of a pool in a month ([`crate::capacity::load`]) and the [`Terms`] of its supply. Out:
//! what the pool is supplied with, and what every workload asked of it.

pub mod buy_or_rent;
pub mod mix;
pub mod packing;
mod rule;
pub mod spot;
pub mod supply;
pub(crate) mod terms;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod week;

pub use rule::supply;
pub use terms::{Terms, terms};
