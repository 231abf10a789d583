//! Savings plans of one provider together: the one that saves most comes first; then each other is tried on what is left
//! open, and what was chosen is decided again beside it, as long as that saves. A mix that was decided elsewhere is
//! weighed beside.

use std::collections::BTreeMap;

use super::cash::Cash;
use super::choose::How;
use super::one::Solved;
use super::reduce::{Before, Ground, Months, Ranked, ranked};
use super::{Hours, OfProvider, OnSale};
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::{Pool, SavingsPlan};
use crate::procure::optimum::product::discount;
use crate::procure::orders::SpendPlan;

/// How many savings plans of one provider may be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variety {
    /// The one that saves most.
    One,
    /// Up to three that save together.
    Several,
}

/// What is proposed to be committed to: money an hour under each savings plan, by the month it begins in.
pub(crate) type Proposal = BTreeMap<Id<SavingsPlan>, Vec<(usize, f64)>>;

/// Ordered spend, as a proposal.
pub(crate) fn amounts(spend: &SpendPlan) -> Proposal {
    let mut amounts = Proposal::new();
    for order in &spend.orders {
        let of = amounts.entry(order.savings_plan).or_default();
        of.push((order.t, to_f64(order.per_hour)));
    }
    amounts
}

/// The most savings plans of one provider that are ordered.
const MOST: usize = 3;
/// From how many savings plans a mix is begun.
const STARTS: usize = 4;
/// Sweeps in which what was chosen is decided again.
const SWEEPS: usize = 2;
/// What signed spend and these amounts save together, less what is paid for the amounts: used up in the order of bills.
#[must_use]
pub(crate) fn saved(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    nodes: &Months,
    amounts: &Proposal,
) -> f64 {
    let sales = ground.market.providers.iter().flat_map(|one| &one.on_sale);
    let mut sales: Vec<(&OnSale, Solved)> = sales
        .filter_map(|sale| Some((sale, Solved::given(ground, sale, amounts.get(&sale.plan)?))))
        .collect();
    sales.sort_by_key(|(sale, _)| (ground.plan.savings_plans[sale.plan].breadth(), sale.plan));
    let before = sales.iter().map(|(sale, solved)| Before {
        breadth: ground.plan.savings_plans[sale.plan].breadth(),
        rates: sale.rates.clone(),
        per_hour: solved.committed.clone(),
    });
    let (own, signed) = saved_by(ground, hours, nodes, &before.collect::<Vec<_>>());
    own + signed - sales.iter().map(|(_, solved)| solved.fees).sum::<f64>()
}

/// What spend saves beside signed spend, and what that saves.
fn saved_by(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    nodes: &Months,
    before: &[Before],
) -> (f64, f64) {
    let months = ground.each(hours, nodes, before, &|m, uses| {
        let walk = ground.walk(m, uses, nodes);
        let ordered: Vec<(&Before, f64, Ranked)> = before
            .iter()
            .map(|one| (one, one.per_hour[m], ranked(&one.rates, uses, &walk.prices)))
            .collect();
        let (mut own, mut signed) = (0.0, 0.0);
        walk.paid(&ground.market.signed, &ordered, &mut |weight, more, by_signed| {
            own += weight * more;
            signed += weight * by_signed;
        });
        (own, signed)
    });
    months.iter().enumerate().fold((0.0, 0.0), |sum, (m, (own, signed))| {
        let worth = discount(ground.rate, m);
        (sum.0 + own * worth, sum.1 + signed * worth)
    })
}

/// The savings plans of one provider, tried together.
pub(super) struct Search<'a> {
    pub ground: &'a Ground<'a>,
    pub hours: &'a Hours<'a>,
    pub nodes: &'a Months,
    pub one: &'a OfProvider,
    pub cash: Option<&'a Cash>,
}

pub(super) type Mix = Vec<(usize, Solved)>;

