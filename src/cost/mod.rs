//! Cost: prices times what is used, as ledger rows that foot to the cent; who bears them; what gates.

pub mod gates;
pub mod ledger;
