//! The cheapest limits, target and rules with which no more than a share of the load is short.
//!
//! Found by search over the simulation: for targets in tens of per cent of what a pod serves, then in
//! fives around the best, then for slower and faster shrinking, the fewest replicas that meet the share.
//! It is the best of what was tried, not proven to be the best there is.

use rayon::prelude::*;

use super::load::Load;
use super::manifest::percent;
use super::run::{Setup, Signal, run};
use super::settings::Rules;
use super::tally::{Keep, Totals};
use crate::plan::autoscale::{Behavior, ScalingRules};

/// What is recommended.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// With these limits, targets and rules.
    pub setup: Setup,
    /// The share of what a pod serves that it aims at; absent where its metrics aim at none.
    pub share: Option<f64>,
    /// What they lead to.
    pub totals: Totals,
    /// Whether they keep the share that was asked for; else it is the nearest that was found.
    pub meets: bool,
    /// How many simulations were run.
    pub tried: usize,
}

/// Pods that serve the peak, held all the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Static {
    /// Pods.
    pub pods: i64,
    /// Nodes under them; 0 where no nodes are simulated.
    pub nodes: i64,
    /// Pod-hours over the load.
    pub pod_hours: f64,
    /// Node-hours over the load.
    pub node_hours: f64,
}

/// As many pods as serve the largest load, all the time.
#[must_use]
pub fn static_peak(setup: &Setup, load: &Load) -> Static {
    let pods = i64::from(super::proposal::count(load.peak().1 / setup.most * (1.0 - 1e-9)));
    let nodes =
        setup.nodes.map_or(0, |rules| (pods + rules.pods_per_node - 1) / rules.pods_per_node);
    let hours = (load.end() - load.start()) as f64 / 3_600_000.0;
    Static { pods, nodes, pod_hours: pods as f64 * hours, node_hours: nodes as f64 * hours }
}

/// What a run costs in hours: of nodes where they are simulated, else of pods.
fn hours(setup: &Setup, totals: &Totals) -> f64 {
    if setup.nodes.is_some() { totals.node_hours } else { totals.pod_hours }
}

/// The shrink windows that are tried, in seconds.
const WINDOWS: [i64; 4] = [60, 900, 1800, 3600];

/// Searches for the cheapest setup with which at most a share `risk` of the load is short.
#[must_use]
pub fn recommend(setup: &Setup, load: &Load, risk: f64) -> Advice {
    let aims = setup.target_share().is_some();
    let shares: Vec<Option<f64>> = if aims {
        (3..=9).map(|tenths| Some(f64::from(tenths) / 10.0)).collect()
    } else {
        vec![None]
    };
    let as_it_is = setup.rules.behavior.clone();
    let first: Vec<_> = shares.into_iter().map(|share| (share, as_it_is.clone())).collect();
    let mut best = cheapest(setup, load, risk, &first, None);
    let near = |best: &Advice| -> Vec<Option<f64>> {
        match best.share {
            Some(share) => [-0.05, 0.05].map(|by| Some(share + by)).to_vec(),
            None => Vec::new(),
        }
    };
    let around: Vec<_> = near(&best).into_iter().map(|share| (share, as_it_is.clone())).collect();
    best = cheapest(setup, load, risk, &around, Some(best));
    let mut others = vec![(best.share, Some(Behavior::default()))];
    for window in WINDOWS {
        let base = as_it_is.clone().unwrap_or_default();
        let down = ScalingRules { window_seconds: Some(window), ..base.down };
        let behavior = Some(Behavior { up: base.up, down });
        let shares = std::iter::once(best.share).chain(near(&best));
        others.extend(shares.map(|share| (share, behavior.clone())));
    }
    others.retain(|(_, behavior)| *behavior != as_it_is);
    best = cheapest(setup, load, risk, &others, Some(best));
    let (owed, spare) = setup.owed(load);
    let owed = i64::from(super::proposal::count(owed / setup.most * (1.0 - 1e-9))) + spare;
    best.setup.rules.max = room(best.totals.most_wanted.max(owed), best.setup.rules.min);
    best
}

