//! A made-up but whole plan with outcomes, to develop and test reports against: five teams, three pools of
//! nodes and one of storage, twelve months, 200 draws, three scenarios, budgets over and under, a failed
//! policy. Every figure follows from the few numbers below.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::view::money::quantile;
use super::{BudgetView, Provenance, view};
use crate::calendar::{Calendar, Date, FiscalCalendar, FiscalLabel, Horizon, Month, parse_date};
use crate::capacity::need::{
    Cause, InstanceChoice, NodesFor, RankedCandidate, Resource, Sizing, VolumeKind, VolumeUse,
};
use crate::cost::gates::{BudgetOutcome, PolicyOutcome, Verdict};
use crate::cost::ledger::{Category, Chargeback, CostDraws, Ledger, Row, TeamCharge};
use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::draws::Draws;
use crate::estimate::{Dist, Estimate, Z_95};
use crate::explain::sensitivity::{Mover, Uncertainty};
use crate::forecast::demand::{Backtest, Demand, Fitted, LevelSpan, WorkloadDemand};
use crate::ids::{Arena, Id};
use crate::money::{Currency, Decimal, quantised};
use crate::outcome::{Outcome, Outcomes};
use crate::plan::budget::{Basis, BudgetOwner, Phasing};
use crate::plan::catalog::{DepreciationConvention, NodeShape};
use crate::plan::policy::{Bound, Metric, Requirement, Selector};
use crate::plan::pool::{Candidate, PoolSupply, PoolTier};
use crate::plan::price::{Amount, InstancePrice, PriceSource, Purchase, TieredPrice};
use crate::plan::workload::{
    DemandAt, Fit, HistoryFrom, HistoryRef, Redundancy, Serving, TableRef, WorkloadKind,
};
use crate::plan::{
    Assumption, Budget, CheckedPlan, Department, Fx, GpuModel, Instance, Owned, Plan, Policy, Pool,
    Provider, Scenario, StorageTier, Team, Workload,
};
use crate::procure::supply::PoolMonth;
use crate::procure::week::WeekRisk;
use crate::source::{FileId, SourceFile, Sources, Span};

const DRAWS: usize = 200;

/// What a test may put in place of the plan's own words.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) plan: String,
    pub(super) team: String,
    pub(super) note: String,
    pub(super) scenario: String,
    /// How far the plan looks.
    pub(super) months: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            plan: "northwind-ml".to_owned(),
            team: "assistant".to_owned(),
            note: "Finance has not yet confirmed the renewal".to_owned(),
            scenario: "High growth, 7% a month".to_owned(),
            months: 12,
        }
    }
}

/// The report of the made-up plan.
pub(super) fn report(words: &Words) -> BudgetView {
    let (plan, outcomes) = plan_and_outcomes(words);
    view(&plan, &outcomes, provenance())
}

pub(super) fn provenance() -> Provenance {
    Provenance {
        as_of: day("2026-11-23"),
        revision: Some("7c1f9e2ab0447d19+dirty".to_owned()),
        seed: 20_261_123,
        draws: DRAWS,
        version: "0.1.0",
        digests: vec![
            (
                "plan.kdl".to_owned(),
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            ),
            (
                "pools.kdl".to_owned(),
                "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".to_owned(),
            ),
        ],
        command: "capplan report plans/northwind --as-of 2026-11-23".to_owned(),
    }
}

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn at(line: u32) -> Span {
    Span { file: FileId(0), start: line * 10, len: 4 }
}

fn fixed(value: f64) -> Amount {
    Amount {
        exact: Decimal::try_from(value).ok(),
        estimate: Estimate::fixed(value, at(1)),
        written_in: Currency::new("USD").unwrap(),
    }
}

/// Three assumptions: one that rises with the total, one that falls, one of a workload.
fn uncertainty(plan: &Plan, draws: &CostDraws) -> Uncertainty {
    let mut total = super::view::money::sum_by_draw(&draws.total);
    total.sort_by(f64::total_cmp);
    let at = |p| quantile(&total, p).unwrap();
    let mover = |key: String, correlation, low, high| Mover {
        held: None,
        is_chance: false,
        key,
        origin: self::at(9),
        correlation,
        swing: (at(low), at(high)),
    };
    let first = &plan.workloads[Id::new(0)].name;
    Uncertainty {
        assumptions: 7,
        movers: vec![
            mover("let/organic-growth".to_owned(), 0.81, 0.15, 0.85),
            mover("let/cache-hit-ratio".to_owned(), -0.42, 0.7, 0.3),
            mover(format!("workload/{first}/demand"), 0.3, 0.4, 0.6),
        ],
    }
}

