//! `capplan import`: what others say, as the beginning of a plan.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Outcome, Stop, print, terminal};
use crate::import::{self, Input};

/// Options of `import`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    from: From,
}

/// What is read.
#[derive(Debug, Subcommand)]
enum From {
    /// Manifests of Kubernetes and Kueue, as files or as `kubectl get -o yaml` prints them.
    Kubernetes(Manifests),
}

/// Options of imports from a cluster.
#[derive(Debug, Args)]
struct Manifests {
    /// Files of manifests, YAML or JSON; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also write the `plan` node, with this name, so that the result is a plan of its own.
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,
}

/// Prints plan nodes, and says what was not carried over.
pub(super) fn run(options: &Options) -> Outcome {
    let From::Kubernetes(options) = &options.from;
    let mut inputs = Vec::new();
    for path in &options.files {
        let name = path.display().to_string();
        let text = if name == "-" {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(path)
        };
        let text = text.map_err(|error| Stop::World(format!("cannot read `{name}`: {error}")))?;
        inputs.push(Input { name, text });
    }
    let imported = import::import(&inputs, options.plan.as_deref())
        .map_err(|rejected| Stop::Places(rejected.diagnostics, rejected.sources))?;
    print(&imported.kdl)?;
    terminal::diagnostics(&imported.diagnostics, &imported.sources);
    if !imported.lost.is_empty() {
        terminal::say("not carried over:");
        for line in &imported.lost {
            terminal::say(&format!("  {line}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
