//! What to ask a Prometheus: the demands whose history it is, and what every workload uses.
//!
//! Every query gives one series, summed by the server, so that pods that come and go, and versions that
//! change a label, make no difference. Counters go through `rate` before they are summed, which also
//! bridges a counter that starts again from zero.

use std::collections::BTreeMap;

use crate::history::snapshot::Key;
use crate::plan::measure::{Asks, DemandMetric, MeasureSource, SourceRef, WORKLOAD_LABEL};
use crate::plan::workload::HistoryFrom;
use crate::plan::{Plan, Workload};

/// The least window of a rate, in seconds: more than four scrapes of the customary minute.
const RATE_SECONDS: u32 = 300;

/// A series to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Its name in the snapshot.
    pub key: Key,
    /// What its values are in.
    pub unit: String,
    /// The query, in `PromQL`.
    pub query: String,
    /// Seconds from one raw point to the next.
    pub step_seconds: u32,
    /// Who needs it.
    pub need: Need,
}

/// Who needs a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A demand: that it is empty is an error.
    Demand,
    /// What a workload uses: many have no GPU and no volume, so that it is empty is only noted.
    Usage,
}

/// What a workload uses, whatever its demand: the word, the unit.
const USAGE: [(&str, &str); 7] = [
    ("cpu", "core"),
    ("memory", "byte"),
    ("gpu", "gpu"),
    ("gpu-memory", "byte"),
    ("storage", "byte"),
    ("network-receive", "byte/s"),
    ("network-transmit", "byte/s"),
];

/// Everything that a base and its scenarios ask of a source, by workload and metric.
///
/// Where two of them ask for the same by different queries, the earlier plan's holds: the base's.
#[must_use]
pub fn asks(plans: &[&Plan], source: &MeasureSource) -> Vec<Ask> {
    let mut asks: BTreeMap<Key, Ask> = BTreeMap::new();
    for plan in plans {
        for workload in plan.workloads.items() {
            for ask in
                of_demand(plan, workload, source).into_iter().chain(of_usage(workload, source))
            {
                asks.entry(ask.key.clone()).or_insert(ask);
            }
        }
    }
    asks.into_values().collect()
}

fn of_demand(plan: &Plan, workload: &Workload, source: &MeasureSource) -> Option<Ask> {
    let demand = workload.demand.as_ref()?;
    let HistoryFrom::Source(SourceRef { source: id, asks }) = &demand.history.as_ref()?.from else {
        return None;
    };
    if plan.measure_sources[*id].name != source.name {
        return None;
    }
    let (query, unit) = match asks {
        Asks::Metric(metric) => {
            let unit = match metric {
                DemandMetric::RequestRate => format!("{}/s", demand.unit),
                DemandMetric::GpuHours => String::from("gpu-hour/hour"),
                DemandMetric::CoreHours => String::from("core-hour/hour"),
                DemandMetric::BytesStored => String::from("byte"),
                DemandMetric::BytesSent => String::from("byte/s"),
            };
            (ready_made(metric.word(), &workload.name, source), unit)
        }
        Asks::Query(query) => (query.clone(), String::from("as the demand is written")),
        Asks::NotYet => return None,
    };
    Some(ask(workload, asks.word(), unit, query, source, Need::Demand))
}

fn of_usage(workload: &Workload, source: &MeasureSource) -> Vec<Ask> {
    if source.workload_label.is_none() {
        return Vec::new();
    }
    let one = |&(word, unit): &(&str, &str)| {
        let query = ready_made(word, &workload.name, source);
        ask(workload, word, unit.to_owned(), query, source, Need::Usage)
    };
    USAGE.iter().map(one).collect()
}

fn ask(
    workload: &Workload,
    metric: &str,
    unit: String,
    query: String,
    source: &MeasureSource,
    need: Need,
) -> Ask {
    let key = Key { workload: workload.name.clone(), metric: metric.to_owned() };
    Ask { key, unit, query, step_seconds: source.step_seconds, need }
}

