//! `capplan instances`: the cheapest mix of instance types for each pool, or for a table of pods.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::prices::{Find, print_as, say_unread};
use super::{Outcome, PlanArgs, Stop, prepare, terminal};
use crate::calendar::Date;
use crate::catalogue::search::Wanted;
use crate::catalogue::{Catalogue, Listed, in_use};
use crate::money::{Decimal, to_f64};
use crate::pipeline;
use crate::plan::Plan;
use crate::plan::price::Purchase;
use crate::procure::mix::Mix;
use crate::procure::mix::Types;
use crate::procure::packing::{Effort, Item, NodeType, pack};
use crate::report::listing::Listing;
use crate::report::supply_views::{MixOf, mix, right_size};

/// Options of `instances`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// Only the pool of this name.
    #[arg(long, value_name = "NAME")]
    pool: Option<String>,
    /// Size replicas by what was measured of them, not by what they request: right-sizing.
    #[arg(long, conflicts_with = "pods")]
    measured: bool,
    /// Consider every instance type of the pool's providers, not its candidates alone.
    #[arg(long)]
    any_type: bool,
    /// Pack the pods of this table instead of a plan: `cpu`, `memory_gib`, `gpus`, `count`.
    #[arg(long, value_name = "FILE", requires = "prices")]
    pods: Option<PathBuf>,
    /// The price list whose types are considered for `--pods`: its newest prices on `--as-of`, or on its last day.
    #[arg(long, value_name = "FILE", requires = "pods")]
    prices: Option<PathBuf>,
    #[command(flatten)]
    find: Find,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Prints the mixes.
pub(super) fn run(options: &Options) -> Outcome {
    let found = match (&options.pods, &options.prices) {
        (Some(pods), Some(prices)) => of_pods(options, pods, prices)?,
        _ => of_plan(options)?,
    };
    print_as(&found, options.format)?;
    Ok(ExitCode::SUCCESS)
}

fn of_plan(options: &Options) -> Result<Vec<Listing>, Stop> {
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    if let Some(name) = &options.pool
        && plan.pools.find(name).is_none()
    {
        let names: Vec<&str> = plan.pools.items().iter().map(|pool| pool.name.as_str()).collect();
        let names = names.join(", ");
        return Err(Stop::World(format!("no pool `{name}`\n  help: the pools are {names}")));
    }
    let types = if options.any_type { Types::Any } else { Types::Candidates };
    if options.measured {
        return measured(&prepared, options.pool.as_deref(), types);
    }
    let _spinner = terminal::Spinner::start("packing");
    let mixes = pipeline::mixes(plan, prepared.usage(), options.pool.as_deref(), types);
    if mixes.is_empty() {
        return Err(Stop::World(
            "no pool has replicas with a size to pack\n  help: state `cpu`, `memory` or `gpus` of a replica"
                .to_owned(),
        ));
    }
    let mut found = Vec::new();
    for one in &mixes {
        found.extend(listings(plan, one));
    }
    Ok(found)
}

fn listings(plan: &Plan, one: &Mix) -> Vec<Listing> {
    let left_out = one.left_out.iter().map(|(name, why)| format!("`{name}` is left out: {why}."));
    let of = MixOf {
        name: &plan.pools[one.pool].name,
        currency: plan.currency.code(),
        today: one.today.clone(),
        left_out: left_out.collect(),
    };
    let found = mix(&of, &one.items, &one.types, &one.packing);
    found.into_iter().map(|listing| of_pool(listing, of.name)).collect()
}

/// A table of one pool among those of others.
fn of_pool(listing: Listing, pool: &str) -> Listing {
    Listing { of: Some(("pool", pool.to_owned())), ..listing }
}

