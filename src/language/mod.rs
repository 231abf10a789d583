//! Plan text in, a checked plan out.
//!
//! `load` reads the files a plan includes; each goes through `scan` (the guard) and `kdl` into
//! [`syntax`], the tree as written. `shape` holds it against `nodes`, the one table of the language;
//! `resolve` looks names up, merges templates and applies scenarios; `check` has one rule a file.

pub mod names;
pub mod nodes;
pub mod quantity;
pub mod report;
pub mod shape;
pub mod suggest;
pub mod syntax;
pub mod unit;
pub mod values;
