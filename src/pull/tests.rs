//! Pulls from a server of our own, which answers as it is told.
#![expect(clippy::disallowed_methods, reason = "tests read the files that are written")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;
use crate::forecast::sample;
use crate::history::tests::Folder;
use crate::plan::measure::AuthMethod;
use crate::pull::queries::Ask;

/// 2027-01-01 00:00 UTC.
const START: i64 = 1_798_761_600;

/// What the server does with a request.
enum Reply {
    Body(u16, &'static str, String),
    Close,
    Hang,
}

/// A request: its query, start, end and step where it is one for a range, and all its text.
#[derive(Debug, Clone)]
struct Request {
    query: String,
    start: i64,
    end: i64,
    step: i64,
    text: String,
}

struct Fake {
    url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    /// A server that answers `answer` to every range, and a version to the first question.
    fn new(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&mut stream) else { continue };
                let reply = if request.text.contains("/status/buildinfo") {
                    ok(r#"{"status":"success","data":{"version":"2.42.0"}}"#.into())
                } else {
                    kept.lock().unwrap().push(request.clone());
                    answer(&request)
                };
                match reply {
                    Reply::Close => drop(stream),
                    Reply::Hang => std::thread::sleep(Duration::from_millis(800)),
                    Reply::Body(status, headers, body) => {
                        let length = body.len();
                        let head = format!(
                            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
                        );
                        let _ = stream.write_all((head + &body).as_bytes());
                    }
                }
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<Request> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while !text.contains("\r\n\r\n") {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    let target = text.split(' ').nth(1)?.to_owned();
    let of = |name: &str| {
        let parameters = target.split_once('?').map_or("", |(_, parameters)| parameters);
        let value = parameters.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_default().to_owned()
    };
    let number = |name: &str| of(name).parse().unwrap_or(0);
    let (start, end, step) = (number("start"), number("end"), number("step"));
    Some(Request { query: of("query"), start, end, step, text })
}

fn ok(body: String) -> Reply {
    Reply::Body(200, "", body)
}

fn refused(status: u16, error: &str) -> Reply {
    let body = format!(r#"{{"status":"error","errorType":"execution","error":"{error}"}}"#);
    Reply::Body(status, "", body)
}

/// One value at every step of a range.
fn constant(request: &Request, value: &str) -> Reply {
    let points: Vec<String> = (0..=(request.end - request.start) / request.step)
        .map(|i| format!("[{},\"{value}\"]", request.start + i * request.step))
        .collect();
    matrix(&[points.join(",")])
}

fn matrix(series: &[String]) -> Reply {
    let rows: Vec<String> =
        series.iter().map(|points| format!(r#"{{"metric":{{}},"values":[{points}]}}"#)).collect();
    let rows = rows.join(",");
    ok(format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{rows}]}}}}"#))
}

fn source(window_hours: f64) -> MeasureSource {
    MeasureSource { window_hours, ..sample::source("prom") }
}

fn asked(workload: &str, query: &str, need: Need) -> Ask {
    let key = Key { workload: workload.into(), metric: "request-rate".into() };
    let (unit, query) = (String::from("req/s"), query.to_owned());
    Ask { key, unit, query, step_seconds: 300, need }
}

fn demand(workload: &str) -> Ask {
    asked(workload, workload, Need::Demand)
}

/// Pulls at so many hours after [`START`].
fn pull_at(folder: &Folder, url: &str, hour: i64, window: f64, asks: Vec<Ask>) -> Pulled {
    let now = instant(START + hour * 3600 + 120);
    let world = World { now, sleep: &|_| (), progress: &|_, _, _| () };
    let login = Some((AuthMethod::Bearer, String::from("t0ken")));
    let access = Access { url: url.into(), login };
    let source = source(window);
    let agenda = agenda::agenda(folder.path(), &source, asks, now);
    pull(folder.path(), &source, agenda, &access, &world)
}

fn rows(folder: &Folder, workload: &str) -> Vec<HourRow> {
    let far = jiff::civil::date(2028, 1, 1);
    let newest = snapshot::newest(folder.path(), "prom", far).unwrap().unwrap();
    newest.of(workload)["request-rate"].rows.to_vec()
}

#[test]
fn a_pull_writes_hours_and_says_where_they_come_from() {
    let folder = Folder::new("pull");
    let fake = Fake::new(|request| constant(request, "2.5"));
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
    assert_eq!(pulled.path.as_deref(), Some("history/prom/2027-01-02.parquet"));
    let row = HourRow { at: START + 6 * 3600, mean: 2.5, peak: 2.5, points: 12 };
    assert_eq!((rows(&folder, "chat").len(), rows(&folder, "chat")[0]), (24, row));
    let date = jiff::civil::date(2027, 1, 2);
    let provenance = snapshot::read(folder.path(), "prom", date).unwrap().provenance;
    assert_eq!((provenance.server, provenance.version), (fake.url.clone(), Some("2.42.0".into())));
    assert!(fake.seen()[0].text.contains("authorization: Bearer t0ken"));
    let json = std::fs::read_to_string(folder.path().join("history/prom/2027-01-02.json"));
    assert!(!json.unwrap().contains("t0ken"));
}

#[test]
fn a_login_that_is_refused_ends_the_source_and_tells_no_secret() {
    let folder = Folder::new("401");
    let fake = Fake::new(|_| Reply::Body(401, "", "no such token: t0ken".into()));
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("a"), demand("b")]);
    let fault = pulled.fault.unwrap();
    assert_eq!(fault.to_string(), "the server refuses to answer: status 401, no such token: ***");
    assert_eq!(pulled.series[1].fault, Some(Fault::NotAsked));
    assert!(pulled.path.is_none() && fake.seen().len() == 1);
}

