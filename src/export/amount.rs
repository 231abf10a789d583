//! Amounts of the plan as quantities of Kubernetes.
//!
//! Bytes are whole and keep the suffix in which they are shortest; cores are whole thousandths, rounded
//! up, so that a container never gets less than was planned.

/// Cores: `8`, `500m`.
pub(super) fn cores(cores: f64) -> String {
    let millis = up(cores * 1000.0);
    if millis.is_multiple_of(1000) { (millis / 1000).to_string() } else { format!("{millis}m") }
}

/// Bytes: `64Gi`, `62G`, `1000001`.
pub(super) fn bytes(bytes: f64) -> String {
    let bytes = up(bytes);
    let suffixes = [
        (1 << 50, "Pi"),
        (1 << 40, "Ti"),
        (1 << 30, "Gi"),
        (1 << 20, "Mi"),
        (1 << 10, "Ki"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    let fitting = suffixes.iter().filter(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    let texts = fitting.map(|(unit, suffix)| format!("{}{suffix}", bytes / unit));
    texts.min_by_key(String::len).unwrap_or_else(|| bytes.to_string())
}

/// A weight: `6`, `500m`, `250u`.
pub(super) fn weight(weight: f64) -> String {
    for (scale, suffix) in [(1.0, ""), (1e3, "m"), (1e6, "u")] {
        let scaled = weight * scale;
        if (scaled - scaled.round()).abs() < 1e-9 * scaled.max(1.0) {
            return format!("{:.0}{suffix}", scaled.round());
        }
    }
    format!("{:.0}n", (weight * 1e9).round())
}

/// The whole number at or above a float that may be off in its last bits.
pub(super) fn up(value: f64) -> u64 {
    let nearest = value.round();
    let whole = if (value - nearest).abs() <= 1e-9 * nearest.abs().max(1.0) {
        nearest
    } else {
        value.ceil()
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held to the range before"
    )]
    let whole = whole.clamp(0.0, 9e18) as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_short() {
        assert_eq!(
            [cores(8.0), cores(0.5), cores(0.0301), cores(0.1 + 0.2)],
            ["8", "500m", "31m", "300m"]
        );
        let gib = 1024.0 * 1024.0 * 1024.0;
        assert_eq!(
            [bytes(64.0 * gib), bytes(62e9), bytes(1.5 * gib), bytes(1_000_001.0), bytes(0.0)],
            ["64Gi", "62G", "1536Mi", "1000001", "0"]
        );
        assert_eq!(
            [weight(6.0), weight(0.5), weight(0.00025), weight(0.0)],
            ["6", "500m", "250u", "0"]
        );
    }
}
