//! The units that are built in, and what people write instead of them.

use super::{Base, Dimension, Unit, ratio::Ratio};
use crate::money::Currency;

/// One built-in unit: its names, what it measures, and how much of it.
struct Row {
    names: &'static [&'static str],
    base: fn() -> Vec<(Base, i8)>,
    num: u128,
    den: u128,
}

const fn row(
    names: &'static [&'static str],
    base: fn() -> Vec<(Base, i8)>,
    num: u128,
    den: u128,
) -> Row {
    Row { names, base, num, den }
}

fn percent() -> Vec<(Base, i8)> {
    vec![(Base::Percent, 1)]
}
fn second() -> Vec<(Base, i8)> {
    vec![(Base::Second, 1)]
}
fn month() -> Vec<(Base, i8)> {
    vec![(Base::Month, 1)]
}
fn byte() -> Vec<(Base, i8)> {
    vec![(Base::Byte, 1)]
}
fn core() -> Vec<(Base, i8)> {
    vec![(Base::Core, 1)]
}
fn gpu() -> Vec<(Base, i8)> {
    vec![(Base::Gpu, 1)]
}
fn node() -> Vec<(Base, i8)> {
    vec![(Base::Node, 1)]
}
fn flop() -> Vec<(Base, i8)> {
    vec![(Base::Flop, 1)]
}
fn watt() -> Vec<(Base, i8)> {
    vec![(Base::Watt, 1)]
}
fn energy() -> Vec<(Base, i8)> {
    vec![(Base::Watt, 1), (Base::Second, 1)]
}
fn fte() -> Vec<(Base, i8)> {
    vec![(Base::Fte, 1)]
}

const K: u128 = 1_000;
const M: u128 = 1_000_000;
const G: u128 = 1_000_000_000;
const T: u128 = 1_000_000_000_000;
const P: u128 = 1_000_000_000_000_000;
const E: u128 = 1_000_000_000_000_000_000;

const ROWS: &[Row] = &[
    row(&["%"], percent, 1, 1),
    row(&["s", "second"], second, 1, 1),
    row(&["ms"], second, 1, K),
    row(&["minute"], second, 60, 1),
    row(&["hour"], second, 3600, 1),
    row(&["day"], second, 86_400, 1),
    row(&["week"], second, 604_800, 1),
    row(&["month"], month, 1, 1),
    row(&["year"], month, 12, 1),
    row(&["byte"], byte, 1, 1),
    row(&["kB"], byte, K, 1),
    row(&["MB"], byte, M, 1),
    row(&["GB"], byte, G, 1),
    row(&["TB"], byte, T, 1),
    row(&["PB"], byte, P, 1),
    row(&["EB"], byte, E, 1),
    row(&["KiB"], byte, 1 << 10, 1),
    row(&["MiB"], byte, 1 << 20, 1),
    row(&["GiB"], byte, 1 << 30, 1),
    row(&["TiB"], byte, 1 << 40, 1),
    row(&["PiB"], byte, 1 << 50, 1),
    row(&["EiB"], byte, 1 << 60, 1),
    row(&["bit"], byte, 1, 8),
    row(&["kbit"], byte, K, 8),
    row(&["Mbit"], byte, M, 8),
    row(&["Gbit"], byte, G, 8),
    row(&["Tbit"], byte, T, 8),
    row(&["core"], core, 1, 1),
    row(&["gpu"], gpu, 1, 1),
    row(&["node"], node, 1, 1),
    row(&["flop", "FLOP"], flop, 1, 1),
    row(&["MFLOP"], flop, M, 1),
    row(&["GFLOP"], flop, G, 1),
    row(&["TFLOP"], flop, T, 1),
    row(&["PFLOP"], flop, P, 1),
    row(&["EFLOP"], flop, E, 1),
    row(&["W", "watt"], watt, 1, 1),
    row(&["kW"], watt, K, 1),
    row(&["MW"], watt, M, 1),
    row(&["Wh"], energy, 3600, 1),
    row(&["kWh"], energy, 3600 * K, 1),
    row(&["MWh"], energy, 3600 * M, 1),
    row(&["fte"], fte, 1, 1),
];

/// What is counted without a `unit` node. `request` is `req` written out.
pub const COUNTED: &[&str] =
    &["req", "request", "token", "prediction", "document", "session", "user", "image", "job"];

