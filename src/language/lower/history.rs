//! The history of a demand: a file beside the plan, or what a source measures.

use super::demand::level;
use super::source::kind_of;
use super::{DemandUnit, Lower, prop_text, rules};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::ids::Id;
use crate::language::nodes::Noun;
use crate::language::quantity::{Number, Quantity};
use crate::language::report::error;
use crate::language::shape::head;
use crate::language::syntax::{Node, Value};
use crate::money::Decimal;
use crate::plan::measure::{Asks, DemandMetric, MeasureKind, SourceRef};
use crate::plan::workload::{Fit, HistoryFrom, HistoryRef, TableRef};

impl<'t> Lower<'t, '_> {
    pub(super) fn history(
        &mut self,
        demand: &'t Node,
        node: &'t Node,
        unit: &DemandUnit,
    ) -> Option<HistoryRef> {
        let fit = match node.prop("fit").and_then(Value::text) {
            Some("level") => Fit::Level,
            _ => Fit::Auto,
        };
        let (from, scale) = match (node.arg(0), node.prop("source")) {
            (Some(_), Some(source)) => {
                self.report.push(asks(source, "a file and a source", "keep one of the two"));
                return None;
            }
            (Some(file), None) => {
                let table = self.table_ref(file, node)?;
                let scale = self.written_scale(demand, node, unit)?;
                (HistoryFrom::Table(table), scale)
            }
            (None, Some(source)) => {
                let from = self.source_ref(source, node, unit)?;
                let scale = match &from.asks {
                    Asks::Metric(metric) => metric.scale(),
                    Asks::Query(_) | Asks::NotYet => self.written_scale(demand, node, unit)?,
                };
                (HistoryFrom::Source(from), scale)
            }
            (None, None) => {
                self.report.push(
                    Diagnostic::new(&HISTORY_SOURCE, "this history is read from nowhere")
                        .at(node.name.span, "neither a file nor a source")
                        .help("name a file, `history \"data/rps.csv\"`, or a source, `history source=\"prom\" metric=request-rate`"),
                );
                return None;
            }
        };
        Some(HistoryRef { from, fit, scale, origin: node.origin() })
    }

    fn table_ref(&mut self, file: &'t Value, node: &'t Node) -> Option<TableRef> {
        if let Some(query) = node.child("query") {
            self.report.push(asks_node(
                query,
                "a file and a query",
                "a file is not asked: leave `query` out",
            ));
        } else if let Some(metric) = node.prop("metric") {
            self.report.push(asks(
                metric,
                "a file and a metric",
                "name the `column` of the file instead",
            ));
        }
        let from = &self.values.sources.file(node.span.file).path;
        let Some(path) = beside(from, file.text()?) else {
            self.report.push(rules::history_outside(file));
            return None;
        };
        let mut filters: Vec<(String, String)> = self
            .settings(node, "where")
            .iter()
            .filter_map(|filter| {
                Some((filter.arg(0)?.text()?.to_owned(), filter.arg(1)?.text()?.to_owned()))
            })
            .collect();
        filters.sort();
        let zone = node.prop("zone");
        if let Some(zone) = zone
            && crate::calendar::utc_hour(noon_2027(), 0.0, zone.text()?).is_none()
        {
            self.report.push(rules::unknown_zone(zone));
        }
        Some(TableRef {
            path,
            column: prop_text(node, "column"),
            time: prop_text(node, "time"),
            zone: prop_text(node, "zone"),
            filters,
        })
    }

    fn source_ref(
        &mut self,
        source: &'t Value,
        node: &'t Node,
        unit: &DemandUnit,
    ) -> Option<SourceRef> {
        let index = self.names.find(Noun::Source, source.text()?)?;
        let kind = kind_of(self.names.all(Noun::Source)[index].node)?;
        let source = Id::new(index);
        if kind != MeasureKind::Prometheus {
            return Some(SourceRef { source, asks: Asks::NotYet });
        }
        let of_files = ["column", "time", "zone"].into_iter().find_map(|name| node.prop(name));
        if let Some(of_file) = of_files {
            self.report.push(asks(
                of_file,
                "a source, and how to read a file",
                "a snapshot says its times and columns itself: leave it out",
            ));
        } else if let Some(filter) = node.child("where") {
            self.report.push(asks_node(
                filter,
                "a source, and how to read a file",
                "select series inside `query`",
            ));
        }
        let query = self.setting(node, "query");
        let asks = match (node.prop("metric"), query) {
            (Some(_), Some(query)) => {
                self.report.push(asks_node(query, "a metric and a query", "keep one of the two"));
                return None;
            }
            (Some(metric), None) => Asks::Metric(self.metric(metric, unit)?),
            (None, Some(query)) => Asks::Query(query.arg(0)?.text()?.trim().to_owned()),
            (None, None) => {
                if node.child("query").is_none() {
                    self.report.push(
                        Diagnostic::new(
                            &HISTORY_SOURCE,
                            "this history asks its source for nothing",
                        )
                        .at(node.name.span, "neither `metric` nor `query`")
                        .help("add `metric=request-rate`, or a block with a `query`"),
                    );
                }
                return None;
            }
        };
        Some(SourceRef { source, asks })
    }

    /// The metric of a word, where it measures what the demand counts.
    fn metric(&mut self, word: &Value, unit: &DemandUnit) -> Option<DemandMetric> {
        let (metric, wanted) = match (word.text()?, &*unit.name, unit.is_rate) {
            ("bytes", "byte", true) => (DemandMetric::BytesSent, None),
            ("bytes", "byte", false) => (DemandMetric::BytesStored, None),
            ("bytes", ..) => (DemandMetric::BytesStored, Some("bytes, such as `TiB` or `GB/day`")),
            ("gpu-hours", name, is_rate) => {
                let wanted = "GPU-hours in a time, of which each counts as one: `job/day`";
                (DemandMetric::GpuHours, (name == "byte" || !is_rate).then_some(wanted))
            }
            ("core-hours", name, is_rate) => {
                let wanted = "core-hours in a time, of which each counts as one: `job/day`";
                (DemandMetric::CoreHours, (name == "byte" || !is_rate).then_some(wanted))
            }
            (.., true) => (DemandMetric::RequestRate, None),
            (.., false) => (DemandMetric::RequestRate, Some("a rate, such as `req/s`")),
        };
        if let Some(wanted) = wanted {
            let name = word.text()?;
            self.report.push(
                Diagnostic::new(
                    &HISTORY_METRIC,
                    format!("`{name}` does not measure `{}`", unit.text),
                )
                .at(word.span, format!("it measures {wanted}"))
                .help("choose the metric of the demand's unit, or ask in that unit by `query`"),
            );
            return None;
        }
        Some(metric)
    }

    /// What is written is in the unit of the demand, or in the history's own `unit`; in base units.
    fn written_scale(
        &mut self,
        demand: &'t Node,
        node: &'t Node,
        unit: &DemandUnit,
    ) -> Option<f64> {
        let written = if let Some(text) = node.prop("unit") {
            let quantity = self.values.written_unit(text, self.report)?;
            if let Err(mismatch) = quantity.convert(&unit.unit) {
                self.report.push(rules::history_unit(text, &mismatch, unit));
                return None;
            }
            quantity
        } else {
            let level = level(demand)?;
            let read = self.values.read(level, None, self.report)?;
            let factor =
                |number: Number| Number { value: 1.0, exact: number.exact.map(|_| Decimal::ONE) };
            Quantity { low: factor(read.quantity.low), high: None, ..read.quantity }
        };
        Some(written.convert(&unit.unit).ok()?.low)
    }
}

