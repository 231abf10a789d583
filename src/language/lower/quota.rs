//! Priorities, cohorts and quotas.

use super::{Lower, count};
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::values::whole;
use crate::plan::quota::{QuotaGrant, QuotaPreemption, Victims};
use crate::plan::{Cohort, Priority, Quota};

impl<'t> Lower<'t, '_> {
    pub(super) fn priority(&mut self, node: &'t Node) -> Option<Priority> {
        if !self.sound(node) {
            return None;
        }
        let preemptible = node.prop("preemptible").map(|value| &value.kind);
        Some(Priority {
            name: Self::name(node)?,
            rank: whole(node.prop("rank")?)?,
            preemptible: preemptible != Some(&ValueKind::Bool(false)),
            origin: node.origin(),
        })
    }

    pub(super) fn cohort(&mut self, node: &'t Node) -> Option<Cohort> {
        Some(Cohort {
            name: Self::name(node)?,
            parent: self.refer(node, "parent", Noun::Cohort),
            weight: self.setting_figure(node, "weight", "").unwrap_or(1.0),
            origin: node.origin(),
        })
    }

    pub(super) fn quota(&mut self, node: &'t Node) -> Option<Quota> {
        let mut grants = Vec::new();
        for pool in self.settings(node, "pool") {
            let Some(id) = pool.arg(0).and_then(|value| self.id(Noun::Pool, value)) else {
                continue;
            };
            for (resource, unit) in [("cpu", "core"), ("gpu", ""), ("memory", "byte")] {
                let Some(grant) = self.setting(pool, resource) else { continue };
                let mut figure = |name: &str| {
                    let value = grant.prop(name)?;
                    if unit.is_empty() {
                        count(Some(value)).map(f64::from)
                    } else {
                        self.values.figure(value, unit, self.report)
                    }
                };
                let Some(nominal) = figure("nominal") else { continue };
                grants.push(QuotaGrant {
                    pool: id,
                    resource: resource.to_owned(),
                    nominal,
                    borrowing_limit: figure("borrowing-limit"),
                    lending_limit: figure("lending-limit"),
                    origin: grant.origin(),
                });
            }
        }
        grants.sort_by(|a, b| (a.pool, &a.resource).cmp(&(b.pool, &b.resource)));
        Some(Quota {
            name: Self::name(node)?,
            teams: self.refer_all(node, "team", Noun::Team),
            cohort: self.refer(node, "cohort", Noun::Cohort),
            weight: self.setting_figure(node, "weight", "").unwrap_or(1.0),
            grants,
            preemption: self.preemption(node),
            origin: node.origin(),
        })
    }

    fn preemption(&mut self, node: &'t Node) -> QuotaPreemption {
        let Some(node) = self.setting(node, "preemption") else {
            return QuotaPreemption::default();
        };
        let victims = |name: &str| {
            let word = self.setting(node, name).and_then(|node| node.arg(0)).and_then(Value::text);
            match word {
                Some("lower-priority") => Victims::LowerPriority,
                Some("lower-or-newer-equal-priority") => Victims::LowerOrNewerEqualPriority,
                Some("any") => Victims::Any,
                _ => Victims::Never,
            }
        };
        let reclaim_within_cohort = victims("reclaim-within-cohort");
        let borrow_within_cohort = victims("borrow-within-cohort");
        let within_queue = victims("within-queue");
        let borrow = self.setting(node, "borrow-within-cohort");
        let most = borrow.and_then(|node| node.prop("max-priority"));
        let max_priority = most.and_then(|value| self.id(Noun::Priority, value));
        QuotaPreemption { reclaim_within_cohort, borrow_within_cohort, max_priority, within_queue }
    }
}
