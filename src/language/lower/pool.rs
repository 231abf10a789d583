//! Pools and commitments.

use std::collections::BTreeMap;

use super::catalog::purchase;
use super::draft::Table;
use super::{Lower, count, prop_text, rules};
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::money::Decimal;
use crate::plan::pool::{
    Candidate, CommitmentKind, Limit, LimitIncrease, PoolSupply, PoolTier, Renew, RiskTolerance,
    SpotFallback, SpotLoss,
};
use crate::plan::price::{Amount, Purchase};
use crate::plan::{Commitment, Pool, SavingsPlan};

impl<'t> Lower<'t, '_> {
    pub(super) fn pool(&mut self, node: &'t Node) -> Option<Pool> {
        let name = Self::name(node)?;
        let supply = self.pool_supply(node);
        let mut start = BTreeMap::new();
        for setting in self.settings(node, "start") {
            if let (Some(bought), Some(nodes)) = (bought(setting), count(setting.arg(1))) {
                start.insert(bought, nodes);
            }
        }
        let mut lead_time_hours = BTreeMap::new();
        for setting in self.settings(node, "lead-time") {
            let Some(bought) = bought(setting) else { continue };
            let key = || format!("pool/{name}/lead-time.{}", bought.word());
            if let Some(time) = self.estimate(setting, 1, "hour", 1.0, key) {
                lead_time_hours.insert(bought, time);
            }
        }
        let mut floors = BTreeMap::new();
        for setting in self.settings(node, "floor") {
            let share = self.figure(setting, 1, "%").map(super::percent);
            if let (Some(bought), Some(share)) = (bought(setting), share) {
                floors.insert(bought, share);
            }
        }
        let spot = self.setting(node, "spot");
        let scheduling = self.setting(node, "scheduling");
        let buy = self.setting(node, "buy").map(|buy| {
            buy.args.iter().filter_map(|word| purchase(word.text()?)).collect::<Vec<_>>()
        });
        Some(Pool {
            start,
            limits: self.limits(node),
            limit_increases: self.limit_increases(&name, node),
            lead_time_hours,
            target_utilization: self.setting_share(node, "target-utilization").unwrap_or(1.0),
            buy,
            floors,
            fragmentation_loss: scheduling
                .and_then(|node| self.setting_share(node, "fragmentation-loss"))
                .unwrap_or(0.0),
            fair_sharing: scheduling
                .and_then(|node| self.setting(node, "fair-sharing"))
                .is_some_and(flag),
            gang: scheduling.and_then(|node| self.setting(node, "gang")).is_some_and(flag),
            node_failures_per_day: self.setting(node, "node-failures").and_then(|rate| {
                let key = || format!("pool/{name}/node-failures");
                self.daily_chance(rate, key)
            }),
            spot_share: spot.and_then(|node| self.setting_share(node, "share")).unwrap_or(1.0),
            spot_fallback: spot.map_or(SpotFallback::OnDemand { after_hours: 0.0 }, |node| {
                self.spot_fallback(node)
            }),
            spot_origin: spot.map(Node::origin),
            fallback_origin: spot.and_then(|node| self.setting(node, "fallback")).map(Node::origin),
            spot_loss: spot.map(|node| self.spot_loss(node)).unwrap_or_default(),
            risk_tolerance: spot
                .and_then(|node| RiskTolerance::find(self.word(node, "risk-tolerance")?)),
            supply: supply?,
            name,
            origin: node.origin(),
        })
    }

    fn spot_fallback(&mut self, spot: &Node) -> SpotFallback {
        let fallback = self.setting(spot, "fallback");
        let after =
            fallback.and_then(|node| self.values.figure(node.prop("after")?, "hour", self.report));
        let word = self.word(spot, "fallback");
        if let (Some(node), Some("wait" | "none")) = (fallback, word)
            && let Some(after) = node.prop("after")
        {
            self.report.push(rules::fallback_after_nothing(node, after));
        }
        match word {
            Some("wait") => SpotFallback::Wait,
            Some("none") => SpotFallback::None,
            _ => SpotFallback::OnDemand { after_hours: after.unwrap_or(0.0) },
        }
    }

    fn spot_loss(&mut self, spot: &Node) -> SpotLoss {
        let restart = self.setting_figure(spot, "restart", "hour");
        let saved = self.setting(spot, "checkpoint").and_then(|node| self.checkpoint(node));
        SpotLoss {
            every_hours: saved.map(|saved| saved.every_hours),
            takes_hours: saved.map_or(0.0, |saved| saved.takes_hours),
            restart_hours: saved.map(|saved| saved.restore_hours).or(restart).unwrap_or(0.0),
        }
    }

    fn pool_supply(&mut self, node: &'t Node) -> Option<PoolSupply> {
        let has = |name: &str| node.child(name);
        let storage = self.word(node, "kind") == Some("storage");
        let forms = [has("instance"), has("owned"), has("tier")];
        let given: Vec<&Node> = forms.into_iter().flatten().collect();
        if let [first, second, ..] = given[..] {
            self.report.push(rules::pool_of_two_kinds(node, first, second));
            return None;
        }
        match given.first() {
            None => {
                self.report.push(rules::empty_pool(node, storage));
                None
            }
            Some(tier) if (&*tier.name.text == "tier") != storage => {
                self.report.push(rules::pool_kind_and_contents(node, tier, storage));
                None
            }
            Some(_) if storage => {
                self.tiers(node, node.children_named("tier")).map(PoolSupply::Storage)
            }
            Some(owned) if &*owned.name.text == "owned" => {
                self.refer(node, "owned", Noun::Owned).map(PoolSupply::Owned)
            }
            Some(_) => self.candidates(node).map(PoolSupply::Instances),
        }
    }

    fn candidates(&mut self, node: &'t Node) -> Option<Vec<Candidate>> {
        let mut candidates = Vec::new();
        for setting in node.children_named("instance") {
            let instance =
                if self.sound(setting) { self.id(Noun::Instance, setting.arg(0)?) } else { None };
            candidates.push(Candidate {
                instance: instance?,
                region: prop_text(setting, "region"),
                origin: setting.origin(),
            });
        }
        candidates.sort_by(|a, b| (a.instance, &a.region).cmp(&(b.instance, &b.region)));
        Some(candidates)
    }

    /// The storage tiers that `settings` name, by rising age: those of a pool, or a workload's own.
    pub(super) fn tiers(
        &mut self,
        of: &'t Node,
        settings: impl IntoIterator<Item = &'t Node>,
    ) -> Option<Vec<PoolTier>> {
        let mut tiers = Vec::new();
        for setting in settings {
            if !self.sound(setting) {
                return None;
            }
            let after = self.setting_figure(setting, "after", "hour");
            tiers.push((
                PoolTier {
                    tier: self.id(Noun::StorageTier, setting.arg(0)?)?,
                    after_hours: after.unwrap_or(0.0),
                    origin: setting.origin(),
                },
                setting,
            ));
        }
        tiers.sort_by(|a, b| {
            (a.0.after_hours, a.0.tier.index())
                .partial_cmp(&(b.0.after_hours, b.0.tier.index()))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let same = tiers
            .windows(2)
            .find(|pair| (pair[0].0.after_hours - pair[1].0.after_hours).abs() < f64::EPSILON);
        if let Some([first, second]) = same {
            self.report.push(rules::tiers_at_one_age(first.1, second.1));
            return None;
        }
        if let Some((first, setting)) = tiers.first()
            && first.after_hours > 0.0
        {
            self.report.push(rules::no_first_tier(of, setting));
            return None;
        }
        Some(tiers.into_iter().map(|(tier, _)| tier).collect())
    }

    fn limits(&mut self, node: &'t Node) -> Vec<Limit> {
        let mut limits = Vec::new();
        for setting in self.settings(node, "limit") {
            let Some(nodes) = count(setting.args.last()) else { continue };
            limits.push(Limit {
                purchase: bought(setting),
                nodes,
                from: setting.prop("from").and_then(|day| self.values.first_day(day, self.report)),
                origin: setting.origin(),
            });
        }
        limits.sort_by_key(|limit| (limit.purchase, limit.from));
        limits
    }

    fn limit_increases(&mut self, pool: &str, node: &'t Node) -> Vec<LimitIncrease> {
        let mut increases = Vec::new();
        for setting in self.settings(node, "limit-increase") {
            let purchase = bought(setting);
            let asked = self
                .setting(setting, "asked")
                .and_then(|day| self.values.date(day.arg(0)?, self.report));
            let key =
                || format!("pool/{pool}/limit-increase.{}", purchase.map_or("all", Purchase::word));
            let expected = self
                .setting(setting, "expected")
                .and_then(|time| self.estimate(time, 0, "hour", 1.0, key));
            let chance = self.setting_share(setting, "chance").unwrap_or(1.0);
            if let (Some(nodes), Some(asked), Some(expected_hours)) =
                (count(setting.args.last()), asked, expected)
            {
                increases.push(LimitIncrease {
                    purchase,
                    nodes,
                    asked,
                    expected_hours,
                    chance,
                    origin: setting.origin(),
                });
            }
        }
        increases.sort_by_key(|increase| (increase.purchase, increase.asked, increase.nodes));
        increases
    }

    pub(super) fn commitment(
        &mut self,
        node: &'t Node,
        savings_plans: &Table<SavingsPlan>,
    ) -> Option<Commitment> {
        let name = Self::name(node)?;
        let kind = self.commitment_kind(node, savings_plans);
        let paid = self.setting(node, "price").or(self.setting(node, "spend"));
        let stated = paid.and_then(|paid| self.prop_share(paid, "upfront"));
        let under = match kind {
            Some(CommitmentKind::Spend { savings_plan: Some(plan), .. }) => savings_plans.get(plan),
            _ => None,
        };
        let block = node.child("capacity-block").map(|_| 1.0);
        let upfront = block.or(stated).or(under.map(|plan| plan.upfront)).unwrap_or(0.0);
        let period = self.setting(node, "period")?;
        let from = self.values.first_day(period.prop("from")?, self.report);
        let until = self.values.last_day(period.prop("until")?, self.report);
        let (from, until) = (from?, until?);
        if until < from {
            self.report.push(rules::period_backwards(period));
            return None;
        }
        let renew = match self.word(node, "renew") {
            Some("always") => Renew::Always,
            Some("never") => Renew::Never,
            _ => Renew::Decide,
        };
        Some(Commitment { name, kind: kind?, upfront, from, until, renew, origin: node.origin() })
    }

    /// Warns of spend that is not stated by the hour.
    fn spend_by_the_hour(&mut self, spend: &Node, per_hour: Option<&Amount>) {
        let stated = spend.arg(0).and_then(|value| Some((value, value.text()?)));
        let (Some((value, text)), Some(per_hour)) = (stated, per_hour.and_then(|one| one.exact))
        else {
            return;
        };
        let unit = text.rsplit_once('/').map(|(_, unit)| unit.trim());
        if unit.is_some_and(|unit| !matches!(unit, "h" | "hr" | "hrs" | "hour" | "hours")) {
            let each = format!(
                "{} {}",
                per_hour.round_dp(3).normalize(),
                self.values.currency.map_or_else(String::new, |own| own.to_string())
            );
            self.report.push(rules::spend_not_hourly(value, text, &each));
        }
    }

    fn commitment_kind(
        &mut self,
        node: &'t Node,
        savings_plans: &Table<SavingsPlan>,
    ) -> Option<CommitmentKind> {
        let nodes = node.child("reserved").or(node.child("capacity-block"));
        if let (Some(reserved), Some(block)) =
            (node.child("reserved"), node.child("capacity-block"))
        {
            self.report.push(rules::two_forms(node, reserved, block));
            return None;
        }
        match (nodes, node.child("spend")) {
            (Some(reserved), None) => {
                if !self.sound(reserved) {
                    return None;
                }
                if node.child("price").is_none() {
                    self.report.push(rules::commitment_lacks(
                        node,
                        "price",
                        "price \"37.80 USD/hour\" upfront=\"0%\"",
                    ));
                }
                if node.child("pool").is_none() {
                    self.report.push(rules::commitment_lacks(node, "pool", "pool \"serving\""));
                }
                let instance = self.id(Noun::Instance, reserved.prop("instance")?);
                let pool = self.refer(node, "pool", Noun::Pool);
                let price = self.setting(node, "price");
                let per_hour = price
                    .and_then(|price| self.amount(price, 0, "$/hour", Decimal::ONE, String::new));
                Some(CommitmentKind::Reserved {
                    pool: pool?,
                    nodes: count(reserved.arg(0))?,
                    instance: instance?,
                    per_hour: per_hour?,
                })
            }
            (None, Some(spend)) => {
                let under = spend.prop("savings-plan");
                let savings_plan =
                    under.and_then(|name| self.id::<SavingsPlan>(Noun::SavingsPlan, name));
                if under.is_some() && savings_plan.is_none() {
                    return None;
                }
                let offered = savings_plan.and_then(|plan| savings_plans.get(plan));
                let provider = match (node.child("provider"), offered) {
                    (None, Some(offered)) => Some(offered.provider),
                    (None, None) => {
                        let example = "provider \"aws\"";
                        self.report.push(rules::commitment_lacks(node, "provider", example));
                        None
                    }
                    (Some(stated), offered) => {
                        let provider = self.refer(node, "provider", Noun::Provider);
                        let other =
                            offered.filter(|one| provider.is_some_and(|p| p != one.provider));
                        if let (Some(offered), Some(name)) = (other, under) {
                            self.report.push(rules::savings_plan_elsewhere(name, stated, offered));
                            return None;
                        }
                        provider
                    }
                };
                let per_hour = self
                    .sound(spend)
                    .then(|| self.amount(spend, 0, "$/hour", Decimal::ONE, String::new))
                    .flatten();
                self.spend_by_the_hour(spend, per_hour.as_ref());
                if let Some(pool) = node.child("pool") {
                    self.report.push(rules::spend_has_no_pool(node, pool, spend));
                }
                Some(CommitmentKind::Spend {
                    provider: provider?,
                    savings_plan,
                    per_hour: per_hour?,
                })
            }
            (None, None) => {
                self.report.push(rules::commitment_lacks(
                    node,
                    "reserved",
                    "reserved 8 instance=\"p5.48xlarge\"",
                ));
                None
            }
            (Some(reserved), Some(spend)) => {
                self.report.push(rules::two_forms(node, reserved, spend));
                None
            }
        }
    }
}

/// Whether a flag is set.
fn flag(node: &Node) -> bool {
    matches!(node.arg(0), Some(Value { kind: ValueKind::Bool(true), .. }))
}

/// The way to buy that the first argument of a setting names.
fn bought(node: &Node) -> Option<Purchase> {
    node.arg(0).and_then(Value::text).and_then(purchase)
}
