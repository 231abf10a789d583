//! A job trace as a table: one row a job.
//!
//! Columns are found by name, in any order. `arrival`, `duration` and `queue` are required. Times are
//! seconds, or numbers with a unit (`90m`, `1.5h`), or dates; all arrivals are of one kind. A column whose
//! name is a resource of some quota is what one pod requests of it; `gpu` stands for the one resource
//! that ends in `gpu`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::cluster::{Amount, Resource};
use super::job::{Checkpoint, Job, WhenStopped};
use super::manifest::{World, amount, near, queue_names};
use super::snapshot::{Moment, PodSet};
use crate::ids::Id;
use crate::kubernetes::quantity::Quantity;
use crate::language::suggest;

/// Jobs of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The jobs, in the order of the file; moments count from `origin`.
    pub jobs: Vec<Job>,
    /// The moment 0, in seconds since 1970, where arrivals are dates.
    pub origin: Option<i64>,
    /// Columns that were not used.
    pub ignored: Vec<String>,
}

/// What jobs without columns of their own have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defaults {
    /// How they keep their work.
    pub checkpoint: Option<Checkpoint>,
    /// How long they take to go on.
    pub restart: Moment,
}

/// What is wrong with a trace, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl TraceFault {
    /// `jobs.csv:3: …`, and the help below.
    #[must_use]
    pub fn with_file(&self, file: &str) -> String {
        let Self { line, message, help } = self;
        let head = format!("{file}:{line}: {message}");
        if help.is_empty() { head } else { format!("{head}\n  help: {help}") }
    }
}

/// The columns that are known, with their other names.
const COLUMNS: [(&str, &[&str]); 14] = [
    ("name", &["job", "id", "uid"]),
    ("arrival", &["submit", "submit_time", "creation_time", "arrival_time"]),
    ("duration", &["runtime", "run_time"]),
    ("queue", &["localqueue", "local_queue", "clusterqueue", "cluster_queue"]),
    ("namespace", &[]),
    ("priority", &["class", "priority_class"]),
    ("count", &["pods", "replicas", "num_inst"]),
    ("min_count", &["min_pods"]),
    ("flavor", &["flavors"]),
    ("checkpoint", &["checkpoint_every"]),
    ("checkpoint_takes", &[]),
    ("restart", &[]),
    ("restartable", &[]),
    ("gpu", &["gpus"]),
];

/// A time in milliseconds: seconds, or a number with `ms`, `s`, `m`, `h`, `d` or `w`.
#[must_use]
pub fn time(text: &str) -> Option<Moment> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "ms" => 1.0,
        "" | "s" => 1e3,
        "m" | "min" => 6e4,
        "h" => 3.6e6,
        "d" => 8.64e7,
        "w" => 6.048e8,
        _ => return None,
    };
    let value: f64 = number.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
    let time = (value * unit).round() as Moment;
    (value.is_finite() && time.abs() < Moment::MAX / 4).then_some(time)
}

/// Reads a trace.
///
/// # Errors
/// All rows that are wrong, or the columns that are missing.
pub fn read(text: &str, world: &World, defaults: Defaults) -> Result<Trace, Vec<TraceFault>> {
    let mut csv =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = csv.headers().map_err(|error| vec![broken(&error)])?.clone();
    let columns = Columns::find(&heads, world)?;
    let (mut jobs, mut faults, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(broken(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { record: &record, line, columns: &columns, world };
        match row.job(jobs.len() + 1, defaults) {
            Ok(job) if !names.insert(job.0.name.clone()) => faults.push(TraceFault {
                line,
                message: format!("there are two jobs `{}`", job.0.name),
                help: "give each its own name, or leave the column `name` out".to_owned(),
            }),
            Ok(job) => jobs.push((job, line)),
            Err(fault) => faults.push(fault),
        }
    }
    let dated = jobs.iter().filter(|((_, dated), _)| *dated).count();
    if dated > 0 && dated < jobs.len() {
        let line = jobs.iter().find(|((_, dated), _)| !dated).map_or(0, |(_, line)| *line);
        faults.push(TraceFault {
            line,
            message: "this arrival is no date, but others are".to_owned(),
            help: "write all as dates, or all as seconds".to_owned(),
        });
    }
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.line);
        return Err(faults);
    }
    let mut jobs: Vec<Job> = jobs.into_iter().map(|((job, _), _)| job).collect();
    let origin = (dated > 0).then(|| first_of_month(&jobs));
    for job in &mut jobs {
        job.arrival -= origin.unwrap_or(0) * 1000;
    }
    Ok(Trace { jobs, origin, ignored: columns.ignored })
}

