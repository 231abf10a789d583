//! Cost: prices times what is used, as ledger rows that foot to the cent; who bears them; what gates.
//!
//! In go what each pool was supplied with, what workloads asked of it and what is billed by the unit;
//! out come the [`Ledger`](ledger::Ledger), costs by draw, and what each team bears. [`prices()`] looks
//! every price up once, [`price`] costs one pool in one month (in parallel), [`assemble()`] joins them.
//!
//! A ledger amount is the mean over the draws, an exact decimal of six places; nothing downstream
//! rounds again but [`statement::to_cents`], which foots too.

mod amortise;
mod assemble;
mod budget_gate;
mod chargeback;
mod claims;
#[cfg(test)]
mod commitment_laws;
mod figure;
pub mod findings;
pub mod gates;
pub mod ledger;
pub mod measures;
mod negotiated;
mod owned;
mod policy_gate;
mod pool_month;
mod price_age;
pub(crate) mod prices;
mod reserved;
mod resource_weights;
mod settle;
pub mod spend;
mod split_money;
pub mod statement;
mod support;
#[cfg(test)]
pub(crate) mod testing;
pub mod unit_economics;
mod volumes;
mod wait_gate;

pub(crate) use amortise::depreciation_weights;
pub use amortise::{by_days, depreciation};
pub use assemble::{Costed, assemble};
pub use pool_month::of_nodes;
#[cfg(test)]
pub(crate) use pool_month::paid_in;
pub use pool_month::{Priced, price};
pub use prices::{Prices, prices};
pub use settle::Promised;
