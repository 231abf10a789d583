//! Regions are those that their provider has.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::{Report, error};
use crate::language::suggest;
use crate::plan::Instance;
use crate::plan::pool::PoolSupply;
use crate::source::Span;

pub(super) fn check(draft: &Draft, names: &Names<'_>, report: &mut Report) {
    for (_, pool) in draft.pools.iter() {
        let PoolSupply::Instances(candidates) = &pool.supply else { continue };
        for candidate in candidates {
            let Some(instance) = draft.instances.get(candidate.instance) else { continue };
            known(draft, instance, candidate.region.as_deref(), candidate.origin, names, report);
        }
    }
    for (_, instance) in draft.instances.iter() {
        for price in &instance.prices {
            known(draft, instance, price.region.as_deref(), price.origin, names, report);
        }
    }
}

fn known(
    draft: &Draft,
    instance: &Instance,
    region: Option<&str>,
    origin: Span,
    names: &Names<'_>,
    report: &mut Report,
) {
    let Some(region) = region else { return };
    let Some(provider) = draft.providers.get(instance.provider) else { return };
    // A provider that names no region is not held to any.
    if provider.regions.is_empty() || provider.regions.iter().any(|known| known == region) {
        return;
    }
    let known = provider.regions.iter().map(String::as_str);
    let help = match suggest::nearest(region, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its regions are {}; add `region \"{region}\"` to it", suggest::list(known)),
    };
    let place = names.find(Noun::Provider, &provider.name).map_or(provider.origin, |index| {
        names.all(Noun::Provider)[index].span
    });
    report.push(
        Diagnostic::new(
            &UNKNOWN_REGION,
            format!("provider `{}` has no region `{region}`", provider.name),
        )
        .at(origin, "no region has this name")
        .also(place, "the provider")
        .help(help),
    );
}

/// A region that its provider does not have.
pub static UNKNOWN_REGION: Code = error(
    "unknown_region",
    Family::Names,
    "a region that its provider does not have",
    "A provider names the regions that the plan uses.\n\nWrong:\n\n```kdl\nprovider \"aws\" { region \"us-east-1\"; }\n\
pool \"p\" { instance \"p5.48xlarge\" region=\"us-east1\"; }\n```\n\nRight:\n\n```kdl\npool \"p\" { instance \
\"p5.48xlarge\" region=\"us-east-1\"; }\n```\n",
);
