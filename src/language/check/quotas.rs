//! Quotas promise no more than the pool can have, in GPUs, cores and bytes.

use std::collections::BTreeMap;

use super::node_kinds::{largest, node_kinds};
use super::{error, figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::{CommitmentKind, PoolSupply};
use crate::plan::price::Purchase;
use crate::plan::quota::QuotaGrant;
use crate::plan::{Plan, Pool, Quota};

/// Guarantees that add up to more than the pool can ever have.
pub static GUARANTEES_ABOVE_LIMIT: Code = error(
    "guarantees_above_limit",
    "guarantees above the limit",
    r#"`nominal` is guaranteed: every quota gets its part at the same time. Together they are above what the pool can
have: its limit (or the nodes of its lots), times what one node has. Note the factor: quotas count GPUs, `limit` and
lots count nodes.

Wrong:

```kdl
pool "train" { instance "p5.48xlarge" region="us-east-1"; limit 8; }    // 8 nodes, 64 GPUs
quota "search" { team "search"; pool "train" { gpu nominal=48; }; }
quota "ads" { team "ads"; pool "train" { gpu nominal=32; }; }
```

Right:

```kdl
quota "search" { team "search"; pool "train" { gpu nominal=40; }; }
quota "ads" { team "ads"; pool "train" { gpu nominal=24; }; }
```
"#,
);

/// A quota that may lend more than it has.
pub static LENDING_ABOVE_GUARANTEE: Code = error(
    "lending_above_guarantee",
    "a quota may lend more than it is guaranteed",
    r#"`lending-limit` is how much of its guarantee a quota lends to others of its cohort, so it is at most `nominal`. Kueue
refuses it otherwise.

Wrong:

```kdl
quota "search" { team "search"; cohort "training"; pool "train" { gpu nominal=32 lending-limit=64; }; }
```

Right:

```kdl
quota "search" { team "search"; cohort "training"; pool "train" { gpu nominal=64 lending-limit=32; }; }
```
"#,
);

/// A quota that may borrow from nobody.
pub static BORROWING_WITHOUT_COHORT: Code = warning(
    "borrowing_without_cohort",
    "a quota may borrow or lend, but is in no cohort",
    r#"Quotas borrow from, and lend to, quotas of the same cohort. Without a cohort the limits mean nothing, and Kueue
refuses them.

Wrong:

```kdl
quota "search" { team "search"; pool "train" { gpu nominal=64 borrowing-limit=128; }; }
```

Right:

```kdl
cohort "training" { weight 1; }
quota "search" { team "search"; cohort "training"; pool "train" { gpu nominal=64 borrowing-limit=128; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for quota in plan.quotas.items() {
        for grant in &quota.grants {
            limits(plan, quota, grant, found);
        }
    }
    guarantees(plan, found);
}

/// An amount of a resource of quotas.
fn shown(resource: &str, amount: f64) -> String {
    match resource {
        "gpu" => figures::count(amount, "GPU"),
        "cpu" => figures::count(amount, "core"),
        _ => figures::bytes(amount),
    }
}

fn limits(plan: &Plan, quota: &Quota, grant: &QuotaGrant, found: &mut Vec<Diagnostic>) {
    let (name, pool) = (&quota.name, &plan.pools[grant.pool].name);
    if let Some(lends) = grant.lending_limit.filter(|lends| *lends > grant.nominal) {
        let (lends, nominal) =
            (shown(&grant.resource, lends), shown(&grant.resource, grant.nominal));
        found.push(
            Diagnostic::new(
                &LENDING_ABOVE_GUARANTEE,
                format!("quota `{name}` lends {lends} of pool `{pool}`, of {nominal} guaranteed"),
            )
            .at(grant.origin, "`lending-limit` is above `nominal`")
            .help(format!("lend at most {nominal}, or leave `lending-limit` out to lend all")),
        );
    }
    if quota.cohort.is_none() && (grant.borrowing_limit.is_some() || grant.lending_limit.is_some())
    {
        found.push(
            Diagnostic::new(
                &BORROWING_WITHOUT_COHORT,
                format!("quota `{name}` may borrow or lend, but is in no cohort"),
            )
            .at(grant.origin, "nobody to borrow from or lend to")
            .help("say `cohort \"…\"` in the quota, or remove the limits"),
        );
    }
}

/// A grant, and the quota it is of.
type Granted<'a> = (&'a Quota, &'a QuotaGrant);

