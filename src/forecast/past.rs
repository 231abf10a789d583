//! What events of the past did to a history, taken out of it: the rest is a series as of its last day.
//!
//! An event that is over leaves its days out, since nothing like them goes on. One that has begun and
//! still lasts is in the level already: what was measured before it is moved to where it would have
//! been, so that the launch is no trend. Absent: what such events do from then on, which is `event`'s.

use crate::calendar::{Date, days_between, plus_days};
use crate::forecast::event::share;
use crate::history::{Series, Step};
use crate::plan::workload::Event;

/// Takes past events out of a series that ends on `last`; gives what was done, in words. An event of
/// chance is left alone: nothing says whether it happened.
pub fn take_out(series: &mut Series, events: &[Event], last: Date) -> Vec<String> {
    let acts = |event: &&Event| event.multiply.is_some() || event.add.is_some();
    let sure = events.iter().filter(|event| event.chance.is_none()).filter(acts);
    let mut remarks = Vec::new();
    for event in sure.filter(|event| event.at <= last) {
        let first = series.day(0);
        let (name, at) = (&event.name, event.at);
        match event.until.filter(|until| *until < last) {
            Some(until) if leave_out(series, event) > 0 => {
                remarks.push(format!("the days of `{name}`, {at} to {until}, are left out"));
            }
            Some(_) => {}
            None if at > first => {
                move_to_end(series, event, last);
                remarks.push(format!(
                    "`{name}` began on {at}; what was measured before is moved to its level"
                ));
            }
            None => {}
        }
    }
    remarks
}

/// Leaves out every value of which the event covers half; gives how many.
fn leave_out(series: &mut Series, event: &Event) -> usize {
    let mut left_out = 0;
    for place in 0..series.values.len() {
        let (from, until) = (series.day(place), series.day(place + 1));
        let begin = from.max(event.at);
        let end = event.until.map_or(until, |last| until.min(plus_days(last, 1)));
        let covered = days_between(begin, end).max(0);
        if 2 * covered >= days_between(from, until) && !series.values[place].is_nan() {
            series.values[place] = f64::NAN;
            left_out += 1;
        }
    }
    left_out
}

/// Moves every value from the share of the event's effect that it was measured under to that of the end.
fn move_to_end(series: &mut Series, event: &Event, last: Date) {
    let factor = event.multiply.as_ref().map_or(1.0, crate::estimate::Estimate::median);
    let amount = event.add.as_ref().map_or(0.0, crate::estimate::Estimate::median);
    let multiplied = |share: f64| (1.0 + (factor - 1.0) * share).max(0.0);
    let at_end = share(event, last);
    let middle = match series.step {
        Step::Hour | Step::Day => 0,
        Step::Week => 3,
        Step::Month(_) => 14,
    };
    for place in 0..series.values.len() {
        let share = share(event, plus_days(series.day(place), middle));
        if multiplied(share) > 0.0 {
            series.values[place] *= multiplied(at_end) / multiplied(share);
        }
        series.values[place] = (series.values[place] + amount * (at_end - share)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::sample::{event, fixed};
    use jiff::civil::date;

    fn days(values: Vec<f64>) -> Series {
        Series { start: date(2026, 11, 1), start_hour: 0, step: Step::Day, values }
    }

    #[test]
    fn days_of_an_event_that_is_over_are_left_out() {
        let outage = Event {
            multiply: Some(fixed(0.1)),
            until: Some(date(2026, 11, 4)),
            ..event("outage", date(2026, 11, 3))
        };
        let mut series = days(vec![9.0, 9.0, 1.0, 1.0, 9.0, 9.0]);
        let remarks = take_out(&mut series, &[outage], date(2026, 11, 6));
        let out: Vec<bool> = series.values.iter().map(|value| value.is_nan()).collect();
        assert_eq!(out, [false, false, true, true, false, false]);
        assert_eq!(remarks, ["the days of `outage`, 2026-11-03 to 2026-11-04, are left out"]);
    }

    #[test]
    fn what_came_before_a_launch_is_moved_to_its_level() {
        let launch = Event {
            multiply: Some(fixed(2.0)),
            ramp_days: Some(14.0),
            ..event("launch", date(2026, 11, 3))
        };
        let mut series = days(vec![10.0, 10.0, 15.0, 15.0]);
        let _ = take_out(&mut series, std::slice::from_ref(&launch), date(2026, 11, 4));
        // Half has arrived by the last day.
        assert_eq!(series.values, [15.0, 15.0, 15.0, 15.0]);
        let add = Event { add: Some(fixed(4.0)), ..event("add", date(2026, 11, 3)) };
        let mut series = days(vec![10.0, 10.0, 14.0, 14.0]);
        let _ = take_out(&mut series, &[add], date(2026, 11, 4));
        assert_eq!(series.values, [14.0; 4]);
    }

    #[test]
    fn events_of_chance_or_to_come_are_left_alone() {
        let maybe =
            Event { add: Some(fixed(4.0)), chance: Some(0.5), ..event("maybe", date(2026, 11, 2)) };
        let later = Event { add: Some(fixed(4.0)), ..event("later", date(2027, 1, 1)) };
        let mut series = days(vec![1.0, 2.0, 3.0]);
        assert!(take_out(&mut series, &[maybe, later], date(2026, 11, 3)).is_empty());
        assert_eq!(series.values, [1.0, 2.0, 3.0]);
    }
}
