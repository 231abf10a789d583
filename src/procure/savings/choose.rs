//! Which savings plans to commit to, and how much, beside orders of nodes.
//!
//! One savings plan by itself is a flow, and exact. Of a provider's, the one that saves most comes first; then each
//! other is tried on what is left open, and what was chosen is decided again beside it, as long as that saves. The
//! bound is what no mix can go below: the best rate of all for every pool, bound for a month at a time.

use std::collections::BTreeMap;

use super::order::{Bought, order};
use super::reduce::{Before, Ground, Months, pay, ranked};
use super::{Hours, OfProvider, OnSale};
use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::{Pool, Procurement, SavingsPlan};
use crate::procure::dates::{Delays, Term};
use crate::procure::market::days;
use crate::procure::optimum::coupling::{PoolProblem, coupled};
use crate::procure::optimum::flow::{Offer, cheapest};
use crate::procure::optimum::product::{Product, Start, discount, offers};
use crate::procure::optimum::recourse::{MICRO, Recourse};
use crate::procure::orders::{Instead, SpendPlan};

/// What a limit on cash leaves, by period; and the period of each month.
#[derive(Debug, Clone)]
pub(crate) struct Cash {
    pub left: Vec<f64>,
    pub period: Vec<usize>,
}

/// What was chosen.
pub(crate) struct Chosen {
    pub plan: SpendPlan,
    /// What signed spend saves, over the horizon and its tail.
    pub signed: f64,
    /// All that is committed to, after the horizon too.
    pub amounts: Proposal,
}

impl Chosen {
    /// What signed and chosen spend save, less what is paid for what was chosen.
    pub fn saves(&self) -> f64 {
        self.plan.rented - self.plan.objective + self.signed
    }
}

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

/// How spend is decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How<'a> {
    pub variety: Variety,
    pub as_of: Date,
    /// A mix that is weighed as well.
    pub proposal: Option<&'a Proposal>,
}

/// The most savings plans of one provider that are ordered.
const MOST: usize = 3;
/// From how many savings plans a mix is begun.
const STARTS: usize = 4;
/// Sweeps in which what was chosen is decided again.
const SWEEPS: usize = 2;
/// Units that are counted as one where a limit on cash is kept.
const COARSE: u64 = 8;

/// How the days of orders are counted.
pub(crate) fn delays(procurement: &Procurement) -> Delays {
    Delays {
        lead: 0,
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    }
}