/// Mixes of replicas that are sized by what was measured.
fn measured(
    prepared: &prepare::Prepared,
    pool: Option<&str>,
    types: Types,
) -> Result<Vec<Listing>, Stop> {
    let plan = &prepared.plan.base;
    let snapshots = prepared.snapshots()?;
    let _spinner = terminal::Spinner::start("packing");
    let (usage, as_of) = (prepared.usage(), prepared.as_of);
    let found = pipeline::right_sized(plan, usage, &snapshots, as_of, pool, types);
    if found.is_empty() {
        return Err(Stop::World(
            "of no replica the cores or memory were measured\n  help: `capplan usage` shows what was measured; pull \
             metrics `cpu` and `memory` of workloads with a `replica`"
                .to_owned(),
        ));
    }
    let mut listings = Vec::new();
    for one in &found {
        let pool = one.mix.pool;
        listings.push(of_pool(right_size(plan, pool, &one.fits), &plan.pools[pool].name));
        listings.extend(self::listings(plan, &one.mix));
    }
    Ok(listings)
}

fn of_pods(options: &Options, pods: &Path, prices: &Path) -> Result<Vec<Listing>, Stop> {
    let items = read_pods(pods)?;
    let list = options.find.read(prices)?;
    let wanted = options.find.wanted()?;
    let wanted = Wanted { purchase: Some(wanted.purchase.unwrap_or(Purchase::OnDemand)), ..wanted };
    say_unread(&prices.display().to_string(), &list);
    let day = options.plan.as_of.or_else(|| newest_day(&list));
    let priced: Vec<&Listed> = in_use(&list.listed, day)
        .into_iter()
        .filter(|price| wanted.is(price) && price.per_hour > Decimal::ZERO)
        .filter(|price| price.shape.vcpus > 0.0)
        .collect();
    one_currency(&priced, prices)?;
    let types = cheapest(&priced);
    if types.is_empty() {
        return Err(Stop::World(format!(
            "no type of `{}` with vCPUs and a price is wanted\n  help: loosen --instance, --region, --gpu",
            prices.display()
        )));
    }
    let currency = priced.first().map_or("", |price| price.currency.code());
    let _spinner = terminal::Spinner::start("packing");
    let packing = pack(&items, &types, Effort::default());
    let name = pods.display().to_string();
    let of = MixOf { name: &name, currency, today: None, left_out: Vec::new() };
    Ok(mix(&of, &items, &types, &packing))
}

/// The last day on which a price of a list was read: where no day is given, it is looked at from there.
fn newest_day(list: &Catalogue) -> Option<Date> {
    list.listed.iter().filter_map(|price| price.as_of).max()
}

/// Stops where prices are in several currencies: no rate is known here, so none is the cheaper.
fn one_currency(priced: &[&Listed], prices: &Path) -> Result<(), Stop> {
    let Some(first) = priced.first() else { return Ok(()) };
    let Some(other) = priced.iter().find(|price| price.currency != first.currency) else {
        return Ok(());
    };
    let list = prices.display().to_string();
    let shown = |price: &Listed| {
        format!("`{}` in {} ({})", price.instance, price.currency, price.place(&list))
    };
    Err(Stop::World(format!(
        "prices in several currencies cannot be compared: {} and {}\n  help: choose types of one currency with \
         --instance or --region, or give a list in one",
        shown(first),
        shown(other)
    )))
}

/// Each type at the cheapest of its prices: where a list has several regions, that of the cheapest one.
fn cheapest(priced: &[&Listed]) -> Vec<NodeType> {
    let mut types: BTreeMap<&str, NodeType> = BTreeMap::new();
    for price in priced {
        let (shape, per_hour) = (&price.shape, to_f64(price.per_hour));
        let held = types.entry(&price.instance).or_insert_with(|| NodeType {
            name: price.instance.to_string(),
            capacity: vec![shape.vcpus, shape.memory_gib, shape.gpus],
            price: per_hour,
        });
        held.price = held.price.min(per_hour);
    }
    types.into_values().collect()
}