fn team(name: &str, department: usize, center: Option<&str>) -> Team {
    Team {
        name: name.to_owned(),
        department: Some(Id::new(department)),
        cost_center: center.map(str::to_owned),
        owner: None,
        origin: at(2),
    }
}

fn plan(words: &Words) -> Plan {
    let currency = Currency::new("USD").unwrap();
    let teams = vec![
        team(&words.team, 0, Some("CC-4101")),
        team("research", 1, Some("CC-4200")),
        team("search", 0, Some("CC-4102")),
        team("speech", 0, None),
        team("vision", 0, Some("CC-4107")),
    ];
    Plan {
        name: words.plan.clone(),
        as_of: None,
        horizon: Horizon { first: Month::new(2027, 2), months: words.months },
        currency,
        fx: BTreeMap::from([(
            Currency::new("EUR").unwrap(),
            Fx {
                rate: Decimal::new(109, 2),
                as_of: Some(day("2026-11-20")),
                source: Some("ECB reference rate".to_owned()),
                origin: at(3),
            },
        )]),
        fiscal: FiscalCalendar {
            starts: 2,
            label: FiscalLabel::StartYear,
            months: Calendar::Gregorian,
        },
        draws: Draws::new(20_261_123, DRAWS),
        procurement: None,
        assumptions: assumptions(words),
        departments: Arena::new(vec![
            Department {
                name: "products".to_owned(),
                cost_center: Some("CC-4100".to_owned()),
                owner: None,
                origin: at(1),
            },
            Department {
                name: "science".to_owned(),
                cost_center: None,
                owner: None,
                origin: at(1),
            },
        ]),
        teams: Arena::new(teams),
        projects: Arena::default(),
        environments: Arena::default(),
        gpus: Arena::new(vec![GpuModel {
            name: "h100".to_owned(),
            memory_bytes: Some(80e9),
            power_watts: Some(700.0),
            bandwidth_bytes_per_second: None,
            peak_flops: BTreeMap::new(),
            origin: at(1),
        }]),
        providers: Arena::new(vec![Provider {
            name: "aws".to_owned(),
            regions: vec!["us-east-1".to_owned()],
            price_list: None,
            egress: BTreeMap::new(),
            currency: None,
            support_share: None,
            negotiated: Vec::new(),
            credits: Vec::new(),
            origin: at(1),
        }]),
        instances: Arena::new(vec![
            instance("c8g.16xlarge", 0.0, 64.0, 2.55),
            instance("p4d.24xlarge", 8.0, 96.0, 21.96),
            instance("p5.48xlarge", 8.0, 192.0, 55.04),
        ]),
        savings_plans: Arena::default(),
        storage_tiers: Arena::new(vec![StorageTier {
            name: "s3-standard".to_owned(),
            provider: Id::new(0),
            prices: vec![TieredPrice {
                per_unit: fixed(0.000_000_000_023),
                up_to_bytes: None,
                source: PriceSource { as_of: Some(day("2026-09-06")), source: None },
                origin: at(4),
            }],
            retrieval_per_byte: None,
            minimum_stay_hours: None,
            per_request: None,
            origin: at(4),
        }]),
        owned: Arena::new(vec![Owned {
            name: "hgx-h100".to_owned(),
            gpu: Some(Id::new(0)),
            shape: NodeShape {
                gpus: 8.0,
                cores: 112.0,
                memory_bytes: 2e12,
                ..NodeShape::default()
            },
            depreciate_months: Some(48),
            convention: DepreciationConvention::FullMonth,
            residual_share: 0.0,
            power_kilowatts: 10.2,
            pue: 1.3,
            power_price_per_kwh: None,
            hosting_per_node_month: None,
            support_share_per_year: 0.0,
            staff: None,
            availability: None,
            lots: Vec::new(),
            origin: at(4),
        }]),
        pools: Arena::new(vec![
            pool("cpu-web", PoolSupply::Instances(candidates(&[0]))),
            pool("gpu-serving", PoolSupply::Instances(candidates(&[2, 1]))),
            pool("gpu-training", PoolSupply::Owned(Id::new(0))),
            pool(
                "logs",
                PoolSupply::Storage(vec![PoolTier {
                    tier: Id::new(0),
                    after_hours: 0.0,
                    origin: at(5),
                }]),
            ),
        ]),
        commitments: Arena::default(),
        priorities: Arena::default(),
        cohorts: Arena::default(),
        quotas: Arena::default(),
        measure_sources: Arena::default(),
        workloads: Arena::new(vec![
            workload("chat", WorkloadKind::Inference, 0, Some(1), Some(("req", true))),
            workload("feature-store", WorkloadKind::Storage, 2, Some(3), Some(("byte", false))),
            workload("pretrain", WorkloadKind::Training, 1, Some(2), None),
            workload("ranker", WorkloadKind::Inference, 2, Some(0), Some(("req", true))),
            workload("transcribe", WorkloadKind::Inference, 3, Some(1), Some(("token", true))),
            workload("video-tags", WorkloadKind::Batch, 4, Some(2), None),
        ]),
        budgets: Arena::new(vec![
            budget(
                "assistant-q1",
                vec![BudgetOwner::Team(Id::new(0))],
                (2027, 2),
                3,
                820_000,
                Basis::Amortised,
                0.5,
            ),
            budget("company", Vec::new(), (2027, 2), 12, 9_600_000, Basis::Amortised, 0.8),
            budget("company-cash", Vec::new(), (2027, 2), 12, 11_000_000, Basis::Cash, 0.5),
            budget(
                "research",
                vec![BudgetOwner::Team(Id::new(1))],
                (2027, 2),
                12,
                4_100_000,
                Basis::Amortised,
                0.5,
            ),
            budget(
                "search",
                vec![BudgetOwner::Team(Id::new(2))],
                (2027, 2),
                12,
                1_400_000,
                Basis::Amortised,
                0.5,
            ),
            budget(
                "vision-2027",
                vec![BudgetOwner::Team(Id::new(4))],
                (2027, 8),
                12,
                1_100_000,
                Basis::Amortised,
                0.5,
            ),
        ]),
        shared_costs: Arena::default(),
        policies: Arena::new(vec![
            policy("no-shortfall", Metric::Shortfall, "0 nodes", 0.0, true),
            policy("price-age", Metric::PriceAge, "90 days", 90.0, false),
            policy("queue", Metric::QueueWait, "4 hours", 4.0, true),
            policy("spot-cap", Metric::SpotShare, "40%", 0.4, true),
        ]),
    }
}

