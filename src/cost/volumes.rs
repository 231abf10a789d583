//! What is billed by the unit: data held, read and sent, and units of bought services.
//!
//! Tiered prices are slabs: each step's price holds for the volume inside the step. Steps apply to all
//! of a pool's data in a tier, and to all that leaves a provider in one way, in each month and draw; the
//! cost then splits over the workloads by their volume.

use std::collections::BTreeMap;

use crate::capacity::need::{VolumeKind, VolumeUse};
use crate::cost::figure::Figure;
use crate::cost::ledger::{Category, Row};
use crate::cost::pool_month::{Parts, Priced, add};
use crate::cost::prices::Kept;
use crate::cost::{negotiated, support};
use crate::draws::{Draws, mean};
use crate::ids::Id;
use crate::money::{Decimal, quantised, split, to_f64};
use crate::plan::price::{Amount, TieredPrice};
use crate::plan::{Plan, Pool, Provider, Workload};

const BYTES_PER_GB: f64 = 1e9;

/// Prices every volume: one value a kind and month, in the order of kinds, then months.
pub(super) fn price(plan: &Plan, kept: &Kept, volumes: &[VolumeUse]) -> Vec<Priced> {
    let mut together: BTreeMap<(VolumeKind, Option<Id<Workload>>), Vec<&VolumeUse>> =
        BTreeMap::new();
    for volume in volumes {
        // Services have no price in common: each workload has its own.
        let own = (volume.kind == VolumeKind::Bought).then_some(volume.workload);
        together.entry((volume.kind, own)).or_default().push(volume);
    }
    let mut priced = Vec::new();
    for ((kind, _), mut volumes) in together {
        volumes.sort_by_key(|volume| volume.workload);
        let Some(tariff) = Tariff::of(plan, kind, volumes[0].workload) else { continue };
        for t in 0..plan.horizon.months {
            priced.extend(in_month(plan, kept, &tariff, &volumes, t));
        }
    }
    priced
}

/// What a kind of volume costs.
struct Tariff {
    category: Category,
    pool: Option<Id<Pool>>,
    provider: Option<Id<Provider>>,
    unit: &'static str,
    /// Base units of the plan (bytes) in one unit of the ledger.
    base_units: f64,
    steps: Vec<Step>,
}

/// One step of a tariff.
struct Step {
    /// Price of one base unit, where it is exact.
    exact: Option<Decimal>,
    /// The same, one value a draw.
    price: Vec<f64>,
    /// The volume in base units up to which it holds.
    up_to: f64,
}

impl Step {
    fn new(price: &Amount, up_to: f64, draws: Draws) -> Self {
        Self { exact: price.exact, price: Figure::of(price, draws).values(draws.count()), up_to }
    }
}

impl Tariff {
    /// The tariff of a kind; nothing where it has no price.
    fn of(plan: &Plan, kind: VolumeKind, workload: Id<Workload>) -> Option<Self> {
        let draws = plan.draws;
        let single = |amount| vec![Step::new(amount, f64::INFINITY, draws)];
        let in_bytes = |category, pool, provider, unit, steps| Self {
            category,
            pool,
            provider: Some(provider),
            unit,
            base_units: BYTES_PER_GB,
            steps,
        };
        Some(match kind {
            VolumeKind::Stored(pool, tier) => {
                let tier = &plan.storage_tiers[tier];
                let steps = slabs(&tier.prices, draws);
                in_bytes(Category::Storage, Some(pool), tier.provider, "GB-month", steps)
            }
            VolumeKind::ShortOfStay(pool, tier) => {
                let tier = &plan.storage_tiers[tier];
                let steps = slabs(&tier.prices, draws);
                let unit = "early-delete GB-month";
                in_bytes(Category::Storage, Some(pool), tier.provider, unit, steps)
            }
            VolumeKind::Retrieved(pool, tier) => {
                let tier = &plan.storage_tiers[tier];
                let steps = single(tier.retrieval_per_byte.as_ref()?);
                in_bytes(Category::Storage, Some(pool), tier.provider, "GB", steps)
            }
            VolumeKind::Requested(pool, tier) => {
                let tier = &plan.storage_tiers[tier];
                Self {
                    category: Category::Storage,
                    pool: Some(pool),
                    provider: Some(tier.provider),
                    unit: "request",
                    base_units: 1.0,
                    steps: single(tier.per_request.as_ref()?),
                }
            }
            VolumeKind::Transferred(provider, kind) => {
                let steps = slabs(plan.providers[provider].egress.get(&kind)?, draws);
                in_bytes(Category::Network, None, provider, "GB", steps)
            }
            VolumeKind::Bought => Self {
                category: Category::Service,
                pool: None,
                provider: plan.workloads[workload].provider,
                unit: "unit",
                base_units: 1.0,
                steps: single(plan.workloads[workload].unit_price.as_ref()?),
            },
        })
    }

