//! What policies on `queue-wait` look at: how long what a month sends waits, by quota, runs apart from sessions.
//!
//! In: the waits of a simulation on few draws, and which workloads and pools a policy selects. Out: for each
//! quota and month, the p95 of the waits of every draw. A month that sends nothing has none.

use std::collections::BTreeMap;

use crate::cost::ledger::MonthlyDraws;
use crate::ids::Id;
use crate::plan::{Plan, Quota, Workload};
use crate::queues::{Queues, Sent, Waited};

/// The waits of one quota.
pub(super) struct QuotaWaits {
    /// The quota, and that it is of sessions where it is.
    pub name: String,
    /// p95 in hours, by month, one value a draw; not a number in a draw that sends nothing.
    pub months: MonthlyDraws,
    /// Who waits longest in each month.
    pub longest: Vec<Option<Id<Workload>>>,
}

/// The waits of what `selects` picks, by quota, runs before sessions.
pub(super) fn by_quota(
    plan: &Plan,
    queues: &Queues,
    selects: impl Fn(&Waited) -> bool,
) -> Vec<QuotaWaits> {
    let mut found: BTreeMap<(Id<Quota>, Sent), Vec<&Waited>> = BTreeMap::new();
    for waited in queues.waits.iter().filter(|waited| selects(waited)) {
        found.entry((waited.quota, waited.sent)).or_default().push(waited);
    }
    let of_quota = |((quota, sent), waits): ((Id<Quota>, Sent), Vec<&Waited>)| {
        let quota = &plan.quotas[quota].name;
        let name = match sent {
            Sent::Runs => quota.clone(),
            Sent::Sessions => format!("{quota}, sessions"),
        };
        let months = 0..plan.horizon.months;
        let of_month = |t: usize| waits.iter().copied().filter(move |waited| waited.t == t);
        QuotaWaits {
            name,
            longest: months.clone().map(|t| longest(of_month(t))).collect(),
            months: months.map(|t| p95(queues.draws, || of_month(t))).collect(),
        }
    };
    found.into_iter().map(of_quota).collect()
}

/// 95% of the waits of a draw are at most so long: one of them.
fn p95<'a, I: Iterator<Item = &'a Waited>>(draws: usize, waits: impl Fn() -> I) -> Vec<f64> {
    if waits().next().is_none() {
        return Vec::new();
    }
    let of_draw = |draw: usize| {
        let mut hours: Vec<f64> = waits().filter_map(|waited| waited.hours[draw]).collect();
        hours.sort_by(f64::total_cmp);
        crate::draws::observed_quantile(&hours, 0.95).unwrap_or(f64::NAN)
    };
    (0..draws).map(of_draw).collect()
}

fn longest<'a>(waits: impl Iterator<Item = &'a Waited>) -> Option<Id<Workload>> {
    let most = |waited: &Waited| waited.hours.iter().flatten().copied().fold(0.0, f64::max);
    let by_wait = waits.map(|waited| (most(waited), waited.workload));
    let found = by_wait.filter(|(hours, _)| *hours > 0.0);
    Some(found.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?.1)
}
