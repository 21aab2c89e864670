//! Tables for people; without lines and colours, so that a pipe gets the same as a terminal.

use comfy_table::{ContentArrangement, Table, presets};

use super::text::one_line;

/// A table with these headers. On a terminal it is kept within its width; in a pipe every row is one line.
pub(super) fn table(headers: &[&str], rows: Vec<Vec<String>>, terminal: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let arrangement = if terminal { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table.set_header(headers.iter().copied());
    for row in rows {
        let cells =
            row.into_iter().map(|cell| if cell.is_empty() { "-".to_owned() } else { one_line(&cell) });
        table.add_row(cells);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