fn assumptions(words: &Words) -> Vec<Assumption> {
    let assumption =
        |name: &str, text: &str, title: Option<&str>, review: &str, line: u32| Assumption {
            name: name.to_owned(),
            text: text.to_owned(),
            value: Some(Estimate {
                dist: Dist::interval(0.03, 0.06, Z_95),
                key: Arc::from(name),
                origin: at(line),
            }),
            title: title.map(str::to_owned),
            source: Some("Long-range plan, October 2026".to_owned()),
            as_of: Some(day("2026-10-30")),
            review_by: Some(day(review)),
            note: Some(words.note.clone()),
            origin: at(line),
        };
    vec![
        assumption("chat-growth", "3% to 6% / month", Some("Growth of chat"), "2027-03-31", 6),
        assumption("spot-price", "22 to 34 USD/hour", None, "2026-11-01", 9),
    ]
}

fn instance(name: &str, gpus: f64, cores: f64, price: f64) -> Instance {
    let at_price = |purchase, per_hour: f64, term_months| InstancePrice {
        purchase,
        by_risk: None,
        per_hour: fixed(per_hour),
        region: Some("us-east-1".to_owned()),
        term_months,
        upfront: 0.0,
        interruption_per_day: None,
        availability: None,
        source: PriceSource {
            as_of: Some(day("2026-09-06")),
            source: Some("https://aws.amazon.com/ec2/pricing/on-demand/".to_owned()),
        },
        origin: at(4),
    };
    Instance {
        name: name.to_owned(),
        provider: Id::new(0),
        gpu: (gpus > 0.0).then(|| Id::new(0)),
        shape: NodeShape { gpus, cores, memory_bytes: 2e12, ..NodeShape::default() },
        prices: vec![
            at_price(Purchase::OnDemand, price, None),
            at_price(Purchase::Reserved, (price * 61.0).round() / 100.0, Some(12)),
        ],
        blocks: Vec::new(),
        price_trend_per_month: None,
        origin: at(4),
    }
}

