//! How purchases are planned.

use super::Lower;
use crate::language::syntax::{Node, Value};
use crate::plan::Procurement;
use crate::plan::procurement::{CashLimit, CashPeriod, PlanFor, Tail};

impl<'t> Lower<'t, '_> {
    pub(super) fn procurement(&mut self, node: &'t Node) -> Option<Procurement> {
        if !self.sound(node) {
            return None;
        }
        let none = Procurement::default();
        let plan_for = match self.word(node, "plan-for") {
            Some("p50") => PlanFor::P50,
            Some("p95") => PlanFor::P95,
            Some("cvar") => PlanFor::Cvar,
            _ => none.plan_for,
        };
        let tail = match self.word(node, "tail") {
            Some("decay") => Tail::Decay,
            Some("growth") => Tail::Growth,
            _ => none.tail,
        };
        let cash_limit = self.setting(node, "cash-limit").and_then(|limit| {
            let amount = self.values.certain_amount(limit.arg(0)?, self.report)?;
            let per = match limit.prop("per").and_then(Value::text) {
                Some("fiscal-year") => CashPeriod::FiscalYear,
                Some("month") => CashPeriod::Month,
                _ => CashPeriod::FiscalQuarter,
            };
            Some(CashLimit { amount, per })
        });
        Some(Procurement {
            plan_for,
            approval_hours: self.setting_figure(node, "approval", "hour").unwrap_or(0.0),
            buffer_hours: self.setting_figure(node, "buffer", "hour").unwrap_or(0.0),
            tail,
            cost_of_capital: self.setting_share(node, "cost-of-capital"),
            cash_limit,
            origin: Some(node.origin()),
        })
    }
}
