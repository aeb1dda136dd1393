//! A plot as a PNG of 960 by 540 pixels: lines, a grid of five steps each way, numbers and names.

use super::{Data, font, label};
use crate::failure::{Failure, Result};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const WIDTH: usize = 960;
const HEIGHT: usize = 540;
/// What is left around the lines: left, top, right, bottom.
const MARGINS: (usize, usize, usize, usize) = (90, 30, 20, 50);
const STEPS: usize = 5;

type Colour = [u8; 3];
const PAPER: Colour = [255, 255, 255];
const GRID: Colour = [225, 225, 225];
const INK: Colour = [60, 60, 60];
/// Of the series, told apart by those too who see few colours (after Okabe and Ito).
const SERIES: [Colour; super::SERIES_MAX] =
    [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233]];

/// Writes it to a file.
pub fn write(data: &Data, path: &Path) -> Result<()> {
    let picture = draw(data);
    let file = File::create(path).map_err(|e| Failure::file("write", path, &e))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let failed =
        |e: png::EncodingError| Failure::other(format!("could not write \"{}\": {e}", path.display()));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&picture.0).map_err(failed)?;
    writer.finish().map_err(failed)
}

struct Picture(Vec<u8>);

impl Picture {
    fn dot(&mut self, x: usize, y: usize, colour: Colour) {
        if x < WIDTH
            && let Some(pixel) = self.0.get_mut((y * WIDTH + x) * 3..(y * WIDTH + x) * 3 + 3)
        {
            pixel.copy_from_slice(&colour);
        }
    }

    fn text(&mut self, x: usize, y: usize, text: &str, colour: Colour) {
        font::draw(text, &mut |dx, dy| self.dot(x + dx, y + dy, colour));
    }
}

fn draw(data: &Data) -> Picture {
    let mut picture = Picture(PAPER.repeat(WIDTH * HEIGHT));
    let (left, top, right, bottom) = MARGINS;
    let (width, height) = (WIDTH - left - right, HEIGHT - top - bottom);
    let Some((_, range)) = data.ranges() else { return picture };
    for step in 0..=STEPS {
        let (x, y) = (left + step * (width - 1) / STEPS, top + step * (height - 1) / STEPS);
        (left..left + width).for_each(|x| picture.dot(x, y, GRID));
        (top..top + height).for_each(|y| picture.dot(x, y, GRID));
        let part = step as f64 / STEPS as f64;
        let text = label(range.high * (1.0 - part) + range.low * part);
        picture.text(left.saturating_sub(font::width(&text) + 8), y.saturating_sub(5), &text, INK);
    }
    data.draw(width, height, &mut |series, x, y| {
        let colour = SERIES.get(series).copied().unwrap_or(INK);
        // Two dots thick.
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            picture.dot(left + x + dx, top + y + dy, colour);
        }
    });
    let under = HEIGHT - bottom + 10;
    picture.text(left, under, &data.left, INK);
    picture.text((left + width).saturating_sub(font::width(&data.right)), under, &data.right, INK);
    let mut x = left;
    for (name, colour) in data.names.iter().zip(SERIES) {
        picture.text(x, under + 20, name, colour);
        x += font::width(name) + 24;
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::super::tests::data;
    use super::*;

    #[test]
    fn a_picture_can_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        write(&data(&[(0.0, 0.0), (1.0, 1.0)]), &path).unwrap();
        let file = std::io::BufReader::new(File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (WIDTH as u32, HEIGHT as u32));
        assert!(pixels.chunks(3).filter(|p| *p == SERIES[0]).count() > 1000);
        assert!(write(&data(&[]), dir.path()).is_err());
    }
}
