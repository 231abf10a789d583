//! Sources of measured usage: where `capplan pull` reads.

use super::{Lower, prop_text};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::report::error;
use crate::language::shape::{CHANGES_NOTHING_YET, head};
use crate::language::syntax::{Node, Value};
use crate::plan::MeasureSource;
use crate::plan::measure::{Address, Auth, AuthMethod, MeasureKind};

/// How far back a source is read where the plan does not say: the four quarters of a season, and some.
const WINDOW_HOURS: f64 = 400.0 * 24.0;
/// Fine enough to see the peak inside an hour, coarse enough for a server's limits.
const STEP_SECONDS: u32 = 300;
const STALE_AFTER_HOURS: f64 = 7.0 * 24.0;

impl<'t> Lower<'t, '_> {
    pub(super) fn measure_source(&mut self, node: &'t Node) -> Option<MeasureSource> {
        let kind = kind_of(node)?;
        let hours = |lower: &mut Self, name: &str, default: f64| match node.child(name) {
            Some(_) => lower.setting_figure(node, name, "hour"),
            None => Some(default),
        };
        let window_hours = hours(self, "window", WINDOW_HOURS);
        let stale_after_hours = hours(self, "stale-after", STALE_AFTER_HOURS);
        let step_seconds = self.step(node);
        let address = self.address(node, kind);
        let auth = self.auth(node);
        let label = self.setting(node, "label").and_then(|label| label.arg(1));
        if kind == MeasureKind::Prometheus {
            if let Some(label) = label.filter(|label| !label.text().is_some_and(is_label)) {
                self.report.push(no_label(label));
            }
        } else if let Some(word) = node.child("kind") {
            self.report.push(not_read_yet(word, kind));
        }
        Some(MeasureSource {
            name: Self::name(node)?,
            kind,
            address,
            auth,
            workload_label: label.and_then(Value::text).map(str::to_owned),
            window_hours: window_hours?,
            step_seconds: step_seconds?,
            stale_after_hours: stale_after_hours?,
            origin: node.origin(),
        })
    }

    /// The address, where it is there and right.
    fn address(&mut self, node: &'t Node, kind: MeasureKind) -> Option<Address> {
        let setting = self.setting(node, "url");
        let stated = setting.and_then(|url| url.arg(0)).and_then(Value::text);
        let env = setting.and_then(|url| prop_text(url, "env"));
        let needed = kind == MeasureKind::Prometheus;
        let place = setting.unwrap_or(node);
        let fault = match (stated, &env) {
            (Some(_), Some(_)) => Some("an address and a variable that holds one"),
            (Some(url), None) if holds_login(url) => {
                // Its line would print the secret, so only the place is said.
                let at = self.values.sources.place(place.name.span);
                self.report.push(login_in_address(&at));
                return None;
            }
            (Some(url), None) if needed => fault_of_url(url),
            (None, None) if needed && (setting.is_some() || node.child("url").is_none()) => {
                Some("no address")
            }
            _ => None,
        };
        if let Some(fault) = fault {
            self.report.push(wrong_address(place, fault));
            return None;
        }
        stated.map(|url| Address::Url(url.to_owned())).or_else(|| env.map(Address::Env))
    }

    fn auth(&mut self, node: &'t Node) -> Option<Auth> {
        let auth = self.setting(node, "auth")?;
        let method = match auth.arg(0)?.text()? {
            "bearer" => AuthMethod::Bearer,
            _ => AuthMethod::Basic,
        };
        Some(Auth { method, env: prop_text(auth, "env")? })
    }

    /// Whole seconds of which an hour is a multiple.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within an hour"
    )]
    fn step(&mut self, node: &'t Node) -> Option<u32> {
        let Some(setting) = node.child("step") else { return Some(STEP_SECONDS) };
        let seconds = (self.setting_figure(node, "step", "hour")? * 3600.0).round();
        let hour = 3600.0;
        if seconds < 1.0 || seconds > hour || hour % seconds != 0.0 {
            self.report.push(
                Diagnostic::new(&SOURCE_STEP, "an hour is no multiple of this step")
                    .at(head(setting), "points are averaged into whole hours")
                    .help("write `step \"5 minutes\"`, or another whole part of an hour"),
            );
            return None;
        }
        Some(seconds as u32)
    }
}

