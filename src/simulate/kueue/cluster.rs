//! A cluster's queues as written, and as one table of nodes with ids.
//!
//! In go `ClusterQueue`s, `Cohort`s and the flavours of their quotas, by name; out comes a [`Cluster`]:
//! queues and cohorts as nodes of a forest, pairs of a flavour and a resource as columns. Names are
//! sorted, so nothing depends on the order of a file. Topologies, admission checks and limits of time
//! are absent.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{Id, Named};

/// An amount of a resource: milli-cores of `cpu`, units of everything else.
pub type Amount = i64;

/// A queue's or a cohort's quota of one resource in one flavour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// Guaranteed.
    pub nominal: Amount,
    /// The most that may be borrowed on top; no limit where absent.
    pub borrowing_limit: Option<Amount>,
    /// The most that may be lent of it; all where absent.
    pub lending_limit: Option<Amount>,
}

/// The quotas of one flavour: each resource with its quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlavorQuotas {
    /// The flavour's name.
    pub flavor: String,
    /// Each resource's name and quota.
    pub resources: Vec<(String, Quota)>,
}

/// Resources that are taken from one flavour together, and the flavours to try, in order.
pub type ResourceGroup = Vec<FlavorQuotas>;

/// Whether the head of a queue blocks those behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// What cannot be admitted steps aside.
    #[default]
    BestEffortFifo,
    /// What cannot be admitted blocks its queue.
    StrictFifo,
}

/// Whom a workload may preempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Nobody.
    #[default]
    Never,
    /// Workloads of lower priority.
    LowerPriority,
    /// Those, and of the same priority the newer ones.
    LowerOrNewerEqualPriority,
    /// Everybody.
    Any,
}

/// Whether a workload that borrows may preempt in its cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BorrowWithinCohort {
    /// Only workloads up to this priority; without, all of lower priority.
    pub max_priority: Option<i64>,
}

/// Whom the workloads of a queue may preempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preemption {
    /// In its own queue.
    pub within_queue: Policy,
    /// In queues of the cohort that borrow.
    pub reclaim: Policy,
    /// While borrowing; not at all where absent.
    pub borrow: Option<BorrowWithinCohort>,
}

/// Whether a flavour that would do ends the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fungibility {
    /// It does.
    MayStopSearch,
    /// The next flavour is tried for something better.
    TryNextFlavor,
}

/// What is better, where every flavour borrows or preempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// The better way of preempting first, then the nearer loan: Kueue's default.
    #[default]
    BorrowingOverPreemption,
    /// The nearer loan first, then the better way of preempting.
    PreemptionOverBorrowing,
}

/// How a queue searches its flavours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlavorSearch {
    /// Where a flavour needs borrowing.
    pub when_can_borrow: Fungibility,
    /// Where a flavour needs preemption.
    pub when_can_preempt: Fungibility,
    /// Among flavours that need either.
    pub preference: Preference,
}

impl Default for FlavorSearch {
    fn default() -> Self {
        Self {
            when_can_borrow: Fungibility::MayStopSearch,
            when_can_preempt: Fungibility::TryNextFlavor,
            preference: Preference::default(),
        }
    }
}

/// A `ClusterQueue` as written.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSpec {
    /// Its name.
    pub name: String,
    /// Its cohort; without, it neither borrows nor lends.
    pub cohort: Option<String>,
    /// Its weight in fair sharing.
    pub weight: f64,
    /// Whether its head blocks it.
    pub strategy: Strategy,
    /// How it searches its flavours.
    pub search: FlavorSearch,
    /// Whom its workloads may preempt.
    pub preemption: Preemption,
    /// Its quotas.
    pub groups: Vec<ResourceGroup>,
}

impl QueueSpec {
    /// A queue without quota, with Kueue's defaults.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cohort: None,
            weight: 1.0,
            strategy: Strategy::default(),
            search: FlavorSearch::default(),
            preemption: Preemption::default(),
            groups: Vec::new(),
        }
    }
}

/// A `Cohort` as written. One that is only named by others is a root without quota.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortSpec {
    /// Its name.
    pub name: String,
    /// The cohort it belongs to.
    pub parent: Option<String>,
    /// Its weight in fair sharing.
    pub weight: f64,
    /// Quotas of its own, on top of its members'.
    pub groups: Vec<ResourceGroup>,
}

/// A flavour of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flavor {
    /// Its name.
    pub name: String,
}

/// A resource: `cpu`, `memory`, `nvidia.com/gpu`, `pods`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name.
    pub name: String,
}

/// A resource of a flavour: what quotas are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlavorResource {
    /// The flavour.
    pub flavor: Id<Flavor>,
    /// The resource.
    pub resource: Id<Resource>,
}

