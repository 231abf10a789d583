//! Where in a page each tag of a template stands, and whether the page would load or run anything.
//!
//! A template's text and the places of its tags go in; for every tag comes out what surrounds it, and what
//! is wrong with the page as written. Tags stand for any text: both branches of an `{{#if}}` are read one
//! after the other, as they are written.

use std::collections::BTreeMap;

use super::codes::{TEMPLATE_LOADS, TEMPLATE_POLICY};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// What surrounds a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Surrounding {
    /// Text, or the inside of an element whose text is read like it.
    Text,
    /// The value of an attribute in quotes, with what stands in it before the tag.
    Attribute {
        name: String,
        before: String,
    },
    /// Inside of `<…>`, not in quotes.
    Bare,
    Comment,
    Style,
    Script,
}

/// A page as read.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// By where the tag begins.
    pub(super) surroundings: BTreeMap<u32, Surrounding>,
    pub(super) found: Vec<Diagnostic>,
    /// The value of `content` of every policy in it.
    pub(super) policies: Vec<(String, Span)>,
}

struct Attribute {
    name: String,
    value: String,
    span: Span,
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    tags: &'a [Span],
    at: usize,
    page: Page,
}

/// Elements that fetch something, or run, or change what addresses mean.
const LOADING: [&str; 16] = [
    "script",
    "link",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "base",
    "audio",
    "video",
    "source",
    "track",
    "portal",
    "form",
    "foreignobject",
];

/// Attributes whose value is fetched or followed without a click.
const FETCHED: [&str; 14] = [
    "src",
    "srcset",
    "poster",
    "background",
    "data",
    "action",
    "formaction",
    "manifest",
    "ping",
    "longdesc",
    "dynsrc",
    "lowsrc",
    "codebase",
    "imagesrcset",
];

