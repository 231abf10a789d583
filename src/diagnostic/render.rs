//! Diagnostics for people and for machines.
