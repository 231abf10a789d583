//! Kueue's objects, in the spelling of `kueue.x-k8s.io/v1beta2` and of `v1beta1` before it.
//!
//! Only what bears on quota, order and preemption is read; what else an object says is ignored.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::quantity::Quantity;

/// The API group of the objects, without version.
pub const GROUP: &str = "kueue.x-k8s.io";
/// The versions that are read.
pub const VERSIONS: [&str; 2] = ["v1beta2", "v1beta1"];

/// `kind: ClusterQueue`.
#[derive(Debug, Clone, Deserialize)]
pub struct ClusterQueue {
    /// What it grants.
    #[serde(default)]
    pub spec: ClusterQueueSpec,
}

/// The specification of a `ClusterQueue`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterQueueSpec {
    /// Its quotas.
    pub resource_groups: Vec<ResourceGroup>,
    /// Its cohort; `cohort` in `v1beta1`.
    #[serde(alias = "cohort")]
    pub cohort_name: Option<String>,
    /// Whether its head blocks it.
    pub queueing_strategy: Option<QueueingStrategy>,
    /// How it searches its flavours.
    pub flavor_fungibility: Option<FlavorFungibility>,
    /// Whom its workloads may preempt.
    pub preemption: Option<Preemption>,
    /// Whether it admits at all.
    pub stop_policy: Option<StopPolicy>,
    /// Its weight.
    pub fair_sharing: Option<FairSharing>,
}

/// Resources that are taken from one flavour together.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceGroup {
    /// The resources.
    pub covered_resources: Vec<String>,
    /// The flavours, in order.
    pub flavors: Vec<FlavorQuotas>,
}

/// The quotas of a flavour.
#[derive(Debug, Clone, Deserialize)]
pub struct FlavorQuotas {
    /// The flavour.
    pub name: String,
    /// One a resource.
    pub resources: Vec<ResourceQuota>,
}

/// A quota of one resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceQuota {
    /// The resource.
    pub name: String,
    /// Guaranteed.
    pub nominal_quota: Quantity,
    /// The most that is borrowed.
    pub borrowing_limit: Option<Quantity>,
    /// The most that is lent.
    pub lending_limit: Option<Quantity>,
}

/// Whether the head of a queue blocks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum QueueingStrategy {
    /// It does.
    #[serde(rename = "StrictFIFO")]
    StrictFifo,
    /// It does not.
    #[serde(rename = "BestEffortFIFO")]
    BestEffortFifo,
}

/// How flavours are searched.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FlavorFungibility {
    /// Where one needs borrowing.
    pub when_can_borrow: Option<FlavorPolicy>,
    /// Where one needs preemption.
    pub when_can_preempt: Option<FlavorPolicy>,
    /// What is better.
    pub preference: Option<FlavorPreference>,
}

/// Whether a flavour ends the search; `Borrow` and `Preempt` are the words of `v1beta1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum FlavorPolicy {
    /// It does.
    #[serde(alias = "Borrow", alias = "Preempt")]
    MayStopSearch,
    /// The next is tried.
    TryNextFlavor,
}

/// What is better, where every flavour needs one of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum FlavorPreference {
    /// Borrowing.
    BorrowingOverPreemption,
    /// Preemption.
    PreemptionOverBorrowing,
}

/// Whom workloads may preempt.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preemption {
    /// In queues of the cohort that borrow.
    pub reclaim_within_cohort: Option<PreemptionPolicy>,
    /// While borrowing.
    pub borrow_within_cohort: Option<BorrowWithinCohort>,
    /// In its own queue.
    pub within_cluster_queue: Option<PreemptionPolicy>,
}

/// Whose workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PreemptionPolicy {
    /// Nobody's.
    Never,
    /// Those of lower priority.
    LowerPriority,
    /// Those, and newer ones of the same.
    LowerOrNewerEqualPriority,
    /// All.
    Any,
}

/// Preemption while borrowing.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BorrowWithinCohort {
    /// Whose workloads.
    pub policy: Option<PreemptionPolicy>,
    /// Up to this priority.
    pub max_priority_threshold: Option<i64>,
}

/// Whether a queue admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum StopPolicy {
    /// It does.
    None,
    /// It does not; what runs goes on.
    Hold,
    /// It does not; what runs is evicted.
    HoldAndDrain,
}

/// The weight of a queue or cohort.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FairSharing {
    /// 1 where absent.
    pub weight: Option<Quantity>,
}

/// `kind: Cohort`.
#[derive(Debug, Clone, Deserialize)]
pub struct Cohort {
    /// Where it stands.
    #[serde(default)]
    pub spec: CohortSpec,
}

