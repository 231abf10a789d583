//! What a month costs to serve with so many units committed, over all its hours and draws at once.
//!
//! In: hours with what is needed in them and what serves the part that is not committed, cheapest first.
//! Out: a function of the committed quantity that is convex, piecewise linear and breaks at whole units,
//! kept as runs of units that save equally much. Hours and draws are gone from the optimisation.
//!
//! # Source
//! Merit order of linear recourse: with prices rising along the steps, the cost of the rest r is convex
//! in r, and r falls by one with each unit committed.

/// Money in millionths: exact sums and comparisons, so that the optimum cannot cycle.
pub type Micro = i64;

/// Millionths of one unit of money.
pub const MICRO: f64 = 1e6;

/// The most units that a pool may need: far above any real pool.
const MOST_UNITS: f64 = 16_777_216.0;

/// Money as millionths.
///
/// # Panics
/// If it is not finite or not below 4e12.
#[must_use]
pub fn micro(money: f64) -> Micro {
    let micro = (money * MICRO).round();
    assert!(micro.abs() < 4e18, "money of one unit stays below 4e12, got {money}");
    #[expect(clippy::cast_possible_truncation, reason = "asserted to fit")]
    let micro = micro as i64;
    micro
}

/// The cost of a month as a function of the units committed in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recourse {
    /// What each unit saves, from the first committed on: `(units, saving of one of them)`. Savings fall
    /// from run to run and are above zero; further units save nothing.
    runs: Vec<(u64, Micro)>,
    /// The most units that can be committed; no limit where absent.
    most: Option<u64>,
}

/// One way to serve what is not committed: at most so many units, at a price for one unit and hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Units it can serve; infinite where nothing limits it.
    pub units: f64,
    /// Money for one unit and one hour; not below the price of the step before.
    pub price: f64,
}

/// Collects hours into a [`Recourse`].
#[derive(Debug, Clone, Default)]
pub struct Collect {
    /// Change of the saving at each unit: the saving of unit u is the sum up to u.
    changes: Vec<f64>,
    /// Savings of units that are partly served by a step.
    parts: Vec<f64>,
}

impl Collect {
    /// Adds `hours` (times the draw's probability) in which `need` units are needed and what is not
    /// committed is served by `steps`, cheapest first. What no step serves costs nothing here.
    pub fn add(&mut self, hours: f64, need: f64, steps: &[Step]) {
        let mut top = need.min(MOST_UNITS);
        for step in steps {
            if top <= 0.0 {
                break;
            }
            let bottom = (top - step.units).max(0.0);
            self.span(bottom, top, hours * step.price);
            top = bottom;
        }
    }

    /// Adds a saving to the units between two quantities.
    fn span(&mut self, bottom: f64, top: f64, saving: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "units of a pool, from 0 to 2^24"
        )]
        let (first, last) = (bottom as usize, top as usize);
        let first = first + usize::from((first as f64) < bottom);
        if self.changes.len() < last + 3 {
            self.changes.resize(last + 3, 0.0);
            self.parts.resize(last + 3, 0.0);
        }
        if first > last {
            // Both ends inside one unit.
            self.parts[last] += (top - bottom) * saving;
            return;
        }
        if first as f64 > bottom {
            self.parts[first - 1] += (first as f64 - bottom) * saving;
        }
        if top > last as f64 {
            self.parts[last] += (top - last as f64) * saving;
        }
        self.changes[first] += saving;
        self.changes[last] -= saving;
    }

    /// What each unit saves, from the first committed on, whether or not savings fall: for looking
    /// figures up, not for the optimum.
    #[must_use]
    pub fn savings(&self) -> Vec<f64> {
        let mut saving = 0.0;
        let each = self.changes.iter().zip(&self.parts).map(|(change, part)| {
            saving += change;
            saving + part
        });
        each.collect()
    }

    /// The function that was collected.
    #[must_use]
    pub fn finish(self) -> Recourse {
        let mut saving = 0.0;
        let each = self.changes.iter().zip(&self.parts).map(|(change, part)| {
            saving += change;
            micro(saving + part)
        });
        Recourse::of_savings(each.map(|saving| (1, saving)))
    }
}

