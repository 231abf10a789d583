//! Plain tables of series, without a plan: `unique_id, ds, y` in, a forecast or its accuracy out.
//!
//! The layout is Nixtla's, so that any forecaster's figures can be laid beside ours. Series are read one
//! after the other, whatever the file's length, and forecast in parallel; a series that cannot be read
//! does not keep the others from theirs. No growth, events or units: those are a plan's.

pub mod accuracy;
pub mod ahead;
pub mod fault;
pub mod frequency;
mod grid;
pub mod read;
pub mod stamp;

pub use ahead::{SeriesAhead, Wanted, look_ahead};
pub use fault::{SeriesFault, TableFault};
pub use frequency::Frequency;
pub use read::{Columns, Reader};