fn candidates(instances: &[usize]) -> Vec<Candidate> {
    let candidate = |index: &usize| Candidate {
        instance: Id::new(*index),
        region: Some("us-east-1".to_owned()),
        origin: at(5),
    };
    instances.iter().map(candidate).collect()
}

fn pool(name: &str, supply: PoolSupply) -> Pool {
    Pool {
        name: name.to_owned(),
        supply,
        start: BTreeMap::new(),
        limits: Vec::new(),
        limit_increases: Vec::new(),
        lead_time_hours: BTreeMap::new(),
        target_utilization: 0.65,
        buy: None,
        floors: BTreeMap::new(),
        fragmentation_loss: 0.0,
        gang: false,
        fair_sharing: false,
        node_failures_per_day: None,
        spot_share: 1.0,
        spot_fallback: crate::plan::pool::SpotFallback::OnDemand { after_hours: 0.0 },
        spot_loss: crate::plan::pool::SpotLoss::default(),
        risk_tolerance: None,
        origin: at(5),
    }
}

fn workload(
    name: &str,
    kind: WorkloadKind,
    team: usize,
    pool: Option<usize>,
    demand: Option<(&str, bool)>,
) -> Workload {
    Workload {
        name: name.to_owned(),
        kind,
        team: Id::new(team),
        project: None,
        environment: None,
        pool: pool.map(Id::new),
        provider: None,
        priority: None,
        interruptible: false,
        demand: demand.map(|(unit, is_rate)| crate::plan::workload::Demand {
            base: None,
            unit: unit.to_owned(),
            is_rate,
            at: DemandAt::Mean,
            follows: None,
            history: Some(HistoryRef {
                from: HistoryFrom::Table(TableRef {
                    path: format!("data/{name}.csv"),
                    ..TableRef::default()
                }),
                fit: Fit::Auto,
                scale: 1.0,
                origin: at(7),
            }),
            growth: Vec::new(),
            events: Vec::new(),
            origin: at(7),
        }),
        serving: Serving::None,
        needs: Vec::new(),
        holds: None,
        cache_hit_ratio: None,
        cache_curve: None,
        conversions: Vec::new(),
        redundancy: Redundancy::default(),
        egress: Vec::new(),
        autoscale: None,
        runs: Vec::new(),
        storage: None,
        unit_price: None,
        reports_cost_per: (name == "chat").then(|| (1e6, "req".to_owned())),
        origin: at(7),
    }
}

fn budget(
    name: &str,
    owners: Vec<BudgetOwner>,
    (year, month): (i16, i8),
    months: usize,
    amount: i64,
    basis: Basis,
    confidence: f64,
) -> Budget {
    Budget {
        name: name.to_owned(),
        owners,
        first: Month::new(year, month),
        months,
        period_label: if months == 12 { "FY2027".to_owned() } else { "FY2027-Q1".to_owned() },
        amount: Decimal::from(amount),
        opex: None,
        capex: None,
        basis,
        confidence,
        phasing: Phasing::Even,
        warn_at: vec![0.9],
        origin: at(8),
    }
}

fn policy(name: &str, metric: Metric, limit_text: &str, limit: f64, fails: bool) -> Policy {
    Policy {
        name: name.to_owned(),
        fails,
        require: Requirement {
            select: Selector { pool: Some("gpu-*".to_owned()), ..Selector::default() },
            metric,
            bound: Bound::AtMost,
            limit,
            limit_text: limit_text.to_owned(),
            over_months: None,
            confidence: 0.95,
            origin: at(8),
        },
        because: Some("Chat must answer at Christmas".to_owned()),
        waiver: None,
        origin: at(8),
    }
}

/// A path of growth: one factor a month and draw, spreading with time.
fn growth(months: usize, name: &str, rate: f64, spread: f64) -> Vec<Vec<f64>> {
    let draws = Draws::new(20_261_123, DRAWS);
    let rates = draws.values_of(&Dist::Normal { mean: rate, sd: spread, floor: None }, name);
    (0..months)
        .map(|t| rates.iter().map(|rate| libm::pow(1.0 + rate, t as f64)).collect())
        .collect()
}

#[derive(Clone, Copy)]
struct PoolSketch {
    pool: usize,
    base: f64,
    exists: f64,
    limit: f64,
    rate: f64,
    price: f64,
}

