//! What a cluster is told before anything runs: namespaces, priority classes, and how much a namespace may
//! ask for.
//!
//! A namespace may ask for what the plan lets its workloads grow to: the most replicas of every autoscaler,
//! one more quarter while a deployment without GPUs is replaced, and every run at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Id;
use crate::kubernetes::name::label_value;
use crate::kubernetes::object::{
    LimitRange, LimitRow, Map, Metadata, Nothing, Object, PriorityBody, ResourceQuota, Spec,
};
use crate::kubernetes::write::Manifest;
use crate::plan::{Pool, Priority, Team};

use super::amount;
use super::context::Context;

/// What containers that state nothing are given: the plan sizes none of them.
const UNSTATED: [(&str, &str, f64); 2] = [("cpu", "100m", 0.1), ("memory", "128Mi", 134_217_728.0)];

/// What the workloads of every team may grow to.
#[derive(Debug, Default)]
pub(super) struct Demands {
    teams: BTreeMap<Id<Team>, Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    pods: u64,
    /// Cores, bytes, and others by their count.
    amounts: BTreeMap<String, f64>,
    pools: BTreeSet<Id<Pool>>,
}

/// Pods that are alike.
pub(super) struct Claim {
    /// How many at most.
    pub(super) pods: u64,
    /// What each asks for.
    pub(super) requests: Map,
}

impl Demands {
    /// Adds pods to what a team may grow to.
    pub(super) fn claim(&mut self, team: Id<Team>, claim: &Claim) {
        let sum = self.teams.entry(team).or_default();
        sum.pods += claim.pods;
        let stated = |key: &str| claim.requests.contains_key(key);
        let unstated = UNSTATED.iter().filter(|(key, ..)| !stated(key));
        let unstated = unstated.map(|(key, _, amount)| ((*key).to_owned(), *amount));
        let stated = claim.requests.iter().map(|(key, text)| (key.clone(), parsed(text)));
        for (key, each) in unstated.chain(stated) {
            *sum.amounts.entry(key).or_default() += each * claim.pods as f64;
        }
    }

    /// Says that a team's workloads run on a pool.
    pub(super) fn runs_on(&mut self, team: Id<Team>, pool: Id<Pool>) {
        self.teams.entry(team).or_default().pools.insert(pool);
    }
}

/// The amount of a quantity that `amount` wrote.
fn parsed(text: &str) -> f64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "m" => 0.001,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        _ => 1.0,
    };
    digits.parse::<f64>().unwrap_or(0.0) * unit
}

/// Namespaces, and a class for every priority.
pub(super) fn cluster(
    context: &Context<'_>,
    demands: &Demands,
    notes: &mut Vec<String>,
) -> Vec<Manifest> {
    let mut spaces: BTreeMap<String, Vec<Id<Team>>> = BTreeMap::new();
    for team in demands.teams.keys() {
        spaces.entry(context.namespace(*team)).or_default().push(*team);
    }
    let mut manifests = Vec::new();
    for (name, teams) in spaces {
        let comments = teams.iter().map(|team| team_line(context, *team)).collect();
        let mut labels =
            Map::from([("app.kubernetes.io/managed-by".to_owned(), "capplan".to_owned())]);
        if let [team] = teams[..] {
            let team = &context.plan.teams[team];
            let values = [("team", Some(&team.name)), ("cost-center", team.cost_center.as_ref())];
            let values =
                values.into_iter().filter_map(|(key, value)| Some((key, label_value(value?))));
            labels.extend(values.filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v)));
        }
        let metadata = Metadata { name, labels, ..Metadata::default() };
        let object = Object { api_version: "v1", kind: "Namespace", metadata, body: Nothing {} };
        manifests.push(Manifest::new(&object, comments));
    }
    for priority in context.plan.priorities.ids() {
        manifests.push(class(context, priority, "scheduling.k8s.io/v1", "PriorityClass", notes));
    }
    manifests
}

fn team_line(context: &Context<'_>, team: Id<Team>) -> String {
    let team = &context.plan.teams[team];
    context.line(team.origin, "team", &team.name)
}

/// The largest value that users may give a class.
const HIGHEST: i64 = 1_000_000_000;

/// The value of a class for a rank, as near as it may be.
pub(super) fn rank(rank: i64) -> i32 {
    i32::try_from(rank.clamp(i64::from(i32::MIN), HIGHEST)).unwrap_or_default()
}

