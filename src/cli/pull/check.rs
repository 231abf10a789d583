//! `capplan pull --check`: how old what was pulled is; asks nobody.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;

use super::show::{columns, hour, json};
use super::{Errand, Format, Options, Outcome, Stop, print, terminal};
use crate::plan::measure::MeasureSource;
use crate::pull::stale::{self, Age, State};

/// Prints the age of every series. The exit code is 3 where one is stale, 1 where a demand's is missing.
pub(super) fn run(options: &Options, folder: &Path, errands: &[Errand], now: Timestamp) -> Outcome {
    #[derive(Serialize)]
    struct View<'a> {
        source: &'a str,
        workload: String,
        metric: String,
        state: &'static str,
        last: Option<Timestamp>,
        age_hours: Option<i64>,
        stale_after_hours: f64,
    }
    let mut found: Vec<(&MeasureSource, Age)> = Vec::new();
    let mut broken = false;
    for Errand { source, asks } in errands {
        match stale::ages(folder, source, asks, now) {
            Ok(ages) => found.extend(ages.into_iter().map(|age| (*source, age))),
            Err(fault) => {
                broken = true;
                terminal::error(&format!(
                    "source `{}`: {fault}\n  help: {}",
                    source.name,
                    fault.help()
                ));
            }
        }
    }
    if options.format == Format::Json {
        let views: Vec<View> = found
            .iter()
            .map(|(source, age)| View {
                source: &source.name,
                workload: age.key.workload.clone(),
                metric: age.key.metric.clone(),
                state: age.state.word(),
                last: age.last,
                age_hours: age.hours,
                stale_after_hours: source.stale_after_hours,
            })
            .collect();
        print(&json(&views)?)?;
    } else {
        let heads = ["source", "workload", "metric", "last", "age", "stale after", ""];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows.extend(found.iter().map(|(source, age)| {
            vec![
                source.name.clone(),
                age.key.workload.clone(),
                age.key.metric.clone(),
                hour(age.last),
                age.hours.map(|hours| format!("{hours} h")).unwrap_or_default(),
                format!("{} h", (source.stale_after_hours * 10.0).round() / 10.0),
                age.state.word().to_owned(),
            ]
        }));
        print(&columns(&rows, &[4, 5]))?;
    }
    let any = |state| found.iter().any(|(_, age)| age.state == state);
    if any(State::Missing) || any(State::Stale) {
        terminal::say("run `capplan pull` for what is missing or stale");
    }
    match (broken || any(State::Missing), any(State::Stale)) {
        (true, _) => Err(Stop::Said(1)),
        (false, true) => Err(Stop::Said(3)),
        (false, false) => Ok(ExitCode::SUCCESS),
    }
}
