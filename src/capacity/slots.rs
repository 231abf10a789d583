//! The hours of a month, grouped: hours that look alike to every workload are one slot with a weight.
//!
//! Three layouts. *One slot* where nothing in the pool follows the hours. *Weeks*: the 168 hours of the
//! week, each as often as it occurs, once for each segment between the days on which a demand changes
//! inside the month; a segment shorter than a week has only the hours it has. *Hours*: every hour of the
//! calendar, in months in which a dated run is active in any draw.
//!
//! Days and hours are counted from the month's first, in UTC; ranges exclude their end.

use std::ops::Range;

use crate::calendar::{Date, HOURS_PER_WEEK, Month, days_between, first_hour_of_week};

/// Hours of a month that are one to everybody in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The days it lies in.
    pub days: Range<u32>,
    /// The hour of the week; every hour of its days where absent.
    pub hour_of_week: Option<usize>,
    /// The row of the grid of weeks, where the pool has one.
    pub(crate) week_row: usize,
    /// The hour of the month, where the layout is by hours.
    pub(crate) month_hour: usize,
}

/// A month as a list of days that begin on a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MonthDays {
    first: Date,
    /// How many days.
    pub days: u32,
    /// The weekday of the first, Monday 0.
    first_weekday: u32,
}

/// One row of the grid of weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WeekRow {
    /// The segment it belongs to.
    pub segment: usize,
    /// The hour of the week.
    pub hour_of_week: usize,
    /// How many hours it stands for.
    pub hours: f64,
}

impl MonthDays {
    /// The days of a month.
    pub(crate) fn of(month: Month) -> Self {
        let first = month.first_day();
        let first_weekday = u32::try_from(first_hour_of_week(first) / 24).unwrap_or(0);
        Self { first, days: month.days(), first_weekday }
    }

    /// The place of a date, clamped into the month: its length for a date after it.
    pub(crate) fn place(&self, date: Date) -> u32 {
        u32::try_from(days_between(self.first, date)).unwrap_or(0).min(self.days)
    }

    /// The hours of the whole month.
    pub(crate) fn hours(&self) -> f64 {
        f64::from(self.days) * 24.0
    }

    /// How many of `days` are weekdays of this number, Monday 0.
    fn count(&self, days: &Range<u32>, weekday: u32) -> u32 {
        let to_first = (weekday + 7 - (self.first_weekday + days.start) % 7) % 7;
        let first = days.start + to_first;
        if first < days.end { (days.end - 1 - first) / 7 + 1 } else { 0 }
    }

    /// How often an hour of the week occurs in a range of days.
    pub(crate) fn occurrences(&self, days: &Range<u32>, hour_of_week: usize) -> f64 {
        f64::from(self.count(days, u32::try_from(hour_of_week / 24).unwrap_or(0)))
    }

    /// The hour of the week of an hour of the month.
    pub(crate) fn hour_of_week(&self, month_hour: usize) -> usize {
        (self.first_weekday as usize * 24 + month_hour) % HOURS_PER_WEEK
    }

    /// The hours of a slot that lie in a range of days.
    pub(crate) fn hours_within(&self, slot: &Slot, days: &Range<u32>) -> f64 {
        let both = slot.days.start.max(days.start)..slot.days.end.min(days.end);
        if both.is_empty() {
            return 0.0;
        }
        match slot.hour_of_week {
            Some(hour) => self.occurrences(&both, hour),
            None => f64::from(both.end - both.start) * 24.0,
        }
    }

    /// The month cut at the days in `cuts`, in any order.
    pub(crate) fn segments(&self, mut cuts: Vec<u32>) -> Vec<Range<u32>> {
        cuts.retain(|cut| *cut > 0 && *cut < self.days);
        cuts.sort_unstable();
        cuts.dedup();
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain(std::iter::once(self.days));
        starts.zip(ends).map(|(start, end)| start..end).collect()
    }

    /// The rows of the grid of weeks: every hour of the week that occurs, segment by segment.
    pub(crate) fn week_rows(&self, segments: &[Range<u32>]) -> Vec<WeekRow> {
        let mut rows = Vec::with_capacity(segments.len() * HOURS_PER_WEEK);
        for (segment, days) in segments.iter().enumerate() {
            for hour_of_week in 0..HOURS_PER_WEEK {
                let hours = self.occurrences(days, hour_of_week);
                if hours > 0.0 {
                    rows.push(WeekRow { segment, hour_of_week, hours });
                }
            }
        }
        rows
    }

    /// The layout of one slot.
    pub(crate) fn one_slot(&self) -> Vec<Slot> {
        vec![Slot { days: 0..self.days, hour_of_week: None, week_row: 0, month_hour: 0 }]
    }

