//! `capplan forecast TABLE.csv`: what follows each series of a plain table, without a plan.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use rayon::prelude::*;

use super::format::Format;
use super::{Outcome, Stop, print, terminal};
use crate::report::accuracy as accuracy_report;
use crate::report::series::{Form, Writer, overview, single};
use crate::report::terminal::Color;
use crate::table::accuracy::{self, Accuracy};
use crate::table::read::Rows;
use crate::table::{
    Columns, Frequency, Reader, SeriesAhead, SeriesFault, Wanted, ahead::Remark, look_ahead,
};

/// Options of a table; a plan has none of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of a table (a path that ends in .csv, .tsv or .parquet)")]
pub(super) struct TableArgs {
    /// Steps ahead.
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    horizon: Option<u32>,
    /// The interval of the times: `h`, `D`, `W`, `MS`, `QS`, `YS` or `15min`; read off them where absent.
    #[arg(long, value_name = "INTERVAL")]
    frequency: Option<Frequency>,
    /// Intervals, in percent [default: 80,95].
    #[arg(long, value_name = "PERCENT", value_delimiter = ',',
          value_parser = clap::value_parser!(u8).range(1..=99))]
    interval: Vec<u8>,
    /// Seasons that may be there, in steps: `24,168`; those of the interval where absent.
    #[arg(long, value_name = "STEPS", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    season: Vec<u32>,
    /// The column of the series' names [default: `unique_id`].
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The column of times [default: `ds`].
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The column of values [default: `y`].
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
}

