//! Erlang's two formulas and their inverses: the share that is turned away (B), the share that waits (C).

/// The share of arrivals that find all servers busy and are lost (Erlang B).
///
/// # Source
/// A. K. Erlang (1917): 1/B = Σ_{j=0..c} c!/((c−j)!·a^j). Summed from the largest server number down, it
/// needs about (c − a) + 8√c terms and neither factorials nor powers; the textbook recursion needs c.
#[must_use]
pub fn blocked(servers: u32, offered: f64) -> f64 {
    if offered <= 0.0 {
        return if servers == 0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum) = (1.0_f64, 1.0_f64);
    for left in (1..=servers).rev() {
        let ratio = f64::from(left) / offered;
        term *= ratio;
        sum += term;
        if !sum.is_finite() {
            return 0.0;
        }
        if ratio < 1.0 && term < sum * 1e-18 {
            break;
        }
    }
    1.0 / sum
}

/// The share of arrivals that wait, where all do that find every server busy (Erlang C); 1 where the load
/// is more than the servers carry.
///
/// # Source
/// A. K. Erlang (1917): C = c·B/(c − a·(1 − B)).
#[must_use]
pub fn delayed(servers: u32, offered: f64) -> f64 {
    let c = f64::from(servers);
    if offered >= c {
        return 1.0;
    }
    let blocked = blocked(servers, offered);
    c * blocked / (c - offered * (1.0 - blocked))
}

/// The fewest servers that turn away at most this share.
#[must_use]
pub fn servers_for_blocked(offered: f64, most: f64) -> u32 {
    fewest(0, |servers| blocked(servers, offered) <= most)
}

/// The fewest servers at which at most this share waits.
#[must_use]
pub fn servers_for_delayed(offered: f64, most: f64) -> u32 {
    fewest(stable(offered), |servers| delayed(servers, offered) <= most)
}

/// The largest load of which these servers turn away at most this share.
#[must_use]
pub fn offered_for_blocked(servers: u32, most: f64) -> f64 {
    if most >= 1.0 {
        return f64::INFINITY;
    }
    let mut high = f64::from(servers).max(1.0);
    while blocked(servers, high) < most {
        high *= 2.0;
    }
    largest(high, |offered| blocked(servers, offered) <= most)
}

/// The largest load at which at most this share waits for one of these servers.
#[must_use]
pub fn offered_for_delayed(servers: u32, most: f64) -> f64 {
    largest(f64::from(servers), |offered| delayed(servers, offered) <= most)
}

/// The fewest servers that carry a load at all: more of them than erlangs.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of servers")]
pub fn stable(offered: f64) -> u32 {
    (offered.max(0.0).floor().min(4e9) as u32).saturating_add(1)
}

/// The least number, from `from` on, at which something holds that goes on holding: by doubling, then by
/// halves.
pub(crate) fn fewest(from: u32, holds: impl Fn(u32) -> bool) -> u32 {
    if holds(from) {
        return from;
    }
    let (mut below, mut step) = (from, 1_u32);
    let mut above = from.saturating_add(1);
    while !holds(above) {
        if above >= u32::MAX / 2 {
            return u32::MAX;
        }
        below = above;
        step *= 2;
        above = above.saturating_add(step);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if holds(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    above
}

/// The largest number from 0 to `high` at which something holds that holds below it: by halves.
pub(crate) fn largest(high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, high);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recursion(servers: u32, offered: f64) -> f64 {
        (1..=servers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b))
    }

    #[test]
    fn the_sum_is_the_recursion() {
        for (servers, offered) in
            [(1, 0.3), (5, 1.361), (20, 12.03), (100, 84.06), (700, 690.0), (9, 40.0)]
        {
            let (sum, steps) = (blocked(servers, offered), recursion(servers, offered));
            assert!((sum / steps - 1.0).abs() < 1e-12, "{servers} {offered}: {sum} {steps}");
        }
    }

    #[test]
    fn published_tables_come_out() {
        // ITU-D SG2 teletraffic handbook, 1% column: servers, erlangs.
        for (servers, erlangs) in [(1, 0.0101), (5, 1.361), (20, 12.03), (50, 37.9), (100, 84.06)] {
            assert!((blocked(servers, erlangs) - 0.01).abs() < 2e-5, "{servers}");
            assert!((offered_for_blocked(servers, 0.01) - erlangs).abs() < 5e-3, "{servers}");
            assert_eq!(servers_for_blocked(erlangs * 0.999, 0.01), servers);
        }
    }

    #[test]
    fn one_server_waits_as_often_as_it_is_busy() {
        assert!((delayed(1, 0.8) - 0.8).abs() < 1e-15);
        assert!((offered_for_delayed(1, 0.8) - 0.8).abs() < 1e-12);
        assert_eq!(servers_for_delayed(2.5, 0.1), 6);
        assert!(delayed(2, 3.0) >= 1.0);
    }

    #[test]
    fn a_million_servers_are_no_trouble() {
        let c = delayed(1_001_000, 1_000_000.0);
        assert!((c - 0.2234).abs() < 1e-3, "Halfin and Whitt at β = 1: {c}");
    }
}
