//! What a cluster runs as the beginning of a plan.
//!
//! Goes in: the text of manifests. Comes out: nodes of the plan language with the lines they come from, and
//! a list of what was not carried over. What manifests cannot know (what is asked, what one replica serves,
//! what a node costs) stands as a commented line with `…` where something is to be filled in. Nothing is
//! lost in silence: every field of every object is either carried over, or among the lost. What a server
//! adds to an object (`status`, its `uid`) is neither.

mod blank;
mod cron;
mod fault;
mod field;
mod pods;
mod queues;
mod runs;
mod serving;
mod supply;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::kubernetes::yaml;
use crate::source::{SourceFile, Sources};

pub use fault::CODES;
use fault::NOTHING_IMPORTED;
use field::Object;

/// A file of manifests.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name, as people call it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The beginning of a plan.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Nodes of the language, formatted.
    pub kdl: String,
    /// What was not carried over, in the order of the files.
    pub lost: Vec<String>,
    /// What should be known of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: Sources,
}

/// Files that cannot be imported.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Why, one a file at least.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: Sources,
}

/// The plan nodes of manifests; with `plan`, also the node that makes a whole plan of them.
///
/// # Errors
/// Files that are no YAML, or hold a document that is no object: each of them is told.
pub fn import(inputs: &[Input], plan: Option<&str>) -> Result<Imported, Rejected> {
    let mut objects = Vec::new();
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    for input in inputs {
        let file = sources.add(SourceFile::new(input.name.clone(), input.text.as_str().into()));
        let read = yaml::read(&input.text).and_then(|documents| {
            let of = |document| Object::of(&input.name, document);
            documents.iter().map(of).collect::<Result<Vec<_>, _>>()
        });
        match read {
            Ok(read) => objects.extend(read),
            Err(fault) => diagnostics.push(fault::diagnostic(&fault, file, &sources)),
        }
    }
    if !diagnostics.is_empty() {
        return Err(Rejected { diagnostics, sources });
    }
    let mut draft = Draft { plan: plan.map(str::to_owned), ..Draft::default() };
    supply::nodes(&objects, &mut draft);
    queues::flavors(&objects, &mut draft);
    queues::teams(&objects, &mut draft);
    queues::priorities(&objects, &mut draft);
    serving::workloads(&objects, &mut draft);
    runs::workloads(&objects, &mut draft);
    queues::quotas(&objects, &mut draft);
    queues::resource_quotas(&objects, &mut draft);
    if draft.is_empty() {
        let message = "nothing of these manifests is part of a plan";
        let help = "give it deployments, jobs, nodes, namespaces, and Kueue's queues and flavours";
        diagnostics.push(Diagnostic::new(&NOTHING_IMPORTED, message).help(help));
    }
    let kdl = draft.kdl();
    let lost = objects.iter().filter_map(Object::lost).chain(draft.lost).collect();
    Ok(Imported { kdl, lost, diagnostics, sources })
}

/// The nodes found so far, by kind and name, and what they refer to.
#[derive(Debug, Default)]
struct Draft {
    plan: Option<String>,
    /// GPU models: memory of one, where it is known.
    gpus: BTreeMap<String, Option<String>>,
    /// By provider, then name.
    instances: BTreeMap<String, supply::Instance>,
    pools: BTreeMap<String, supply::Pool>,
    /// The team of a namespace, where its label says another.
    team_of_namespace: BTreeMap<String, String>,
    /// Teams, and where they were seen first.
    teams: BTreeMap<String, String>,
    /// Cost centres of teams.
    cost_centers: BTreeMap<String, String>,
    projects: BTreeMap<String, String>,
    environments: BTreeSet<String>,
    /// Ranks, and where they come from.
    priorities: BTreeMap<String, (i64, String)>,
    /// Text of nodes.
    workloads: BTreeMap<String, String>,
    cohorts: BTreeMap<String, String>,
    quotas: BTreeMap<String, String>,
    /// Pools that the pods of a namespace use.
    pools_of_namespace: BTreeMap<String, BTreeSet<String>>,
    lost: Vec<String>,
}

impl Draft {
    /// The team of a namespace; it is declared from now on.
    fn team(&mut self, namespace: &str, label: Option<String>, from: &str) -> String {
        let own = self.team_of_namespace.get(namespace).cloned();
        let namespace = if namespace.is_empty() { "default" } else { namespace };
        let team = blank::plan_name(&label.or(own).unwrap_or_else(|| namespace.to_owned()));
        self.teams.entry(team.clone()).or_insert_with(|| from.to_owned());
        team
    }

    /// A name that no other workload has: that of the object, or with its namespace.
    fn workload_name(&mut self, name: &str, namespace: &str, from: &str) -> String {
        let plain = blank::plan_name(name);
        if !self.workloads.contains_key(&plain) {
            return plain;
        }
        let mut longer = blank::plan_name(&format!("{name}-{namespace}"));
        while self.workloads.contains_key(&longer) {
            longer.push_str("-2");
        }
        self.lost
            .push(format!("{from}: workload `{plain}` is there already; this one is `{longer}`"));
        longer
    }

    /// Whether there is nothing to write.
    fn is_empty(&self) -> bool {
        let organisation = self.teams.is_empty() && self.projects.is_empty();
        let supply = self.pools.is_empty() && self.instances.is_empty();
        let queues =
            self.priorities.is_empty() && self.quotas.is_empty() && self.cohorts.is_empty();
        organisation && supply && queues && self.workloads.is_empty()
    }

    /// The whole text.
    fn kdl(&self) -> String {
        let mut out = String::new();
        let mut part = |title: &str, texts: Vec<String>| {
            if !texts.is_empty() {
                if !out.is_empty() {
                    out.push('\n');
                }
                let _ = writeln!(out, "// {title}");
                out.extend(texts);
            }
        };
        if let Some(name) = &self.plan {
            part("The plan: what it covers, and the money it counts in.", vec![blank::plan(name)]);
        }
        part("Who asks and who pays.", self.organisation());
        part("What can be bought: fill in the prices.", supply::catalog(self));
        part("Where workloads run; counts are nodes.", supply::pools(self));
        part("Priorities.", queues::priorities_text(self).into_iter().collect());
        part("Quotas.", self.cohorts.values().chain(self.quotas.values()).cloned().collect());
        part("Workloads.", self.workloads.values().cloned().collect());
        out
    }

    fn organisation(&self) -> Vec<String> {
        let of_team = |(team, from): (&String, &String)| {
            let center = self.cost_centers.get(team);
            let center =
                center.map(|center| format!(" {{ cost-center {}; }}", blank::quoted(center)));
            blank::line(0, &format!("team \"{team}\"{}", center.unwrap_or_default()), from)
        };
        let mut texts: Vec<String> = self.teams.iter().map(of_team).collect();
        texts.extend(
            self.projects
                .iter()
                .map(|(name, team)| format!("project \"{name}\" {{ team \"{team}\"; }}\n")),
        );
        texts.extend(self.environments.iter().map(|name| format!("environment \"{name}\"\n")));
        texts
    }
}
