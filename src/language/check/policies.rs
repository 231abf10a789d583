//! Policies select something.

use globset::Glob;

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::{Report, error, warning};
use crate::language::suggest;

pub(super) fn check(draft: &Draft, names: &Names<'_>, report: &mut Report) {
    for (_, policy) in draft.policies.iter() {
        let select = &policy.require.select;
        for (noun, pattern) in [
            (Noun::Pool, &select.pool),
            (Noun::Workload, &select.workload),
            (Noun::Priority, &select.priority),
            (Noun::Environment, &select.environment),
            (Noun::Team, &select.team),
        ] {
            let Some(pattern) = pattern else { continue };
            let word = noun.word();
            let Ok(glob) = Glob::new(pattern) else {
                report.push(
                    Diagnostic::new(&BAD_PATTERN, format!("`{pattern}` is no pattern"))
                        .at(policy.require.origin, "this pattern cannot be read")
                        .help("`*` stands for any letters, `?` for one, `{a,b}` for either"),
                );
                continue;
            };
            let matcher = glob.compile_matcher();
            let all = names.all(noun);
            if all.iter().any(|name| matcher.is_match(name.text)) {
                continue;
            }
            let near = suggest::nearest(pattern, all.iter().map(|name| name.text));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", suggest::list(all.iter().map(|name| name.text))),
            };
            report.push(
                Diagnostic::new(
                    &SELECTS_NOTHING,
                    format!("policy `{}` selects no {word}", policy.name),
                )
                .at(policy.require.origin, format!("no `{word}` is called `{pattern}`"))
                .help(help),
            );
        }
    }
}

/// A policy that selects nothing.
pub static SELECTS_NOTHING: Code = warning(
    "selects_nothing",
    Family::Policy,
    "a policy selects nothing",
    "A policy on nothing always holds, which is seldom meant.\n\nWrong:\n\n```kdl\nrequire pool=\"servng\" \
metric=shortfall at-most=\"0 node\"\n```\n\nRight:\n\n```kdl\nrequire pool=\"serving\" metric=shortfall at-most=\"0 \
node\"\n```\n",
);
/// A pattern that is none.
pub static BAD_PATTERN: Code = error(
    "bad_pattern",
    Family::Policy,
    "a pattern on names that cannot be read",
    "`*` stands for any letters, `?` for one letter, `{a,b}` for either.\n\nWrong:\n\n```kdl\nrequire \
pool=\"serve-{a\" metric=shortfall at-most=\"0 node\"\n```\n\nRight:\n\n```kdl\nrequire pool=\"serve-*\" \
metric=shortfall at-most=\"0 node\"\n```\n",
);
