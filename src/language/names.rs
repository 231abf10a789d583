//! Names: one namespace a kind, every name once, and what refers to them.

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::nodes::{self, Kind, Noun};
use crate::language::report::{Report, error};
use crate::language::suggest;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::source::Span;

/// Every name that is declared, by kind, in the order of names.
#[derive(Debug)]
pub struct Names<'a> {
    tables: Vec<Vec<Name<'a>>>,
}

/// A name and where it is declared.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a> {
    /// The name.
    pub text: &'a str,
    /// The node that declares it.
    pub node: &'a Node,
    /// The place of the name.
    pub span: Span,
    /// The node around it: the provider of an instance.
    pub parent: Option<&'a Node>,
}

impl<'a> Names<'a> {
    /// Collects the names that `nodes` declare; a name declared twice is an error.
    pub fn collect(nodes: impl IntoIterator<Item = &'a Node>, report: &mut Report) -> Self {
        let mut tables: Vec<Vec<Name<'a>>> = (0..Noun::COUNT).map(|_| Vec::new()).collect();
        let top: HashMap<&str, Noun> = nodes::TOP
            .iter()
            .filter_map(|spec| match spec.args.first()?.kind {
                Kind::Declares(noun) => Some((spec.name, noun)),
                Kind::LetName => Some((spec.name, Noun::Let)),
                _ => None,
            })
            .collect();
        for node in nodes {
            let word = &*node.name.text;
            if let Some(noun) = top.get(word) {
                declare(&mut tables, *noun, node, None);
            }
            if word == "provider" || word == "priorities" {
                for child in &node.children {
                    let noun = match &*child.name.text {
                        "instance" => Noun::Instance,
                        "storage-tier" => Noun::StorageTier,
                        "savings-plan" => Noun::SavingsPlan,
                        "level" => Noun::Priority,
                        _ => continue,
                    };
                    declare(&mut tables, noun, child, Some(node));
                }
            }
        }
        for (index, table) in tables.iter_mut().enumerate() {
            table.sort_by(|a, b| (a.text, a.span).cmp(&(b.text, b.span)));
            if index == Noun::Plan as usize {
                table.sort_by_key(|name| name.span);
            }
            for pair in table.windows(2) {
                if index == Noun::Plan as usize || pair[0].text == pair[1].text {
                    report.push(duplicate(pair[0], pair[1]));
                }
            }
            table.dedup_by(|later, first| later.text == first.text);
        }
        Self { tables }
    }

    /// Every name of a kind, in order.
    #[must_use]
    pub fn all(&self, noun: Noun) -> &[Name<'a>] {
        &self.tables[noun as usize]
    }

    /// The place of a name among those of its kind.
    #[must_use]
    pub fn find(&self, noun: Noun, name: &str) -> Option<usize> {
        self.all(noun).binary_search_by(|known| known.text.cmp(name)).ok()
    }

    /// The diagnostic for a reference to a name that is not declared.
    #[must_use]
    pub fn unknown(&self, noun: Noun, value: &Value) -> Diagnostic {
        let name = value.text().unwrap_or_default();
        let word = noun.word();
        let code = unknown_code(noun);
        let mut diagnostic = Diagnostic::new(code, format!("unknown {} `{name}`", spoken(noun)))
            .at(value.span, format!("no `{word}` has this name"));
        let known = self.all(noun);
        if let Some(near) = suggest::nearest(name, known.iter().map(|known| known.text)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            let span = known.iter().find(|known| known.text == near).map(|known| known.span);
            if let Some(span) = span {
                diagnostic = diagnostic.also(span, format!("`{near}` is declared here"));
            }
            let text = match value.kind {
                ValueKind::Quoted(_) => format!("\"{near}\""),
                _ => format!("(ref){near}"),
            };
            diagnostic.fix(value.span, text)
        } else if known.is_empty() {
            diagnostic.help(format!(
                "the plan declares no `{word}`; declare it: `{word} {}`",
                quote(noun, name)
            ))
        } else {
            let all = suggest::list(known.iter().map(|known| known.text));
            diagnostic.help(format!("declared are {all}"))
        }
    }
}

fn quote(noun: Noun, name: &str) -> String {
    if noun == Noun::Let { format!("{name} \"…\"") } else { format!("\"{name}\"") }
}

fn spoken(noun: Noun) -> &'static str {
    match noun {
        Noun::Let => "assumption",
        Noun::Priority => "priority level",
        noun => noun.word(),
    }
}

fn declare<'a>(tables: &mut [Vec<Name<'a>>], noun: Noun, node: &'a Node, parent: Option<&'a Node>) {
    if let Some((value, text)) = node.args.first().and_then(|value| Some((value, value.text()?))) {
        tables[noun as usize].push(Name { text, node, span: value.span, parent });
    }
}

