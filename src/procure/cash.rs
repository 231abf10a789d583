//! When purchases are paid, beside what they cost in each month.

/// Cash by month, and cost by month, of `units` that begin in month `start` and run for `term` months:
/// upfront on the first day, the rest month by month.
#[must_use]
pub fn flow(
    units: f64,
    term: usize,
    (upfront, monthly): (f64, f64),
    start: usize,
    months: usize,
) -> (Vec<f64>, Vec<f64>) {
    let (mut cash, mut cost) = (vec![0.0; months], vec![0.0; months]);
    for (cash, cost) in cash.iter_mut().zip(&mut cost).skip(start).take(term) {
        *cash += units * monthly;
        *cost += units * (monthly + upfront / term as f64);
    }
    if let Some(first) = cash.get_mut(start) {
        *first += units * upfront;
    }
    (cash, cost)
}

/// Straight-line depreciation: a month's part, and the book value after so many months.
#[must_use]
pub fn straight_line(capex: f64, salvage: f64, life_months: f64, after: f64) -> (f64, f64) {
    let monthly = (capex - salvage) / life_months;
    (monthly, (capex - monthly * after).max(salvage))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::procure::testing::cases;

    fn of_kind(kind: &str) -> Vec<Value> {
        cases(kind).unwrap_or_default()
    }

    #[test]
    fn upfront_is_paid_at_once_and_costs_over_the_term() {
        let (cash, cost) = flow(3.0, 12, (2400.0, 200.0), 2, 16);
        assert_eq!(cash[..5], [0.0, 0.0, 7800.0, 600.0, 600.0]);
        assert_eq!((cost[2], cost[13], cost[14]), (1200.0, 1200.0, 0.0));
        for case in of_kind("cashflow") {
            let of = |name: &str| case["input"][name].as_f64().unwrap();
            let whole =
                |name: &str| usize::try_from(case["input"][name].as_u64().unwrap()).unwrap();
            let paid = (of("upfront_total_each"), of("monthly_each"));
            let (start, horizon) = (whole("start_month"), whole("horizon"));
            let (cash, cost) = flow(of("qty"), whole("term"), paid, start, horizon);
            let expected = case["expected"]["cash"].as_array().unwrap();
            let expected: Vec<f64> = expected.iter().map(|cash| cash.as_f64().unwrap()).collect();
            assert_eq!(cash, expected);
            assert_eq!(Some(cost[start]), case["expected"]["accrual_per_month"].as_f64());
        }
    }

    #[test]
    fn a_book_value_falls_to_what_is_left() {
        assert_eq!(straight_line(300_000.0, 60_000.0, 48.0, 30.0), (5000.0, 150_000.0));
        let after = straight_line(300_000.0, 60_000.0, 48.0, 60.0).1;
        assert!((after - 60_000.0).abs() < 1e-9, "{after}");
        for case in of_kind("depreciation") {
            let of = |name: &str| case["input"][name].as_f64().unwrap();
            let found = straight_line(of("capex"), of("salvage"), of("life_months"), of("month"));
            assert_eq!(Some(found.0), case["expected"]["monthly"].as_f64());
            assert_eq!(Some(found.1), case["expected"]["book_value"].as_f64());
        }
    }
}