/// A queue or a cohort in the forest. Queues come first, in the order of their names, then cohorts.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The cohort above it.
    pub parent: Option<Id<Node>>,
    /// Its weight in fair sharing.
    pub weight: f64,
    /// Member queues, by name.
    pub queues: Vec<Id<Node>>,
    /// Member cohorts, by name.
    pub cohorts: Vec<Id<Node>>,
    /// The longest way down to a member.
    pub height: u32,
    /// The quotas written for it.
    pub quotas: Vec<(Id<FlavorResource>, Quota)>,
}

/// What a queue has beside its place in the forest.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRules {
    /// Whether its head blocks it.
    pub strategy: Strategy,
    /// How it searches its flavours.
    pub search: FlavorSearch,
    /// Whom its workloads may preempt.
    pub preemption: Preemption,
    /// Its groups of resources.
    pub groups: Vec<Group>,
}

/// A group of resources of a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What it covers.
    pub resources: Vec<Id<Resource>>,
    /// Its flavours, in the order they are tried.
    pub flavors: Vec<Id<Flavor>>,
}

/// What is wrong with queues as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterFault {
    /// Two queues, or two cohorts, of one name.
    #[error("there are two {kind}s `{name}`")]
    Twice {
        /// `ClusterQueue` or `Cohort`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A cohort is its own ancestor.
    #[error("cohort `{name}` is a member of itself: {path}")]
    Cycle {
        /// The cohort.
        name: String,
        /// The way round.
        path: String,
    },
    /// A resource stands in two groups of a queue.
    #[error("resource `{resource}` of `{name}` stands in two groups")]
    TwoGroups {
        /// The queue or cohort.
        name: String,
        /// The resource.
        resource: String,
    },
    /// The flavours of a group do not have the same resources.
    #[error("flavor `{flavor}` of `{name}` has not the resources of its group")]
    Uneven {
        /// The queue or cohort.
        name: String,
        /// The flavour.
        flavor: String,
    },
    /// A root has limits on borrowing or lending.
    #[error("`{name}` has a {limit} of `{resource}`, but no cohort to borrow from or lend to")]
    RootLimit {
        /// The queue or cohort.
        name: String,
        /// `borrowingLimit` or `lendingLimit`.
        limit: &'static str,
        /// The resource.
        resource: String,
    },
}

/// Queues, cohorts, flavours and resources with ids.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Queues, then cohorts.
    pub nodes: Vec<Node>,
    /// The rules of each queue, by its id.
    pub rules: Vec<QueueRules>,
    /// Flavours by name.
    pub flavors: Vec<Flavor>,
    /// Resources by name.
    pub resources: Vec<Resource>,
    /// Pairs that have a quota somewhere, by resource, then flavour.
    pub columns: Vec<FlavorResource>,
    lookup: Vec<Option<Id<FlavorResource>>>,
    /// `pods`, where some queue counts them.
    pub pods: Option<Id<Resource>>,
}

impl Cluster {
    /// The forest of queues and cohorts.
    ///
    /// # Errors
    ///
    /// Names declared twice, cohorts in a circle, groups that overlap or do not match, and limits where
    /// there is nobody to borrow from.
    pub fn new(queues: &[QueueSpec], cohorts: &[CohortSpec]) -> Result<Self, ClusterFault> {
        let queues = by_name("ClusterQueue", queues, |queue| &queue.name)?;
        let declared = by_name("Cohort", cohorts, |cohort| &cohort.name)?;
        let mut names: BTreeSet<&str> = declared.keys().copied().collect();
        names.extend(queues.values().filter_map(|queue| queue.cohort.as_deref()));
        names.extend(declared.values().filter_map(|cohort| cohort.parent.as_deref()));
        let cohorts: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(index, name)| (*name, queues.len() + index)).collect();

