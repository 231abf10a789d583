//! `capplan template`: which templates reports are made with, one to begin from, and what is wrong with a
//! plan's own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::check::{self, plural};
use super::format::{self, Format};
use super::{Outcome, Stop, prepare, print, terminal};
use crate::diagnostic::Diagnostic;
use crate::language::suggest::nearest;
use crate::report::listing::{self, Cell, Listing};
use crate::report::template::{self, BUILT_IN, BuiltIn, FOLDER, Listed, Origin, Output};

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every template: what it shows, and whether the plan has its own.
    List(List),
    /// Write a built-in template beside the plan, to be changed.
    Eject(Eject),
    /// Check the plan's templates: every path, partial and helper, and that nothing loads or breaks out.
    Check(Check),
}

/// Options of `template list`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// A plan file, or its folder; `templates/` beside it holds the plan's own.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// List what each template can show instead: every path, and what is there.
    #[arg(long)]
    paths: bool,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Options of `template eject`.
#[derive(Debug, Args)]
pub(super) struct Eject {
    /// Names as `template list` has them: `html/report.html.hbs`, or shorter where that says enough:
    /// `html/report`, `style.css`, `verdict`.
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<String>,
    /// All of them.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// The plan, or its folder: `templates/` is made in it.
    #[arg(long, value_name = "DIR|PLAN", default_value = ".")]
    out: PathBuf,
    /// Write over what is there.
    #[arg(long)]
    force: bool,
}

/// Options of `template check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A plan file, or its folder; `templates/` beside it holds the plan's own.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = check::Format::Human)]
    format: check::Format,
}

/// Does it.
pub(super) fn run(command: &Command) -> Outcome {
    match command {
        Command::List(options) => list(options),
        Command::Eject(options) => eject(options),
        Command::Check(options) => look(options),
    }
}

/// The folder beside which templates lie: that of a plan file, or the folder itself.
fn folder(path: &Path) -> Result<PathBuf, Stop> {
    let real = path
        .canonicalize()
        .map_err(|error| Stop::World(format!("cannot read `{}`: {error}", path.display())))?;
    if real.is_dir() {
        return Ok(real);
    }
    Ok(real.parent().map_or_else(|| real.clone(), Path::to_owned))
}

