//! Manifests out of plans and back: what schemas cannot say, hostile names, and the way round.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::float_cmp,
    reason = "a test may fail, and writes plans to read"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use capplan::diagnostic::render;
use capplan::export::{self, Export, Source};
use capplan::history::{self, Usage};
use capplan::import::{Input, import};
use capplan::kubernetes::name::is_label;
use capplan::kubernetes::quantity::Quantity;
use capplan::kubernetes::{write, yaml};
use capplan::language;
use capplan::pipeline;
use capplan::plan::Plan;
use capplan::plan::workload::{RunWork, Serving};
use capplan::source::Span;
use proptest::prelude::*;
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manifests").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A plan of a text, and what was found wrong with it.
fn checked(name: &str, text: &str) -> language::Checked {
    let folder = folder(name);
    std::fs::write(folder.join("plan.kdl"), text).unwrap();
    language::read(&folder).unwrap()
}

/// Both exports of a plan.
fn exported(plan: &Plan, usage: &Usage) -> (Export, Export) {
    let (choices, sizings) = pipeline::size(plan, usage);
    let place = |span: Span| format!("plan.kdl:{}", span.start);
    let source = Source {
        plan,
        sizings: &sizings,
        choices: &choices,
        month: 0,
        namespace: None,
        place: &place,
    };
    (export::kubernetes(&source), export::kueue::kueue(&source))
}

fn text(export: &Export) -> String {
    let all: Vec<_> = export.files.iter().flat_map(|file| file.manifests.clone()).collect();
    write::yaml(&all)
}

/// Every object of a text, as readers of YAML see it.
fn objects(text: &str) -> Vec<Value> {
    yaml::read(text).unwrap().iter().map(|document| document.decode().unwrap()).collect()
}