fn broken(error: &csv::Error) -> TraceFault {
    let line = error.position().map_or(1, csv::Position::line);
    TraceFault { line, message: format!("this is no CSV: {error}"), help: String::new() }
}

/// The beginning of the month of the first arrival, in seconds since 1970.
fn first_of_month(jobs: &[Job]) -> i64 {
    let first = jobs.iter().map(|job| job.arrival).min().unwrap_or(0);
    let at = Timestamp::from_millisecond(first).unwrap_or(Timestamp::UNIX_EPOCH);
    let date = TimeZone::UTC.to_datetime(at).date().first_of_month();
    TimeZone::UTC
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .map_or(0, Timestamp::as_second)
}

/// Which column holds what.
struct Columns {
    known: Vec<Option<usize>>,
    resources: Vec<(usize, Id<Resource>)>,
    ignored: Vec<String>,
}

impl Columns {
    fn find(heads: &csv::StringRecord, world: &World) -> Result<Self, Vec<TraceFault>> {
        let mut columns =
            Self { known: vec![None; COLUMNS.len()], resources: Vec::new(), ignored: Vec::new() };
        let resources = &world.cluster.resources;
        for (place, head) in heads.iter().enumerate() {
            let head = head.trim_start_matches('\u{feff}');
            let lower = head.to_ascii_lowercase().replace([' ', '-'], "_");
            let known = COLUMNS
                .iter()
                .position(|(name, others)| *name == lower || others.contains(&lower.as_str()));
            if let Some(resource) = world.cluster.resource(head) {
                columns.resources.push((place, resource));
            } else if let Some(known) = known {
                columns.known[known] = Some(place);
            } else {
                columns.ignored.push(head.to_owned());
            }
        }
        if let Some(place) = columns.known[13].take() {
            let mut gpus = (0..resources.len()).filter(|at| resources[*at].name.ends_with("gpu"));
            match (gpus.next(), gpus.next()) {
                (Some(gpu), None) => columns.resources.push((place, Id::new(gpu))),
                (None, _) => columns.ignored.push("gpu".to_owned()),
                (Some(_), Some(_)) => {
                    return Err(vec![TraceFault {
                        line: 1,
                        message: "`gpu` may be several resources of the quotas".to_owned(),
                        help: "name the column as the resource: `nvidia.com/gpu`".to_owned(),
                    }]);
                }
            }
        }
        let missing: Vec<_> =
            (1..=3).filter(|at| columns.known[*at].is_none()).map(|at| COLUMNS[at].0).collect();
        if missing.is_empty() {
            return Ok(columns);
        }
        Err(vec![TraceFault {
            line: 1,
            message: format!("there is no column {}", suggest::list(missing)),
            help: "a trace has at least `arrival`, `duration` and `queue`, and a column for each resource"
                .to_owned(),
        }])
    }
}

