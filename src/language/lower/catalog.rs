//! GPU models, providers, instance types and storage tiers.

use std::collections::BTreeMap;

use super::{Lower, count, prop_text};
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value};
use crate::language::unit;
use crate::money::Decimal;
use crate::plan::catalog::{CapacityBlock, Credit, DiscountOn, EgressKind, Negotiated, NodeShape};
use crate::plan::price::{InstancePrice, PriceSource, Purchase, TieredPrice};
use crate::plan::{GpuModel, Instance, Provider, StorageTier};

/// Bytes are counted one by one, and priced by the gigabyte.
const PER_BYTE: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

impl<'t> Lower<'t, '_> {
    pub(super) fn gpu(&mut self, node: &'t Node) -> Option<GpuModel> {
        let mut peak_flops = BTreeMap::new();
        for peak in self.settings(node, "peak") {
            let rate = self.figure(peak, 1, "FLOP/s");
            if let (Some(format), Some(rate)) = (peak.arg(0).and_then(Value::text), rate) {
                peak_flops.insert(format.to_owned(), rate);
            }
        }
        Some(GpuModel {
            name: Self::name(node)?,
            memory_bytes: self.setting_figure(node, "memory", "byte"),
            power_watts: self.setting_figure(node, "power", "W"),
            bandwidth_bytes_per_second: self.setting_figure(node, "bandwidth", "byte/s"),
            peak_flops,
            origin: node.origin(),
        })
    }

    /// What one node of an instance type or of owned hardware offers, and its GPU model.
    pub(super) fn shape(
        &mut self,
        node: &'t Node,
    ) -> (NodeShape, Option<crate::ids::Id<GpuModel>>) {
        let gpu = self.setting(node, "gpu");
        let model = gpu.and_then(|gpu| self.id(Noun::Gpu, gpu.arg(0)?));
        let gpus = gpu.and_then(|gpu| count(gpu.prop("count"))).map_or(0.0, f64::from);
        let shape = NodeShape {
            gpus,
            cores: self.setting_figure(node, "cpu", "core").unwrap_or(0.0),
            memory_bytes: self.setting_figure(node, "memory", "byte").unwrap_or(0.0),
            storage_bytes: self.setting_figure(node, "storage", "byte").unwrap_or(0.0),
            network_bits_per_second: self.setting_figure(node, "network", "bit/s").unwrap_or(0.0),
        };
        (shape, model)
    }

    /// The default as-of date and source of a provider's prices.
    fn price_list(&mut self, provider: &Node) -> Option<PriceSource> {
        let list = self.setting(provider, "price-list")?;
        Some(PriceSource {
            as_of: list.prop("as-of").and_then(|day| self.values.date(day, self.report)),
            source: prop_text(list, "source"),
        })
    }

    fn source_of(&mut self, price: &Node, list: Option<&PriceSource>) -> PriceSource {
        let own = price.prop("as-of").and_then(|day| self.values.date(day, self.report));
        PriceSource {
            as_of: own.or_else(|| list?.as_of),
            source: prop_text(price, "source").or_else(|| list?.source.clone()),
        }
    }

    pub(super) fn provider(&mut self, node: &'t Node) -> Option<Provider> {
        let name = Self::name(node)?;
        let price_list = self.price_list(node);
        let mut regions: Vec<String> = self
            .settings(node, "region")
            .iter()
            .flat_map(|region| region.args.iter().filter_map(Value::text).map(str::to_owned))
            .collect();
        regions.sort();
        regions.dedup();
        let mut egress: BTreeMap<EgressKind, Vec<TieredPrice>> = BTreeMap::new();
        for step in self.settings(node, "egress") {
            let Some(kind) = step.arg(0).and_then(Value::text).and_then(egress_kind) else {
                continue;
            };
            let key = || format!("price/{name}/egress.{}", kind.word());
            if let Some(price) = self.tiered(step, 1, "$/GB", price_list.as_ref(), key) {
                egress.entry(kind).or_default().push(price);
            }
        }
        for steps in egress.values_mut() {
            rising(steps);
        }
        let currency = self
            .setting(node, "currency")
            .and_then(|own| Some((unit::currency(own.arg(0)?.text()?)?, own.origin())));
        Some(Provider {
            name,
            regions,
            currency,
            price_list,
            egress,
            support_share: self.setting_share(node, "support"),
            negotiated: self.negotiated(node),
            credits: self.credits(node),
            origin: node.origin(),
        })
    }

    fn negotiated(&mut self, provider: &'t Node) -> Vec<Negotiated> {
        let mut negotiated = Vec::new();
        for node in self.settings(provider, "negotiated") {
            let off = node.prop("off").and_then(Value::text);
            let Some(on) = off.and_then(|word| match word {
                "everything" => Some(DiscountOn::Everything),
                word => purchase(word).map(DiscountOn::Purchase),
            }) else {
                continue;
            };
            let Some(share) = self.figure(node, 0, "%").map(super::percent) else { continue };
            // What is promised for a discount may stand alone.
            if share > 0.0 || node.child("commitment").is_none() {
                self.odd_discount(node, share);
            }
            let until = node.prop("until").and_then(|day| self.values.last_day(day, self.report));
            let commitment = self.setting(node, "commitment").and_then(|node| node.arg(0));
            let commitment_per_year = commitment
                .and_then(|value| {
                    self.values.amount(
                        value,
                        None,
                        "$/year",
                        Decimal::ONE,
                        String::new,
                        self.report,
                    )
                })
                .and_then(|amount| amount.exact);
            negotiated.push(Negotiated {
                share,
                on,
                until,
                commitment_per_year,
                source: self.text(node, "source"),
                origin: node.origin(),
            });
        }
        negotiated.sort_by_key(|one| one.origin);
        negotiated
    }

    fn credits(&mut self, provider: &'t Node) -> Vec<Credit> {
        let mut credits = Vec::new();
        for node in self.settings(provider, "credit") {
            let amount = self
                .setting(node, "amount")
                .and_then(|node| self.values.certain_amount(node.arg(0)?, self.report));
            let days = self.setting(node, "period").and_then(|period| {
                let from = self.values.first_day(period.prop("from")?, self.report)?;
                let until = self.values.last_day(period.prop("until")?, self.report)?;
                if from > until {
                    self.report.push(super::rules::period_backwards(period));
                    return None;
                }
                Some((from, until))
            });
            if let (Some(name), Some(amount), Some((from, until))) =
                (Self::name(node), amount, days)
            {
                credits.push(Credit { name, amount, from, until, origin: node.origin() });
            }
        }
        credits.sort_by(|a, b| a.name.cmp(&b.name));
        credits
    }

    fn tiered(
        &mut self,
        node: &Node,
        index: usize,
        unit: &'static str,
        list: Option<&PriceSource>,
        key: impl FnOnce() -> String,
    ) -> Option<TieredPrice> {
        let up_to = node.prop("up-to");
        let up_to_bytes = up_to.and_then(|up_to| self.values.figure(up_to, "byte", self.report));
        if up_to.is_some() && up_to_bytes.is_none() {
            return None;
        }
        let scale = PER_BYTE.checked_mul(self.price_factor).unwrap_or(PER_BYTE);
        let key = || match up_to.and_then(Value::text) {
            Some(up_to) => format!("{}.up-to-{}", key(), up_to.replace(' ', "")),
            None => key(),
        };
        Some(TieredPrice {
            per_unit: self.amount(node, index, unit, scale, key)?,
            up_to_bytes,
            source: self.source_of(node, list),
            origin: node.origin(),
        })
    }

    pub(super) fn instance(&mut self, node: &'t Node, provider: &'t Node) -> Option<Instance> {
        let name = Self::name(node)?;
        let list = self.price_list(provider);
        let (shape, gpu) = self.shape(node);
        if gpu.is_none() && node.child("gpu").is_some() {
            return None;
        }
        let mut prices: Vec<InstancePrice> = self
            .settings(node, "price")
            .into_iter()
            .filter_map(|price| self.instance_price(&name, price, list.as_ref()))
            .collect();
        prices.sort_by(|a, b| {
            (a.purchase, &a.region, a.term_months)
                .cmp(&(b.purchase, &b.region, b.term_months))
                .then(a.upfront.total_cmp(&b.upfront))
        });
        let price_trend_per_month = self.setting(node, "price-trend").and_then(|trend| {
            self.estimate(trend, 0, "%/month", 0.01, || format!("price/{name}/trend"))
        });
        let blocks = self.settings(node, "capacity-block");
        let blocks = blocks.into_iter().filter_map(|b| self.block(&name, b, list.as_ref()));
        let blocks = blocks.collect();
        Some(Instance {
            blocks,
            provider: self.id(Noun::Provider, provider.arg(0)?)?,
            name,
            gpu,
            shape,
            prices,
            price_trend_per_month,
            origin: node.origin(),
        })
    }

    fn block(
        &mut self,
        instance: &str,
        node: &Node,
        list: Option<&PriceSource>,
    ) -> Option<CapacityBlock> {
        let region = prop_text(node, "region");
        let place = region.as_ref().map_or(String::new(), |region| format!("@{region}"));
        let path = format!("price/{instance}/capacity-block{place}");
        let lead = self.setting(node, "lead-time");
        let key = || format!("{path}.lead-time");
        Some(CapacityBlock {
            per_hour: self.amount(node, 0, "$/hour", self.price_factor, || path.clone())?,
            region,
            lead_time_hours: lead.and_then(|lead| self.estimate(lead, 0, "hour", 1.0, key)),
            source: self.source_of(node, list),
            origin: node.origin(),
        })
    }

    fn instance_price(
        &mut self,
        instance: &str,
        node: &Node,
        list: Option<&PriceSource>,
    ) -> Option<InstancePrice> {
        let purchase = purchase(node.arg(0)?.text()?)?;
        let region = prop_text(node, "region");
        let term_months = self.months(node, "term");
        let mut path = format!("price/{instance}/{}", purchase.word());
        if let Some(term) = term_months {
            path = format!("{path}.{term}m");
        }
        if let Some(region) = &region {
            path = format!("{path}@{region}");
        }
        let upfront = self.prop_share(node, "upfront").unwrap_or(0.0);
        let interruption_per_day = self
            .setting(node, "interruption")
            .and_then(|rate| self.daily_chance(rate, || format!("{path}.interruption")));
        let availability = self
            .setting(node, "availability")
            .and_then(|share| self.share(share, 0, || format!("{path}.availability")));
        let source = self.source_of(node, list);
        let key = || path.clone();
        Some(InstancePrice {
            purchase,
            per_hour: self.amount(node, 1, "$/hour", self.price_factor, key)?,
            by_risk: None,
            region,
            term_months,
            upfront,
            interruption_per_day,
            availability,
            source,
            origin: node.origin(),
        })
    }

    /// A property that counts months.
    pub(super) fn months(&mut self, node: &Node, prop: &str) -> Option<u32> {
        let value = node.prop(prop)?;
        let months = self.values.figure(value, "month", self.report)?;
        self.whole_months(value, months)
    }

    /// A number of months, which must be whole.
    pub(super) fn whole_months(&mut self, value: &Value, months: f64) -> Option<u32> {
        let whole = months.round();
        if (months - whole).abs() > 1e-6 || !(1.0..=1200.0).contains(&whole) {
            self.report.push(super::rules::not_whole_months(value));
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above"
        )]
        Some(whole as u32)
    }

    pub(super) fn storage_tier(
        &mut self,
        node: &'t Node,
        provider: &'t Node,
    ) -> Option<StorageTier> {
        let name = Self::name(node)?;
        let list = self.price_list(provider);
        let mut prices: Vec<TieredPrice> = self
            .settings(node, "price")
            .into_iter()
            .filter_map(|price| {
                self.tiered(price, 0, "$/GB-month", list.as_ref(), || {
                    format!("price/{name}/storage")
                })
            })
            .collect();
        rising(&mut prices);
        let retrieval_per_byte = self.setting(node, "retrieval").and_then(|retrieval| {
            let scale = PER_BYTE.checked_mul(self.price_factor).unwrap_or(PER_BYTE);
            self.amount(retrieval, 0, "$/GB", scale, || format!("price/{name}/retrieval"))
        });
        let per_request = self.setting(node, "requests").and_then(|requests| {
            self.amount(requests, 0, "$/req", self.price_factor, || {
                format!("price/{name}/requests")
            })
        });
        Some(StorageTier {
            minimum_stay_hours: self.setting_figure(node, "minimum-stay", "hour"),
            provider: self.id(Noun::Provider, provider.arg(0)?)?,
            name,
            prices,
            retrieval_per_byte,
            per_request,
            origin: node.origin(),
        })
    }
}

/// Sorts steps by the volume they reach; the one without end comes last.
fn rising(steps: &mut [TieredPrice]) {
    let reach = |step: &TieredPrice| step.up_to_bytes.unwrap_or(f64::INFINITY);
    steps.sort_by(|a, b| reach(a).total_cmp(&reach(b)));
}

/// A way to buy, by its word.
pub(super) fn purchase(word: &str) -> Option<Purchase> {
    Purchase::ALL.into_iter().find(|purchase| purchase.word() == word)
}

/// Where data goes, by its word.
pub(super) fn egress_kind(word: &str) -> Option<EgressKind> {
    [EgressKind::Internet, EgressKind::CrossRegion, EgressKind::CrossZone]
        .into_iter()
        .find(|kind| kind.word() == word)
}
