//! Cost of one thing that is bought, taken apart by substitution: what it would cost as one thing after the other becomes
//! what it is in the second window.
//!
//! Quantities and amounts of both windows go in, by how they are bought; steps that sum to the change come out, and the
//! thing that each cause moves most, of which the words tell.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cause, Moved};
use crate::cost::ledger::Category;
use crate::ids::Id;
use crate::money::{Decimal, to_f64};
use crate::plan::Pool;
use crate::plan::price::Purchase;
use crate::source::Span;

/// What is bought in one pool, of one category, counted in one unit.
pub(super) type Substance = (Option<Id<Pool>>, Category, &'static str);

/// How much of it, and what for, by how it is bought.
pub(super) type Bought = BTreeMap<Option<Purchase>, (Decimal, Decimal)>;

/// Cost of a substance as one thing after the other is what it is in the second window.
pub(super) struct Levels {
    /// Before, then after days, demand, efficiency, purchase and price.
    pub(super) at: [Decimal; 6],
    /// Whether it begins or ends instead.
    pub(super) instead: Option<Cause>,
}

impl Levels {
    pub(super) fn of(old: &Bought, new: &Bought, days: Decimal, growth: Decimal) -> Self {
        let quantity = |of: &Bought| of.values().map(|(quantity, _)| *quantity).sum::<Decimal>();
        let amount = |of: &Bought| of.values().map(|(_, amount)| *amount).sum::<Decimal>();
        let (q0, q1, a0, a1) = (quantity(old), quantity(new), amount(old), amount(new));
        let instead = match (a0.is_zero(), a1.is_zero()) {
            (true, false) => Some(Cause::Begins),
            (false, true) => Some(Cause::Ends),
            _ => None,
        };
        if instead.is_some() || q0.is_zero() || q1.is_zero() {
            return Self { at: [a0, a0, a0, a0, a0, a1], instead };
        }
        // What is bought in a way it was not bought before counts at what that way costs now.
        let at_old_prices: Decimal = new
            .iter()
            .filter_map(|(how, (quantity, _))| {
                rate(old, *how).or_else(|| rate(new, *how)).map(|rate| rate * quantity)
            })
            .sum();
        Self { at: [a0, a0 * days, a0 * days * growth, a0 * (q1 / q0), at_old_prices, a1], instead }
    }

    /// Of what is a share of other cost and no thing of its own, as support is: it moves as that cost does, and at last by
    /// the share itself.
    pub(super) fn alongside(of: &[Decimal; 6], old: &Bought, new: &Bought) -> Self {
        let amount = |of: &Bought| of.values().map(|(_, amount)| *amount).sum::<Decimal>();
        let (a0, a1) = (amount(old), amount(new));
        if a0.is_zero() || a1.is_zero() || of[0].is_zero() {
            return Self::of(old, new, Decimal::ONE, Decimal::ONE);
        }
        let [_, days, demand, efficiency, purchase, _] = of.map(|level| a0 * (level / of[0]));
        Self { at: [a0, days, demand, efficiency, purchase, a1], instead: None }
    }
}

/// What one costs, bought in one way.
pub(super) fn rate(bought: &Bought, how: Option<Purchase>) -> Option<Decimal> {
    let (quantity, amount) = bought.get(&how)?;
    (!quantity.is_zero()).then(|| amount / quantity)
}

/// The substance of which a cause is told: the one it moves most.
pub(super) struct Mark<'a> {
    pub(super) name: Substance,
    pub(super) old: &'a Bought,
    pub(super) new: &'a Bought,
    pub(super) moved: Decimal,
    /// What else the cause moves.
    pub(super) others: BTreeSet<Category>,
}

impl Mark<'_> {
    /// How much more of it there is.
    pub(super) fn growth(&self) -> f64 {
        let quantity = |of: &Bought| to_f64(of.values().map(|(quantity, _)| *quantity).sum());
        quantity(self.new) / quantity(self.old)
    }

    /// `; gpu most, also compute, memory`: of several resources the words speak of one.
    pub(super) fn others(&self) -> String {
        let own = self.name.1;
        let others: Vec<&str> =
            self.others.iter().filter(|of| **of != own).map(|of| of.word()).collect();
        if others.is_empty() {
            return String::new();
        }
        format!("; {} most, also {}", own.word(), others.join(", "))
    }
}