    /// What `volume` base units cost in a draw.
    ///
    /// # Source
    /// Graduated tiers as providers bill them: each step's price for the part of the volume inside it.
    fn cost(&self, volume: f64, draw: usize) -> f64 {
        let mut from = 0.0;
        let mut cost = 0.0;
        for step in &self.steps {
            if volume > from {
                cost += (volume.min(step.up_to) - from) * step.price[draw];
            }
            from = step.up_to;
        }
        cost
    }
}

fn slabs(prices: &[TieredPrice], draws: Draws) -> Vec<Step> {
    let up_to = |price: &TieredPrice| price.up_to_bytes.unwrap_or(f64::INFINITY);
    prices.iter().map(|price| Step::new(&price.per_unit, up_to(price), draws)).collect()
}

fn in_month(
    plan: &Plan,
    kept: &Kept,
    tariff: &Tariff,
    volumes: &[&VolumeUse],
    t: usize,
) -> Option<Priced> {
    let draws = plan.draws.count();
    let mut volume = vec![0.0; draws];
    for one in volumes {
        add(&mut volume, &one.months[t]);
    }
    if volume.iter().all(|volume| *volume == 0.0) {
        return None;
    }
    let left = negotiated::factors(plan, tariff.provider, None).get(t).copied();
    let left = left.unwrap_or(Decimal::ONE);
    let cost: Vec<f64> = volume
        .iter()
        .enumerate()
        .map(|(draw, volume)| tariff.cost(*volume, draw) * to_f64(left))
        .collect();
    let quantity = quantised(mean(&volume) / tariff.base_units);
    let (total, list) = if let [Step { exact: Some(price), .. }] = tariff.steps.as_slice() {
        let list = quantity * *price * quantised(tariff.base_units);
        (list * left, list)
    } else {
        let list = volume.iter().enumerate().map(|(draw, volume)| tariff.cost(*volume, draw));
        (quantised(mean(&cost)), quantised(mean(&list.collect::<Vec<_>>())))
    };

    let mut parts = Parts::default();
    let mut by_cost = Vec::new();
    let mut by_volume = Vec::new();
    for one in volumes {
        let own = one.months[t].iter().zip(&volume).zip(&cost);
        let own = own.map(|((own, all), cost)| if *all > 0.0 { cost * own / all } else { 0.0 });
        let own: Vec<f64> = own.collect();
        by_cost.push(own.iter().sum());
        by_volume.push(one.months[t].iter().sum());
        let team = plan.workloads[one.workload].team;
        add(parts.teams.entry(team).or_insert_with(|| vec![0.0; draws]), &own);
        if kept.workloads.contains(&one.workload) {
            add(parts.workloads.entry(one.workload).or_insert_with(|| vec![0.0; draws]), &own);
        }
    }
    parts.total = cost;
    let amounts = split(total, &by_cost, 6).into_iter().zip(split(list, &by_cost, 6));
    let quantities = split(quantity, &by_volume, 6);
    let row =
        |((one, (amount, list)), quantity): ((&&VolumeUse, (Decimal, Decimal)), Decimal)| Row {
            t,
            workload: Some(one.workload),
            team: Some(plan.workloads[one.workload].team),
            pool: tariff.pool,
            provider: tariff.provider,
            category: tariff.category,
            purchase: None,
            quantity,
            unit: tariff.unit,
            amortised: amount,
            cash: amount,
            capex: Decimal::ZERO,
            list,
            origin: plan.workloads[one.workload].origin,
        };
    let rows = volumes.iter().zip(amounts).zip(quantities).map(row);
    let mut priced = Priced {
        t,
        pool: tariff.pool,
        provider: tariff.provider,
        rows: rows.filter(|row| !row.quantity.is_zero() || !row.amortised.is_zero()).collect(),
        categories: vec![(tariff.category, 1.0)],
        cash: parts.clone(),
        amortised: parts,
        asked: Vec::new(),
        utilization: Vec::new(),
    };
    support::add(plan, &mut priced);
    Some(priced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::testing::{DRAWS, amount, decimal, estimate, pool, small, span};
    use crate::estimate::Dist;
    use crate::ids::Arena;
    use crate::plan::StorageTier;
    use crate::plan::catalog::EgressKind;
    use crate::plan::pool::{PoolSupply, PoolTier};
    use crate::plan::price::PriceSource;

    fn step(per_unit: Amount, up_to_bytes: Option<f64>) -> TieredPrice {
        let source = PriceSource { as_of: None, source: None };
        TieredPrice { per_unit, up_to_bytes, source, origin: span(0) }
    }

    fn volume(workload: usize, kind: VolumeKind, bytes: f64) -> VolumeUse {
        VolumeUse { workload: Id::new(workload), kind, months: vec![vec![bytes; DRAWS]; 12] }
    }

    #[test]
    fn steps_apply_to_all_that_leaves_and_the_cost_splits_by_volume() {
        let (mut plan, _) = small();
        let mut provider = plan.providers.items()[0].clone();
        // 0.09 a GB to 10 TB, 0.085 to 50 TB, 0.07 above.
        let steps = vec![
            step(amount("0.00000000009"), Some(10e12)),
            step(amount("0.000000000085"), Some(50e12)),
            step(amount("0.00000000007"), None),
        ];
        provider.egress.insert(EgressKind::Internet, steps);
        plan.providers = Arena::new(vec![provider]);
        let kind = VolumeKind::Transferred(Id::new(0), EgressKind::Internet);
        let volumes = [volume(1, kind, 15e12), volume(0, kind, 45e12)];
        let priced = price(&plan, &Kept::default(), &volumes);
        assert_eq!(priced.len(), 12);
        // 10,000 × 0.09 + 40,000 × 0.085 + 10,000 × 0.07 = 5,000 for 60 TB.
        let amounts: Vec<_> = priced[0].rows.iter().map(|row| row.amortised).collect();
        assert_eq!(amounts, [decimal("3750"), decimal("1250")]);
        assert_eq!(priced[0].rows[0].quantity, decimal("45000"));
        assert!((priced[0].amortised.total[0] - 5000.0).abs() < 1e-6);
    }

    #[test]
    fn one_exact_price_is_quantity_times_price() {
        let (mut plan, _) = small();
        plan.storage_tiers = Arena::new(vec![StorageTier {
            name: "warm".into(),
            provider: Id::new(0),
            prices: vec![step(amount("0.000000000023"), None)],
            retrieval_per_byte: None,
            minimum_stay_hours: None,
            per_request: None,
            origin: span(0),
        }]);
        let tier = PoolTier { tier: Id::new(0), after_hours: 0.0, origin: span(0) };
        plan.pools = Arena::new(vec![pool("lake", PoolSupply::Storage(vec![tier]))]);
        let kind = VolumeKind::Stored(Id::new(0), Id::new(0));
        let priced = price(&plan, &Kept::default(), &[volume(0, kind, 1_234_567e9)]);
        assert_eq!(priced[3].rows[0].amortised, decimal("1234567") * decimal("0.023"));
        assert_eq!(priced[3].rows[0].unit, "GB-month");
        // What is read back costs nothing where the tier says so.
        let read = VolumeKind::Retrieved(Id::new(0), Id::new(0));
        assert!(price(&plan, &Kept::default(), &[volume(0, read, 1e12)]).is_empty());
    }

    #[test]
    fn requests_and_what_leaves_before_its_least_stay_are_billed_in_rows_of_their_own() {
        let (mut plan, _) = small();
        plan.storage_tiers = Arena::new(vec![StorageTier {
            name: "cold".into(),
            provider: Id::new(0),
            prices: vec![step(amount("0.000000000004"), None)],
            retrieval_per_byte: None,
            minimum_stay_hours: Some(2160.0),
            per_request: Some(amount("0.00003")),
            origin: span(0),
        }]);
        let tier = PoolTier { tier: Id::new(0), after_hours: 0.0, origin: span(0) };
        plan.pools = Arena::new(vec![pool("lake", PoolSupply::Storage(vec![tier]))]);
        let (early, requests) = (
            volume(0, VolumeKind::ShortOfStay(Id::new(0), Id::new(0)), 5e12),
            volume(0, VolumeKind::Requested(Id::new(0), Id::new(0)), 2e6),
        );
        let priced = price(&plan, &Kept::default(), &[early, requests]);
        let of = |unit: &str| {
            let mut rows = priced.iter().flat_map(|priced| &priced.rows);
            rows.find(|row| row.unit == unit).map(|row| (row.quantity, row.amortised))
        };
        assert_eq!(of("early-delete GB-month"), Some((decimal("5000"), decimal("20"))));
        assert_eq!(of("request"), Some((decimal("2000000"), decimal("60"))));
    }

    #[test]
    fn a_bought_unit_has_its_own_uncertain_price() {
        let (mut plan, _) = small();
        let mut workload = plan.workloads.items()[0].clone();
        workload.unit_price = Some(Amount {
            exact: None,
            estimate: estimate("unit", Dist::Uniform { low: 2.0, high: 3.0 }),
            ..amount("0")
        });
        plan.workloads = Arena::new(vec![workload]);
        let priced = price(&plan, &Kept::default(), &[volume(0, VolumeKind::Bought, 10.0)]);
        let total = &priced[0].amortised.total;
        assert!(total.iter().all(|cost| (20.0..30.0).contains(cost)));
        assert_eq!(priced[0].rows[0].amortised, quantised(mean(total)));
    }
}
