//! A cache in front: of which size, where its curve is known; else what a tenth of the requests is worth.

use crate::capacity::factors::popularity;
use crate::capacity::packable::price_per_hour;
use crate::plan::pool::Candidate;
use crate::plan::workload::CacheCurve;
use crate::scale::point::{MONTH_HOURS, Other, Point};
use crate::scale::{Kind, Passes, Way};

/// Sizes that are tried, as shares of the catalogue.
const SHARES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.7];

pub(super) fn ways(point: &Point, passes: Passes) -> Vec<Way> {
    let stated = point.workload.cache_hit_ratio.as_ref().map(crate::estimate::Estimate::median);
    let Some(curve) = &point.workload.cache_curve else {
        return vec![unknown(point, stated.unwrap_or(0.0))];
    };
    let popular = popularity(curve);
    let of_size = |bytes: f64| popular.hit_ratio(bytes / curve.object_bytes);
    let now = stated.unwrap_or_else(|| of_size(curve.size_bytes.unwrap_or(0.0)));
    let memory = memory_price(point, passes);
    let all = SHARES.map(|share| {
        let bytes = (share * curve.objects * curve.object_bytes).max(1.0);
        (bytes, of_size(bytes))
    });
    let sized = |(bytes, hit): (f64, f64)| {
        let beside = memory.as_ref().map_or(0.0, |(price, _)| bytes * price * MONTH_HOURS);
        let other =
            Other { demand: (1.0 - hit) / (1.0 - now).max(1e-9), beside, ..point.planned() };
        (bytes, hit, point.figures(&other))
    };
    let order = |figures: &super::Figures| figures.cost.unwrap_or(figures.nodes);
    let found = all
        .into_iter()
        .map(sized)
        .min_by(|a, b| (!a.2.keeps).cmp(&!b.2.keeps).then(order(&a.2).total_cmp(&order(&b.2))));
    found.map(|found| way(curve, now, found, memory)).into_iter().collect()
}

fn way(
    curve: &CacheCurve,
    now: f64,
    (bytes, hit, figures): (f64, f64, super::Figures),
    memory: Option<(f64, String)>,
) -> Way {
    let verdict = match memory {
        Some((_, name)) => format!("its memory at the price of {name} is counted"),
        None => "its memory has no price here, and is not counted".to_owned(),
    };
    let share = bytes / (curve.objects * curve.object_bytes);
    Way {
        kind: Kind::Caching,
        how: format!("{:.0}% hits, not {:.0}%", hit * 100.0, now * 100.0),
        figures: Some(figures),
        needs: format!(
            "a cache of {}, {} of the catalogue: `cache {{ size \"{}\"; }}`",
            size(bytes),
            percent(share),
            size(bytes)
        ),
        verdict,
    }
}

/// What a tenth more of the requests is worth.
fn unknown(point: &Point, hit: f64) -> Way {
    let other =
        Other { demand: (1.0 - (hit + 0.1).min(1.0)) / (1.0 - hit).max(1e-9), ..point.planned() };
    let (now, then) = (point.figures(&point.planned()), point.figures(&other));
    let saved = match (now.cost, then.cost) {
        (Some(now), Some(then)) => format!("{:.0} {} a month", now - then, point.plan.currency),
        _ => format!("{:.0} nodes", now.nodes - then.nodes),
    };
    Way {
        kind: Kind::Caching,
        how: "a cache in front".into(),
        figures: None,
        needs: "how popular objects are: `cache { size \"40 GiB\"; objects 20e6; object-size \"12 KiB\"; zipf 0.9; }`"
            .into(),
        verdict: format!("cannot be judged; a tenth of all requests answered would save {saved}"),
    }
}

/// The least that a byte of memory costs an hour at the pool's provider, and on which instance type.
fn memory_price(point: &Point, passes: Passes) -> Option<(f64, String)> {
    let current = point.candidate?;
    let provider = passes.plan.instances[current.instance].provider;
    let of_provider =
        passes.plan.instances.iter().filter(|(_, instance)| instance.provider == provider);
    let prices = of_provider.filter_map(|(id, instance)| {
        let candidate = Candidate { instance: id, ..current.clone() };
        let price = price_per_hour(passes.plan, point.pool, &candidate)?;
        (instance.shape.memory_bytes > 0.0)
            .then(|| (price / instance.shape.memory_bytes, instance.name.clone()))
    });
    prices.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
}

/// Bytes in the largest binary unit, to two digits.
fn size(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value < 10.0 {
        format!("{value:.1} {}", units[unit])
    } else {
        format!("{value:.0} {}", units[unit])
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 1.0 { format!("{percent:.2}%") } else { format!("{percent:.0}%") }
}
