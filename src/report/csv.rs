//! Tables as CSV, RFC 4180: figures plain and in full, text guarded against spreadsheets' formulas.

/// Text of the plan; what a spreadsheet would take for a formula gets an apostrophe before it.
pub(super) fn text(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// Rows of fields, quoted where they must be, ended by CRLF.
#[derive(Debug, Default)]
pub(super) struct Csv {
    pub(super) text: String,
}

impl Csv {
    /// Adds a row.
    pub(super) fn row(&mut self, fields: &[String]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if field.contains([',', '"', '\r', '\n']) {
                self.text.push('"');
                self.text.push_str(&field.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        let mut csv = Csv::default();
        csv.row(&["a,b", "say \"x\"", "plain"].map(str::to_owned));
        assert_eq!(csv.text, "\"a,b\",\"say \"\"x\"\"\",plain\r\n");
    }

    #[test]
    fn text_cannot_become_a_formula() {
        assert_eq!(text("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(text("a=b"), "a=b");
    }
}
