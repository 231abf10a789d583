//! Words in the wrong place: unknown ones, settings written as properties, several settings on a node.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::codes::{
    BASE_IS_RESERVED, EXTRA_VALUE, MISPLACED, NEEDS_VERB, NOT_EDITABLE, PROPERTY_AS_SETTING,
    SETTING_AS_PROPERTY, UNKNOWN_PROPERTY, UNKNOWN_SETTING,
};
use super::value::unknown_word;
use super::{described, head};
use crate::diagnostic::Diagnostic;
use crate::language::nodes::{self, NodeSpec};
use crate::language::suggest;
use crate::language::syntax::{Node, Prop, Value, ValueKind};

/// Where every node of the language may stand, by its name.
fn homes() -> &'static BTreeMap<&'static str, Vec<&'static str>> {
    static HOMES: OnceLock<BTreeMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    HOMES.get_or_init(|| {
        let mut homes = BTreeMap::new();
        collect("", nodes::TOP, &mut homes);
        homes
    })
}

fn collect(
    parent: &'static str,
    specs: &'static [NodeSpec],
    homes: &mut BTreeMap<&'static str, Vec<&'static str>>,
) {
    for spec in specs {
        let places: &mut Vec<&'static str> = homes.entry(spec.name).or_default();
        if !places.contains(&parent) {
            places.push(parent);
        }
        collect(spec.name, spec.children, homes);
    }
}

/// The value as it is written in a plan.
fn written(value: &Value) -> String {
    let text = match &value.kind {
        ValueKind::Quoted(text) => format!("{text:?}"),
        ValueKind::Bare(text) | ValueKind::Number(text) => text.to_string(),
        ValueKind::Bool(flag) => format!("#{flag}"),
        ValueKind::Null => "#null".to_owned(),
    };
    match &value.annotation {
        Some(annotation) => format!("({}){text}", annotation.text),
        None => text,
    }
}

/// The head of a node as it is written: its name and arguments.
fn written_head(node: &Node) -> String {
    let args: String = node.args.iter().map(|arg| format!(" {}", written(arg))).collect();
    format!("{}{args}", node.name.text)
}

/// A node that may not stand where it stands.
pub(super) fn unknown_node(
    parent: Option<(&'static NodeSpec, &Node)>,
    specs: &'static [NodeSpec],
    node: &Node,
) -> Diagnostic {
    let word = &*node.name.text;
    // A node of several forms, whose first word is none of them.
    let forms: Vec<&'static str> =
        specs.iter().filter(|spec| spec.name == word).filter_map(|spec| spec.form).collect();
    if !forms.is_empty() {
        return match node.args.first() {
            Some(value) if value.text().is_some() => {
                unknown_word(node, value.text().unwrap_or_default(), &forms, value, false)
            }
            _ => Diagnostic::new(&super::MISSING_VALUE, format!("`{word}` does not say which"))
                .at(node.name.span, "its form is missing")
                .help(format!("it is one of {}", suggest::list(forms))),
        };
    }
    if let Some((spec, around)) = parent
        && let Some(prop) = spec.prop(word)
    {
        let value = node.args.first().map_or("…".to_owned(), written);
        return Diagnostic::new(
            &PROPERTY_AS_SETTING,
            format!("`{word}` qualifies `{}`; it is no setting in its block", spec.name),
        )
        .at(head(node), "this is a property")
        .help(format!("write `{} {}={value}`", written_head(around), prop.name));
    }
    let near = suggest::nearest(word, specs.iter().map(|spec| spec.name));
    let place = parent.map_or("at the top of a file".to_owned(), |(_, around)| {
        format!("in {}", described(around))
    });
    if near.is_none()
        && let Some(homes) = homes().get(word)
    {
        let belongs =
            homes.iter().map(|home| if home.is_empty() { "the top of a file" } else { home });
        let belongs: Vec<&str> = belongs.collect();
        return Diagnostic::new(&MISPLACED, format!("`{word}` cannot stand {place}"))
            .at(node.name.span, "known, but not here")
            .help(format!("it belongs in {}", suggest::list(belongs)));
    }
    let diagnostic = Diagnostic::new(&UNKNOWN_SETTING, format!("unknown node `{word}` {place}"))
        .at(node.name.span, "no node has this name here");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(node.name.span, near),
        None if specs.is_empty() => diagnostic.help("it takes no block"),
        None => {
            let mut words: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
            words.dedup();
            diagnostic.help(format!(
                "here stand {}; for another tool, begin its name with `x-`",
                suggest::list(words)
            ))
        }
    }
}