/// The specification of a `Cohort`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CohortSpec {
    /// The cohort above; `parent` in `v1beta1`.
    #[serde(alias = "parent")]
    pub parent_name: Option<String>,
    /// Quotas of its own.
    pub resource_groups: Vec<ResourceGroup>,
    /// Its weight.
    pub fair_sharing: Option<FairSharing>,
}

/// `kind: ResourceFlavor`.
#[derive(Debug, Clone, Deserialize)]
pub struct ResourceFlavor {
    /// Its nodes.
    #[serde(default)]
    pub spec: ResourceFlavorSpec,
}

/// The specification of a `ResourceFlavor`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceFlavorSpec {
    /// Labels of its nodes.
    pub node_labels: BTreeMap<String, String>,
    /// Taints of its nodes.
    pub node_taints: Vec<Taint>,
    /// Tolerations that are given to what runs on it.
    pub tolerations: Vec<Toleration>,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// What it does to pods that do not tolerate it.
    pub effect: String,
}

/// A toleration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Toleration {
    /// The key; every one where absent.
    pub key: Option<String>,
    /// `Exists`, or `Equal` where absent.
    pub operator: Option<String>,
    /// The value.
    pub value: String,
    /// The effect; every one where absent.
    pub effect: Option<String>,
}

impl ResourceFlavorSpec {
    /// A taint that pods without tolerations of their own do not tolerate.
    #[must_use]
    pub fn untolerated(&self) -> Option<&Taint> {
        let keeps_off =
            |taint: &&Taint| taint.effect == "NoSchedule" || taint.effect == "NoExecute";
        self.node_taints.iter().filter(keeps_off).find(|taint| {
            !self.tolerations.iter().any(|toleration| {
                let effect = toleration.effect.as_deref();
                let key = toleration.key.as_deref();
                effect.is_none_or(|effect| effect.is_empty() || effect == taint.effect)
                    && key.is_none_or(|key| key.is_empty() || key == taint.key)
                    && (toleration.operator.as_deref() == Some("Exists")
                        || toleration.value == taint.value)
            })
        })
    }
}

/// `kind: LocalQueue`.
#[derive(Debug, Clone, Deserialize)]
pub struct LocalQueue {
    /// Where it leads.
    pub spec: LocalQueueSpec,
}

/// The specification of a `LocalQueue`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalQueueSpec {
    /// The queue it leads to.
    pub cluster_queue: String,
}

/// `kind: WorkloadPriorityClass`, or a `PriorityClass` of Kubernetes.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct PriorityClass {
    /// The priority.
    pub value: i64,
}

/// `kind: Configuration` of Kueue's manager: what bears on sharing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Configuration {
    /// Fair sharing.
    pub fair_sharing: Option<FairSharingConfig>,
}

/// How fair sharing is configured.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FairSharingConfig {
    /// Whether it is on, in `v1beta1`; in `v1beta2` it is on where it is configured.
    pub enable: Option<bool>,
    /// The strategies, in order.
    pub preemption_strategies: Vec<FairStrategy>,
}

/// A strategy of fair sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum FairStrategy {
    /// The preemptor ends at or below what the other keeps.
    LessThanOrEqualToFinalShare,
    /// The preemptor ends below what the other had.
    LessThanInitialShare,
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    #[test]
    fn both_versions_of_a_queue_are_read() {
        let text = "apiVersion: kueue.x-k8s.io/v1beta1\nkind: ClusterQueue\nmetadata: {name: a}\nspec:\n  \
                    cohort: all\n  flavorFungibility: {whenCanBorrow: Borrow}\n---\n\
                    apiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: b}\nspec:\n  \
                    cohortName: all\n  flavorFungibility: {whenCanBorrow: MayStopSearch}\n";
        for document in yaml::read(text).unwrap() {
            let queue: ClusterQueue = document.decode().unwrap();
            assert_eq!(queue.spec.cohort_name.as_deref(), Some("all"));
            let search = queue.spec.flavor_fungibility.unwrap();
            assert_eq!(search.when_can_borrow, Some(FlavorPolicy::MayStopSearch));
        }
    }

    #[test]
    fn a_taint_keeps_pods_off_unless_the_flavour_tolerates_it() {
        let spec = |tolerations: &str| -> ResourceFlavorSpec {
            let taint = r#"{"key":"spot","value":"true","effect":"NoSchedule"}"#;
            serde_json::from_str(&format!(
                r#"{{"nodeTaints":[{taint}],"tolerations":[{tolerations}]}}"#
            ))
            .unwrap()
        };
        assert_eq!(spec("").untolerated().map(|taint| taint.key.as_str()), Some("spot"));
        assert_eq!(spec(r#"{"key":"spot","operator":"Exists"}"#).untolerated(), None);
        assert!(spec(r#"{"key":"spot","value":"no"}"#).untolerated().is_some());
    }
}
