//! `capplan pull` against a real Prometheus: months of known numbers go in by `OpenMetrics`, the snapshot
//! must hold them. `bash tests/run` installs the server and runs this.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "a test may fail, reads files and the clock"
)]

use std::fmt::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use capplan::history::snapshot::{self, HOUR, HourRow, Measured};

const MINUTE: i64 = 60;
const DAYS: i64 = 45;

/// A server that dies with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Requests a second in an hour, but for its second half hour's first five minutes: those have twice that.
fn rate(hour: i64) -> f64 {
    (10 + hour.rem_euclid(24) + hour.rem_euclid(7)) as f64
}

/// The times and places of what happens to the counter.
struct Story {
    start: i64,
    end: i64,
    /// The counter begins again from zero here.
    reset: i64,
    /// Nothing is scraped between these.
    gap: (i64, i64),
    /// Another pod, of another version, takes over here.
    replaced: i64,
}

fn story(now: i64) -> Story {
    let end = now.div_euclid(HOUR) * HOUR;
    let start = end - DAYS * 24 * HOUR;
    Story {
        start,
        end,
        reset: start + 5 * 24 * HOUR + 17 * MINUTE,
        gap: (start + 10 * 24 * HOUR, start + 10 * 24 * HOUR + 5 * HOUR),
        replaced: start + 30 * 24 * HOUR + 20 * MINUTE,
    }
}

/// What the counter gains in the minute that ends at `at`.
fn gain(at: i64) -> f64 {
    let begin = at - MINUTE;
    let minute = begin.rem_euclid(HOUR) / MINUTE;
    let factor = if (30..35).contains(&minute) { 2.0 } else { 1.0 };
    rate(begin.div_euclid(HOUR)) * 60.0 * factor
}

fn openmetrics(story: &Story) -> String {
    let mut text = String::from("# TYPE http_requests counter\n");
    let minutes =
        |from: i64, until: i64| (0..=(until - from) / MINUTE).map(move |m| from + m * MINUTE);
    for (pod, from, until) in [("a", story.start, story.replaced), ("b", story.replaced, story.end)]
    {
        let mut value = 0.0;
        for at in minutes(from, until) {
            if at > from {
                value = if at == story.reset { gain(at) } else { value + gain(at) };
            }
            if at <= story.gap.0 || at >= story.gap.1 {
                let labels = format!("app=\"chat\",pod=\"{pod}\",version=\"{pod}\"");
                writeln!(text, "http_requests_total{{{labels}}} {value} {at}").unwrap();
            }
        }
    }
    text.push_str("# TYPE jobs counter\n");
    for queue in ["fast", "slow"] {
        for (count, at) in minutes(story.end - 24 * HOUR, story.end).enumerate() {
            writeln!(text, "jobs_total{{queue=\"{queue}\"}} {} {at}", count * 30).unwrap();
        }
    }
    text.push_str("# TYPE container_memory_working_set_bytes gauge\n");
    for (container, factor) in [("main", 1.0), ("side", 0.5), ("", 1.5), ("POD", 9.0)] {
        for at in minutes(story.end - 48 * HOUR + MINUTE, story.end) {
            let value = (at - 1).div_euclid(HOUR).rem_euclid(24) as f64 * 1e6 * factor;
            let labels = format!("app=\"chat\",container=\"{container}\"");
            writeln!(text, "container_memory_working_set_bytes{{{labels}}} {value} {at}").unwrap();
        }
    }
    text + "# EOF\n"
}

fn plan(url: &str, as_of: &str) -> String {
    format!(
        r#"plan "p" {{ version 1; as-of "{as_of}"; horizon from="2027-02" months=6; currency USD; draws 100; }}
team "search"
gpu "l4" {{ memory "24 GB"; }}
provider "aws" {{
    region "us-east-1"
    price-list as-of="2026-09-06" source="list"
    instance "g6.xlarge" {{ gpu "l4" count=1; cpu "4 core"; memory "16 GiB"; price on-demand "0.8048 USD/hour"; }}
}}
pool "serving" {{ instance "g6.xlarge" region="us-east-1"; start on-demand 2; limit 90; target-utilization "70%"; }}
source "prom" {{ kind prometheus; url "{url}"; label workload "app"; window "70 days"; }}
workload "chat" {{
    kind inference; team "search"; pool "serving"
    demand {{ history source="prom" metric=request-rate unit="req/s" fit=auto; }}
    capacity "10 req/s" per=gpu
}}
workload "jobs" {{
    kind inference; team "search"; pool "serving"
    demand "1 job/s" {{ history source="prom" fit=level {{ query "rate(jobs_total[5m])"; }}; }}
    capacity "10 job/s" per=gpu
}}
"#
    )
}