fn pool_months(months: usize, sketch: PoolSketch) -> Vec<PoolMonth> {
    let factors = growth(months, &format!("pool/{}", sketch.pool), sketch.rate, 0.012);
    (0..months)
        .map(|t| {
            let need: Vec<f64> =
                factors[t].iter().map(|factor| (sketch.base * factor).ceil()).collect();
            let exists = if t < 4 { sketch.exists } else { (sketch.exists * 1.25).floor() };
            let available = sketch.limit.max(exists);
            let short: Vec<f64> = need.iter().map(|need| (need - available).max(0.0)).collect();
            let hours = f64::from(Month::new(2027, 2).plus(i32::try_from(t).unwrap()).hours());
            let run: Vec<f64> =
                need.iter().map(|need| need.min(available).max(exists) * hours).collect();
            PoolMonth {
                pool: Id::new(sketch.pool),
                t,
                need_mean: need.iter().map(|need| need * 0.8).collect(),
                need_peak: need,
                available: vec![available; DRAWS],
                existing: vec![exists; DRAWS],
                node_hours: BTreeMap::from([(Purchase::OnDemand, run)]),
                lost: Vec::new(),
                short_node_hours: short.iter().map(|short| short * 40.0).collect(),
                short_peak: short,
                short_from: vec![f64::INFINITY; DRAWS],
                week: WeekRisk::default(),
                resources: Vec::new(),
                supplied: BTreeMap::new(),
            }
        })
        .collect()
}

fn outcome(plan: &Plan, faster: f64) -> Outcome {
    let months = plan.horizon.months;
    let sketches = [
        PoolSketch {
            pool: 0,
            base: 14.0,
            exists: 0.0,
            limit: f64::INFINITY,
            rate: 0.02 + faster,
            price: 2.55,
        },
        PoolSketch {
            pool: 1,
            base: 9.2,
            exists: 8.0,
            limit: 14.0,
            rate: 0.043 + faster,
            price: 41.0,
        },
        PoolSketch {
            pool: 2,
            base: 16.0,
            exists: 16.0,
            limit: 20.0,
            rate: 0.012 + faster,
            price: 24.0,
        },
    ];
    let pool_months: Vec<PoolMonth> =
        sketches.iter().flat_map(|s| pool_months(months, *s)).collect();
    let mut ledger = Ledger::default();
    let mut draws = CostDraws {
        total: vec![vec![0.0; DRAWS]; months],
        total_cash: vec![vec![0.0; DRAWS]; months],
        unborne: vec![vec![0.0; DRAWS]; months],
        ..CostDraws::default()
    };
    let stored = growth(months, "volume", 0.03, 0.01);
    for month in &pool_months {
        let sketch = sketches[month.pool.index()];
        let hours = &month.node_hours[&Purchase::OnDemand];
        let cost: Vec<f64> = hours.iter().map(|hours| hours * sketch.price).collect();
        let split: &[(Category, f64, Option<usize>)] = match month.pool.index() {
            0 => &[(Category::Compute, 0.7, Some(3)), (Category::Memory, 0.3, Some(3))],
            1 => &[
                (Category::Gpu, 0.62, Some(0)),
                (Category::Gpu, 0.26, Some(4)),
                (Category::Gpu, 0.12, None),
            ],
            _ => &[
                (Category::Gpu, 0.7, Some(2)),
                (Category::Gpu, 0.2, Some(5)),
                (Category::Gpu, 0.1, None),
            ],
        };
        for (category, share, workload) in split {
            let part: Vec<f64> = cost.iter().map(|cost| cost * share).collect();
            book(plan, &mut ledger, &mut draws, month.t, *category, *workload, &part);
        }
    }
    for (t, factors) in stored.iter().enumerate() {
        let storage: Vec<f64> = factors.iter().map(|factor| 61_000.0 * factor).collect();
        book(plan, &mut ledger, &mut draws, t, Category::Storage, Some(1), &storage);
        book(plan, &mut ledger, &mut draws, t, Category::Network, Some(1), &vec![9_500.0; DRAWS]);
        book(
            plan,
            &mut ledger,
            &mut draws,
            t,
            Category::Support,
            None,
            &vec![18_333.333_333; DRAWS],
        );
    }
    ledger.rows[0].capex = Decimal::from(4_192_000);
    // Months stand together, as in every ledger.
    ledger.rows.sort_by_key(|row| row.t);
    let chargeback = chargeback(plan, &ledger, &mut draws);
    let budgets = budgets(plan, &ledger, &draws, &chargeback);
    let demand = demand(months, faster);
    let unit_costs = crate::cost::unit_economics::unit_costs(plan, &demand, &ledger);
    let policies = policies(&pool_months);
    Outcome {
        spends: Vec::new(),
        autoscaling: Vec::new(),
        uncertainty: uncertainty(plan, &draws),
        measures: crate::cost::measures::Measures::default(),
        demand,
        sizings: sizings(months),
        run_times: Vec::new(),
        headroom: crate::headroom::headroom(
            plan,
            &pool_months,
            &sizings(months),
            day("2026-11-23"),
            crate::headroom::CONFIDENCE,
        ),
        choices: vec![
            InstanceChoice {
                pool: Id::new(0),
                ranked: vec![RankedCandidate {
                    candidate: 0,
                    nodes: 17.0,
                    cost_per_month: Some(31_645.5),
                    rejected: None,
                }],
            },
            InstanceChoice {
                pool: Id::new(1),
                ranked: vec![
                    RankedCandidate {
                        candidate: 0,
                        nodes: 14.0,
                        cost_per_month: Some(562_508.8),
                        rejected: None,
                    },
                    RankedCandidate {
                        candidate: 1,
                        nodes: 41.0,
                        cost_per_month: None,
                        rejected: Some("80 GB a GPU are needed, it has 40".to_owned()),
                    },
                ],
            },
        ],
        schedule: None,
        pool_months,
        queues: crate::queues::Queues::default(),
        volumes: vec![VolumeUse {
            workload: Id::new(1),
            kind: VolumeKind::Stored(Id::new(3), Id::new(0)),
            months: stored.iter().map(|f| f.iter().map(|f| f * 2.65e15).collect()).collect(),
        }],
        ledger,
        draws,
        chargeback,
        unit_costs,
        budgets,
        policies,
    }
}

