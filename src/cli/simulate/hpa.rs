//! `capplan simulate hpa`: what a `HorizontalPodAutoscaler` would do with a load.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::series;
use crate::capacity::{self, LoadPaths};
use crate::cli::format::{self, Format};
use crate::cli::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::kubernetes::hpa::{API_VERSION, HorizontalPodAutoscaler, KIND};
use crate::kubernetes::place::line_of;
use crate::kubernetes::quantity::Quantity;
use crate::kubernetes::scaled::Scaled;
use crate::kubernetes::yaml::{self, Document};
use crate::language::suggest;
use crate::money::Decimal;
use crate::pipeline;
use crate::report::terminal::Color;
use crate::report::view::AutoscalingView;
use crate::report::{autoscaling, hpa_view, view};
use crate::simulate::hpa::fleet::{Delays, NodeRules};
use crate::simulate::hpa::load::{Between, Load};
use crate::simulate::hpa::manifest::{self, World};
use crate::simulate::hpa::planned;
use crate::simulate::hpa::recommend::{Advice, recommend};
use crate::simulate::hpa::run::{Setup, run as simulate};
use crate::simulate::hpa::settings::{Millis, millis};
use crate::simulate::hpa::tally::Keep;

/// Options of `simulate hpa`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// Of a plan: only the autoscaler of this workload.
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    workload: Option<String>,
    /// Recommend limits, target and rules with which at most this share of the load is short: `0.1%`.
    #[arg(long, visible_alias = "risk", value_name = "SHARE", value_parser = share)]
    shortfall_risk: Option<f64>,
    /// Recommend them for every autoscaler of a plan, at the `shortfall-risk` that each states; 0.1% where it
    /// states none.
    #[arg(long, conflicts_with = "file")]
    recommend: bool,
    /// Without a plan: a file of manifests with a `HorizontalPodAutoscaler`, and with its Deployment if you like.
    #[arg(short, long, value_name = "FILE", requires = "load")]
    file: Option<PathBuf>,
    #[command(flatten)]
    manifest: ManifestArgs,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Options of a manifest and a load.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of a manifest (with --file)")]
struct ManifestArgs {
    /// The autoscaler of this name, where the file holds several.
    #[arg(long, requires = "file")]
    name: Option<String>,
    /// The load over time: a CSV or Parquet file with a column of times and one of values.
    #[arg(long, value_name = "FILE", requires = "file")]
    load: Option<PathBuf>,
    /// The column of times; found by its name where absent.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    time_column: Option<String>,
    /// The column of loads; found by its name where absent.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    load_column: Option<String>,
    /// What the load does between two rows.
    #[arg(long, value_enum, default_value_t = BetweenRows::Line)]
    between: BetweenRows,
    /// Load one pod serves when it uses all of its request: `40`, `"40 req/s"`. Where absent, the load is
    /// CPU cores and this is the pod's CPU request.
    #[arg(long, value_name = "LOAD", value_parser = load_of_a_pod, requires = "file")]
    serves: Option<PodLoad>,
    /// Load one pod can serve at most; as much as `--serves`, or its CPU limit, where absent.
    #[arg(long, value_name = "LOAD", value_parser = load_of_a_pod, requires = "file")]
    at_most: Option<PodLoad>,
    /// Units of a metric that one unit of load makes; 1 where absent.
    #[arg(long, value_name = "NAME=FACTOR", value_parser = factor, requires = "file")]
    metric: Vec<(String, f64)>,
    /// From a place on a node until the containers of a pod run.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pod_start: Millis,
    /// From then until the pod is ready: load a model, fill a cache.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    model_load: Millis,
    /// Pods that one node holds; where absent, nodes are not simulated and every pod has a place.
    #[arg(long, value_name = "PODS", value_parser = clap::value_parser!(i64).range(1..=10_000),
          requires = "file")]
    pods_per_node: Option<i64>,
    /// From the order of a node until pods start on it.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration,
          requires = "pods_per_node")]
    node_start: Millis,
    /// How long a node stays that nobody needs.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration,
          requires = "pods_per_node")]
    node_idle: Millis,
    /// How old the metrics are that the controller sees.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    metrics_lag: Millis,
    /// Over how long a metric is averaged.
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration)]
    metrics_window: Millis,
    /// Replicas at the start; as many as the first load needs, where absent.
    #[arg(long, value_name = "PODS", value_parser = clap::value_parser!(i32).range(0..=1_000_000),
          requires = "file")]
    start: Option<i32>,
    /// The price of an hour of a node, or of a pod without `--pods-per-node`: `"2.50 USD"`.
    #[arg(long, value_name = "MONEY", value_parser = price, requires = "file")]
    price: Option<(Decimal, String)>,
    /// The width of a row of the timeline.
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "file")]
    every: Option<Millis>,
}

