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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example;
    use crate::ids::Arena;
    use crate::plan::quota::{Quota as Planned, QuotaPreemption};
    use crate::source::{FileId, Span};

    fn waited(workload: usize, sent: Sent, t: usize, hours: [Option<f64>; 2]) -> Waited {
        let (workload, quota, pool) = (Id::new(workload), Id::new(0), Id::new(0));
        Waited { workload, sent, quota, pool, t, hours: hours.to_vec() }
    }

    #[test]
    fn a_month_of_a_quota_is_the_p95_of_every_draw() {
        let mut plan = example::plan();
        plan.quotas = Arena::new(vec![Planned {
            name: "search".into(),
            teams: Vec::new(),
            cohort: None,
            weight: 1.0,
            grants: Vec::new(),
            preemption: QuotaPreemption::default(),
            origin: Span { file: FileId(0), start: 0, len: 0 },
        }]);
        let queues = Queues {
            draws: 2,
            waits: vec![
                waited(0, Sent::Runs, 0, [Some(1.0), Some(5.0)]),
                waited(1, Sent::Runs, 0, [Some(9.0), None]),
                waited(1, Sent::Sessions, 2, [Some(0.0), Some(0.5)]),
            ],
            ..Queues::default()
        };
        let found = by_quota(&plan, &queues, |_| true);
        let [runs, sessions] = &found[..] else { panic!("runs, then sessions") };
        assert_eq!((runs.name.as_str(), sessions.name.as_str()), ("search", "search, sessions"));
        assert_eq!(runs.months, [vec![9.0, 5.0], vec![], vec![]]);
        assert_eq!(sessions.months[2], [0.0, 0.5]);
        assert_eq!(runs.longest, [Some(Id::new(1)), None, None]);
        let none = by_quota(&plan, &queues, |waited| waited.workload == Id::new(7));
        assert!(none.is_empty());
    }
}
