use super::effective::{Interrupted, effective};
use super::history::{PriceHistory, coverage, histories};
use super::{Terms, Verdict, advise};
use crate::calendar::{Date, parse_date, plus_days};
use crate::catalogue::{Defaults, parse};
use crate::plan::pool::RiskTolerance;

fn day(offset: i32) -> Date {
    plus_days(parse_date("2026-01-01").unwrap(), offset)
}

fn series(prices: impl IntoIterator<Item = f64>) -> PriceHistory {
    PriceHistory {
        instance: "m5.large".into(),
        region: Some("us-east-1".into()),
        zone: "us-east-1a".into(),
        days: (0..).map(day).zip(prices).collect(),
        on_demand: Some(1.0),
    }
}

fn interrupted(per_hour: f64) -> Interrupted {
    Interrupted { per_hour, checkpoint_hours: 0.1, recovery_hours: 0.25, interval_hours: None }
}

#[test]
fn a_useful_hour_costs_more_than_an_hour() {
    // p = 0.3, δ = 0.1 h, τ = 2 h, λ = 0.05/h, R = 0.25 h: 0.3 × 1.05 / (1 − 0.05 × 1.25) = 0.336.
    let cost = effective(0.3, &interrupted(0.05), Some(2.0)).unwrap();
    assert!((cost - 0.336).abs() < 1e-12, "{cost}");
    assert_eq!(effective(0.3, &interrupted(0.0), None), Some(0.3));
    assert_eq!(effective(0.3, &interrupted(5.0), Some(2.0)), None);
}

#[test]
fn no_interval_costs_less_than_the_best() {
    let of = interrupted(0.05);
    let best = of.best_interval().unwrap();
    let least = effective(1.0, &of, Some(best)).unwrap();
    for factor in [0.5, 0.9, 0.99, 1.01, 1.1, 2.0] {
        assert!(effective(1.0, &of, Some(best * factor)).unwrap() > least);
    }
    // Near √(2δ/λ) = 2 hours; nearer the rarer interruptions are.
    assert!((best - of.young_interval().unwrap()).abs() / best < 0.06);
    let rare = interrupted(1e-5);
    assert!((rare.best_interval().unwrap() / rare.young_interval().unwrap() - 1.0).abs() < 1e-3);
}

#[test]
fn a_daily_chance_is_a_rate() {
    // 1 − e^(−24λ) is the chance again.
    let rate = Interrupted::rate_of_daily_chance(0.04);
    assert!((1.0 - (-24.0 * rate).exp() - 0.04).abs() < 1e-12);
}

#[test]
fn percentiles_are_of_the_last_days_alone() {
    let history = series((0..100).map(|d| if d < 40 { 9.0 } else { f64::from(d) / 100.0 }));
    let seen = history.seen(60).unwrap();
    assert_eq!((seen.days(), seen.from), (60, day(40)));
    assert!((seen.at(0.5) - 0.695).abs() < 1e-12);
    assert!(seen.drift_per_month > 0.3);
}

#[test]
fn a_new_level_and_an_odd_day_are_noticed() {
    let history = series((0..60).map(|d| if d < 30 { 0.30 } else { 0.42 }));
    let (from, share) = history.seen(60).unwrap().shift.unwrap();
    assert_eq!(from, day(30));
    assert!((share - 0.4).abs() < 1e-9);
    let history = series((0..60).map(|d| if d == 17 { 0.9 } else { 0.3 }));
    let seen = history.seen(60).unwrap();
    assert_eq!((seen.shift, seen.odd_days), (None, 1));
    assert!(seen.drift_per_month.abs() < 1e-9);
}

#[test]
fn spot_that_costs_more_than_on_demand_is_not_for_use() {
    let terms = |rate: f64| Terms { interrupted: interrupted(rate), availability: 0.9 };
    let advice = |price: f64, rate: f64| {
        let all = [series(std::iter::repeat_n(price, 60))];
        advise(&all, 60, RiskTolerance::Medium, &|_| terms(rate)).remove(0)
    };
    let good = advice(0.3, 0.01);
    assert_eq!(good.verdict, Verdict::Use { share: 0.9 });
    let spot = effective(0.3, &interrupted(0.01), good.interval_hours).unwrap();
    assert!((good.blended.unwrap() - (0.9 * spot + 0.1)).abs() < 1e-12);
    assert_eq!(advice(0.95, 0.3).verdict, Verdict::DoesNotPay);
    assert_eq!(advice(0.3, 9.0).verdict, Verdict::NothingDone);
}

#[test]
fn less_tolerance_plans_with_a_higher_price() {
    let all = [series((0..60).map(|d| 0.2 + f64::from(d % 10) / 100.0))];
    let terms = |_: &PriceHistory| Terms { interrupted: interrupted(0.0), availability: 1.0 };
    let price = |tolerance| advise(&all, 60, tolerance, &terms)[0].plan_price;
    let (high, medium, low) =
        (price(RiskTolerance::High), price(RiskTolerance::Medium), price(RiskTolerance::Low));
    assert!((high - 0.245).abs() < 1e-12 && high < medium && medium < low);
}

#[test]
fn a_steady_price_is_always_covered_and_a_rising_one_never() {
    assert_eq!(coverage(&[series(std::iter::repeat_n(0.3, 120))], 60, 30, 0.95), (1.0, 60));
    assert_eq!(coverage(&[series((0..90).map(|d| f64::from(d + 1)))], 60, 30, 0.95), (0.0, 30));
}

#[test]
fn the_95th_percentile_of_60_days_held_on_three_days_of_four() {
    let Some(text) = crate::procure::testing::data("prices/aws_spot_daily_2022-12_2024-02.csv")
    else {
        return;
    };
    let list = parse(&text, None, &Defaults::default()).unwrap();
    let all = histories(&list.listed);
    let (share, days) = coverage(&all, 60, 30, 0.95);
    assert!(days > 10_000);
    assert!((share - 0.74).abs() < 0.03, "{share}");
}
