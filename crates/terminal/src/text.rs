//! Numbers and times as people read them.

pub use flickr_faces::text::{bytes, count, duration, grouped, minute, one_line};
use std::{borrow::Cow, io::IsTerminal as _};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

/// `0.35`, `3.5`, `35`, `350`: two or three digits that say something.
pub fn rate(number: f64) -> String {
    match number {
        n if n < 1.0 => format!("{n:.2}"),
        n if n < 10.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// As much of a text as `columns` hold, its end replaced by `…` where that is not all.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return text.into();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    let begin: String = text.chars().take_while(fits).collect();
    format!("{}…", begin.trim_end()).into()
}

/// Columns of the terminal that results are printed to; `None` where they go elsewhere.
pub fn columns() -> Option<usize> {
    let size = std::io::stdout()
        .is_terminal()
        .then(crossterm::terminal::size);
    size?.ok().map(|(columns, _)| columns.into())
}

/// Rows of the terminal that results are printed to; `None` where they go elsewhere.
pub fn rows() -> Option<usize> {
    let size = std::io::stdout()
        .is_terminal()
        .then(crossterm::terminal::size);
    size?.ok().map(|(_, rows)| rows.into())
}

/// Breaks lines that are wider than a terminal of `columns` between words: cut within one, `undo 33` reads as another
/// command. A word that is wider stays whole.
pub(crate) fn fitted(text: &str, columns: Option<usize>) -> Cow<'_, str> {
    let Some(columns) = columns.filter(|&columns| text.lines().any(|line| width(line) > columns))
    else {
        return text.into();
    };
    let options = textwrap::Options::new(columns)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let lines = text
        .split('\n')
        .flat_map(|line| textwrap::wrap(line, &options));
    lines.collect::<Vec<_>>().join("\n").into()
}

/// Rows as lines, their columns aligned by two spaces; those whose index is in `right` to the right.
/// Characters two columns wide, as in Chinese names, count as two.
/// What is in a cell stays in its line.
pub fn aligned(rows: &[impl AsRef<[String]>], right: &[usize]) -> String {
    let rows: Vec<Vec<_>> = (rows.iter())
        .map(|row| row.as_ref().iter().map(|cell| one_line(cell)).collect())
        .collect();
    let mut widths = Vec::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            if column == widths.len() {
                widths.push(0);
            }
            widths[column] = cell.width().max(widths[column]);
        }
    }
    let lines: Vec<String> = (rows.iter())
        .map(|row| {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if column > 0 {
                    line += "  ";
                }
                let space = " ".repeat(width.saturating_sub(cell.width()));
                if right.contains(&column) {
                    line += &space;
                    line += cell;
                } else {
                    line += cell;
                    line += &space;
                }
            }
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "Undone. `cluster-faces undo 33` takes this back.\n\n  1  short";
        assert_eq!(fitted(text, None), text);
        assert_eq!(fitted(text, Some(80)), text);
        assert_eq!(
            fitted(text, Some(30)),
            "Undone. `cluster-faces undo\n33` takes this back.\n\n  1  short"
        );
        assert_eq!(
            fitted("results/a-long-path.jpg is it", Some(10)),
            "results/a-long-path.jpg\nis it"
        );
        assert_eq!(fitted("名前 名前", Some(5)), "名前\n名前");
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(cut("Ada", 3), "Ada");
        assert_eq!(cut("Ada Lovelace", 6), "Ada L…");
        assert_eq!(cut("Ada Lovelace", 5), "Ada…");
        assert_eq!(cut("山田太郎", 6), "山田…");
        assert_eq!(cut("Ada", 0), "…");
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [
            ["Name", "Faces", "Note"],
            ["山田太郎", "1,200", ""],
            ["Zoë", "3", "tag"],
        ];
        let text = aligned(&rows.map(|row| row.map(str::to_owned)), &[1]);
        assert_eq!(
            text,
            "Name      Faces  Note\n山田太郎  1,200\nZoë           3  tag"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(count(1, "photo", "photos"), "1 photo");
        assert_eq!(count(12_345, "photo", "photos"), "12,345 photos");
        assert_eq!(
            (rate(0.034), rate(3.46), rate(212.4)),
            ("0.03".into(), "3.5".into(), "212".into())
        );
    }
}