/// Decides how much to commit to under which savings plans.
#[must_use]
pub(crate) fn choose(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    nodes: &Months,
    procurement: &Procurement,
    cash: Option<&Cash>,
    how: How<'_>,
) -> Chosen {
    let as_of = how.as_of;
    let mut result = SpendPlan::default();
    let mut cash = cash.cloned();
    let mut signed = 0.0;
    let mut amounts = Proposal::new();
    if ground.market.providers.is_empty() {
        let months = ground.collected(hours, nodes, &[], &[]);
        let saved =
            months.iter().enumerate().map(|(m, (_, saved))| saved * discount(ground.rate, m));
        signed = saved.sum();
    }
    for one in &ground.market.providers {
        let mut asked = vec![(&one.best, one.unit)];
        // Where rates are the same, so is what they save.
        let places = one.on_sale.iter().map(|sale| {
            asked.iter().position(|(rates, _)| **rates == sale.rates).unwrap_or_else(|| {
                asked.push((&sale.rates, one.unit));
                asked.len() - 1
            })
        });
        let places: Vec<usize> = places.collect();
        let months = ground.collected(hours, nodes, &[], &asked);
        signed =
            months.iter().enumerate().map(|(m, (_, saved))| saved * discount(ground.rate, m)).sum();
        let of = |place: usize| -> Vec<Recourse> {
            months.iter().map(|(all, _)| all[place].clone()).collect()
        };
        let (nothing, most) = by_the_month(ground, one, &of(0));
        result.rented += nothing;
        let alone = |k: usize, cash: Option<&Cash>| {
            let sale = &one.on_sale[k];
            let (term, own) = (sale.term_months as usize, of(places[k]));
            Solved::of(ground, one.unit, own, term, sale.upfront, cash)
        };
        let free: Vec<Solved> = (0..one.on_sale.len()).map(|k| alone(k, None)).collect();
        result.bound += nothing - most;
        let limit = cash.as_ref().map(|cash| beside_others(ground, cash, one, how.proposal));
        let search = Search { ground, hours, nodes, one, cash: limit.as_ref() };
        let first = free.iter().enumerate().map(|(k, free)| {
            let fits = limit.as_ref().is_none_or(|cash| cash.leaves(&free.bought));
            (k, if fits { free.clone() } else { alone(k, limit.as_ref()) })
        });
        let first: Vec<(usize, Solved)> = first.collect();
        let (chosen, saves) = search.mix(&first, how);
        result.objective += nothing - saves;
        for (k, solved) in &chosen {
            let sale = &one.on_sale[*k];
            let rented = |m: usize, per_hour: f64| {
                let units = per_hour / one.unit;
                let cost = |units: f64| solved.recourse[m].cost(whole(units)) as f64 / MICRO;
                let part = units - units.floor();
                cost(units.floor()) * (1.0 - part) + cost(units.ceil()) * part
            };
            // What is bought after the horizon keeps the limit too, but is no order.
            let inside = |bought: &&Bought| bought.t < ground.plan.horizon.months;
            let orders = solved.bought.iter().filter(inside).map(|bought| {
                let when = (delays(procurement), as_of);
                order(ground, sale, *bought, &solved.committed, &rented, when)
            });
            result.orders.extend(orders);
            if let Some(cash) = &mut cash {
                cash.take(&solved.bought);
            }
            let of = solved.bought.iter().map(|bought| (bought.t, bought.per_hour));
            amounts.insert(sale.plan, of.collect());
        }
        for (k, free) in free.iter().enumerate() {
            let past = cash_past(search.cash, free);
            let taken = chosen.iter().any(|(own, _)| *own == k);
            if !taken || (past && free.saves > saves * (1.0 + 1e-9)) {
                result.instead.push(Instead {
                    savings_plan: one.on_sale[k].plan,
                    extra: saves - free.saves.max(0.0),
                    most_per_hour: free.committed.iter().copied().fold(0.0, f64::max),
                    past_cash_limit: past,
                });
            }
        }
    }
    result.orders.sort_by(|a, b| a.order_by.cmp(&b.order_by).then(a.name.cmp(&b.name)));
    let horizon = ground.plan.horizon;
    let firm_until = horizon.month_of(as_of).last_day().max(horizon.first.last_day());
    for order in &mut result.orders {
        order.firm = order.order_by <= firm_until;
    }
    Chosen { plan: result, signed, amounts }
}

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
        let ranked: Vec<_> = before
            .iter()
            .map(|one| (one.per_hour[m], ranked(&one.rates, uses, &walk.prices)))
            .collect();
        let (mut own, mut signed) = (0.0, 0.0);
        walk.each(&mut |weight, open, saved| {
            let rented = walk.worth(open);
            for (per_hour, ranked) in &ranked {
                pay(*per_hour, ranked, open);
            }
            own += weight * (rented - walk.worth(open));
            signed += weight * saved;
        });
        (own, signed)
    });
    months.iter().enumerate().fold((0.0, 0.0), |sum, (m, (own, signed))| {
        let worth = discount(ground.rate, m);
        (sum.0 + own * worth, sum.1 + signed * worth)
    })
}

/// What everything costs on demand that some savings plan covers, and the most that spend could save of it if it were
/// bound for a month at a time.
fn by_the_month(ground: &Ground<'_>, one: &OfProvider, recourse: &[Recourse]) -> (f64, f64) {
    let (mut nothing, mut saves) = (0.0, 0.0);
    for (m, month) in recourse.iter().enumerate() {
        let worth = discount(ground.rate, m) / MICRO;
        let costs = one.unit * ground.hours(m) * ground.least_cost(one, m) * MICRO;
        nothing += month.cost(0) as f64 * worth;
        // Spend cannot begin earlier.
        if m < ground.first {
            continue;
        }
        let pays =
            month.runs().iter().map(|(units, saving)| (*units as f64, *saving as f64 - costs));
        let pays: Vec<(f64, f64)> = pays.collect();
        let best = pays.iter().filter(|(_, pays)| *pays > 0.0);
        saves += best.clone().map(|(units, pays)| units * pays).sum::<f64>() * worth;
        // The best amount may lie inside the last unit that pays or the one after.
        let count: f64 = best.map(|(units, _)| units).sum();
        let at = |unit: f64| {
            let mut left = unit;
            let run = pays.iter().find(|(units, _)| {
                left -= units;
                left < 0.0
            });
            run.map_or(-costs, |(_, pays)| *pays)
        };
        for unit in [count - 1.0, count].into_iter().filter(|unit| *unit >= 0.0) {
            let before = if unit > 0.0 { at(unit - 1.0) } else { f64::INFINITY };
            saves += inside(before, at(unit), at(unit + 1.0)) * worth;
        }
    }
    (nothing, saves)
}

