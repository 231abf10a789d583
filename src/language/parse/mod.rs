//! Scanned text in, the tree as written out.
//!
//! `grammar` reads the tokens and reports what is wrong in our words, with the edit; only what passes
//! reaches `kdl`, which decodes strings and builds the document that `tree` turns into nodes. So `kdl`'s
//! own error recovery, which recurses, is never entered by what a user writes.

mod codes;
mod grammar;
mod tree;
mod unquoted;
mod words;

pub use codes::CODES;

use super::scan::Scanned;
use super::syntax::Node;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The nodes of a file.
///
/// # Errors
/// Every syntax error of the file, at most one a node.
pub fn parse(scanned: &Scanned, file: FileId) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let diagnostics = grammar::check(scanned, file);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    match kdl::KdlDocument::parse_v2(&scanned.blanked) {
        Ok(document) => Ok(tree::nodes(&document, scanned, file)),
        Err(error) => Err(foreign(&error, file)),
    }
}

/// What `kdl` finds wrong although the grammar has passed it.
fn foreign(error: &kdl::KdlError, file: FileId) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for found in &error.diagnostics {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span { file, start: at(found.span.offset()), len: at(found.span.len()) };
        let seen =
            |other: &Diagnostic| other.label.as_ref().is_some_and(|l| l.span.start == span.start);
        if diagnostics.iter().any(seen) {
            continue;
        }
        let message = found.message.as_deref().unwrap_or("this is no KDL");
        let message: String = message
            .chars()
            .take(1)
            .flat_map(char::to_lowercase)
            .chain(message.chars().skip(1))
            .collect();
        let label = found.label.as_deref().unwrap_or("here");
        let mut diagnostic = Diagnostic::new(&codes::SYNTAX, message).at(span, label);
        diagnostic.help.clone_from(&found.help);
        diagnostics.push(diagnostic);
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::language::scan::scan;
    use crate::language::syntax::{Value, ValueKind};

    fn nodes(text: &str) -> Vec<Node> {
        let scanned = scan(text.as_bytes(), FileId(0)).unwrap();
        parse(&scanned, FileId(0)).unwrap()
    }

    /// The code, the text that is marked, and the text after the fix.
    fn error(text: &str) -> (&'static str, String, Option<String>) {
        let scanned = scan(text.as_bytes(), FileId(0)).unwrap();
        let diagnostics = parse(&scanned, FileId(0)).unwrap_err();
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        let diagnostic = &diagnostics[0];
        let marked = slice(text, diagnostic.label.as_ref().unwrap().span).to_owned();
        let fixed = diagnostic.fix.as_ref().map(|fix| {
            let mut fixed = text.to_owned();
            fixed.replace_range(fix.span.start as usize..fix.span.end() as usize, &fix.text);
            let scanned = scan(fixed.as_bytes(), FileId(0)).unwrap();
            assert!(parse(&scanned, FileId(0)).is_ok(), "{fixed}");
            fixed
        });
        (diagnostic.code.id, marked, fixed)
    }

    fn slice(text: &str, span: Span) -> &str {
        &text[span.start as usize..span.end() as usize]
    }

    #[test]
    fn places_are_true_to_the_byte() {
        let text = "// é\nworkload \"é\" /* x */ {\n  demand (p10-p90)\"1 to 2 s\" at = peak n=-1_0.5 #true /-9; cpu #\"a\"#\n}\n";
        let nodes = nodes(text);
        let workload = &nodes[0];
        assert_eq!(slice(text, workload.name.span), "workload");
        assert_eq!(slice(text, workload.args[0].span), "\"é\"");
        assert!(slice(text, workload.span).starts_with("workload"));
        assert!(slice(text, workload.span).ends_with("#\n}"));
        let demand = &workload.children[0];
        assert_eq!(
            slice(text, demand.span),
            "demand (p10-p90)\"1 to 2 s\" at = peak n=-1_0.5 #true"
        );
        let value = &demand.args[0];
        assert_eq!(slice(text, value.span), "(p10-p90)\"1 to 2 s\"");
        assert_eq!(slice(text, value.annotation.as_ref().unwrap().span), "p10-p90");
        assert_eq!(value.text(), Some("1 to 2 s"));
        assert_eq!(slice(text, demand.props[0].name.span), "at");
        assert_eq!(slice(text, demand.props[0].value.span), "peak");
        assert_eq!(demand.props[0].value.kind, ValueKind::Bare("peak".into()));
        assert_eq!(slice(text, demand.props[1].value.span), "-1_0.5");
        assert_eq!(demand.props[1].value.kind, ValueKind::Number("-10.5".into()));
        assert_eq!(demand.args[1].kind, ValueKind::Bool(true));
        let cpu = &workload.children[1];
        assert_eq!(cpu.args[0].kind, ValueKind::Quoted("a".into()));
        assert_eq!(slice(text, cpu.args[0].span), "#\"a\"#");
    }

    #[test]
    fn strings_are_decoded() {
        let text =
            "a \"x\\ty\\u{E9}\" #\"\\d\"# \"\"\"\r\n  one\r\n    two\r\n\r\n  \"\"\" \"\"\r\nb\r\n";
        let nodes = nodes(text);
        let texts: Vec<_> = nodes[0].args.iter().filter_map(Value::text).collect();
        assert_eq!(texts, ["x\tyé", "\\d", "one\n  two\n", ""]);
        assert_eq!(slice(text, nodes[0].args[3].span), "\"\"");
        assert_eq!(slice(text, nodes[1].span), "b");
    }

    #[test]
    fn common_mistakes_have_their_own_message_and_edit() {
        for (text, code, marked, fixed) in [
            ("memory 32GiB", "unquoted_quantity", "32GiB", Some("memory \"32GiB\"")),
            ("memory 32 GiB", "unquoted_quantity", "32 GiB", Some("memory \"32 GiB\"")),
            ("rate 5%", "unquoted_quantity", "5%", Some("rate \"5%\"")),
            (
                "rate 3% to 6% / month;",
                "unquoted_quantity",
                "3% to 6% / month",
                Some("rate \"3% to 6% / month\";"),
            ),
            (
                "run \"x\" at=2027-12-01 n=1",
                "unquoted_quantity",
                "2027-12-01",
                Some("run \"x\" at=\"2027-12-01\" n=1"),
            ),
            (
                "amount 2.4M USD { a; }",
                "unquoted_quantity",
                "2.4M USD",
                Some("amount \"2.4M USD\" { a; }"),
            ),
            ("limit 12k // x", "unquoted_quantity", "12k", Some("limit \"12k\" // x")),
            (
                "serves 310 to 360 req/s",
                "unquoted_quantity",
                "310 to 360 req/s",
                Some("serves \"310 to 360 req/s\""),
            ),
            ("a true", "bare_keyword", "true", Some("a #true")),
            ("a b=null", "bare_keyword", "null", Some("a b=#null")),
            ("a #True", "bare_keyword", "#True", None),
            ("a #inf", "invalid_number", "#inf", None),
            ("a 1e400", "invalid_number", "1e400", None),
            ("a 0x10", "invalid_number", "0x10", Some("a 16")),
            ("a .5", "invalid_number", ".5", Some("a 0.5")),
            ("memory: \"1 GiB\"", "assignment", "memory:", Some("memory \"1 GiB\"")),
            ("memory = \"1 GiB\"", "assignment", "=", Some("memory \"1 GiB\"")),
            ("memory=\"1 GiB\"", "assignment", "=", Some("memory \"1 GiB\"")),
            ("team \"a\", \"b\"", "comma_or_list", ",", Some("team \"a\" \"b\"")),
            ("buy spot, on-demand", "comma_or_list", ",", Some("buy spot on-demand")),
            ("buy [spot]", "comma_or_list", "[", None),
            ("a \"b\"\"c\"", "missing_space", "\"c\"", Some("a \"b\" \"c\"")),
            ("a { b; } c", "missing_space", "c", Some("a { b; } ;c")),
            ("(ref)a b", "node_annotation", "(ref)", Some("a b")),
            ("a (ref)b=1", "node_annotation", "(ref)", Some("a b=1")),
            ("{ a; }", "syntax", "{", None),
            ("a;; b", "syntax", ";", Some("a; b")),
            ("a b=", "syntax", "=", None),
            ("a ) b", "syntax", ")", None),
            ("a = = b", "assignment", "=", None),
            ("5 a", "syntax", "5", None),
            ("a (b", "syntax", "(", None),
        ] {
            let (id, mark, fix) = error(text);
            assert_eq!((id, &*mark), (code, marked), "{text}");
            if fixed.is_some() {
                assert_eq!(fix.as_deref(), fixed, "{text}");
            }
        }
    }

    #[test]
    fn every_line_reports_its_own_mistake() {
        let text = "a 5%\nb true {\n c d,e\n}\n\"x\" 1 2\n";
        let scanned = scan(text.as_bytes(), FileId(0)).unwrap();
        let diagnostics = parse(&scanned, FileId(0)).unwrap_err();
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
        assert_eq!(codes, ["unquoted_quantity", "bare_keyword", "comma_or_list"]);
    }

    #[test]
    fn the_deepest_allowed_nesting_parses_on_a_small_stack() {
        let text = format!("{}{}", "a { ".repeat(64), "}".repeat(64));
        let small = std::thread::Builder::new().stack_size(2 << 20);
        let depth = small.spawn(move || {
            let mut depth = 0;
            let nodes = nodes(&text);
            let mut level = &nodes;
            while let Some(node) = level.first() {
                depth += 1;
                level = &node.children;
            }
            depth
        });
        assert_eq!(depth.unwrap().join().unwrap(), 64);
    }

    fn values(nodes: &[Node]) -> Vec<&Value> {
        nodes
            .iter()
            .flat_map(|node| {
                let own = node.args.iter().chain(node.props.iter().map(|prop| &prop.value));
                own.chain(values(&node.children)).collect::<Vec<_>>()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn no_text_panics_and_places_are_true(
            text in "([a-c1 ;\n\"#{}=(),.%/*\\\\-]|//x|/-|\"\"\"|#true|#\"x\"#|\"y\"|b=2 |é|[a-c] \\{|\\}\n){0,50}"
        ) {
            let Ok(scanned) = scan(text.as_bytes(), FileId(0)) else { return Ok(()) };
            match parse(&scanned, FileId(0)) {
                Err(diagnostics) => {
                    for diagnostic in diagnostics {
                        prop_assert!(diagnostic.code.id != "syntax" || diagnostic.label.is_some());
                        let span = diagnostic.label.unwrap().span;
                        prop_assert!(text.get(span.start as usize..span.end() as usize).is_some());
                    }
                }
                Ok(nodes) => {
                    for value in values(&nodes) {
                        let source = slice(&scanned.blanked, value.span);
                        match &value.kind {
                            ValueKind::Bare(bare) => prop_assert!(source.ends_with(&**bare)),
                            ValueKind::Quoted(_) => prop_assert!(source.ends_with(['"', '#'])),
                            ValueKind::Number(number) => {
                                prop_assert_eq!(source.replace('_', ""), &**number);
                            }
                            ValueKind::Bool(_) | ValueKind::Null => {
                                prop_assert!(source.contains('#'));
                            }
                        }
                    }
                }
            }
        }

        #[test]
        fn what_the_grammar_passes_kdl_passes(
            text in "([a-c1 ;\n\"#{}=()\\\\-]|\"\"\"\n|\n\"\"\"|#true|#\"x\"#|\"y\"|b=2 |\\+\\.|[a-c] \\{|\\}\n){0,50}"
        ) {
            if let Ok(scanned) = scan(text.as_bytes(), FileId(0))
                && grammar::check(&scanned, FileId(0)).is_empty()
            {
                let parsed = kdl::KdlDocument::parse_v2(&scanned.blanked);
                prop_assert!(parsed.is_ok(), "{:?}", parsed);
            }
        }
    }
}
