//! Need and demand: nodes ← replicas and headroom ← demand ← base × growth, events ← the plan.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Explainer, Figure, Step};
use crate::capacity::need::Sizing;
use crate::draws::observed_quantile;
use crate::ids::Id;
use crate::plan::workload::{Serving, WorkloadKind};
use crate::plan::{Pool, Workload};
use crate::source::Span;

impl Explainer<'_> {
    /// The most nodes a pool needs in some months, and whose.
    pub(super) fn need_of_pool(&self, name: &str, months: &Range<usize>) -> Step {
        let mut step = Step::new(format!("peak need of pool {name}"));
        let Some(id) = self.plan.pools.find(name) else { return step };
        step.place = Some(self.place(self.plan.pools[id].origin));
        let inside: Vec<_> = self
            .outcome
            .pool_months
            .iter()
            .filter(|month| month.pool == id && months.contains(&month.t))
            .collect();
        let mut peak = vec![0.0_f64; self.plan.draws.count()];
        for month in &inside {
            for (peak, need) in peak.iter_mut().zip(&month.need_peak) {
                *peak = peak.max(*need);
            }
        }
        step.amount = Some(spread(peak, "nodes"));
        let these = if months.len() == 1 { "this month" } else { "these months" };
        step.how = format!(
            "the busiest hour of {these}: every workload's replicas packed into nodes, whole ones"
        );
        let sizings = self.outcome.sizings.iter().filter(|sizing| sizing.pool == id);
        let mut users: Vec<Step> =
            sizings.map(|sizing| self.sized(sizing.workload, id, months)).collect();
        users.sort_by(|a, b| median(b).total_cmp(&median(a)).then_with(|| a.what.cmp(&b.what)));
        step.because = users;
        step
    }

    /// What a workload needs, in every pool it runs in.
    pub(super) fn need_of_workload(&self, name: &str, months: &Range<usize>) -> Step {
        let mut step = Step::new(format!("need of workload {name}"));
        if let Some(id) = self.plan.workloads.find(name) {
            step.place = Some(self.place(self.plan.workloads[id].origin));
            step.because = self.needs(id, months);
        }
        step
    }

    /// What a workload needs in each pool, else what it is asked for.
    pub(super) fn needs(&self, id: Id<Workload>, months: &Range<usize>) -> Vec<Step> {
        let sizings = self.outcome.sizings.iter().filter(|sizing| sizing.workload == id);
        let mut steps: Vec<Step> =
            sizings.map(|sizing| self.sized(id, sizing.pool, months)).collect();
        if steps.is_empty() && self.plan.workloads[id].demand.is_some() {
            steps.push(self.demand(&self.plan.workloads[id].name, months));
        }
        if steps.is_empty() {
            steps = self.runs(id);
        }
        steps
    }

    /// How a workload was sized in a pool.
    fn sized(&self, id: Id<Workload>, pool: Id<Pool>, months: &Range<usize>) -> Step {
        let workload = &self.plan.workloads[id];
        let pool_name = &self.plan.pools[pool].name;
        let mut step = Step::new(format!("need of {} in pool {pool_name}", workload.name));
        let found = self.outcome.sizings.iter().find(|s| s.workload == id && s.pool == pool);
        let Some(sizing) = found else { return step };
        let inside = sizing.peak.get(months.clone()).unwrap_or_default();
        let most = inside
            .iter()
            .copied()
            .fold((0.0_f64, 0.0_f64), |most, peak| (most.0.max(peak.0), most.1.max(peak.1)));
        step.amount = Some(Figure::Quantity {
            median: most.0,
            range: None,
            unit: format!("{}s at the peak (p90 {})", sizing.counted, shown(most.1)),
        });
        if let Some(t) = sizing.peak_month.filter(|t| months.contains(t)) {
            step.how = self.derivation(sizing, t, months);
        }
        step.because.extend(serving(workload).map(|span| self.line(span)));
        step.because.extend(workload.autoscale.as_ref().map(|scale| self.line(scale.origin)));
        if workload.demand.is_some() {
            step.because.push(self.demand(&workload.name, months));
        }
        step.because.extend(self.runs(id));
        step
    }

    /// How a count follows, of the month that needs most of those asked for; which that is, where they are several.
    fn derivation(&self, sizing: &Sizing, t: usize, months: &Range<usize>) -> String {
        let mut how = sizing.headroom.clone();
        if let Some((resource, nodes)) = sizing.by_resource.first() {
            let gap = if how.is_empty() { "" } else { "; " };
            let (word, nodes) = (resource.word(), shown(*nodes));
            let _ = write!(how, "{gap}bottleneck {word}, {nodes} nodes");
        }
        if months.len() > 1 && !how.is_empty() {
            let month = self.plan.horizon.month(t);
            how.insert_str(0, &format!("in {month}, the month that needs most: "));
        }
        how
    }

    fn runs(&self, id: Id<Workload>) -> Vec<Step> {
        self.plan.workloads[id].runs.iter().map(|run| self.line(run.origin)).collect()
    }

    /// The level of a demand over some months, and the lines that make it.
    pub(super) fn demand(&self, name: &str, months: &Range<usize>) -> Step {
        let mut step = Step::new(format!("demand of {name}"));
        let Some(id) = self.plan.workloads.find(name) else { return step };
        let workload = &self.plan.workloads[id];
        let Some(demand) = &workload.demand else {
            step.how = format!("kind {} has runs instead", workload.kind.word());
            return step;
        };
        step.place = Some(self.place(demand.origin));
        let unit = format!("{}{}", demand.unit, if demand.is_rate { "/s" } else { "" });
        let Some(of) = self.outcome.demand.of(id) else { return step };
        let level = |t: usize| -> Vec<f64> {
            let mut sums = vec![0.0; self.plan.draws.count()];
            let mut days = 0.0;
            for span in of.spans.iter().filter(|span| span.t == t) {
                let length = f64::from(crate::calendar::days_between(span.from, span.until));
                days += length;
                for (sum, level) in sums.iter_mut().zip(&span.level) {
                    *sum += level * length;
                }
            }
            sums.iter().map(|sum| sum / f64::max(days, 1.0)).collect()
        };
        let mean: Vec<f64> = {
            let mut sums = vec![0.0; self.plan.draws.count()];
            for t in months.clone() {
                for (sum, value) in sums.iter_mut().zip(level(t)) {
                    *sum += value;
                }
            }
            sums.iter().map(|sum| sum / months.len().max(1) as f64).collect()
        };
        step.amount = Some(spread(mean, &unit));
        let at = |t: usize| median_of(level(t));
        let (first, last) = (at(0), at(months.end.saturating_sub(1)));
        let these = if months.len() == 1 { "this month" } else { "these months" };
        step.how = format!("mean over {these}; base × growth, then events");
        if first > 0.0 {
            let _ = write!(
                step.how,
                "; median {} in {} × {:.3} = {} in {}",
                scaled(first, &unit),
                self.plan.horizon.first,
                last / first,
                scaled(last, &unit),
                self.plan.horizon.month(months.end.saturating_sub(1)),
            );
        }
        step.because.push(self.line(demand.origin));
        if let Some((leader, _)) = &demand.follows {
            let leader = &self.plan.workloads[*leader].name;
            step.because.push(self.demand(leader, months));
        }
        step.because.extend(demand.history.iter().map(|history| self.line(history.origin)));
        step.because.extend(demand.growth.iter().map(|growth| self.line(growth.origin)));
        step.because.extend(demand.events.iter().map(|event| self.line(event.origin)));
        // What a growth refers to is a line of its own.
        let shared = self.plan.assumptions.iter().filter(|assumption| {
            let named = format!("(ref){}", assumption.name);
            step.because
                .iter()
                .any(|step| step.what.split([' ', ';', '}']).any(|word| word == named))
        });
        let shared: Vec<Step> = shared.map(|assumption| self.line(assumption.origin)).collect();
        step.because.extend(shared);
        if workload.kind == WorkloadKind::Storage {
            step.how.push_str("; stored data, before replication");
        }
        step
    }
}