#[test]
fn one_series_that_fails_does_not_lose_the_others() {
    let folder = Folder::new("422");
    let fake = Fake::new(|request| match request.query.as_str() {
        "bad" => refused(422, "expanding series: unknown function"),
        _ => constant(request, "1"),
    });
    let asks = vec![demand("bad"), demand("good")];
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, asks);
    let said = pulled.series[0].fault.as_ref().unwrap().to_string();
    assert_eq!(
        said,
        "the server refuses the query: status 422, expanding series: unknown function"
    );
    assert!(pulled.fault.is_none());
    assert_eq!(rows(&folder, "good").len(), 24);
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let folder = Folder::new("503");
    let mut first = true;
    let fake = Fake::new(move |request| {
        if std::mem::take(&mut first) {
            return Reply::Body(503, "retry-after: 1\r\n", "starting".into());
        }
        constant(request, "1")
    });
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
    assert!(pulled.fault.is_none() && pulled.series[0].fault.is_none());
    assert_eq!(fake.seen().len(), 2);
}

#[test]
fn a_connection_that_breaks_and_one_that_hangs_are_told_apart() {
    let folder = Folder::new("closed");
    let fake = Fake::new(|_| Reply::Close);
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
    assert!(matches!(pulled.fault, Some(Fault::Unreachable(_))), "{:?}", pulled.fault);
    assert_eq!(fake.seen().len(), 5);

    let fake = Fake::new(|_| Reply::Hang);
    let access = Access { url: fake.url.clone(), login: None };
    let client = Client::with_timeout(&access, Duration::from_millis(200)).unwrap();
    assert_eq!(client.get("/api/v1/query_range", &[]), Err(Fault::Timeout));
}

#[test]
fn an_answer_of_another_server_is_named() {
    let folder = Folder::new("garbage");
    for body in ["<!doctype html><title>Sign in</title>", "{\"status\":\"success\"}", "[1,2"] {
        let fake = Fake::new(move |_| ok(body.into()));
        let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
        let fault = pulled.series[0].fault.clone().unwrap();
        assert!(matches!(fault, Fault::Garbage(_)), "{fault}");
        assert!(pulled.path.is_none());
    }
}

#[test]
fn nothing_is_an_error_for_a_demand_and_a_remark_for_a_use() {
    let folder = Folder::new("empty");
    let fake = Fake::new(|request| match request.query.as_str() {
        "some" => constant(request, "1"),
        _ => matrix(&[]),
    });
    let asks = vec![
        demand("none"),
        asked("other", "other", Need::Usage),
        asked("some", "some", Need::Usage),
    ];
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, asks.clone());
    assert!(matches!(pulled.series[0].fault, Some(Fault::Empty { .. })));
    assert!(pulled.series[1].fault.is_none());
    // What was empty is asked again as a whole.
    fake.seen();
    drop(pull_at(&folder, &fake.url, 31, 24.0, asks));
    let lengths: Vec<i64> = fake.seen().iter().map(|r| (r.end - r.start + r.step) / 3600).collect();
    assert_eq!(lengths, [24, 24, 4]);
}

