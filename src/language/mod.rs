//! Plan text in, a checked plan out.
//!
//! `load` reads the files a plan includes; each goes through `scan` (the guard) and `kdl` into
//! [`syntax`], the tree as written. `shape` holds it against `nodes`, the one table of the language;
//! `resolve` looks names up, merges templates and applies scenarios; `check` has one rule a file.

pub mod check;
pub mod load;
pub mod nodes;
pub mod parse;
pub mod quantity;
pub mod reference;
pub mod scan;
pub mod syntax;
pub mod unit;
