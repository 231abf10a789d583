//! The codes of templates.

use crate::diagnostic::{Code, Family, Severity};

/// Every code of this module.
pub static CODES: &[&Code] = &[
    &TEMPLATE_CYCLE,
    &TEMPLATE_EMPTY,
    &TEMPLATE_FAILED,
    &TEMPLATE_FEATURE,
    &TEMPLATE_HELPER,
    &TEMPLATE_LOADS,
    &TEMPLATE_PARTIAL,
    &TEMPLATE_PATH,
    &TEMPLATE_POLICY,
    &TEMPLATE_SYNTAX,
    &TEMPLATE_UNESCAPED,
    &TEMPLATE_UNUSED,
];

/// The text is no template.
pub(super) static TEMPLATE_SYNTAX: Code = Code {
    id: "template_syntax",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template's tags do not fit together",
    page: "\
Templates are Handlebars: `{{path}}` shows a value, `{{#if path}}…{{else}}…{{/if}}` and
`{{#each list}}…{{/each}}` are blocks, `{{> name}}` puts another template in. Every tag and every block is
closed, in the reverse order of opening, at most 32 inside of each other.

Wrong:

    {{#if notes}}<ul>{{#each notes}}<li>{{this}}</li>{{/if}}</ul>{{/each}}

Right:

    {{#if notes}}<ul>{{#each notes}}<li>{{this}}</li>{{/each}}</ul>{{/if}}
",
};

/// A construct that cannot be checked before rendering.
pub(super) static TEMPLATE_FEATURE: Code = Code {
    id: "template_feature",
    family: Family::Template,
    severity: Severity::Error,
    title: "a construct of Handlebars that templates here do not have",
    page: "\
Templates are checked before anything is rendered: every path exists, no partial includes itself, no text of
the plan becomes markup. Partials whose name is only known while rendering, inline partials, decorators, raw
blocks and escaped braces would make that impossible, and are refused.

Wrong:

    {{#*inline \"row\"}}<tr>…</tr>{{/inline}}{{> row}}

Right: a file `templates/html/row.html.hbs`, and

    {{> row}}
",
};

/// A path that the report does not have.
pub(super) static TEMPLATE_PATH: Code = Code {
    id: "template_path",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template names something that the report does not have",
    page: "\
Every path is held against what the template is given, inside of `{{#if}}` too, where a slip of the pen would
otherwise only leave a part out for ever. Inside of `{{#with x}}` and `{{#each x}}` paths begin at `x`;
`../` goes one level up. `capplan template list --paths` shows what there is.

Wrong:

    {{#each sections}}<h2>{{headline}}</h2>{{/each}}

Right:

    {{#each sections}}<h2>{{heading}}</h2>{{/each}}
",
};

/// A helper that does not exist.
pub(super) static TEMPLATE_HELPER: Code = Code {
    id: "template_helper",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template calls a helper that does not exist, or calls it wrongly",
    page: "\
Blocks are `if`, `unless`, `each` and `with`, each of one value. Inside of tags there are `eq`, `ne`, `lt`,
`lte`, `gt`, `gte`, `and`, `or`, `not`, `len` and `lookup`; pages of HTML have `prose_html`, which turns prose
into HTML. Figures arrive as text that is formatted already, so nothing else is needed.

Wrong:

    {{uppercase title}}

Right: leave it to the style sheet:

    <h1 class=\"capitals\">{{title}}</h1>
",
};

/// A partial that does not exist.
pub(super) static TEMPLATE_PARTIAL: Code = Code {
    id: "template_partial",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template includes a partial that does not exist",
    page: "\
`{{> name}}` is the template `name` of the same output: `templates/html/name.html.hbs` for pages,
`templates/markdown/name.md.hbs` for Markdown, `templates/prose/name.md.hbs` for prose. A folder is part of
the name: `{{> parts/logo}}`.

Wrong:

    {{> footer.html.hbs}}

Right:

    {{> footer}}
",
};

/// Partials include each other.
pub(super) static TEMPLATE_CYCLE: Code = Code {
    id: "template_cycle",
    family: Family::Template,
    severity: Severity::Error,
    title: "partials include each other, or too much",
    page: "\
A partial that includes itself, directly or through others, would never end. The same holds in practice where
partials include others several times over, level by level; at most 10,000 inclusions are followed, and at
most 64 blocks and partials stand inside of each other.

Wrong: `a.html.hbs` with `{{> b}}`, and `b.html.hbs` with `{{> a}}`.

Right: put what both need into a third, and include that.
",
};

/// Text of the plan would become markup.
pub(super) static TEMPLATE_UNESCAPED: Code = Code {
    id: "template_unescaped",
    family: Family::Template,
    severity: Severity::Error,
    title: "text of the plan would not show as text",
    page: "\
Names, notes and sources of a plan are written by many people. `{{path}}` escapes them for the output; three
braces do not, and some places are not made safe by escaping: the inside of a tag without quotes, an address,
a comment, a style sheet, Markdown's backticks. Three braces are for what this program draws: `{{{chart.wide}}}`,
`{{{svg}}}`, `{{{style}}}`, in Markdown `{{{prose}}}` and `{{{verdict}}}`.

Wrong:

    <h1>{{{title}}}</h1>

Right:

    <h1>{{title}}</h1>
",
};

/// The page would load or run something.
pub(super) static TEMPLATE_LOADS: Code = Code {
    id: "template_loads",
    family: Family::Template,
    severity: Severity::Error,
    title: "a page or style sheet would load or run something",
    page: "\
A report is one file: it opens offline, shows the same tomorrow, and tells nobody that it was opened. So pages
have no scripts, frames, forms, or pictures, fonts and sheets from elsewhere; rules stand in `style.css`, whose
digest the page's policy names. Links that are followed by a click are fine.

Wrong:

    <img src=\"https://example.com/logo.png\" alt=\"Example\">

Right: a picture that is drawn in the page:

    <svg width=\"40\" height=\"40\" role=\"img\" aria-label=\"Example\"><circle cx=\"20\" cy=\"20\" r=\"20\"/></svg>
",
};

/// The page does not keep its policy.
pub(super) static TEMPLATE_POLICY: Code = Code {
    id: "template_policy",
    family: Family::Template,
    severity: Severity::Error,
    title: "a page does not keep its content security policy",
    page: "\
Whole pages, `html/report.html.hbs` and `html/page.html.hbs`, state a policy that lets nothing in but their
own style sheet, by its digest. It is what a browser holds the page to, whatever stands in it. Pictures may be
let in as `img-src data:`.

Wrong: no `<meta http-equiv=\"Content-Security-Policy\" …>` in the head, or one with `default-src *`.

Right:

    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{{style_digest}}'; base-uri 'none'; form-action 'none'\">
",
};

/// The template leaves out what it is for.
pub(super) static TEMPLATE_EMPTY: Code = Code {
    id: "template_empty",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template leaves out what it is for",
    page: "\
A comment, an explanation and the page of a comparison are a heading and a `body`, which holds everything that was
asked for. A template that shows no body would write the same few words whatever the plan says. It may stand in a
partial, and inside of `{{#if}}`.

Wrong: `templates/markdown/explanation.md.hbs` with nothing but

    ### {{{title}}}

Right:

    ### {{{title}}}
    {{{body}}}
",
};

/// A file that no report reads.
pub(super) static TEMPLATE_UNUSED: Code = Code {
    id: "template_unused",
    family: Family::Template,
    severity: Severity::Warning,
    title: "a file among the templates is not used",
    page: "\
A file takes the place of the built-in template of the same name; any other is a partial, and is used where
another names it. Pages end with `.html.hbs`, Markdown and prose with `.md.hbs`. `capplan template list` shows
every name.

Wrong: `templates/prose/verdict.md`, or a partial that nothing includes.

Right: `templates/prose/verdict.md.hbs`, or `{{> name}}` somewhere.
",
};

/// A template could not be rendered.
pub(super) static TEMPLATE_FAILED: Code = Code {
    id: "template_failed",
    family: Family::Template,
    severity: Severity::Error,
    title: "a template could not be rendered",
    page: "\
Rendering is strict: a path whose value is not there in this report is an error, never an empty place. Parts
that may be absent are asked for first. The built-in template is not used instead, so nobody reads a page that
was not meant.

Wrong: a block has a table, or prose, or a figure, never all of them:

    {{table.title}}

Right:

    {{#if table}}{{table.title}}{{/if}}
",
};
