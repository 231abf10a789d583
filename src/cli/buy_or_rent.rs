//! `capplan buy-or-rent`: owned hardware of a plan against renting an instance type.

use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::prices::print_as;
use super::{Outcome, PlanArgs, Stop, prepare};
use crate::ids::{Arena, Named};
use crate::plan::price::{Amount, Purchase};
use crate::plan::{Instance, Owned, Plan};
use crate::procure::buy_or_rent::{Owning, Power, Renting, compare, sensitivity};
use crate::report::listing::decimals;
use crate::report::supply_views;

/// Hours of a month, as providers count.
const HOURS: f64 = 730.0;

/// Options of `buy-or-rent`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// The owned hardware; the plan's only one where absent.
    #[arg(long, value_name = "NAME")]
    owned: Option<String>,
    /// The instance type it is held against.
    #[arg(long, value_name = "INSTANCE")]
    against: String,
    /// How it would be rented: at the plan's cheapest price for that.
    #[arg(long, value_enum, default_value = "on-demand")]
    purchase: super::prices::Way,
    /// The share of time it would be used, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 80.0)]
    utilization: f64,
    /// The cost of capital, in percent a year; the plan's `cost-of-capital` where absent, else 9.
    #[arg(long, value_name = "PERCENT")]
    capital: Option<f64>,
    /// The price of one node, where it is not that of the newest lot.
    #[arg(long, value_name = "MONEY")]
    capex: Option<f64>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Prints the comparison.
pub(super) fn run(options: &Options) -> Outcome {
    let given = options.capital.unwrap_or(0.0);
    for (name, value) in [("utilization", options.utilization), ("capital", given)] {
        if !(0.0..=100.0).contains(&value) {
            return Err(Stop::World(format!("--{name} is a percentage, 0 to 100")));
        }
    }
    if options.capex.is_some_and(|capex| !capex.is_finite() || capex < 0.0) {
        return Err(Stop::World("--capex is an amount of money, 0 or more".to_owned()));
    }
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    let owned = match &options.owned {
        Some(name) => found(&plan.owned, "owned hardware", name)?,
        None => match plan.owned.items() {
            [one] => one,
            [] => return Err(Stop::World("the plan declares no `owned` hardware".to_owned())),
            _ => {
                return Err(Stop::World(
                    "the plan owns several kinds\n  help: give --owned NAME".to_owned(),
                ));
            }
        },
    };
    let instance = found(&plan.instances, "instance type", &options.against)?;
    let owning = owning(plan, owned, options, capital(plan, options).0)?;
    let (per_node, alike) = rent(plan, instance, owned, options)?;
    let always = matches!(options.purchase, super::prices::Way::Reserved);
    let renting = Renting { per_hour: per_node * alike, always, hours_per_month: HOURS };
    let own_use = options.utilization / 100.0;
    let mut uses = vec![0.25, 0.5, 0.75, 1.0, own_use];
    uses.sort_by(f64::total_cmp);
    uses.dedup();
    let rows: Vec<_> = uses.into_iter().map(|u| (u, compare(&owning, &renting, u))).collect();
    let there = compare(&owning, &renting, own_use);
    let notes = notes(plan, owned, instance, &owning, alike, &there, options);
    let title =
        format!("Own `{}` or rent `{}`, one node, {}", owned.name, instance.name, plan.currency);
    let turns = sensitivity(&owning, &renting, own_use);
    print_as(&supply_views::buy_or_rent(title, &rows, &turns, notes), options.format)?;
    Ok(ExitCode::SUCCESS)
}

fn found<'p, T: Named>(all: &'p Arena<T>, what: &str, name: &str) -> Result<&'p T, Stop> {
    let names: Vec<&str> = all.items().iter().map(Named::name).collect();
    let help = if names.is_empty() {
        "the plan declares none".to_owned()
    } else {
        format!("declared are {}", names.join(", "))
    };
    let one = all.find(name).map(|id| &all[id]);
    one.ok_or_else(|| Stop::World(format!("no {what} `{name}`\n  help: {help}")))
}

/// Without a word of it in the plan, and no flag.
const CAPITAL: f64 = 9.0;

/// The cost of capital in percent a year, and where it comes from.
fn capital(plan: &Plan, options: &Options) -> (f64, &'static str) {
    let of_plan = plan.procurement.as_ref().and_then(|one| one.cost_of_capital);
    match (options.capital, of_plan) {
        (Some(given), _) => (given, "as given"),
        (None, Some(share)) => ((share * 1e6).round() / 1e4, "as the plan says"),
        (None, None) => (CAPITAL, "assumed"),
    }
}