/// Reads pods: cores, memory in GiB, GPUs; equal ones together.
fn read_pods(path: &Path) -> Result<Vec<Item>, Stop> {
    let shown = path.display();
    let world = |why: String| Stop::World(format!("`{shown}` does not read: {why}"));
    let text = std::fs::read_to_string(path).map_err(|error| world(error.to_string()))?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|error| world(error.to_string()))?.clone();
    let column =
        |names: &[&str]| names.iter().find_map(|name| heads.iter().position(|h| h.trim() == *name));
    let (cpu, milli) = (column(&["cpu", "cores", "vcpus"]), column(&["cpu_milli"]));
    let (gib, mib) = (column(&["memory_gib", "memory_gb", "memory"]), column(&["memory_mib"]));
    let (gpus, gpu_milli) = (column(&["gpus", "gpu", "num_gpu"]), column(&["gpu_milli"]));
    let (name, count) = (column(&["name", "pod"]), column(&["count", "replicas"]));
    if cpu.or(milli).is_none() && gib.or(mib).is_none() && gpus.is_none() {
        let has: Vec<&str> = heads.iter().collect();
        return Err(world(format!(
            "it has none of the columns cpu, cpu_milli, memory_gib, memory_mib, gpus\n  help: it has {}",
            has.join(", ")
        )));
    }
    let mut items: BTreeMap<Vec<i64>, Item> = BTreeMap::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| world(error.to_string()))?;
        let number = |column: Option<usize>| -> Result<Option<f64>, Stop> {
            let Some(text) = column.and_then(|c| record.get(c)).map(str::trim) else {
                return Ok(None);
            };
            if text.is_empty() {
                return Ok(None);
            }
            let value = text.parse().ok().filter(|x: &f64| x.is_finite() && (0.0..1e9).contains(x));
            value.map(Some).ok_or_else(|| world(format!("line {}: `{text}` is no amount", row + 2)))
        };
        let either = |whole: Option<f64>, part: Option<f64>, of: f64| {
            whole.or(part.map(|part| part / of)).unwrap_or(0.0)
        };
        let gpu =
            number(gpus)?.unwrap_or(0.0) * number(gpu_milli)?.map_or(1.0, |milli| milli / 1000.0);
        let size = vec![
            either(number(cpu)?, number(milli)?, 1000.0),
            either(number(gib)?, number(mib)?, 1024.0),
            gpu,
        ];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let many = number(count)?.unwrap_or(1.0).round() as usize;
        #[expect(clippy::cast_possible_truncation, reason = "below 1e15")]
        let key = size.iter().map(|x| (x * 1e6).round() as i64).collect();
        let named = name.and_then(|c| record.get(c)).unwrap_or("pod").to_owned();
        items.entry(key).or_insert_with(|| Item { name: named, size, count: 0 }).count += many;
    }
    let all: usize = items.values().map(|item| item.count).sum();
    if all > MOST_PODS {
        return Err(world(format!(
            "the table has {all} pods, more than the {MOST_PODS} that can be packed\n  help: pack a part of them, \
             such as one of ten alike, or check `count`"
        )));
    }
    Ok(items.into_values().collect())
}

/// Pods of a table at most: packing so many takes minutes.
const MOST_PODS: usize = 200_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Usage;

    /// What a replica serves is known of the GPUs of the candidates alone: other types with GPUs have those, or none.
    #[test]
    fn any_type_has_the_gpus_of_a_candidate() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
        let mut plan = crate::language::read(&path).unwrap().plan.unwrap().base;
        plan.draws = plan.draws.with_count(20);
        let considered = |pool: &str, types| {
            let mixes = pipeline::mixes(&plan, &Usage::default(), Some(pool), types);
            let [mix] = mixes.as_slice() else { panic!("{} mixes", mixes.len()) };
            let mut names: Vec<String> = mix.types.iter().map(|one| one.name.clone()).collect();
            names.sort();
            names
        };
        let plain = ["c5.2xlarge", "m5.4xlarge", "r5.2xlarge"];
        let with = |gpus: &[&'static str]| {
            let mut all: Vec<&str> = plain.iter().chain(gpus).copied().collect();
            all.sort_unstable();
            all
        };
        // Candidates are of H100s, of L4s or L40Ss, and of no GPU.
        assert_eq!(considered("serve-h100", Types::Candidates), ["p5.48xlarge"]);
        assert_eq!(considered("serve-h100", Types::Any), with(&["p5.48xlarge"]));
        assert_eq!(considered("serve-l4", Types::Any), with(&["g6.xlarge", "g6e.xlarge"]));
        assert_eq!(considered("cpu-general", Types::Any), with(&[]));
    }
}
