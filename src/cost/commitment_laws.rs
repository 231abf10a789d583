//! What is committed comes to what is billed, and to what is used and unused, in whatever plan.

use proptest::prelude::*;

use crate::calendar::{Date, days_between, plus_days};
use crate::capacity::example::{
    ORIGIN, amount, autoscaled, day, half_days, instance, levels, plan as example, price, serve,
    served_by_gpu, shape, with,
};
use crate::cost::ledger::{Category, Row};
use crate::ids::{Arena, Id};
use crate::money::{Decimal, quantised, to_f64};
use crate::outcome::Outcome;
use crate::pipeline;
use crate::plan::pool::{Commitment, CommitmentKind, Renew};
use crate::plan::price::{Amount, Purchase};
use crate::plan::{Plan, SavingsPlan};

/// Days of the horizon, from February to April 2027.
const DAYS: i32 = 89;

/// From which day on, until which, the share upfront in quarters; what it is of.
type Signed = (i32, i32, u32, u32);

fn signed() -> impl Strategy<Value = Vec<Signed>> {
    let one = (0..DAYS, 0..DAYS, 0_u32..5, 1_u32..9)
        .prop_map(|(a, b, upfront, of)| (a.min(b), a.max(b), upfront, of));
    prop::collection::vec(one, 0..4)
}

fn exact(per_hour: f64) -> Amount {
    Amount { exact: Some(quantised(per_hour)), ..amount(per_hour) }
}

fn commitment(name: &str, kind: CommitmentKind, (from, until, upfront, _): Signed) -> Commitment {
    Commitment {
        name: name.into(),
        kind,
        upfront: f64::from(upfront) / 4.0,
        from: plus_days(day("2027-02-01"), from),
        until: plus_days(day("2027-02-01"), until),
        renew: Renew::Decide,
        origin: ORIGIN,
    }
}

/// A pool at 10 an hour with nodes that are reserved at 6, and spend that is signed at 7 under one savings plan and at
/// list prices under none.
fn outcome(nodes: &[Signed], spends: &[Signed], needs: (u32, u32)) -> (Plan, Outcome) {
    let mut plan = example();
    plan.instances =
        Arena::new(vec![instance("g8", shape(), vec![price(Purchase::OnDemand, 10.0)])]);
    plan.savings_plans = Arena::new(vec![SavingsPlan {
        name: "compute".into(),
        provider: Id::new(0),
        term_months: None,
        upfront: 0.0,
        regions: Vec::new(),
        discounts: std::collections::BTreeMap::new(),
        general: None,
        rates: [(Id::new(0), Decimal::from(7))].into(),
        rate_origins: std::collections::BTreeMap::new(),
        origin: ORIGIN,
    }]);
    let pool = serve(&plan);
    let reserved = nodes.iter().enumerate().map(|(k, one)| {
        let of = CommitmentKind::Reserved {
            pool,
            nodes: one.3,
            instance: Id::new(0),
            per_hour: exact(6.0),
        };
        commitment(&format!("ri-{k}"), of, *one)
    });
    let spent = spends.iter().enumerate().map(|(k, one)| {
        let of = CommitmentKind::Spend {
            provider: Id::new(0),
            savings_plan: (k % 2 == 0).then(|| Id::new(0)),
            per_hour: exact(f64::from(one.3) * 4.3),
        };
        commitment(&format!("sp-{k}"), of, *one)
    });
    plan.commitments = Arena::new(reserved.chain(spent).collect());
    let (high, low) = (f64::from(needs.0), f64::from(needs.1));
    let mean = f64::midpoint(high, low);
    let mut shape = half_days(&plan);
    shape.amplitude.fill((high - low) / 2.0 / mean);
    let demand = levels(&plan, &[mean * 8.0; 3], Some(shape));
    let (plan, demand) =
        with(plan, vec![(autoscaled(served_by_gpu("chat", 1.0), 1, None), Some(demand))]);
    let outcome = pipeline::run_from(&plan, demand, day("2027-02-01"));
    (plan, outcome)
}

fn hours(from: Date, until: Date) -> Decimal {
    Decimal::from((days_between(from, until) + 1) * 24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// For every commitment: Σ effective = Σ billed = used + unused.
    #[test]
    fn commitments_come_to_what_is_billed_used_and_unused(
        nodes in signed(),
        spends in signed(),
        needs in (1_u32..12, 1_u32..12),
    ) {
        let (plan, outcome) = outcome(&nodes, &spends, needs);
        let sum = |of: &dyn Fn(&Row) -> bool, what: fn(&Row) -> Decimal| -> Decimal {
            outcome.ledger.rows.iter().filter(|row| of(row)).map(what).sum()
        };
        let (mut committed, mut unused) = (Decimal::ZERO, Decimal::ZERO);
        for spend in &outcome.spends {
            let CommitmentKind::Spend { per_hour, savings_plan, .. } = &spend.commitment.kind else {
                panic!("a spend")
            };
            let whole =
                per_hour.exact.unwrap() * hours(spend.commitment.from, spend.commitment.until);
            // Each by itself: what it costs over its term is what is paid for it.
            let effective: Decimal = spend.months.iter().map(|month| month.committed).sum();
            let billed: Decimal = spend.months.iter().map(|month| month.cash).sum();
            prop_assert_eq!(effective, whole);
            prop_assert_eq!(billed, whole);
            let rate = if savings_plan.is_some() { 7.0 } else { 10.0 };
            for month in &spend.months {
                let used: f64 = month.node_hours.iter().map(|(_, hours)| hours * rate).sum();
                let all = used + to_f64(month.unused);
                prop_assert!((all - to_f64(month.committed)).abs() < 1e-5, "{all} {month:?}");
                committed += month.committed;
                unused += month.unused;
            }
        }
        // All together, as the ledger has them.
        let of_spend = |row: &Row| row.purchase == Some(Purchase::SavingsPlan);
        let nobodys = |row: &Row| of_spend(row) && row.category == Category::Commitment;
        prop_assert_eq!(sum(&of_spend, |row| row.amortised), committed);
        prop_assert_eq!(sum(&of_spend, |row| row.cash), committed);
        prop_assert_eq!(sum(&nobodys, |row| row.amortised), unused);
        // And nodes: used or idle, each hour of the term.
        let reserved: Decimal = plan
            .commitments
            .items()
            .iter()
            .filter_map(|one| match &one.kind {
                CommitmentKind::Reserved { nodes, .. } => {
                    Some(Decimal::from(*nodes * 6) * hours(one.from, one.until))
                }
                CommitmentKind::Spend { .. } => None,
            })
            .sum();
        let of_nodes = |row: &Row| row.purchase == Some(Purchase::Reserved);
        prop_assert_eq!(sum(&of_nodes, |row| row.amortised), reserved);
        prop_assert_eq!(sum(&of_nodes, |row| row.cash), reserved);
        // Everything else is on demand, and paid as it runs.
        let total = sum(&|_| true, |row| row.amortised);
        let on_demand = sum(&|row| row.purchase == Some(Purchase::OnDemand), |row| row.amortised);
        prop_assert_eq!(total, committed + reserved + on_demand);
        prop_assert_eq!(total, sum(&|_| true, |row| row.cash));
    }
}
