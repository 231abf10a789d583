//! Which assumptions move a total most.
//!
//! For every uncertain value of the plan: the rank correlation of its draws with those of the total, and
//! the median of the total in the draws where it lies in its lowest and in its highest fifth; of a chance, where it
//! does not come true and where it does. All are read from the draws there are; nothing is run again. That estimates
//! the median with it held at its p10 and at its p90, which [`super::held`] finds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::query::Of;
use crate::cost::ledger::MonthlyDraws;
use crate::draws::observed_quantile;
use crate::estimate::{Dist, Estimate};
use crate::outcome::Outcome;
use crate::plan::pool::LimitIncrease;
use crate::plan::price::Amount;
use crate::plan::workload::{
    Growth, GrowthKind, LogisticPace, Request, RunWork, Serves, Serving, Workload,
};
use crate::plan::{Plan, Team};
use crate::source::Span;

/// How one assumption moves a total.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    /// The name its draws have: `let/organic-growth`, `workload/chat/demand`.
    pub key: String,
    /// Where the plan says it.
    pub origin: Span,
    /// Whether it is a chance, which comes true or not, and no value.
    pub is_chance: bool,
    /// Spearman's rank correlation of its draws with the total's.
    pub correlation: f64,
    /// The median of the total where it lies in its lowest fifth, and in its highest.
    pub swing: (f64, f64),
    /// The median of the total with it held at its p10, and at its p90; where the plan was run for that.
    pub held: Option<(f64, f64)>,
}

impl Mover {
    /// The median of the total where it is low, and where it is high: held there, else estimated.
    #[must_use]
    pub fn low_and_high(&self) -> (f64, f64) {
        self.held.unwrap_or(self.swing)
    }
}

/// What moves the cost of something most, the strongest first; nothing where its draws are not kept (a
/// single workload's, for most plans).
///
/// # Source
/// Spearman (1904): Pearson's correlation of ranks.
#[must_use]
pub fn movers(plan: &Plan, outcome: &Outcome, of: &Of, months: &Range<usize>) -> Vec<Mover> {
    let Some(total) = draws_of(plan, outcome, of, months) else { return Vec::new() };
    let target = ranks(&total);
    let of = by_key(plan).into_iter();
    let mut movers: Vec<Mover> =
        of.map(|(key, uncertain)| mover(plan, &key, uncertain, (&total, &target))).collect();
    sort(&mut movers);
    movers
}

/// What moves the cost of everything most.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Uncertainty {
    /// How many uncertain values the plan has.
    pub assumptions: usize,
    /// Those that move the total more than chance would show, the strongest first.
    pub movers: Vec<Mover>,
}