fn capplan(arguments: &[&str], folder: &Path) -> Output {
    let output =
        Command::new(env!("CARGO_BIN_EXE_capplan")).args(arguments).arg(folder).output().unwrap();
    println!(
        "$ capplan {}\n{}{}? {:?}\n",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code()
    );
    output
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn start(folder: &Path, story: &Story) -> (Server, String) {
    let metrics = folder.join("metrics.txt");
    std::fs::write(&metrics, openmetrics(story)).unwrap();
    let data = folder.join("data");
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics", "-q"])
        .args([&metrics, &data])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::write(folder.join("prometheus.yml"), "").unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let log = std::fs::File::create(folder.join("log.txt")).unwrap();
    let server = Command::new("prometheus")
        .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg("--storage.tsdb.retention.time=10y")
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let server = Server(server);
    let waited = Instant::now();
    while !ready(&address) {
        assert!(waited.elapsed() < Duration::from_secs(30), "prometheus does not start");
        std::thread::sleep(Duration::from_millis(200));
    }
    (server, format!("http://{address}"))
}

fn ready(address: &str) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET /-/ready HTTP/1.0\r\nHost: {address}\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.contains(" 200 ")
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

/// Every hour of the counter, though it was reset, not scraped for a while, and another pod's in the end.
fn holds_every_hour(measured: Measured<'_>, story: &Story) {
    let expected: Vec<i64> = (story.start / HOUR..story.end / HOUR)
        .map(|hour| hour * HOUR)
        .filter(|at| *at < story.gap.0 || *at >= story.gap.1)
        .collect();
    let hours: Vec<i64> = measured.rows.iter().map(|row| row.at).collect();
    assert_eq!(hours, expected);
    let wrong = |row: &&HourRow| {
        let rate = rate(row.at / HOUR);
        !close(row.mean, rate * 13.0 / 12.0) || !close(row.peak, rate * 2.0) || row.points != 12
    };
    let wrong: Vec<_> = measured.rows.iter().filter(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}: {:?}", wrong.len(), hours.len(), &wrong[..1]);
    assert_eq!(measured.note.gaps.len(), 1);
    assert_eq!(measured.note.gaps[0].hours, 5);
}

/// What `capplan usage` says of the snapshot, worked out from what went in.
fn says_what_went_in(home: &Path, story: &Story) {
    let output = capplan(&["usage", "--format", "json"], home);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let view: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let measured = |workload: &str, metric: &str| {
        let rows = view["measured"].as_array().unwrap();
        let row = rows.iter().find(|row| row["workload"] == workload && row["metric"] == metric);
        row.unwrap().clone()
    };
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let near = |value: &serde_json::Value, expected: f64| {
        assert!((number(value) / expected - 1.0).abs() < 1e-9, "{value} for {expected}");
    };
    let rates = measured("chat", "request-rate");
    let hours = (story.start / HOUR..story.end / HOUR)
        .filter(|hour| hour * HOUR < story.gap.0 || hour * HOUR >= story.gap.1);
    let all: Vec<f64> = hours.map(|hour| rate(hour) * 13.0 / 12.0).collect();
    near(&rates["mean"], all.iter().sum::<f64>() / all.len() as f64);
    // The busiest hour, 23:00 of a day on which 7 leaves 6: 39, and twice that in its busiest minutes.
    near(&rates["peak"], 78.0);
    assert_eq!((&rates["missing_steps"], &rates["longest_gap"]), (&5.into(), &5.into()));
    assert_eq!(rates["steps"], DAYS * 24);
    // What repeats after seven hours repeats after a week too: whether that is found depends on the hour at which the
    // history begins. Either way nothing is left to stand out.
    assert_eq!(rates["seasons"][0], "day");
    assert_eq!(rates["no_trend"], "too-short");
    assert_eq!(rates["outliers"], 0);
    // Two days of 0 to 23 times 1.5 MB: the mean is 11.5 of them; place 0.95 × 47 lies between two of 22.
    let memory = measured("chat", "memory");
    near(&memory["mean"], 17.25e6);
    near(&memory["p95"], 33e6);
    let resources = view["resources"].as_array().unwrap();
    let pool = resources.iter().find(|row| row["of"] == "pool" && row["resource"] == "memory");
    let pool = pool.unwrap();
    // Two nodes of 16 GiB.
    near(&pool["limit"], 2.0 * 16.0 * 1024.0_f64.powi(3));
    near(&pool["utilization_p95"], 33e6 / (32.0 * 1024.0_f64.powi(3)));
    assert_eq!((&pool["bottleneck"], &pool["saturation"]), (&true.into(), &"too-short".into()));
    let cpu = resources.iter().find(|row| row["of"] == "pool" && row["resource"] == "cpu").unwrap();
    assert_eq!((&cpu["mean"], &cpu["limit"]), (&serde_json::Value::Null, &8.0.into()));
}

#[test]
#[ignore = "needs a Prometheus: `bash tests/run` has one"]
fn what_was_written_is_what_is_pulled() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("prometheus");
    let _ = std::fs::remove_dir_all(&folder);
    let home = folder.join("plan");
    std::fs::create_dir_all(&home).unwrap();
    let now = jiff::Timestamp::now();
    let story = story(now.as_second());
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let (server, url) = start(&folder, &story);
    std::fs::write(home.join("plan.kdl"), plan(&url, &today.to_string())).unwrap();

    let before = capplan(&["check"], &home);
    assert!(code(&before) == 1 && said(&before).contains("history_not_pulled"));
    assert_eq!(code(&capplan(&["pull", "--check"], &home)), 1);
    assert_eq!(code(&capplan(&["pull", "--dry-run"], &home)), 0);

    let pulled = capplan(&["pull"], &home);
    assert_eq!(code(&pulled), 0, "{}", said(&pulled));
    assert!(said(&pulled).contains("the query answers with 2 series, which were summed"));
    let first = snapshot::newest(&home, "prom", today).unwrap().unwrap();
    let chat = first.of("chat");
    holds_every_hour(chat["request-rate"], &story);
    let memory = chat["memory"].rows;
    assert_eq!(memory.len(), 48);
    assert!(memory.iter().all(|row| row.mean == (row.at / HOUR % 24) as f64 * 1.5e6));
    assert!(!chat.contains_key("gpu"));
    let jobs = first.of("jobs")["query"].rows;
    assert!(jobs.len() == 24 && jobs.iter().all(|row| close(row.mean, 1.0)));
    assert!(!home.join("history/prom/pull.partial").exists());

    let again = capplan(&["pull"], &home);
    assert_eq!(code(&again), 0);
    let second = snapshot::newest(&home, "prom", today).unwrap().unwrap();
    assert_eq!(second.rows, first.rows);
    assert_eq!(code(&capplan(&["pull", "--check"], &home)), 0);
    assert_eq!(code(&capplan(&["check"], &home)), 0);
    assert_eq!(code(&capplan(&["forecast"], &home)), 0);
    says_what_went_in(&home, &story);

    let wrong =
        plan(&url, &today.to_string()).replace("rate(jobs_total[5m])", "rate(jobs_total[5m]");
    std::fs::write(home.join("plan.kdl"), wrong).unwrap();
    let refused = capplan(&["pull"], &home);
    assert!(code(&refused) == 1 && said(&refused).contains("parse error"), "{}", said(&refused));
    let third = snapshot::newest(&home, "prom", today).unwrap().unwrap();
    assert_eq!(third.rows, first.rows);

    drop(server);
    let gone = capplan(&["pull"], &home);
    assert!(code(&gone) == 1 && said(&gone).contains("no connection"), "{}", said(&gone));
    let fourth = snapshot::newest(&home, "prom", today).unwrap().unwrap();
    assert_eq!(fourth.rows, first.rows);
}