#[test]
fn series_are_summed_and_what_is_no_number_is_left_out() {
    let folder = Folder::new("sum");
    let fake = Fake::new(|request| {
        let at = |steps: i64| request.start + steps * request.step;
        let first = format!("[{},\"1\"],[{},\"NaN\"],[{},\"3\"]", at(0), at(1), at(2));
        let second = format!("[{},\"10\"],[{},\"+Inf\"]", at(0), at(1));
        matrix(&[first, second])
    });
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
    let hour = rows(&folder, "chat")[0];
    assert_eq!((hour.mean, hour.peak, hour.points), (7.0, 11.0, 2));
    assert_eq!(
        pulled.series[0].note.remarks,
        [
            "2 values that are no number left out",
            "the query answers with 2 series, which were summed: write `sum(…)` to say so"
        ]
    );
}

#[test]
fn a_run_that_failed_goes_on_where_it_was() {
    let folder = Folder::new("resume");
    let mut down = 0;
    // Three chunks of 916 hours; the second fails until its fifth request.
    let fake = Fake::new(move |request| {
        if request.start > START - 1500 * 3600 && down < 5 {
            down += 1;
            return refused(500, "disk");
        }
        constant(request, "1")
    });
    let asks = || vec![demand("chat")];
    let pulled = pull_at(&folder, &fake.url, 30, 2700.0, asks());
    assert!(matches!(pulled.series[0].fault, Some(Fault::Busy { status: 500, .. })));
    assert!(pulled.path.is_none());
    let first: Vec<i64> = fake.seen().iter().map(|request| request.start).collect();
    let pulled = pull_at(&folder, &fake.url, 30, 2700.0, asks());
    assert!(pulled.series[0].fault.is_none());
    let second: Vec<i64> = fake.seen().iter().map(|request| request.start).collect();
    assert!(!second.contains(&first[0]) && second[0] == *first.last().unwrap());
    assert_eq!(rows(&folder, "chat").len(), 2700);
    assert!(!folder.path().join("history/prom/pull.partial").exists());
}

#[test]
fn a_query_too_heavy_is_asked_in_halves() {
    let folder = Folder::new("halves");
    let fake = Fake::new(|request| {
        if request.end - request.start > 8 * 3600 {
            return refused(422, "query processing would load too many samples into memory");
        }
        constant(request, "1")
    });
    let pulled = pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]);
    assert!(pulled.series[0].fault.is_none());
    assert_eq!(rows(&folder, "chat").len(), 24);
}

#[test]
fn a_later_pull_asks_for_what_is_new_and_keeps_what_the_server_has_lost() {
    let folder = Folder::new("later");
    let fake = Fake::new(|request| constant(request, "1"));
    drop(pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat"), demand("rank")]));
    fake.seen();
    let later = Fake::new(|request| constant(request, "2"));
    let changed = asked("rank", "rank2", Need::Demand);
    let pulled = pull_at(&folder, &later.url, 40, 24.0, vec![demand("chat"), changed]);
    let seen = later.seen();
    // Three hours again, and ten new ones; of the changed query, all.
    assert_eq!(seen[0].start - 300, START + 27 * 3600);
    assert_eq!(seen[1].start - 300, START + 16 * 3600);
    assert_eq!(pulled.series[0].new_rows, 10);
    let chat = rows(&folder, "chat");
    assert_eq!((chat.len(), chat[0].at), (34, START + 6 * 3600));
    assert_eq!((chat[20].mean, chat[21].mean), (1.0, 2.0));
    assert_eq!(rows(&folder, "rank").len(), 24);
    assert!(pulled.remarks[0].contains("`rank`, `request-rate`: its query or step has changed"));

    let unasked = pull_at(&folder, &later.url, 41, 24.0, vec![demand("rank")]);
    assert!(unasked.path.is_some());
    assert_eq!(rows(&folder, "chat").len(), 34);
}

#[test]
fn what_is_old_is_stale() {
    use super::stale::{State, ages};
    let folder = Folder::new("stale");
    let fake = Fake::new(|request| constant(request, "1"));
    drop(pull_at(&folder, &fake.url, 30, 24.0, vec![demand("chat")]));
    let asks = [demand("chat"), demand("new"), asked("chat", "gpu", Need::Usage)];
    let at = |hour: i64| {
        let now = instant(START + hour * 3600);
        let ages = ages(folder.path(), &source(24.0), &asks, now).unwrap();
        ages.iter().map(|age| (age.state, age.hours)).collect::<Vec<_>>()
    };
    let none = [(State::Missing, None), (State::Absent, None)];
    assert_eq!(at(54), [&[(State::Fresh, Some(24))], &none[..]].concat());
    assert_eq!(at(55), [&[(State::Stale, Some(25))], &none[..]].concat());
}