/// What a load does between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BetweenRows {
    /// It moves in a straight line.
    Line,
    /// It stays until the next.
    Step,
}

/// A load and its unit, where one is given.
#[derive(Debug, Clone, PartialEq)]
struct PodLoad {
    value: f64,
    unit: String,
}

fn load_of_a_pod(text: &str) -> Result<PodLoad, String> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let value = Quantity::parse(number).map_err(|fault| fault.to_string())?.to_f64();
    if value <= 0.0 {
        return Err("it is above 0".to_owned());
    }
    Ok(PodLoad { value, unit: unit.trim().to_owned() })
}

fn factor(text: &str) -> Result<(String, f64), String> {
    let wrong = || format!("`{text}` is not NAME=FACTOR: `queue-length=0.2`");
    let (name, factor) = text.split_once('=').ok_or_else(wrong)?;
    let factor = factor.parse().ok().filter(|f: &f64| f.is_finite() && *f > 0.0);
    Ok((name.to_owned(), factor.ok_or_else(wrong)?))
}

/// A length of time: `90s`, `"6 minutes"`.
fn duration(text: &str) -> Result<Millis, String> {
    let wrong = || format!("`{text}` is no time: write `90s`, `6m`, `1.5h` or `\"6 minutes\"`");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "s" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let length = millis(number * seconds);
    // A year: no pod or window takes longer, and no sum of them overflows.
    if length > 31_536_000_000 { Err("a year at most".to_owned()) } else { Ok(length) }
}

fn price(text: &str) -> Result<(Decimal, String), String> {
    let (number, currency) = text.split_once(' ').unwrap_or((text, ""));
    let amount: Decimal =
        number.parse().map_err(|_| format!("`{text}` is no price: write `\"2.50 USD\"`"))?;
    if amount.is_sign_negative() {
        return Err("a price is not below zero".to_owned());
    }
    Ok((amount, currency.trim().to_owned()))
}

fn share(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no share: write `0.1%`");
    let number: f64 =
        text.strip_suffix('%').ok_or_else(wrong)?.trim().parse().map_err(|_| wrong())?;
    if (0.0..=100.0).contains(&number) { Ok(number / 100.0) } else { Err(wrong()) }
}

/// Simulates.
pub(in crate::cli) fn run(options: &Options) -> Outcome {
    let plan = &options.plan.path;
    if options.file.is_some() && plan != Path::new(".") {
        terminal::error(&format!(
            "`--file` simulates a manifest, and {} is a plan: say one of them",
            plan.display()
        ));
        return Err(Stop::Said(2));
    }
    match (&options.file, &options.manifest.load) {
        (Some(file), Some(load)) => of_manifest(options, file, load),
        _ => of_plan(options),
    }
}

/// Workloads whose weeks are in memory together: a thousand draws of two years are 32 MB each.
const TOGETHER: usize = 8;

