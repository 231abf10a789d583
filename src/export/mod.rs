//! A plan as manifests that a cluster accepts.
//!
//! Goes in: one plan, how its workloads were sized and which instance types its pools use, and a month.
//! Comes out: files of objects, each with the line of the plan that caused it, and notes of what the plan
//! says that Kubernetes cannot. `kubernetes` gives what runs (deployments, jobs, their namespaces and
//! limits), `kueue` the queues that admit it. Everything is in the order of names; nothing here computes a
//! need. An image is never known: a placeholder stands where it belongs.

mod amount;
mod autoscaler;
mod context;
mod cron;
pub mod kueue;
mod limits;
mod runs;
mod serving;

use crate::capacity::need::{InstanceChoice, Sizing};
use crate::kubernetes::write::Manifest;
use crate::plan::Plan;
use crate::source::Span;

/// What is exported.
pub struct Source<'a> {
    /// The plan: the base, or a scenario's.
    pub plan: &'a Plan,
    /// How every workload was sized.
    pub sizings: &'a [Sizing],
    /// Which instance type every pool uses.
    pub choices: &'a [InstanceChoice],
    /// The month whose need is exported, counted from the horizon's first.
    pub month: usize,
    /// One namespace for everything; one for each team where absent.
    pub namespace: Option<&'a str>,
    /// A place in the plan's files as people write it.
    pub place: &'a dyn Fn(Span) -> String,
}

/// Manifests, by file.
#[derive(Debug, Clone, Default)]
pub struct Export {
    /// The files, in the order in which they are to be applied.
    pub files: Vec<File>,
    /// What the plan says and the manifests do not, and what was named otherwise.
    pub notes: Vec<String>,
}

/// One file of manifests.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path below the folder of the export, with forward slashes.
    pub path: String,
    /// Its objects.
    pub manifests: Vec<Manifest>,
}

impl Export {
    fn add(&mut self, path: impl Into<String>, manifests: Vec<Manifest>) {
        if !manifests.is_empty() {
            self.files.push(File { path: path.into(), manifests });
        }
    }
}

/// What runs: namespaces with their limits, priority classes, deployments with their autoscalers, jobs.
#[must_use]
pub fn kubernetes(source: &Source<'_>) -> Export {
    let context = context::Context::of(source);
    let mut export = Export { notes: context.renamed(), ..Export::default() };
    let mut demands = limits::Demands::default();
    let mut files = Vec::new();
    for (id, workload) in source.plan.workloads.iter() {
        let mut manifests = serving::manifests(&context, id, &mut demands, &mut export.notes);
        manifests.extend(runs::manifests(&context, id, &mut demands, &mut export.notes));
        let (space, name) =
            (context.namespace(workload.team), context.workloads.get(&workload.name));
        files.push((format!("{space}/{name}.yaml"), manifests));
    }
    let cluster = limits::cluster(&context, &demands, &mut export.notes);
    export.add("00-cluster.yaml", cluster);
    for (space, manifests) in limits::namespaced(&context, &demands) {
        export.add(format!("{space}/00-limits.yaml"), manifests);
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, manifests) in files {
        export.add(path, manifests);
    }
    export.files.sort_by(|a, b| a.path.cmp(&b.path));
    export
}