/// What a source is, by its `kind`.
pub(super) fn kind_of(node: &Node) -> Option<MeasureKind> {
    match node.child("kind")?.arg(0)?.text()? {
        "prometheus" => Some(MeasureKind::Prometheus),
        "sql" => Some(MeasureKind::Sql),
        "focus" => Some(MeasureKind::Focus),
        _ => None,
    }
}

/// What is wrong with the address of a server; nothing where it is right.
fn fault_of_url(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return Some("an address that does not begin with `https://` or `http://`");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || url.contains(char::is_whitespace) || rest.contains(['?', '#']) {
        return Some("an address that is none");
    }
    None
}

/// Whether an address holds a user or a password.
fn holds_login(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('@'))
}

/// Whether a server could have a label of this name.
fn is_label(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn login_in_address(at: &str) -> Diagnostic {
    Diagnostic::new(
        &SOURCE_ADDRESS,
        format!("the address of a source holds a user or a password, at {at}"),
    )
    .help(
        "take it out of the file, and its history: name the variable that holds `user:password` in `auth \
         basic env=\"PROM_LOGIN\"`",
    )
}

fn wrong_address(place: &Node, fault: &str) -> Diagnostic {
    Diagnostic::new(&SOURCE_ADDRESS, format!("this source has {fault}"))
        .at(head(place), "`capplan pull` would not know where to read")
        .help(
            "write `url \"https://prometheus.acme.example\"`, or `url env=\"PROM_URL\"`; how to sign in \
             stands in `auth`",
        )
}

fn no_label(label: &Value) -> Diagnostic {
    let name = label.text().unwrap_or_default();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    Diagnostic::new(&SOURCE_LABEL, format!("`{name}` is no label of Prometheus"))
        .at(label.span, "a label is letters, digits and `_`")
        .help(format!("labels of Kubernetes are exported with `_`: `{plain}`"))
}

fn not_read_yet(kind: &Node, of: MeasureKind) -> Diagnostic {
    Diagnostic::new(
        &CHANGES_NOTHING_YET,
        format!("a source of kind `{}` changes no figure yet", of.word()),
    )
    .at(head(kind), "`capplan pull` does not read it yet: until then history comes from files")
}

pub(super) static SOURCE_ADDRESS: Code = error(
    "source_address",
    Family::Model,
    "a source without an address, or with a secret in it",
    "A source of kind `prometheus` has one address, of `http` or `https`, in the plan or in an environment variable. A \
plan lies in git, so no user and no password stand in it: `auth` names the variable that holds them.\n\nWrong:\n\n\
```kdl\nsource \"prom\" { kind prometheus; url \"https://reader:secret@prometheus.acme.example\"; }\n```\n\nRight:\n\n\
```kdl\nsource \"prom\" { kind prometheus; url \"https://prometheus.acme.example\"; auth basic env=\"PROM_LOGIN\"; \
}\n```\n",
);
pub(super) static SOURCE_LABEL: Code = error(
    "source_label",
    Family::Model,
    "a label that no series can have",
    "`label workload` names the label whose value is the workload's name. Labels are letters, digits and `_`; what \
Kubernetes calls `app.kubernetes.io/name` arrives in Prometheus as `app_kubernetes_io_name`.\n\nWrong:\n\n```kdl\n\
source \"prom\" { kind prometheus; url \"http://prom:9090\"; label workload \"app.kubernetes.io/name\"; }\n```\n\n\
Right:\n\n```kdl\nsource \"prom\" { kind prometheus; url \"http://prom:9090\"; label workload \
\"app_kubernetes_io_name\"; }\n```\n",
);
pub(super) static SOURCE_STEP: Code = error(
    "source_step",
    Family::Quantities,
    "a step that does not divide an hour",
    "`capplan pull` reads raw points at this step and keeps the mean and the peak of each hour, so an hour holds a \
whole number of them.\n\nWrong:\n\n```kdl\nsource \"prom\" { kind prometheus; url \"http://prom:9090\"; step \"7 \
minutes\"; }\n```\n\nRight:\n\n```kdl\nsource \"prom\" { kind prometheus; url \"http://prom:9090\"; step \"5 \
minutes\"; }\n```\n",
);
