//! Savings plans on offer.

use std::collections::BTreeMap;

use super::{Lower, rules};
use crate::ids::Id;
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value};
use crate::money::Decimal;
use crate::plan::{Instance, SavingsPlan};

impl<'t> Lower<'t, '_> {
    /// Warns of a discount of nothing, and of one of all.
    pub(super) fn odd_discount(&mut self, node: &Node, share: f64) {
        if share <= 0.0 || share >= 1.0 {
            self.report.push(rules::odd_discount(node, share));
        }
    }

    pub(super) fn savings_plan(
        &mut self,
        node: &'t Node,
        provider: &'t Node,
    ) -> Option<SavingsPlan> {
        let term_months = match self.setting(node, "term") {
            Some(term) => {
                let value = term.arg(0)?;
                let months = self.values.figure(value, "month", self.report)?;
                Some(self.whole_months(value, months)?)
            }
            None => None,
        };
        let mut regions: Vec<String> = self
            .settings(node, "region")
            .iter()
            .flat_map(|region| region.args.iter().filter_map(Value::text).map(str::to_owned))
            .collect();
        regions.sort();
        regions.dedup();
        if node.child("discount").is_none() && node.child("rate").is_none() {
            self.report.push(rules::savings_plan_without_discount(node));
        }
        let (mut discounts, mut general) = (BTreeMap::new(), None);
        let mut places: BTreeMap<Option<Id<Instance>>, &Node> = BTreeMap::new();
        for discount in self.settings(node, "discount") {
            let Some(share) = self.figure(discount, 0, "%").map(super::percent) else { continue };
            self.odd_discount(discount, share);
            let types = self.settings(discount, "instance");
            if types.is_empty() {
                general = Some(share);
                if let Some(first) = places.insert(None, discount) {
                    self.report.push(rules::discount_twice(discount, first, "every type"));
                }
            }
            for value in types.iter().flat_map(|types| &types.args) {
                if let Some(instance) = self.id::<Instance>(Noun::Instance, value) {
                    discounts.insert(instance, share);
                    let first = places.insert(Some(instance), discount);
                    if let Some(first) = first {
                        let of = value.text().unwrap_or_default();
                        self.report.push(rules::discount_twice(
                            discount,
                            first,
                            &format!("`{of}`"),
                        ));
                    }
                }
            }
        }
        let mut rates: BTreeMap<Id<Instance>, Decimal> = BTreeMap::new();
        let mut rate_origins = BTreeMap::new();
        for rate in self.settings(node, "rate") {
            let instance = self.id::<Instance>(Noun::Instance, rate.arg(0)?);
            let price = self.amount(rate, 1, "$/hour", self.price_factor, String::new);
            if let (Some(instance), Some(price)) = (instance, price.and_then(|price| price.exact)) {
                rates.insert(instance, price);
                rate_origins.insert(instance, rate.origin());
            }
        }
        Some(SavingsPlan {
            name: Self::name(node)?,
            provider: self.id(Noun::Provider, provider.arg(0)?)?,
            term_months,
            upfront: self.setting_share(node, "upfront").unwrap_or(0.0),
            regions,
            discounts,
            general,
            rates,
            rate_origins,
            origin: node.origin(),
        })
    }
}
