//! Charts as SVG, drawn with what every browser and every forge shows: a few lines, boxes and
//! words, dark on white.

use crate::interval::Interval;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 46.0;
const PLOT_HEIGHT: f64 = 280.0;
const BAR: f64 = 26.0;
const NAMES: f64 = 230.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#888888", "#c0392b", "#2e8b57"];
const FONT: &str = "font-family=\"sans-serif\" font-size=\"12\"";

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Where, and what was measured there.
    pub points: Vec<(f64, Interval)>,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn begin(title: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" {FONT}>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escape(title)
    )
}

/// Steps of 1, 2 and 5 times a power of ten, about five up to `max`.
fn step(max: f64) -> f64 {
    let rough = (max / 5.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let digits = rough / power;
    power
        * if digits <= 1.0 {
            1.0
        } else if digits <= 2.0 {
            2.0
        } else if digits <= 5.0 {
            5.0
        } else {
            10.0
        }
}

/// `1k` for a thousand.
fn count(n: f64) -> String {
    match n {
        n if n >= 1e6 => format!("{}M", n / 1e6),
        n if n >= 1e3 => format!("{}k", n / 1e3),
        n => format!("{n}"),
    }
}

/// Lines over a logarithmic x, with each point's interval.
pub fn lines(title: &str, x: &str, y: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|s| &s.points);
    let (mut low, mut high, mut top) = (f64::MAX, f64::MIN, 0.0_f64);
    for (at, i) in points() {
        (low, high, top) = (low.min(*at), high.max(*at), top.max(i.high));
    }
    let mut svg = begin(title, TOP + PLOT_HEIGHT + 56.0);
    if points().next().is_none() {
        return svg + "</svg>\n";
    }
    let (width, step) = (WIDTH - LEFT - RIGHT, step(top));
    let top = (top / step).ceil() * step;
    let decades = (high / low).log10().max(1e-9);
    let px = |at: f64| LEFT + (at / low).log10() / decades * width;
    let py = |value: f64| TOP + PLOT_HEIGHT * (1.0 - value / top);
    let mut mark = 0.0;
    while mark <= top * 1.0001 {
        let at = py(mark);
        // Writing into a string cannot fail.
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT + width,
            LEFT - 8.0,
            at + 4.0,
            count(mark)
        );
        mark += step;
    }
    let mut marks: Vec<f64> = points().map(|p| p.0).collect();
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    for at in marks {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            px(at),
            TOP + PLOT_HEIGHT + 18.0,
            count(at)
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"{LEFT}\" y=\"40\" fill=\"#555555\">{}</text>",
        LEFT + width / 2.0,
        TOP + PLOT_HEIGHT + 40.0,
        escape(x),
        escape(y)
    );
    for (s, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let path: Vec<String> =
            s.points.iter().map(|(at, i)| format!("{:.1},{:.1}", px(*at), py(i.value))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        for (at, i) in &s.points {
            let _ = writeln!(
                svg,
                "<line x1=\"{0:.1}\" y1=\"{1:.1}\" x2=\"{0:.1}\" y2=\"{2:.1}\" stroke=\"{colour}\"/>\
                 <circle cx=\"{0:.1}\" cy=\"{3:.1}\" r=\"3\" fill=\"{colour}\"/>",
                px(*at),
                py(i.low),
                py(i.high),
                py(i.value)
            );
        }
        if let Some((at, i)) = s.points.last() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                px(*at) + 8.0,
                py(i.value) + 4.0,
                escape(&s.name)
            );
        }
    }
    svg + "</svg>\n"
}

/// Boxes side by side on a logarithmic scale, with their values beside them.
pub fn bars(title: &str, unit: &str, rows: &[(String, Interval)]) -> String {
    let mut svg = begin(title, TOP + BAR * rows.len() as f64 + 30.0);
    let values = || rows.iter().map(|r| r.1.value).filter(|v| *v > 0.0);
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    if high == 0.0 {
        return svg + "</svg>\n";
    }
    // The scale begins at the power of ten below the least.
    let from = 10_f64.powf(low.log10().floor());
    let decades = (high / from).log10().max(1e-9);
    let width = WIDTH - NAMES - RIGHT;
    let px = |v: f64| NAMES + (v / from).log10().max(0.0) / decades * width;
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"40\" fill=\"#555555\">{}</text>", escape(unit));
    for (row, (name, i)) in rows.iter().enumerate() {
        let y = TOP + BAR * row as f64;
        let colour = COLOURS[usize::from(!name.starts_with("fathom"))];
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            NAMES - 8.0,
            y + BAR * 0.65,
            escape(name),
            y + 4.0,
            (px(i.value) - NAMES).max(1.0),
            BAR - 8.0,
            px(i.value) + 6.0,
            y + BAR * 0.65,
            crate::report::short(i.value)
        );
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::{Series, bars, lines, step};
    use crate::interval::Interval;

    #[test]
    fn steps_are_round() {
        assert_eq!([5.0, 7.0, 12.0, 230.0, 1900.0].map(step), [1.0, 2.0, 5.0, 50.0, 500.0]);
    }

    #[test]
    fn every_point_is_drawn() {
        let at = |v| Interval::of(&[v, v + 1.0, v + 2.0]);
        let s = Series { name: "a < b".into(), points: vec![(1e3, at(10.0)), (1e6, at(70.0))] };
        let svg = lines("t", "flows", "ns", &[s]);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("a &lt; b") && svg.contains(">1M<") && svg.ends_with("</svg>\n"));
        let svg = bars("t", "ns", &[("fathom".into(), at(10.0)), ("other".into(), at(9000.0))]);
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(
            lines("t", "", "", &[]).ends_with("</svg>\n") && bars("t", "", &[]).contains("svg")
        );
    }
}