fn guarantees(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let mut granted: BTreeMap<(Id<Pool>, &str), Vec<Granted<'_>>> = BTreeMap::new();
    for quota in plan.quotas.items() {
        for grant in &quota.grants {
            granted.entry((grant.pool, &grant.resource)).or_default().push((quota, grant));
        }
    }
    for ((pool, resource), grants) in granted {
        let of: fn(&NodeShape) -> f64 = match resource {
            "gpu" => |shape| shape.gpus,
            "cpu" => |shape| shape.cores,
            _ => |shape| shape.memory_bytes,
        };
        let kinds = node_kinds(plan, pool);
        let Some((per_node, _)) = largest(&kinds, of).filter(|(amount, _)| *amount > 0.0) else {
            continue;
        };
        let Some(nodes) = most_nodes(plan, pool) else { continue };
        let has = f64::from(nodes) * per_node;
        let sum: f64 = grants.iter().map(|(_, grant)| grant.nominal).sum();
        if sum > has * (1.0 + 1e-9) {
            above(plan, pool, resource, &grants, [sum, has, per_node, f64::from(nodes)], found);
        }
    }
}

/// The most nodes that a pool can ever have; `None` where nothing bounds them.
pub(super) fn most_nodes(plan: &Plan, pool: Id<Pool>) -> Option<u32> {
    let own = &plan.pools[pool];
    let most = |purchase: Option<Purchase>| {
        let limits = own.limits.iter().filter(|limit| limit.purchase == purchase);
        let limits = limits.map(|limit| limit.nodes);
        let asked = own.limit_increases.iter().filter(|asked| asked.purchase == purchase);
        limits.chain(asked.map(|asked| asked.nodes)).max()
    };
    match &own.supply {
        PoolSupply::Storage(_) => None,
        PoolSupply::Owned(owned) => Some(plan.owned[*owned].lots.iter().map(|lot| lot.nodes).sum()),
        PoolSupply::Instances(candidates) => most(None).or_else(|| {
            let priced = candidates.iter().flat_map(|one| &plan.instances[one.instance].prices);
            let mut ways: Vec<Purchase> = match &own.buy {
                Some(buy) => buy.clone(),
                None => priced.map(|price| price.purchase).collect(),
            };
            ways.sort();
            ways.dedup();
            let signed: u32 = plan
                .commitments
                .items()
                .iter()
                .map(|one| match one.kind {
                    CommitmentKind::Reserved { pool: own, nodes, .. } if own == pool => nodes,
                    _ => 0,
                })
                .sum();
            let mut sum = signed;
            for way in ways {
                sum += most(Some(way))?;
            }
            Some(sum)
        }),
    }
}

fn above(
    plan: &Plan,
    pool: Id<Pool>,
    resource: &str,
    grants: &[Granted<'_>],
    [sum, has, per_node, nodes]: [f64; 4],
    found: &mut Vec<Diagnostic>,
) {
    let name = &plan.pools[pool].name;
    let mut rows: Vec<(String, String)> = grants
        .iter()
        .map(|(quota, grant)| (format!("quota `{}`", quota.name), shown(resource, grant.nominal)))
        .collect();
    rows.push(("guaranteed".into(), shown(resource, sum)));
    let node = shown(resource, per_node);
    let total = format!("{} × {node}", figures::count(nodes, "node"));
    rows.push((total, shown(resource, has)));
    // The label stands at the largest guarantee, which is the first to look at.
    let largest = grants.iter().max_by(|a, b| a.1.nominal.total_cmp(&b.1.nominal));
    let Some((_, largest)) = largest else { return };
    let mut diagnostic = Diagnostic::new(
        &GUARANTEES_ABOVE_LIMIT,
        format!(
            "quotas guarantee {} of pool `{name}`, which can have {}",
            shown(resource, sum),
            shown(resource, has)
        ),
    )
    .at(
        largest.origin,
        format!("{} of the {}", shown(resource, largest.nominal), shown(resource, sum)),
    );
    for (quota, grant) in grants.iter().filter(|(_, grant)| grant.origin != largest.origin) {
        let amount = shown(resource, grant.nominal);
        diagnostic = diagnostic.also(grant.origin, format!("{amount} for `{}`", quota.name));
    }
    let from = match plan.pools[pool].supply {
        PoolSupply::Owned(owned) => plan.owned[owned].origin,
        _ => plan.pools[pool].origin,
    };
    found.push(
        diagnostic.also(from, format!("at most {}", figures::count(nodes, "node"))).help(format!(
            "guarantee less, or let the pool have more:\n{}",
            figures::aligned(&rows)
        )),
    );
}