/// The most replicas: a quarter above the most that was wanted, or is owed.
fn room(most_wanted: i64, min: i32) -> i32 {
    let most = most_wanted + (most_wanted + 3) / 4;
    i32::try_from(most).unwrap_or(i32::MAX).max(min).max(1)
}

/// The cheapest of these and of what was best before; the earlier among equals.
fn cheapest(
    setup: &Setup,
    load: &Load,
    risk: f64,
    tries: &[(Option<f64>, Option<Behavior>)],
    before: Option<Advice>,
) -> Advice {
    let found: Vec<Advice> = tries
        .par_iter()
        .map(|(share, behavior)| fewest(setup, load, risk, *share, behavior.as_ref()))
        .collect();
    let tried: usize = before.iter().chain(&found).map(|advice| advice.tried).sum();
    let mut all = before.into_iter().chain(found);
    let first = all.next().unwrap_or_else(|| fewest(setup, load, risk, None, None));
    let mut best = all.fold(first, |best, other| if better(&other, &best) { other } else { best });
    best.tried = tried;
    best
}

fn better(a: &Advice, b: &Advice) -> bool {
    match (a.meets, b.meets) {
        (true, false) => true,
        (false, true) => false,
        // A saving of a thousandth is no reason for another rule.
        (true, true) => hours(&a.setup, &a.totals) < hours(&b.setup, &b.totals) * 0.999,
        (false, false) => a.totals.short < b.totals.short,
    }
}

/// The fewest replicas with which a target and rules keep the share.
fn fewest(
    setup: &Setup,
    load: &Load,
    risk: f64,
    share: Option<f64>,
    behavior: Option<&Behavior>,
) -> Advice {
    let peak = load.peak().1 / (setup.full * share.unwrap_or(1.0).min(1.0));
    let (owed, spare) = setup.owed(load);
    let top = super::proposal::count(peak.max(owed / setup.most)).max(1);
    let top = top.saturating_add(i32::try_from(spare).unwrap_or(0));
    let of = |min: i32| -> (Setup, Totals) {
        let rules = Rules { min, max: top.saturating_mul(4), behavior: behavior.cloned() };
        let mut tried = Setup { rules, start: None, ..setup.clone() };
        if let Some(share) = share {
            aim(&mut tried, share);
        }
        let totals = run(&tried, load, Keep::Totals).totals;
        (tried, totals)
    };
    let least = i32::from(setup.rules.min != 0);
    let (mut best, mut tried) = (of(least), 1);
    // `below` is too few; `enough` keeps the share, or is as many as the peak takes.
    let (mut below, mut enough) = (least, top);
    if best.1.short_share() > risk && top > least {
        best = of(top);
        tried += 1;
        while best.1.short_share() <= risk && enough - below > 1 {
            let middle = below + (enough - below) / 2;
            let candidate = of(middle);
            tried += 1;
            if candidate.1.short_share() <= risk {
                (enough, best) = (middle, candidate);
            } else {
                below = middle;
            }
        }
    }
    let (setup, totals) = best;
    Advice { meets: totals.short_share() <= risk, setup, share, totals, tried }
}

/// Sets every target that can aim at a share of what a pod serves.
fn aim(setup: &mut Setup, share: f64) {
    let full = setup.full;
    for signal in &mut setup.signals {
        match signal {
            Signal::Utilization { percent: aimed, .. } => *aimed = percent(share),
            Signal::OfPods { target, milli, .. } | Signal::Shared { target, milli } => {
                #[expect(clippy::cast_possible_truncation, reason = "a target fits the API")]
                let value = (share * full * *milli).round() as i64;
                *target = value.max(1);
            }
            Signal::Whole { .. } => {}
        }
    }
}