/// The assumptions that move the cost of the whole horizon most, `most` of them at most. Those are left out
/// whose correlation chance alone would show once in twenty times among so many assumptions.
///
/// Only the strongest are looked at in full: the draws of a name are stratified, one in each of as many bins
/// as there are draws, so the bins are the ranks of its values, and no value is made to find them.
///
/// # Source
/// Without correlation, `n` ranks correlate with a standard deviation of 1/√(n − 1) (Kendall and Gibbons);
/// the limit for the largest of many is Bonferroni's.
#[must_use]
pub fn strongest(plan: &Plan, outcome: &Outcome, most: usize) -> Uncertainty {
    let months = 0..plan.horizon.months;
    let Some(total) = draws_of(plan, outcome, &Of::Total, &months) else {
        return Uncertainty::default();
    };
    let target = ranks(&total);
    let by_key: Vec<(Cow<'_, str>, Uncertain<'_>)> = by_key(plan).into_iter().collect();
    let mut found: Vec<(f64, usize)> = by_key
        .par_iter()
        .enumerate()
        .map(|(index, (key, uncertain))| {
            let ranks = match uncertain {
                Uncertain::Value(_) => bins(plan, key),
                Uncertain::Chance { .. } => uncertain.values(plan, key),
            };
            (correlation(&ranks, &target).abs(), index)
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let assumptions = by_key.len();
    let least = by_chance(plan.draws.count(), assumptions);
    let strong = found.iter().take(most).filter(|(correlation, _)| *correlation > least);
    let mut movers: Vec<Mover> = strong
        .map(|(_, index)| mover(plan, &by_key[*index].0, by_key[*index].1, (&total, &target)))
        .collect();
    sort(&mut movers);
    Uncertainty { assumptions, movers }
}

/// The largest correlation of ranks that `assumptions` without any would show in 19 of 20 times.
fn by_chance(draws: usize, assumptions: usize) -> f64 {
    let tail = 0.025 / assumptions.max(1) as f64;
    -crate::normal::quantile(tail) / (draws.max(2) as f64 - 1.0).sqrt()
}

/// The ranks of a name's values, from 0.
fn bins(plan: &Plan, key: &str) -> Vec<f64> {
    let count = plan.draws.count() as f64;
    plan.draws.uniforms(key).into_iter().map(|share| (share * count).floor()).collect()
}

/// What is not certain.
#[derive(Debug, Clone, Copy)]
enum Uncertain<'p> {
    /// A value.
    Value(&'p Estimate),
    /// Whether something comes true.
    Chance {
        /// How likely, above 0 and below 1.
        chance: f64,
        /// What comes true, in the plan.
        origin: Span,
    },
}

impl Uncertain<'_> {
    /// One value a draw; of a chance 1 where it comes true, else 0.
    fn values(self, plan: &Plan, key: &str) -> Vec<f64> {
        match self {
            Self::Value(estimate) => plan.draws.values(estimate),
            Self::Chance { chance, .. } => {
                plan.draws.happens(chance, key).into_iter().map(f64::from).collect()
            }
        }
    }
}

fn by_key(plan: &Plan) -> BTreeMap<Cow<'_, str>, Uncertain<'_>> {
    let mut by_key = BTreeMap::new();
    for estimate in uncertain(plan) {
        by_key.entry(Cow::Borrowed(&*estimate.key)).or_insert(Uncertain::Value(estimate));
    }
    for (key, chance, origin) in chances(plan) {
        if chance > 0.0 && chance < 1.0 {
            by_key.entry(key).or_insert(Uncertain::Chance { chance, origin });
        }
    }
    by_key
}

/// Whatever may come true or not: the key of its draws, how likely, and where the plan says it.
pub(super) fn chances(plan: &Plan) -> Vec<(Cow<'_, str>, f64, Span)> {
    let events = plan.workloads.items().iter().filter_map(|workload| workload.demand.as_ref());
    let events = events
        .flat_map(|demand| &demand.events)
        .filter_map(|event| Some((Cow::Borrowed(&*event.chance_key), event.chance?, event.origin)));
    let lots = plan.owned.items().iter().flat_map(|owned| {
        owned.lots.iter().filter_map(|lot| {
            Some((Cow::Owned(lot.chance_key(&owned.name)), lot.chance?, lot.origin))
        })
    });
    let grants = plan.pools.items().iter().flat_map(|pool| {
        let key = |one: &LimitIncrease| Cow::Owned(one.chance_key(&pool.name));
        pool.limit_increases.iter().map(move |one| (key(one), one.chance, one.origin))
    });
    events.chain(lots).chain(grants).collect()
}

/// One assumption against a total, of which the ranks are known too.
fn mover(
    plan: &Plan,
    key: &str,
    uncertain: Uncertain<'_>,
    (total, target): (&[f64], &[f64]),
) -> Mover {
    let values = uncertain.values(plan, key);
    let (origin, swing) = match uncertain {
        Uncertain::Value(estimate) => (estimate.origin, swing(&values, total)),
        Uncertain::Chance { origin, .. } => (origin, whether(&values, total)),
    };
    Mover {
        key: key.to_owned(),
        origin: declared(plan, key).unwrap_or(origin),
        is_chance: matches!(uncertain, Uncertain::Chance { .. }),
        correlation: correlation(&ranks(&values), target),
        swing,
        held: None,
    }
}

fn sort(movers: &mut [Mover]) {
    movers.sort_by(|a, b| {
        b.correlation.abs().total_cmp(&a.correlation.abs()).then_with(|| a.key.cmp(&b.key))
    });
}

/// Where a shared assumption is declared, by the key of its draws.
fn declared(plan: &Plan, key: &str) -> Option<Span> {
    let name = key.strip_prefix("let/")?;
    let assumption = plan.assumptions.iter().find(|assumption| assumption.name == name)?;
    Some(assumption.origin)
}

/// The first team that has a part alone in a cost centre. Draws are kept by team: those of a part of one are not known.
#[must_use]
pub fn in_part<'p>(plan: &'p Plan, of: &Of) -> Option<&'p Team> {
    let Of::CostCenter(name) = of else { return None };
    let mut teams = plan.teams.iter().filter(|(id, _)| {
        let centers = plan.cost_centers_of(*id);
        centers.len() > 1 && centers.contains(&name.as_str())
    });
    teams.next().map(|(_, team)| team)
}

