//! `capplan watch`: checks and reports again on every change; a broken plan keeps the last good report.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use clap::Args;
use notify::{EventKind, RecursiveMode, Watcher};

use super::{Outcome, PlanArgs, Stop, prepare, print, report, terminal};
use crate::report::set::Kind;

/// Options of `watch`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// The folder to write to; it is made where it is missing.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
}

/// How long files must be quiet before the plan is read again: editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Watches until it is interrupted.
pub(super) fn run(options: &Options) -> Outcome {
    let folder = folder(&options.plan.path)?;
    let (send, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        let _ = send.send(event);
    })
    .map_err(|error| Stop::World(format!("cannot watch for changes: {error}")))?;
    watcher
        .watch(&folder, RecursiveMode::Recursive)
        .map_err(|error| Stop::World(format!("cannot watch `{}`: {error}", folder.display())))?;
    loop {
        match once(options) {
            Ok(message) => print(&message)?,
            Err(Stop::Said(0)) => return Err(Stop::Said(0)),
            Err(stop) => {
                stop.say();
                terminal::say("the last good report is kept");
            }
        }
        terminal::say(&format!("watching {} (Ctrl-C ends it)", folder.display()));
        wait(&changes, &options.out)?;
    }
}

fn once(options: &Options) -> Result<String, Stop> {
    let prepared = prepare::prepare_aloud(&options.plan)?;
    let templates = prepared.templates()?;
    let to = report::Target { path: &options.plan.path, out: &options.out, templates: &templates };
    Ok(report::write(&prepared, &to, &Kind::Finance, None)?.message)
}

/// The folder to watch: the argument, or the folder the file lies in.
fn folder(path: &Path) -> Result<PathBuf, Stop> {
    let found = path
        .canonicalize()
        .map_err(|error| Stop::World(format!("cannot read `{}`: {error}", path.display())))?;
    if found.is_dir() {
        return Ok(found);
    }
    Ok(found.parent().map_or_else(|| found.clone(), Path::to_owned))
}

/// Returns once something other than our own output has changed, and then been quiet.
fn wait(changes: &Receiver<notify::Result<notify::Event>>, out: &Path) -> Result<(), Stop> {
    let own = out.canonicalize().unwrap_or_else(|_| out.to_owned());
    let matters = |event: &notify::Event| {
        !matches!(event.kind, EventKind::Access(_))
            && event.paths.iter().any(|path| !path.starts_with(&own))
    };
    let gone = || Stop::World("the watcher stopped".to_owned());
    let mut changed = false;
    loop {
        let event = if changed {
            match changes.recv_timeout(QUIET) {
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                other => other.map_err(|_| gone())?,
            }
        } else {
            changes.recv().map_err(|_| gone())?
        };
        changed |= event.as_ref().is_ok_and(matters);
    }
}
