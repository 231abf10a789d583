//! Which instance type a pool uses: the cheapest candidate that holds the largest replica of every
//! workload, at the reference need, with the runner-up and the reason for each that is rejected.
//!
//! The reference need is the median, over draws, of the nodes of the busiest month with every workload
//! at its peak. The price is on-demand where that may be bought, else the cheapest of what may; discounts that are
//! negotiated are off it, as they will be off the bill.

use rayon::prelude::*;

use crate::capacity::factors::Factors;
use crate::capacity::layer::add;
use crate::capacity::members::{Member, columns, members};
use crate::capacity::need::{InstanceChoice, RankedCandidate, Resource};
use crate::capacity::node::{BINDING, BOUND, Binding, Node, Stated, Unit};
use crate::capacity::packable::price_per_hour;
use crate::capacity::peak::{Peak, largest_of, peak};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::{TOLERANCE, whole_up};
use crate::capacity::runs;
use crate::draws::quantile_of;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::workload::RunWork;
use crate::plan::{Plan, Pool};

/// Chooses the instance type of every pool of instances, by pool.
#[must_use]
pub fn choose_instances(plan: &Plan, demand: &Demand, factors: &Factors) -> Vec<InstanceChoice> {
    let pools: Vec<_> = plan.pools.ids().collect();
    let choose =
        |pool| choose(plan, demand, factors, pool, &|_, _, _| ()).map(|(choice, _)| choice);
    pools.into_par_iter().filter_map(choose).collect()
}

/// The peaks of every month and workload on the nodes of a chosen type, reduced: `[month][member]`.
pub(crate) type Reduced<R> = Vec<Vec<R>>;

/// Chooses the type of one pool. Every peak that is looked at goes through `reduce` too; those of the type
/// that the pool uses are given.
pub(crate) fn choose<R: Send>(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    pool: Id<Pool>,
    reduce: &(impl Fn(&Node, Member, &Peak) -> R + Sync),
) -> Option<(InstanceChoice, Reduced<R>)> {
    let PoolSupply::Instances(candidates) = &plan.pools[pool].supply else { return None };
    let members = members(plan, pool);
    let mut reduced: Vec<Reduced<R>> = Vec::with_capacity(candidates.len());
    let mut ranked: Vec<RankedCandidate> = Vec::with_capacity(candidates.len());
    for (place, candidate) in candidates.iter().enumerate() {
        let node = Node::of_candidate(plan, candidate);
        let (nodes, peaks) = reference_nodes(plan, demand, factors, &node, pool, &members, reduce);
        let price = price_per_hour(plan, pool, candidate);
        let misfit = misfit(plan, factors, candidate, &members);
        reduced.push(peaks);
        ranked.push(RankedCandidate {
            candidate: place,
            nodes,
            price_per_hour: price,
            cost_per_month: price.map(|price| nodes * price * 730.0),
            rejected: misfit.or_else(|| price.is_none().then(|| no_price(plan, pool, candidate))),
        });
    }
    ranked.sort_by(|a, b| {
        let cost = |r: &RankedCandidate| r.cost_per_month.unwrap_or(f64::INFINITY);
        let order = a.rejected.is_some().cmp(&b.rejected.is_some());
        order.then(cost(a).total_cmp(&cost(b))).then(a.candidate.cmp(&b.candidate))
    });
    let choice = InstanceChoice { pool, ranked };
    let used = choice.chosen().unwrap_or(0);
    let reduced = if used < reduced.len() { reduced.swap_remove(used) } else { Vec::new() };
    Some((choice, reduced))
}

/// Nodes of this kind at the median of the busiest month, every workload at its peak; and every peak, reduced.
fn reference_nodes<R: Send>(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    node: &Node,
    pool: Id<Pool>,
    members: &[Member],
    reduce: &(impl Fn(&Node, Member, &Peak) -> R + Sync),
) -> (f64, Reduced<R>) {
    let loss = plan.pools[pool].fragmentation_loss;
    let columns = columns(plan, factors, node, pool, members);
    let of_month = |t| {
        let mut shares = [(); BOUND].map(|()| vec![0.0; plan.draws.count()]);
        let mut reduced = Vec::with_capacity(members.len());
        for member in members {
            let peak = peak(plan, demand, factors, node, pool, *member, t);
            let each = BINDING.into_iter().zip(shares.iter_mut().zip(&peak.shares));
            for (_, (sum, shares)) in each.filter(|(binding, _)| columns.counts(*binding)) {
                add(sum, shares);
            }
            reduced.push(reduce(node, *member, &peak));
        }
        (quantile_of(&mut largest_of(&shares), 0.5), reduced)
    };
    let months: Vec<(f64, Vec<R>)> =
        (0..plan.horizon.months).into_par_iter().map(of_month).collect();
    let (nodes, reduced): (Vec<f64>, Vec<Vec<R>>) = months.into_iter().unzip();
    let most = nodes.into_iter().fold(0.0, f64::max);
    (whole_up(whole_up(most) * (1.0 + loss)), reduced)
}

/// Whether a pool may buy in this way.
pub(crate) fn may_buy(pool: &Pool, purchase: Purchase) -> bool {
    pool.buy.as_ref().is_none_or(|buy| buy.contains(&purchase))
}

/// The price of a candidate, by purchase: the one of its region, else the one of every region. Of
/// several (terms of a reservation) the cheapest.
pub(crate) fn price_of<'a>(
    plan: &'a Plan,
    candidate: &Candidate,
    purchase: Purchase,
) -> Option<&'a InstancePrice> {
    let prices = &plan.instances[candidate.instance].prices;
    let here = |price: &&InstancePrice| {
        price.purchase == purchase
            && (price.region.is_none()
                || candidate.region.is_none()
                || price.region == candidate.region)
    };
    prices.iter().filter(here).min_by(|a, b| {
        // A price of the very region goes before one of every region.
        let general = a.region.is_none().cmp(&b.region.is_none());
        let cost = |price: &InstancePrice| price.per_hour.estimate.median();
        general.then(cost(a).total_cmp(&cost(b)))
    })
}

