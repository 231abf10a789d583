//! From Kueue's objects to a [`Cluster`] and what surrounds it: local queues, priorities, sharing.
//!
//! Objects of other kinds are left alone. What an object asks for that is not simulated becomes a
//! remark, never silence.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{
    Amount, BorrowWithinCohort, Cluster, ClusterFault, CohortSpec, Flavor, FlavorQuotas,
    FlavorSearch, Fungibility, Node, Policy, Preemption, Preference, QueueSpec, Quota,
    ResourceGroup, Strategy,
};
use super::preempt::{FairStrategy, Sharing};
use crate::ids::Id;
use crate::kubernetes::kueue;
use crate::kubernetes::quantity::Quantity;
use crate::kubernetes::yaml::{Document, YamlFault};
use crate::language::suggest;

/// A file of objects.
#[derive(Debug, Clone)]
pub struct Objects {
    /// The file's name, for messages.
    pub file: String,
    /// Its documents.
    pub documents: Vec<Document>,
}

/// A cluster, and how jobs get into it.
#[derive(Debug, Clone)]
pub struct World {
    /// Queues and cohorts.
    pub cluster: Cluster,
    /// Namespace and name of each local queue, and the queue it leads to.
    pub local_queues: BTreeMap<(String, String), Id<Node>>,
    /// The priority of each class.
    pub priorities: BTreeMap<String, i64>,
    /// How what is borrowed is shared, where a `Configuration` says so.
    pub sharing: Option<Sharing>,
    /// Flavours whose nodes keep off pods without tolerations of their own.
    pub tainted: Vec<Id<Flavor>>,
    /// What is not simulated.
    pub remarks: Vec<String>,
}

/// What is wrong with an object, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFault {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl std::fmt::Display for ManifestFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message)?,
            line => write!(f, "{}:{line}: {}", self.file, self.message)?,
        }
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  help: {}", self.help) }
    }
}

/// Cores become milli-cores; of everything else units are counted, rounded up.
#[must_use]
pub fn amount(resource: &str, quantity: &Quantity) -> Amount {
    let milli = quantity.milli();
    if resource == "cpu" {
        milli
    } else {
        milli.div_euclid(1000) + i64::from(milli.rem_euclid(1000) > 0)
    }
}

/// What stands where.
#[derive(Default)]
struct Reading {
    queues: Vec<QueueSpec>,
    cohorts: Vec<CohortSpec>,
    flavors: BTreeMap<String, kueue::ResourceFlavorSpec>,
    local_queues: Vec<(String, String, String, (String, usize))>,
    priorities: BTreeMap<String, i64>,
    sharing: Option<Sharing>,
    /// Kind and name of an object, and its place.
    places: BTreeMap<(&'static str, String), (String, usize)>,
    remarks: Vec<String>,
    faults: Vec<ManifestFault>,
}

/// Reads a cluster.
///
/// # Errors
/// All that is wrong: values of a wrong form, names that nobody declares, cohorts in a circle.
pub fn world(files: &[Objects]) -> Result<World, Vec<ManifestFault>> {
    let mut reading = Reading::default();
    for objects in files {
        for document in &objects.documents {
            if let Err(fault) = reading.read(&objects.file, document) {
                reading.faults.push(of_yaml(&objects.file, &fault));
            }
        }
    }
    reading.check_flavors();
    if reading.queues.is_empty() && reading.faults.is_empty() {
        let file = files.first().map_or_else(String::new, |objects| objects.file.clone());
        reading.faults.push(ManifestFault {
            file,
            line: 0,
            message: "there is no ClusterQueue".to_owned(),
            help: "export the objects with `kubectl get clusterqueues,cohorts,resourceflavors,\
                   localqueues,workloadpriorityclasses -A -o yaml`"
                .to_owned(),
        });
    }
    reading.finish().map_err(|mut faults| {
        faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        faults
    })
}

fn of_yaml(file: &str, fault: &YamlFault) -> ManifestFault {
    let (line, message) = match fault {
        YamlFault::Unreadable { line, what, .. } => (*line, what.clone()),
        YamlFault::Item { line, kind, name, what } => {
            (*line, format!("in {kind} `{name}`: {what}"))
        }
        YamlFault::NoObject { line, field } => {
            (*line, format!("this is no Kubernetes object: it has no `{field}`"))
        }
    };
    ManifestFault { file: file.to_owned(), line, message, help: String::new() }
}

/// What is wrong with a file of manifests as a whole.
#[must_use]
pub fn unreadable(file: &str, fault: &YamlFault) -> ManifestFault {
    of_yaml(file, fault)
}

impl Reading {
    fn read(&mut self, file: &str, document: &Document) -> Result<(), YamlFault> {
        let (group, version) = document.api_version.split_once('/').unwrap_or(("", ""));
        let name = document.name.clone();
        let place = (file.to_owned(), document.line);
        let of_kueue = group == kueue::GROUP;
        match document.kind.as_str() {
            "ClusterQueue"
            | "Cohort"
            | "ResourceFlavor"
            | "LocalQueue"
            | "WorkloadPriorityClass"
                if of_kueue && !kueue::VERSIONS.contains(&version) =>
            {
                self.faults.push(ManifestFault {
                    file: file.to_owned(),
                    line: document.line,
                    message: format!("{} `{name}` is of version `{version}`", document.kind),
                    help: format!("write it as {}", suggest::list(kueue::VERSIONS)),
                });
            }
            "ClusterQueue" if of_kueue => {
                let queue: kueue::ClusterQueue = document.decode()?;
                self.places.insert(("ClusterQueue", name.clone()), place);
                self.queue(name, queue.spec);
            }
            "Cohort" if of_kueue => {
                let cohort: kueue::Cohort = document.decode()?;
                self.places.insert(("Cohort", name.clone()), place);
                self.cohorts.push(CohortSpec {
                    name,
                    parent: cohort.spec.parent_name.filter(|parent| !parent.is_empty()),
                    weight: weight(cohort.spec.fair_sharing.as_ref()),
                    groups: groups(&cohort.spec.resource_groups),
                });
            }
            "ResourceFlavor" if of_kueue => {
                let flavor: kueue::ResourceFlavor = document.decode()?;
                self.flavors.insert(name, flavor.spec);
            }
            "LocalQueue" if of_kueue => {
                let queue: kueue::LocalQueue = document.decode()?;
                let namespace = document.namespace.clone();
                self.local_queues.push((namespace, name, queue.spec.cluster_queue, place));
            }
            "WorkloadPriorityClass" | "PriorityClass" => {
                let class: kueue::PriorityClass = document.decode()?;
                self.priorities.insert(name, class.value);
            }
            "Configuration" if group == "config.kueue.x-k8s.io" => {
                let configuration: kueue::Configuration = document.decode()?;
                self.configure(configuration.fair_sharing, version);
            }
            _ => {}
        }
        Ok(())
    }