    /// The layout of weeks.
    pub(crate) fn week_slots(segments: &[Range<u32>], rows: &[WeekRow]) -> Vec<Slot> {
        let slot = |(week_row, row): (usize, &WeekRow)| Slot {
            days: segments[row.segment].clone(),
            hour_of_week: Some(row.hour_of_week),
            week_row,
            month_hour: 0,
        };
        rows.iter().enumerate().map(slot).collect()
    }

    /// The layout of hours; `rows` may be empty.
    pub(crate) fn hour_slots(&self, segments: &[Range<u32>], rows: &[WeekRow]) -> Vec<Slot> {
        let mut row_of = vec![[0_usize; HOURS_PER_WEEK]; segments.len()];
        for (place, row) in rows.iter().enumerate() {
            row_of[row.segment][row.hour_of_week] = place;
        }
        let mut slots = Vec::with_capacity(self.days as usize * 24);
        for (segment, days) in segments.iter().enumerate() {
            for day in days.clone() {
                for hour in 0..24 {
                    let month_hour = day as usize * 24 + hour;
                    let hour_of_week = self.hour_of_week(month_hour);
                    slots.push(Slot {
                        days: day..day + 1,
                        hour_of_week: Some(hour_of_week),
                        week_row: row_of[segment][hour_of_week],
                        month_hour,
                    });
                }
            }
        }
        slots
    }
}

/// The rank of every hour of the week as a working hour: those nearest 13:00 UTC on weekdays first
/// (12:00, 13:00, 11:00, 14:00, …, Monday before Friday), then those of the weekend.
pub(crate) fn working_rank(hour_of_week: usize) -> usize {
    let (day, hour) = (hour_of_week / 24, hour_of_week % 24);
    // Half-hours from 13:00 to the middle of the hour: 12:00 and 13:00 are both one away.
    let ring = if hour < 13 { 2 * (12 - hour) } else { 2 * (hour - 13) + 1 };
    // Rings run 0, 1, 2, … and are not dense after 23:00, so hours are ranked by counting.
    let nearer = (0..24)
        .filter(|h: &usize| (if *h < 13 { 2 * (12 - h) } else { 2 * (h - 13) + 1 }) < ring)
        .count();
    if day < 5 { nearer * 5 + day } else { 120 + nearer * 2 + (day - 5) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_february_of_28_days_has_every_hour_of_the_week_four_times() {
        let month = MonthDays::of(Month::new(2027, 2));
        let segments = month.segments(vec![]);
        let rows = month.week_rows(&segments);
        assert_eq!(rows.len(), 168);
        assert!(rows.iter().all(|row| (row.hours - 4.0).abs() < 1e-12));
    }

    #[test]
    fn segments_and_slots_lose_no_hour() {
        for cuts in [vec![], vec![9], vec![30, 3, 3, 17]] {
            let month = MonthDays::of(Month::new(2027, 3));
            let segments = month.segments(cuts);
            let rows = month.week_rows(&segments);
            let weeks = MonthDays::week_slots(&segments, &rows);
            let hours = month.hour_slots(&segments, &rows);
            assert_eq!(hours.len(), 744);
            for slots in [&weeks, &hours, &month.one_slot()] {
                let all: f64 = slots.iter().map(|s| month.hours_within(s, &(0..31))).sum();
                let parts: f64 = slots
                    .iter()
                    .map(|s| month.hours_within(s, &(0..13)) + month.hours_within(s, &(13..31)))
                    .sum();
                assert!((all - 744.0).abs() < 1e-9 && (parts - 744.0).abs() < 1e-9);
            }
            for slot in &hours {
                let row = rows[slot.week_row];
                assert_eq!(Some(row.hour_of_week), slot.hour_of_week);
                assert!(segments[row.segment].contains(&slot.days.start));
            }
        }
    }

    #[test]
    fn a_segment_shorter_than_a_week_has_only_its_hours() {
        let month = MonthDays::of(Month::new(2027, 3));
        let segments = month.segments(vec![2]);
        let short: Vec<_> =
            month.week_rows(&segments).into_iter().filter(|row| row.segment == 0).collect();
        assert_eq!(short.len(), 48);
        assert_eq!(short[0].hour_of_week, 0);
    }

    #[test]
    fn working_hours_lie_around_one_o_clock_on_weekdays() {
        let mut ranks: Vec<usize> = (0..168).map(working_rank).collect();
        let working: Vec<usize> = (0..168).filter(|h| working_rank(*h) < 45).collect();
        assert_eq!(working[..9], [8, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(working.len(), 45);
        assert!(working.iter().all(|hour| hour / 24 < 5));
        ranks.sort_unstable();
        assert_eq!(ranks, (0..168).collect::<Vec<_>>());
    }
}
