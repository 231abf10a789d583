//! A whole plan in a retail calendar: its months have their weeks in every figure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::Path;

use capplan::calendar::Date;
use capplan::cost::ledger::Row;
use capplan::money::Decimal;
use capplan::outcome::Outcomes;
use capplan::plan::CheckedPlan;
use capplan::plan::price::Purchase;
use capplan::report::{self, BudgetView, Provenance};
use capplan::{history, language, pipeline};
use serde_json::Value;

/// Four nodes on demand and two reserved, the same in every hour.
fn plan(calendar: &str, months: usize, period: &str) -> String {
    format!(
        r#"plan "shop" {{
    version 1; as-of "2026-11-23"; horizon from="2027-02" months={months}; currency USD
    fiscal-year starts=february label=start-year {{ {calendar}; }}
    draws 10
}}
team "search"
environment "production"
gpu "h100" {{ memory "80 GB"; peak bf16 "989 TFLOP/s"; }}
provider "aws" {{
    region "us-east-1"
    price-list as-of="2026-11-20" source="list"
    instance "p5.48xlarge" {{ gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "55.04 USD/hour"; price reserved "33.01 USD/hour" term="12 months" upfront="50%"; }}
}}
pool "serving" {{ instance "p5.48xlarge" region="us-east-1"; limit 40; target-utilization "100%"; }}
commitment "ri" {{ pool "serving"; reserved 2 instance="p5.48xlarge"; price "33.01 USD/hour" upfront="50%"; period {period}; renew decide; }}
workload "chat" {{
    kind inference; team "search"; environment "production"; pool "serving"
    demand "1056 req/s"
    capacity "22 req/s" per=gpu
}}
budget "fy27" {{ period fiscal-year=2027; amount "2.5M USD"; phasing days; }}
"#
    )
}

fn computed(name: &str, text: &str) -> (CheckedPlan, Outcomes) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("retail").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plan.kdl"), text).unwrap();
    let checked = language::read(&folder).unwrap();
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let plan = checked.plan.unwrap();
    let usages = history::read_all(&plan.plans(), &checked.folder).unwrap();
    let outcomes = pipeline::run_all(&plan, &usages, plan.base.as_of.unwrap());
    (plan, outcomes)
}

fn sum(
    outcomes: &Outcomes,
    t: Option<usize>,
    bought: Purchase,
    of: fn(&Row) -> Decimal,
) -> Decimal {
    let rows = outcomes.base.ledger.rows.iter();
    rows.filter(|row| t.is_none_or(|t| row.t == t) && row.purchase == Some(bought)).map(of).sum()
}