/// The cost of something over some months, one value a draw.
pub(super) fn draws_of(
    plan: &Plan,
    outcome: &Outcome,
    of: &Of,
    months: &Range<usize>,
) -> Option<Vec<f64>> {
    let draws = &outcome.draws;
    let of_teams = |test: &dyn Fn(&crate::plan::Team) -> bool| -> Vec<&MonthlyDraws> {
        let teams = plan.teams.iter().filter(|(_, team)| test(team));
        teams.filter_map(|(id, _)| draws.by_team.get(&id)).collect()
    };
    let parts: Vec<&MonthlyDraws> = match of {
        Of::Total => vec![&draws.total],
        Of::Team(name) => vec![draws.by_team.get(&plan.teams.find(name)?)?],
        Of::Department(name) => {
            let id = plan.departments.find(name)?;
            of_teams(&|team| team.department == Some(id))
        }
        Of::CostCenter(name) => {
            if in_part(plan, of).is_some() {
                return None;
            }
            let touched = |id| plan.cost_centers_of(id).contains(&name.as_str());
            let teams = plan.teams.ids().filter(|id| touched(*id));
            teams.filter_map(|id| draws.by_team.get(&id)).collect()
        }
        Of::Workload(name) => vec![draws.by_workload.get(&plan.workloads.find(name)?)?],
        Of::Pool(name) => vec![draws.by_pool.get(&plan.pools.find(name)?)?],
        Of::Category(category) => vec![draws.by_category.get(category)?],
        Of::Budget(_) => return None,
    };
    let mut sums = vec![0.0; plan.draws.count()];
    for month in parts.iter().flat_map(|part| part.get(months.clone()).unwrap_or_default()) {
        sums.iter_mut().zip(month).for_each(|(sum, value)| *sum += value);
    }
    Some(sums)
}

/// Ranks from 0; equal values have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let mut last = first;
        while last + 1 < order.len()
            && values[order[last + 1]].total_cmp(&values[order[first]]).is_eq()
        {
            last += 1;
        }
        let rank = (first + last) as f64 / 2.0;
        order[first..=last].iter().for_each(|at| ranks[*at] = rank);
        first = last + 1;
    }
    ranks
}

/// Pearson's correlation; zero where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut squares_a, mut squares_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        squares_a += (a - mean_a) * (a - mean_a);
        squares_b += (b - mean_b) * (b - mean_b);
    }
    if squares_a > 0.0 && squares_b > 0.0 { both / (squares_a * squares_b).sqrt() } else { 0.0 }
}

/// The medians of the total in the draws of the lowest and the highest fifth of an assumption.
fn swing(values: &[f64], total: &[f64]) -> (f64, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let fifth = (order.len() / 5).max(1).min(order.len());
    let median = |draws: &[usize]| {
        let mut of: Vec<f64> = draws.iter().map(|draw| total[*draw]).collect();
        of.sort_by(f64::total_cmp);
        observed_quantile(&of, 0.5).unwrap_or(0.0)
    };
    (median(&order[..fifth]), median(&order[order.len() - fifth..]))
}

