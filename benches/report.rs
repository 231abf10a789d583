//! What capplan costs on plans of 10 to 10,000 workloads, beside what parsing their text alone costs.
//!
//! ```text
//! cargo bench                      measure, and print a Markdown table
//! cargo bench -- --plans-only      only write the plans to target/bench/
//! ```
//!
//! Every figure is of a whole process: CPU seconds (user and system, as the shell's `time` reports them),
//! wall seconds, and peak resident memory as the kernel counts it. The parser's process is this very
//! program, which does nothing but read the files and call `kdl` on them.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time and writes its input")]

mod synthetic;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use synthetic::synthetic;

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const CAPPLAN: &str = env!("CARGO_BIN_EXE_capplan");

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let Some(at) = args.iter().position(|arg| arg == "--parse") {
        return parse_alone(Path::new(args.get(at + 1).ok_or("--parse needs a folder")?));
    }
    let plans = write_plans()?;
    if args.iter().any(|arg| arg == "--plans-only") {
        return Ok(());
    }

    println!("{}\n", machine());
    println!(
        "| workloads | text | parse alone | check | check ÷ parse | report, CPU | report, wall | report, peak |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    let this = env::current_exe()?;
    for plan in &plans {
        // Side by side, turn by turn, so that a slow moment of the machine meets both.
        let (mut parse, mut check) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            parse.push(run(&this, &["--parse", &plan.folder])?);
            check.push(run(
                Path::new(CAPPLAN),
                &["check", "--no-gates", "--no-data", &plan.folder],
            )?);
        }
        let report = ["report", "--out", &plan.reports, &plan.folder];
        let reports: Vec<Run> = (0..plan.rounds.min(3))
            .map(|_| run(Path::new(CAPPLAN), &report))
            .collect::<Outcome<_>>()?;
        let (parse, check) = (median_cpu(&parse), median_cpu(&check));
        println!(
            "| {} | {} KB | {parse:.3} s | {check:.3} s | {:.2} | {:.2} s | {:.2} s | {} MB |",
            plan.workloads,
            plan.bytes / 1000,
            check / parse,
            median_cpu(&reports),
            median(reports.iter().map(|run| run.wall)),
            peak_bytes(Path::new(CAPPLAN), &report)? / 1_000_000,
        );
    }

    let starts: Vec<Run> =
        (0..50).map(|_| run(Path::new(CAPPLAN), &["--version"])).collect::<Outcome<_>>()?;
    println!(
        "\n`capplan --version`: median of 50, {:.0} ms wall, {:.0} ms CPU.",
        median(starts.iter().map(|run| run.wall)) * 1000.0,
        median_cpu(&starts) * 1000.0
    );
    Ok(())
}

/// A plan on disk.
struct Plan {
    workloads: usize,
    bytes: usize,
    folder: String,
    reports: String,
    rounds: usize,
}

fn write_plans() -> Outcome<Vec<Plan>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    let mut plans = Vec::new();
    for workloads in SIZES {
        let folder = root.join(format!("plan-{workloads}"));
        fs::create_dir_all(folder.join("workloads"))?;
        let files = synthetic(workloads);
        for file in &files {
            fs::write(folder.join(&file.name), &file.text)?;
        }
        plans.push(Plan {
            workloads,
            bytes: files.iter().map(|file| file.text.len()).sum(),
            folder: folder.display().to_string(),
            reports: root.join(format!("report-{workloads}")).display().to_string(),
            rounds: if workloads < 1_000 { 11 } else { 5 },
        });
    }
    Ok(plans)
}

/// Reads every `.kdl` file under a folder and parses it, and does nothing else.
fn parse_alone(folder: &Path) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            parse_alone(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "kdl") {
            kdl::KdlDocument::parse(&fs::read_to_string(&path)?)?;
        }
    }
    Ok(())
}

/// What one process took, in seconds.
struct Run {
    cpu: f64,
    wall: f64,
}

/// Runs a command to its end. Exit code 3 is a gate that failed, which costs the same.
fn run(program: &Path, args: &[&str]) -> Outcome<Run> {
    let output = Command::new("bash")
        .args(["-c", r#"TIMEFORMAT='%R %U %S'; time "$0" "$@" >/dev/null"#])
        .arg(program)
        .args(args)
        .env("LC_ALL", "C")
        .output()?;
    let stderr = String::from_utf8(output.stderr)?;
    if !matches!(output.status.code(), Some(0 | 3)) {
        return Err(format!("{} {}: {stderr}", program.display(), args.join(" ")).into());
    }
    let times: Vec<f64> = stderr
        .lines()
        .last()
        .unwrap_or_default()
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [wall, user, system] = times[..] else {
        return Err(format!("no times in {stderr:?}").into());
    };
    Ok(Run { cpu: user + system, wall })
}

/// The most memory a command held, read from the kernel while it runs.
fn peak_bytes(program: &Path, args: &[&str]) -> Outcome<u64> {
    let mut child =
        Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let kilobytes = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        sleep(Duration::from_millis(2));
    }
    Ok(peak)
}

fn median_cpu(runs: &[Run]) -> f64 {
    median(runs.iter().map(|run| run.cpu))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The processor and how many of it there are.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("an unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("On {cores} cores of {model}; medians of whole processes.")
}