fn book(
    plan: &Plan,
    ledger: &mut Ledger,
    draws: &mut CostDraws,
    t: usize,
    category: Category,
    workload: Option<usize>,
    values: &[f64],
) {
    let amount = quantised(values.iter().sum::<f64>() / values.len() as f64);
    let workload: Option<Id<Workload>> = workload.map(Id::new);
    ledger.rows.push(Row {
        t,
        workload,
        team: workload.map(|id| plan.workloads[id].team),
        pool: workload.and_then(|id| plan.workloads[id].pool),
        provider: Some(Id::new(0)),
        category,
        purchase: (category == Category::Gpu).then_some(Purchase::OnDemand),
        quantity: quantised(730.0),
        unit: "GPU-hour",
        amortised: amount,
        cash: amount,
        capex: Decimal::ZERO,
        origin: at(7),
    });
    let by_category = draws
        .by_category
        .entry(category)
        .or_insert_with(|| vec![vec![0.0; DRAWS]; plan.horizon.months]);
    for draw in 0..DRAWS {
        draws.total[t][draw] += values[draw];
        draws.total_cash[t][draw] += values[draw];
        by_category[t][draw] += values[draw];
    }
}

/// Idle is split over teams by direct cost but for a tenth; `speech` gives a little to the others.
fn chargeback(plan: &Plan, ledger: &Ledger, draws: &mut CostDraws) -> Chargeback {
    let months = plan.horizon.months;
    let zero = || vec![Decimal::ZERO; months];
    let mut teams: Vec<TeamCharge> = plan
        .teams
        .ids()
        .map(|team| TeamCharge { team, direct: zero(), idle: zero(), shared: zero() })
        .collect();
    let (mut idle, mut invoice) = (zero(), zero());
    for row in &ledger.rows {
        invoice[row.t] += row.amortised;
        match row.team {
            Some(team) => teams[team.index()].direct[row.t] += row.amortised,
            None => idle[row.t] += row.amortised,
        }
    }
    for (t, idle) in idle.iter_mut().enumerate() {
        let weights: Vec<f64> =
            teams.iter().map(|team| crate::money::to_f64(team.direct[t])).collect();
        let spread = (*idle * Decimal::new(9, 1)).round_dp(6);
        for (team, part) in teams.iter_mut().zip(crate::money::split(spread, &weights, 6)) {
            team.idle[t] = part;
        }
        *idle -= spread;
        let moved = Decimal::new(21_000, 0);
        teams[3].shared[t] -= moved;
        for (team, part) in [0, 1, 2, 4].into_iter().zip(crate::money::split(moved, &[1.0; 4], 6)) {
            teams[team].shared[t] += part;
        }
    }
    for team in &teams {
        let by_month = (0..months)
            .map(|t| {
                let share = crate::money::to_f64(team.total(t) / invoice[t]);
                draws.total[t].iter().map(|total| total * share).collect()
            })
            .collect();
        draws.by_team.insert(team.team, by_month);
    }
    Chargeback { teams, idle, invoice, by_rule: Vec::new() }
}