/// The class of a priority, of Kubernetes or of Kueue.
pub(super) fn class(
    context: &Context<'_>,
    id: Id<Priority>,
    api_version: &'static str,
    kind: &'static str,
    notes: &mut Vec<String>,
) -> Manifest {
    let priority = &context.plan.priorities[id];
    let value = rank(priority.rank);
    if i64::from(value) != priority.rank {
        notes.push(format!(
            "priority `{}`: its rank {} becomes {value}: {kind} takes {} to {HIGHEST}",
            priority.name,
            priority.rank,
            i32::MIN
        ));
    }
    let words = if priority.preemptible { "may be preempted" } else { "is not to be preempted" };
    let said = format!("what runs at it {words}");
    // Kueue's classes are described by their comment.
    let description = (kind == "PriorityClass").then(|| said.clone());
    let body = PriorityBody { value, description };
    let metadata = Metadata { name: context.priority(id), ..Metadata::default() };
    let line = context.line(priority.origin, "level", &priority.name);
    Manifest::new(&Object { api_version, kind, metadata, body }, vec![line, said])
}

/// How much each namespace may ask for, by namespace.
pub(super) fn namespaced(context: &Context<'_>, demands: &Demands) -> Vec<(String, Vec<Manifest>)> {
    let mut spaces: BTreeMap<String, (Sum, Vec<String>)> = BTreeMap::new();
    for (team, of_team) in &demands.teams {
        let (sum, lines) = spaces.entry(context.namespace(*team)).or_default();
        sum.pods += of_team.pods;
        sum.pools.extend(&of_team.pools);
        for (key, amount) in &of_team.amounts {
            *sum.amounts.entry(key.clone()).or_default() += amount;
        }
        lines.push(team_line(context, *team));
    }
    let of_space = |(space, (sum, lines)): (String, (Sum, Vec<String>))| {
        let manifests = vec![quota(&space, &sum, &lines), range(context, &space, &sum, &lines)];
        (space, manifests)
    };
    spaces.into_iter().map(of_space).collect()
}

/// The text of an amount of a resource.
fn text(resource: &str, value: f64) -> String {
    match resource {
        "cpu" => amount::cores(value),
        "memory" => amount::bytes(value),
        _ => amount::up(value).to_string(),
    }
}

fn metadata(space: &str, name: &str) -> Metadata {
    let labels = Map::from([("app.kubernetes.io/managed-by".to_owned(), "capplan".to_owned())]);
    Metadata {
        name: name.to_owned(),
        namespace: Some(space.to_owned()),
        labels,
        ..Metadata::default()
    }
}

fn quota(space: &str, sum: &Sum, lines: &[String]) -> Manifest {
    let amounts = sum.amounts.iter();
    let mut hard: Map =
        amounts.map(|(key, value)| (format!("requests.{key}"), text(key, *value))).collect();
    hard.insert("pods".to_owned(), sum.pods.to_string());
    let object: Object<Spec<ResourceQuota>> =
        Object::of("v1", "ResourceQuota", metadata(space, "capplan"), ResourceQuota { hard });
    let mut comments = lines.to_vec();
    comments.push("what the plan lets its workloads grow to, every run at once".to_owned());
    Manifest::new(&object, comments)
}

fn range(context: &Context<'_>, space: &str, sum: &Sum, lines: &[String]) -> Manifest {
    let nodes = sum.pools.iter().filter_map(|pool| context.nodes(*pool));
    let mut max = [0.0_f64; 2];
    for node in nodes {
        max = [max[0].max(node.shape.cores), max[1].max(node.shape.memory_bytes)];
    }
    let largest: Map = UNSTATED
        .iter()
        .zip(max)
        .filter(|(_, most)| *most > 0.0)
        .map(|((key, ..), most)| ((*key).to_owned(), text(key, most)))
        .collect();
    let default_request =
        UNSTATED.iter().map(|(key, least, _)| ((*key).to_owned(), (*least).to_owned())).collect();
    let row = LimitRow { of: "Container", default: largest.clone(), default_request, max: largest };
    let object: Object<Spec<LimitRange>> = Object::of(
        "v1",
        "LimitRange",
        metadata(space, "capplan"),
        LimitRange { limits: vec![row] },
    );
    let mut comments = lines.to_vec();
    comments.push(
        "at most the largest node of its pools; a container that states nothing is promised little"
            .to_owned(),
    );
    Manifest::new(&object, comments)
}