impl TableArgs {
    /// Says so where an option of a table is given with a plan.
    pub(super) fn refuse(&self) -> Result<(), Stop> {
        let given = [
            ("--horizon", self.horizon.is_some()),
            ("--frequency", self.frequency.is_some()),
            ("--interval", !self.interval.is_empty()),
            ("--season", !self.season.is_empty()),
            ("--id", self.id.is_some()),
            ("--time", self.time.is_some()),
            ("--value", self.value.is_some()),
        ];
        let Some((option, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
        terminal::error(&format!(
            "`{option}` is for a table of series (a path that ends in .csv, .tsv or .parquet); a plan \
             says its own horizon"
        ));
        Err(Stop::Said(2))
    }

    fn columns(&self) -> Columns {
        let default = Columns::default();
        Columns {
            id: self.id.clone().unwrap_or(default.id),
            time: self.time.clone().unwrap_or(default.time),
            value: self.value.clone().unwrap_or(default.value),
        }
    }

    fn wanted(&self) -> Result<Wanted, Stop> {
        let Some(horizon) = self.horizon else {
            terminal::error("say how many steps ahead with `--horizon STEPS`");
            return Err(Stop::Said(2));
        };
        let mut seasons: Vec<usize> = self.season.iter().map(|steps| *steps as usize).collect();
        seasons.sort_unstable();
        seasons.dedup();
        Ok(Wanted {
            horizon: horizon as usize,
            frequency: self.frequency,
            seasons: Some(seasons).filter(|seasons| !seasons.is_empty()),
        })
    }
}

/// Whether a path is a table rather than a plan.
pub(super) fn is_table(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        ["csv", "tsv", "parquet", "pq"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Values that are read before they are forecast, in parallel: so many that no core waits, so few that a
/// long table needs no more memory than a short one.
const BATCH: usize = 200_000;
/// Series kept for the overview on a terminal.
const OVERVIEW: usize = 40;
/// Series named where several have the same fault.
const NAMED: usize = 5;

/// Prints what follows each series, or how well that would have been told.
pub(super) fn run(path: &Path, args: &TableArgs, backtest: bool, format: Format) -> Outcome {
    let wanted = args.wanted()?;
    let reader =
        Reader::open(path, &args.columns()).map_err(|fault| Stop::World(fault.to_string()))?;
    if !reader.ignored().is_empty() {
        terminal::say(&format!("note: not used: {}", reader.ignored().join(", ")));
    }
    if backtest {
        accuracy(reader, &wanted, format)
    } else {
        forecast(reader, &wanted, args, format)
    }
}

fn forecast(reader: Reader, wanted: &Wanted, args: &TableArgs, format: Format) -> Outcome {
    let mut intervals = if args.interval.is_empty() { vec![80, 95] } else { args.interval.clone() };
    intervals.sort_unstable();
    intervals.dedup();
    let form = match format {
        Format::Csv => Some(Form::Csv),
        Format::Json => Some(Form::Json),
        Format::Md => Some(Form::Markdown),
        _ => None,
    };
    let mut writer = form.map(|form| Writer::new(form, intervals));
    let mut said = Said::default();
    let (mut kept, mut total): (Vec<SeriesAhead>, usize) = (Vec::new(), 0);
    if let Some(writer) = &writer {
        print(&writer.start())?;
    }
    batches(
        reader,
        |rows| look_ahead(rows, wanted),
        |id, result| {
            match result {
                Ok(series) => {
                    said.remarks(&id, &series.remarks);
                    total += 1;
                    match &mut writer {
                        Some(writer) => print(&writer.series(&series))?,
                        None if kept.len() < OVERVIEW => kept.push(series),
                        None => {}
                    }
                }
                Err(fault) => said.fault(&id, fault),
            }
            Ok(())
        },
    )?;
    match (&writer, &kept[..]) {
        (Some(writer), _) => print(&writer.end())?,
        (None, [one]) if total == 1 => {
            let color = if terminal::stdout_shows_color() { Color::Ansi } else { Color::Plain };
            print(&single(one, terminal::width(), color))?;
        }
        (None, []) => {}
        (None, several) => print(&overview(several, total))?,
    }
    Ok(said.finish())
}

fn accuracy(reader: Reader, wanted: &Wanted, format: Format) -> Outcome {
    let mut said = Said::default();
    let mut found: Vec<Accuracy> = Vec::new();
    batches(
        reader,
        |rows| accuracy::backtest(rows, wanted),
        |id, result| {
            match result {
                Ok(accuracy) => found.push(accuracy),
                Err(fault) => said.fault(&id, fault),
            }
            Ok(())
        },
    )?;
    if !found.is_empty() {
        let view = accuracy_report::view(&found);
        print(&match format {
            Format::Json => accuracy_report::json(&view),
            Format::Csv => accuracy_report::csv(&view),
            Format::Md => accuracy_report::markdown(&view),
            _ => accuracy_report::table(&view),
        })?;
    }
    Ok(said.finish())
}

/// Works on series in parallel, some at a time, and hands on the results in the order of the file.
fn batches<T: Send>(
    reader: Reader,
    work: impl Fn(Rows) -> Result<T, SeriesFault> + Sync,
    mut hand_on: impl FnMut(String, Result<T, SeriesFault>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let bar =
        terminal::progress(reader.rows(), "{bar:40} {human_pos} of {human_len} rows, {eta} left");
    let mut reader = reader.peekable();
    while reader.peek().is_some() {
        let (mut batch, mut values): (Vec<Rows>, usize) = (Vec::new(), 0);
        while values < BATCH
            && let Some(rows) = reader.next()
        {
            values += rows.cells.len();
            batch.push(rows);
        }
        let done: Vec<(String, Result<T, SeriesFault>)> = batch
            .into_par_iter()
            .map(|rows| {
                let (id, length) = (rows.id.clone(), rows.cells.len() as u64);
                let result = work(rows);
                bar.inc(length);
                (id, result)
            })
            .collect();
        for (id, result) in done {
            hand_on(id, result)?;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// What is told about series on standard error: each thing once, with the first names.
#[derive(Default)]
struct Said {
    remarks: std::collections::BTreeMap<Remark, (usize, Vec<String>)>,
    faults: Vec<(String, SeriesFault)>,
}

impl Said {
    fn remarks(&mut self, id: &str, remarks: &[Remark]) {
        for remark in remarks {
            let (count, names) = self.remarks.entry(*remark).or_default();
            *count += 1;
            if names.len() < NAMED {
                names.push(id.to_owned());
            }
        }
    }

    fn fault(&mut self, id: &str, fault: SeriesFault) {
        self.faults.push((id.to_owned(), fault));
    }

    /// Says it; 1 where a series could not be read.
    fn finish(self) -> ExitCode {
        for (remark, (count, names)) in self.remarks {
            let more = match count - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            terminal::say(&format!("note: {}: {}{more}", remark.words(), names.join(", ")));
        }
        let count = self.faults.len();
        for (id, fault) in self.faults.iter().take(10) {
            terminal::error(&format!("series `{id}`: {fault}"));
        }
        if count > 10 {
            terminal::error(&format!("and {} more series", count - 10));
        }
        if count == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
    }
}
