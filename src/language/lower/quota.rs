//! Priorities, cohorts and quotas.

use super::{Lower, count};
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, ValueKind};
use crate::language::values::whole;
use crate::plan::quota::{QuotaGrant, QuotaPreemption, Whose};
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
            grants: self.grants(node),
            origin: node.origin(),
        })
    }

    /// What a quota or a cohort grants, by pool, resource and day.
    fn grants(&mut self, node: &'t Node) -> Vec<QuotaGrant> {
        let mut grants = Vec::new();
        for pool in self.settings(node, "pool") {
            let Some(id) = pool.arg(0).and_then(|value| self.id(Noun::Pool, value)) else {
                continue;
            };
            for (resource, unit) in [("cpu", "core"), ("gpu", ""), ("memory", "byte")] {
                for grant in self.settings(pool, resource) {
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
                        from: grant
                            .prop("from")
                            .and_then(|day| self.values.first_day(day, self.report)),
                        origin: grant.origin(),
                    });
                }
            }
        }
        grants.sort_by(|a, b| (a.pool, &a.resource, a.from).cmp(&(b.pool, &b.resource, b.from)));
        grants
    }

    fn quota_preemption(&mut self, node: &'t Node) -> QuotaPreemption {
        let Some(preemption) = self.setting(node, "preemption") else {
            return QuotaPreemption::default();
        };
        let whose = |name: &str| match self.text(preemption, name).as_deref() {
            Some("any") => Whose::Any,
            Some("lower-priority") => Whose::LowerPriority,
            Some("lower-or-newer-equal-priority") => Whose::LowerOrNewerEqualPriority,
            _ => Whose::Nobody,
        };
        let reclaim_within_cohort = whose("reclaim-within-cohort");
        let borrow_within_cohort = whose("borrow-within-cohort");
        let within_queue = whose("within-queue");
        let borrow_max_priority = self
            .setting(preemption, "borrow-within-cohort")
            .and_then(|borrow| borrow.prop("max-priority"))
            .and_then(|value| self.id(Noun::Priority, value));
        QuotaPreemption {
            reclaim_within_cohort,
            borrow_within_cohort,
            borrow_max_priority,
            within_queue,
        }
    }

    pub(super) fn quota(&mut self, node: &'t Node) -> Option<Quota> {
        let grants = self.grants(node);
        Some(Quota {
            name: Self::name(node)?,
            teams: self.refer_all(node, "team", Noun::Team),
            cohort: self.refer(node, "cohort", Noun::Cohort),
            weight: self.setting_figure(node, "weight", "").unwrap_or(1.0),
            grants,
            preemption: self.quota_preemption(node),
            origin: node.origin(),
        })
    }
}
