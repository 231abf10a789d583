//! When to order: by calendar, from when it is needed back over delivery, approval and buffer.

use crate::calendar::{Date, Horizon, days_between, plus_days, term_end};
use crate::normal;

/// The delays of an order, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// From ordering to having, at its 90th percentile.
    pub lead: i32,
    /// From asking for approval to having it.
    pub approval: i32,
    /// Kept in hand.
    pub buffer: i32,
}

/// A term from the first day of a month of the horizon on.
///
/// It counts months of the usual calendar, as contracts do: in a plan of fiscal weeks too, twelve months are 365 or 366
/// days, and may end inside a fiscal month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    horizon: Horizon,
    /// The month it begins in, counted from the horizon's first.
    pub t: usize,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

impl Term {
    /// A term of so many months from month `t` on.
    pub(crate) fn new(horizon: Horizon, t: usize, months: u32) -> Self {
        let first = horizon.month(t).first_day();
        Self { horizon, t, first, last: term_end(first, months) }
    }

    /// Hours of it.
    pub(crate) fn hours(self) -> f64 {
        f64::from(days_between(self.first, self.last) + 1) * 24.0
    }

    /// Hours of it in a month.
    pub(crate) fn hours_in(self, m: usize) -> f64 {
        let month = self.horizon.month(m);
        let (first, last) = (self.first.max(month.first_day()), self.last.min(month.last_day()));
        f64::from((days_between(first, last) + 1).max(0)) * 24.0
    }

    /// The months of the horizon in which it holds.
    pub(crate) fn months(self) -> std::ops::Range<usize> {
        let last = self.horizon.month_of(self.last).since(self.horizon.first);
        let end = usize::try_from(last + 1).unwrap_or(0).min(self.horizon.months);
        self.t..end.max(self.t)
    }
}

/// When to order something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderBy {
    /// The last day to ask for approval.
    pub order_by: Date,
    /// The last day for the approval to be given, and the order placed.
    pub decide_by: Date,
    /// Whether that day has passed.
    pub late: bool,
}

/// When to order what is needed by a day, as seen on `today`.
///
/// # Source
/// Order-by = need-by − p90 of the lead time − approval − buffer, in days of the calendar.
#[must_use]
pub fn order_by(need_by: Date, delays: Delays, today: Date) -> OrderBy {
    let decide_by = plus_days(need_by, -(delays.lead + delays.buffer));
    let order_by = plus_days(decide_by, -delays.approval);
    OrderBy { order_by, decide_by, late: order_by < today }
}

/// The earliest day on which something asked for on `today` is there, at the 90th percentile of its lead
/// time and with nothing of the buffer used.
#[must_use]
pub fn earliest(today: Date, delays: Delays) -> Date {
    plus_days(today, delays.lead + delays.approval + delays.buffer)
}

/// The share of lead times (in days, one a draw) that are longer than there is time for.
#[must_use]
pub fn chance_of_late(leads: &[f64], ordered: Date, need_by: Date) -> f64 {
    let time = f64::from(days_between(ordered, need_by));
    leads.iter().filter(|lead| lead.ceil() > time).count() as f64 / leads.len().max(1) as f64
}

/// The stock at which to order again: the point, and what of it is safety.
///
/// # Source
/// `μL + z√(Lσ² + μ²σ_L²)`, for normal demand (mean and deviation of one period) over a lead time.
#[must_use]
pub fn reorder_point(demand: (f64, f64), lead: (f64, f64), service_level: f64) -> (f64, f64) {
    let ((mean, sd), (lead, lead_sd)) = (demand, lead);
    let z = normal::quantile(service_level);
    let safety = z * (lead * sd * sd + mean * mean * lead_sd * lead_sd).sqrt();
    (mean * lead + safety, safety)
}

