//! Values for the tests of this room.

use std::f64::consts::TAU;

/// A number in −1 to 1 that looks random, with deviation 0.58.
pub fn noise(t: usize) -> f64 {
    let mut x = t as u64 + 0x9e37_79b9_7f4a_7c15;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 11) as f64 / (1_u64 << 53) as f64).mul_add(2.0, -1.0)
}

/// A sine of that period, from −1 to 1.
pub fn wave(t: usize, period: usize) -> f64 {
    libm::sin(TAU * t as f64 / period as f64)
}
