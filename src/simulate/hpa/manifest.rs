//! From a manifest and what is known of its pods to a setup that can be simulated.

use std::collections::BTreeMap;

use super::fleet::{Delays, NodeRules};
use super::pods::Metered;
use super::run::{Setup, Signal};
use super::settings::{Millis, Rules, Settings};
use crate::kubernetes::hpa::{HorizontalPodAutoscaler, Metric, SourceType, Target};
use crate::kubernetes::quantity::Quantity;
use crate::kubernetes::scaled::Scaled;

/// What a manifest does not say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    /// Load that one pod serves when it uses all of its request; where absent, the load is CPU cores and
    /// this is the pod's CPU request.
    pub serves: Option<f64>,
    /// Load that one pod can serve at most.
    pub at_most: Option<f64>,
    /// How long pods take.
    pub delays: Delays,
    /// The nodes under them.
    pub nodes: Option<NodeRules>,
    /// How old metrics are.
    pub lag: Millis,
    /// Over how long they are averaged.
    pub window: Millis,
    /// Units of a metric for one unit of load, by its name; 1 where absent.
    pub factors: BTreeMap<String, f64>,
    /// Replicas at the start.
    pub start: Option<i32>,
}

/// Why a manifest cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSetup {
    /// Nothing says what a pod can serve.
    #[error(
        "nothing says what one pod serves: give `--serves 40`, or put the {0} with its CPU request into the \
         same file and give the load in CPU cores"
    )]
    NoCapacity(String),
    /// The CPU request is missing.
    #[error(
        "{0}, so its autoscaler can tell no utilisation: state `resources.requests.cpu` for every container"
    )]
    NoRequest(String),
    /// No metric follows the load.
    #[error(
        "no metric of this autoscaler follows the load: {0}; `--metric NAME=FACTOR` says how many units of a \
         metric one unit of load makes"
    )]
    NothingToMeasure(String),
    /// A factor is given for a metric that does not exist.
    #[error("`--metric {0}=…`: the manifest has no metric of that name; it has {1}")]
    NoSuchMetric(String, String),
}

/// A setup, and what was taken for granted on the way, in words.
///
/// # Errors
/// Where too little is known.
pub fn setup(
    hpa: &HorizontalPodAutoscaler,
    scaled: Option<&Scaled>,
    world: &World,
) -> Result<(Setup, Vec<String>), NoSetup> {
    let mut notes = Vec::new();
    let names: Vec<String> = hpa.spec.metrics.iter().map(Metric::name).collect();
    if let Some(strange) = world.factors.keys().find(|name| !names.contains(name)) {
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(NoSetup::NoSuchMetric(strange.clone(), known));
    }
    let target = &hpa.spec.scale_target_ref;
    let request = scaled.map(|scaled| scaled.request("cpu", None));
    let (full, most) = match (world.serves, &request) {
        (Some(serves), _) => (serves, world.at_most.unwrap_or(serves)),
        (None, Some(Ok(request))) => {
            let cores = *request as f64 / 1000.0;
            let limit = scaled.and_then(|scaled| scaled.limit("cpu"));
            notes.push(format!("the load is read as CPU cores; a pod requests {cores} of them"));
            (cores, world.at_most.or(limit.map(|l| l as f64 / 1000.0)).unwrap_or(cores))
        }
        (None, Some(Err(why))) => return Err(NoSetup::NoRequest(why.clone())),
        (None, None) => return Err(NoSetup::NoCapacity(target.kind.clone())),
    };
    // Milli-cores for one unit of load, where the request is known.
    let millicores = match &request {
        Some(Ok(request)) => Some(*request as f64 / full),
        _ => world.serves.is_none().then_some(1000.0),
    };
    let mut signals = Vec::new();
    for metric in &hpa.spec.metrics {
        let factor = world.factors.get(&metric.name()).copied();
        match signal(metric, factor, millicores) {
            Ok(signal) => signals.push(signal),
            Err(why) => notes.push(format!("`{}` is left out: {why}", metric.name())),
        }
    }
    if hpa.spec.metrics.is_empty() {
        notes.push("it states no metric, so the CPU at 80% of its request counts".to_owned());
        signals.push(Signal::Utilization { percent: 80, metered: Metered::Cpu });
    }
    if signals.is_empty() {
        let left = notes.iter().filter(|note| note.contains("left out")).cloned();
        return Err(NoSetup::NothingToMeasure(left.collect::<Vec<_>>().join("; ")));
    }
    let setup = Setup {
        rules: Rules {
            min: hpa.spec.min_replicas.unwrap_or(1),
            max: hpa.spec.max_replicas,
            behavior: hpa.behavior(),
        },
        settings: Settings::default(),
        signals,
        full,
        most,
        delays: world.delays,
        nodes: world.nodes,
        lag: world.lag,
        window: world.window,
        start: world.start,
        promise: None,
    };
    Ok((setup, notes))
}