fn duplicate(first: Name<'_>, again: Name<'_>) -> Diagnostic {
    let word = &*again.node.name.text;
    let message = if word == "plan" {
        "a plan has one `plan` node, and here are two".to_owned()
    } else {
        format!("{word} `{}` is declared twice", again.text)
    };
    let help = if word == "plan" {
        "keep one of them; what should differ stands in a scenario"
    } else {
        "give one of them another name, or remove it; only a scenario changes what is declared"
    };
    Diagnostic::new(&DUPLICATE_NAME, message)
        .at(again.span, "declared again here")
        .also(first.span, "first declared here")
        .help(help)
}

/// The longest name.
const MAX_NAME_BYTES: usize = 100;

/// Whether a text can be a name: `[a-z0-9][a-z0-9.-]*`, and as providers write where it is theirs.
#[must_use]
pub fn is_name(text: &str, foreign: bool) -> bool {
    let letter = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || (foreign && byte.is_ascii_uppercase())
    };
    let inner = |byte: u8| {
        letter(byte)
            || byte == b'.'
            || byte == b'-'
            || (foreign && matches!(byte, b'_' | b':' | b'/'))
    };
    text.bytes().next().is_some_and(letter)
        && text.bytes().all(inner)
        && text.len() <= MAX_NAME_BYTES
}

/// The diagnostic for a text that cannot be a name.
#[must_use]
pub fn bad_name(text: &str, span: Span, source: &str) -> Diagnostic {
    let mended: String = text
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' { c } else { '-' })
        .collect();
    let mended = mended.trim_matches(['-', '.']).to_owned();
    let (message, label) = if text.is_empty() {
        ("a name is empty".to_owned(), "a name has at least one letter or digit".to_owned())
    } else if text.len() > MAX_NAME_BYTES {
        let begin: String = text.chars().take(20).collect();
        let message = format!("`{begin}…` is too long for a name");
        (message, format!("a name has at most {MAX_NAME_BYTES} letters"))
    } else {
        let label =
            "a name is lower-case letters, digits, `.` and `-`, and begins with a letter or digit";
        (format!("`{text}` cannot be a name"), label.to_owned())
    };
    let diagnostic = Diagnostic::new(&BAD_NAME, message).at(span, label);
    // What is left of another script is no suggestion.
    if !text.is_ascii() || !is_name(&mended, false) {
        return diagnostic.help("name it as in `search-rerank`");
    }
    let fixed = source.replacen(text, &mended, 1);
    let diagnostic = diagnostic.help(format!("write `{fixed}`"));
    if fixed == source { diagnostic } else { diagnostic.fix(span, fixed) }
}

/// The code of an unknown name, by kind.
#[must_use]
pub fn unknown_code(noun: Noun) -> &'static Code {
    match noun {
        Noun::Department => &UNKNOWN_DEPARTMENT,
        Noun::Team => &UNKNOWN_TEAM,
        Noun::Project => &UNKNOWN_PROJECT,
        Noun::Environment => &UNKNOWN_ENVIRONMENT,
        Noun::Gpu => &UNKNOWN_GPU,
        Noun::Provider => &UNKNOWN_PROVIDER,
        Noun::Instance => &UNKNOWN_INSTANCE,
        Noun::StorageTier => &UNKNOWN_STORAGE_TIER,
        Noun::SavingsPlan => &UNKNOWN_SAVINGS_PLAN,
        Noun::Owned => &UNKNOWN_OWNED,
        Noun::Pool => &UNKNOWN_POOL,
        Noun::Priority => &UNKNOWN_PRIORITY,
        Noun::Cohort => &UNKNOWN_COHORT,
        Noun::Workload => &UNKNOWN_WORKLOAD,
        Noun::Template => &UNKNOWN_TEMPLATE,
        Noun::Scenario => &UNKNOWN_SCENARIO,
        Noun::Source => &UNKNOWN_SOURCE,
        Noun::Let => &UNKNOWN_LET,
        _ => &UNKNOWN_NAME,
    }
}

/// A name that cannot be one.
pub static BAD_NAME: Code = error(
    "bad_name",
    Family::Names,
    "a name has letters it may not have",
    "Names are lower-case letters, digits, `.` and `-`, and begin with a letter or a digit, so that they can \
stand in paths, labels and columns. Instance types, GPU models and storage tiers are written as their \
provider writes them.\n\nWrong:\n\n```kdl\nteam \"Search ML\"\n```\n\nRight:\n\n```kdl\nteam \"search-ml\"\n```\n",
);

/// A name declared twice.
pub static DUPLICATE_NAME: Code = error(
    "duplicate_name",
    Family::Names,
    "a name is declared twice",
    "There is one namespace a kind, over all files: a team and a pool may share a name, two teams may not. \
Nothing is overridden by declaring it again; what should differ stands in a scenario.\n\nWrong:\n\n```kdl\n\
team \"search\"\nteam \"search\" { cost-center \"CC-1\"; }\n```\n\nRight:\n\n```kdl\nteam \"search\" { \
cost-center \"CC-1\"; }\n```\n",
);