/// The autoscalers of a plan, over every month and draw.
fn of_plan(options: &Options) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    let mut workloads = capacity::autoscaled(plan);
    if let Some(name) = &options.workload {
        let names = || suggest::list(workloads.iter().map(|id| plan.workloads[*id].name.as_str()));
        let Some(id) = workloads.iter().find(|id| plan.workloads[**id].name == *name).copied()
        else {
            return Err(Stop::World(match plan.workloads.find(name) {
                Some(_) => format!(
                    "workload `{name}` has no `autoscale` whose replicas serve a demand; these have: {}",
                    names()
                ),
                None => format!("there is no workload `{name}`; autoscaled are: {}", names()),
            }));
        };
        workloads = vec![id];
    }
    if workloads.is_empty() {
        return Err(Stop::World(
            "no workload of this plan is autoscaled; write `autoscale { min 3; }` into one"
                .to_owned(),
        ));
    }
    let outcome = prepared.run_base();
    let bar = terminal::Bar::new();
    let all = LoadPaths { months: plan.horizon.months, draws: plan.draws.count() };
    let mut views = Vec::new();
    for (done, chunk) in workloads.chunks(TOGETHER).enumerate() {
        bar.show(done * TOGETHER, workloads.len(), &plan.workloads[chunk[0]].name);
        let loads = pipeline::autoscaling_loads(plan, &outcome, chunk.to_vec(), all);
        let simulated = planned::autoscaling(plan, &loads);
        let simulated = view::autoscaling(plan, &simulated).into_iter().zip(&loads);
        views.extend(simulated.map(|(view, load)| {
            let risk = options.shortfall_risk;
            let wanted = risk.is_some() || options.recommend;
            let found = wanted.then(|| planned::recommended(plan, load, risk)).flatten();
            found.iter().fold(view, AutoscalingView::with)
        }));
    }
    drop(bar);
    print(&match options.format {
        Format::Json => autoscaling::json(&views),
        Format::Csv => autoscaling::csv(&views),
        Format::Md => autoscaling::markdown(&views, plan.currency),
        _ => autoscaling::table(&views, plan.currency, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The autoscaler of a manifest over a load.
fn of_manifest(options: &Options, file: &Path, load: &Path) -> Outcome {
    let args = &options.manifest;
    let text = read(file)?;
    let manifests = Manifests { path: file, text: &text, documents: documents(file, &text)? };
    let (hpa, scaled) = manifests.autoscaler(args.name.as_deref())?;
    let between = match args.between {
        BetweenRows::Line => Between::Line,
        BetweenRows::Step => Between::Step,
    };
    let columns =
        series::Wanted { time: args.time_column.as_deref(), load: args.load_column.as_deref() };
    let (load, times) = series::load(load, &columns, between)?;
    let (setup, mut notes) = manifest::setup(&hpa, scaled.as_ref(), &args.world())
        .map_err(|fault| Stop::World(format!("{}: {fault}", file.display())))?;
    notes.push(match between {
        Between::Line => "between two rows the load moves in a straight line".to_owned(),
        Between::Step => "the load stays as it is until the next row".to_owned(),
    });
    let run = simulate(&setup, &load, Keep::Everything);
    let advice = options.shortfall_risk.map(|risk| {
        let _waiting = terminal::Spinner::start("searching");
        (recommend(&setup, &load, risk), risk)
    });
    let manifest = match &advice {
        Some((advice, _)) => Some(recommended(&hpa, advice)?),
        None => None,
    };
    let target = &hpa.spec.scale_target_ref;
    let subject = hpa_view::Subject {
        name: name(&hpa),
        target: format!("{} {}", target.kind, target.name),
        metrics: metrics(&hpa, &setup),
        unit: args.unit(),
        times,
        price: args.price.clone(),
        notes,
        every: args.every.unwrap_or_else(|| width(&load)).max(1000),
        advice: advice.as_ref().zip(manifest).map(|((a, risk), manifest)| (a, *risk, manifest)),
    };
    let view = hpa_view::view(subject, &setup, &load, &run);
    let color = if terminal::stdout_shows_color() { Color::Ansi } else { Color::Plain };
    print(&match options.format {
        Format::Json => hpa_view::json(&view),
        Format::Csv => hpa_view::csv(&view),
        Format::Md => hpa_view::markdown(&view),
        _ => hpa_view::table(&view, terminal::width(), color),
    })?;
    Ok(ExitCode::SUCCESS)
}

impl ManifestArgs {
    fn world(&self) -> World {
        let nodes = self.pods_per_node.map(|pods_per_node| NodeRules {
            pods_per_node,
            node_start: self.node_start,
            node_idle: self.node_idle,
        });
        World {
            serves: self.serves.as_ref().map(|load| load.value),
            at_most: self.at_most.as_ref().map(|load| load.value),
            delays: Delays { pod_start: self.pod_start, model_load: self.model_load },
            nodes,
            lag: self.metrics_lag,
            window: self.metrics_window,
            factors: self.metric.iter().cloned().collect::<BTreeMap<_, _>>(),
            start: self.start,
        }
    }

    fn unit(&self) -> String {
        match &self.serves {
            Some(load) => load.unit.clone(),
            None => "cores".to_owned(),
        }
    }
}

/// The width of a row of the timeline where none is asked for: an hour, less for a short load.
fn width(load: &Load) -> Millis {
    const WIDTHS: [Millis; 5] = [15_000, 60_000, 300_000, 900_000, 3_600_000];
    let length = load.end() - load.start();
    *WIDTHS.iter().find(|width| length / **width <= 400).unwrap_or(&WIDTHS[4])
}

/// The metrics that are simulated, in the order of the setup's signals: `cpu at 60%`.
fn metrics(hpa: &HorizontalPodAutoscaler, setup: &Setup) -> Vec<String> {
    let stated = hpa.spec.metrics.iter().filter_map(|metric| {
        let target = metric.target()?;
        let aim = match (&target.average_utilization, &target.average_value, &target.value) {
            (Some(percent), _, _) => format!("{percent}%"),
            (None, Some(value), _) => format!("{value} a pod"),
            (None, None, value) => value.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        Some(format!("{} at {aim}", metric.name()))
    });
    if hpa.spec.metrics.is_empty() { vec!["cpu at 80%".to_owned()] } else { stated.collect() }
        .into_iter()
        .take(setup.signals.len())
        .collect()
}

/// The spec of the recommended manifest.
fn recommended(hpa: &HorizontalPodAutoscaler, advice: &Advice) -> Result<String, Stop> {
    let hpa = manifest::with(hpa, &advice.setup, advice.share);
    yaml::write(&hpa).map_err(Stop::World)
}

fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path)
        .map_err(|error| Stop::World(format!("{}: cannot be read: {error}", path.display())))
}

fn documents(file: &Path, text: &str) -> Result<Vec<Document>, Stop> {
    yaml::read(text).map_err(|fault| Stop::World(at(file, &fault.to_string())))
}

/// `hpa.yaml:6: …` of a message that begins with its line.
fn at(path: &Path, message: &str) -> String {
    let path = path.display();
    match message.strip_prefix("line ") {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (line, rest) = rest.split_at(end);
            let rest = rest
                .strip_prefix(", column ")
                .map_or(rest, |rest| rest.split_once(':').map_or(rest, |(_, rest)| rest));
            format!("{path}:{line}: {}", rest.trim_start_matches(':').trim_start())
        }
        None => format!("{path}: {message}"),
    }
}

/// The objects of a file.
struct Manifests<'a> {
    path: &'a Path,
    text: &'a str,
    documents: Vec<Document>,
}