    fn configure(&mut self, fair: Option<kueue::FairSharingConfig>, version: &str) {
        let Some(fair) = fair else { return };
        if !fair.enable.unwrap_or(version != "v1beta1") {
            return;
        }
        let strategies = fair.preemption_strategies.iter().map(|strategy| match strategy {
            kueue::FairStrategy::LessThanOrEqualToFinalShare => {
                FairStrategy::LessThanOrEqualToFinalShare
            }
            kueue::FairStrategy::LessThanInitialShare => FairStrategy::LessThanInitialShare,
        });
        let strategies: Vec<_> = strategies.collect();
        self.sharing =
            Some(if strategies.is_empty() { Sharing::fair() } else { Sharing::Fair(strategies) });
    }

    fn queue(&mut self, name: String, spec: kueue::ClusterQueueSpec) {
        if matches!(
            spec.stop_policy,
            Some(kueue::StopPolicy::Hold | kueue::StopPolicy::HoldAndDrain)
        ) {
            self.remarks.push(format!(
                "ClusterQueue `{name}` is stopped (`stopPolicy`); the simulation lets it admit"
            ));
        }
        let preemption = spec.preemption.unwrap_or_default();
        let search = spec.flavor_fungibility.unwrap_or_default();
        let default = FlavorSearch::default();
        self.queues.push(QueueSpec {
            name,
            cohort: spec.cohort_name.filter(|cohort| !cohort.is_empty()),
            weight: weight(spec.fair_sharing.as_ref()),
            strategy: match spec.queueing_strategy {
                Some(kueue::QueueingStrategy::StrictFifo) => Strategy::StrictFifo,
                Some(kueue::QueueingStrategy::BestEffortFifo) | None => Strategy::BestEffortFifo,
            },
            search: FlavorSearch {
                when_can_borrow: search
                    .when_can_borrow
                    .map_or(default.when_can_borrow, fungibility),
                when_can_preempt: search
                    .when_can_preempt
                    .map_or(default.when_can_preempt, fungibility),
                preference: match search.preference {
                    Some(kueue::FlavorPreference::PreemptionOverBorrowing) => {
                        Preference::PreemptionOverBorrowing
                    }
                    _ => Preference::BorrowingOverPreemption,
                },
            },
            preemption: Preemption {
                within_queue: policy(preemption.within_cluster_queue),
                reclaim: policy(preemption.reclaim_within_cohort),
                borrow: preemption
                    .borrow_within_cohort
                    .filter(|borrow| policy(borrow.policy) != Policy::Never)
                    .map(|borrow| BorrowWithinCohort {
                        max_priority: borrow.max_priority_threshold,
                    }),
            },
            groups: groups(&spec.resource_groups),
        });
    }

