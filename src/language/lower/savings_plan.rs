//! Savings plans on offer.

use std::collections::BTreeMap;

use super::Lower;
use crate::ids::Id;
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value};
use crate::money::Decimal;
use crate::plan::{Instance, SavingsPlan};

impl<'t> Lower<'t, '_> {
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
        let (mut discounts, mut general) = (BTreeMap::new(), None);
        for discount in self.settings(node, "discount") {
            let Some(share) = self.figure(discount, 0, "%").map(super::percent) else { continue };
            let types = self.settings(discount, "instance");
            if types.is_empty() {
                general = Some(share);
            }
            for value in types.iter().flat_map(|types| &types.args) {
                if let Some(instance) = self.id::<Instance>(Noun::Instance, value) {
                    discounts.insert(instance, share);
                }
            }
        }
        let mut rates: BTreeMap<Id<Instance>, Decimal> = BTreeMap::new();
        for rate in self.settings(node, "rate") {
            let instance = self.id::<Instance>(Noun::Instance, rate.arg(0)?);
            let price = self.amount(rate, 1, "$/hour", self.price_factor, String::new);
            if let (Some(instance), Some(price)) = (instance, price.and_then(|price| price.exact)) {
                rates.insert(instance, price);
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
            origin: node.origin(),
        })
    }
}
