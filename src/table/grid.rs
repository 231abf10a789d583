//! Rows of a series onto a regular grid, gaps filled.

use crate::forecast::series::fill;
use crate::table::fault::SeriesFault;
use crate::table::frequency::Frequency;
use crate::table::read::Rows;
use crate::table::stamp::{self, Style};

/// A series on a regular grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The time of the first value.
    pub first: i64,
    /// How times are written.
    pub style: Style,
    /// The interval.
    pub frequency: Frequency,
    /// Measured values, oldest first, gaps filled; the first and the last were measured.
    pub values: Vec<f64>,
    /// Values that were filled.
    pub filled: usize,
    /// Steps after the last value that the table has, without a value.
    pub trailing: usize,
}

/// Of so many steps, one in ten must have a value.
const LONGEST_EMPTY: usize = 1000;

/// Puts rows on a grid.
///
/// # Errors
/// If they do not lie on one, or tell none.
pub fn grid(
    rows: Rows,
    frequency: Option<Frequency>,
    seasons: Option<&[usize]>,
) -> Result<Grid, SeriesFault> {
    if let Some(fault) = rows.fault {
        return Err(fault);
    }
    let (mut cells, style) = (rows.cells, rows.style);
    cells.sort_by_key(|cell| (cell.time, cell.row));
    let known = |cells: &[crate::table::read::Cell]| {
        Some((
            cells.iter().position(|cell| !cell.value.is_nan())?,
            cells.iter().rposition(|cell| !cell.value.is_nan())?,
        ))
    };
    let (first, last) = known(&cells).ok_or(SeriesFault::Empty)?;
    if let Some(pair) = cells.windows(2).find(|pair| pair[0].time == pair[1].time) {
        return Err(SeriesFault::Twice {
            first: pair[0].row,
            second: pair[1].row,
            time: stamp::write(pair[0].time, style),
        });
    }
    let times: Vec<i64> = cells.iter().map(|cell| cell.time).collect();
    let frequency = match (style, frequency) {
        // Whole numbers count steps, whatever a step is.
        (Style::Step, _) => Frequency::infer(&times).unwrap_or(Frequency::Seconds(1)),
        (_, Some(frequency)) => frequency,
        (_, None) => Frequency::infer(&times).ok_or(SeriesFault::NoFrequency)?,
    };
    let start = cells[first].time;
    let mut places = Vec::with_capacity(cells.len() - first);
    for cell in &cells[first..] {
        let off_grid = || SeriesFault::OffGrid {
            row: cell.row,
            time: stamp::write(cell.time, style),
            first: stamp::write(start, style),
            step: frequency.to_string(),
        };
        let place = frequency.place(start, cell.time).ok_or_else(off_grid)?;
        places.push(usize::try_from(place).map_err(|_| off_grid())?);
    }
    let length = places[last - first] + 1;
    let measured = cells[first..=last].iter().filter(|cell| !cell.value.is_nan()).count();
    if length > LONGEST_EMPTY && measured * 10 < length {
        let step = frequency.to_string();
        return Err(SeriesFault::TooSparse { rows: measured, steps: length, step });
    }
    let mut values = vec![f64::NAN; length];
    for (cell, place) in cells[first..=last].iter().zip(&places) {
        values[*place] = cell.value;
    }
    let own = frequency.seasons();
    let season = seasons.unwrap_or(&own).first().copied().unwrap_or(1);
    let filled = fill(&mut values, season);
    let trailing = places[places.len() - 1] + 1 - length;
    Ok(Grid { first: start, style, frequency, values, filled, trailing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::read::Cell;

    fn rows(cells: &[(&str, f64)]) -> Rows {
        let cell = |(row, (time, value)): (usize, &(&str, f64))| Cell {
            row: row as u64 + 1,
            time: stamp::read(time).unwrap().0,
            value: *value,
        };
        let style = stamp::read(cells[0].0).unwrap().1;
        Rows {
            id: "a".into(),
            style,
            cells: cells.iter().enumerate().map(cell).collect(),
            fault: None,
        }
    }

    #[test]
    fn rows_are_sorted_and_gaps_filled() {
        let grid = grid(
            rows(&[
                ("2027-01-02", 2.0),
                ("2027-01-01", 1.0),
                ("2027-01-04", 4.0),
                ("2027-01-05", 5.0),
                ("2027-01-06", f64::NAN),
            ]),
            None,
            None,
        )
        .unwrap();
        assert_eq!(grid.values, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!((grid.filled, grid.trailing), (1, 1));
        assert_eq!(grid.frequency.to_string(), "1 day");
    }

    #[test]
    fn what_does_not_lie_on_a_grid_is_named() {
        let fault = |cells: &[(&str, f64)], frequency: Option<&str>| {
            let frequency = frequency.map(|text| text.parse().unwrap());
            grid(rows(cells), frequency, None).unwrap_err().to_string()
        };
        assert_eq!(
            fault(&[("2027-01-01", 1.0), ("2027-01-01", 2.0)], None),
            "rows 1 and 2 have the same time 2027-01-01; keep one, or give them other ids"
        );
        assert_eq!(
            fault(&[("2027-01-01 00:00:00", 1.0), ("2027-01-01 00:30:00", 2.0)], Some("h")),
            "row 2: 2027-01-01 00:30:00 is not a whole number of steps (1 hour) after 2027-01-01 00:00:00"
        );
        assert_eq!(fault(&[("2027-01-01", f64::NAN)], None), "no row has a value");
        assert!(fault(&[("2027-01-01", 1.0)], None).contains("--frequency"));
        let sparse = [("2027-01-01 00:00:00", 1.0), ("2029-01-01 00:00:00", 2.0)];
        assert!(fault(&sparse, Some("h")).contains("nearly all is empty"));
    }

    #[test]
    fn whole_numbers_count_steps() {
        let grid = grid(rows(&[("10", 1.0), ("20", 2.0), ("30", 3.0)]), None, None).unwrap();
        assert_eq!(grid.values, [1.0, 2.0, 3.0]);
        assert_eq!(grid.frequency.time(grid.first, 3), 40);
    }
}