struct Row<'a> {
    record: &'a csv::StringRecord,
    line: u64,
    columns: &'a Columns,
    world: &'a World,
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<&str> {
        let at = COLUMNS.iter().position(|(known, _)| *known == name)?;
        self.record.get(self.columns.known[at]?).filter(|cell| !cell.is_empty())
    }

    fn fault(&self, message: String, help: impl Into<String>) -> TraceFault {
        TraceFault { line: self.line, message, help: help.into() }
    }

    fn time(&self, name: &str) -> Result<Option<Moment>, TraceFault> {
        let Some(cell) = self.cell(name) else { return Ok(None) };
        match time(cell) {
            Some(time) if time >= 0 => Ok(Some(time)),
            _ => Err(self.fault(
                format!("`{cell}` is no time for `{name}`"),
                "write seconds, or a number with a unit: `90`, `45m`, `1.5h`, `2d`",
            )),
        }
    }

    fn whole(&self, name: &str) -> Result<Option<i64>, TraceFault> {
        let Some(cell) = self.cell(name) else { return Ok(None) };
        match cell.parse() {
            Ok(count) if (1..=10_000_000).contains(&count) => Ok(Some(count)),
            _ => Err(self
                .fault(format!("`{cell}` is no number of pods for `{name}`"), "write 1 or more")),
        }
    }

    /// The job, and whether its arrival is a date.
    fn job(&self, number: usize, defaults: Defaults) -> Result<(Job, bool), TraceFault> {
        let (arrival, dated) = self.arrival()?;
        let missing = |name: &str| self.fault(format!("`{name}` is empty"), "every job needs one");
        let work = self.time("duration")?.ok_or_else(|| missing("duration"))?;
        let checkpoint = match self.time("checkpoint")? {
            None => defaults.checkpoint,
            Some(0) => None,
            Some(every) => {
                Some(Checkpoint { every, takes: self.time("checkpoint_takes")?.unwrap_or(0) })
            }
        };
        let when_stopped = match self.cell("restartable").map(str::to_ascii_lowercase).as_deref() {
            None | Some("true" | "yes" | "1") => WhenStopped::Requeues,
            Some("false" | "no" | "0") => WhenStopped::Ends,
            Some(other) => {
                return Err(self.fault(
                    format!("`{other}` does not say whether the job is restartable"),
                    "write `true` or `false`",
                ));
            }
        };
        let name = self.cell("name").map_or_else(|| format!("job-{number:06}"), str::to_owned);
        let job = Job {
            name,
            queue: self.queue()?,
            priority: self.priority()?,
            arrival,
            work,
            pod_sets: vec![PodSet {
                count: self.whole("count")?.unwrap_or(1),
                min_count: self.whole("min_count")?,
                requests: self.requests()?,
            }],
            flavors: self.flavors()?,
            checkpoint,
            restart: self.time("restart")?.unwrap_or(defaults.restart),
            when_stopped,
            leaves: None,
            mark: 0,
        };
        Ok((job, dated))
    }

    fn arrival(&self) -> Result<(Moment, bool), TraceFault> {
        let Some(cell) = self.cell("arrival") else {
            return Err(self.fault("`arrival` is empty".to_owned(), "every job needs one"));
        };
        if let Some(seconds) = time(cell) {
            return Ok((seconds, false));
        }
        let zoned = cell.parse::<Timestamp>().ok();
        let plain = || {
            let civil: DateTime = cell.replacen(' ', "T", 1).parse().ok()?;
            TimeZone::UTC.to_timestamp(civil).ok()
        };
        match zoned.or_else(plain) {
            Some(at) => Ok((at.as_millisecond(), true)),
            None => Err(self.fault(
                format!("`{cell}` is no arrival"),
                "write seconds from the beginning, or a date: `3600`, `2026-11-23 09:30`",
            )),
        }
    }

    fn queue(&self) -> Result<Id<super::cluster::Node>, TraceFault> {
        let Some(cell) = self.cell("queue") else {
            return Err(self.fault("`queue` is empty".to_owned(), "every job needs one"));
        };
        let local = &self.world.local_queues;
        let found = if let Some(namespace) = self.cell("namespace") {
            local.get(&(namespace.to_owned(), cell.to_owned())).copied()
        } else {
            let mut named = local.iter().filter(|((_, name), _)| name == cell);
            match (named.next(), named.next()) {
                (Some((_, queue)), None) => Some(*queue),
                (Some(_), Some(_)) if self.world.cluster.queue(cell).is_none() => {
                    return Err(self.fault(
                        format!("there are several LocalQueues `{cell}`"),
                        "add a column `namespace`",
                    ));
                }
                _ => None,
            }
        };
        self.world
            .cluster
            .queue(cell)
            .filter(|_| self.cell("namespace").is_none())
            .or(found)
            .ok_or_else(|| {
                let names: Vec<&str> = queue_names(&self.world.cluster)
                    .chain(local.keys().map(|(_, name)| name.as_str()))
                    .collect();
                let of = self
                    .cell("namespace")
                    .map_or_else(String::new, |of| format!(" in namespace `{of}`"));
                self.fault(format!("unknown queue `{cell}`{of}"), near(cell, names.iter().copied()))
            })
    }

    fn priority(&self) -> Result<i64, TraceFault> {
        let Some(cell) = self.cell("priority") else { return Ok(0) };
        if let Ok(priority) = cell.parse() {
            return Ok(priority);
        }
        self.world.priorities.get(cell).copied().ok_or_else(|| {
            let known = self.world.priorities.keys().map(String::as_str);
            self.fault(format!("unknown priority class `{cell}`"), near(cell, known))
        })
    }

    fn requests(&self) -> Result<Vec<(Id<Resource>, Amount)>, TraceFault> {
        let mut requests = Vec::new();
        for (place, resource) in &self.columns.resources {
            let Some(cell) = self.record.get(*place).filter(|cell| !cell.is_empty()) else {
                continue;
            };
            let name = &self.world.cluster.resources[resource.index()].name;
            let quantity = Quantity::parse(cell).map_err(|fault| {
                self.fault(fault.to_string(), format!("this is what one pod requests of `{name}`"))
            })?;
            let amount = amount(name, &quantity);
            if amount < 0 {
                return Err(self.fault(format!("`{cell}` is less than nothing"), ""));
            }
            if amount > 0 {
                requests.push((*resource, amount));
            }
        }
        if requests.is_empty() {
            let known = self.world.cluster.resources.iter().map(|resource| resource.name.as_str());
            return Err(self.fault(
                "the job requests nothing that the quotas count".to_owned(),
                format!("fill a column for one of {}", suggest::list(known)),
            ));
        }
        requests.sort();
        Ok(requests)
    }

    fn flavors(&self) -> Result<Option<Vec<Id<super::cluster::Flavor>>>, TraceFault> {
        let cluster = &self.world.cluster;
        let Some(cell) = self.cell("flavor") else {
            let all = (0..cluster.flavors.len()).map(Id::new);
            let tainted = &self.world.tainted;
            return Ok((!tainted.is_empty())
                .then(|| all.filter(|flavor| !tainted.contains(flavor)).collect()));
        };
        let named = cell.split(';').map(str::trim).map(|name| {
            cluster.flavor(name).ok_or_else(|| {
                let known = cluster.flavors.iter().map(|flavor| flavor.name.as_str());
                self.fault(format!("unknown flavor `{name}`"), near(name, known))
            })
        });
        named.collect::<Result<Vec<_>, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cluster, gpu_queue, quota};
    use super::*;
    use std::collections::BTreeMap;

    fn world() -> World {
        World {
            cluster: cluster(&[
                gpu_queue("search", None, quota(8)),
                gpu_queue("ads", None, quota(8)),
            ]),
            local_queues: BTreeMap::new(),
            priorities: BTreeMap::from([("production".to_owned(), 100)]),
            sharing: None,
            tainted: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn fault(text: &str) -> String {
        read(text, &world(), Defaults::default()).unwrap_err()[0].with_file("jobs.csv")
    }

    #[test]
    fn a_row_is_a_job() {
        let text = "arrival,duration,queue,priority,gpu,count,checkpoint,color\n60,1.5h,ads,production,2,4,10m,red\n";
        let trace = read(text, &world(), Defaults::default()).unwrap();
        let job = &trace.jobs[0];
        assert_eq!((job.arrival, job.work, job.priority), (60_000, 5_400_000, 100));
        assert_eq!((job.pod_sets[0].count, job.pod_sets[0].requests[0].1), (4, 2));
        assert_eq!(job.checkpoint.map(|of| of.every), Some(600_000));
        assert_eq!((job.name.as_str(), trace.ignored), ("job-000001", vec!["color".to_owned()]));
    }

    #[test]
    fn dates_count_from_the_month_of_the_first() {
        let text = "arrival,duration,queue,gpu\n2026-11-02 00:00,60,ads,1\n2026-12-01T00:00:00Z,60,ads,1\n";
        let trace = read(text, &world(), Defaults::default()).unwrap();
        let arrivals: Vec<_> = trace.jobs.iter().map(|job| job.arrival / 86_400_000).collect();
        assert_eq!(arrivals, [1, 30]);
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_a_way_out() {
        assert_eq!(
            fault("arrival,duration,queue,gpu\n0,60,serch,1\n"),
            "jobs.csv:2: unknown queue `serch`\n  help: did you mean `search`?"
        );
        assert_eq!(
            fault("arrival,duration,queue,gpu,priority\n0,60,ads,1,prodction\n"),
            "jobs.csv:2: unknown priority class `prodction`\n  help: did you mean `production`?"
        );
        assert!(
            fault("arrival,queue,gpu\n").starts_with("jobs.csv:1: there is no column `duration`")
        );
        assert!(fault("arrival,duration,queue\n0,60,ads\n").contains("requests nothing"));
        assert!(
            fault("arrival,duration,queue,gpu\n0,later,ads,1\n").contains("`later` is no time")
        );
    }
}