impl Manifests<'_> {
    fn world(&self, message: &str) -> Stop {
        Stop::World(at(self.path, message))
    }

    /// The autoscaler asked for and what it scales, as far as the file holds it.
    fn autoscaler(
        &self,
        name: Option<&str>,
    ) -> Result<(HorizontalPodAutoscaler, Option<Scaled>), Stop> {
        let all: Vec<&Document> = self.documents.iter().filter(|d| d.kind == KIND).collect();
        let names = || suggest::list(all.iter().map(|document| document.name.as_str()));
        let document = match (all.as_slice(), name) {
            ([], _) => {
                let kinds = suggest::list(self.documents.iter().map(|d| d.kind.as_str()));
                let found = if kinds.is_empty() { "nothing".to_owned() } else { kinds };
                return Err(self.world(&format!("it holds no {KIND}; it holds {found}")));
            }
            ([only], None) => only,
            (_, None) => {
                return Err(self.world(&format!("it holds several; say `--name`: {}", names())));
            }
            (all, Some(name)) => {
                all.iter().find(|document| document.name == name).ok_or_else(|| {
                    self.world(&format!("it holds no {KIND} `{name}`; it holds {}", names()))
                })?
            }
        };
        if document.api_version != API_VERSION {
            let (line, version) = (document.line, &document.api_version);
            return Err(self.world(&format!(
                "line {line}: it is of `{version}`; write it as `{API_VERSION}` \
                 (`kubectl get hpa {} -o yaml` does)",
                document.name
            )));
        }
        let hpa: HorizontalPodAutoscaler =
            document.decode().map_err(|fault| self.world(&unknown(&fault.to_string())))?;
        hpa.check().map_err(|refused| {
            let line = line_of(self.text, document.line, &refused.field);
            self.world(&format!("line {line}: {refused}"))
        })?;
        let target = &hpa.spec.scale_target_ref;
        let scaled = self.documents.iter().find(|d| d.kind == target.kind && d.name == target.name);
        let scaled = scaled
            .map(Document::decode::<Scaled>)
            .transpose()
            .map_err(|fault| self.world(&fault.to_string()))?;
        Ok((hpa, scaled))
    }
}