/// The medians of the total in the draws in which something does not come true, and in which it does.
fn whether(values: &[f64], total: &[f64]) -> (f64, f64) {
    let median = |true_in: bool| {
        let draws = values.iter().zip(total).filter(|(value, _)| (**value > 0.5) == true_in);
        let mut of: Vec<f64> = draws.map(|(_, total)| *total).collect();
        of.sort_by(f64::total_cmp);
        observed_quantile(&of, 0.5).unwrap_or(0.0)
    };
    (median(false), median(true))
}

/// Every value of a plan that is not certain.
fn uncertain(plan: &Plan) -> Vec<&Estimate> {
    let mut all: Vec<&Estimate> = Vec::new();
    for workload in plan.workloads.items() {
        of_workload(workload, &mut all);
    }
    for instance in plan.instances.items() {
        all.extend(&instance.price_trend_per_month);
        for price in &instance.prices {
            all.push(&price.per_hour.estimate);
            all.extend(price.interruption_per_day.iter().chain(&price.availability));
        }
    }
    for tier in plan.storage_tiers.items() {
        all.extend(tier.prices.iter().map(|price| &price.per_unit.estimate));
        all.extend(amounts([&tier.retrieval_per_byte, &tier.per_request]));
    }
    for provider in plan.providers.items() {
        all.extend(provider.egress.values().flatten().map(|price| &price.per_unit.estimate));
    }
    for owned in plan.owned.items() {
        all.extend(amounts([&owned.power_price_per_kwh, &owned.hosting_per_node_month]));
        all.extend(&owned.availability);
        all.extend(owned.staff.iter().map(|(_, cost)| &cost.estimate));
        for lot in &owned.lots {
            all.push(&lot.purchase_per_node.estimate);
            all.extend(&lot.slip_days);
        }
    }
    for pool in plan.pools.items() {
        all.extend(pool.limit_increases.iter().map(|increase| &increase.expected_hours));
        all.extend(&pool.node_failures_per_day);
    }
    all.retain(|estimate| !matches!(estimate.dist, Dist::Fixed(_)) && !estimate.key.is_empty());
    all
}

pub(super) fn amounts<const N: usize>(of: [&Option<Amount>; N]) -> impl Iterator<Item = &Estimate> {
    of.into_iter().flatten().map(|amount| &amount.estimate)
}

pub(super) fn of_workload<'p>(workload: &'p Workload, all: &mut Vec<&'p Estimate>) {
    if let Some(demand) = &workload.demand {
        all.extend(&demand.base);
        all.extend(demand.follows.iter().map(|(_, by)| by));
        of_growth(&demand.growth, all);
        for event in &demand.events {
            all.extend(event.multiply.iter().chain(&event.add).chain(&event.scale_capacity));
        }
    }
    match &workload.serving {
        Serving::None => {}
        Serving::Replica(replica) => {
            match &replica.serves {
                Serves::Stated(per_second) => all.push(per_second),
                Serves::Model(model) => {
                    all.extend([&model.prompt, &model.output]);
                    all.extend([&model.prefill_efficiency, &model.decode_efficiency]);
                }
            }
            of_request(&replica.request, all);
        }
        Serving::Capacity { per_second, improves, .. } => {
            all.push(per_second);
            all.extend(improves.iter().map(|(rate, _)| rate));
        }
    }
    for needs in &workload.needs {
        of_request(&needs.request, all);
        all.extend(&needs.hours_per_week);
    }
    if let Some((bytes, growth)) = &workload.holds {
        all.push(bytes);
        of_growth(growth, all);
    }
    all.extend(&workload.cache_hit_ratio);
    all.extend(workload.conversions.iter().map(|conversion| &conversion.by));
    all.extend(workload.egress.iter().map(|egress| &egress.bytes_per_unit));
    all.extend(amounts([&workload.unit_price]));
    for run in &workload.runs {
        all.extend(&run.restarts_per_hour);
        match &run.work {
            RunWork::Gang { hours, .. } => all.push(hours),
            RunWork::Flops { flops, mfu, .. } => all.extend([flops, mfu]),
            RunWork::Work { amount, growth, .. } => {
                all.push(amount);
                of_growth(growth, all);
            }
        }
    }
    if let Some(storage) = &workload.storage {
        all.extend(
            [
                &storage.reads_share_per_month,
                &storage.ingest_bytes_per_month,
                &storage.requests_per_second,
            ]
            .into_iter()
            .flatten(),
        );
    }
}

