//! Commitments by the optimum against a look-back recommender, replayed on hours that came.
//!
//! `replay HOURS.csv` reads one row an hour and one column a series (from `replay.py`), the last of three years
//! being the one that is replayed. On the first hour of each 730-hour month every policy may commit for twelve
//! months at 0.64 of the price by the hour, or at 0.60 all upfront (both accrue over the term):
//!
//! * nothing: everything by the hour;
//! * look-back: the quantity that would have been cheapest over the last 30 days, less what is committed;
//! * optimum: the first month's orders of the optimum over the next 24 months, for the hours of a year
//!   before times the growth of the last 90 days against the same 90 days a year before;
//! * hindsight: the optimum of the year itself, which no one knows.

use optimum::closed::quantile_above;
use optimum::flow::cheapest;
use optimum::product::{Product, offers};
use optimum::recourse::{Collect, Recourse, Step};

#[path = "../../src/normal.rs"]
#[allow(dead_code)]
mod normal;
#[path = "../../src/procure/optimum/mod.rs"]
#[allow(dead_code, unused_imports)]
mod optimum;

const MONTH: usize = 730;
const YEAR: usize = 12 * MONTH;
const PRICES: [f64; 2] = [0.64, 0.60];

fn main() {
    let path = std::env::args().nth(1).expect("a file of hours");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let rows: Vec<Vec<f64>> =
        text.lines().map(|line| line.split(',').map(number).collect()).collect();
    let series: Vec<Vec<f64>> =
        (0..rows[0].len()).map(|place| rows.iter().map(|row| row[place]).collect()).collect();
    let start = rows.len() - YEAR;
    let rented: f64 = series.iter().flat_map(|hours| &hours[start..]).sum();
    println!("| policy | of renting all | committed at the end | committed hours that idle |");
    println!("|---|--:|--:|--:|");
    let policies: [(&str, fn(&[f64], &[u64]) -> u64); 3] = [
        ("nothing", |_, _| 0),
        ("look-back, 30 days", look_back),
        ("optimum, planned anew each month", planned),
    ];
    for (name, policy) in policies {
        say(name, rented, series.iter().map(|hours| replay(hours, start, policy)));
    }
    let known = series.iter().map(|hours| {
        let best = bought(&months(&hours[start..]));
        replay(hours, start, |now, _| best[(now.len() - start) / MONTH])
    });
    say("hindsight", rented, known);
}

fn say(name: &str, rented: f64, years: impl Iterator<Item = Year>) {
    let sum = years.fold(Year::default(), |a, b| Year {
        cost: a.cost + b.cost,
        end: a.end + b.end,
        idle: a.idle + b.idle,
        held: a.held + b.held,
    });
    let idle = if sum.held > 0.0 { sum.idle / sum.held } else { 0.0 };
    println!("| {name} | {:.2}% | {} | {:.1}% |", 100.0 * sum.cost / rented, sum.end, 100.0 * idle);
}

/// What came of one series in the replayed year.
#[derive(Default)]
struct Year {
    cost: f64,
    /// Units committed in the last month.
    end: u64,
    /// Unit-hours committed and not needed, and committed at all.
    idle: f64,
    held: f64,
}

/// What the year costs if `policy` says on each month's first hour how much more to commit to, knowing the
/// hours so far and what is committed for each coming month.
fn replay(hours: &[f64], start: usize, policy: impl Fn(&[f64], &[u64]) -> u64) -> Year {
    let mut committed = vec![0_u64; 36];
    let mut year = Year::default();
    for month in 0..12 {
        let now = start + month * MONTH;
        let more = policy(&hours[..now], &committed[month..]);
        committed[month..month + 12].iter_mut().for_each(|units| *units += more);
        let units = committed[month] as f64;
        for need in &hours[now..now + MONTH] {
            year.cost += units * PRICES[1] + (need - units).max(0.0);
            year.idle += (units - need).max(0.0);
            year.held += units;
        }
    }
    year.end = committed[11];
    year
}

fn look_back(known: &[f64], committed: &[u64]) -> u64 {
    let last = &known[known.len() - 30 * 24..];
    let wanted = quantile_above(last, PRICES[1]).ceil() as u64;
    wanted.saturating_sub(committed[0])
}

fn planned(known: &[f64], committed: &[u64]) -> u64 {
    let now = known.len();
    let mean = |hours: &[f64]| hours.iter().sum::<f64>() / hours.len() as f64;
    let quarter = 90 * 24;
    let week = 52 * 7 * 24;
    let before = mean(&known[now - week - quarter..now - week]);
    // What was not there a year before is taken to stay as it is.
    if before <= 0.0 {
        return look_back(known, committed);
    }
    let growth = mean(&known[now - quarter..]) / before;
    let ahead: Vec<f64> = (0..2 * YEAR)
        .map(|k| {
            // The second year is the first, grown once more.
            let years = k / week + 1;
            known[now + k - years * week] * growth.powi(years as i32)
        })
        .collect();
    let months: Vec<Recourse> = months(&ahead)
        .into_iter()
        .enumerate()
        .map(|(t, month)| month.after(committed.get(t).copied().unwrap_or(0)))
        .collect();
    bought(&months)[0]
}

fn months(hours: &[f64]) -> Vec<Recourse> {
    let month = |hours: &[f64]| {
        let mut collect = Collect::default();
        for need in hours {
            collect.add(1.0, *need, &[Step { units: f64::INFINITY, price: 1.0 }]);
        }
        collect.finish()
    };
    hours.chunks_exact(MONTH).map(month).collect()
}

/// Units that the optimum begins in each month.
fn bought(months: &[Recourse]) -> Vec<u64> {
    let products = PRICES.map(|price| Product {
        term: 12,
        first: 0,
        last: None,
        fee: vec![price * MONTH as f64; months.len()],
        upfront: vec![0.0; months.len()],
        level: vec![1.0; months.len()],
        residual: 0.0,
        most: None,
    });
    let (offers, starts) = offers(&products, months.len(), 0.0);
    let cover = cheapest(months, &offers);
    let mut begun = vec![0; months.len()];
    for (start, units) in starts.iter().zip(&cover.units) {
        begun[start.month] += units;
    }
    begun
}
