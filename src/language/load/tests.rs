use std::fs;
use std::path::PathBuf;

use super::*;

/// A folder of its own for a test, with these files.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("capplan-load-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for (file, text) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(path)
    }

    fn load(&self) -> Loaded {
        load(&self.0).unwrap()
    }

    fn codes(&self) -> Vec<&'static str> {
        self.load().diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    loaded.sources.iter().map(|(_, file)| file.path.as_str()).collect()
}

#[test]
fn includes_are_followed_and_ids_follow_paths() {
    let folder = Folder::new(
        "tree",
        &[
            ("plan.kdl", "plan \"p\"\ninclude \"z.kdl\" \"w/*.kdl\"\n"),
            ("z.kdl", "include \"w/a.kdl\"\nteam \"z\"\n"),
            ("w/a.kdl", "team \"a\"\n"),
            ("w/b.kdl", "team \"b\"\n"),
        ],
    );
    let loaded = folder.load();
    assert_eq!(paths(&loaded), ["plan.kdl", "w/a.kdl", "w/b.kdl", "z.kdl"]);
    assert_eq!(loaded.entry, FileId(0));
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    for (file, nodes) in &loaded.files {
        for node in nodes {
            assert_eq!(node.args[0].span.file, *file);
            assert!(loaded.sources.text(node.args[0].span).starts_with('"'));
        }
    }
}

#[test]
fn a_file_alone_is_a_plan() {
    let folder = Folder::new("file", &[("p.kdl", "plan \"p\"\n"), ("other.kdl", "team \"t\"\n")]);
    let loaded = load(&folder.0.join("p.kdl")).unwrap();
    assert_eq!(paths(&loaded), ["p.kdl"]);
    assert!(loaded.diagnostics.is_empty());
    assert_eq!(folder.codes(), ["unreached_file"]);
}

#[test]
fn an_include_that_leads_nowhere_is_an_error_with_what_is_there() {
    let folder = Folder::new(
        "nowhere",
        &[
            (
                "plan.kdl",
                "plan \"p\"\ninclude \"team.kdl\" \"workload/*.kdl\" \"../x.kdl\" \"/etc/x.kdl\" \"data.csv\" teams.kdl\n",
            ),
            ("teams.kdl", ""),
            ("data.csv", ""),
        ],
    );
    let loaded = folder.load();
    let found: Vec<_> = loaded.diagnostics.iter().map(|d| d.code.id).collect();
    assert_eq!(
        found,
        [
            "include_not_found",
            "include_empty_glob",
            "include_outside",
            "include_outside",
            "include_form",
            "include_form"
        ]
    );
    assert_eq!(loaded.diagnostics[0].help.as_deref(), Some("did you mean `teams.kdl`?"));
    assert_eq!(
        loaded.diagnostics[1].help.as_deref(),
        Some("there is no folder `workload/`; beside it are `data.csv`, `plan.kdl`, `teams.kdl`")
    );
}

#[cfg(unix)]
#[test]
fn an_include_through_a_link_out_of_the_folder_is_an_error() {
    let outside = Folder::new("outside", &[("x.kdl", "team \"x\"\n")]);
    let folder = Folder::new(
        "link",
        &[("plan.kdl", "plan \"p\"\ninclude \"x.kdl\" \"d/x.kdl\" \"*.kdl\"\n")],
    );
    std::os::unix::fs::symlink(outside.0.join("x.kdl"), folder.0.join("x.kdl")).unwrap();
    std::os::unix::fs::symlink(&outside.0, folder.0.join("d")).unwrap();
    assert_eq!(folder.codes(), ["include_outside"; 3]);
}

#[test]
fn a_circle_of_includes_shows_its_chain() {
    let folder = Folder::new(
        "circle",
        &[
            ("plan.kdl", "plan \"p\"\ninclude \"a.kdl\"\n"),
            ("a.kdl", "include \"b.kdl\"\n"),
            ("b.kdl", "include \"a.kdl\"\n"),
        ],
    );
    let loaded = folder.load();
    let [diagnostic] = &loaded.diagnostics[..] else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(diagnostic.message, "files include each other: a.kdl → b.kdl → a.kdl");
    assert_eq!(diagnostic.others.len(), 1);
}

#[test]
fn syntax_errors_of_all_files_come_at_once() {
    let folder = Folder::new(
        "syntax",
        &[("plan.kdl", "plan \"p\" {\ninclude \"a.kdl\"\n"), ("a.kdl", "memory 5%\n")],
    );
    assert_eq!(folder.codes(), ["unquoted_quantity", "unclosed_block"]);
}

#[test]
fn a_folder_has_one_plan() {
    let none = Folder::new("none", &[("a.kdl", "team \"a\"\n")]);
    assert_eq!(none.codes(), ["no_plan"]);
    let two = Folder::new("two", &[("a.kdl", "plan \"a\"\n"), ("b.kdl", "plan \"b\"\n")]);
    assert_eq!(two.codes(), ["several_plans"]);
    let below = Folder::new(
        "below",
        &[("a.kdl", "plan \"a\"\n"), ("old/b.kdl", "plan \"b\"\n"), ("old/c.kdl", "")],
    );
    assert_eq!(below.codes(), Vec::<&str>::new());
    let empty = Folder::new("empty", &[]);
    assert!(matches!(load(&empty.0), Err(LoadError::NoFiles { .. })));
    assert!(matches!(load(&empty.0.join("x")), Err(LoadError::NotFound { meant: None, .. })));
    let said = load(&two.0.join("a")).unwrap_err().to_string();
    assert!(said.contains("did you mean") && said.contains("a.kdl"), "{said}");
}

#[test]
fn hostile_files_are_errors() {
    let folder = Folder::new("hostile", &[("plan.kdl", "plan \"p\"\ninclude \"*.kdl\"\n")]);
    fs::write(folder.0.join("latin.kdl"), b"team \"\xE9\"\n").unwrap();
    fs::write(folder.0.join("long.kdl"), "x".repeat(1_000_001)).unwrap();
    fs::write(folder.0.join("deep.kdl"), "a { ".repeat(500)).unwrap();
    assert_eq!(folder.codes(), ["nesting_too_deep", "invalid_utf8", "file_too_large"]);
}

#[test]
fn the_number_and_the_size_of_files_are_bounded() {
    let folder = Folder::new("many", &[("plan.kdl", "plan \"p\"\ninclude \"f/*.kdl\"\n")]);
    fs::create_dir_all(folder.0.join("f")).unwrap();
    for index in 0..=MAX_FILES {
        fs::write(folder.0.join(format!("f/{index}.kdl")), "").unwrap();
    }
    assert_eq!(folder.codes(), ["too_many_files"]);
}

/// The design's example plans, where they are at hand.
#[test]
fn the_examples_of_the_design_load() {
    let shared = std::env::var_os("CAPPLAN_SHARED").map_or("../shared".into(), PathBuf::from);
    let examples = shared.join("design/examples");
    for plan in [
        "small-team.kdl",
        "platform",
        "more/a-startup.kdl",
        "more/b-enterprise.kdl",
        "more/c-recsys.kdl",
    ] {
        if examples.join(plan).exists() {
            let loaded = load(&examples.join(plan)).unwrap();
            assert!(loaded.diagnostics.is_empty(), "{plan}: {:?}", loaded.diagnostics);
        }
    }
}