/// An autoscaler's name.
fn name(hpa: &HorizontalPodAutoscaler) -> String {
    let name = hpa.metadata.get("name").and_then(|name| name.as_str());
    name.unwrap_or("autoscaler").to_owned()
}

/// An unknown field with what was meant, where that can be told.
fn unknown(message: &str) -> String {
    let Some((head, known)) = message.split_once(", expected one of ") else {
        return message.to_owned();
    };
    let Some(field) = head.split('`').nth(1) else { return message.to_owned() };
    let known = known.split(", ").map(|name| name.trim_matches('`'));
    match suggest::nearest(field, known.clone()) {
        Some(meant) => format!("{head}; did you mean `{meant}`?"),
        None => format!("{head}; the fields here are {}", suggest::list(known)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(90_000));
        assert_eq!(duration("6 minutes"), Ok(360_000));
        assert_eq!(duration("1.5h"), Ok(5_400_000));
        assert!(duration("6").is_err() && duration("s").is_err() && duration("9999999h").is_err());
        assert_eq!(share("0.1%"), Ok(0.001));
        assert!(share("0.1").is_err() && share("101%").is_err());
        assert_eq!(load_of_a_pod("40 req/s").unwrap().unit, "req/s");
        assert!(load_of_a_pod("0").is_err() && load_of_a_pod("many").is_err());
    }

    #[test]
    fn a_message_is_led_by_its_place() {
        let path = Path::new("hpa.yaml");
        assert_eq!(at(path, "line 6, column 3: wrong"), "hpa.yaml:6: wrong");
        assert_eq!(at(path, "line 6: in X: wrong"), "hpa.yaml:6: in X: wrong");
        assert_eq!(at(path, "it holds nothing"), "hpa.yaml: it holds nothing");
        let known = "unknown field `minReplica`, expected one of scaleTargetRef, minReplicas";
        assert_eq!(unknown(known), "unknown field `minReplica`; did you mean `minReplicas`?");
    }
}
