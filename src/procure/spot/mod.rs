//! Spot: what its price was, what an hour of use really costs, and whether it pays.
//!
//! A history of prices and what is known of interruptions go in; a price to plan with, the effective cost of a
//! useful hour and a verdict come out. A percentile of past prices is a figure for a budget, **not** a measure
//! of risk: [`history::coverage`] says how often it held.

pub mod effective;
pub mod history;
pub mod planned;

use crate::plan::pool::RiskTolerance;
use effective::{Interrupted, effective};
use history::{PriceHistory, Seen};

/// What is known of spot capacity of one type in one zone, beyond its price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// How it is interrupted, and what that costs a run.
    pub interrupted: Interrupted,
    /// The share of time it can be had, 0 to 1.
    pub availability: f64,
}

/// What to do about spot of one type in one zone.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The type.
    pub instance: String,
    /// The zone, or the region where the history has no zones.
    pub zone: String,
    /// What its price was.
    pub seen: Seen,
    /// On-demand, money an hour; absent where it is not known.
    pub on_demand: Option<f64>,
    /// The price to plan with, by the risk tolerance.
    pub plan_price: f64,
    /// Hours between checkpoints that cost the least; absent where nothing is ever interrupted.
    pub interval_hours: Option<f64>,
    /// Money for a useful hour on spot; absent where interruptions leave nothing useful.
    pub effective: Option<f64>,
    /// The same with on-demand while spot cannot be had.
    pub blended: Option<f64>,
    /// The share of on-demand that is saved, blended; negative where spot costs more.
    pub saving: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Whether to use spot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Use it for so much of what may be interrupted, 0 to 1.
    Use {
        /// The share.
        share: f64,
    },
    /// A useful hour costs no less than on-demand.
    DoesNotPay,
    /// So much is lost to interruptions that nothing gets done.
    NothingDone,
    /// The on-demand price is not known, so nothing can be said.
    Unknown,
}

/// Advice for each series of a history, cheapest useful hour first.
///
/// `window_days` are the last days that count; `terms` say what is known of each series.
#[must_use]
pub fn advise(
    history: &[PriceHistory],
    window_days: usize,
    tolerance: RiskTolerance,
    terms: &dyn Fn(&PriceHistory) -> Terms,
) -> Vec<Advice> {
    let mut all: Vec<Advice> = history
        .iter()
        .filter_map(|series| one(series, window_days, tolerance, terms(series)))
        .collect();
    all.sort_by(|a, b| {
        let cost = |advice: &Advice| advice.blended.or(advice.effective).unwrap_or(f64::INFINITY);
        a.instance.cmp(&b.instance).then(cost(a).total_cmp(&cost(b))).then(a.zone.cmp(&b.zone))
    });
    all
}

fn one(
    series: &PriceHistory,
    window_days: usize,
    tolerance: RiskTolerance,
    terms: Terms,
) -> Option<Advice> {
    let seen = series.seen(window_days)?;
    let plan_price = seen.at(tolerance.probability());
    let on_demand = series.on_demand;
    let interval_hours = terms.interrupted.best_interval();
    let effective = effective(plan_price, &terms.interrupted, interval_hours);
    let blended = effective.zip(on_demand).map(|(spot, on_demand)| {
        terms.availability * spot + (1.0 - terms.availability) * on_demand
    });
    let saving = blended.zip(on_demand).map(|(blended, on_demand)| 1.0 - blended / on_demand);
    let verdict = match (effective, on_demand) {
        (None, _) => Verdict::NothingDone,
        (_, None) => Verdict::Unknown,
        (Some(spot), Some(on_demand)) if spot >= on_demand => Verdict::DoesNotPay,
        _ => Verdict::Use { share: terms.availability },
    };
    Some(Advice {
        instance: series.instance.clone(),
        zone: series.zone.clone(),
        seen,
        on_demand,
        plan_price,
        interval_hours,
        effective,
        blended,
        saving,
        verdict,
    })
}

#[cfg(test)]
mod tests;
