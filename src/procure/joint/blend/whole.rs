//! A blend made whole: dealt out node by node, or dived into group by group; and candidates, with the best spend
//! beside them.

use super::{Blend, Mixed, Open, Priced, whole};
use crate::procure::joint::cut::At;
use crate::procure::joint::{deal, proposal_of};
use crate::procure::optimum::recourse::MICRO;
use crate::procure::optimum::{Cover, flow};
use crate::procure::savings::Proposal;

/// Programs of a dive at most, by group.
const PATIENCE: usize = 6;
/// How far the first pool is behind its shares when a blend is dealt out.
pub(super) const DEALT: [f64; 3] = [0.5, 0.2, 0.8];
/// The golden ratio less 1.
const GOLDEN: f64 = 0.618_033_988_749_895;
/// A share that counts as whole in a dive, and the part of the open groups that is made whole at once besides.
const NEARLY: f64 = 0.999;
const AT_ONCE: usize = 12;

/// Orders, the spend beside them, and what both cost.
pub(super) struct Candidate {
    pub covers: Vec<Cover>,
    pub spend: Proposal,
    pub total: f64,
}

impl Blend<'_> {
    /// Orders with the best spend beside them, as far as cuts say; cut there. `None` where they and spend do not keep
    /// the limits.
    pub(super) fn candidate(
        &mut self,
        covers: Vec<Cover>,
        at: &dyn Fn(&[Cover], &Proposal) -> Vec<At>,
    ) -> Option<Candidate> {
        if !self.problems.left(&covers).is_none_or(|cash| cash.fits()) {
            return None;
        }
        self.add_column(&covers);
        let fixed = self.groups.iter().zip(&self.columns).map(|(group, columns)| {
            columns.iter().position(|column| {
                let mut pools = group.iter().zip(&column.covers);
                pools.all(|(pool, cover)| cover.units == covers[*pool].units)
            })
        });
        let fixed: Vec<Option<usize>> = fixed.collect();
        let spent = self.mixed(&Open { fixed, ..Open::default() })?.spent;
        let spend = proposal_of(&self.sales, &self.ready.sales, &spent);
        let hours = self.add_cuts(&at(&covers, &spend), false);
        let hours: f64 = hours.iter().zip(&self.discounts).map(|(hours, d)| hours * d).sum();
        let orders: f64 = (0..self.pools.len())
            .map(|pool| self.beside_cuts(pool, &covers[pool], &self.committed(pool, &covers[pool])))
            .sum();
        let fees = self.sales.iter().zip(&self.ready.sales).map(|(sale, on_sale)| {
            let of = |(t, per_hour): &(usize, f64)| {
                let offer = sale.offers.iter().position(|offer| offer.from == *t);
                offer.map_or(0.0, |offer| sale.costs[offer] / sale.unit * per_hour)
            };
            spend.get(&on_sale.plan).into_iter().flatten().map(of).sum::<f64>()
        });
        let total = hours + orders + fees.sum::<f64>();
        Some(Candidate { covers, spend, total })
    }

    pub(super) fn committed(&self, pool: usize, cover: &Cover) -> Vec<u64> {
        cover.committed(self.discounts.len(), &self.pools[pool].offers)
    }

    /// What orders of a pool cost beside what cuts say.
    pub(super) fn beside_cuts(&self, pool: usize, cover: &Cover, committed: &[u64]) -> f64 {
        let problem = &self.pools[pool];
        let costs = flow::cost_of(&problem.months, &problem.offers, &cover.units) as f64 / MICRO;
        let place = self.places[pool];
        let on_demand = committed.iter().enumerate().map(|(m, committed)| {
            place.map_or(0.0, |place| {
                self.discounts[m] * after(&self.ready.alone[m][place], *committed)
            })
        });
        costs - on_demand.sum::<f64>()
    }

    /// Columns of a blend made whole group by group, those nearest to whole first. A column that does not fit what is
    /// made whole already is closed.
    pub(super) fn dived(&mut self, priced: Priced<'_>) -> Option<Vec<Cover>> {
        let mut all = Open { fixed: vec![None; self.groups.len()], ..Open::default() };
        let mut batch: Vec<(usize, usize)> = Vec::new();
        for _ in 0..PATIENCE * self.groups.len() {
            // Those that suit what is whole already.
            if let Some((weights, prices)) = self.weights(&all) {
                let covers = priced(&self.shadow(&weights), &prices).0;
                self.add_column(&covers);
            }
            let Some(mixed) = self.mixed(&all) else {
                let keep = batch.len() / 2;
                for (group, k) in batch.split_off(keep) {
                    all.fixed[group] = None;
                    if keep == 0 {
                        all.closed.insert((group, k));
                    }
                }
                continue;
            };
            let most = |group: usize| {
                let shares = mixed.shares[group].iter().copied().enumerate();
                shares.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            };
            let mut open: Vec<(usize, usize, f64)> = (0..all.fixed.len())
                .filter(|group| all.fixed[*group].is_none())
                .filter_map(|group| most(group).map(|(k, share)| (group, k, share)))
                .collect();
            if open.is_empty() {
                let mut covers = vec![Cover::default(); self.pools.len()];
                for ((group, columns), k) in self.groups.iter().zip(&self.columns).zip(&all.fixed) {
                    let column = &columns[(*k)?];
                    for (pool, cover) in group.iter().zip(&column.covers) {
                        covers[*pool] = self.costed(*pool, cover.units.clone());
                    }
                }
                return Some(covers);
            }
            open.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            let whole = open.iter().take_while(|(_, _, share)| *share > NEARLY).count();
            let next = open.iter().take(whole.max(open.len().div_ceil(AT_ONCE)));
            batch = next.map(|(group, k, _)| (*group, *k)).collect();
            for (group, k) in &batch {
                all.fixed[*group] = Some(*k);
            }
        }
        None
    }

    /// The orders of a pool with what they cost without spend.
    pub(super) fn costed(&self, pool: usize, units: Vec<u64>) -> Cover {
        let problem = &self.pools[pool];
        let cost = flow::cost_of(&problem.months, &problem.offers, &units);
        Cover { units, cost }
    }

    /// A blend, dealt out to whole nodes.
    pub(super) fn dealt(&self, mixed: &Mixed, from: f64) -> Vec<Cover> {
        let mut units = vec![Vec::new(); self.pools.len()];
        for ((group, columns), shares) in self.groups.iter().zip(&self.columns).zip(&mixed.shares) {
            for (k, pool) in group.iter().enumerate() {
                let used = columns.iter().zip(shares).filter(|(_, share)| **share > 1e-9);
                let used = used.map(|(column, share)| (*share, &column.covers[k].units[..]));
                let used: Vec<(f64, &[u64])> = used.collect();
                // Pools begin at places that are spread evenly: else all would be above their blend at once.
                let begin = (from + *pool as f64 * GOLDEN).fract();
                units[*pool] = deal::dealt(&self.pools[*pool], &used, begin);
            }
        }
        deal::kept(&self.pools, &self.limits, &mut units);
        let covers = units.into_iter().enumerate();
        covers.map(|(pool, units)| self.costed(pool, units)).collect()
    }
}

/// What nodes after so many would save.
fn after(saves: &[f64], nodes: u64) -> f64 {
    saves.iter().skip(whole(nodes)).sum()
}