    fn place(&self, kind: &'static str, name: &str) -> (String, usize) {
        self.places.get(&(kind, name.to_owned())).cloned().unwrap_or_default()
    }

    fn fault(&mut self, (file, line): (String, usize), message: String, help: String) {
        self.faults.push(ManifestFault { file, line, message, help });
    }

    /// Every flavour of a quota is declared, where flavours are declared at all.
    fn check_flavors(&mut self) {
        if self.flavors.is_empty() {
            return;
        }
        let of_queues =
            self.queues.iter().map(|queue| ("ClusterQueue", &queue.name, &queue.groups));
        let of_cohorts = self.cohorts.iter().map(|cohort| ("Cohort", &cohort.name, &cohort.groups));
        let mut unknown = BTreeSet::new();
        for (kind, name, groups) in of_queues.chain(of_cohorts) {
            for quotas in groups.iter().flatten() {
                if !self.flavors.contains_key(&quotas.flavor) {
                    unknown.insert((kind, name.clone(), quotas.flavor.clone()));
                }
            }
        }
        for (kind, name, flavor) in unknown {
            let known = self.flavors.keys().map(String::as_str);
            let help = match suggest::nearest(&flavor, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", suggest::list(known)),
            };
            let place = self.place(kind, &name);
            self.fault(
                place,
                format!("{kind} `{name}` has quota of the unknown ResourceFlavor `{flavor}`"),
                help,
            );
        }
    }

    fn finish(mut self) -> Result<World, Vec<ManifestFault>> {
        let cluster = match Cluster::new(&self.queues, &self.cohorts) {
            Ok(cluster) => cluster,
            Err(fault) => {
                let name = match &fault {
                    ClusterFault::Twice { name, .. }
                    | ClusterFault::Cycle { name, .. }
                    | ClusterFault::TwoGroups { name, .. }
                    | ClusterFault::Uneven { name, .. }
                    | ClusterFault::RootLimit { name, .. } => name.clone(),
                };
                let place = ["Cohort", "ClusterQueue"]
                    .into_iter()
                    .filter(|kind| !matches!(&fault, ClusterFault::Twice { kind: of, .. } if of != kind))
                    .map(|kind| self.place(kind, &name))
                    .find(|place| !place.0.is_empty())
                    .unwrap_or_default();
                self.fault(place, fault.to_string(), help(&fault));
                return Err(self.faults);
            }
        };
        let mut local_queues = BTreeMap::new();
        for (namespace, name, to, place) in std::mem::take(&mut self.local_queues) {
            if let Some(queue) = cluster.queue(&to) {
                local_queues.insert((namespace, name), queue);
            } else {
                let help = near(&to, queue_names(&cluster));
                let message =
                    format!("LocalQueue `{name}` leads to the unknown ClusterQueue `{to}`");
                self.fault(place, message, help);
            }
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let mut tainted = Vec::new();
        for (name, spec) in &self.flavors {
            if let (Some(flavor), Some(taint)) = (cluster.flavor(name), spec.untolerated()) {
                self.remarks.push(format!(
                    "ResourceFlavor `{name}` has the taint `{}`: only jobs whose column `flavor` names it \
                     run there",
                    taint.key
                ));
                tainted.push(flavor);
            }
        }
        Ok(World {
            cluster,
            local_queues,
            priorities: self.priorities,
            sharing: self.sharing,
            tainted,
            remarks: self.remarks,
        })
    }
}

fn help(fault: &ClusterFault) -> String {
    match fault {
        ClusterFault::Twice { .. } => "delete one, or give it another name",
        ClusterFault::Cycle { .. } => "take the parent away from one of them",
        ClusterFault::TwoGroups { .. } => "let one group cover it",
        ClusterFault::Uneven { .. } => "give every flavor of a group the same resources",
        ClusterFault::RootLimit { .. } => "name a cohort, or take the limit away",
    }
    .to_owned()
}

/// The names of all queues.
pub(super) fn queue_names(cluster: &Cluster) -> impl Iterator<Item = &str> + Clone {
    cluster.nodes[..cluster.queue_count()].iter().map(|node| node.name.as_str())
}

/// The name that may have been meant, or what there is.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match suggest::nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match suggest::list(known) {
            list if list.is_empty() => "there is none".to_owned(),
            list => format!("there are {list}"),
        },
    }
}