/// How much more a part of a unit may pay than none and than all of it, where the units before, itself and after pay
/// this: what is paid is concave.
fn inside(before: f64, own: f64, after: f64) -> f64 {
    let (up, down) = (before.max(0.0), (-after).max(0.0));
    let peak = if up.is_infinite() {
        own + down
    } else if up + down > 0.0 {
        up * ((own + down) / (up + down)).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (peak - own.max(0.0)).max(0.0)
}

/// What is left beside what is proposed to be committed to with the providers that come later: they were decided
/// together. All of it where that is more than there is.
fn beside_others(
    ground: &Ground<'_>,
    cash: &Cash,
    one: &OfProvider,
    proposal: Option<&Proposal>,
) -> Cash {
    let mut left = cash.clone();
    let later = ground.market.providers.iter().skip_while(|other| other.provider != one.provider);
    for sale in later.skip(1).flat_map(|other| &other.on_sale) {
        if let Some(amounts) = proposal.and_then(|proposal| proposal.get(&sale.plan)) {
            left.take(&Solved::given(ground, sale, amounts).bought);
        }
    }
    if left.fits() { left } else { cash.clone() }
}

fn cash_past(cash: Option<&Cash>, free: &Solved) -> bool {
    cash.is_some_and(|cash| !cash.leaves(&free.bought))
}

/// Units as a number of them.
fn whole(units: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
    let units = units.max(0.0) as u64;
    units
}

impl Cash {
    fn leaves(&self, bought: &[Bought]) -> bool {
        let mut left = self.clone();
        left.take(bought);
        left.fits()
    }

    /// Whether no more was taken than there is.
    pub(crate) fn fits(&self) -> bool {
        self.left.iter().all(|left| *left >= -1e-6)
    }

    fn take(&mut self, bought: &[Bought]) {
        for one in bought {
            self.left[self.period[one.t]] -= one.upfront;
        }
    }
}

/// The best of one savings plan, beside what goes before it.
#[derive(Debug, Clone)]
struct Solved {
    /// What everything it covers costs on demand, over the horizon and its tail.
    nothing: f64,
    /// What is saved of that.
    saves: f64,
    /// What it costs.
    fees: f64,
    bought: Vec<Bought>,
    /// Money an hour, by month of the horizon and its tail.
    committed: Vec<f64>,
    recourse: Vec<Recourse>,
}

impl Solved {
    /// What was decided elsewhere; what it saves is not known yet.
    fn given(ground: &Ground<'_>, sale: &OnSale, amounts: &[(usize, f64)]) -> Self {
        let term = sale.term_months as usize;
        let (offered, starts) = sale_offers(ground, 1.0, term, sale.upfront);
        let mut committed = vec![0.0; ground.all];
        let (mut fees, mut bought) = (0.0, Vec::new());
        for (t, per_hour) in amounts {
            let Some(place) = starts.iter().position(|start| start.month == *t) else { continue };
            let offer = &offered[place];
            committed[offer.from..offer.to].iter_mut().for_each(|month| *month += per_hour);
            fees += offer.cost as f64 / MICRO * per_hour;
            let upfront = starts[place].upfront * per_hour;
            bought.push(Bought { t: *t, per_hour: *per_hour, upfront });
        }
        Self { nothing: 0.0, saves: 0.0, fees, bought, committed, recourse: Vec::new() }
    }

    fn of(
        ground: &Ground<'_>,
        unit: f64,
        recourse: Vec<Recourse>,
        term: usize,
        upfront: f64,
        cash: Option<&Cash>,
    ) -> Self {
        let cash = cash.filter(|_| upfront > 0.0);
        let coarse = if cash.is_some() { COARSE } else { 1 };
        let unit = unit * coarse as f64;
        let (offered, starts) = sale_offers(ground, unit, term, upfront);
        let worth = recourse.iter().enumerate();
        let worth: Vec<Recourse> = worth
            .map(|(m, one)| one.in_units_of(coarse).scaled(discount(ground.rate, m)))
            .collect();
        let nothing: i128 = worth.iter().map(|month| month.cost(0)).sum();
        let cover = match cash {
            None => cheapest(&worth, &offered),
            Some(cash) => {
                let takes =
                    starts.iter().map(|start| vec![(cash.period[start.month], start.upfront)]);
                let pool = PoolProblem {
                    takes: takes.collect(),
                    least: vec![0; offered.len()],
                    months: worth.clone(),
                    offers: offered.clone(),
                };
                let left: Vec<f64> = cash.left.iter().map(|left| left.max(0.0)).collect();
                coupled(&[pool], &left).covers.into_iter().next().unwrap_or_default()
            }
        };
        let money = |micro: i128| micro as f64 / MICRO;
        let fees = offered.iter().zip(&cover.units);
        let fees = fees.map(|(offer, units)| i128::from(offer.cost) * i128::from(*units)).sum();
        let committed = cover.committed(ground.all, &offered);
        Self {
            nothing: money(nothing),
            saves: money(nothing - cover.cost),
            fees: money(fees),
            bought: starts
                .iter()
                .zip(&cover.units)
                .filter(|(_, units)| **units > 0)
                .map(|(start, units)| Bought {
                    t: start.month,
                    per_hour: *units as f64 * unit,
                    upfront: start.upfront * *units as f64,
                })
                .collect(),
            committed: committed.iter().map(|units| *units as f64 * unit).collect(),
            recourse,
        }
    }
}

/// What can be bought of a savings plan, `unit` of money an hour by `unit`.
pub(crate) fn sale_offers(
    ground: &Ground<'_>,
    unit: f64,
    term: usize,
    upfront: f64,
) -> (Vec<Offer>, Vec<Start>) {
    let (offers, mut starts) =
        offers(&[product(ground, unit, term, upfront)], ground.all, ground.rate);
    for start in &mut starts {
        start.upfront = unit * upfront * term_of(ground, start.month, term).hours();
    }
    (offers, starts)
}

fn term_of(ground: &Ground<'_>, t: usize, term: usize) -> Term {
    Term::new(ground.plan.horizon, t, u32::try_from(term).unwrap_or(u32::MAX))
}

fn product(ground: &Ground<'_>, unit: f64, term: usize, upfront: f64) -> Product {
    // Without a cost of capital, what is paid when makes no difference: hours count as they are.
    let early = if ground.rate == 0.0 { 0.0 } else { upfront };
    let paid = |t: usize| unit * early * term_of(ground, t, term).hours();
    Product {
        term,
        first: ground.first,
        last: None,
        fee: (0..ground.all).map(|m| unit * (1.0 - early) * ground.hours(m)).collect(),
        upfront: (0..ground.all).map(paid).collect(),
        level: vec![1.0; ground.all],
        residual: 0.0,
        most: None,
    }
}

impl Ground<'_> {
    /// The least that a unit of money of any savings plan of a provider costs in an hour of a month: 1, but with a cost
    /// of capital for what falls on it of money paid upfront, which is then spread by months.
    pub(super) fn least_cost(&self, one: &OfProvider, m: usize) -> f64 {
        let of_sale = one.on_sale.iter().map(|sale| {
            let term = sale.term_months as usize;
            let product = product(self, 1.0, term, sale.upfront);
            let starts = self.first.max((m + 1).saturating_sub(term))..=m;
            starts
                .map(|t| (product.fee[m] + product.spread(t, self.rate)) / self.hours(m))
                .fold(f64::INFINITY, f64::min)
        });
        of_sale.fold(f64::INFINITY, f64::min)
    }
}

/// The savings plans of one provider, tried together.
struct Search<'a> {
    ground: &'a Ground<'a>,
    hours: &'a Hours<'a>,
    nodes: &'a Months,
    one: &'a OfProvider,
    cash: Option<&'a Cash>,
}

type Mix = Vec<(usize, Solved)>;

impl Search<'_> {
    /// The best mix that is found, in the order in which it pays; and what it saves.
    fn mix(&self, alone: &[(usize, Solved)], how: How<'_>) -> (Mix, f64) {
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
        let months = self.ground.collected(self.hours, self.nodes, &before, &asked);
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