/// Causes over substances.
#[derive(Default)]
pub(super) struct Rows<'a> {
    sums: BTreeMap<Cause, (Decimal, Option<Mark<'a>>)>,
}

impl<'a> Rows<'a> {
    /// `work` is what a change of quantity is called that neither days nor demand explain.
    pub(super) fn add(
        &mut self,
        name: Substance,
        work: Cause,
        levels: &Levels,
        old: &'a Bought,
        new: &'a Bought,
    ) {
        let steps = [Cause::Days, Cause::Demand, work, Cause::Purchase, Cause::Price];
        for (step, cause) in steps.into_iter().enumerate() {
            let moved = levels.at[step + 1] - levels.at[step];
            if moved.is_zero() {
                continue;
            }
            let (sum, mark) = self.sums.entry(levels.instead.unwrap_or(cause)).or_default();
            *sum += moved;
            let mut others = mark.as_mut().map(|mark| std::mem::take(&mut mark.others));
            others.get_or_insert_default().insert(name.1);
            let tells =
                |mark: &Mark<'_>| name.1 != Category::Support && mark.moved.abs() < moved.abs();
            if mark.as_ref().is_none_or(tells) {
                *mark = Some(Mark { name, old, new, moved, others: BTreeSet::new() });
            }
            if let (Some(mark), Some(others)) = (mark, others) {
                mark.others = others;
            }
        }
    }

    pub(super) fn into_causes(
        self,
        said: impl Fn(Cause, &Mark<'_>) -> (String, Vec<Span>),
    ) -> Vec<Moved> {
        let row = |(cause, (amount, mark)): (Cause, (Decimal, Option<Mark<'_>>))| {
            let (how, places) = mark.map(|mark| said(cause, &mark)).unwrap_or_default();
            Moved { cause, amount, how, places }
        };
        self.sums.into_iter().map(row).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn bought(of: &[(Purchase, &str, &str)]) -> Bought {
        let entry = |(how, quantity, amount): &(Purchase, &str, &str)| {
            (Some(*how), (quantity.parse().unwrap(), amount.parse().unwrap()))
        };
        of.iter().map(entry).collect()
    }

    fn steps(levels: &Levels) -> Vec<String> {
        let steps = levels.at.windows(2).map(|pair| (pair[1] - pair[0]).normalize().to_string());
        steps.collect()
    }

    /// 100 hours at 2.00 become 165 hours: 150 at 2.20 and 15 at 1.00. Days ×1.1, demand ×1.25, so what a unit takes ×1.2.
    #[test]
    fn quantity_times_price_is_taken_apart_in_order() {
        let old = bought(&[(Purchase::OnDemand, "100", "200")]);
        let new = bought(&[(Purchase::OnDemand, "150", "330"), (Purchase::Reserved, "15", "15")]);
        let levels = Levels::of(&old, &new, "1.1".parse().unwrap(), "1.25".parse().unwrap());
        // 200 → 220 → 275 → 165 × 2.00 = 330 → 150 × 2.00 + 15 × 1.00 = 315 → 345.
        assert_eq!(steps(&levels), ["20", "55", "55", "-15", "30"]);
        assert_eq!(levels.instead, None);
    }

    #[test]
    fn what_begins_or_ends_has_one_cause() {
        let some = bought(&[(Purchase::Spot, "10", "5")]);
        let begins = Levels::of(&Bought::new(), &some, Decimal::ONE, Decimal::ONE);
        assert_eq!(
            (begins.instead, steps(&begins).concat()),
            (Some(Cause::Begins), "00005".into())
        );
        let ends = Levels::of(&some, &Bought::new(), Decimal::ONE, Decimal::ONE);
        assert_eq!((ends.instead, steps(&ends).concat()), (Some(Cause::Ends), "0000-5".into()));
    }

    /// What support is a share of goes 100 → 110 → 130 → 120 → 120 → 90; support of 10% is 10, and 9 of it then.
    #[test]
    fn a_share_of_other_cost_moves_as_that_does() {
        let of = ["100", "110", "130", "120", "120", "90"].map(|text| text.parse().unwrap());
        let old = bought(&[(Purchase::OnDemand, "100", "10")]);
        let new = bought(&[(Purchase::OnDemand, "90", "9")]);
        let levels = Levels::alongside(&of, &old, &new);
        assert_eq!(steps(&levels), ["1", "2", "-1", "0", "-3"]);
    }
}
