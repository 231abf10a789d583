//! What serves a demand: replicas or capacity, needs, conversions, egress.

use super::{DemandUnit, Lower, rules};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::language::nodes::{Noun, Range};
use crate::language::syntax::Node;
use crate::language::unit::{Base, Unit};
use crate::language::values::{Nature, check_range};
use crate::plan::catalog::Provider;
use crate::plan::workload::{
    CapacityPer, Conversion, Egress, Needs, Replica, Request, Serves, Serving, WorkloadKind,
};
use crate::plan::{Pool, workload::Growth};

use super::batching::Batched;
use super::catalog::egress_kind;

/// What a workload serves in: its demand's unit after its conversions.
#[derive(Debug, Clone)]
pub(super) struct Served {
    /// The base unit.
    pub unit: Unit,
    /// In words.
    pub text: String,
}

impl From<&DemandUnit> for Served {
    fn from(unit: &DemandUnit) -> Self {
        Self { unit: unit.unit.clone(), text: unit.text.clone() }
    }
}

impl<'t> Lower<'t, '_> {
    /// The conversions of a workload in the order of their chain, and what they end in.
    pub(super) fn conversions(
        &mut self,
        workload: &str,
        children: &[&'t Node],
        demand: &DemandUnit,
    ) -> Option<(Vec<Conversion>, DemandUnit)> {
        let mut left: Vec<&'t Node> = children
            .iter()
            .copied()
            .filter(|child| &*child.name.text == "convert" && self.sound(child))
            .collect();
        let mut chain = Vec::new();
        let mut current = demand.name.clone();
        while let Some(at) = left.iter().position(|node| from_of(node) == Some(current.as_str())) {
            let node = left.remove(at);
            let to = node.prop("to")?.text()?.to_owned();
            let text = format!("{to}/{current}");
            let Some(unit) = self.values.unit_of(&text) else {
                self.report.push(rules::convert_to_unknown(node, &to));
                return None;
            };
            let read = self.values.read(node.prop("by")?, node.prop("dist"), self.report)?;
            let converted = self.values.convert(&read, &unit, &text, self.report)?;
            check_range(&read, converted, Range::Positive, self.report).then_some(())?;
            let key = || format!("workload/{workload}/convert.{current}");
            let by = read.estimate(converted, 1.0, Nature::Plain, key);
            chain.push(Conversion { from: current, to: to.clone(), by, origin: node.origin() });
            current = to;
        }
        if let Some(stray) = left.first() {
            self.report.push(rules::convert_chain(stray, &current));
            return None;
        }
        let served = DemandUnit::of(&current, demand.is_rate, self)?;
        Some((chain, served))
    }

    /// The replica or the capacity of a workload.
    pub(super) fn serving(
        &mut self,
        workload: &str,
        [replica, capacity, model]: [Option<&'t Node>; 3],
        served: Option<&Served>,
    ) -> Option<Serving> {
        if let (Some(model), Some(capacity)) = (model, capacity) {
            self.report.push(rules::model_and_stated(model, capacity));
            return None;
        }
        match (replica, capacity) {
            (None, None) if model.is_some() => {
                self.report.push(rules::model_without_replica(model?));
                None
            }
            (None, None) => Some(Serving::None),
            (Some(replica), Some(capacity)) => {
                self.report.push(rules::replica_and_capacity(replica, capacity));
                None
            }
            (Some(replica), None) => {
                let request = self.request(replica, &format!("workload/{workload}/replica"));
                let batched = match replica.child("batching") {
                    None => None,
                    Some(node) => Some(self.batching(replica, node, model)?),
                };
                let serves = match (replica.child("serves"), model) {
                    (_, None) if batched.is_some() => {
                        served?;
                        let rate = batched.as_ref().map_or(0.0, Batched::per_second);
                        Serves::Stated(Estimate::fixed(rate, replica.origin()))
                    }
                    (Some(serves), Some(model)) => {
                        self.report.push(rules::model_and_stated(model, serves));
                        return None;
                    }
                    (None, Some(model)) => {
                        if request.gpus.is_none() && replica.child("gpu").is_none() {
                            self.report.push(rules::model_without_replica(model));
                            return None;
                        }
                        Serves::Model(Box::new(self.language_model(workload, model, served?)?))
                    }
                    (None, None) => {
                        self.report.push(rules::workload_lacks(
                            replica,
                            "serves",
                            "serves \"310 req/s\"",
                        ));
                        return None;
                    }
                    (Some(_), None) => {
                        let serves = self.setting(replica, "serves")?;
                        let key = || format!("workload/{workload}/replica.serves");
                        Serves::Stated(self.served_rate(serves, 0, served?, key)?)
                    }
                };
                let mut latency = self.latency(replica, &serves)?;
                if let (Some(latency), Some(batched)) = (&mut latency, &batched) {
                    latency.concurrency = batched.at_a_time();
                    // A batch takes as long as it takes, whoever is in it.
                    if replica.child("service-variation").is_none() {
                        latency.service_scv = 0.0;
                    }
                }
                Some(Serving::Replica(Replica {
                    request,
                    serves,
                    latency,
                    batches: batched.map_or_else(Vec::new, |batched| batched.points),
                    origin: replica.origin(),
                }))
            }
            (None, Some(capacity)) => {
                let key = || format!("workload/{workload}/capacity");
                let per_second = self.served_rate(capacity, 0, served?, key)?;
                let per = match capacity.prop("per")?.text()? {
                    "node" => CapacityPer::Node,
                    _ => CapacityPer::Gpu,
                };
                let improves = self.setting(capacity, "improves").and_then(|node| {
                    let key = || format!("workload/{workload}/capacity.improves");
                    let rate = self.estimate(node, 0, "%/month", 0.01, key)?;
                    let until = node.prop("until").and_then(|m| self.values.month(m, self.report));
                    Some((rate, until))
                });
                Some(Serving::Capacity { per_second, per, improves, origin: capacity.origin() })
            }
        }
    }

    fn served_rate(
        &mut self,
        node: &Node,
        index: usize,
        served: &Served,
        key: impl FnOnce() -> String,
    ) -> Option<Estimate> {
        let read = self.values.read(node.arg(index)?, node.prop("dist"), self.report)?;
        let converted = self.values.convert(&read, &served.unit, &served.text, self.report)?;
        check_range(&read, converted, Range::Positive, self.report).then_some(())?;
        Some(read.estimate(converted, 1.0, Nature::Plain, key))
    }

    fn request(&mut self, node: &'t Node, path: &str) -> Request {
        let mut read = |name: &str, unit: &'static str| {
            let setting = self.setting(node, name)?;
            self.estimate(setting, 0, unit, 1.0, || format!("{path}.{name}"))
        };
        Request {
            cores: read("cpu", "core"),
            memory_bytes: read("memory", "byte"),
            gpus: read("gpu", ""),
            gpu_memory_bytes: read("gpu-memory", "byte"),
            network_bits_per_second: read("network", "bit/s"),
        }
    }

    /// The needs of a workload, in the order of their pools.
    pub(super) fn needs(
        &mut self,
        workload: &str,
        children: &[&'t Node],
        demand: Option<&DemandUnit>,
        own_pool: Option<Id<Pool>>,
        kind: WorkloadKind,
    ) -> Option<Vec<Needs>> {
        let mut needs: Vec<Needs> = Vec::new();
        let mut places: Vec<(Id<Pool>, &Node)> = Vec::new();
        for node in children.iter().filter(|child| &*child.name.text == "needs") {
            if !self.sound(node) {
                return None;
            }
            let per = node.prop("per")?;
            let per_unit = self.values.written_unit(per, self.report)?;
            let demand = demand?;
            let units = match per_unit.convert(&demand.unit) {
                Ok(converted) if converted.low > 0.0 => converted.low,
                _ => {
                    self.report.push(rules::needs_per(per, &demand.text));
                    return None;
                }
            };
            let pool = match node.child("pool") {
                Some(_) => self.refer(node, "pool", Noun::Pool)?,
                None => {
                    if let Some(pool) = own_pool {
                        pool
                    } else {
                        // A pool that nothing declares, or that the kind lacks, is said already.
                        if matches!(kind, WorkloadKind::Network | WorkloadKind::Service) {
                            self.report.push(rules::needs_without_pool(node));
                        }
                        return None;
                    }
                }
            };
            if let Some((_, first)) = places.iter().find(|(known, _)| *known == pool) {
                self.report.push(rules::needs_twice(node, first));
                return None;
            }
            places.push((pool, node));
            let pool_name = self.names.all(Noun::Pool).get(pool.index()).map_or("", |n| n.text);
            let path = format!("workload/{workload}/needs.{pool_name}");
            let request = scaled(self.request(node, &path), 1.0 / units);
            let hours_per_week = self.setting(node, "hours").and_then(|hours| {
                self.estimate(hours, 0, "hour/week", 1.0, || format!("{path}.hours"))
            });
            needs.push(Needs {
                request,
                buffer: self.setting_share(node, "buffer").unwrap_or(0.0),
                hours_per_week,
                pool,
                origin: node.origin(),
            });
        }
        needs.sort_by_key(|needs| needs.pool);
        Some(needs)
    }

    /// Memory that follows data.
    pub(super) fn holds(
        &mut self,
        workload: &str,
        node: Option<&'t Node>,
    ) -> Option<(Estimate, Vec<Growth>)> {
        let node = node?;
        let path = format!("workload/{workload}/holds");
        let bytes = self.estimate(node, 0, "byte", 1.0, || path.clone())?;
        let unit = DemandUnit::of("byte", false, self)?;
        Some((bytes, self.growth(&node.children, &unit, &path)))
    }

    /// Data that leaves, by kind.
    pub(super) fn egress(
        &mut self,
        workload: &str,
        children: &[&'t Node],
        demand: Option<&DemandUnit>,
        provider: Option<Id<Provider>>,
    ) -> Option<Vec<Egress>> {
        let mut egress = Vec::new();
        for node in children.iter().filter(|child| &*child.name.text == "egress") {
            if !self.sound(node) {
                return None;
            }
            let kind = egress_kind(node.arg(0)?.text()?)?;
            let demand = demand?;
            let bytes_per_unit = match node.arg(1) {
                Some(value) => {
                    let text = format!("byte/{}", demand.name);
                    let unit = self.values.unit_of(&text)?;
                    let read = self.values.read(value, node.prop("dist"), self.report)?;
                    let converted = self.values.convert(&read, &unit, &text, self.report)?;
                    let key = || format!("workload/{workload}/egress.{}", kind.word());
                    read.estimate(converted, 1.0, Nature::Plain, key)
                }
                None if demand.name == "byte" => Estimate::fixed(1.0, node.span),
                None => {
                    self.report.push(rules::egress_without_amount(node, &demand.name));
                    return None;
                }
            };
            let Some(provider) = provider else {
                self.report.push(rules::egress_without_provider(node));
                return None;
            };
            egress.push(Egress { kind, bytes_per_unit, provider, origin: node.origin() });
        }
        egress.sort_by_key(|egress| egress.kind);
        Some(egress)
    }

    /// The count and the unit of `reports cost-per="1M token"`.
    pub(super) fn cost_per(
        &mut self,
        node: Option<&'t Node>,
        units: &[&str],
    ) -> Option<(f64, String)> {
        let value = node?.prop("cost-per")?;
        let quantity = self.values.written_unit(value, self.report)?;
        let name = match quantity.unit.dimension.powers() {
            [(Base::Counted(name), 1)] => name.to_string(),
            [(Base::Byte, 1)] => "byte".to_owned(),
            _ => String::new(),
        };
        if !units.contains(&name.as_str()) {
            self.report.push(rules::cost_per_unit(value, units));
            return None;
        }
        Some((quantity.low.value * quantity.unit.factor, name))
    }
}

fn from_of(node: &Node) -> Option<&str> {
    node.arg(0)?.text()
}

fn scaled(request: Request, factor: f64) -> Request {
    if (factor - 1.0).abs() < f64::EPSILON {
        return request;
    }
    let times = |estimate: Option<Estimate>| {
        estimate.map(|estimate| Estimate { dist: estimate.dist.scaled(factor), ..estimate })
    };
    Request {
        cores: times(request.cores),
        memory_bytes: times(request.memory_bytes),
        gpus: times(request.gpus),
        gpu_memory_bytes: times(request.gpu_memory_bytes),
        network_bits_per_second: times(request.network_bits_per_second),
    }
}