/// The first period in which normal demand (median and deviation by period) passes the capacity, at the
/// quantile of the service level.
#[must_use]
pub fn crossing(capacity: f64, demand: &[(f64, f64)], service_level: f64) -> Option<usize> {
    let z = normal::quantile(service_level);
    demand.iter().position(|(median, sd)| median + z * sd > capacity)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::calendar::parse_date;
    use crate::procure::testing::cases;

    fn of_kind(kind: &str) -> Vec<Value> {
        cases(kind).unwrap_or_default()
    }

    fn number(value: &Value) -> f64 {
        value.as_f64().unwrap()
    }

    fn close(found: f64, expected: &Value) {
        let expected = number(expected);
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn an_order_goes_out_before_delivery_approval_and_buffer() {
        let day = |text| parse_date(text).unwrap();
        let delays = Delays { lead: 112, approval: 21, buffer: 14 };
        let found = order_by(day("2027-06-01"), delays, day("2026-11-23"));
        assert_eq!(found.order_by, day("2027-01-05"));
        assert_eq!(found.decide_by, day("2027-01-26"));
        assert!(!found.late);
        assert!(order_by(day("2027-06-01"), delays, day("2027-01-06")).late);
        assert_eq!(earliest(day("2027-01-05"), delays), day("2027-06-01"));
    }

    #[test]
    fn orders_of_the_cases_are_on_their_days() {
        for case in of_kind("order_by") {
            let input = &case["input"];
            let days = |name: &str| i32::try_from(input[name].as_i64().unwrap_or(0)).unwrap();
            let day = |name: &str| parse_date(input[name].as_str().unwrap()).unwrap();
            let delays = Delays {
                lead: days("lead_days"),
                approval: days("approval_days"),
                buffer: days("buffer_days"),
            };
            let found = order_by(day("need_by"), delays, day("today"));
            assert_eq!(found.order_by.to_string(), case["expected"]["order_by"].as_str().unwrap());
            assert_eq!(found.late, case["expected"]["late"].as_bool().unwrap());
        }
    }

    #[test]
    fn reorder_points_cover_demand_and_lead_time() {
        let (point, safety) = reorder_point((10.0, 4.0), (9.0, 0.0), 0.95);
        assert!((point - 109.738_243_523).abs() < 1e-6 && (safety - 19.738_243_523).abs() < 1e-6);
        for case in of_kind("reorder_point") {
            let of = |name: &str| number(&case["input"][name]);
            let demand = (of("mean_per_week"), of("sd_per_week"));
            let lead = (of("lead_weeks"), of("lead_sd_weeks"));
            let (point, safety) = reorder_point(demand, lead, of("service_level"));
            close(point, &case["expected"]["reorder_point"]);
            close(safety, &case["expected"]["safety_stock"]);
        }
    }

    #[test]
    fn capacity_is_crossed_earlier_at_a_higher_service_level() {
        for case in of_kind("capacity_crossing") {
            let input = &case["input"];
            let list = |name: &str| input[name].as_array().unwrap().iter().map(number);
            let demand: Vec<(f64, f64)> = list("median").zip(list("sd")).collect();
            let at = |level| crossing(number(&input["capacity"]), &demand, level);
            let months = |value: &Value| value.as_u64().map(|t| usize::try_from(t).unwrap());
            let level = at(number(&input["service_level"]));
            assert_eq!(level, months(&case["expected"]["p90_crossing_month"]));
            assert_eq!(at(0.5), months(&case["expected"]["median_crossing_month"]));
            let lead = months(&input["lead_months"]).unwrap();
            let order = level.map(|month| month.saturating_sub(lead));
            assert_eq!(order, months(&case["expected"]["order_by_month"]));
        }
    }

    #[test]
    fn a_lead_time_longer_than_there_is_time_for_is_late() {
        let day = |text| parse_date(text).unwrap();
        let chance =
            chance_of_late(&[10.0, 20.0, 30.0, 40.0], day("2027-01-01"), day("2027-01-31"));
        assert!((chance - 0.25).abs() < 1e-12);
    }
}