/// A name that is not declared, of a kind without a code of its own.
pub static UNKNOWN_NAME: Code = error(
    "unknown_name",
    Family::Names,
    "a name that nothing declares",
    "Every name that a plan uses is declared in it, in any file that the entry includes, in any order.\n",
);

macro_rules! unknown {
    ($($code:ident $id:literal $what:literal $wrong:literal $right:literal;)*) => {
        $(
            #[doc = concat!("A reference to ", $what, " that nothing declares.")]
            pub static $code: Code = error(
                $id,
                Family::Names,
                concat!("a reference to ", $what, " that nothing declares"),
                concat!(
                    "The plan names ", $what, " that no file of it declares. Names are declared in any \
order and in any file that the entry includes; an unreached file does not count.\n\nWrong:\n\n```kdl\n",
                    $wrong, "\n```\n\nRight:\n\n```kdl\n", $right, "\n```\n"
                ),
            );
        )*
        /// The codes of this module.
        pub static CODES: &[&Code] = &[&BAD_NAME, &DUPLICATE_NAME, $(&$code),*];
    };
}

unknown! {
    UNKNOWN_DEPARTMENT "unknown_department" "a department" "team \"search\" { department \"prodct\"; }" "department \"product\"\nteam \"search\" { department \"product\"; }";
    UNKNOWN_TEAM "unknown_team" "a team" "budget \"b\" { team \"serch\"; }" "team \"search\"\nbudget \"b\" { team \"search\"; }";
    UNKNOWN_PROJECT "unknown_project" "a project" "workload \"w\" { project \"v2\"; }" "project \"v2\" { team \"search\"; }\nworkload \"w\" { project \"v2\"; }";
    UNKNOWN_ENVIRONMENT "unknown_environment" "an environment" "workload \"w\" { environment \"prod\"; }" "environment \"prod\"\nworkload \"w\" { environment \"prod\"; }";
    UNKNOWN_GPU "unknown_gpu" "a GPU model" "instance \"p5.48xlarge\" { gpu \"h100\" count=8; }" "gpu \"h100\" { memory \"80 GB\"; }";
    UNKNOWN_PROVIDER "unknown_provider" "a provider" "workload \"sync\" { kind network; provider \"asw\"; }" "provider \"aws\" { region \"us-east-1\"; }";
    UNKNOWN_INSTANCE "unknown_instance" "an instance type" "pool \"p\" { instance \"p5.48xlarg\"; }" "pool \"p\" { instance \"p5.48xlarge\"; }";
    UNKNOWN_STORAGE_TIER "unknown_storage_tier" "a storage tier" "pool \"lake\" { kind storage; tier \"s3\"; }" "provider \"aws\" { storage-tier \"s3\" { price \"0.023 USD/GB-month\"; }; }";
    UNKNOWN_SAVINGS_PLAN "unknown_savings_plan" "a savings plan" "commitment \"c\" { spend \"120 USD/hour\" savings-plan=\"3y\"; }" "provider \"aws\" { savings-plan \"3y\" { term \"36 months\"; }; }";
    UNKNOWN_OWNED "unknown_owned" "owned hardware" "pool \"train\" { owned \"ashburn\"; }" "owned \"ashburn\" { lot \"2025\" { nodes 8; purchase \"395k USD\"; in-service \"2025-08-01\"; }; }";
    UNKNOWN_POOL "unknown_pool" "a pool" "workload \"w\" { pool \"servng\"; }" "pool \"serving\" { instance \"p5.48xlarge\"; }\nworkload \"w\" { pool \"serving\"; }";
    UNKNOWN_PRIORITY "unknown_priority" "a priority" "workload \"w\" { priority \"high\"; }" "priorities { level \"high\" rank=100; }";
    UNKNOWN_COHORT "unknown_cohort" "a cohort" "quota \"q\" { cohort \"gpus\"; }" "cohort \"gpus\" { weight 1; }";
    UNKNOWN_WORKLOAD "unknown_workload" "a workload" "shared-cost \"s\" { from workload=\"cach\"; split even; }" "shared-cost \"s\" { from workload=\"cache\"; split even; }";
    UNKNOWN_TEMPLATE "unknown_template" "a template" "workload \"w\" { use \"llm\"; }" "template \"llm\" { kind inference; }\nworkload \"w\" { use \"llm\"; }";
    UNKNOWN_SCENARIO "unknown_scenario" "a scenario" "compare \"base\" \"downsid\"" "compare \"base\" \"downside\"";
    UNKNOWN_SOURCE "unknown_source" "a source of history" "demand { history source=\"prom\" column=\"rps\"; }" "source \"prom\" { kind prometheus; }";
    UNKNOWN_LET "unknown_let" "a shared assumption" "growth compound (ref)organic" "let organic \"3%/month\"\n… growth compound (ref)organic";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_a_providers_as_it_writes_them() {
        assert!(is_name("search-rerank", false) && is_name("2027-02", false));
        assert!(!is_name("Search", false) && !is_name("-x", false) && !is_name("", false));
        assert!(is_name("ND96isr_H100_v5", true) && !is_name("a b", true));
    }
}