fn no_price(plan: &Plan, pool: Id<Pool>, candidate: &Candidate) -> String {
    let buy = plan.pools[pool].buy.as_deref();
    let ways = buy.unwrap_or(&[Purchase::OnDemand]).iter().map(|purchase| purchase.word());
    let ways = ways.collect::<Vec<_>>().join(" or ");
    match &candidate.region {
        Some(region) => format!("no {ways} price in {region}"),
        None => format!("no {ways} price"),
    }
}

/// Why a candidate cannot hold the largest replica of a workload, at its median.
fn misfit(
    plan: &Plan,
    factors: &Factors,
    candidate: &Candidate,
    members: &[Member],
) -> Option<String> {
    let node = Node::of_candidate(plan, candidate);
    members.iter().find_map(|member| {
        let workload = &plan.workloads[member.workload];
        let main = factors.of(member.workload).main.as_ref().filter(|_| member.counts);
        let main = main.map(|main| (main.unit.clone(), main.counted));
        let runs = workload.runs.iter().filter(|_| member.runs);
        let units = runs.filter_map(|run| runs::units(factors, member.workload, run));
        let of_units = main
            .into_iter()
            .chain(units.map(|unit| (unit, "run")))
            .find_map(|(unit, counted)| unit_misfit(plan, &node, &unit, counted, &workload.name));
        of_units
            .or_else(|| run_misfit(plan, &node, *member))
            .or_else(|| model_misfit(plan, factors, &node, *member))
    })
}

fn unit_misfit(
    plan: &Plan,
    node: &Node,
    unit: &Unit,
    counted: &str,
    workload: &str,
) -> Option<String> {
    let Unit::Stated(stated) = unit else { return None };
    let Stated { cores, memory_bytes, gpus, gpu_memory_bytes, network_bits_per_second } = stated;
    let amounts = [cores, memory_bytes, gpus, network_bits_per_second];
    let amounts = amounts.map(|amount| amount.as_ref().map(PerDraw::median));
    for (binding, amount) in BINDING.into_iter().zip(amounts) {
        let (Some(amount), offers) = (amount, node.has(binding)) else { continue };
        if amount > 0.0 && offers <= 0.0 {
            let what = match binding {
                Binding::Gpu => "GPUs",
                Binding::Network => "network",
                Binding::Cpu | Binding::Memory => binding.resource().map_or("", Resource::word),
            };
            return Some(format!("`{workload}` needs {what}, a node has none"));
        }
        if amount > offers * (1.0 + TOLERANCE) {
            let (asks, has) = (shown(binding, amount), shown(binding, offers));
            return Some(format!("a {counted} of `{workload}` needs {asks}, a node has {has}"));
        }
    }
    let needed = gpu_memory_bytes.as_ref().map(PerDraw::median)?;
    let of_one = plan.gpus[node.gpu?].memory_bytes?;
    let on = gpus.as_ref().map_or(node.shape.gpus, |gpus| gpus.median().max(1.0));
    (needed > of_one * on * (1.0 + TOLERANCE)).then(|| {
        let [needed, has] = [needed, of_one * on].map(|bytes| shown(Binding::Memory, bytes));
        format!("a {counted} of `{workload}` needs {needed} of GPU memory, its GPUs have {has}")
    })
}

/// A run that is given in floating-point operations needs a GPU whose peak is known.
fn run_misfit(plan: &Plan, node: &Node, member: Member) -> Option<String> {
    let workload = &plan.workloads[member.workload];
    workload.runs.iter().filter(|_| member.runs).find_map(|run| {
        let RunWork::Flops { dtype, .. } = &run.work else { return None };
        let Some(gpu) = node.gpu else {
            return Some(format!("run `{}` needs GPUs, a node has none", run.name));
        };
        let model = &plan.gpus[gpu];
        let known = model.peak_flops.contains_key(dtype);
        (!known).then(|| format!("`{}` states no {dtype} peak for run `{}`", model.name, run.name))
    })
}

/// A language model needs GPUs on which its shape can be served.
fn model_misfit(plan: &Plan, factors: &Factors, node: &Node, member: Member) -> Option<String> {
    let main = factors.of(member.workload).main.as_ref().filter(|_| member.counts)?;
    let workload = &plan.workloads[member.workload];
    main.served(node.gpu).is_none().then(|| match node.gpu {
        Some(gpu) => {
            format!("the model of `{}` is not served on `{}`", workload.name, plan.gpus[gpu].name)
        }
        None => format!("`{}` needs GPUs, a node has none", workload.name),
    })
}

/// An amount as people write it: `96 GiB`, `80 GB`, `4 cores`.
fn shown(binding: Binding, amount: f64) -> String {
    match binding {
        Binding::Memory => {
            const GIB: f64 = 1_073_741_824.0;
            let (in_gib, in_gb) = (amount / GIB, amount / 1e9);
            let whole = |x: f64| (x - x.round()).abs() < 1e-6;
            if whole(in_gb) && !whole(in_gib) {
                format!("{in_gb:.0} GB")
            } else {
                format!("{} GiB", trimmed(in_gib))
            }
        }
        Binding::Cpu => format!("{} cores", trimmed(amount)),
        Binding::Gpu => format!("{} GPUs", trimmed(amount)),
        Binding::Network => format!("{} Gbit/s", trimmed(amount / 1e9)),
    }
}

/// One decimal, none where it is whole.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