/// The query that is ready for a metric.
fn ready_made(metric: &str, workload: &str, source: &MeasureSource) -> String {
    let label = source.workload_label.as_deref().unwrap_or(WORKLOAD_LABEL);
    let own = format!("{label}={}", quoted(workload));
    let window = duration(source.step_seconds.max(RATE_SECONDS));
    // The cgroups above a container repeat its figures: the pod's without a name, and the pause container.
    let container = format!("{own},container!=\"\",container!=\"POD\"");
    match metric {
        "request-rate" => format!("sum(rate(http_requests_total{{{own}}}[{window}]))"),
        "cpu" | "core-hours" => {
            format!("sum(rate(container_cpu_usage_seconds_total{{{container}}}[{window}]))")
        }
        "memory" => format!("sum(container_memory_working_set_bytes{{{container}}})"),
        "gpu" => format!("sum(DCGM_FI_DEV_GPU_UTIL{{{own}}}) / 100"),
        "gpu-hours" => format!("count(DCGM_FI_DEV_GPU_UTIL{{{own}}})"),
        "gpu-memory" => format!("sum(DCGM_FI_DEV_FB_USED{{{own}}}) * 1048576"),
        // A volume that several nodes mount is reported by each of them.
        "storage" => format!(
            "sum(max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{{{own}}}))"
        ),
        // The network is the pod's, which has no container.
        "network-receive" => network("receive", &own, &window),
        _ => network("transmit", &own, &window),
    }
}

fn network(direction: &str, own: &str, window: &str) -> String {
    format!(
        "sum(rate(container_network_{direction}_bytes_total{{{own},interface!=\"lo\"}}[{window}]))"
    )
}

/// A string of `PromQL`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A duration of `PromQL`.
fn duration(seconds: u32) -> String {
    if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::sample;
    use crate::ids::{Arena, Id};
    use crate::plan::workload::{Demand, HistoryRef};

    fn source(label: Option<&str>) -> MeasureSource {
        let workload_label = label.map(str::to_owned);
        MeasureSource { workload_label, ..sample::source("prom") }
    }

    fn plan(asks: Asks, source: MeasureSource) -> Plan {
        let from = HistoryFrom::Source(SourceRef { source: Id::new(0), asks });
        let history = Some(HistoryRef { from, ..sample::history("") });
        let demand = Demand { history, ..sample::demand(None) };
        let workloads = vec![sample::workload("chat", Some(demand)), sample::workload("web", None)];
        Plan { measure_sources: Arena::new(vec![source]), ..sample::plan(workloads, 1) }
    }

    #[test]
    fn without_a_label_only_demands_are_asked_for() {
        let source = source(None);
        let plan = plan(Asks::Metric(DemandMetric::RequestRate), source.clone());
        let asks = asks(&[&plan, &plan], &source);
        assert_eq!(asks.len(), 1);
        assert_eq!(asks[0].query, r#"sum(rate(http_requests_total{app="chat"}[5m]))"#);
        assert_eq!((asks[0].unit.as_str(), asks[0].need), ("req/s", Need::Demand));
    }

    #[test]
    fn with_a_label_every_workload_is_asked_what_it_uses() {
        let source = source(Some("service"));
        let plan = plan(Asks::Query("sum(up)".into()), source.clone());
        let asks = asks(&[&plan], &source);
        assert_eq!(asks.len(), 1 + 2 * USAGE.len());
        let cpu = asks.iter().find(|ask| ask.key.workload == "web" && ask.key.metric == "cpu");
        assert_eq!(
            cpu.unwrap().query,
            r#"sum(rate(container_cpu_usage_seconds_total{service="web",container!="",container!="POD"}[5m]))"#
        );
        assert!(asks.iter().any(|ask| ask.query == "sum(up)" && ask.key.metric == "query"));
    }

    #[test]
    fn the_window_of_a_rate_is_at_least_the_step() {
        let source = MeasureSource { step_seconds: 3600, ..source(Some("app")) };
        assert!(ready_made("cpu", "a", &source).ends_with("[60m]))"));
        let source = MeasureSource { step_seconds: 15, ..source };
        assert!(ready_made("cpu", "a", &source).ends_with("[5m]))"));
        assert_eq!(duration(90), "90s");
    }

    #[test]
    fn a_name_cannot_break_out_of_its_string() {
        assert_eq!(quoted("a\"} or up{b=\"\\\n"), r#""a\"} or up{b=\"\\\n""#);
    }
}
