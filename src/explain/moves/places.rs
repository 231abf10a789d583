//! Where the plan says why a line moves: the lines behind demand, efficiency, runs, purchases and prices.

use super::Statement;
use super::substitution::{Mark, rate};
use super::words::percent;
use crate::calendar::{Date, Month};
use crate::cost::ledger::Category;
use crate::ids::Id;
use crate::plan::pool::CommitmentKind;
use crate::plan::workload::{Run, RunTimes, Serving};
use crate::plan::{Pool, Workload};
use crate::source::Span;

impl Statement<'_> {
    /// The first day of the first window, and the last of the second.
    fn ends(&self) -> (Month, Month) {
        let month = |t| self.plan.horizon.month(t);
        (month(self.windows[0].months.start), month(self.windows[1].months.end - 1))
    }

    /// What says how demand moves: growth, events between the windows, history; of what it follows, where it says so.
    pub(super) fn demand_places(&self, id: Id<Workload>) -> Vec<Span> {
        let Some(demand) = &self.plan.workloads[id].demand else { return Vec::new() };
        let (first, last) = self.ends();
        let between =
            |at: crate::calendar::Date| (first.first_day()..=last.last_day()).contains(&at);
        let events =
            demand.events.iter().filter(|event| event.multiply.is_some() || event.add.is_some());
        let events = events.filter(|event| between(event.at) || event.until.is_some_and(between));
        let mut places: Vec<Span> = events.map(|event| event.origin).collect();
        places.extend(demand.growth.iter().map(|growth| growth.origin));
        places.extend(demand.history.as_ref().map(|history| history.origin));
        if places.is_empty() {
            places.push(demand.origin);
        }
        places
    }

    /// What one unit of demand takes.
    pub(super) fn efficiency(
        &self,
        id: Id<Workload>,
        mark: &Mark<'_>,
        factor: f64,
    ) -> (String, Vec<Span>) {
        let workload = &self.plan.workloads[id];
        let (moved, unit) = (percent(mark.growth() / factor), mark.name.2);
        let for_what = if workload.demand.is_some() { " for one unit of demand" } else { "" };
        let how = format!("{unit}s{for_what} {moved}{}", mark.others());
        let (first, last) = self.ends();
        let mut places: Vec<Span> = match &workload.serving {
            Serving::Capacity { improves: Some(_), origin, .. } => vec![*origin],
            _ => Vec::new(),
        };
        let events = workload.demand.iter().flat_map(|demand| &demand.events);
        let scales = events.filter(|event| {
            event.scale_capacity.is_some()
                && (first.first_day()..=last.last_day()).contains(&event.at)
        });
        places.extend(scales.map(|event| event.origin));
        places.extend(workload.runs.iter().map(|run| run.origin));
        if places.is_empty() {
            places.push(workload.origin);
        }
        (how, places)
    }

    /// What its runs work; those that begin or end between the windows first.
    pub(super) fn runs(&self, id: Id<Workload>, mark: &Mark<'_>, days: f64) -> (String, Vec<Span>) {
        let workload = &self.plan.workloads[id];
        let (first, last) = self.ends();
        let within = |day: Date| first.first_day() < day && day <= last.last_day();
        // The last to begin is in the second window most surely.
        let moved = |run: &Run| match run.when {
            RunTimes::At(day) => Some(day).filter(|day| within(*day)).map(|day| (day, "begins")),
            RunTimes::Every { from, until, .. } => {
                let begins = from.filter(|day| within(*day)).map(|day| (day, "begins"));
                let ends = until.filter(|day| within(*day) && *day < last.last_day());
                begins.or_else(|| ends.map(|day| (day, "ends")))
            }
        };
        let mut runs: Vec<_> = workload.runs.iter().map(|run| (run, moved(run))).collect();
        runs.sort_by_key(|(_, moved)| std::cmp::Reverse(moved.map(|(day, _)| day)));
        let named = match runs.first() {
            Some((run, Some((_, word)))) => format!("run {} {word}; ", run.name),
            _ => String::new(),
        };
        let (moved, unit) = (percent(mark.growth() / days), mark.name.2);
        let how = format!("{named}{unit}s of its runs {moved}{}", mark.others());
        (how, runs.iter().map(|(run, _)| run.origin).collect())
    }

    /// Commitments of a pool that begin or end between the windows.
    pub(super) fn commitments(&self, pool: Option<Id<Pool>>) -> Vec<Span> {
        let (first, last) = self.ends();
        let within = |day| first.first_day() < day && day < last.last_day();
        let all = self.plan.commitments.items().iter();
        all.filter(|one| match &one.kind {
            CommitmentKind::Reserved { pool: of, .. } => Some(*of) == pool,
            CommitmentKind::Spend { .. } => false,
        })
        .filter(|one| within(one.from) || within(one.until))
        .map(|one| one.origin)
        .collect()
    }

    /// The prices that a pool pays.
    pub(super) fn prices(&self, mark: &Mark<'_>) -> Vec<Span> {
        use crate::plan::pool::PoolSupply;
        let Some(pool) = mark.name.0 else { return Vec::new() };
        match &self.plan.pools[pool].supply {
            PoolSupply::Instances(candidates) => {
                let choice = self.outcome.choices.iter().find(|choice| choice.pool == pool);
                let chosen = choice.and_then(|choice| candidates.get(choice.chosen()?));
                let prices = chosen.map(|of| &self.plan.instances[of.instance].prices);
                let moved =
                    |purchase| rate(mark.old, Some(purchase)) != rate(mark.new, Some(purchase));
                let prices = prices.into_iter().flatten();
                prices.filter(|price| moved(price.purchase)).map(|price| price.origin).collect()
            }
            PoolSupply::Owned(owned) => vec![self.plan.owned[*owned].origin],
            PoolSupply::Storage(tiers) => {
                tiers.iter().map(|tier| self.plan.storage_tiers[tier.tier].origin).collect()
            }
        }
    }

    /// Where the plan says how something is supplied: its pool, the provider whose network it leaves, or itself.
    pub(super) fn supply(&self, id: Id<Workload>, mark: &Mark<'_>) -> Vec<Span> {
        if let Some(pool) = mark.name.0 {
            return vec![self.plan.pools[pool].origin];
        }
        let workload = &self.plan.workloads[id];
        let providers = workload.egress.iter().map(|egress| egress.provider);
        let mut providers: Vec<_> = providers.chain(workload.provider).collect();
        providers.dedup();
        let leaves = mark.name.1 == Category::Network && !providers.is_empty();
        let origins = providers.iter().map(|provider| self.plan.providers[*provider].origin);
        if leaves { origins.collect() } else { vec![workload.origin] }
    }
}
