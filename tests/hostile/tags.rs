//! HTML: tags and the names of their attributes.

/// Tags with the names of their attributes, as a browser reads them; addresses too.
pub fn tags(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let end = comment.find("-->").map_or(comment.len(), |end| end + 3);
            found.push("comment".to_owned());
            rest = &comment[end..];
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?')
        {
            continue;
        }
        let mut tag = String::new();
        let mut quote = None;
        let mut end = rest.len();
        let mut address = false;
        for (at, c) in rest.char_indices() {
            match quote {
                Some(open) => {
                    if c == open {
                        quote = None;
                    } else if address {
                        tag.push(if c.is_ascii_digit() { '0' } else { c });
                    }
                }
                None if c == '"' || c == '\'' => {
                    address = tag.ends_with("href=") || tag.ends_with("src=");
                    quote = Some(c);
                }
                None if c == '>' => {
                    end = at + 1;
                    break;
                }
                None => tag.push(c),
            }
        }
        let name = tag.split_whitespace().next().unwrap_or_default().to_owned();
        rest = &rest[end..];
        found.push(tag);
        if name == "style" || name == "script" {
            let end = rest.find("</").unwrap_or(rest.len());
            rest = &rest[end..];
        }
    }
    found
}
