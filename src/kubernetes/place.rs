//! Where a field of an object stands in its file.

/// The line of a field such as `spec.metrics[1].pods.target` in the document that begins in the line
/// `from`; of the last part of its path that is found.
#[must_use]
pub fn line_of(text: &str, from: usize, field: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let end = (from..lines.len()).find(|line| lines[*line].starts_with("---"));
    let lines = &lines[..end.unwrap_or(lines.len())];
    let mut at = from.saturating_sub(1);
    for part in field.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        let key = format!("{name}:");
        let Some(found) = (at..lines.len()).find(|line| {
            lines[*line].trim_start().trim_start_matches("- ").trim_start().starts_with(&key)
        }) else {
            // In a flow such as `{type: Value}` the field stands in the line that was found last.
            break;
        };
        at = found;
        if let Some(index) = index {
            at = item(lines, at + 1, index).unwrap_or(at);
        }
    }
    at + 1
}

/// The line of an item of the list that begins at `from`.
fn item(lines: &[&str], from: usize, index: usize) -> Option<usize> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let first = (from..lines.len()).find(|line| lines[*line].trim_start().starts_with("- "))?;
    let of_list = depth(lines[first]);
    let mut items = (first..lines.len())
        .take_while(|line| lines[*line].trim().is_empty() || depth(lines[*line]) >= of_list)
        .filter(|line| {
            depth(lines[*line]) == of_list && lines[*line].trim_start().starts_with("- ")
        });
    items.nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: 1\n---\nspec:\n  maxReplicas: 3\n  metrics:\n  - type: Resource\n    \
                        resource: {name: cpu}\n  - type: Pods\n    pods:\n      target:\n        \
                        type: Value\n---\nspec:\n  minReplicas: 1\n";

    #[test]
    fn a_field_is_found_where_it_stands() {
        let line = |field| line_of(TEXT, 3, field);
        assert_eq!(line("spec.maxReplicas"), 4);
        assert_eq!(line("spec.metrics[1].pods.target.type"), 11);
        assert_eq!(line("spec.metrics[0].resource.name"), 7);
        assert_eq!(line("spec.minReplicas"), 3);
    }
}
