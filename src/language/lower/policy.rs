//! Policies.

use super::{Lower, prop_text, rules};
use crate::language::syntax::{Node, Value};
use crate::language::values::check_certain;
use crate::plan::Policy;
use crate::plan::policy::{Bound, Metric, Requirement, Selector, Waiver};

impl<'t> Lower<'t, '_> {
    pub(super) fn policy(&mut self, node: &'t Node) -> Option<Policy> {
        let name = Self::name(node)?;
        let fails = node.prop("severity")?.text()? == "error";
        let waiver = self.setting(node, "waive").and_then(|waive| {
            Some(Waiver {
                until: self.values.last_day(waive.prop("until")?, self.report)?,
                by: prop_text(waive, "by")?,
                because: self.text(waive, "because"),
            })
        });
        let require = self.setting(node, "require").and_then(|node| self.requirement(node));
        Some(Policy {
            name,
            fails,
            require: require?,
            because: self.text(node, "because"),
            waiver,
            origin: node.origin(),
        })
    }

    fn requirement(&mut self, node: &'t Node) -> Option<Requirement> {
        let word = node.prop("metric")?.text()?;
        let row = Metric::TABLE.iter().find(|row| row.word == word)?;
        let (bound, value) = match (node.prop("at-most"), node.prop("at-least")) {
            (Some(value), None) => (Bound::AtMost, value),
            (None, Some(value)) => (Bound::AtLeast, value),
            _ => {
                self.report.push(rules::policy_bound(node));
                return None;
            }
        };
        let limit = self.limit(value, row.unit)?;
        let confidence = self.prop_share(node, "confidence").unwrap_or(0.5);
        let over_months = self.months(node, "over");
        Some(Requirement {
            select: Selector {
                pool: prop_text(node, "pool"),
                workload: prop_text(node, "workload"),
                priority: prop_text(node, "priority"),
                environment: prop_text(node, "environment"),
                team: prop_text(node, "team"),
            },
            metric: row.metric,
            bound,
            limit,
            limit_text: self.values.sources.text(value.span).trim_matches('"').to_owned(),
            over_months,
            confidence,
            origin: node.origin(),
        })
    }

    /// The figure of a limit, in its metric's unit; a percentage as a share.
    fn limit(&mut self, value: &Value, unit: &str) -> Option<f64> {
        if unit == "money/month" {
            let read = self.values.read(value, None, self.report)?;
            let (converted, _) = self.values.money(&read, "$/month", self.report)?;
            return check_certain(&read, converted, self.report).then_some(converted.low);
        }
        let unit = match unit {
            "%" => return self.values.figure(value, "%", self.report).map(super::percent),
            "days" => "day",
            "hours" => "hour",
            _ => "node",
        };
        self.values.figure(value, unit, self.report)
    }
}