/// Whether a history is of a kind that is read.
pub(super) fn is_read(history: &HistoryRef) -> bool {
    !matches!(&history.from, HistoryFrom::Source(SourceRef { asks: Asks::NotYet, .. }))
}

fn asks(place: &Value, both: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&HISTORY_SOURCE, format!("this history has {both}"))
        .at(place.span, "one of them is meant")
        .help(help)
}

fn asks_node(place: &Node, both: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&HISTORY_SOURCE, format!("this history has {both}"))
        .at(head(place), "one of them is meant")
        .help(help)
}

pub(super) static HISTORY_SOURCE: Code = error(
    "history_source",
    Family::Model,
    "a history that does not say one series",
    "A history is a file with its columns, or a source with one thing to ask it for: a `metric` that has a ready-made \
query, or a `query` of your own.\n\nWrong:\n\n```kdl\ndemand \"180 req/s\" { history source=\"prom\" fit=auto; }\n```\n\n\
Right:\n\n```kdl\ndemand \"180 req/s\" { history source=\"prom\" metric=request-rate fit=auto; }\n```\n",
);
pub(super) static HISTORY_METRIC: Code = error(
    "history_metric",
    Family::Quantities,
    "a metric that does not measure what the demand counts",
    "`request-rate` measures what is asked a second, `gpu-hours` and `core-hours` the hours held or used in a time, each of \
which counts as one of the demand's unit, `bytes` what is stored, or sent a second where the demand is a rate. Whatever else a demand counts, `query` can ask \
for.\n\nWrong:\n\n```kdl\ndemand \"42 TiB\" { history source=\"prom\" metric=request-rate; }\n```\n\nRight:\n\n```kdl\n\
demand \"42 TiB\" { history source=\"prom\" metric=bytes; }\n```\n",
);

fn noon_2027() -> crate::calendar::Date {
    crate::calendar::Month::new(2027, 1).first_day()
}

/// The path of a file named in the file `from`, relative to the plan's folder; `None` outside it.
fn beside(from: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_to_the_file_it_stands_in() {
        let chats = beside("workloads/serving.kdl", "../data/chats.csv");
        assert_eq!(chats.as_deref(), Some("data/chats.csv"));
        assert_eq!(beside("plan.kdl", "data/rps.csv").as_deref(), Some("data/rps.csv"));
        assert_eq!(beside("plan.kdl", "../secret.csv"), None);
        assert_eq!(beside("plan.kdl", "/etc/passwd"), None);
    }
}