        let all_groups = || {
            queues
                .values()
                .flat_map(|queue| &queue.groups)
                .chain(declared.values().flat_map(|cohort| &cohort.groups))
        };
        let flavors: BTreeSet<&str> =
            all_groups().flatten().map(|quotas| quotas.flavor.as_str()).collect();
        let resources: BTreeSet<&str> = all_groups()
            .flatten()
            .flat_map(|quotas| quotas.resources.iter().map(|(name, _)| name.as_str()))
            .collect();
        let mut table = Self {
            nodes: Vec::new(),
            rules: Vec::new(),
            flavors: flavors.iter().map(|name| Flavor { name: (*name).to_owned() }).collect(),
            resources: resources.iter().map(|name| Resource { name: (*name).to_owned() }).collect(),
            columns: Vec::new(),
            lookup: vec![None; flavors.len() * resources.len()],
            pods: None,
        };
        table.pods = table.resource("pods");
        table.name_columns(all_groups().flatten());
        for (name, queue) in &queues {
            check_groups(name, &queue.groups, queue.cohort.is_some())?;
            table.nodes.push(Node {
                name: (*name).to_owned(),
                parent: queue.cohort.as_deref().map(|cohort| Id::new(cohorts[cohort])),
                weight: queue.weight,
                queues: Vec::new(),
                cohorts: Vec::new(),
                height: 0,
                quotas: table.quotas(&queue.groups),
            });
            let groups = queue.groups.iter().map(|group| table.group(group)).collect();
            table.rules.push(QueueRules {
                strategy: queue.strategy,
                search: queue.search,
                preemption: queue.preemption,
                groups,
            });
        }
        for name in &names {
            let spec = declared.get(name);
            let parent = spec.and_then(|spec| spec.parent.as_deref());
            let groups: &[ResourceGroup] = spec.map_or(&[], |spec| &spec.groups);
            check_groups(name, groups, parent.is_some())?;
            table.nodes.push(Node {
                name: (*name).to_owned(),
                parent: parent.map(|parent| Id::new(cohorts[parent])),
                weight: spec.map_or(1.0, |spec| spec.weight),
                queues: Vec::new(),
                cohorts: Vec::new(),
                height: 0,
                quotas: table.quotas(groups),
            });
        }
        table.check_cycles()?;
        table.link();
        Ok(table)
    }

    fn name_columns<'a>(&mut self, quotas: impl Iterator<Item = &'a FlavorQuotas>) {
        let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for flavor in quotas {
            let Some(of) = self.flavor(&flavor.flavor) else { continue };
            for (resource, _) in &flavor.resources {
                pairs
                    .extend(self.resource(resource).map(|resource| (resource.index(), of.index())));
            }
        }
        for (index, (resource, flavor)) in pairs.into_iter().enumerate() {
            self.lookup[resource * self.flavors.len() + flavor] = Some(Id::new(index));
            let (flavor, resource) = (Id::new(flavor), Id::new(resource));
            self.columns.push(FlavorResource { flavor, resource });
        }
    }

    fn quotas(&self, groups: &[ResourceGroup]) -> Vec<(Id<FlavorResource>, Quota)> {
        let mut quotas: Vec<_> = groups
            .iter()
            .flatten()
            .flat_map(|flavor| {
                flavor.resources.iter().filter_map(|(resource, quota)| {
                    let column =
                        self.column(self.flavor(&flavor.flavor)?, self.resource(resource)?)?;
                    Some((column, *quota))
                })
            })
            .collect();
        quotas.sort_by_key(|(column, _)| *column);
        quotas
    }

    fn group(&self, group: &ResourceGroup) -> Group {
        let mut resources: Vec<_> = group
            .first()
            .into_iter()
            .flat_map(|flavor| flavor.resources.iter().filter_map(|(name, _)| self.resource(name)))
            .collect();
        resources.sort();
        let flavors = group.iter().filter_map(|flavor| self.flavor(&flavor.flavor)).collect();
        Group { resources, flavors }
    }

    fn check_cycles(&self) -> Result<(), ClusterFault> {
        for start in self.rules.len()..self.nodes.len() {
            let mut path = vec![self.nodes[start].name.clone()];
            let mut at = self.nodes[start].parent;
            while let Some(node) = at {
                path.push(self[node].name.clone());
                if node.index() == start {
                    let name = self.nodes[start].name.clone();
                    return Err(ClusterFault::Cycle { name, path: path.join(" → ") });
                }
                if path.len() > self.nodes.len() {
                    break; // a circle further up, which its own members report
                }
                at = self[node].parent;
            }
        }
        Ok(())
    }

    fn link(&mut self) {
        for index in 0..self.nodes.len() {
            let Some(parent) = self.nodes[index].parent else { continue };
            let members = &mut self.nodes[parent.index()];
            if index < self.rules.len() {
                members.queues.push(Id::new(index));
            } else {
                members.cohorts.push(Id::new(index));
            }
        }
        for queue in 0..self.rules.len() {
            self.raise(queue);
        }
        for cohort in self.rules.len()..self.nodes.len() {
            self.raise(cohort);
        }
    }

    fn raise(&mut self, from: usize) {
        let (mut height, mut at) = (0, self.nodes[from].parent);
        while let Some(node) = at {
            height += 1;
            let node = &mut self.nodes[node.index()];
            node.height = node.height.max(height);
            at = node.parent;
        }
    }

    /// How many queues there are; their ids are the first of all nodes'.
    #[must_use]
    pub fn queue_count(&self) -> usize {
        self.rules.len()
    }

    /// Every queue, by name.
    #[must_use]
    pub fn queues(&self) -> impl ExactSizeIterator<Item = Id<Node>> + use<> {
        (0..self.rules.len()).map(Id::new)
    }

    /// The queue of this name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<Id<Node>> {
        find(&self.nodes[..self.rules.len()], name, |node| &node.name)
    }

    /// The cohort of this name.
    #[must_use]
    pub fn cohort(&self, name: &str) -> Option<Id<Node>> {
        find::<_, Node>(&self.nodes[self.rules.len()..], name, |node| &node.name)
            .map(|id| Id::new(id.index() + self.rules.len()))
    }

    /// The flavour of this name, where a quota has it.
    #[must_use]
    pub fn flavor(&self, name: &str) -> Option<Id<Flavor>> {
        find(&self.flavors, name, |flavor| &flavor.name)
    }

    /// The resource of this name, where a quota has it.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<Id<Resource>> {
        find(&self.resources, name, |resource| &resource.name)
    }

    /// The column of a resource in a flavour, where some quota has it.
    #[must_use]
    pub fn column(&self, flavor: Id<Flavor>, resource: Id<Resource>) -> Option<Id<FlavorResource>> {
        self.lookup[resource.index() * self.flavors.len() + flavor.index()]
    }

    /// `default/nvidia.com/gpu`.
    #[must_use]
    pub fn column_name(&self, column: Id<FlavorResource>) -> String {
        let FlavorResource { flavor, resource } = self.columns[column.index()];
        let flavor = &self.flavors[flavor.index()].name;
        format!("{flavor}/{}", self.resources[resource.index()].name)
    }

    /// The rules of a queue.
    #[must_use]
    pub fn rules(&self, queue: Id<Node>) -> &QueueRules {
        &self.rules[queue.index()]
    }

    /// The top of the forest above a node: itself, where it has no cohort.
    #[must_use]
    pub fn root(&self, node: Id<Node>) -> Id<Node> {
        self.ancestors(node).last().unwrap_or(node)
    }

    /// The cohorts above a node, nearest first.
    pub fn ancestors(&self, node: Id<Node>) -> impl Iterator<Item = Id<Node>> + '_ {
        std::iter::successors(self[node].parent, |at| self[*at].parent)
    }

    /// Every queue below a cohort, or the queue itself.
    #[must_use]
    pub fn queues_below(&self, root: Id<Node>) -> Vec<Id<Node>> {
        if root.index() < self.rules.len() {
            return vec![root];
        }
        let (mut found, mut open) = (Vec::new(), vec![root]);
        while let Some(cohort) = open.pop() {
            found.extend(&self[cohort].queues);
            open.extend(&self[cohort].cohorts);
        }
        found.sort();
        found
    }
}

