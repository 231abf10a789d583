//! The optimum of what to commit to: how many units of which product from which month, at the least
//! expected cost.
//!
//! In: for every pool and month a convex [`Recourse`] (what it costs to serve with so many units
//! committed), and the [`Offer`]s that commit units for a run of months. Out: how many units of each, the
//! cost, and a bound that no plan of purchases can go below.
//!
//! * [`recourse`] collapses hours and draws into one function of the committed quantity.
//! * [`flow`] solves one pool exactly, for any number of months: a purchase covers consecutive months, so
//!   the optimum of the linear program is whole.
//! * [`product`] turns a product on sale (term, lead time, upfront) into offers.
//! * [`coupling`] solves many pools under common limits on cash, by columns; its gap is in the result.
//! * [`exact`] searches few pools to the end, [`hull`] keeps parts of units from hiding under a limit.
//! * [`risk`] minimises the mean of the worst draws instead of the mean of all.
//! * [`tail`] says what is needed after the horizon, [`closed`] has what is known in closed form.
//!
//! Months here count from 0 and units are whole; nothing knows a plan, a date or a currency.

pub(crate) mod alike;
pub(crate) mod attainable;
pub(crate) mod branch;
pub mod closed;
pub mod coupling;
mod exact;
pub mod flow;
pub(crate) mod hull;
pub mod product;
pub mod recourse;
pub mod risk;
pub mod tail;
#[cfg(test)]
mod tests;

pub use coupling::{Coupled, coupled};
pub use flow::{Cover, Offer, cheapest};
pub use product::Product;
pub use recourse::Recourse;