impl Search<'_> {
    /// The best mix that is found, in the order in which it pays; and what it saves.
    pub(super) fn mix(&self, alone: &[(usize, Solved)], how: How<'_>) -> (Mix, f64) {
        let variety = how.variety;
        let mut starts: Vec<&(usize, Solved)> =
            alone.iter().filter(|(_, alone)| alone.saves > 0.0).collect();
        starts.sort_by(|a, b| {
            b.1.saves.total_cmp(&a.1.saves).then(self.sale(a.0).plan.cmp(&self.sale(b.0).plan))
        });
        if variety == Variety::One {
            starts.truncate(1);
        }
        // A broad plan that is taken first leaves nothing open for a narrow one with a better rate.
        starts.truncate(STARTS);
        let mut best: (Mix, f64) = (Vec::new(), 0.0);
        for start in starts {
            let grown = self.grown(start, alone, variety);
            if grown.1 > best.1 {
                best = grown;
            }
        }
        if !self.ground.market.signed.is_empty() && !best.0.is_empty() {
            // Of what is signed already, some may pay after it.
            best.1 = self.saved(&best.0);
        }
        let proposed = how.proposal.map_or(vec![], |proposal| self.proposed(proposal, alone));
        for next in proposed {
            if next.1 > best.1 {
                best = next;
            }
        }
        self.filled(&mut best.0);
        best
    }

    /// A mix that is proposed, as it is and with each savings plan decided again beside the others.
    fn proposed(&self, proposal: &Proposal, alone: &[(usize, Solved)]) -> Vec<(Mix, f64)> {
        let mut mix = Mix::new();
        for (k, sale) in self.one.on_sale.iter().enumerate() {
            if let Some(amounts) = proposal.get(&sale.plan) {
                mix.push((k, Solved::given(self.ground, sale, amounts)));
            }
        }
        if mix.is_empty() {
            return vec![];
        }
        mix.sort_by_key(|(k, _)| self.order(*k));
        let mut again = mix.clone();
        for place in 0..again.len() {
            let (k, _) = again.remove(place);
            // Beside no other it was decided already.
            let known = alone.iter().find(|(own, _)| again.is_empty() && *own == k);
            let own = known.map_or_else(|| self.beside(&again, &[k]), |own| vec![own.clone()]);
            again.splice(place..place, own);
        }
        again.retain(|(_, solved)| !solved.bought.is_empty());
        let fits = |mix: &Mix| {
            let mut left = self.cash.cloned();
            mix.iter().all(|(_, solved)| {
                let fits = left.as_ref().is_none_or(|left| left.leaves(&solved.bought));
                if let Some(left) = &mut left {
                    left.take(&solved.bought);
                }
                fits
            })
        };
        let mut both = vec![mix];
        // One by itself is a candidate anyway.
        if again.len() > 1 {
            both.push(again);
        }
        both.retain(fits);
        both.into_iter()
            .map(|mix| (self.saved(&mix), mix))
            .map(|(saved, mix)| (mix, saved))
            .collect()
    }

    /// What a mix that was decided elsewhere saves, savings plan by savings plan.
    fn filled(&self, mix: &mut Mix) {
        for place in 0..mix.len() {
            if !mix[place].1.recourse.is_empty() {
                continue;
            }
            let others: Mix = mix.iter().filter(|(k, _)| *k != mix[place].0).cloned().collect();
            if let Some((_, own)) = self.beside(&others, &[mix[place].0]).pop() {
                mix[place].1.nothing = own.nothing;
                mix[place].1.recourse = own.recourse;
            }
        }
    }

    /// A mix that begins with one savings plan, and takes others beside it as long as that pays.
    fn grown(
        &self,
        start: &(usize, Solved),
        alone: &[(usize, Solved)],
        variety: Variety,
    ) -> (Mix, f64) {
        let enough = start.1.nothing * 1e-7;
        let (mut mix, mut saves) = (vec![start.clone()], start.1.saves);
        let most = if variety == Variety::One { 1 } else { MOST.min(alone.len()) };
        while mix.len() < most {
            let others: Vec<usize> =
                (0..alone.len()).filter(|k| mix.iter().all(|(own, _)| own != k)).collect();
            let added = self.beside(&mix, &others);
            let added = added.into_iter().max_by(|a, b| {
                a.1.saves.total_cmp(&b.1.saves).then(self.sale(b.0).plan.cmp(&self.sale(a.0).plan))
            });
            let Some(added) = added.filter(|(_, added)| added.saves > enough) else { break };
            let mut next = mix.clone();
            next.push(added);
            for _ in 0..SWEEPS {
                for place in 0..next.len() {
                    let (k, _) = next.remove(place);
                    let again = self.beside(&next, &[k]);
                    next.splice(place..place, again);
                }
            }
            next.retain(|(_, solved)| !solved.bought.is_empty());
            next.sort_by_key(|(k, _)| self.order(*k));
            let saved = self.saved(&next);
            if saved <= saves + enough {
                break;
            }
            (mix, saves) = (next, saved);
        }
        (mix, saves)
    }

    fn sale(&self, k: usize) -> &OnSale {
        &self.one.on_sale[k]
    }

    /// The order in which commitments are used up: what covers least first.
    fn order(&self, k: usize) -> ((bool, usize, bool), Id<SavingsPlan>) {
        let plan = self.sale(k).plan;
        (self.ground.plan.savings_plans[plan].breadth(), plan)
    }

    fn before(&self, mix: &Mix) -> Vec<Before> {
        let mut order: Vec<&(usize, Solved)> = mix.iter().collect();
        order.sort_by_key(|(k, _)| self.order(*k));
        let of = |(k, solved): &(usize, Solved)| Before {
            breadth: self.order(*k).0,
            rates: self.sale(*k).rates.clone(),
            per_hour: solved.committed.clone(),
        };
        order.into_iter().map(of).collect()
    }

    /// Each of some savings plans, on what a mix leaves open.
    fn beside(&self, mix: &Mix, some: &[usize]) -> Mix {
        let before = self.before(mix);
        let asked: Vec<(&BTreeMap<Id<Pool>, f64>, f64)> =
            some.iter().map(|k| (&self.sale(*k).rates, self.one.unit)).collect();
        let months = self.ground.collected(self.hours, self.nodes, &before, &asked, true);
        let mut cash = self.cash.cloned();
        if let Some(cash) = &mut cash {
            for (_, solved) in mix {
                cash.take(&solved.bought);
            }
        }
        let each = some.iter().enumerate().map(|(place, k)| {
            let (sale, own) = (self.sale(*k), months.iter().map(|(all, _)| all[place].clone()));
            let (term, upfront) = (sale.term_months as usize, sale.upfront);
            let solved =
                Solved::of(self.ground, self.one.unit, own.collect(), term, upfront, cash.as_ref());
            (*k, solved)
        });
        each.collect()
    }

    /// What a mix saves, used up in the order of bills.
    fn saved(&self, mix: &Mix) -> f64 {
        let (saved, _) = saved_by(self.ground, self.hours, self.nodes, &self.before(mix));
        saved - mix.iter().map(|(_, solved)| solved.fees).sum::<f64>()
    }
}