fn of_request<'p>(request: &'p Request, all: &mut Vec<&'p Estimate>) {
    let Request { cores, memory_bytes, gpus, gpu_memory_bytes, network_bits_per_second, .. } =
        request;
    all.extend(
        [cores, memory_bytes, gpus, gpu_memory_bytes, network_bits_per_second]
            .into_iter()
            .flatten(),
    );
}

fn of_growth<'p>(growth: &'p [Growth], all: &mut Vec<&'p Estimate>) {
    for term in growth {
        match &term.kind {
            GrowthKind::Compound(rate) | GrowthKind::LinearShare(rate) => all.push(rate),
            GrowthKind::LinearStep(step) => all.push(step),
            GrowthKind::Logistic { ceiling, pace } => {
                all.push(ceiling);
                if let LogisticPace::Steepness(rate) = pace {
                    all.push(rate);
                }
            }
            GrowthKind::Seasonal { peak_to_mean, .. } => all.push(peak_to_mean),
            GrowthKind::Table(points) => all.extend(points.iter().map(|(_, level)| level)),
            GrowthKind::To { level, .. } => all.push(level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;

    #[test]
    fn ranks_that_rise_together_correlate_fully_whatever_the_shape() {
        let values = Draws::new(1, 500).uniforms("a");
        let cubes: Vec<f64> = values.iter().map(|value| value * value * value).collect();
        let falls: Vec<f64> = values.iter().map(|value| -value).collect();
        assert!((correlation(&ranks(&values), &ranks(&cubes)) - 1.0).abs() < 1e-12);
        assert!((correlation(&ranks(&values), &ranks(&falls)) + 1.0).abs() < 1e-12);
        let other = Draws::new(1, 500).uniforms("b");
        assert!(correlation(&ranks(&values), &ranks(&other)).abs() < 0.15);
    }

    #[test]
    fn spearmans_figure_of_a_textbook_is_met() {
        // IQ and hours of television: rho = -29/165.
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        assert!((correlation(&ranks(&iq), &ranks(&hours)) + 29.0 / 165.0).abs() < 1e-12);
    }

    #[test]
    fn bins_of_stratified_draws_are_the_ranks_of_their_values() {
        let draws = Draws::new(3, 400);
        let shares = draws.uniforms("a");
        let bins: Vec<f64> = shares.iter().map(|share| (share * 400.0).floor()).collect();
        let lognormal = Dist::interval(2.0, 9.0, crate::estimate::Z_95);
        let ranked = ranks(&draws.values_of(&lognormal, "a"));
        assert!(bins.iter().zip(&ranked).all(|(bin, rank)| (bin - rank).abs() < 1e-9));
    }

    #[test]
    fn more_assumptions_must_correlate_more_to_be_told_from_chance() {
        // 1.96 standard deviations of 0.1 for one assumption.
        assert!((by_chance(101, 1) - 0.196).abs() < 1e-3);
        assert!(by_chance(101, 100) > 0.34 && by_chance(10_001, 100) < 0.036);
    }

    #[test]
    fn the_swing_lies_between_the_fifths() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let (low, high) = swing(&values, &values);
        assert!(low.total_cmp(&9.0).is_eq() && high.total_cmp(&89.0).is_eq(), "{low} {high}");
    }
}
