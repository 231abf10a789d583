//! Reports: one typed view, and its renderings as Markdown, HTML and text.