/// What a metric shows of the load.
fn signal(metric: &Metric, factor: Option<f64>, millicores: Option<f64>) -> Result<Signal, String> {
    let Some(target) = metric.target() else { return Err("it has no target".to_owned()) };
    let milli = factor.unwrap_or(1.0) * 1000.0;
    let resource = match metric.source {
        SourceType::Resource => metric.resource.as_ref().map(|m| m.name.as_str()),
        SourceType::ContainerResource => {
            metric.container_resource.as_ref().map(|m| m.name.as_str())
        }
        SourceType::Pods => return Ok(of_pods(target, milli, Metered::Other)),
        SourceType::Object | SourceType::External => {
            return Ok(match (&target.average_value, &target.value) {
                (Some(target), _) => Signal::Shared { target: target.milli(), milli },
                (None, value) => {
                    Signal::Whole { target: value.as_ref().map_or(1, Quantity::milli), milli }
                }
            });
        }
    };
    match (resource, factor) {
        (Some("cpu"), _) => match target.average_utilization {
            Some(percent) => Ok(Signal::Utilization { percent, metered: Metered::Cpu }),
            None => millicores.map(|milli| of_pods(target, milli, Metered::Cpu)).ok_or_else(|| {
                "its target is in cores, and the file does not hold the pods' request".to_owned()
            }),
        },
        (Some(_), Some(_)) if target.average_utilization.is_none() => {
            Ok(of_pods(target, milli, Metered::Other))
        }
        (Some(other), _) => Err(format!("{other} is not known to follow the load")),
        (None, _) => Err("it names no resource".to_owned()),
    }
}

fn of_pods(target: &Target, milli: f64, metered: Metered) -> Signal {
    let target = target.average_value.as_ref().map_or(1, Quantity::milli);
    Signal::OfPods { target, milli, metered }
}

/// The manifest with the limits, targets and rules of a setup in place of its own.
#[must_use]
pub fn with(
    hpa: &HorizontalPodAutoscaler,
    setup: &Setup,
    share: Option<f64>,
) -> HorizontalPodAutoscaler {
    let mut hpa = hpa.clone();
    hpa.spec.min_replicas = Some(setup.rules.min);
    hpa.spec.max_replicas = setup.rules.max;
    hpa.spec.behavior = setup.rules.behavior.as_ref().map(crate::kubernetes::hpa::BehaviorSpec::of);
    let Some(share) = share else { return hpa };
    let mut signals = setup.signals.iter();
    for metric in &mut hpa.spec.metrics {
        let cpu = matches!(
            (&metric.resource, &metric.container_resource),
            (Some(m), _) if m.name == "cpu"
        ) || metric.container_resource.as_ref().is_some_and(|m| m.name == "cpu");
        let outside = metric.resource.is_none() && metric.container_resource.is_none();
        if !(cpu || outside) {
            continue;
        }
        let Some(signal) = signals.next() else { break };
        let Some(target) = metric.target_mut() else { continue };
        match *signal {
            Signal::Utilization { .. } => target.average_utilization = Some(percent(share)),
            Signal::OfPods { target: milli, .. } | Signal::Shared { target: milli, .. } => {
                target.average_value = Quantity::parse(&format!("{milli}m")).ok();
            }
            Signal::Whole { .. } => {}
        }
    }
    hpa
}

/// A share in whole per cent.
#[expect(clippy::cast_possible_truncation, reason = "a share of a pod is far inside an i32")]
pub(super) fn percent(share: f64) -> i32 {
    (share * 100.0).round() as i32
}
