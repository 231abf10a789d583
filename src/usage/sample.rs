//! Series for this pass's tests.

pub(super) use crate::forecast::series::sample::noise;
use crate::history::{Series, Step};
use jiff::civil::date;

/// Hours from Monday, 2026-06-01 00:00.
pub(super) fn hours(values: Vec<f64>) -> Series {
    Series { start: date(2026, 6, 1), start_hour: 0, step: Step::Hour, values }
}

/// Days from Monday, 2026-06-01.
pub(super) fn days(values: Vec<f64>) -> Series {
    Series { start: date(2026, 6, 1), start_hour: 0, step: Step::Day, values }
}