impl Recourse {
    /// From runs of units and what one of them saves, first committed first. Where a later unit saves
    /// more than an earlier one (by rounding), it is held to the earlier one's saving.
    #[must_use]
    pub fn of_savings(savings: impl IntoIterator<Item = (u64, Micro)>) -> Self {
        let mut runs: Vec<(u64, Micro)> = Vec::new();
        for (units, saving) in savings {
            let saving = runs.last().map_or(saving, |(_, before)| saving.min(*before));
            match runs.last_mut() {
                _ if saving <= 0 => break,
                Some((count, before)) if *before == saving => *count += units,
                _ => runs.push((units, saving)),
            }
        }
        Self { runs, most: None }
    }

    /// Runs of units that save equally much, first committed first.
    #[must_use]
    pub fn runs(&self) -> &[(u64, Micro)] {
        &self.runs
    }

    /// The units from which one more saves nothing.
    #[must_use]
    pub fn reach(&self) -> u64 {
        self.runs.iter().map(|(units, _)| units).sum()
    }

    /// The cost with so many units committed, in millionths.
    #[must_use]
    pub fn cost(&self, committed: u64) -> i128 {
        let mut before = 0;
        let mut cost = 0;
        for (units, saving) in &self.runs {
            let covered = committed.saturating_sub(before).min(*units);
            cost += i128::from(units - covered) * i128::from(*saving);
            before += units;
        }
        cost
    }

