//! What moved, in words and figures of the model: one sentence a cause.

use std::collections::BTreeSet;

use super::super::cost::price_of;
use super::substitution::{Bought, Mark, Substance, rate};
use crate::cost::ledger::Category;
use crate::money::{Decimal, to_f64};
use crate::plan::Plan;
use crate::plan::price::Purchase;

/// `+43.2%`.
pub(super) fn percent(ratio: f64) -> String {
    format!("{:+.1}%", (ratio - 1.0) * 100.0).replace('-', "−")
}

/// `3.47% to 3.52%`: as many places as tell both apart, six at most.
pub(super) fn from_part_to(from: Decimal, to: Decimal) -> String {
    let text = |share: Decimal, places: usize| format!("{:.*}%", places, to_f64(share) * 100.0);
    let places = (1..=6).find(|places| text(from, *places) != text(to, *places));
    places.map_or_else(
        || format!("stays at {}", text(from, 1)),
        |places| format!("{} to {}", text(from, places), text(to, places)),
    )
}

/// `gpu in pool serve`.
pub(super) fn substance(plan: &Plan, (pool, category, _): Substance) -> String {
    let pool = pool.map_or_else(String::new, |pool| format!(" in pool {}", plan.pools[pool].name));
    format!("{}{pool}", category.word())
}

/// `on-demand 1% to 54%`: the way to buy whose share moves most.
pub(super) fn shares(mark: &Mark<'_>) -> String {
    let share = |of: &Bought, how: Option<Purchase>| {
        let all: Decimal = of.values().map(|(quantity, _)| *quantity).sum();
        let part = of.get(&how).map(|(quantity, _)| *quantity).unwrap_or_default();
        if all.is_zero() { Decimal::ZERO } else { part / all }
    };
    let ways: BTreeSet<Option<Purchase>> =
        mark.old.keys().chain(mark.new.keys()).copied().collect();
    let moved = |how: &Option<Purchase>| (share(mark.new, *how) - share(mark.old, *how)).abs();
    // What moves by less than half a hundredth is told only where nothing moves more.
    let most = ways.iter().map(&moved).max().unwrap_or_default();
    let least = most.min(Decimal::new(5, 3));
    let said: Vec<String> = ways
        .iter()
        .filter(|how| !most.is_zero() && moved(how) >= least)
        .map(|how| {
            let (old, new) = (share(mark.old, *how), share(mark.new, *how));
            let word = how.map_or("bought in no stated way", Purchase::word);
            format!("{word} {}", from_part_to(old, new))
        })
        .collect();
    let unit = mark.name.2;
    if said.is_empty() {
        return format!("what one {unit} costs as it is bought");
    }
    format!("{} of {unit}s", said.join(", "))
}

/// `reserved 1.3759 to 1.0530 for a GPU-hour`: every way to buy whose price moves.
pub(super) fn rates(mark: &Mark<'_>) -> String {
    let rates = mark.new.keys().filter_map(|how| {
        let (old, new) = (to_f64(rate(mark.old, *how)?), to_f64(rate(mark.new, *how)?));
        let word = how.map_or_else(String::new, |how| format!("{} ", how.word()));
        Some((word, old, new))
    });
    let rates: Vec<(String, f64, f64)> = rates.collect();
    let shown = rates.iter().filter_map(|(word, old, new)| {
        let (old, new) = (price_of(*old), price_of(*new));
        (old != new).then(|| format!("{word}{old} to {new}"))
    });
    let mut moved: Vec<String> = shown.collect();
    if moved.is_empty() {
        let small = rates.iter().filter(|(_, old, new)| *old > 0.0 && old.total_cmp(new).is_ne());
        moved.extend(small.map(|(word, old, new)| {
            let sign = if new > old { '+' } else { '−' };
            let change = (new / old - 1.0).abs() * 100.0;
            let rate = price_of(*old);
            if change < 0.001 {
                return format!("{word}{rate} by less than {sign}0.001%");
            }
            format!("{word}{rate} {sign}{change:.3}%")
        }));
    }
    let unit = mark.name.2;
    if mark.name.1 == Category::Support {
        return "what support is a share of".to_owned();
    }
    if moved.is_empty() {
        return format!("what a {unit} costs");
    }
    format!("{} for a {unit}", moved.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::substitution::tests::bought;
    use super::*;

    #[test]
    fn a_cause_says_which_way_to_buy_moved() {
        let old = bought(&[(Purchase::OnDemand, "10", "20"), (Purchase::Reserved, "90", "90")]);
        let new = bought(&[(Purchase::OnDemand, "60", "120"), (Purchase::Reserved, "40", "36")]);
        let name = (None, Category::Gpu, "GPU-hour");
        let others = BTreeSet::new();
        let mark = Mark { name, old: &old, new: &new, moved: Decimal::ONE, others };
        assert_eq!(shares(&mark), "on-demand 10.0% to 60.0%, reserved 90.0% to 40.0% of GPU-hours");
        assert_eq!(rates(&mark), "reserved 1.0000 to 0.9000 for a GPU-hour");
    }

    #[test]
    fn a_small_move_has_the_places_that_show_it() {
        let part = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(from_part_to(part("0.03471"), part("0.03524")), "3.47% to 3.52%");
        assert_eq!(from_part_to(part("0.5"), part("0.5")), "stays at 50.0%");
        let old = bought(&[(Purchase::OnDemand, "9990", "19980"), (Purchase::Spot, "10", "10")]);
        let new = bought(&[(Purchase::OnDemand, "9980", "19961"), (Purchase::Spot, "20", "20")]);
        let others = BTreeSet::from([Category::Gpu, Category::Compute]);
        let name = (None, Category::Gpu, "GPU-hour");
        let mark = Mark { name, old: &old, new: &new, moved: Decimal::ONE, others };
        assert_eq!(shares(&mark), "on-demand 99.9% to 99.8%, spot 0.1% to 0.2% of GPU-hours");
        assert_eq!(rates(&mark), "on-demand 2.0000 to 2.0001 for a GPU-hour");
        assert_eq!(mark.others(), "; gpu most, also compute");
    }
}
