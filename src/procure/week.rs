//! How tight every hour of the week is: in which share of draws need takes so much of what can run.
//!
//! Counted while a pool-month's buffers are in cache, where something limits what can run; nothing is sorted
//! and no hour is kept. A month whose hours are all alike has one entry for all of them.

use crate::capacity::slots::Slot;

/// Shares of what can run whose exceeding is counted, rising; the last is a shortfall.
pub const STEPS: [f64; 5] = [0.5, 0.7, 0.85, 0.95, 1.0];

/// How tight every hour of the week is in one pool and month.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeekRisk {
    /// One entry an hour of the week, Monday 00:00 UTC first; or one for all.
    hours: Vec<HourRisk>,
}

/// Sums over the hours of the month that are this hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct HourRisk {
    hours: f64,
    over: [f64; STEPS.len()],
    missing: f64,
}

impl WeekRisk {
    fn of(&self, hour: usize) -> HourRisk {
        let same = if self.hours.len() == 1 { 0 } else { hour };
        self.hours.get(same).copied().unwrap_or_default()
    }

    /// Whether anything was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }

    /// The share of draws in which need passes `STEPS[step]` of what can run, on average over the month's
    /// hours that are this hour of the week.
    #[must_use]
    pub fn chance(&self, hour: usize, step: usize) -> f64 {
        let of = self.of(hour);
        if of.hours > 0.0 { of.over[step] / of.hours } else { 0.0 }
    }

    /// The share of draws in which nodes are missing.
    #[must_use]
    pub fn short_chance(&self, hour: usize) -> f64 {
        self.chance(hour, STEPS.len() - 1)
    }

    /// Nodes missing, mean over the draws.
    #[must_use]
    pub fn missing(&self, hour: usize) -> f64 {
        let of = self.of(hour);
        if of.hours > 0.0 { of.missing / of.hours } else { 0.0 }
    }

    /// How many of [`STEPS`] need passes at a confidence: the class of that quantile of need ÷ what can run.
    #[must_use]
    pub fn level(&self, hour: usize, confidence: f64) -> usize {
        let allowed = 1.0 - confidence + 1e-9;
        // A shortfall is the last class, whatever shape the missing resource has.
        if self.short_chance(hour) > allowed {
            return STEPS.len();
        }
        (0..STEPS.len() - 1).filter(|step| self.chance(hour, *step) > allowed).count()
    }

    /// Hours of a slot in which nothing limits what can run.
    pub(crate) fn pass(&mut self, slot: &Slot, hours: f64) {
        self.at(slot).hours += hours;
    }

    /// Counts one slot for so many hours; one value a draw. Gives how many draws are short.
    pub(crate) fn count(
        &mut self,
        slot: &Slot,
        hours: f64,
        need: &[f64],
        have: &[f64],
        short: &[f64],
    ) -> u64 {
        let of_draw = hours / need.len() as f64;
        let of = self.at(slot);
        of.hours += hours;
        // Most slots are far from tight: the next step is looked at only where the one before is passed.
        for (sum, step) in of.over.iter_mut().zip(&STEPS[..STEPS.len() - 1]) {
            let passes = need.iter().zip(have).map(|(need, have)| u64::from(*need > have * step));
            let draws: u64 = passes.sum();
            if draws == 0 {
                break;
            }
            *sum += draws as f64 * of_draw;
        }
        let short_draws: u64 = short.iter().map(|short| u64::from(*short > 0.0)).sum();
        if short_draws > 0 {
            of.over[STEPS.len() - 1] += short_draws as f64 * of_draw;
            of.missing += short.iter().sum::<f64>() * of_draw;
        }
        short_draws
    }

    /// The sums of a slot's hour of the week.
    fn at(&mut self, slot: &Slot) -> &mut HourRisk {
        let len = slot.hour_of_week.map_or(1, |_| crate::calendar::HOURS_PER_WEEK);
        if self.hours.len() < len {
            self.hours.resize(len, HourRisk::default());
        }
        &mut self.hours[slot.hour_of_week.unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(hour_of_week: Option<usize>) -> Slot {
        Slot { days: 0..28, hour_of_week, week_row: 0, month_hour: 0 }
    }

    #[test]
    fn the_level_of_an_hour_is_the_class_of_its_quantile() {
        let mut week = WeekRisk::default();
        // Need ÷ what can run in ten draws: 0.1 to 1.0, the last of them short.
        let need: Vec<f64> = (1..=10).map(f64::from).collect();
        let short: Vec<f64> = need.iter().map(|need| if *need > 9.5 { 2.0 } else { 0.0 }).collect();
        assert_eq!(week.count(&slot(Some(9)), 4.0, &need, &[10.0; 10], &short), 1);
        for (step, chance) in [0.5, 0.3, 0.2, 0.1, 0.1].into_iter().enumerate() {
            assert!((week.chance(9, step) - chance).abs() < 1e-12);
        }
        // 0.5 is passed in half of the draws, 0.7 in three of ten, 0.85 in two, the others in one.
        let levels = [0.45, 0.6, 0.75, 0.85, 0.95].map(|confidence| week.level(9, confidence));
        assert_eq!(levels, [0, 1, 2, 3, 5]);
        assert!((week.missing(9) - 0.2).abs() < 1e-12);
        assert!(week.short_chance(8) < 1e-12);
    }
}