/// A property that may not stand where it stands.
pub(super) fn unknown_property(spec: &'static NodeSpec, node: &Node, prop: &Prop) -> Diagnostic {
    let word = &*prop.name.text;
    let value = written(&prop.value);
    let setting = spec.children.iter().find(|child| child.name == word);
    if let Some(child) = setting {
        let rewrite = match child.form {
            Some(_) => format!("{word} … {value}"),
            None => format!("{word} {value}"),
        };
        let diagnostic = Diagnostic::new(
            &SETTING_AS_PROPERTY,
            format!("`{word}` is a setting of `{}`, not a property", spec.name),
        )
        .at(prop.name.span.to(prop.value.span), "a setting stands in the block")
        .help(format!("write `{} {{ {rewrite}; }}`", written_head(node)));
        let last = node.props.last().is_some_and(|last| std::ptr::eq(last, prop));
        let alone = !node.has_block && last && node.props.len() == 1;
        let span = prop.name.span.to(prop.value.span);
        return if alone && node.args.iter().all(|arg| arg.span.start < span.start) {
            diagnostic.fix(span, format!("{{ {rewrite}; }}"))
        } else {
            diagnostic
        };
    }
    let diagnostic = Diagnostic::new(
        &UNKNOWN_PROPERTY,
        format!("unknown property `{word}=` on `{}`", spec.name),
    )
    .at(prop.name.span, "no property has this name here");
    if let Some(near) = suggest::nearest(word, spec.props.iter().map(|prop| prop.name)) {
        return diagnostic.help(format!("did you mean `{near}=`?")).fix(prop.name.span, near);
    }
    if let Some(near) = suggest::nearest(word, spec.children.iter().map(|child| child.name)) {
        return diagnostic
            .help(format!("did you mean the setting `{near}`? write `{{ {near} {value}; }}`"));
    }
    if spec.props.is_empty() {
        return diagnostic.help(format!("`{}` takes no property", spec.name));
    }
    let props = suggest::list(spec.props.iter().map(|prop| prop.name));
    diagnostic.help(format!("its properties are {props}"))
}

/// A value too many.
pub(super) fn extra_value(spec: &'static NodeSpec, node: &Node, extra: &Value) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &EXTRA_VALUE,
        format!("`{}` has a value too many", written_head_short(node)),
    )
    .at(extra.span, "nothing is meant here");
    // `team "search" owner "x"`: a setting on the line of its parent.
    if let Some(word) = extra.text()
        && matches!(extra.kind, ValueKind::Bare(_))
        && spec.children.iter().any(|child| child.name == word)
    {
        let after = node.args.iter().skip_while(|arg| arg.span != extra.span).nth(1);
        let value = after.map_or("…".to_owned(), written);
        let before: String = node
            .args
            .iter()
            .take_while(|arg| arg.span != extra.span)
            .map(|arg| format!(" {}", written(arg)))
            .collect();
        return diagnostic.help(format!(
            "one setting a node: write `{}{before} {{ {word} {value}; }}`",
            node.name.text
        ));
    }
    // `limit 12 start 4`: a setting of the parent on the line of another.
    if let Some(word) = extra.text()
        && matches!(extra.kind, ValueKind::Bare(_))
        && homes().contains_key(word)
    {
        return diagnostic
            .help(format!("one setting a node: write `; {word} …`, or a line of its own"));
    }
    if spec.example.is_empty() {
        diagnostic.help("take it away")
    } else {
        diagnostic.help(format!("write it as in `{}`", spec.example))
    }
}

fn written_head_short(node: &Node) -> &str {
    &node.name.text
}

/// `base` as a scenario's name.
pub(super) fn base_is_reserved(value: &Value) -> Diagnostic {
    Diagnostic::new(&BASE_IS_RESERVED, "a scenario cannot be called `base`")
        .at(value.span, "`base` is the plan itself")
        .help("give it another name")
}

/// A direct child of `change` that needs a verb.
pub(super) fn needs_verb(spec: &NodeSpec, child: &Node) -> Diagnostic {
    let head = written_head(child);
    Diagnostic::new(&NEEDS_VERB, format!("{} does not say what happens to it", described(child)))
        .at(super::head(child), "is it new, or changed?")
        .help(format!(
            "there may be several `{}`: write `add {head}`, `change {head}` or `remove {head}`",
            spec.name
        ))
}

/// `change` without saying what.
pub(super) fn edit_without_kind(child: &Node) -> Diagnostic {
    let verb = &child.name.text;
    Diagnostic::new(&super::MISSING_VALUE, format!("`{verb}` does not say what"))
        .at(child.name.span, "the kind of node is missing")
        .help(format!("write it as in `{verb} pool \"serving\"`"))
}

/// An edit of a word that is no node.
pub(super) fn unknown_edit(specs: &'static [NodeSpec], node: &Node) -> Diagnostic {
    unknown_node(None, specs, node)
}

/// An edit of what scenarios do not edit.
pub(super) fn not_editable(spec: &NodeSpec, node: &Node) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&NOT_EDITABLE, format!("a scenario does not edit `{}`", spec.name))
            .at(node.name.span, "this is the same in every scenario");
    if spec.name == "let" {
        return diagnostic.help("write `let name \"…\"` in the scenario, without a verb");
    }
    if spec.name == "prices" {
        return diagnostic.help(
            "name the list at the top of a file; a scenario changes prices as in `change prices { multiply 1.1; }`",
        );
    }
    diagnostic.help("declare it at the top of a file")
}

/// A child of a scenario that is neither a setting nor an edit.
pub(super) fn not_in_scenario(
    spec: &'static NodeSpec,
    scenario: &Node,
    child: &Node,
) -> Diagnostic {
    let known =
        nodes::find(nodes::TOP, child).or_else(|| nodes::find(nodes::SCENARIO_EDITS, child));
    if known.is_some_and(super::may_edit) {
        let head = written_head(child);
        return Diagnostic::new(
            &NEEDS_VERB,
            format!("{} does not say what happens to it", described(child)),
        )
        .at(super::head(child), "is it new, or changed?")
        .help(format!("write `add {head}`, `change {head}` or `remove {head}`"));
    }
    unknown_node(Some((spec, scenario)), spec.children, child)
}