fn list(options: &List) -> Outcome {
    let folder = folder(&options.path)?;
    let listing = if options.paths { paths() } else { all(&prepare::looked_at(&folder).list) };
    let listings = [listing];
    print(&match options.format {
        Format::Json => listing::json(&listings),
        Format::Csv => listing::csv(&listings),
        Format::Md => listing::markdown(&listings),
        _ => listing::table(&listings, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn all(listed: &[Listed]) -> Listing {
    let rows = listed.iter().map(|one| {
        let shows = if one.shows.is_empty() { "a partial" } else { one.shows };
        vec![
            Cell::text(&one.path),
            Cell::text(one.output.word()),
            Cell::text(match one.origin {
                Origin::BuiltIn => "built in",
                Origin::Plan => "this plan's",
            }),
            Cell::text(shows),
        ]
    });
    let own = listed.iter().filter(|one| one.origin == Origin::Plan).count();
    Listing {
        key: "templates",
        of: None,
        title: String::new(),
        columns: vec![
            ("template", "Template"),
            ("output", "Output"),
            ("origin", "Which"),
            ("shows", "What it shows"),
        ],
        rows: rows.collect(),
        notes: vec![format!(
            "{} beside the plan. `capplan template eject NAME` writes one there; `template list --paths` shows \
             what it can say.",
            match own {
                0 => "None is".to_owned(),
                1 => "1 is".to_owned(),
                own => format!("{own} are"),
            }
        )],
    }
}

fn paths() -> Listing {
    let rows = BUILT_IN.iter().flat_map(|one| {
        let row = move |(path, what): (String, String)| {
            vec![Cell::text(one.path()), Cell::text(path), Cell::text(what)]
        };
        template::paths(one.output, one.name).into_iter().map(row)
    });
    Listing {
        key: "paths",
        of: None,
        title: String::new(),
        columns: vec![("template", "Template"), ("path", "Path"), ("holds", "What is there")],
        rows: rows.collect(),
        notes: vec![
            "`x[].y` is `{{y}}` inside of `{{#each x}}`; a partial is given what stands where it is included."
                .to_owned(),
        ],
    }
}

fn eject(options: &Eject) -> Outcome {
    let out = folder(&options.out)?;
    let wanted: Vec<&BuiltIn> = if options.all {
        BUILT_IN.iter().collect()
    } else {
        options.names.iter().map(|name| named(name)).collect::<Result<_, _>>()?
    };
    let target = |one: &BuiltIn| out.join(format!("{FOLDER}{}", one.path()));
    let there: Vec<String> =
        wanted.iter().filter(|one| target(one).exists()).map(|one| one.path()).collect();
    if !there.is_empty() && !options.force {
        return Err(Stop::World(format!(
            "`{FOLDER}{}` is there already; nothing was written\n  help: --force writes over it",
            there.join(&format!("`, `{FOLDER}"))
        )));
    }
    for one in wanted {
        let path = target(one);
        let cannot = |error: std::io::Error| {
            Stop::World(format!("cannot write `{}`: {error}", path.display()))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(cannot)?;
        }
        std::fs::write(&path, one.text).map_err(cannot)?;
        let shown = options.out.is_dir().then(|| options.out.clone());
        let shown = shown.or_else(|| options.out.parent().map(Path::to_owned)).unwrap_or_default();
        let shown = if shown == Path::new(".") { PathBuf::new() } else { shown };
        print(&format!("wrote {}\n", shown.join(format!("{FOLDER}{}", one.path())).display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The built-in template that is meant.
fn named(name: &str) -> Result<&'static BuiltIn, Stop> {
    let bare = name.strip_prefix(FOLDER).unwrap_or(name);
    let is = |one: &&BuiltIn| {
        let path = one.path();
        let file = path.rsplit('/').next().unwrap_or(&path);
        let short = format!("{}/{}", one.output.folder(), one.name);
        let with_css = one.output != Output::Style;
        bare == path || bare == file || (with_css && (bare == short || bare == one.name))
    };
    let exact = BUILT_IN.iter().find(|one| one.path() == bare);
    let found: Vec<&BuiltIn> =
        exact.map_or_else(|| BUILT_IN.iter().filter(is).collect(), |one| vec![one]);
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let paths: Vec<String> = BUILT_IN.iter().map(BuiltIn::path).collect();
            let names = BUILT_IN.iter().map(|one| one.name);
            let near = nearest(bare, paths.iter().map(String::as_str).chain(names));
            let help = near.map_or_else(
                || "`capplan template list` names them all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Err(Stop::World(format!("there is no template `{name}`\n  help: {help}")))
        }
        several => {
            let paths: Vec<String> =
                several.iter().map(|one| format!("`{}`", one.path())).collect();
            Err(Stop::World(format!(
                "`{name}` names {} templates\n  help: write {}",
                several.len(),
                paths.join(" or ")
            )))
        }
    }
}

fn look(options: &Check) -> Outcome {
    let looked = prepare::looked_at(&folder(&options.path)?);
    check::emit(options.format, &options.path, &looked.diagnostics, &looked.sources)?;
    let errors = looked.diagnostics.iter().filter(|found| found.is_error()).count();
    if options.format == check::Format::Human {
        let warnings = plural(looked.diagnostics.len() - errors, "warning");
        let own =
            looked.sources.iter().filter(|(_, file)| !file.path.ends_with("(built in)")).count();
        let files = plural(own, "template");
        terminal::say(&if errors > 0 {
            format!("\x1b[31;1mfailed\x1b[0m: {}, {warnings} in {files}", plural(errors, "error"))
        } else {
            format!("\x1b[32;1mchecked\x1b[0m {files} of this plan: no errors, {warnings}")
        });
    }
    if looked.diagnostics.iter().any(Diagnostic::is_error) {
        Err(Stop::Said(1))
    } else {
        Ok(ExitCode::SUCCESS)
    }
}