/// Reads a page.
pub(super) fn read(text: &str, file: FileId, tags: &[Span]) -> Page {
    let mut reader = Reader { text, file, tags, at: 0, page: Page::default() };
    reader.page();
    reader.page
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The tag that begins here, if one does: noted, and stepped over.
    fn tag(&mut self, surrounding: impl FnOnce() -> Surrounding) -> bool {
        let start = u32::try_from(self.at).unwrap_or(u32::MAX);
        let Ok(place) = self.tags.binary_search_by_key(&start, |tag| tag.start) else {
            return false;
        };
        self.page.surroundings.insert(start, surrounding());
        self.at = self.tags[place].end() as usize;
        true
    }

    fn step(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn page(&mut self) {
        while !self.rest().is_empty() {
            if self.tag(|| Surrounding::Text) {
                continue;
            }
            let rest = self.rest();
            if rest.starts_with("<!--") {
                self.until("-->", &Surrounding::Comment);
            } else if rest.starts_with("</") || rest.starts_with("<!") || rest.starts_with("<?") {
                self.until(">", &Surrounding::Bare);
            } else if rest.len() > 1
                && rest.starts_with('<')
                && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic())
            {
                self.element();
            } else if rest.starts_with("<{{") {
                self.step();
                self.tag(|| Surrounding::Bare);
            } else {
                self.step();
            }
        }
    }

    /// Steps behind `end`; tags before it stand in `surrounding`.
    fn until(&mut self, end: &str, surrounding: &Surrounding) {
        while !self.rest().is_empty() {
            if self.tag(|| surrounding.clone()) {
                continue;
            }
            let done =
                self.rest().get(..end.len()).is_some_and(|ahead| ahead.eq_ignore_ascii_case(end));
            if done {
                self.at += end.len();
                return;
            }
            self.step();
        }
    }

    fn element(&mut self) {
        let start = self.at;
        self.at += 1;
        let name = self.name(|c| c.is_whitespace() || c == '>' || c == '/');
        let attributes = self.attributes();
        let span = self.span(start, start + 1 + name.len());
        self.judge(&name, &attributes, span);
        match name.as_str() {
            "style" => {
                let from = self.at;
                self.until("</style", &Surrounding::Style);
                let inside = self.text[from..self.at].trim();
                if inside != "{{{style}}}</style" {
                    self.wrong(span, "a style sheet of its own", "the page's policy allows `style.css` alone; write the rules there: `capplan template eject html/style.css`");
                }
            }
            "script" => self.until("</script", &Surrounding::Script),
            _ => {}
        }
    }

    fn name(&mut self, ends: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while let Some(c) = self.rest().chars().next() {
            if ends(c) || self.rest().starts_with("{{") {
                break;
            }
            self.step();
        }
        self.text[start..self.at].to_ascii_lowercase()
    }

    fn attributes(&mut self) -> Vec<Attribute> {
        let mut found = Vec::new();
        loop {
            if self.tag(|| Surrounding::Bare) {
                continue;
            }
            let Some(c) = self.rest().chars().next() else { return found };
            if c == '>' {
                self.at += 1;
                return found;
            }
            if c.is_whitespace() || c == '/' || c == '=' || c == '"' || c == '\'' {
                self.step();
                continue;
            }
            let start = self.at;
            let name = self.name(|c| c.is_whitespace() || "=>/\"'".contains(c));
            let after = self.rest().trim_start();
            let mut value = String::new();
            if let Some(behind) = after.strip_prefix('=') {
                self.at = self.text.len() - behind.trim_start().len();
                value = self.value(&name);
            }
            let span = self.span(start, self.at.max(start + 1));
            found.push(Attribute { name, value, span });
            if self.at == start {
                self.step();
            }
        }
    }

    fn value(&mut self, name: &str) -> String {
        let quote = self.rest().chars().next().filter(|c| *c == '"' || *c == '\'');
        if quote.is_some() {
            self.step();
        }
        let from = self.at;
        while let Some(c) = self.rest().chars().next() {
            let before = &self.text[from..self.at];
            let is_tag = self.tag(|| match quote {
                Some(_) => {
                    Surrounding::Attribute { name: name.to_owned(), before: before.to_owned() }
                }
                None => Surrounding::Bare,
            });
            if is_tag {
                continue;
            }
            match quote {
                Some(quote) if c == quote => {
                    let value = self.text[from..self.at].to_owned();
                    self.step();
                    return value;
                }
                None if c.is_whitespace() || c == '>' => break,
                _ => {
                    self.step();
                }
            }
        }
        self.text[from..self.at].to_owned()
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(from), len: place(to - from) }
    }

    fn wrong(&mut self, span: Span, what: &str, help: &str) {
        let message = format!("{what} cannot stand in a report");
        self.page.found.push(
            Diagnostic::new(&TEMPLATE_LOADS, message)
                .at(span, "a report is one file that loads and runs nothing")
                .help(help),
        );
    }

    fn judge(&mut self, element: &str, attributes: &[Attribute], span: Span) {
        if LOADING.contains(&element) {
            let help = match element {
                "link" => "put the rules into `style.css`: `capplan template eject html/style.css`",
                "script" => "leave it out: a report's policy lets no script run",
                _ => "leave it out, or draw an `<svg>` in the template",
            };
            self.wrong(span, &format!("`<{element}>`"), help);
            return;
        }
        let says = |name: &str| {
            attributes.iter().find(|a| a.name == name).map(|a| a.value.trim().to_ascii_lowercase())
        };
        if element == "meta" {
            match says("http-equiv").as_deref() {
                None => {}
                Some("content-security-policy") => {
                    let content = attributes.iter().find(|a| a.name == "content");
                    let (value, at) =
                        content.map_or((String::new(), span), |a| (a.value.clone(), a.span));
                    self.page.policies.push((value, at));
                }
                Some(other) => {
                    let what = format!("`<meta http-equiv=\"{other}\">`");
                    self.wrong(span, &what, "leave it out: only the policy may be stated so");
                }
            }
        }
        for attribute in attributes {
            self.attribute(element, attribute);
        }
    }

    fn attribute(&mut self, element: &str, attribute: &Attribute) {
        let Attribute { name, value, span } = attribute;
        let shown = format!("`{name}` of `<{element}>`");
        let address = value.trim().to_ascii_lowercase();
        if name.starts_with("on") && name.len() > 2 {
            self.wrong(*span, &shown, "leave it out: a report's policy lets no script run");
        } else if name == "style" {
            let help =
                "give it a class, and the rule in `style.css`: the page's policy allows no `style`";
            self.wrong(*span, &shown, help);
        } else if name == "srcdoc" {
            self.wrong(*span, &shown, "leave it out");
        } else if FETCHED.contains(&name.as_str()) {
            if !address.starts_with("data:image/") {
                let help = "draw an `<svg>` in the template, or put the picture there as `data:image/…` and \
                            `img-src data:` into the policy";
                self.wrong(*span, &shown, help);
            }
        } else if name == "href" || name.ends_with(":href") {
            let followed = matches!(element, "a" | "area");
            let allowed = address.starts_with('#')
                || (followed && (harmless(&address) || address.starts_with("{{")));
            if !allowed {
                let help = if followed {
                    "an address begins with `https://`, `http://`, `mailto:` or `#`, or is a file beside this one"
                } else {
                    "only something inside of the page, `#id`, can be named here"
                };
                self.wrong(*span, &format!("the address of {shown}"), help);
            }
        }
    }
}

