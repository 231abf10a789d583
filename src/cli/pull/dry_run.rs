//! `capplan pull --dry-run`: every query and range that would be sent; asks nobody.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;

use super::show::json;
use super::{Errand, Format, Options, Outcome, print, terminal};
use crate::pull::agenda::Agenda;
use crate::pull::{self, agenda};

/// Prints what would be asked.
pub(super) fn run(
    options: &Options,
    folder: &Path,
    errands: Vec<Errand>,
    now: Timestamp,
) -> Outcome {
    #[derive(Serialize)]
    struct Request<'a> {
        source: &'a str,
        workload: String,
        metric: String,
        query: String,
        step_seconds: u32,
        requests: usize,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    }
    let mut requests = Vec::new();
    for Errand { source, asks } in errands {
        let Agenda { items, remarks, .. } = agenda::agenda(folder, source, asks, now);
        for remark in remarks {
            terminal::say(&format!("note: source `{}`: {remark}", source.name));
        }
        requests.extend(items.into_iter().map(|item| Request {
            source: &source.name,
            workload: item.ask.key.workload,
            metric: item.ask.key.metric,
            query: item.ask.query,
            step_seconds: item.ask.step_seconds,
            requests: item.chunks.len(),
            from: item.chunks.first().map(|range| pull::start_of(*range)),
            until: item.chunks.last().map(|range| pull::end_of(*range)),
        }));
    }
    if options.format == Format::Json {
        print(&json(&requests)?)?;
    } else {
        let line = |r: &Request| {
            let range = match (r.from, r.until) {
                (Some(from), Some(until)) => format!(
                    "from {from} until {until}, every {} s, in {} request{}",
                    r.step_seconds,
                    r.requests,
                    if r.requests == 1 { "" } else { "s" }
                ),
                _ => String::from("nothing: it is there already"),
            };
            format!("{} {} {}\n  {}\n  {range}\n", r.source, r.workload, r.metric, r.query)
        };
        print(&requests.iter().map(line).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}
