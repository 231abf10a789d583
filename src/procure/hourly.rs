//! What a pool runs on demand in every hour of a month: what pools that share a savings plan are held
//! against each other by.
//!
//! By far larger than a [`PoolMonth`](super::supply::PoolMonth), so it is kept only for pools that a spend
//! is committed for, a few months at a time, and dropped.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::capacity::slots::{MonthDays, Slot};
use crate::ids::Id;
use crate::plan::Pool;

/// Nodes on demand of one pool in one month, by hour and draw.
#[derive(Debug, Clone)]
pub struct HourlyUse {
    /// The pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    month: MonthDays,
    draws: usize,
    rows: Vec<Row>,
    /// Row by row, one value a draw.
    nodes: Vec<f64>,
    /// Likewise what is asked, where something limits what runs on demand or spot serves a part; else empty.
    asked: Vec<Asked>,
    /// The row of every hour, once it was asked for.
    row_of: OnceLock<Vec<usize>>,
}

/// What is asked of purchases in an hour, and how much of it may run on demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Asked {
    /// Nodes needed beside what exists.
    pub rest: f64,
    /// Nodes that spot serves for a part of the time, and the share of time in which they run on demand: those that
    /// committed nodes serve last come first.
    pub spot: [(f64, f64); 2],
    /// Nodes that may be had on demand.
    pub on_demand: f64,
}

impl Asked {
    /// Nodes on demand with so many more nodes committed, where need is multiplied by a factor: these serve first what
    /// is short, then what runs on demand alone, then what spot serves.
    fn runs(self, nodes: f64, factor: f64) -> f64 {
        let mut left = (self.rest * factor - nodes).max(0.0);
        let mut runs = 0.0;
        for (nodes, over) in self.spot {
            let on_spot = left.min(nodes * factor);
            runs += over * on_spot;
            left -= on_spot;
        }
        (runs + left).min(self.on_demand)
    }
}

/// What runs on demand in an hour, by what a committed node takes off it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    /// Nodes of which each takes one off, if all could be had.
    pub alone: f64,
    /// Those and the ones that spot serves for a part of the time.
    pub all: f64,
    /// The share of time in which the latter run on demand.
    pub over: f64,
    /// The most that may be had.
    pub most: f64,
}

impl Load {
    /// The same where need is multiplied by a factor.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self { alone: self.alone * factor, all: self.all * factor, ..self }
    }

    /// The same if all could be had: no less, and convex in what is committed.
    pub(crate) fn without_limit(self) -> Self {
        Self { most: f64::INFINITY, ..self }
    }

    /// Whether less may be had than is asked for.
    pub(crate) fn is_limited(self) -> bool {
        self.most < (1.0 - self.over) * self.alone + self.over * self.all
    }

    /// The shares of it that fall by one with each committed node, and the nodes at which each comes to nothing; what
    /// may not be had is taken off again, so that nodes serve it first.
    pub(crate) fn parts(self) -> impl Iterator<Item = (f64, f64)> {
        let Self { alone, all, over, most } = self;
        let mut parts = [(1.0 - over, alone), (over, all), (0.0, 0.0)];
        if self.is_limited() {
            if most >= over * (all - alone) {
                parts[2] = (-1.0, (1.0 - over) * alone + over * all - most);
            } else {
                (parts[0], parts[2]) = ((0.0, 0.0), (-over, all - most / over));
            }
        }
        parts.into_iter().filter(|(share, _)| *share != 0.0)
    }
}

/// Hours that run the same.
#[derive(Debug, Clone)]
struct Row {
    days: Range<u32>,
    hour_of_week: Option<usize>,
}

impl HourlyUse {
    pub(crate) fn new(pool: Id<Pool>, t: usize, month: MonthDays, draws: usize) -> Self {
        let (rows, nodes, asked) = (Vec::new(), Vec::new(), Vec::new());
        Self { pool, t, month, draws, rows, nodes, asked, row_of: OnceLock::new() }
    }

    /// Room for what a slot runs in so many days of it; one value a draw.
    pub(crate) fn add(&mut self, slot: &Slot, days: &Range<u32>) -> &mut [f64] {
        let both = slot.days.start.max(days.start)..slot.days.end.min(days.end);
        self.rows.push(Row { days: both, hour_of_week: slot.hour_of_week });
        let start = self.nodes.len();
        self.nodes.resize(start + self.draws, 0.0);
        &mut self.nodes[start..]
    }