    /// The most units that can be committed; no limit where absent.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        self.most
    }

    /// The same where no more than so many units can be committed.
    #[must_use]
    pub fn at_most(mut self, units: Option<u64>) -> Self {
        self.most = units;
        self
    }

    /// What is left to save once so many units are there already.
    #[must_use]
    pub fn after(&self, existing: u64) -> Self {
        let mut left = existing;
        let rest = self.runs.iter().map(|(units, saving)| {
            let there = left.min(*units);
            left -= there;
            (units - there, *saving)
        });
        Self::of_savings(rest.filter(|(units, _)| *units > 0))
            .at_most(self.most.map(|most| most.saturating_sub(existing)))
    }

    /// The same where so many units are committed at a time.
    #[must_use]
    pub fn in_units_of(&self, count: u64) -> Self {
        if count <= 1 {
            return self.clone();
        }
        let times = |saving: Micro, units: u64| {
            saving.saturating_mul(i64::try_from(units).unwrap_or(i64::MAX))
        };
        let mut whole: Vec<(u64, Micro)> = Vec::with_capacity(self.runs.len());
        // Units of a group that is not full yet, and what they save.
        let (mut part, mut saved) = (0, 0);
        for (units, saving) in &self.runs {
            let fill = if part > 0 { (*units).min(count - part) } else { 0 };
            (part, saved) = (part + fill, saved + times(*saving, fill));
            if part > 0 && part < count {
                continue;
            }
            if part == count {
                whole.push((1, saved));
            }
            let left = units - fill;
            if left >= count {
                whole.push((left / count, times(*saving, count)));
            }
            part = left % count;
            saved = times(*saving, part);
        }
        if part > 0 {
            whole.push((1, saved));
        }
        Self::of_savings(whole).at_most(self.most.map(|most| most / count))
    }

    /// The same less what each unit would save anyway, and what it then lies above by.
    ///
    /// The difference of two convex functions need not be convex. What is given is below it: its convex hull, and a
    /// constant to take off where units come to cost something.
    #[must_use]
    pub fn less(&self, anyway: &[f64]) -> (Self, i128) {
        let mut savings: Vec<Micro> = Vec::new();
        for (units, saving) in &self.runs {
            savings.extend((0..*units).map(|_| *saving));
        }
        savings.resize(savings.len().max(anyway.len()), 0);
        for (saving, anyway) in savings.iter_mut().zip(anyway) {
            // Half a millionth of rounding, on the safe side.
            *saving -= micro(*anyway) + 1;
        }
        // Runs whose savings would rise are levelled: pool adjacent violators.
        let mut runs: Vec<(u64, i128)> = Vec::new();
        for saving in savings {
            let mut run = (1, i128::from(saving));
            while let Some((units, sum)) = runs
                .last()
                .copied()
                .filter(|(units, sum)| sum * i128::from(run.0) < run.1 * i128::from(*units))
            {
                runs.pop();
                run = (run.0 + units, run.1 + sum);
            }
            runs.push(run);
        }
        let below = runs.iter().map(|(_, sum)| (-sum).max(0)).sum();
        let each = runs.iter().filter(|(_, sum)| *sum > 0).map(|(units, sum)| {
            // Rounded down, so that it stays below.
            (*units, Micro::try_from(sum / i128::from(*units)).unwrap_or(Micro::MAX))
        });
        (Self::of_savings(each).at_most(self.most), below)
    }

    /// The same with every saving multiplied by a factor of at least 0.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a saving stays far inside i64")]
        let scale = |saving: Micro| (saving as f64 * factor).round() as Micro;
        Self::of_savings(self.runs.iter().map(|(units, saving)| (*units, scale(*saving))))
            .at_most(self.most)
    }

    /// The same with an extra saving of `penalty` on each of the first `units`, so that the optimum
    /// commits them wherever anything can.
    #[must_use]
    pub fn at_least(&self, units: u64, penalty: Micro) -> Self {
        let mut left = units;
        let mut runs = Vec::with_capacity(self.runs.len() + 1);
        for (count, saving) in &self.runs {
            let held = left.min(*count);
            left -= held;
            if held > 0 {
                runs.push((held, saving.saturating_add(penalty)));
            }
            if *count > held {
                runs.push((count - held, *saving));
            }
        }
        if left > 0 {
            runs.push((left, penalty));
        }
        Self::of_savings(runs).at_most(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_DEMAND: [Step; 1] = [Step { units: f64::INFINITY, price: 2.0 }];

    #[test]
    fn what_is_not_committed_is_bought_by_the_hour() {
        let mut collect = Collect::default();
        collect.add(10.0, 3.0, &ON_DEMAND);
        collect.add(5.0, 1.0, &ON_DEMAND);
        let recourse = collect.finish();
        assert_eq!(recourse.runs(), [(1, 30_000_000), (2, 20_000_000)]);
        assert_eq!([0, 1, 2, 3, 9].map(|c| recourse.cost(c) / 1_000_000), [70, 40, 20, 0, 0]);
    }

    #[test]
    fn spot_serves_the_last_units_up_to_its_cap() {
        let steps = [Step { units: 1.5, price: 1.0 }, Step { units: f64::INFINITY, price: 2.0 }];
        let mut collect = Collect::default();
        collect.add(1.0, 4.0, &steps);
        // Units from the bottom: two and a half on demand, one and a half on spot.
        assert_eq!(collect.finish().runs(), [(2, 2_000_000), (1, 1_500_000), (1, 1_000_000)]);
    }

    #[test]
    fn both_ends_of_a_step_may_lie_in_one_unit() {
        let steps = [Step { units: 0.25, price: 1.0 }, Step { units: 0.5, price: 4.0 }];
        let mut collect = Collect::default();
        collect.add(1.0, 1.0, &steps);
        assert_eq!(collect.finish().runs(), [(1, 2_250_000)]);
    }

    #[test]
    fn units_may_be_counted_in_groups() {
        let recourse = Recourse::of_savings([(3, 30), (4, 20), (1, 5)]);
        let groups = recourse.in_units_of(3);
        assert_eq!(groups.runs(), [(1, 90), (1, 60), (1, 25)]);
        assert_eq!([0, 3, 6, 8].map(|c| recourse.cost(c)), [0, 1, 2, 3].map(|c| groups.cost(c)));
    }

    #[test]
    fn less_what_is_saved_anyway_is_below_the_difference() {
        let recourse = Recourse::of_savings([(2, 30_000_000), (2, 20_000_000)]);
        let anyway = [25.0, 1.0, 19.0, 2.0, 4.0];
        let (less, below) = recourse.less(&anyway);
        let left = |c: usize| -> i128 {
            recourse.cost(c as u64)
                - anyway[c..].iter().map(|x| i128::from(micro(*x))).sum::<i128>()
        };
        for c in 0..=5 {
            let found = less.cost(c as u64) - below;
            assert!(found <= left(c) && found >= left(c) - 40_000_000, "{c}: {found} {}", left(c));
        }
        // 5, 29, 1, 18, −4: the first two level at 17, the next two at 9.5.
        assert!((less.cost(0) - below - left(0)).abs() <= 10);
        assert!((less.cost(2) - below - left(2)).abs() <= 10);
    }

    #[test]
    fn what_is_there_already_saves_no_more_and_a_floor_saves_extra() {
        let recourse = Recourse::of_savings([(2, 30), (4, 20)]);
        assert_eq!(recourse.after(3).runs(), [(3, 20)]);
        assert_eq!(recourse.at_least(3, 100).runs(), [(2, 130), (1, 120), (3, 20)]);
        assert_eq!(recourse.scaled(0.5).runs(), [(2, 15), (4, 10)]);
    }
}