/// ISO 4217 codes of money in use.
const CURRENCIES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD \
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND \
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// What people write, and the unit they mean.
const INSTEAD: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("S", "s"),
    ("min", "minute"),
    ("mins", "minute"),
    ("h", "hour"),
    ("hr", "hour"),
    ("hrs", "hour"),
    ("d", "day"),
    ("wk", "week"),
    ("mo", "month"),
    ("mth", "month"),
    ("y", "year"),
    ("yr", "year"),
    ("quarter", "month"),
    ("percent", "%"),
    ("pct", "%"),
    ("Ki", "KiB"),
    ("Mi", "MiB"),
    ("Gi", "GiB"),
    ("Ti", "TiB"),
    ("Pi", "PiB"),
    ("KB", "kB"),
    ("kb", "kB"),
    ("mb", "MB"),
    ("gb", "GB"),
    ("tb", "TB"),
    ("G", "GB"),
    ("Mb", "Mbit"),
    ("Gb", "Gbit"),
    ("Tb", "Tbit"),
    ("b", "bit"),
    ("kbps", "kbit/s"),
    ("Kbps", "kbit/s"),
    ("Mbps", "Mbit/s"),
    ("Gbps", "Gbit/s"),
    ("MBps", "MB/s"),
    ("GBps", "GB/s"),
    ("rps", "req/s"),
    ("RPS", "req/s"),
    ("qps", "req/s"),
    ("QPS", "req/s"),
    ("tps", "token/s"),
    ("reqs", "req"),
    ("tok", "token"),
    ("FLOPS", "FLOP/s"),
    ("GFLOPS", "GFLOP/s"),
    ("TFLOPS", "TFLOP/s"),
    ("PFLOPS", "PFLOP/s"),
    ("TFLOPs", "TFLOP"),
    ("cpu", "core"),
    ("CPU", "core"),
    ("vcpu", "core"),
    ("vCPU", "core"),
    ("Cores", "core"),
    ("GPU", "gpu"),
    ("GPUs", "gpu"),
    ("gpuh", "gpu-hour"),
    ("FTE", "fte"),
    ("KW", "kW"),
    ("kw", "kW"),
    ("KWh", "kWh"),
    ("kwh", "kWh"),
    ("watts", "W"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("euro", "EUR"),
    ("euros", "EUR"),
];

/// The built-in unit of this very name, currencies and counted things included.
pub(super) fn builtin(name: &str) -> Option<Unit> {
    if let Some(row) = ROWS.iter().find(|row| row.names.contains(&name)) {
        let ratio = Ratio::new(row.num, row.den)?;
        return Some(Unit::of(Dimension::of((row.base)()), ratio));
    }
    if COUNTED.contains(&name) {
        return Some(counted(name));
    }
    currency(name)
        .map(|currency| Unit::of(Dimension::of(vec![(Base::Money(currency), 1)]), Ratio::ONE))
}

/// What the plan counts under this name.
pub(super) fn counted(name: &str) -> Unit {
    let name = if name == "request" { "req" } else { name };
    Unit::of(Dimension::of(vec![(Base::Counted(name.into()), 1)]), Ratio::ONE)
}

/// The currency of an ISO 4217 code.
#[must_use]
pub fn currency(code: &str) -> Option<Currency> {
    let listed = CURRENCIES.split(' ').any(|known| known == code);
    listed.then(|| Currency::new(code)).flatten()
}

/// The unit that was probably meant by a name that is none.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    if let Some((_, unit)) = INSTEAD.iter().find(|(written, _)| *written == name) {
        return Some(unit);
    }
    let names = || {
        let built_in = ROWS.iter().flat_map(|row| row.names).chain(COUNTED).copied();
        built_in.chain(["USD", "EUR", "GBP"])
    };
    if let Some(unit) = names().find(|unit| unit.eq_ignore_ascii_case(name)) {
        return Some(unit);
    }
    // Short names are all near each other, so only longer ones are compared by letters.
    let singular = name.strip_suffix('s').unwrap_or(name);
    names()
        .filter(|unit| unit.len() >= 4 && singular.len() >= 4)
        .map(|unit| (strsim::damerau_levenshtein(singular, unit), unit))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, unit)| *distance <= 1 + usize::from(unit.len() > 5))
        .map(|(_, unit)| unit)
}
