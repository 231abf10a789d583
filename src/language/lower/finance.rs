//! Budgets and shared costs.

use super::{Lower, rules};
use crate::calendar::{FiscalCalendar, FiscalQuarter, Month};
use crate::language::nodes::Noun;
use crate::language::shape;
use crate::language::syntax::{Node, Value};
use crate::language::values::whole;
use crate::money::Decimal;
use crate::plan::budget::{Basis, BudgetOwner, Phasing};
use crate::plan::shared_cost::{ShareBy, SharedSource, Split};
use crate::plan::{Budget, SharedCost};

impl<'t> Lower<'t, '_> {
    pub(super) fn budget(
        &mut self,
        node: &'t Node,
        fiscal: Option<FiscalCalendar>,
    ) -> Option<Budget> {
        let name = Self::name(node)?;
        let mut owners: Vec<BudgetOwner> = Vec::new();
        let departments = self.refer_all(node, "department", Noun::Department);
        owners.extend(departments.into_iter().map(BudgetOwner::Department));
        let teams = self.refer_all(node, "team", Noun::Team);
        owners.extend(teams.into_iter().map(BudgetOwner::Team));
        let projects = self.refer_all(node, "project", Noun::Project);
        owners.extend(projects.into_iter().map(BudgetOwner::Project));
        if let Some(centers) = self.setting(node, "cost-center") {
            let mut codes: Vec<&str> = centers.args.iter().filter_map(Value::text).collect();
            codes.sort_unstable();
            owners.extend(codes.into_iter().map(|code| BudgetOwner::CostCenter(code.to_owned())));
        }
        let period = self.setting(node, "period").and_then(|node| self.period(node, fiscal));
        let amount_node = self.setting(node, "amount");
        let amount =
            amount_node.and_then(|node| self.values.certain_amount(node.arg(0)?, self.report));
        let mut part = |name: &str| {
            let part = amount_node.and_then(|node| self.setting(node, name))?;
            self.values.certain_amount(part.arg(0)?, self.report)
        };
        let (opex, capex) = (part("opex"), part("capex"));
        let basis = match self.word(node, "basis") {
            Some("cash") => Basis::Cash,
            Some("list") => Basis::List,
            _ => Basis::Amortised,
        };
        let phasing =
            if self.word(node, "phasing") == Some("days") { Phasing::Days } else { Phasing::Even };
        let confidence = self.setting_share(node, "confidence").unwrap_or(0.5);
        let warn_at = self.warn_at(node);
        let (first, months, period_label) = period?;
        let amount = amount?;
        if let (Some(opex), Some(capex), Some(at)) = (opex, capex, amount_node)
            && opex.checked_add(capex) != Some(amount)
        {
            self.report.push(rules::parts_do_not_add_up(at, opex, capex, amount));
        }
        Some(Budget {
            name,
            owners,
            first,
            months,
            period_label,
            amount,
            opex,
            capex,
            basis,
            confidence,
            phasing,
            warn_at,
            origin: node.origin(),
        })
    }

    fn warn_at(&mut self, node: &'t Node) -> Vec<f64> {
        let Some(setting) = self.setting(node, "warn-at") else { return Vec::new() };
        let mut shares: Vec<f64> = setting
            .args
            .iter()
            .filter_map(|value| self.values.figure(value, "%", self.report))
            .map(super::percent)
            .collect();
        shares.sort_by(f64::total_cmp);
        shares.dedup();
        shares
    }

    fn period(
        &mut self,
        node: &'t Node,
        fiscal: Option<FiscalCalendar>,
    ) -> Option<(Month, usize, String)> {
        let year = node.prop("fiscal-year");
        let quarter = node.prop("fiscal-quarter");
        let from = node.prop("from");
        let months = node.prop("months");
        // Another property is reported by the shape of the node.
        if node.props.len() > [year, quarter, from, months].iter().flatten().count() {
            return None;
        }
        let forms = [year, quarter, from.or(months)];
        if forms.iter().flatten().count() != 1 || from.is_some() != months.is_some() {
            self.report.push(rules::budget_period(node));
            return None;
        }
        if let (Some(from), Some(months)) = (from, months) {
            let first = self.values.month(from, self.report)?;
            let months = super::count(Some(months))?;
            let last = first.plus(i32::try_from(months).ok()? - 1);
            return Some((first, months as usize, format!("{first} to {last}")));
        }
        let fiscal = fiscal?;
        if let Some(year) = year {
            let year = i16::try_from(whole(year)?).ok()?;
            return Some((fiscal.first_month(year), 12, format!("FY{year}")));
        }
        let (year, quarter) = shape::parse_quarter(quarter?.text()?)?;
        let quarter = FiscalQuarter { year, quarter };
        Some((fiscal.first_month_of_quarter(quarter), 3, quarter.to_string()))
    }

    pub(super) fn shared_cost(&mut self, node: &'t Node) -> Option<SharedCost> {
        let name = Self::name(node)?;
        let from = self.setting(node, "from").and_then(|from| self.shared_source(&name, from));
        let split = self.setting(node, "split").and_then(|split| self.split(split));
        let rest = self.refer(node, "rest", Noun::Team);
        let cap = self.setting_share(node, "cap");
        if let (Some(Split::Fixed(shares)), Some(at)) = (&split, node.child("split")) {
            let sum: f64 = shares.iter().map(|(_, share)| share).sum();
            if sum > 1.0 + 1e-9 {
                self.report.push(rules::split_over_100(at, sum));
            } else if sum < 1.0 - 1e-9 && node.child("rest").is_none() {
                self.report.push(rules::split_without_rest(at, sum));
            }
        }
        Some(SharedCost {
            name,
            from: from?,
            split: split?,
            cap_of_direct: cap,
            rest,
            origin: node.origin(),
        })
    }

    fn shared_source(&mut self, name: &str, node: &'t Node) -> Option<SharedSource> {
        let idle = node.arg(0).is_some();
        let given: Vec<&str> = ["pool", "workload", "team", "amount"]
            .into_iter()
            .filter(|prop| node.prop(prop).is_some())
            .collect();
        match (idle, &given[..]) {
            (true, ["pool"]) => Some(SharedSource::Idle(self.id(Noun::Pool, node.prop("pool")?)?)),
            (false, ["workload"]) => {
                Some(SharedSource::Workload(self.id(Noun::Workload, node.prop("workload")?)?))
            }
            (false, ["team"]) => Some(SharedSource::Team(self.id(Noun::Team, node.prop("team")?)?)),
            (false, ["amount"]) => {
                let key = || format!("shared-cost/{name}/amount");
                let value = node.prop("amount")?;
                self.values
                    .amount(value, None, "$/month", Decimal::ONE, key, self.report)
                    .map(SharedSource::AmountPerMonth)
            }
            _ => {
                self.report.push(rules::shared_source(node));
                None
            }
        }
    }

    fn split(&mut self, node: &'t Node) -> Option<Split> {
        match node.arg(0)?.text()? {
            "proportional" => {
                let by = match node.prop("by")?.text()? {
                    "usage" => ShareBy::Usage,
                    "allocation" => ShareBy::Allocation,
                    _ => ShareBy::DirectCost,
                };
                let over_months = self.months(node, "over").unwrap_or(1);
                Some(Split::Proportional { by, over_months })
            }
            "even" => Some(Split::Even),
            _ => {
                let mut shares = Vec::new();
                for team in node.children_named("team") {
                    if !self.sound(team) {
                        return None;
                    }
                    let share = self.figure(team, 1, "%").map(super::percent);
                    shares.push((self.id(Noun::Team, team.arg(0)?)?, share?));
                }
                shares.sort_by_key(|(team, _)| *team);
                Some(Split::Fixed(shares))
            }
        }
    }
}
