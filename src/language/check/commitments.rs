//! What is signed serves the horizon, and the pool it is signed for.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::{CommitmentKind, PoolSupply};
use crate::plan::price::Purchase;
use crate::plan::{Commitment, Instance, Plan, Pool, Provider, SavingsPlan};

/// A commitment that ended before the horizon.
pub static COMMITMENT_ENDED: Code = warning(
    "commitment_ended",
    "a commitment ended before the horizon begins",
    r#"A commitment is what is signed already, with its period; both days are included. This one ended before the first
month the plan looks at, so it changes no figure. What follows it is a decision of the plan.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; }
commitment "ri-2025" { pool "serving"; reserved 8 instance="p5.48xlarge"; price "37.80 USD/hour"; period from="2025-07-01" until="2026-06-30"; }
```

Right:

```kdl
commitment "ri-2026" { pool "serving"; reserved 8 instance="p5.48xlarge"; price "37.80 USD/hour"; period from="2026-07-01" until="2027-06-30"; }
```
"#,
);

/// A commitment for an instance type that its pool does not use.
pub static COMMITMENT_ELSEWHERE: Code = warning(
    "commitment_elsewhere",
    "a commitment for an instance type that its pool does not use",
    r#"A commitment reserves nodes of one instance type for one pool. The pool does not list that type, so the
reservation serves nothing in it and its cost is idle.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }
commitment "ri" { pool "serving"; reserved 8 instance="g6e.xlarge"; price "1.27 USD/hour"; period from="2026-07-01" until="2027-06-30"; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; instance "g6e.xlarge" region="us-east-1"; }
```
"#,
);

/// Spend that is committed, and no pool could use.
pub static SPEND_COVERS_NOTHING: Code = warning(
    "spend_covers_nothing",
    "spend is committed by the hour and no pool can use it",
    r#"Spend committed by the hour pays for nodes that would run on demand: of its provider, of the types and in the
regions that its savings plan covers. No pool of the plan has such a type, so all of it is paid and none of it used.

Wrong:

```kdl
provider "aws" { savings-plan "compute" { term "12 months"; discount "27%" { instance "p5.48xlarge"; }; }; }
pool "web" { instance "c7i.8xlarge"; }
commitment "sp" { spend "120 USD/hour" savings-plan="compute"; period from="2026-07-01" until="2027-06-30"; }
```

Right:

```kdl
provider "aws" { savings-plan "compute" { term "12 months"; discount "27%" { instance "p5.48xlarge" "c7i.8xlarge"; }; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for commitment in plan.commitments.items() {
        let first = plan.horizon.first_day();
        if commitment.until < first && commitment.from <= commitment.until {
            let (name, until) = (&commitment.name, commitment.until);
            found.push(
                Diagnostic::new(
                    &COMMITMENT_ENDED,
                    format!(
                        "commitment `{name}` ended on {until}, before the horizon begins on {first}"
                    ),
                )
                .at(commitment.origin, "it changes no figure of this plan")
                .help("remove it, or correct its `period`"),
            );
        }
        match commitment.kind {
            CommitmentKind::Reserved { pool, instance, .. } => {
                elsewhere(plan, commitment, pool, instance, found);
            }
            CommitmentKind::Spend { provider, savings_plan, .. } => {
                let over = commitment.until < plan.horizon.first_day();
                let mut pools = plan.pools.items().iter();
                if !over && !pools.any(|pool| covers(plan, pool, provider, savings_plan)) {
                    found.push(covers_nothing(commitment));
                }
            }
        }
    }
}

/// Whether a spend could pay for nodes of a pool on demand.
fn covers(plan: &Plan, pool: &Pool, with: Id<Provider>, under: Option<Id<SavingsPlan>>) -> bool {
    let PoolSupply::Instances(candidates) = &pool.supply else { return false };
    let may = pool.buy.as_ref().is_none_or(|buy| buy.contains(&Purchase::OnDemand));
    may && candidates.iter().any(|candidate| {
        plan.instances[candidate.instance].provider == with
            && under.is_none_or(|under| plan.savings_plans[under].rate(candidate).is_some())
    })
}

fn covers_nothing(commitment: &Commitment) -> Diagnostic {
    let message = format!("no pool can use the spend of commitment `{}`", commitment.name);
    Diagnostic::new(&SPEND_COVERS_NOTHING, message)
        .at(commitment.origin, "it is paid every hour, and nothing it covers runs on demand")
        .help("name the types that pools use in the savings plan's `discount`, or remove it")
}

fn elsewhere(
    plan: &Plan,
    commitment: &Commitment,
    pool: Id<Pool>,
    instance: Id<Instance>,
    found: &mut Vec<Diagnostic>,
) {
    let pool = &plan.pools[pool];
    let types: Vec<&str> = match &pool.supply {
        PoolSupply::Storage(_) => return,
        PoolSupply::Owned(owned) => vec![&plan.owned[*owned].name],
        PoolSupply::Instances(candidates) => {
            if candidates.iter().any(|candidate| candidate.instance == instance) {
                return;
            }
            candidates.iter().map(|one| plan.instances[one.instance].name.as_str()).collect()
        }
    };
    let (name, reserved) = (&commitment.name, &plan.instances[instance].name);
    found.push(
        Diagnostic::new(
            &COMMITMENT_ELSEWHERE,
            format!(
                "commitment `{name}` reserves `{reserved}`, which pool `{}` does not use",
                pool.name
            ),
        )
        .at(commitment.origin, "its cost serves nothing in that pool")
        .also(pool.origin, format!("its nodes are {}", figures::names(types)))
        .help(format!("add `instance \"{reserved}\"` to the pool, or commit to one that it uses")),
    );
}
