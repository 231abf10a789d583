//! What was recommended of late, and what that makes of a recommendation: the stabilisation windows.
//!
//! The histories hold runs of equal recommendations, not each: only the last moment of a value within a
//! window matters.

use super::settings::Millis;

/// A stretch of equal recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    replicas: i32,
    last: Millis,
}

/// Recommendations, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent(Vec<Run>);

impl Recent {
    /// Notes a recommendation; moments do not go back.
    pub fn note(&mut self, at: Millis, replicas: i32) {
        match self.0.last_mut() {
            Some(run) if run.replicas == replicas => run.last = at,
            _ => self.0.push(Run { replicas, last: at }),
        }
    }

    /// Drops what is as old as the longest window, or older.
    pub fn forget(&mut self, window: Millis, now: Millis) {
        let keep = self.0.iter().position(|run| run.last > now - window).unwrap_or(self.0.len());
        if keep > 0 {
            self.0.drain(..keep);
        }
    }

    /// When the next of them leaves one of these windows; none may ever.
    #[must_use]
    pub fn next_leave(&self, windows: [Millis; 2], now: Millis) -> Millis {
        let leaves = |run: &Run| {
            windows.into_iter().map(|window| run.last + window).filter(|leave| *leave > now).min()
        };
        self.0.iter().filter_map(leaves).min().unwrap_or(Millis::MAX)
    }

    fn within(&self, window: Millis, now: Millis) -> impl Iterator<Item = i32> + '_ {
        self.0.iter().filter(move |run| run.last > now - window).map(|run| run.replicas)
    }

    /// The highest of `desired` and what was recommended within the window.
    #[must_use]
    pub fn highest(&self, desired: i32, window: Millis, now: Millis) -> i32 {
        self.within(window, now).fold(desired, i32::max)
    }

    /// The current count, moved no further than all recommendations of either window agree on.
    #[must_use]
    pub fn stabilize(
        &self,
        current: i32,
        desired: i32,
        up_window: Millis,
        down_window: Millis,
        now: Millis,
    ) -> i32 {
        let least = self.within(up_window, now).fold(desired, i32::min);
        let most = self.highest(desired, down_window, now);
        // Not `clamp`: where the bounds cross, the upper one wins.
        current.max(least).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(entries: &[(i32, i64)]) -> Recent {
        let mut sorted = entries.to_vec();
        sorted.sort_by_key(|(_, age)| -age);
        let mut recent = Recent::default();
        for (replicas, age) in sorted {
            recent.note(-age * 1000, replicas);
        }
        recent
    }

    #[test]
    fn it_shrinks_to_the_highest_of_the_window() {
        let recent = recent(&[(10, 600), (4, 60), (5, 120), (9, 540)]);
        assert_eq!(recent.stabilize(100, 3, 0, 180_000, 0), 5);
        assert_eq!(recent.highest(3, 300_000, 0), 5);
    }

    #[test]
    fn it_grows_to_the_lowest_of_the_window() {
        let recent = recent(&[(3, 60), (8, 30)]);
        assert_eq!(recent.stabilize(2, 9, 300_000, 0, 0), 3);
        assert_eq!(recent.stabilize(2, 9, 0, 0, 0), 9);
    }

    #[test]
    fn one_exactly_as_old_as_the_window_no_longer_counts() {
        let mut recent = recent(&[(9, 300)]);
        assert_eq!(recent.highest(3, 300_000, 0), 3);
        assert_eq!(recent.highest(3, 300_001, 0), 9);
        recent.forget(300_000, 0);
        assert_eq!(recent, Recent::default());
    }

    #[test]
    fn a_run_of_equals_is_as_young_as_its_last() {
        let mut recent = Recent::default();
        for at in 0..10 {
            recent.note(at * 15_000, 7);
        }
        assert_eq!(recent.0.len(), 1);
        assert_eq!(recent.next_leave([0, 300_000], 200_000), 435_000);
    }
}
