//! Workloads.

use super::serving::Served;
use super::{DemandUnit, Draft, Lower, Merged, count, rules};
use crate::ids::Id;
use crate::language::nodes::Noun;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::unit::Base;
use crate::money::Decimal;
use crate::plan::catalog::Provider;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Amount;
use crate::plan::workload::{Redundancy, StorageRule, WorkloadKind};
use crate::plan::{Pool, Project, Team, Workload};

/// Words of what is kept.
const OF_STORAGE: &[&str] = &["retention", "replication", "reads", "ingest", "requests", "tier"];
/// Words of what is bought by the unit.
const OF_A_SERVICE: &[&str] = &["price"];
/// Words of work that ends.
const OF_RUNS: &[&str] = &["run", "checkpoint"];
/// Words of what replicas follow.
const OF_REPLICAS: &[&str] = &["replica", "model", "autoscale"];
/// Words of what is asked for, and of what follows it.
const OF_DEMAND: &[&str] =
    &["demand", "convert", "cache", "needs", "holds", "egress", "redundancy"];

impl<'t> Lower<'t, '_> {
    /// The setting called `name` of the workload at `index`, its template's where it has none of its own.
    fn of(&self, index: usize, name: &str) -> Option<&'t Node> {
        let children = &self.merged.get(index)?.children;
        children.iter().copied().find(|c| &*c.name.text == name).filter(|c| self.sound(c))
    }

    fn has(&self, index: usize, name: &str) -> bool {
        self.merged[index].children.iter().any(|child| &*child.name.text == name)
    }

    fn workload_refers<T>(&mut self, index: usize, name: &str, noun: Noun) -> Option<Id<T>> {
        let value = self.of(index, name)?.arg(0)?;
        self.id(noun, value)
    }

    pub(super) fn workload(&mut self, index: usize, draft: &Draft) -> Option<Workload> {
        let node = self.merged[index].node;
        if let Some(used) = node.child("use") {
            // What a template that is none would say is not known.
            self.sound(used).then_some(())?;
            self.id::<()>(Noun::Template, used.arg(0)?)?;
        }
        let children = self.merged[index].children.clone();
        let name = Self::name(node)?;
        let kind = self.kind(index, node);
        let project: Option<Id<Project>> = self.workload_refers(index, "project", Noun::Project);
        let team = self.team_of(index, node, project, draft);
        let environment = self.workload_refers(index, "environment", Noun::Environment);
        let pool: Option<Id<Pool>> = self.workload_refers(index, "pool", Noun::Pool);
        let stated_provider = self.workload_refers(index, "provider", Noun::Provider);
        let priority = self.workload_refers(index, "priority", Noun::Priority);
        let preemptible =
            priority.and_then(|id| draft.priorities.get(id)).is_some_and(|p| p.preemptible);
        let interruptible = match self.of(index, "interruptible").and_then(|node| node.arg(0)) {
            Some(Value { kind: ValueKind::Bool(flag), .. }) => *flag,
            _ => preemptible,
        };
        let kind = kind?;
        self.fits_kind(index, kind);
        let unit = self.demand_unit(index);
        let demand = match (self.of(index, "demand"), &unit) {
            (Some(node), Some(unit)) => self.demand(&name, node, unit),
            _ => None,
        };
        let chain = unit.as_ref().and_then(|unit| self.conversions(&name, &children, unit));
        let own = self.capacity_unit(index);
        let served = chain.as_ref().map(|(_, served)| Served::from(served)).or(own);
        let serving = ["replica", "capacity", "model"].map(|word| self.of(index, word));
        let serving = self.serving(&name, serving, served.as_ref());
        let needs = self.needs(&name, &children, unit.as_ref(), pool, kind);
        let holds = self.of(index, "holds");
        let holds = self.holds(&name, holds);
        let cache = self.of(index, "cache");
        let (cache_hit_ratio, cache_curve) = self.cache(&name, cache)?;
        let provider = stated_provider.or_else(|| pool.and_then(|pool| provider_of(draft, pool)));
        let known = stated_provider.is_some() || !self.has(index, "provider");
        let known = known && (pool.is_some() || !self.has(index, "pool"));
        let egress = match provider {
            None if !known => None,
            provider => self.egress(&name, &children, unit.as_ref(), provider),
        };
        let autoscale_node = self.of(index, "autoscale");
        let autoscale = self.autoscale(&name, autoscale_node, served.as_ref());
        let runs = self.runs(&name, index, served.as_ref(), draft);
        let storage = (kind == WorkloadKind::Storage).then(|| self.storage_rule(&name, index));
        let unit_price = self.unit_price(&name, index, unit.as_ref());
        let counts = chain.is_some() || !self.has(index, "demand");
        let reports = self.of(index, "reports").filter(|_| counts);
        let mut units: Vec<&str> = unit.iter().map(|unit| unit.name.as_str()).collect();
        units.extend(chain.iter().flat_map(|(chain, _)| chain).map(|step| step.to.as_str()));
        let reports_cost_per = self.cost_per(reports, &units);
        let demand_is_missing = self.has(index, "demand") && demand.is_none();
        let conversions = match (chain, unit.is_some()) {
            (Some((chain, _)), _) => chain,
            (None, true) => return None,
            (None, false) => Vec::new(),
        };
        (!demand_is_missing).then_some(())?;
        Some(Workload {
            kind,
            team: team?,
            project,
            environment,
            pool,
            provider: stated_provider,
            priority,
            interruptible,
            demand,
            serving: serving?,
            needs: needs?,
            holds,
            cache_hit_ratio,
            cache_curve,
            conversions,
            redundancy: self.redundancy(index),
            egress: egress?,
            autoscale,
            runs: runs?,
            storage,
            unit_price,
            reports_cost_per,
            name,
            origin: node.origin(),
        })
    }

    fn kind(&mut self, index: usize, node: &'t Node) -> Option<WorkloadKind> {
        if !self.has(index, "kind") {
            self.report.push(rules::workload_lacks(node, "kind", "kind inference"));
            return None;
        }
        let word = self.of(index, "kind")?.arg(0)?.text()?;
        Some(match word {
            "inference" => WorkloadKind::Inference,
            "training" => WorkloadKind::Training,
            "batch" => WorkloadKind::Batch,
            "storage" => WorkloadKind::Storage,
            "network" => WorkloadKind::Network,
            "workspace" => WorkloadKind::Workspace,
            "service" => WorkloadKind::Service,
            _ => return None,
        })
    }

    /// What a kind of workload needs, and what it cannot have.
    fn fits_kind(&mut self, index: usize, kind: WorkloadKind) {
        use WorkloadKind as K;
        let node = self.merged[index].node;
        let required: &[(&str, &str)] = match kind {
            K::Training | K::Batch => &[
                ("pool", "pool \"train\""),
                ("run", "run \"weekly\" every=\"1 week\" { gpus 8; duration \"20 hours\"; }"),
            ],
            K::Inference | K::Workspace => {
                &[("pool", "pool \"serving\""), ("demand", "demand \"120 req/s\"")]
            }
            K::Storage => &[("pool", "pool \"lake\""), ("demand", "demand \"42 TiB\"")],
            K::Network => &[
                ("provider", "provider \"aws\""),
                ("demand", "demand \"38 TB/day\""),
                ("egress", "egress cross-region"),
            ],
            K::Service => &[
                ("demand", "demand \"90M token/month\""),
                ("price", "price \"2.50 USD/1M token\""),
            ],
        };
        for (word, example) in required {
            if !self.has(index, word) {
                self.report.push(rules::workload_lacks(node, word, example));
            }
        }
        let foreign: &[&[&str]] = match kind {
            K::Training => &[OF_STORAGE, OF_A_SERVICE, OF_DEMAND, OF_REPLICAS, &["capacity"]],
            K::Batch => &[OF_STORAGE, OF_A_SERVICE, OF_DEMAND, OF_REPLICAS],
            K::Inference | K::Workspace => &[OF_STORAGE, OF_A_SERVICE, OF_RUNS],
            K::Storage => &[OF_A_SERVICE, OF_RUNS, OF_REPLICAS, &["capacity", "cache", "holds"]],
            K::Network => &[OF_STORAGE, OF_A_SERVICE, OF_RUNS, OF_REPLICAS, &["capacity", "pool"]],
            K::Service => &[OF_STORAGE, OF_RUNS, OF_REPLICAS, &["capacity", "pool"]],
        };
        for child in self.merged[index].children.clone() {
            if foreign.iter().any(|words| words.contains(&&*child.name.text)) {
                self.report.push(rules::not_of_kind(node, child, kind));
            }
        }
        let serves = self.has(index, "replica")
            || self.has(index, "model")
            || self.has(index, "capacity")
            || self.has(index, "needs");
        if matches!(kind, K::Inference | K::Workspace) && !serves {
            self.report.push(rules::workload_lacks(
                node,
                "replica",
                "capacity \"22 req/s\" per=gpu",
            ));
        }
    }

    fn team_of(
        &mut self,
        index: usize,
        node: &'t Node,
        project: Option<Id<Project>>,
        draft: &Draft,
    ) -> Option<Id<Team>> {
        let of_project = project.and_then(|id| draft.projects.get(id)).map(|p| p.team);
        if !self.has(index, "team") {
            if !self.has(index, "project") {
                self.report.push(rules::workload_lacks(node, "team", "team \"search\""));
            }
            return of_project;
        }
        let team = self.workload_refers(index, "team", Noun::Team)?;
        if let (Some(other), Some(at)) = (of_project, self.of(index, "team"))
            && other != team
        {
            let names = self.names.all(Noun::Team);
            let owner = names.get(other.index()).map_or("", |name| name.text);
            self.report.push(rules::project_of_another_team(at, owner));
        }
        Some(team)
    }

    /// What a batch's `capacity` counts, where no demand says it.
    fn capacity_unit(&mut self, index: usize) -> Option<Served> {
        if self.has(index, "demand") {
            return None;
        }
        let capacity = self.of(index, "capacity")?;
        let read = self.values.read(capacity.arg(0)?, None, self.report)?;
        let name =
            read.quantity.unit.dimension.powers().iter().find_map(|(base, power)| match base {
                Base::Counted(name) if *power == 1 => Some(name.to_string()),
                Base::Byte if *power == 1 => Some("byte".to_owned()),
                _ => None,
            });
        let name = name.unwrap_or_else(|| "document".to_owned());
        Some(Served::from(&DemandUnit::of(&name, true, self)?))
    }

    fn redundancy(&mut self, index: usize) -> Redundancy {
        let mut redundancy = Redundancy::default();
        let Some(node) = self.of(index, "redundancy") else { return redundancy };
        let number = |name: &str| self.setting(node, name).and_then(|n| count(n.arg(0)));
        redundancy.spare = number("spare").unwrap_or(redundancy.spare);
        redundancy.zones = number("zones").unwrap_or(redundancy.zones);
        redundancy.copies = number("copies").unwrap_or(redundancy.copies);
        redundancy
    }

    fn runs(
        &mut self,
        name: &str,
        index: usize,
        served: Option<&Served>,
        draft: &Draft,
    ) -> Option<Vec<crate::plan::workload::Run>> {
        let first_day = draft.horizon.map(crate::calendar::Horizon::first_day);
        let nodes: Vec<&'t Node> = self.merged[index]
            .children
            .iter()
            .copied()
            .filter(|child| &*child.name.text == "run")
            .collect();
        let checkpoint = self.of(index, "checkpoint");
        let mut runs = Vec::with_capacity(nodes.len());
        let mut whole = true;
        for node in nodes {
            match self.run(name, node, served, first_day, checkpoint) {
                Some(run) => runs.push(run),
                None => whole = false,
            }
        }
        runs.sort_by(|a, b| a.name.cmp(&b.name));
        whole.then_some(runs)
    }

    fn storage_rule(&mut self, name: &str, index: usize) -> StorageRule {
        let retention = self.of(index, "retention");
        let replication = self.of(index, "replication");
        let reads = self.of(index, "reads");
        let ingest = self.of(index, "ingest");
        let requests = self.of(index, "requests");
        let Merged { node, children } = &self.merged[index];
        let node = *node;
        let own: Vec<&'t Node> =
            children.iter().copied().filter(|child| &*child.name.text == "tier").collect();
        StorageRule {
            retention_hours: retention.and_then(|node| self.figure(node, 0, "hour")),
            replication: replication.and_then(|node| count(node.arg(0))).unwrap_or(1),
            reads_share_per_month: reads.and_then(|node| {
                self.estimate(node, 0, "%/month", 0.01, || format!("workload/{name}/reads"))
            }),
            ingest_bytes_per_month: ingest.and_then(|node| {
                self.estimate(node, 0, "byte/month", 1.0, || format!("workload/{name}/ingest"))
            }),
            requests_per_second: requests.and_then(|node| {
                self.estimate(node, 0, "req/s", 1.0, || format!("workload/{name}/requests"))
            }),
            tiers: self.tiers(node, own).unwrap_or_default(),
        }
    }

    /// Money for one unit of demand; of a stock, for one unit and month.
    fn unit_price(
        &mut self,
        name: &str,
        index: usize,
        demand: Option<&DemandUnit>,
    ) -> Option<Amount> {
        let node = self.of(index, "price")?;
        let demand = demand?;
        let read = self.values.read(node.arg(0)?, node.prop("dist"), self.report)?;
        let own = self.values.currency?;
        let currency = read.quantity.unit.dimension.currency().unwrap_or(own);
        let per =
            if demand.is_rate { demand.name.clone() } else { format!("{}-month", demand.name) };
        let text = format!("{currency}/{per}");
        let unit = self.values.unit_of(&text)?;
        let converted = self.values.convert(&read, &unit, &text, self.report)?;
        let (converted, written_in) = self.values.exchanged(&read, converted, self.report)?;
        let key = || format!("workload/{name}/price");
        Some(read.amount(converted, written_in, Decimal::ONE, key))
    }
}

/// The provider whose nodes or storage a pool is made of.
fn provider_of(draft: &Draft, pool: Id<Pool>) -> Option<Id<Provider>> {
    match &draft.pools.get(pool)?.supply {
        PoolSupply::Instances(candidates) => {
            Some(draft.instances.get(candidates.first()?.instance)?.provider)
        }
        PoolSupply::Storage(tiers) => Some(draft.storage_tiers.get(tiers.first()?.tier)?.provider),
        PoolSupply::Owned(_) => None,
    }
}