fn weight(fair: Option<&kueue::FairSharing>) -> f64 {
    fair.and_then(|fair| fair.weight.as_ref()).map_or(1.0, Quantity::to_f64)
}

fn fungibility(policy: kueue::FlavorPolicy) -> Fungibility {
    match policy {
        kueue::FlavorPolicy::MayStopSearch => Fungibility::MayStopSearch,
        kueue::FlavorPolicy::TryNextFlavor => Fungibility::TryNextFlavor,
    }
}

fn policy(policy: Option<kueue::PreemptionPolicy>) -> Policy {
    match policy {
        None | Some(kueue::PreemptionPolicy::Never) => Policy::Never,
        Some(kueue::PreemptionPolicy::LowerPriority) => Policy::LowerPriority,
        Some(kueue::PreemptionPolicy::LowerOrNewerEqualPriority) => {
            Policy::LowerOrNewerEqualPriority
        }
        Some(kueue::PreemptionPolicy::Any) => Policy::Any,
    }
}

fn groups(groups: &[kueue::ResourceGroup]) -> Vec<ResourceGroup> {
    let quota = |of: &kueue::ResourceQuota| Quota {
        nominal: amount(&of.name, &of.nominal_quota),
        borrowing_limit: of.borrowing_limit.as_ref().map(|limit| amount(&of.name, limit)),
        lending_limit: of.lending_limit.as_ref().map(|limit| amount(&of.name, limit)),
    };
    groups
        .iter()
        .map(|group| {
            let flavors = group.flavors.iter().map(|flavor| FlavorQuotas {
                flavor: flavor.name.clone(),
                resources: flavor.resources.iter().map(|of| (of.name.clone(), quota(of))).collect(),
            });
            flavors.collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::yaml;

    const HEAD: &str = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: ";

    fn read(text: &str) -> Result<World, Vec<ManifestFault>> {
        let documents = yaml::read(text).unwrap();
        world(&[Objects { file: "objects.yaml".to_owned(), documents }])
    }

    fn queue(name: &str, cohort: &str) -> String {
        format!(
            "{HEAD}ClusterQueue\nmetadata: {{name: {name}}}\nspec:\n  cohortName: {cohort}\n  resourceGroups:\n  \
             - coveredResources: [cpu, nvidia.com/gpu]\n    flavors:\n    - name: h100\n      resources:\n      \
             - {{name: cpu, nominalQuota: 500m}}\n      - {{name: nvidia.com/gpu, nominalQuota: 8}}\n"
        )
    }

    #[test]
    fn a_queue_s_quotas_are_milli_cores_and_units() {
        let world = read(&queue("a", "all")).unwrap();
        let quotas: Vec<_> = world.cluster.nodes[0]
            .quotas
            .iter()
            .map(|(column, quota)| (world.cluster.column_name(*column), quota.nominal))
            .collect();
        assert_eq!(quotas, [("h100/cpu".to_owned(), 500), ("h100/nvidia.com/gpu".to_owned(), 8)]);
    }

    #[test]
    fn a_local_queue_that_leads_nowhere_is_named_with_its_line() {
        let text = format!(
            "{}---\n{HEAD}LocalQueue\nmetadata: {{name: jobs, namespace: x}}\nspec: {{clusterQueue: b}}\n",
            queue("a", "all")
        );
        let faults = read(&text).unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "objects.yaml:14: LocalQueue `jobs` leads to the unknown ClusterQueue `b`\n  help: did you mean `a`?"
        );
    }

    #[test]
    fn cohorts_in_a_circle_are_named_with_their_way_round() {
        let cohort = |name: &str, parent: &str| {
            format!(
                "---\n{HEAD}Cohort\nmetadata: {{name: {name}}}\nspec: {{parentName: {parent}}}\n"
            )
        };
        let text = format!("{}{}{}", queue("a", "x"), cohort("x", "y"), cohort("y", "x"));
        let faults = read(&text).unwrap_err();
        assert_eq!(faults[0].message, "cohort `x` is a member of itself: x → y → x");
        assert_eq!(faults[0].line, 14);
    }

    #[test]
    fn fair_sharing_is_on_where_the_configuration_says_so() {
        let configuration = "---\napiVersion: config.kueue.x-k8s.io/v1beta2\nkind: Configuration\n\
                             fairSharing: {preemptionStrategies: [LessThanInitialShare]}\n";
        let world = read(&(queue("a", "all") + configuration)).unwrap();
        assert_eq!(world.sharing, Some(Sharing::Fair(vec![FairStrategy::LessThanInitialShare])));
    }
}