fn median(step: &Step) -> f64 {
    match step.amount {
        Some(Figure::Quantity { median, .. }) => median,
        _ => 0.0,
    }
}

fn median_of(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    observed_quantile(&values, 0.5).unwrap_or(0.0)
}

fn spread(mut values: Vec<f64>, unit: &str) -> Figure {
    values.sort_by(f64::total_cmp);
    let at = |p| observed_quantile(&values, p).unwrap_or(0.0);
    let (low, high) = (at(0.1), at(0.9));
    Figure::Quantity {
        median: at(0.5),
        range: (low < high).then_some((low, high)),
        unit: unit.to_owned(),
    }
}

/// A quantity inside a sentence, with its unit: `44.0 TB`, `59.79 req/s`.
fn scaled(value: f64, unit: &str) -> String {
    const STEPS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1.0, "")];
    let unit = unit.replacen("byte", "B", 1);
    let (size, prefix) = STEPS.into_iter().find(|(size, _)| value >= *size).unwrap_or((1.0, ""));
    if prefix.is_empty() {
        return format!("{} {unit}", shown(value));
    }
    format!("{:.1} {prefix}{unit}", value / size)
}

/// A figure inside a sentence.
fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || size.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// The line that says what serves a workload.
fn serving(workload: &Workload) -> Option<Span> {
    match &workload.serving {
        Serving::Replica(replica) => Some(replica.origin),
        Serving::Capacity { origin, .. } => Some(*origin),
        Serving::None => workload.needs.first().map(|needs| needs.origin),
    }
}