const HEAD: &str = r#"
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=2; currency USD; draws 20; }
gpu "h100" { memory "80 GB"; }
gpu "mi300x" { memory "192 GB"; }
provider "aws" {
    region "us-east-1"
    instance "p5" { gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "50 USD/hour" as-of="2026-11-01" source="x"; price spot "20 USD/hour" as-of="2026-11-01" source="x"; }
    instance "mi" { gpu "mi300x" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "50 USD/hour" as-of="2026-11-01" source="x"; }
}
pool "a" { instance "p5" region="us-east-1"; }
pool "b" { instance "p5" region="us-east-1"; buy spot on-demand; }
pool "c" { instance "mi" region="us-east-1"; }
priorities { level "low" rank=-5 preemptible=#true; level "high" rank=9000000000; }
cohort "top"
cohort "mid" { parent "top"; weight 0.5; }
team "t1"
team "t2"
"#;

/// What Kueue refuses of a `ClusterQueue` although its schema allows it.
///
/// # Source
/// Kueue's validations: the CEL rules of `clusterqueue_types.go` and `pkg/webhooks` (clusterqueue, cohort).
fn refused(queue: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let spec = &queue["spec"];
    let has_cohort = spec["cohortName"].is_string();
    let quantity = |value: &Value| Quantity::parse(value.as_str().unwrap()).unwrap().to_f64();
    let (mut resources, mut flavors) = (BTreeSet::new(), BTreeSet::new());
    for group in spec["resourceGroups"].as_array().into_iter().flatten() {
        let covered = group["coveredResources"].as_array().unwrap();
        for name in covered {
            if !resources.insert(name.as_str().unwrap().to_owned()) {
                wrong.push(format!("{name} stands in two groups"));
            }
        }
        for flavor in group["flavors"].as_array().unwrap() {
            if !flavors.insert(flavor["name"].as_str().unwrap().to_owned()) {
                wrong.push(format!("flavour {} stands twice", flavor["name"]));
            }
            let stated: Vec<&Value> =
                flavor["resources"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
            if stated != covered.iter().collect::<Vec<_>>() {
                wrong.push(format!("{stated:?} is not {covered:?}, in its order"));
            }
            for resource in flavor["resources"].as_array().unwrap() {
                let nominal = quantity(&resource["nominalQuota"]);
                for limit in ["borrowingLimit", "lendingLimit"] {
                    if resource[limit].is_string() && !has_cohort {
                        wrong.push(format!("{limit} without a cohort"));
                    }
                }
                if resource["lendingLimit"].is_string()
                    && quantity(&resource["lendingLimit"]) > nominal
                {
                    wrong.push("more lent than guaranteed".to_owned());
                }
                if nominal < 0.0 {
                    wrong.push("a negative quota".to_owned());
                }
            }
        }
    }
    let preemption = &spec["preemption"];
    let borrow = preemption["borrowWithinCohort"]["policy"].as_str().unwrap_or("Never");
    if preemption["reclaimWithinCohort"] == "Never" && borrow != "Never" {
        wrong.push("borrowWithinCohort without reclaimWithinCohort".to_owned());
    }
    wrong
}

/// A quota as the language writes it, of any grants.
fn quota() -> impl Strategy<Value = String> {
    let limit = prop::option::of(0_u32..200);
    let grant = (0_u32..100, limit.clone(), limit);
    let grants = prop::collection::btree_map(
        (
            prop::sample::select(vec!["a", "b", "c"]),
            prop::sample::select(vec!["gpu", "cpu", "memory"]),
        ),
        grant,
        1..7,
    );
    let words = (
        prop::sample::select(vec!["never", "lower-priority", "any"]),
        prop::sample::select(vec![
            "never",
            "lower-priority",
            "lower-priority max-priority=\"high\"",
        ]),
        prop::sample::select(vec!["never", "lower-priority", "lower-or-newer-equal-priority"]),
    );
    (prop::option::of(prop::sample::select(vec!["top", "mid"])), grants, words).prop_map(
        |(cohort, grants, (reclaim, borrow, within))| {
            let mut text = "quota \"q\" { team \"t1\" \"t2\"; weight 0.25; ".to_owned();
            if let Some(cohort) = cohort {
                let _ = write!(text, "cohort \"{cohort}\"; ");
            }
            for pool in ["a", "b", "c"] {
                let mut own = String::new();
                for ((_, resource), (nominal, borrow, lend)) in
                    grants.iter().filter(|((of, _), _)| *of == pool)
                {
                    let amount = |value: u32| match *resource {
                        "gpu" => value.to_string(),
                        "cpu" => format!("\"{value}.5 core\""),
                        _ => format!("\"{value} GiB\""),
                    };
                    let _ = write!(own, "{resource} nominal={}", amount(*nominal));
                    if let Some(limit) = borrow {
                        let _ = write!(own, " borrowing-limit={}", amount(*limit));
                    }
                    // The language refuses to lend more than there is.
                    if let Some(limit) = lend.map(|limit| limit.min(*nominal)) {
                        let _ = write!(own, " lending-limit={}", amount(limit));
                    }
                    own.push_str("; ");
                }
                if !own.is_empty() {
                    let _ = write!(text, "pool \"{pool}\" {{ {own}}}; ");
                }
            }
            let _ = write!(
                text,
                "preemption {{ reclaim-within-cohort {reclaim}; borrow-within-cohort {borrow}; within-queue {within}; }} }}"
            );
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn kueue_refuses_no_queue_of_a_plan(quota in quota()) {
        let checked = checked("quota", &format!("{HEAD}{quota}\n"));
        let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
        prop_assert!(checked.plan.is_some(), "{quota}\n{said}");
        let (_, kueue) = exported(&checked.plan.unwrap().base, &Usage::default());
        let text = text(&kueue);
        let objects = objects(&text);
        let queues: Vec<&Value> =
            objects.iter().filter(|object| object["kind"] == "ClusterQueue").collect();
        prop_assert_eq!(queues.len(), 1);
        prop_assert!(refused(queues[0]).is_empty(), "{:?}\n{}", refused(queues[0]), text);
        for object in &objects {
            let name = object["metadata"]["name"].as_str().unwrap();
            prop_assert!(is_label(name, 63), "{}", name);
        }
        // Its flavours are all there.
        let names: BTreeSet<&str> = objects
            .iter()
            .filter(|object| object["kind"] == "ResourceFlavor")
            .map(|object| object["metadata"]["name"].as_str().unwrap())
            .collect();
        for group in queues[0]["spec"]["resourceGroups"].as_array().unwrap() {
            for flavor in group["flavors"].as_array().unwrap() {
                prop_assert!(names.contains(flavor["name"].as_str().unwrap()));
            }
        }
    }
}

#[test]
fn the_rules_would_see_what_they_look_for() {
    let wrong: Value = serde_json::json!({"spec": {
        "resourceGroups": [
            {"coveredResources": ["cpu", "memory"], "flavors": [{"name": "f", "resources": [
                {"name": "memory", "nominalQuota": "1Gi", "lendingLimit": "2Gi"},
                {"name": "cpu", "nominalQuota": "1", "borrowingLimit": "1"}]}]},
            {"coveredResources": ["cpu"], "flavors": [{"name": "f", "resources": [{"name": "cpu", "nominalQuota": "1"}]}]},
        ],
        "preemption": {"reclaimWithinCohort": "Never", "borrowWithinCohort": {"policy": "LowerPriority"}},
    }});
    assert_eq!(refused(&wrong).len(), 7, "{:?}", refused(&wrong));
}

#[test]
fn what_a_cohort_grants_is_its_own_quota() {
    let shared = r#"
cohort "shared" { parent "top"; pool "b" { gpu nominal=24 borrowing-limit=8 lending-limit=16; }; }
quota "q" { team "t1"; cohort "shared"; pool "a" { gpu nominal=8; }; }
"#;
    let checked = checked("shared", &format!("{HEAD}{shared}"));
    let (_, kueue) = exported(&checked.plan.unwrap().base, &Usage::default());
    let objects = objects(&text(&kueue));
    let is = |object: &&Value, kind: &str, name: &str| {
        object["kind"] == kind && object["metadata"]["name"] == name
    };
    let cohort = objects.iter().find(|object| is(object, "Cohort", "shared")).unwrap();
    let groups = serde_json::json!([{"coveredResources": ["nvidia.com/gpu"], "flavors": [{"name": "b", "resources": [
        {"name": "nvidia.com/gpu", "nominalQuota": "24", "borrowingLimit": "8", "lendingLimit": "16"}]}]}]);
    assert_eq!(cohort["spec"]["resourceGroups"], groups);
    assert!(objects.iter().any(|object| is(&object, "ResourceFlavor", "b")));
    let top = objects.iter().find(|object| is(object, "Cohort", "top")).unwrap();
    assert!(top["spec"]["resourceGroups"].is_null());
}

#[test]
fn names_that_a_cluster_does_not_take_are_changed_and_said() {
    let long = "w".repeat(70);
    let plan = format!(
        "{HEAD}team \"a.b\"\nteam \"a-b\"\n\
         workload \"w.1\" {{ kind inference; team \"a.b\"; pool \"a\"; priority \"high\"; demand \"5 req/s\"; replica {{ cpu \"0.5 core\"; serves \"1 req/s\"; }}; }}\n\
         workload \"w-1\" {{ kind inference; team \"a-b\"; pool \"a\"; demand \"5 req/s\"; replica {{ gpu 0.5; memory \"1.5 GiB\"; serves \"1 req/s\"; }}; }}\n\
         workload \"{long}\" {{ kind training; team \"a-b\"; pool \"c\"; run \"r\" every=\"2 weeks\" {{ gpus 20; duration \"3 hours\"; }}; }}\n"
    );
    let checked = checked("names", &plan);
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let plan = checked.plan.unwrap_or_else(|| panic!("{said}")).base;
    let (kubernetes, _) = exported(&plan, &Usage::default());
    let objects = objects(&text(&kubernetes));
    let mut seen = BTreeSet::new();
    for object in &objects {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().unwrap();
        assert!(is_label(name, 63), "{name}");
        let key = (object["kind"].to_string(), metadata["namespace"].to_string(), name.to_owned());
        assert!(seen.insert(key), "{name} twice");
    }
    let spaces: Vec<&str> = objects
        .iter()
        .filter(|object| object["kind"] == "Namespace")
        .map(|object| object["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(spaces.len(), 2);
    assert!(spaces.contains(&"a-b") && spaces.iter().any(|name| name.starts_with("a-b-")));
    for original in
        ["`a.b`", "`w.1`", "`high`: its rank 9000000000 becomes 1000000000", "every 14 days"]
    {
        assert!(
            kubernetes.notes.iter().any(|note| note.contains(original)),
            "{original}: {:?}",
            kubernetes.notes
        );
    }
    let find = |kind: &str, label: &str| {
        let of = |object: &&Value| {
            object["kind"] == kind
                && object["metadata"]["name"].as_str().unwrap().starts_with(label)
        };
        objects.iter().find(of).cloned().unwrap_or_else(|| panic!("{kind} {label}"))
    };
    // Twenty GPUs on nodes of eight are four pods of five, on AMD's resource.
    let job = find("Job", "www");
    assert_eq!(job["spec"]["parallelism"], 4);
    let asked = &job["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"];
    assert_eq!(asked["amd.com/gpu"], "5");
    let half = find("Deployment", "w-1");
    let asked = &half["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"];
    assert!(asked["nvidia.com/gpu"] == "1" || asked["cpu"] == "500m", "{asked}");
}

/// What a person fills in: every blank line loses its slashes, and every `…` becomes something.
fn filled(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let blank = line.trim_start().strip_prefix("// ").filter(|rest| rest.contains('…'));
        let Some(rest) = blank else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let rest = rest
            .replace("as-of \"…\"", "as-of \"2026-11-26\"")
            .replace("from=\"…\"", "from=\"2027-02\"")
            .replace("at=\"…\"", "at=\"2027-03-01\"")
            .replace("every=\"…\"", "every=\"1 day\"")
            .replace("… core-hour", "40 core-hour")
            .replace("… core", "512 core")
            .replace("… GiB", "4096 GiB")
            .replace("spot \"… USD", "spot \"4 USD");
        out.push_str(&rest.replace('…', "8"));
        out.push('\n');
    }
    out
}

fn read_back(name: &str, files: &[(&str, String)]) -> (language::Checked, String, Vec<String>) {
    let inputs: Vec<Input> = files
        .iter()
        .map(|(name, text)| Input { name: (*name).to_owned(), text: text.clone() })
        .collect();
    let imported = import(&inputs, Some(name)).unwrap();
    let checked = checked(name, &filled(&imported.kdl));
    (checked, imported.kdl, imported.lost)
}

#[test]
fn a_company_goes_out_to_manifests_and_comes_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
    let acme = language::read(&root).unwrap().plan.unwrap();
    let usage = history::read(&acme.base, &root).unwrap();
    let mut base = acme.base;
    base.draws = base.draws.with_count(50);
    let (kubernetes, kueue) = exported(&base, &usage);
    let files = [("k.yaml", text(&kubernetes)), ("q.yaml", text(&kueue))];
    let (checked, kdl, lost) = read_back("acme-back", &files);
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let back = checked.plan.unwrap_or_else(|| panic!("{said}\n{kdl}")).base;

    for own in base.workloads.items() {
        let replica = matches!(own.serving, Serving::Replica(_) | Serving::Capacity { .. });
        let Some(id) = back.workloads.find(&own.name) else {
            assert!(own.runs.is_empty() && !replica, "{} is lost", own.name);
            continue;
        };
        let other = &back.workloads[id];
        assert_eq!(base.teams[own.team].name, back.teams[other.team].name);
        let pool = |plan: &Plan, pool: Option<_>| pool.map(|id| plan.pools[id].name.clone());
        assert_eq!(pool(&base, own.pool), pool(&back, other.pool), "{}", own.name);
        assert_eq!(own.redundancy.spare, other.redundancy.spare, "{}", own.name);
        let priority = |plan: &Plan, id: Option<_>| id.map(|id| plan.priorities[id].name.clone());
        assert_eq!(priority(&base, own.priority), priority(&back, other.priority));
        if let (Serving::Replica(own), Serving::Replica(other)) = (&own.serving, &other.serving) {
            let amounts = |request: &capplan::plan::workload::Request| {
                [&request.cores, &request.memory_bytes, &request.gpus]
                    .map(|amount| amount.as_ref().map(capplan::estimate::Estimate::median))
            };
            assert_eq!(amounts(&own.request), amounts(&other.request));
        }
        if let Some(own) = &own.autoscale {
            let other = other.autoscale.as_ref().expect("an autoscaler");
            assert_eq!((own.min, own.max), (other.min, other.max));
            assert_eq!(own.target_utilization, other.target_utilization);
        }
        assert_eq!(own.runs.len(), other.runs.len());
        for (own, other) in own.runs.iter().zip(&other.runs) {
            assert_eq!(own.name, other.name);
            let gpus = |work: &RunWork| match work {
                RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. } => Some(*gpus),
                RunWork::Work { .. } => None,
            };
            let (own, other) = (gpus(&own.work), gpus(&other.work));
            assert!(own.is_none() || own == other, "{own:?} {other:?}");
        }
    }
    assert_eq!(base.quotas.len(), back.quotas.len());
    for (own, other) in base.quotas.items().iter().zip(back.quotas.items()) {
        assert_eq!((&own.name, own.weight), (&other.name, other.weight));
        let words = |quota: &capplan::plan::Quota| {
            let p = quota.preemption;
            (p.reclaim_within_cohort, p.borrow_within_cohort, p.within_queue)
        };
        assert_eq!(words(own), words(other));
        let grants = |plan: &Plan, quota: &capplan::plan::Quota| -> Vec<_> {
            let row = |grant: &capplan::plan::quota::QuotaGrant| {
                let pool = plan.pools[grant.pool].name.clone();
                let limits = (grant.borrowing_limit, grant.lending_limit);
                (pool, grant.resource.clone(), grant.nominal, limits)
            };
            quota.grants.iter().map(row).collect()
        };
        assert_eq!(grants(&base, own), grants(&back, other));
    }
    for (own, other) in base.priorities.items().iter().zip(back.priorities.items()) {
        assert_eq!((&own.name, own.rank), (&other.name, other.rank));
    }
    // Every image is among the lost: none is carried over in silence.
    let images = lost.iter().filter(|line| line.contains(".image")).count();
    let pods = kubernetes.files.iter().flat_map(|file| &file.manifests).filter(|manifest| {
        ["Deployment", "Job", "CronJob"].iter().any(|kind| manifest.object["kind"] == *kind)
    });
    assert_eq!(images, pods.count());
}

#[test]
fn two_exports_of_one_plan_are_the_same_bytes() {
    let plan = format!(
        "{HEAD}workload \"w\" {{ kind inference; team \"t1\"; pool \"b\"; priority \"low\"; interruptible #true; demand \"5 req/s\"; replica {{ gpu 1; serves \"1 req/s\"; }}; autoscale {{ min 0; target rate \"2 req/s\"; }}; redundancy {{ spare 1; zones 3; }}; }}\n"
    );
    let plan = checked("same", &plan).plan.unwrap().base;
    let (one, _) = exported(&plan, &Usage::default());
    let (two, _) = exported(&plan, &Usage::default());
    assert_eq!(text(&one), text(&two));
    let objects = objects(&text(&one));
    let of = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let pod = &of("Deployment")["spec"]["template"]["spec"];
    assert_eq!(pod["topologySpreadConstraints"][0]["minDomains"], 3);
    assert_eq!(pod["tolerations"][1]["value"], "spot");
    assert_eq!(of("PodDisruptionBudget")["spec"]["maxUnavailable"], 3);
    let scaler = &of("HorizontalPodAutoscaler")["spec"];
    assert_eq!(scaler["minReplicas"], 1);
    assert_eq!(scaler["metrics"][0]["pods"]["metric"]["name"], "requests_per_second");
    assert_eq!(scaler["metrics"][0]["pods"]["target"]["averageValue"], "2");
}

const CLUSTER: &str = r#"
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata:
    name: n1
    labels: {node.kubernetes.io/instance-type: p5.48xlarge, topology.kubernetes.io/region: us-east-1, nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3, nvidia.com/gpu.memory: "81559"}
  spec: {providerID: "aws:///us-east-1a/i-1"}
  status: {capacity: {cpu: "192", memory: 2097152Mi, nvidia.com/gpu: "8"}}
- apiVersion: v1
  kind: Node
  metadata:
    name: n2
    labels: {node.kubernetes.io/instance-type: m5.4xlarge, karpenter.sh/nodepool: general, karpenter.sh/capacity-type: spot}
  status: {capacity: {cpu: "16", memory: 64Gi}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: index, namespace: search}
spec:
  replicas: 3
  serviceName: index
  template:
    spec:
      initContainers:
      - {name: load, resources: {requests: {memory: 32Gi}}}
      - {name: proxy, restartPolicy: Always, resources: {requests: {cpu: 250m}}}
      containers:
      - {name: a, resources: {requests: {cpu: 1500m, memory: 4Gi}, limits: {cpu: "2"}}}
      - {name: b, resources: {limits: {cpu: "1", memory: 1Gi}}}
      nodeSelector: {karpenter.sh/nodepool: general}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: index, namespace: search}
spec:
  minReplicas: 2
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: index}
  metrics:
  - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}
  - {type: External, external: {metric: {name: lag}, target: {type: Value, value: "5"}}}
  behavior: {scaleDown: {stabilizationWindowSeconds: 60, selectPolicy: Min, policies: [{type: Percent, value: 10, periodSeconds: 30}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: train, namespace: ml}
spec:
  schedule: "*/10 * * * *"
  jobTemplate: {spec: {parallelism: 2, template: {spec: {containers: [{name: t, resources: {limits: {nvidia.com/gpu: 8}}}]}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: gpus, namespace: ml}
spec: {hard: {requests.nvidia.com/gpu: "16", pods: "40"}}
---
apiVersion: v1
kind: Service
metadata: {name: index, namespace: search}
spec: {ports: [{port: 80}]}
"#;

#[test]
fn a_running_cluster_is_the_beginning_of_a_plan() {
    let (checked, kdl, lost) = read_back("cluster", &[("all.yaml", CLUSTER.to_owned())]);
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let plan = checked.plan.unwrap_or_else(|| panic!("{said}\n{kdl}")).base;
    let index = &plan.workloads[plan.workloads.find("index").unwrap()];
    let Serving::Replica(replica) = &index.serving else { panic!("a replica") };
    // Both containers and the sidecar; or the larger step of beginning.
    assert_eq!(replica.request.cores.as_ref().unwrap().median(), 2.75);
    assert_eq!(replica.request.memory_bytes.as_ref().unwrap().median(), 32.0 * 1024.0_f64.powi(3));
    assert_eq!(plan.pools[index.pool.unwrap()].name, "general");
    let scaler = index.autoscale.as_ref().unwrap();
    assert_eq!((scaler.min, scaler.max, scaler.target_utilization), (2, Some(9), Some(0.8)));
    assert!(
        kdl.contains(r#"down { window "60 s"; policy percent "10%" per="30 s"; select min; }"#),
        "{kdl}"
    );
    // The only pool with GPUs is that of the training, and of its namespace's quota.
    let quota = &plan.quotas.items()[0];
    assert_eq!(
        (quota.grants[0].nominal, plan.pools[quota.grants[0].pool].name.as_str()),
        (16.0, "p5.48xlarge")
    );
    let instance = &plan.instances[plan.instances.find("p5.48xlarge").unwrap()];
    assert_eq!((instance.shape.gpus, instance.shape.cores), (8.0, 192.0));
    let has =
        |text: &str| assert!(lost.iter().any(|line| line.contains(text)), "{text}: {lost:#?}");
    has("spec.metrics[1]");
    has("Service `search/index`: no part of a plan");
    has("spec.schedule");
    has("spec.serviceName");
    has("containers[0].resources.limits");
    has("spec.hard.pods");
}

#[test]
fn what_is_no_manifest_is_named_with_its_file_and_line() {
    let input = |name: &str, text: &str| Input { name: name.into(), text: text.into() };
    let rejected = import(
        &[
            input("x.yaml", "# first\na: 1\n"),
            input("y.yaml", "kind: A\napiVersion: v1\nmetadata: {name: [}\n"),
            input("z.yaml", "kind: A\napiVersion: v1\nmetadata: name\n"),
            input("right.yaml", "kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n"),
        ],
        None,
    )
    .unwrap_err();
    let said: Vec<_> = rejected
        .diagnostics
        .iter()
        .map(|one| (one.code.id, rejected.sources.place(one.label.as_ref().unwrap().span)))
        .collect();
    let expected = [
        ("manifest_object", "x.yaml:1"),
        ("manifest_syntax", "y.yaml:3"),
        ("manifest_value", "z.yaml:3"),
    ];
    assert_eq!(said, expected.map(|(id, place)| (id, place.to_owned())), "every file is told");
}

#[test]
fn hostile_manifests_do_not_leave_their_place() {
    let name = "x\\\"}\\nworkload \\\"evil\\\" {";
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: \"{name}\", namespace: \"{name}\"}}\n\
         spec: {{template: {{spec: {{nodeSelector: {{node.kubernetes.io/instance-type: \"{name}\"}}, containers: [{{resources: {{requests: {{cpu: 1}}}}}}]}}}}}}\n"
    );
    let (checked, kdl, _) = read_back("hostile", &[("a\nworkload \"evil\" {.yaml", text)]);
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let plan = checked.plan.unwrap_or_else(|| panic!("{said}\n{kdl}")).base;
    assert_eq!(plan.workloads.len(), 1);
}

/// Where two values differ, by path; items of lists are told by their place.
fn differences(path: &str, a: &Value, b: &Value, found: &mut BTreeSet<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let (a, b) =
                    (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                differences(&format!("{path}.{name}"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| differences(&format!("{path}[]"), a, b, found));
        }
        (a, b) if a != b => {
            found.insert(path.to_owned());
        }
        _ => {}
    }
}

/// Exports a plan, imports that, fills its blanks and exports again: kinds and paths at which the two differ.
fn there_and_back(name: &str, plan: &Plan, usage: &Usage) -> BTreeSet<String> {
    let (kubernetes, kueue) = exported(plan, usage);
    let files = [("k.yaml", text(&kubernetes)), ("q.yaml", text(&kueue))];
    let (checked, kdl, _) = read_back(name, &files);
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let back = checked.plan.unwrap_or_else(|| panic!("{name}: {said}\n{kdl}")).base;
    let again = exported(&back, &Usage::default());
    let of = |(kubernetes, kueue): (&Export, &Export)| {
        let all = objects(&text(kubernetes)).into_iter().chain(objects(&text(kueue)));
        let key = |object: &Value| {
            let metadata = &object["metadata"];
            format!("{}/{}/{}", object["kind"], metadata["namespace"], metadata["name"])
        };
        all.map(|object| (key(&object), object)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let (first, second) = (of((&kubernetes, &kueue)), of((&again.0, &again.1)));
    let mut found = BTreeSet::new();
    for key in first.keys().chain(second.keys()) {
        match (first.get(key), second.get(key)) {
            (Some(a), Some(b)) => {
                differences(a["kind"].as_str().unwrap(), a, b, &mut found);
            }
            (one, _) => {
                found.insert(format!("{} {key}", if one.is_some() { "lost" } else { "new" }));
            }
        }
    }
    found
}

/// What a second export may say otherwise, and why; `docs/kubernetes.md` has the same list.
const OTHERWISE: [(&str, &str); 15] = [
    ("Deployment.spec.replicas", "what is asked of it is a blank"),
    ("ResourceQuota.spec.hard", "what is asked, and the size of a node, are blanks"),
    ("LimitRange.spec.limits", "the size of a node is a blank"),
    ("Job.spec.completions", "pods of a run are as its need or its nodes, which are blanks"),
    ("Job.spec.parallelism", "the same"),
    ("Job.spec.template.spec.containers[].resources", "the same"),
    ("CronJob.spec.jobTemplate.spec.completions", "the same"),
    ("CronJob.spec.jobTemplate.spec.parallelism", "the same"),
    ("CronJob.spec.jobTemplate.spec.template.spec.containers[].resources", "the same"),
    (
        "CronJob.spec.jobTemplate.spec.template.spec.tolerations",
        "that it may run on spot is not that it may be interrupted",
    ),
    ("Job.spec.template.spec.tolerations", "the same"),
    ("CronJob.spec.schedule", "single months of a cron are not read: how often is a blank"),
    ("PriorityClass.description", "`preemptible` is in its words alone"),
    ("HorizontalPodAutoscaler.spec.metrics", "a metric's rate has no unit of demand"),
    (
        "Deployment.spec.template.spec.nodeSelector",
        "names of a plan have no capitals: ND96isr_H100_v5",
    ),
];

#[test]
fn the_fewest_gpus_of_a_gang_come_back() {
    let gang = r#"
quota "q" { team "t1"; pool "a" { gpu nominal=64; }; }
workload "w" { kind training; team "t1"; pool "a"; run "r" at="2027-02-02" { gpus 32; min-gpus 16; duration "3 hours"; }; run "s" every="1 day" { gpus 16; min-gpus 8; duration "3 hours"; }; }
"#;
    let checked = checked("fewest", &format!("{HEAD}{gang}"));
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    let plan = checked.plan.unwrap_or_else(|| panic!("{said}")).base;
    let (kubernetes, kueue) = exported(&plan, &Usage::default());
    let files = [("k.yaml", text(&kubernetes)), ("q.yaml", text(&kueue))];
    let (_, kdl, lost) = read_back("fewest-back", &files);
    assert!(kdl.contains("gpus 32; min-gpus 16;") && kdl.contains("gpus 16; min-gpus 8;"), "{kdl}");
    assert!(!lost.iter().any(|line| line.contains("parallelism")), "{lost:?}");
}

#[test]
fn what_is_exported_and_imported_is_exported_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let examples = std::fs::read_dir(root.join("examples")).unwrap().flatten();
    let mut plans: Vec<PathBuf> = examples.map(|entry| entry.path()).collect();
    plans.extend(
        ["acme", "enterprise"].map(|name| root.join(name)).into_iter().filter(|p| p.exists()),
    );
    plans.sort();
    let mut wrong = String::new();
    for path in plans {
        let name = format!("again-{}", path.file_stem().unwrap().to_string_lossy());
        let Some(plan) = language::read(&path).unwrap().plan else { continue };
        let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap() };
        let usage = history::read(&plan.base, folder).unwrap();
        let mut base = plan.base;
        base.draws = base.draws.with_count(20);
        for one in there_and_back(&name, &base, &usage) {
            if !OTHERWISE.iter().any(|(known, _)| one.starts_with(known)) {
                let _ = writeln!(wrong, "{name}: {one}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