fn owning(plan: &Plan, owned: &Owned, options: &Options, capital: f64) -> Result<Owning, Stop> {
    let price = owned.newest().map(|lot| lot.purchase_per_node.mean(plan.draws));
    let Some(capex) = options.capex.or(price) else {
        return Err(Stop::World(format!(
            "`{}` has no lot with a price\n  help: give --capex",
            owned.name
        )));
    };
    let Some(life_months) = owned.depreciate_months else {
        return Err(Stop::World(format!(
            "`{}` is never written off\n  help: state `depreciate \"48 months\"`",
            owned.name
        )));
    };
    let mean = |amount: &Amount| amount.mean(plan.draws);
    let power = Power {
        kilowatts: owned.power_kilowatts,
        pue: owned.pue,
        per_kwh: owned.power_price_per_kwh.as_ref().map_or(0.0, mean),
    };
    let hosting = owned.hosting_per_node_month.as_ref().map_or(0.0, mean);
    let staff = owned.staff.as_ref().map_or(0.0, |(people, cost)| people * mean(cost) / 12.0);
    let support = capex * owned.support_share_per_year / 12.0;
    Ok(Owning {
        capex,
        life_months,
        residual: capex * owned.residual_share,
        operating_per_month: power.cost(HOURS) + hosting + support + staff,
        support_per_month: support,
        capital_per_year: capital / 100.0,
    })
}

/// What is paid for an hour of the rented type, less what is negotiated, and how many of it do what one owned node does: by GPUs, where
/// both have them, else by cores.
fn rent(
    plan: &Plan,
    instance: &Instance,
    owned: &Owned,
    options: &Options,
) -> Result<(f64, f64), Stop> {
    let purchase = match options.purchase {
        super::prices::Way::OnDemand => Purchase::OnDemand,
        super::prices::Way::Spot => Purchase::Spot,
        super::prices::Way::Reserved => Purchase::Reserved,
    };
    let prices = instance.prices.iter().filter(|price| price.purchase == purchase);
    let price = prices.map(|price| price.per_hour.mean(plan.draws)).min_by(f64::total_cmp);
    let Some(price) = price else {
        let word = purchase.word();
        return Err(Stop::World(format!("`{}` has no {word} price", instance.name)));
    };
    let (own, rented) = (owned.shape, instance.shape);
    let alike = if own.gpus > 0.0 && rented.gpus > 0.0 {
        own.gpus / rented.gpus
    } else if own.gpus <= 0.0 && rented.gpus <= 0.0 && own.cores > 0.0 && rented.cores > 0.0 {
        own.cores / rented.cores
    } else {
        return Err(Stop::World(format!(
            "`{}` and `{}` cannot be compared: GPUs or cores of both must be stated",
            owned.name, instance.name
        )));
    };
    // What is not usable does nothing.
    let alike = alike * usable(plan, owned);
    let provider = &plan.providers[instance.provider];
    let left = match purchase {
        Purchase::Reserved => provider.left_on(Some(purchase), plan.horizon.first_day()),
        _ => provider.left_over(Some(purchase), plan.horizon, 0.0),
    };
    Ok((price * left, alike))
}

/// The share of time that a node is usable.
fn usable(plan: &Plan, owned: &Owned) -> f64 {
    owned.availability.as_ref().map_or(1.0, |share| plan.draws.mean(share))
}

fn notes(
    plan: &Plan,
    owned: &Owned,
    instance: &Instance,
    owning: &Owning,
    alike: f64,
    there: &crate::procure::buy_or_rent::Comparison,
    options: &Options,
) -> Vec<String> {
    let (capital, said) = self::capital(plan, options);
    let currency = plan.currency;
    let share = there.break_even_utilization * 100.0;
    let units = if owned.shape.gpus > 0.0 {
        ("GPU-hour", owned.shape.gpus)
    } else {
        ("core-hour", owned.shape.cores)
    };
    let full = there.own_per_month / (HOURS * units.1 * usable(plan, owned));
    let even = if matches!(options.purchase, super::prices::Way::Reserved) {
        let cheaper = if share > 100.0 { "never" } else { "always" };
        format!("Reserved nodes are paid whether used or not: owning is {cheaper} cheaper a month.")
    } else if share > 100.0 {
        format!("Owning is never cheaper: it would take {share:.0}% of all hours.")
    } else {
        format!("Owning is cheaper from {share:.1}% of all hours on.")
    };
    let paid = there.payback_month.map_or("is not paid back within its life".to_owned(), |month| {
        format!("is paid back in month {month}")
    });
    vec![
        format!(
            "One `{}` does what {} × `{}` do. It costs {} {currency}, lives {} months, is worth {} then, takes \
             {} {currency} a month to run; capital costs {capital}% a year, {said}; a month has 730 hours.",
            owned.name,
            (alike * 1e4).round() / 1e4,
            instance.name,
            decimals(owning.capex, 0),
            owning.life_months,
            decimals(owning.residual, 0),
            decimals(owning.operating_per_month, 2)
        ),
        format!("{even} Levelised it costs {full:.4} {currency} a {} in full use.", units.0),
        format!(
            "At {}% it {paid}, saves {} {currency} undiscounted and is worth {} {currency} today (NPV): {}.",
            options.utilization,
            decimals(there.saved_undiscounted, 0),
            decimals(there.net_present_value, 0),
            if there.buy() { "buy" } else { "rent" }
        ),
    ]
}