fn budgets(
    plan: &Plan,
    ledger: &Ledger,
    draws: &CostDraws,
    chargeback: &Chargeback,
) -> Vec<BudgetOutcome> {
    plan.budgets
        .iter()
        .map(|(id, budget)| {
            let months = (0..budget.months).map(|m| budget.first.plus(i32::try_from(m).unwrap()));
            let covered: Vec<usize> =
                months.filter_map(|month| plan.horizon.index(month)).collect();
            let share = Decimal::from(covered.len()) / Decimal::from(budget.months);
            let amount = (budget.amount * share).round_dp(6);
            let (by_month, per_draw): (Vec<Decimal>, &Vec<Vec<f64>>) = match budget.owners.first() {
                Some(BudgetOwner::Team(team)) => (
                    covered.iter().map(|t| chargeback.teams[team.index()].total(*t)).collect(),
                    &draws.by_team[team],
                ),
                _ => (
                    covered
                        .iter()
                        .map(|t| {
                            ledger.rows.iter().filter(|r| r.t == *t).map(|r| r.amortised).sum()
                        })
                        .collect(),
                    &draws.total,
                ),
            };
            let mut sums: Vec<f64> =
                (0..DRAWS).map(|d| covered.iter().map(|t| per_draw[*t][d]).sum()).collect();
            sums.sort_by(f64::total_cmp);
            let at = |p: f64| quantile(&sums, p).unwrap();
            let limit = crate::money::to_f64(amount);
            let at_confidence = at(budget.confidence);
            BudgetOutcome {
                budget: id,
                amount,
                amount_by_month: crate::money::split(amount, &vec![1.0; covered.len()], 6),
                forecast: by_month.iter().sum(),
                forecast_by_month: by_month,
                quantiles: [at(0.1), at(0.5), at(0.9)],
                at_confidence,
                within: sums.iter().filter(|sum| **sum <= limit).count() as f64 / DRAWS as f64,
                passes: at_confidence <= limit,
                first_breach: (at_confidence > limit).then(|| plan.horizon.last()),
                warned: (at(0.5) > 0.9 * limit && at_confidence <= limit).then_some(0.9),
                covered,
            }
        })
        .collect()
}

fn policies(months: &[PoolMonth]) -> Vec<PolicyOutcome> {
    let first = months
        .iter()
        .find(|m| m.short_peak.iter().filter(|n| **n > 0.0).count() * 20 > DRAWS)
        .map(|m| Month::new(2027, 2).plus(i32::try_from(m.t).unwrap()));
    let outcome = |index, verdict, observed| PolicyOutcome {
        policy: Id::new(index),
        verdict,
        worst: None,
        observed,
        at_confidence: None,
        first_failure: None,
        contributor: None,
    };
    vec![
        PolicyOutcome {
            worst: Some("gpu-serving".to_owned()),
            at_confidence: Some(3.0),
            first_failure: first,
            contributor: Some("chat, 9 of 15 nodes".to_owned()),
            ..outcome(
                0,
                if first.is_some() { Verdict::Fails } else { Verdict::Holds },
                Some((1.0, 3.0)),
            )
        },
        outcome(1, Verdict::Holds, Some((78.0, 78.0))),
        outcome(2, Verdict::NotEvaluated("queues are not simulated yet".to_owned()), None),
        outcome(3, Verdict::Holds, Some((0.0, 0.0))),
    ]
}

