//! Regions are those of the provider.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::pool::PoolSupply;
use crate::plan::{Plan, Provider};
use crate::source::Span;

/// A region that the provider does not have.
pub static UNKNOWN_REGION: Code = error(
    "unknown_region",
    "a region that the provider does not list",
    r#"A region is a name like any other: the provider lists those that the plan uses, and every `region=` of its
instance types and prices is one of them. A misspelt region would have no price.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "p5.48xlarge" { price on-demand "55.04 USD/hour"; }; }
pool "serving" { instance "p5.48xlarge" region="us-east1"; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; instance "p5.48xlarge" { price on-demand "55.04 USD/hour"; }; }
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for instance in plan.instances.items() {
        let provider = &plan.providers[instance.provider];
        for price in &instance.prices {
            if let Some(region) = &price.region {
                known(provider, region, price.origin, found);
            }
        }
        for block in &instance.blocks {
            if let Some(region) = &block.region {
                known(provider, region, block.origin, found);
            }
        }
    }
    for savings in plan.savings_plans.items() {
        let provider = &plan.providers[savings.provider];
        for region in &savings.regions {
            known(provider, region, savings.origin, found);
        }
    }
    for pool in plan.pools.items() {
        let PoolSupply::Instances(candidates) = &pool.supply else { continue };
        for candidate in candidates {
            let provider = &plan.providers[plan.instances[candidate.instance].provider];
            if let Some(region) = &candidate.region {
                known(provider, region, candidate.origin, found);
            }
        }
    }
}

fn known(provider: &Provider, region: &str, at: Span, found: &mut Vec<Diagnostic>) {
    if provider.regions.iter().any(|known| known == region) {
        return;
    }
    let name = &provider.name;
    let near = |known: &&String| strsim::damerau_levenshtein(known, region);
    let help = match provider.regions.iter().min_by_key(near) {
        Some(nearest) if near(&nearest) <= 2 => format!("did you mean `{nearest}`?"),
        Some(_) => format!(
            "its regions are {}; to use another, add `region \"{region}\"` to the provider",
            figures::names(provider.regions.iter().map(String::as_str))
        ),
        None => format!("add `region \"{region}\"` to provider `{name}`"),
    };
    found.push(
        Diagnostic::new(&UNKNOWN_REGION, format!("provider `{name}` lists no region `{region}`"))
            .at(at, format!("`{region}` is not among the regions of `{name}`"))
            .also(provider.origin, "its regions are listed here")
            .help(help),
    );
}