impl std::ops::Index<Id<Node>> for Cluster {
    type Output = Node;
    fn index(&self, node: Id<Node>) -> &Node {
        &self.nodes[node.index()]
    }
}

impl Named for Node {
    fn name(&self) -> &str {
        &self.name
    }
}

fn find<T, U>(items: &[T], name: &str, of: impl Fn(&T) -> &String) -> Option<Id<U>> {
    items.binary_search_by(|item| of(item).as_str().cmp(name)).ok().map(Id::new)
}

fn by_name<'a, T>(
    kind: &'static str,
    items: &'a [T],
    name: impl Fn(&'a T) -> &'a String,
) -> Result<BTreeMap<&'a str, &'a T>, ClusterFault> {
    let mut map = BTreeMap::new();
    for item in items {
        if map.insert(name(item).as_str(), item).is_some() {
            return Err(ClusterFault::Twice { kind, name: name(item).clone() });
        }
    }
    Ok(map)
}

fn check_groups(
    name: &str,
    groups: &[ResourceGroup],
    has_parent: bool,
) -> Result<(), ClusterFault> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for group in groups {
        let covered = |flavor: &FlavorQuotas| -> BTreeSet<String> {
            flavor.resources.iter().map(|(resource, _)| resource.clone()).collect()
        };
        let Some(first) = group.first().map(covered) else { continue };
        for flavor in group {
            if covered(flavor) != first {
                let flavor = flavor.flavor.clone();
                return Err(ClusterFault::Uneven { name: name.to_owned(), flavor });
            }
            for (resource, quota) in &flavor.resources {
                let limit = match (quota.borrowing_limit, quota.lending_limit) {
                    (Some(_), _) => "borrowingLimit",
                    (None, Some(_)) => "lendingLimit",
                    (None, None) => continue,
                };
                if !has_parent {
                    let (name, resource) = (name.to_owned(), resource.clone());
                    return Err(ClusterFault::RootLimit { name, limit, resource });
                }
            }
        }
        let Some(first) = group.first() else { continue };
        for (resource, _) in &first.resources {
            if !seen.insert(resource) {
                let resource = resource.clone();
                return Err(ClusterFault::TwoGroups { name: name.to_owned(), resource });
            }
        }
    }
    Ok(())
}
