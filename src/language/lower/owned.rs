//! Owned hardware and its lots.

use super::{Lower, count};
use crate::language::syntax::{Node, Value};
use crate::money::Decimal;
use crate::plan::catalog::DepreciationConvention;
use crate::plan::{Lot, Owned};

use super::rules;

impl<'t> Lower<'t, '_> {
    pub(super) fn owned(&mut self, node: &'t Node) -> Option<Owned> {
        let name = Self::name(node)?;
        let (shape, gpu) = self.shape(node);
        if gpu.is_none() && node.child("gpu").is_some() {
            return None;
        }
        let depreciate = self.setting(node, "depreciate");
        let depreciate_months = depreciate.and_then(|node| {
            let months = self.figure(node, 0, "month")?;
            self.whole_months(node.arg(0)?, months)
        });
        let convention = match depreciate.and_then(|node| node.prop("convention")?.text()) {
            Some("mid-month") => DepreciationConvention::MidMonth,
            Some("daily") => DepreciationConvention::Daily,
            _ => DepreciationConvention::FullMonth,
        };
        let power = self.setting(node, "power");
        let pue = power.and_then(|power| self.setting_figure(power, "pue", ""));
        let power_price = power.and_then(|power| {
            let price = self.setting(power, "price")?;
            self.amount(price, 0, "$/kWh", Decimal::ONE, || format!("owned/{name}/power.price"))
        });
        let hosting = self.setting(node, "hosting").and_then(|hosting| {
            self.amount(hosting, 0, "$/month", Decimal::ONE, || format!("owned/{name}/hosting"))
        });
        let staff = self.setting(node, "staff").and_then(|staff| {
            let people = self.figure(staff, 0, "fte")?;
            let cost = self.setting(staff, "cost")?;
            let key = || format!("owned/{name}/staff.cost");
            Some((people, self.amount(cost, 0, "$/year", Decimal::ONE, key)?))
        });
        let availability = self
            .setting(node, "availability")
            .and_then(|share| self.share(share, 0, || format!("owned/{name}/availability")));
        let mut lots = Vec::new();
        let mut whole = true;
        for lot in node.children_named("lot") {
            match self.lot(&name, lot) {
                Some(lot) => lots.push(lot),
                None => whole = false,
            }
        }
        lots.sort_by(|a, b| a.name.cmp(&b.name));
        whole.then_some(())?;
        Some(Owned {
            gpu,
            shape,
            depreciate_months,
            convention,
            residual_share: self.setting_share(node, "residual").unwrap_or(0.0),
            power_kilowatts: power.and_then(|power| self.figure(power, 0, "kW")).unwrap_or(0.0),
            pue: pue.unwrap_or(1.0),
            power_price_per_kwh: power_price,
            hosting_per_node_month: hosting,
            support_share_per_year: self
                .setting_figure(node, "support", "%/year")
                .map_or(0.0, super::percent),
            staff,
            availability,
            lots,
            name,
            origin: node.origin(),
        })
    }

    fn lot(&mut self, owned: &str, node: &'t Node) -> Option<Lot> {
        if !self.sound(node) {
            return None;
        }
        let name = Self::name(node)?;
        let path = format!("owned/{owned}/{name}");
        let nodes = self.setting(node, "nodes").and_then(|nodes| count(nodes.arg(0)));
        let purchase = self.setting(node, "purchase").and_then(|price| {
            self.amount(price, 0, "$", Decimal::ONE, || format!("{path}.purchase"))
        });
        let slip = self
            .setting(node, "slip")
            .and_then(|slip| self.estimate(slip, 0, "day", 1.0, || format!("{path}.slip")));
        let (service, due) = (node.child("in-service"), node.child("due"));
        let day = match (service, due) {
            (Some(day), None) | (None, Some(day)) => {
                self.sound(day).then(|| self.values.date(day.arg(0)?, self.report)).flatten()
            }
            (None, None) => {
                self.report.push(rules::lot_without_day(node));
                None
            }
            (Some(service), Some(due)) => {
                self.report.push(rules::lot_with_two_days(node, service, due));
                None
            }
        };
        let payments = self.payments(node);
        let chance = self.setting_share(node, "chance");
        Some(Lot {
            name,
            nodes: nodes?,
            purchase_per_node: purchase?,
            in_service: day?,
            due: due.is_some(),
            slip_days: slip,
            chance,
            payments,
            origin: node.origin(),
        })
    }

    fn payments(&mut self, lot: &'t Node) -> Vec<(f64, Option<crate::calendar::Date>)> {
        let mut payments = Vec::new();
        for pay in self.settings(lot, "pay") {
            let Some(share) = self.figure(pay, 0, "%").map(super::percent) else { continue };
            let at = pay.prop("at").map(|day| self.values.first_day(day, self.report));
            let on = pay.prop("on").and_then(Value::text);
            if at.is_some() == on.is_some() {
                self.report.push(rules::payment_without_day(pay));
                continue;
            }
            payments.push((share, at.flatten()));
        }
        payments.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
        let sum: f64 = payments.iter().map(|(share, _)| share).sum();
        if !payments.is_empty() && (sum - 1.0).abs() > 1e-9 {
            self.report.push(rules::payments_do_not_add_up(lot, sum));
        }
        payments
    }
}
