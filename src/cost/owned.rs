//! Owned hardware: depreciation, power, hosting, support and staff, by the lots of the asset register.
//!
//! A lot costs from the day it goes into service, used or not. Where that day slips or is not sure, each
//! draw has its own, from the same draws as its supply. Running costs of a part month count by days. A
//! lot that never comes is never paid. Where no depreciation is stated there is none.

use std::collections::BTreeMap;

use crate::calendar::{Calendar, Date, Month, plus_days};
use crate::cost::amortise::{days_of, depreciation, depreciation_weights};
use crate::cost::figure::{Figure, LEDGER_PLACES};
use crate::cost::prices::Standing;
use crate::draws::Draws;
use crate::ids::Id;
use crate::money::{Decimal, quantised};
use crate::plan::catalog::{Lot, Owned};
use crate::plan::{Plan, price::Amount};

/// What owned hardware costs, by month of the horizon.
pub(super) fn standing(plan: &Plan, owned: Id<Owned>) -> Vec<Standing> {
    let owned = &plan.owned[owned];
    let nothing = Standing::none(plan.horizon.months);
    owned.lots.iter().fold(nothing, |sum, lot| {
        let lot = lot_standing(plan, owned, lot);
        sum.iter().zip(&lot).map(|(sum, lot)| sum.plus(lot)).collect()
    })
}

/// The day a lot goes into service in each draw; `None` where it never comes.
///
/// As in procurement: only what is still due slips or fails to come, a slip is whole days, rounded up,
/// and the keys are the slip's own and `owned/NAME/lot/LOT.chance`.
fn arrivals(draws: Draws, owned: &Owned, lot: &Lot) -> Vec<Option<Date>> {
    if !lot.due {
        return vec![Some(lot.in_service); draws.count()];
    }
    let slips = lot.slip_days.as_ref().map(|slip| draws.values(slip));
    let comes = lot
        .chance
        .filter(|chance| *chance < 1.0)
        .map(|chance| draws.happens(chance, &lot.chance_key(&owned.name)));
    (0..draws.count())
        .map(|draw| {
            let comes = comes.as_ref().is_none_or(|comes| comes[draw]);
            let slip = slips.as_ref().map_or(0.0, |slips| (slips[draw] * (1.0 - 1e-9)).ceil());
            #[expect(clippy::cast_possible_truncation, reason = "clamped to a number of days")]
            comes.then(|| plus_days(lot.in_service, slip.clamp(0.0, 1e6) as i32))
        })
        .collect()
}

fn lot_standing(plan: &Plan, owned: &Owned, lot: &Lot) -> Vec<Standing> {
    let arrivals = arrivals(plan.draws, owned, lot);
    let mut by_day: BTreeMap<Date, Vec<Standing>> = BTreeMap::new();
    for day in arrivals.iter().flatten() {
        by_day.entry(*day).or_insert_with(|| from_day(plan, owned, lot, *day));
    }
    if let (1, Some(months), true) =
        (by_day.len(), by_day.values().next(), arrivals.iter().all(Option::is_some))
    {
        return months.clone();
    }
    let drawn = |t: usize, of: fn(&Standing) -> &Figure| {
        let at = |(draw, day): (usize, &Option<Date>)| {
            day.and_then(|day| by_day.get(&day)).map_or(0.0, |months| of(&months[t]).at(draw))
        };
        Figure::Drawn(arrivals.iter().enumerate().map(at).collect())
    };
    (0..plan.horizon.months)
        .map(|t| Standing {
            amortised: drawn(t, |s| &s.amortised),
            operating_cash: drawn(t, |s| &s.operating_cash),
            capex: drawn(t, |s| &s.capex),
        })
        .collect()
}

/// What a lot costs by month if it goes into service on `day`.
fn from_day(plan: &Plan, owned: &Owned, lot: &Lot, day: Date) -> Vec<Standing> {
    let price = Figure::of(&lot.purchase_per_node, plan.draws).times(Decimal::from(lot.nodes));
    let depreciation = depreciation_by_month(plan.horizon.calendar(), owned, &price, day);
    let amount = |amount: &Option<Amount>| {
        amount.as_ref().map_or(Figure::ZERO, |amount| Figure::of(amount, plan.draws))
    };
    let power = amount(&owned.power_price_per_kwh)
        .times(quantised(owned.power_kilowatts) * quantised(owned.pue));
    let hosting = amount(&owned.hosting_per_node_month);
    let (ftes, staff) =
        owned.staff.as_ref().map_or((Decimal::ZERO, Figure::ZERO), |(fte, cost)| {
            (quantised(*fte), Figure::of(cost, plan.draws))
        });
    let twelfth = |figure: &Figure, share: Decimal| figure.times(share / Decimal::from(12));
    let nodes = Decimal::from(lot.nodes);

    let months = plan.horizon.iter().map(|month| {
        let days = days_of(month, day, month.last_day());
        let part = Decimal::from(days) / Decimal::from(month.days());
        let running = power
            .times(nodes * Decimal::from(days * 24))
            .plus(&hosting.times(nodes * part))
            .plus(&twelfth(&staff, ftes * nodes * part))
            .plus(&twelfth(&price, quantised(owned.support_share_per_year) * part));
        let depreciated = depreciation.get(&month).unwrap_or(&Figure::ZERO);
        Standing {
            amortised: running.plus(depreciated),
            operating_cash: running,
            capex: price.times(paid_share(lot, day, month)),
        }
    });
    months.collect()
}

