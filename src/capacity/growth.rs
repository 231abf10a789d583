//! Growth of amounts that the demand does not hold: the memory a cache keeps, the work of a run.
//!
//! The same meanings as growth of demand: factor 1 in the horizon's first month and before it, constant
//! inside a month, one draw a path. Terms apply in the order written. A seasonal term has mean 1 over
//! its period and leaves these amounts as they are.

use crate::capacity::per_draw::PerDraw;
use crate::plan::Plan;
use crate::plan::workload::{Growth, GrowthKind, LogisticPace};

/// `base` as it has grown by month `t` of the horizon.
pub(crate) fn grown(plan: &Plan, base: &PerDraw, growth: &[Growth], t: usize) -> PerDraw {
    growth.iter().fold(base.clone(), |level, term| one(plan, &level, &term.kind, t))
}

fn one(plan: &Plan, level: &PerDraw, kind: &GrowthKind, t: usize) -> PerDraw {
    let months = t as f64;
    match kind {
        GrowthKind::Compound(rate) => {
            let rate = PerDraw::of(plan.draws, rate);
            level.zip(&rate, |level, rate| level * libm::pow((1.0 + rate).max(0.0), months))
        }
        GrowthKind::LinearShare(rate) => {
            let rate = PerDraw::of(plan.draws, rate);
            level.zip(&rate, |level, rate| (level * (1.0 + rate * months)).max(0.0))
        }
        GrowthKind::LinearStep(step) => {
            let step = PerDraw::of(plan.draws, step);
            level.zip(&step, |level, step| (level + step * months).max(0.0))
        }
        GrowthKind::Logistic { ceiling, pace } => {
            let ceiling = PerDraw::of(plan.draws, ceiling);
            let pace = match pace {
                LogisticPace::Steepness(steepness) => PerDraw::of(plan.draws, steepness),
                LogisticPace::Midpoint(month) => {
                    let middle = f64::from(month.since(plan.horizon.first).max(1));
                    level.zip(&ceiling, |level, ceiling| {
                        libm::log(((ceiling - level) / level).max(1e-9)) / middle
                    })
                }
            };
            let share = level.zip(&ceiling, |level, ceiling| (ceiling - level) / level);
            let decay = pace.map(|pace| libm::exp(-pace * months));
            ceiling.zip(&share.times(&decay), |ceiling, rest| (ceiling / (1.0 + rest)).max(0.0))
        }
        GrowthKind::Seasonal { .. } => level.clone(),
        GrowthKind::Table(rows) => {
            let place = |month: crate::calendar::Month| f64::from(month.since(plan.horizon.first));
            let after = rows.iter().position(|(month, _)| place(*month) > months);
            let value = |row: usize| PerDraw::of(plan.draws, &rows[row].1);
            match after {
                _ if rows.is_empty() => level.clone(),
                Some(0) => value(0),
                None => value(rows.len() - 1),
                Some(next) => {
                    let (from, to) = (place(rows[next - 1].0), place(rows[next].0));
                    let part = (months - from) / (to - from);
                    value(next - 1).zip(&value(next), |a, b| a + (b - a) * part)
                }
            }
        }
        GrowthKind::To { level: goal, by } => {
            let whole = f64::from(by.since(plan.horizon.first) + 1).max(1.0);
            let part = (months / whole).min(1.0);
            let goal = PerDraw::of(plan.draws, goal);
            level.zip(&goal, |level, goal| level + (goal - level) * part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::capacity::example::{self, fixed};
    use crate::source::{FileId, Span};

    fn at(kind: GrowthKind, t: usize) -> f64 {
        let origin = Span { file: FileId(0), start: 0, len: 0 };
        let growth = [Growth { kind, origin }];
        grown(&example::plan(), &PerDraw::Same(100.0), &growth, t).at(0)
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{a} is not {b}");
    }

    #[test]
    fn every_kind_is_its_formula() {
        close(at(GrowthKind::Compound(fixed(0.1)), 3), 133.1);
        close(at(GrowthKind::LinearShare(fixed(0.1)), 3), 130.0);
        close(at(GrowthKind::LinearStep(fixed(5.0)), 3), 115.0);
        let logistic = GrowthKind::Logistic {
            ceiling: fixed(400.0),
            pace: LogisticPace::Midpoint(Month::new(2027, 5)),
        };
        close(at(logistic.clone(), 0), 100.0);
        close(at(logistic, 3), 200.0);
        let table = vec![(Month::new(2027, 2), fixed(10.0)), (Month::new(2027, 4), fixed(30.0))];
        close(at(GrowthKind::Table(table.clone()), 0), 10.0);
        close(at(GrowthKind::Table(table.clone()), 1), 20.0);
        close(at(GrowthKind::Table(table), 9), 30.0);
        let to = GrowthKind::To { level: fixed(300.0), by: Month::new(2027, 4) };
        close(at(to.clone(), 2), 100.0 + 200.0 * 2.0 / 3.0);
        close(at(to, 9), 300.0);
    }
}