    /// The nodes of a row, one value a draw.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.nodes[row * self.draws..(row + 1) * self.draws]
    }

    /// Room for what is asked in the row that was added last; one value a draw.
    pub(crate) fn ask(&mut self, each: impl Iterator<Item = Asked>) {
        self.asked.extend(each);
    }

    /// Without what is asked: for a pool that no node is committed for.
    pub(crate) fn into_supplied(self) -> Self {
        Self { asked: Vec::new(), ..self }
    }

    /// Nodes on demand in a row and draw with so many nodes committed, where need is multiplied by a factor.
    pub(crate) fn runs(&self, row: usize, draw: usize, nodes: f64, factor: f64) -> f64 {
        let place = row * self.draws + draw;
        match self.asked.get(place) {
            Some(asked) => asked.runs(nodes, factor),
            None => (self.nodes[place] * factor - nodes).max(0.0),
        }
    }

    /// What runs in a row and draw before anything is committed.
    pub(crate) fn load(&self, row: usize, draw: usize) -> Load {
        let place = row * self.draws + draw;
        let Some(asked) = self.asked.get(place) else {
            let nodes = self.nodes[place];
            return Load { alone: nodes, all: nodes, over: 0.0, most: f64::INFINITY };
        };
        let on_spot = asked.spot.iter().filter(|(nodes, _)| *nodes > 0.0);
        let over = on_spot.map(|(_, over)| *over).fold(0.0, f64::max);
        let alone = asked.spot.iter().fold(asked.rest, |rest, (nodes, _)| rest - nodes).max(0.0);
        Load { alone, all: asked.rest, over, most: asked.on_demand }
    }

    /// How many draws there are.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Nodes on demand in all hours together, by draw.
    pub(crate) fn node_hours(&self) -> Vec<f64> {
        let mut hours = vec![0.0; self.rows.len()];
        for row in self.row_of_hours() {
            hours[*row] += 1.0;
        }
        let mut sums = vec![0.0; self.draws];
        for (row, hours) in hours.into_iter().enumerate() {
            sums.iter_mut().zip(self.row(row)).for_each(|(sum, nodes)| *sum += hours * nodes);
        }
        sums
    }

    /// The same hours with the mean of each group of draws in place of them; groups are equally many draws.
    pub(crate) fn mean_of(&self, groups: &[Vec<usize>]) -> Self {
        let mean = |row: &[f64], group: &Vec<usize>| {
            group.iter().map(|draw| row[*draw]).sum::<f64>() / group.len() as f64
        };
        let rows = (0..self.rows.len()).map(|row| self.row(row));
        let nodes = rows.flat_map(|row| groups.iter().map(move |group| mean(row, group)));
        let asked = |row: &[Asked], group: &Vec<usize>| {
            let of = |value: &dyn Fn(&Asked) -> f64| {
                group.iter().map(|draw| value(&row[*draw])).sum::<f64>() / group.len() as f64
            };
            Asked {
                rest: of(&|one| one.rest),
                // Of the least of these shares, rising, what runs is no more than in the mean.
                spot: [0, 1].map(|place| {
                    let shares = group.iter().flat_map(|draw| &row[*draw].spot[place..]);
                    let least = shares.map(|(_, over)| *over).fold(1.0, f64::min);
                    (of(&|one| one.spot[place].0), least)
                }),
                on_demand: of(&|one| one.on_demand),
            }
        };
        let of_rows = self.asked.chunks(self.draws.max(1));
        let all_asked = of_rows.flat_map(|row| groups.iter().map(move |group| asked(row, group)));
        Self {
            asked: all_asked.collect(),
            nodes: nodes.collect(),
            draws: groups.len(),
            rows: self.rows.clone(),
            row_of: self.row_of.clone(),
            ..*self
        }
    }

    /// The row of every hour of the month.
    fn row_of_hours(&self) -> &[usize] {
        self.row_of.get_or_init(|| {
            let mut row_of = vec![0; self.month.days as usize * 24];
            for (place, row) in self.rows.iter().enumerate() {
                for day in row.days.clone() {
                    for hour in 0..24 {
                        let month_hour = day as usize * 24 + hour;
                        let of_week = self.month.hour_of_week(month_hour);
                        if row.hour_of_week.is_none_or(|own| own == of_week) {
                            row_of[month_hour] = place;
                        }
                    }
                }
            }
            row_of
        })
    }
}

/// Hours of a month that are alike to several pools.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedHours {
    /// The row of each pool, in the order they were given.
    pub rows: Vec<usize>,
    /// The group that the day belongs to.
    pub group: usize,
    /// How many hours.
    pub hours: f64,
}

/// Groups the hours of a month by what every pool runs in them, and by a group that each day belongs to.
/// All pools are of one month.
#[must_use]
pub fn shared_hours(uses: &[&HourlyUse], group_of_day: &[usize]) -> Vec<SharedHours> {
    let row_of: Vec<&[usize]> = uses.iter().map(|one| one.row_of_hours()).collect();
    // Each hour's kind, told apart pool by pool.
    let mut kind: Vec<usize> =
        (0..group_of_day.len() * 24).map(|hour| group_of_day[hour / 24]).collect();
    let mut kinds = group_of_day.iter().max().map_or(0, |most| most + 1);
    for rows in &row_of {
        let mut first = vec![None; kinds];
        let mut others = HashMap::new();
        for (kind, row) in kind.iter_mut().zip(*rows) {
            if first[*kind].get_or_insert(*row) != row {
                *kind = *others.entry((*kind, *row)).or_insert_with(|| {
                    kinds += 1;
                    kinds - 1
                });
            }
        }
    }
    let mut alike: Vec<SharedHours> = Vec::new();
    let mut place_of: Vec<Option<usize>> = vec![None; kinds];
    for (hour, kind) in kind.into_iter().enumerate() {
        let place = *place_of[kind].get_or_insert_with(|| {
            let rows = row_of.iter().map(|rows| rows[hour]).collect();
            alike.push(SharedHours { rows, group: group_of_day[hour / 24], hours: 0.0 });
            alike.len() - 1
        });
        alike[place].hours += 1.0;
    }
    alike.sort_by(|a, b| (a.group, &a.rows).cmp(&(b.group, &b.rows)));
    alike
}
