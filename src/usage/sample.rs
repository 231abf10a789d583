//! Series for this pass's tests.

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

/// Between -1 and 1, without a pattern.
pub(super) fn noise(place: usize) -> f64 {
    let mut bits = (place as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