/// An address that a click may open: of a known scheme, or beside this page.
fn harmless(address: &str) -> bool {
    let known = ["https://", "http://", "mailto:"];
    if known.iter().any(|scheme| address.starts_with(scheme)) {
        return true;
    }
    // What a browser takes out of an address must not hide a scheme.
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '&';
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default();
    !scheme.contains(':') && !scheme.contains(odd)
}

/// What is wrong with the policy of a whole page.
pub(super) fn policy(page: &Page, file: FileId) -> Vec<Diagnostic> {
    let wrong = |span: Span, message: String| {
        Diagnostic::new(&TEMPLATE_POLICY, message)
            .at(span, "a browser holds a report to its policy")
            .help(
                "write `<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
                 'sha256-{{style_digest}}'; base-uri 'none'; form-action 'none'\">` into the head",
            )
    };
    let Some((content, span)) = page.policies.first() else {
        let start = Span { file, start: 0, len: 0 };
        return vec![wrong(start, "the page has no content security policy".to_owned())];
    };
    let mut found = Vec::new();
    for part in ["default-src 'none'", "'sha256-{{style_digest}}'"] {
        if !content.contains(part) {
            found.push(wrong(*span, format!("the policy does not say `{part}`")));
        }
    }
    for directive in content.split(';').map(str::trim) {
        let mut words = directive.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        for word in words {
            let allowed = matches!(word, "'none'" | "'sha256-{{style_digest}}'")
                || (name == "img-src" && word == "data:");
            if !allowed {
                found.push(wrong(*span, format!("the policy lets `{word}` in as `{name}`")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::template::parse::parse;

    fn page(text: &str) -> Page {
        read(text, FileId(0), &parse(text, FileId(0)).unwrap().tags)
    }

    fn said(text: &str) -> Vec<String> {
        page(text).found.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_tag_knows_what_surrounds_it() {
        use Surrounding::{Bare, Comment, Style, Text};
        let text = "<p class=\"a {{b}}\" {{c}}>{{d}}</p><!-- {{e}} --><style>{{{style}}}</style><a href={{f}}>";
        let surroundings: Vec<Surrounding> = page(text).surroundings.into_values().collect();
        let class = Surrounding::Attribute { name: "class".to_owned(), before: "a ".to_owned() };
        assert_eq!(surroundings, [class, Bare, Text, Comment, Style, Bare]);
        assert!(page("<p title=\"x > y\">{{a}}").surroundings.values().all(|s| *s == Text));
    }

    #[test]
    fn nothing_loads_and_nothing_runs() {
        for text in [
            "<script src=\"https://x.example\"></script>",
            "<IMG SRC=http://x.example/a.png>",
            "<img src='{{title}}'>",
            "<link rel=stylesheet href=a.css>",
            "<p onclick=\"x()\">",
            "<p style=\"color: red\">",
            "<style>p { }</style>",
            "<a href=\"javascript:x()\">",
            "<a href=\"java&#115;cript:x()\">",
            "<svg><image href=\"https://x.example/a.png\"/></svg>",
            "<svg><use xlink:href=\"a.svg#b\"/></svg>",
            "<meta http-equiv=\"refresh\" content=\"0\">",
            "<base href=\"/\">",
            "<img/src=x>",
            "<svg/onload=x>",
        ] {
            assert_eq!(said(text).len(), 1, "{text}: {:?}", said(text));
        }
        for text in [
            "<a href=\"https://x.example\">x</a>",
            "<a href=\"#{{id}}\">x</a>",
            "<a href=\"teams/x.html\">x</a>",
            "<img alt=\"\" src=\"data:image/png;base64,AAAA\">",
            "<style>{{{style}}}</style>",
            "<p {{#if a}}class=\"{{b}}\"{{/if}}>a < b</p>",
        ] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_page_keeps_its_policy() {
        let of = |text: &str| policy(&page(text), FileId(0)).len();
        let built_in = include_str!("../../../templates/html/report.html.hbs");
        assert_eq!(of(built_in), 0);
        assert_eq!(of("<html>"), 1);
        assert_eq!(of(&built_in.replace("default-src 'none'", "default-src *")), 2);
        assert_eq!(of(&built_in.replace("base-uri", "img-src https://x.example; base-uri")), 1);
        assert_eq!(of(&built_in.replace("base-uri", "img-src data:; base-uri")), 0);
    }
}
