//! The innermost loop: whole counts of one workload in one hour of the week, in every draw.

use crate::capacity::counted::Counting;

/// One row of the grid of weeks, for one workload.
pub(crate) struct Hour {
    pub wave: f64,
    pub hours: f64,
    pub counting: Counting,
}

impl Hour {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inside the loop over hours and draws")]
    fn count(&self, need: f64, amplitude: f64) -> f64 {
        let shape = 1.0 + amplitude * self.wave;
        let shape = if shape > 0.0 { shape } else { 0.0 };
        self.counting.count(need * shape)
    }

    /// The innermost loop: counts, straight into the grid of a pool that has one column.
    pub(crate) fn add_counts(
        &self,
        need: &[f64],
        amplitude: &[f64],
        share: f64,
        grid: &mut [f64],
        count_hours: &mut [f64],
    ) {
        for (((need, amplitude), grid), count_hours) in
            need.iter().zip(amplitude).zip(grid).zip(count_hours)
        {
            let count = self.count(*need, *amplitude);
            *grid += count * share;
            *count_hours += count * self.hours;
        }
    }

    /// The same, kept for several columns.
    pub(crate) fn counts(
        &self,
        need: &[f64],
        amplitude: &[f64],
        counts: &mut [f64],
        count_hours: &mut [f64],
    ) {
        for (((need, amplitude), into), count_hours) in
            need.iter().zip(amplitude).zip(counts).zip(count_hours)
        {
            let count = self.count(*need, *amplitude);
            *into = count;
            *count_hours += count * self.hours;
        }
    }
}
