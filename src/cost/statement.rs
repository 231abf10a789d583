//! The chargeback in cents: rounded once, and still footing.

use crate::cost::ledger::{Chargeback, TeamCharge};
use crate::money::Decimal;

/// Rounds a chargeback to cents. Months are rounded so that every run of months sums to its own rounded
/// total within a cent and all of them to the rounded whole; inside a month the parts get the cents left
/// over by largest remainder, so that teams and idle sum to the month's invoice exactly.
#[must_use]
pub fn to_cents(chargeback: &Chargeback) -> Chargeback {
    let invoice = cumulative(&chargeback.invoice, 2);
    let teams = chargeback.teams.len();
    let mut cents = Chargeback {
        by_rule: Vec::new(),
        teams: chargeback.teams.iter().map(|team| empty(team, invoice.len())).collect(),
        idle: Vec::with_capacity(invoice.len()),
        invoice,
    };
    for (t, total) in cents.invoice.iter().enumerate() {
        let of_team = |team: &TeamCharge| [team.direct[t], team.idle[t], team.shared[t]];
        let mut parts: Vec<Decimal> = chargeback.teams.iter().flat_map(of_team).collect();
        parts.push(chargeback.idle[t]);
        let parts = footed(&parts, *total, 2);
        for (team, part) in cents.teams.iter_mut().zip(parts.chunks_exact(3)) {
            team.direct.push(part[0]);
            team.idle.push(part[1]);
            team.shared.push(part[2]);
        }
        cents.idle.push(parts[3 * teams]);
    }
    cents
}

fn empty(team: &TeamCharge, months: usize) -> TeamCharge {
    let none = || Vec::with_capacity(months);
    TeamCharge { team: team.team, direct: none(), idle: none(), shared: none() }
}

/// Rounds amounts so that each running total is the rounded running total.
#[must_use]
pub fn cumulative(amounts: &[Decimal], places: u32) -> Vec<Decimal> {
    let mut exact = Decimal::ZERO;
    let mut printed = Decimal::ZERO;
    let round = |amount: &Decimal| {
        exact += *amount;
        let rounded = exact.round_dp(places) - printed;
        printed += rounded;
        rounded
    };
    amounts.iter().map(round).collect()
}

/// Rounds parts towards zero and gives what is left of `total` to the largest remainders, on equal ones
/// to the earlier part; parts that are nothing stay nothing.
#[must_use]
pub fn footed(parts: &[Decimal], total: Decimal, places: u32) -> Vec<Decimal> {
    let mut rounded: Vec<Decimal> =
        parts.iter().map(|part| part.trunc_with_scale(places)).collect();
    let unit = Decimal::new(1, places);
    let mut left = total - rounded.iter().copied().sum::<Decimal>();
    let step = if left.is_sign_negative() { -unit } else { unit };
    let mut order: Vec<usize> = (0..parts.len()).filter(|i| !parts[*i].is_zero()).collect();
    if order.is_empty() {
        order.extend(0..parts.len().min(1));
    }
    let remainder = |i: usize| (parts[i] - parts[i].trunc_with_scale(places)) * step;
    order.sort_by(|a, b| remainder(*b).cmp(&remainder(*a)).then(a.cmp(b)));
    for i in order.into_iter().cycle() {
        if left.abs() < unit {
            break;
        }
        rounded[i] += step;
        left -= step;
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop, proptest};

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn months_foot_to_their_year() {
        let months = cumulative(&["100.004".parse().unwrap(); 12], 2);
        assert_eq!(months.iter().sum::<Decimal>(), "1200.05".parse().unwrap());
        assert!(months.iter().all(|month| *month >= "100.00".parse().unwrap()));
    }

    #[test]
    fn parts_foot_to_their_total_and_nothing_stays_nothing() {
        let parts = footed(&decimals(&["33.333", "0", "33.333", "33.334"]), 100.into(), 2);
        assert_eq!(parts, decimals(&["33.33", "0", "33.33", "33.34"]));
        let parts = footed(&decimals(&["-10.005", "10.005", "0"]), 0.into(), 2);
        assert_eq!(parts, decimals(&["-10.00", "10.00", "0"]));
    }

    proptest! {
        #[test]
        fn any_parts_foot(micros in prop::collection::vec(any::<i32>(), 1..40)) {
            let parts: Vec<Decimal> = micros.iter().map(|m| Decimal::new(i64::from(*m), 6)).collect();
            let total = parts.iter().sum::<Decimal>().round_dp(2);
            let rounded = footed(&parts, total, 2);
            assert_eq!(rounded.iter().sum::<Decimal>(), total);
            for (part, rounded) in parts.iter().zip(&rounded) {
                assert!((*part - *rounded).abs() <= Decimal::new(1, 2));
            }
        }

        #[test]
        fn a_chargeback_in_cents_sums_to_the_invoice(
            months in prop::collection::vec(prop::collection::vec(-5_000_000_i64..5_000_000, 7), 1..6)
                .prop_map(|months| months),
        ) {
            let at = |k: usize| months.iter().map(|m| Decimal::new(m[k], 6)).collect::<Vec<_>>();
            let team = |k: usize| TeamCharge {
                team: crate::ids::Id::new(k / 3), direct: at(k), idle: at(k + 1), shared: at(k + 2),
            };
            let invoice: Vec<Decimal> =
                months.iter().map(|m| m.iter().map(|part| Decimal::new(*part, 6)).sum()).collect();
            let whole = invoice.iter().sum::<Decimal>().round_dp(2);
            let cents = to_cents(&Chargeback { teams: vec![team(0), team(3)], idle: at(6), invoice, by_rule: Vec::new() });
            for (t, invoice) in cents.invoice.iter().enumerate() {
                let teams = cents.teams.iter().map(|team| team.total(t)).sum::<Decimal>();
                assert_eq!(teams + cents.idle[t], *invoice);
                assert!(invoice.scale() <= 2);
            }
            assert_eq!(cents.invoice.iter().sum::<Decimal>(), whole);
        }
    }
}