fn view(plan: &CheckedPlan, outcomes: &Outcomes) -> BudgetView {
    let provenance = Provenance {
        as_of: plan.base.as_of.unwrap(),
        revision: None,
        seed: 0,
        draws: 10,
        version: "0.1.0",
        digests: Vec::new(),
        command: "capplan report".to_owned(),
    };
    report::view(plan, outcomes, provenance)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

const FISCAL_YEAR: &str = r#"from="2027-02" until="2028-01""#;

#[test]
fn every_month_costs_its_hours_times_the_price() {
    let (_, outcomes) = computed("1", &plan(r#"pattern "4-4-5""#, 12, FISCAL_YEAR));
    let weeks = [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5];
    for (t, weeks) in weeks.into_iter().enumerate() {
        let hours = Decimal::from(weeks * 168);
        let on_demand = sum(&outcomes, Some(t), Purchase::OnDemand, |row| row.amortised);
        assert_eq!(on_demand, hours * decimal("4") * decimal("55.04"), "month {t}");
        let reserved = sum(&outcomes, Some(t), Purchase::Reserved, |row| row.amortised);
        assert_eq!(reserved, hours * decimal("2") * decimal("33.01"), "month {t}");
    }
}

#[test]
fn a_commitment_amortises_to_its_total_and_is_paid_to_it() {
    // 364 days of the fiscal year, two nodes at 33.01.
    let whole = decimal("364") * decimal("24") * decimal("2") * decimal("33.01");
    let (_, outcomes) = computed("2", &plan(r#"pattern "4-5-4""#, 12, FISCAL_YEAR));
    assert_eq!(sum(&outcomes, None, Purchase::Reserved, |row| row.amortised), whole);
    assert_eq!(sum(&outcomes, None, Purchase::Reserved, |row| row.cash), whole);
    // A year by the usual calendar ends two days into the next fiscal one.
    let year = decimal("365") * decimal("24") * decimal("2") * decimal("33.01");
    let dates = r#"from="2027-02-01" until="2028-01-31""#;
    let (_, outcomes) = computed("3", &plan(r#"pattern "4-5-4""#, 13, dates));
    assert_eq!(sum(&outcomes, None, Purchase::Reserved, |row| row.amortised), year);
    let last = sum(&outcomes, Some(12), Purchase::Reserved, |row| row.amortised);
    assert_eq!(last, decimal("48") * decimal("2") * decimal("33.01"));
    // Half is paid on the first day, which lies in the first fiscal month; its hours are paid from that day.
    let first = sum(&outcomes, Some(0), Purchase::Reserved, |row| row.cash);
    assert_eq!(first, year * decimal("0.5") + decimal("648") * decimal("33.01"));
}

#[test]
fn quarters_foot_and_say_their_days() {
    let (plan, outcomes) = computed("4", &plan(r#"pattern "4-4-5""#, 12, FISCAL_YEAR));
    let view = view(&plan, &outcomes);
    let total: Decimal = outcomes.base.ledger.rows.iter().map(|row| row.amortised).sum();
    let json: Value = serde_json::from_str(&report::json::render(&view)).unwrap();
    let rows = |from: usize, months: usize| -> Decimal {
        let rows = outcomes.base.ledger.rows.iter();
        rows.filter(|row| (from..from + months).contains(&row.t)).map(|row| row.amortised).sum()
    };
    let quarters: Vec<Decimal> = (0..4).map(|quarter| rows(quarter * 3, 3)).collect();
    // 13 weeks of four nodes at 55.04 and two at 33.01.
    assert_eq!(quarters, [decimal("625017.12"); 4]);
    assert_eq!(quarters.iter().copied().sum::<Decimal>(), total);

    let calendar = &json["calendar"];
    assert_eq!(calendar["pattern"], "4-4-5");
    assert_eq!(calendar["years"][0]["weeks"], 52);
    let months = calendar["months"].as_array().unwrap();
    assert_eq!(months.len(), 12);
    assert_eq!(months[2]["first_day"], "2027-03-28");
    assert_eq!(months[2]["last_day"], "2027-05-01");
    assert_eq!(months[2]["weeks"], 5);
    let page = report::markdown::render(&view);
    assert!(page.contains("31 Jan – 1 May 2027"), "a quarter says its days");
    assert!(page.contains("Retail calendar 4-4-5"), "the calendar is said");
}

#[test]
fn a_budget_spread_by_days_follows_the_weeks() {
    let (plan, outcomes) = computed("5", &plan(r#"pattern "4-4-5""#, 12, FISCAL_YEAR));
    let view = view(&plan, &outcomes);
    let json: Value = serde_json::from_str(&report::json::render(&view)).unwrap();
    let months = json["cost"]["comparison"]["budget_by_month"].as_array().unwrap();
    let of = |t: usize| decimal(months[t].as_str().unwrap());
    // 2.5 million over 364 days: 28 and 35 days.
    assert_eq!(of(0).round_dp(2), decimal("192307.69"));
    assert_eq!(of(2).round_dp(2), decimal("240384.62"));
    assert_eq!((0..12).map(of).sum::<Decimal>(), decimal("2500000"));
}

#[test]
fn the_53rd_week_is_in_the_last_month() {
    let text = plan(r#"pattern "4-5-4""#, 24, FISCAL_YEAR);
    let (plan, outcomes) = computed("6", &text);
    let day = |text: &str| -> Date { text.parse().unwrap() };
    let last = plan.base.horizon.last();
    assert_eq!((last.first_day(), last.last_day()), (day("2028-12-31"), day("2029-02-03")));
    let view = view(&plan, &outcomes);
    let years: Vec<u32> = view.calendar.as_ref().unwrap().years.iter().map(|y| y.weeks).collect();
    assert_eq!(years, [52, 53]);
    assert!(report::markdown::render(&view).contains("FY28 has 53 weeks"));
    // The commitment is over: six nodes on demand.
    let on_demand = sum(&outcomes, Some(23), Purchase::OnDemand, |row| row.amortised);
    assert_eq!(on_demand, decimal("840") * decimal("6") * decimal("55.04"));
}

#[test]
fn without_a_pattern_nothing_is_said_of_days() {
    let text = plan("", 12, FISCAL_YEAR).replace(" {  ;  }", "").replace(" { ; }", "");
    let (plan, outcomes) = computed("7", &text);
    let on_demand = sum(&outcomes, Some(0), Purchase::OnDemand, |row| row.amortised);
    assert_eq!(on_demand, decimal("672") * decimal("4") * decimal("55.04"));
    assert!(!report::json::render(&view(&plan, &outcomes)).contains("\"calendar\""));
}

#[test]
fn what_is_ordered_for_a_year_ends_after_a_year_of_the_usual_calendar() {
    let text =
        plan(r#"pattern "4-4-5""#, 13, FISCAL_YEAR) + "procurement { plan-for p50; tail flat; }\n";
    let (plan, outcomes) = computed("8", &text);
    let json: Value = serde_json::from_str(&report::orders::json(&view(&plan, &outcomes))).unwrap();
    let order = &json["orders"][0];
    assert_eq!(order["need_by"], "2027-01-31");
    assert_eq!(order["until"], "2028-01-30");
    assert_eq!((&order["nodes"], &order["term_months"]), (&Value::from(4), &Value::from(12)));
    // 365 days of four nodes at 33.01, half of it on the first day; and so does the ledger have it.
    let year = decimal("365") * decimal("24") * decimal("4") * decimal("33.01");
    let of = |name: &str| decimal(order[name].as_str().unwrap());
    assert_eq!((of("cost"), of("upfront")), (year, year / decimal("2")));
    let name = order["name"].as_str().unwrap();
    let schedule = outcomes.base.schedule.as_ref().unwrap();
    let found = schedule.orders.iter().find(|one| one.name == name).unwrap();
    assert_eq!(found.running.len(), 13, "its last day lies in the thirteenth fiscal month");
    // The ledger has every order as the schedule says it costs, beside the two nodes that were signed.
    let orders: f64 = schedule.orders.iter().map(|order| order.cost_inside).sum();
    let signed = decimal("364") * decimal("24") * decimal("2") * decimal("33.01");
    let all = sum(&outcomes, None, Purchase::Reserved, |row| row.amortised) - signed;
    assert!((orders - all.to_string().parse::<f64>().unwrap()).abs() < 0.01, "{orders} {all}");
}
