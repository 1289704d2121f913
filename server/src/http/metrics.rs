//! `GET /metrics`: the server's numbers in Prometheus' text format.

use std::fmt::Write as _;

use hyper::StatusCode;

use super::app::App;
use super::reply::{Reply, whole};

pub(super) fn answer(app: &App) -> Reply {
    whole(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", render(app))
}

fn render(app: &App) -> String {
    let mut out = String::with_capacity(8 << 10);
    let _ = write!(
        out,
        "# TYPE fathom_server_build_info gauge\nfathom_server_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut last = String::new();
    app.each(&mut |name, labels, value| {
        if name != last {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            let _ = writeln!(out, "# TYPE {name} {kind}");
            name.clone_into(&mut last);
        }
        out.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            out.push(if at == 0 { '{' } else { ',' });
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(out, "{label}=\"{text}\"");
        }
        let _ = writeln!(out, "{} {value}", if labels.is_empty() { "" } else { "}" });
    });
    out
}