fn demand(months: usize, faster: f64) -> Demand {
    let paths = |name: &str, base: f64, fitted| {
        let levels = growth(months, name, 0.04 + faster, 0.012);
        let spans = levels.into_iter().enumerate().map(|(t, factors)| {
            let month = Month::new(2027, 2).plus(i32::try_from(t).unwrap());
            LevelSpan {
                t,
                from: month.first_day(),
                until: month.plus(1).first_day(),
                level: factors.iter().map(|factor| base * factor).collect(),
                capacity_factor: None,
            }
        });
        Some(WorkloadDemand { spans: spans.collect(), shape: None, fitted })
    };
    let fitted = Fitted {
        observed: (0..18).map(|m| (Month::new(2025, 6).plus(m), 100.0 + f64::from(m))).collect(),
        observed_peak: Vec::new(),
        method: "theta; season of the week".to_owned(),
        maxima: (0..months).map(|t| [150.0, 180.0, 190.0].map(|peak| peak + t as f64)).collect(),
        backtests: vec![Backtest {
            months: 6,
            error: 0.071,
            naive_error: 0.132,
            coverage_80: 0.83,
        }],
        remarks: vec!["3 gaps of at most 2 hours were bridged".to_owned()],
    };
    Demand {
        workloads: vec![
            paths("chat", 180.0, Some(fitted)),
            paths("feature-store", 2.65e15, None),
            None,
            paths("ranker", 2_400.0, None),
            paths("transcribe", 1_150_000.0, None),
            None,
        ],
    }
}

fn sizings(months: usize) -> Vec<Sizing> {
    let sizing = |workload, pool, counted, base: f64, bottleneck, next, headroom: &str| Sizing {
        workload: Id::new(workload),
        pool: Id::new(pool),
        counted,
        peak: (0..months).map(|t| (base + t as f64, (base + t as f64 * 1.4).ceil())).collect(),
        by_resource: vec![(bottleneck, 9.0), (next, 4.5)],
        headroom: headroom.to_owned(),
        requires: [(bottleneck, 9.0), (next, 4.5)]
            .into_iter()
            .map(|(resource, nodes): (Resource, f64)| NodesFor {
                cause: if resource == Resource::Gpu {
                    Cause::Gpu
                } else if resource == Resource::Cpu {
                    Cause::Cpu
                } else {
                    Cause::Memory
                },
                nodes,
                stated: true,
            })
            .collect(),
        latency: None,
        model: None,
    };
    vec![
        sizing(
            3,
            0,
            "replica",
            120.0,
            Resource::Cpu,
            Resource::Memory,
            "target utilisation 65% → 1 spare × 2 zones",
        ),
        sizing(
            0,
            1,
            "gpu",
            46.0,
            Resource::Gpu,
            Resource::Memory,
            "buffer 30% → target utilisation 65% → 1 spare",
        ),
        sizing(4, 1, "replica", 20.0, Resource::Gpu, Resource::Cpu, ""),
        sizing(2, 2, "gpu", 96.0, Resource::Gpu, Resource::Cpu, ""),
    ]
}

static UNUSED_WORD: Code = Code {
    id: "capplan::no_effect",
    family: Family::Model,
    severity: Severity::Note,
    title: "a word changes no figure yet",
    page: "",
};

/// The plan and its outcomes.
pub(super) fn plan_and_outcomes(words: &Words) -> (CheckedPlan, Outcomes) {
    let base = plan(words);
    let mut sources = Sources::default();
    let text = "// a line\n".repeat(20);
    sources.add(SourceFile::new("plan.kdl".to_owned(), Arc::from(text.as_str())));
    let scenario = |name: &str, title: Option<&str>, probability| Scenario {
        name: name.to_owned(),
        title: title.map(str::to_owned),
        probability,
        plan: base.clone(),
        origin: at(9),
    };
    let scenarios = vec![
        scenario("flat", Some("Growth stops"), Some(0.2)),
        scenario("high-growth", Some(&words.scenario), Some(0.3)),
        scenario("slip", None, None),
    ];
    let outcomes = Outcomes {
        scenarios: vec![outcome(&base, -0.035), outcome(&base, 0.03), outcome(&base, 0.008)],
        base: outcome(&base, 0.0),
    };
    let warnings = vec![
        Diagnostic::new(&UNUSED_WORD, "`latency` changes no figure yet")
            .at(at(7), "here")
            .help("queues are simulated by a later version"),
    ];
    let plan = CheckedPlan { base, scenarios, comparisons: Vec::new(), sources, warnings };
    (plan, outcomes)
}