/// Straight-line depreciation of what is not left at the end.
fn depreciation_by_month(
    calendar: Calendar,
    owned: &Owned,
    price: &Figure,
    day: Date,
) -> BTreeMap<Month, Figure> {
    let Some(life) = owned.depreciate_months else { return BTreeMap::new() };
    let base = price.times(Decimal::ONE - quantised(owned.residual_share));
    match base {
        Figure::Exact(base) => {
            depreciation(calendar, base, day, life, owned.convention, LEDGER_PLACES)
                .into_iter()
                .map(|(month, amount)| (month, Figure::Exact(amount)))
                .collect()
        }
        Figure::Drawn(base) => {
            let weights = depreciation_weights(calendar, day, life, owned.convention);
            let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
            let amount = |weight: f64| base.iter().map(|base| base * weight / sum).collect();
            let months = weights.iter();
            months.map(|(month, weight)| (*month, Figure::Drawn(amount(*weight)))).collect()
        }
    }
}

/// The share of a lot's price that is paid in a month; all of it on delivery where nothing is stated.
fn paid_share(lot: &Lot, day: Date, month: Month) -> Decimal {
    let in_month = |date: Date| month.calendar().month_of(date) == month;
    if lot.payments.is_empty() {
        return if in_month(day) { Decimal::ONE } else { Decimal::ZERO };
    }
    let due = lot.payments.iter().filter(|(_, date)| in_month(date.unwrap_or(day)));
    due.map(|(share, _)| quantised(*share)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::testing::{amount, date, decimal, estimate, owned_hardware, owned_lot, plan};
    use crate::estimate::Dist;
    use crate::ids::Arena;

    #[test]
    fn a_lot_costs_depreciation_power_hosting_support_and_staff() {
        let mut plan = plan();
        let mut owned = owned_hardware(owned_lot("a", "2026-01-01"));
        owned.depreciate_months = Some(48);
        owned.residual_share = 0.08;
        owned.power_kilowatts = 10.2;
        owned.pue = 1.28;
        owned.power_price_per_kwh = Some(amount("0.094"));
        owned.hosting_per_node_month = Some(amount("1900"));
        owned.support_share_per_year = 0.06;
        owned.staff = Some((0.15, amount("210000")));
        plan.owned = Arena::new(vec![owned]);
        // 2 nodes of 395,000: (790,000 × 0.92)/48 = 15,141.666667 in the first months of the split.
        let january = &standing(&plan, Id::new(0))[0];
        let running = decimal("0.094") * decimal("10.2") * decimal("1.28") * decimal("1488")
            + decimal("3800")
            + decimal("5250")
            + decimal("3950");
        assert_eq!(january.amortised.mean(), (running + decimal("15141.666667")).round_dp(6));
        assert_eq!(january.operating_cash.mean(), running.round_dp(6));
        assert!(january.capex.is_zero());
    }

    #[test]
    fn payments_fall_on_their_dates_and_on_delivery() {
        let mut plan = plan();
        let mut lot = owned_lot("b", "2027-03-15");
        lot.payments = vec![(0.3, Some(date("2027-01-10"))), (0.7, None)];
        plan.owned = Arena::new(vec![owned_hardware(lot)]);
        let capex: Vec<_> =
            standing(&plan, Id::new(0)).iter().map(|s| s.capex.mean().normalize()).collect();
        assert_eq!(capex[..4], ["237000", "0", "553000", "0"].map(decimal));
    }

    #[test]
    fn a_lot_that_may_not_come_costs_in_its_share_of_draws() {
        let mut plan = plan();
        plan.draws = Draws::new(1, 1000);
        let mut lot = owned_lot("c", "2027-02-10");
        lot.due = true;
        lot.chance = Some(0.6);
        lot.slip_days = Some(estimate("slip", Dist::Uniform { low: 0.0, high: 10.0 }));
        plan.owned = Arena::new(vec![owned_hardware(lot)]);
        let months = standing(&plan, Id::new(0));
        let Figure::Drawn(capex) = &months[1].capex else { panic!("certain") };
        assert_eq!(capex.iter().filter(|paid| (**paid - 790_000.0).abs() < 1e-6).count(), 600);
        assert_eq!(capex.iter().filter(|paid| paid.abs() < 1e-6).count(), 400);
    }
}
