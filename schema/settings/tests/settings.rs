//! Settings from the outside: files, environment and command line go in, values, origins and
//! messages come out.

use fathom_settings::{Applies, Key, Kind, Origin, Program, Settings, Sources};
use std::io::Write;
use std::time::Duration;

static KEYS: &[Key] = &[
    Key::new("capture.interface", Kind::Text, "", Applies::Restart, "Which | interfaces."),
    Key::new(
        "capture.ring_bytes",
        Kind::bytes(1 << 20, 1 << 32),
        "64 MiB",
        Applies::Restart,
        "Ring.",
    ),
    Key::new(
        "capture.mode",
        Kind::Choice(&["auto", "af_packet"]),
        "auto",
        Applies::Restart,
        "How.",
    ),
    Key::new(
        "flow.idle",
        Kind::duration(Duration::from_millis(10), Duration::from_secs(3600)),
        "300s",
        Applies::NextFlow,
        "Idle.",
    ),
    Key::new("flow.payload", Kind::integer("bytes", 0, 65_535), "1024", Applies::Now, "Payload."),
    Key::new("l7.enabled", Kind::List, "HTTP,DNS", Applies::Now, "Protocols."),
    Key::new("l7.on", Kind::Bool, "true", Applies::Now, "Switch."),
    Key::new("server.token", Kind::Text, "", Applies::Restart, "Token.").secret(),
];
static AGENT: Program = Program { name: "agent", keys: KEYS };

fn load(yaml: &str, env: &[(&str, &str)], pairs: &[(&str, &str)]) -> Result<Settings, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(yaml.as_bytes()).expect("room for it");
    let own = |x: &[(&str, &str)]| -> Vec<(String, String)> {
        x.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
    };
    let path = file.path().to_path_buf();
    let sources = Sources { file: Some(&path), env: &own(env), pairs: &own(pairs) };
    Settings::load(&AGENT, sources)
        .map_err(|e| e.to_string().replace(&path.display().to_string(), "FILE"))
}

#[test]
fn the_table_has_no_mistakes() {
    assert_eq!(AGENT.mistakes(), Vec::<String>::new());
}

#[test]
fn mistakes_in_a_table_are_found() {
    static BAD: Program = Program {
        name: "bad",
        keys: &[
            Key::new("a", Kind::Bool, "maybe", Applies::Now, "x"),
            Key::new("a.b", Kind::Bool, "true", Applies::Now, ""),
            Key::new("a.b", Kind::Bool, "true", Applies::Now, "x"),
            Key::new("A", Kind::Bool, "true", Applies::Now, "x"),
        ],
    };
    assert_eq!(BAD.mistakes().len(), 6, "{:#?}", BAD.mistakes());
}

#[test]
fn later_sources_win_and_are_remembered() {
    let yaml = "# comment\ncapture:\n  interface: eth.*\n  ring_bytes: 8 MiB\n  mode: af_packet\nflow: {idle: 1.5s}\n";
    let s = load(
        yaml,
        &[("FATHOM_AGENT__CAPTURE__RING_BYTES", "16MiB"), ("FATHOM_SERVER__X", "1"), ("HOME", "/")],
        &[("capture.mode", "auto")],
    )
    .unwrap();
    assert_eq!(s.text("capture.interface"), "eth.*");
    assert!(matches!(s.get("capture.interface").1, Origin::File(_, 3)));
    assert_eq!(s.bytes("capture.ring_bytes"), 16 << 20);
    assert_eq!(s.get("capture.ring_bytes").1.to_string(), "$FATHOM_AGENT__CAPTURE__RING_BYTES");
    assert_eq!(s.text("capture.mode"), "auto");
    assert_eq!(*s.get("capture.mode").1, Origin::CommandLine);
    assert_eq!(s.duration("flow.idle"), Duration::from_millis(1500));
    assert_eq!(s.integer("flow.payload"), 1024);
    assert_eq!(*s.get("flow.payload").1, Origin::Default);
    assert_eq!(s.list("l7.enabled"), ["HTTP", "DNS"]);
    assert!(s.bool("l7.on"));
    assert_eq!(s.text_opt("server.token"), None);
}

#[test]
fn lists_in_three_spellings() {
    for yaml in [
        "l7: {enabled: [TLS, Redis]}",
        "l7:\n  enabled:\n  - TLS\n  - Redis\n",
        "l7:\n  enabled: TLS, Redis\n",
    ] {
        assert_eq!(load(yaml, &[], &[]).unwrap().list("l7.enabled"), ["TLS", "Redis"], "{yaml}");
    }
    assert!(load("l7: {enabled: []}", &[], &[]).unwrap().list("l7.enabled").is_empty());
}

#[test]
fn empty_files_and_empty_sections_set_nothing() {
    for yaml in ["", "# nothing\n", "capture:\n", "capture:\n  # interface: x\nflow:\n", "---\n"] {
        let s = load(yaml, &[], &[]).unwrap_or_else(|e| panic!("{yaml:?}: {e}"));
        assert_eq!(*s.get("capture.interface").1, Origin::Default);
    }
}

#[test]
fn problems_name_place_cause_and_remedy() {
    // (yaml, environment, command line, what the message must hold)
    type Pairs = &'static [(&'static str, &'static str)];
    let cases: &[(&str, Pairs, Pairs, &[&str])] = &[
        (
            "capture:\n  interfaec: x\n",
            &[],
            &[],
            &["FILE:2:", "unknown key `capture.interfaec`", "did you mean `capture.interface`?"],
        ),
        ("flow:\n  interface: x\n", &[], &[], &["did you mean `capture.interface`?"]),
        ("zzz: 1\n", &[], &[], &["FILE:1:", "config show"]),
        ("zzz:\n", &[], &[], &["FILE:1:", "unknown key `zzz`"]),
        (
            "flow:\n  payload: 70000\n",
            &[],
            &[],
            &["FILE:2: flow.payload: 70000 is outside 0 to 65535 bytes"],
        ),
        ("flow:\n  payload: many\n", &[], &[], &["\"many\" is not a whole number"]),
        ("flow:\n  idle: 5\n", &[], &[], &["\"5\" is not a time span such as"]),
        ("flow:\n  idle: 1ms\n", &[], &[], &["1ms is outside 10ms to 1h"]),
        ("capture:\n  ring_bytes: 1 MiBB\n", &[], &[], &["is not a size such as"]),
        (
            "capture:\n  ring_bytes: 18446744073709551615 GiB\n",
            &[],
            &[],
            &["is not a size such as"],
        ),
        (
            "capture:\n  mode: af_paket\n",
            &[],
            &[],
            &["none of auto, af_packet; did you mean `af_packet`?"],
        ),
        ("capture:\n  mode: [auto]\n", &[], &[], &["FILE:2:", "one choice is wanted, not a list"]),
        ("l7:\n  on: yes\n", &[], &[], &["neither `true` nor `false`"]),
        ("l7:\n  enabled: [[a]]\n", &[], &[], &["FILE:2:", "plain values only"]),
        ("capture: [\n", &[], &[], &["FILE:"]),
        ("capture:\n  mode: auto\n  mode: auto\n", &[], &[], &["FILE:3"]),
        ("just text\n", &[], &[], &["FILE:1:", "sections and keys"]),
        (
            "",
            &[("FATHOM_AGENT__FLOW__PAYLOAD", "-1")],
            &[],
            &["$FATHOM_AGENT__FLOW__PAYLOAD: flow.payload: -1 is outside"],
        ),
        ("", &[("FATHOM_AGENT__FLOWS__PAYLOAD", "1")], &[], &["did you mean `flow.payload`?"]),
        (
            "",
            &[],
            &[("l7.om", "true")],
            &["command line: unknown key `l7.om`; did you mean `l7.on`?"],
        ),
    ];
    for (yaml, env, pairs, wants) in cases {
        let message = load(yaml, env, pairs).expect_err(yaml);
        for want in *wants {
            assert!(message.contains(want), "{yaml:?}: {message:?} lacks {want:?}");
        }
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let e = load("flow:\n  payload: x\n  idle: y\n", &[], &[("nope", "1")]).unwrap_err();
    assert_eq!(e.lines().count(), 3, "{e}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = std::path::Path::new("/nonexistent/agent.yaml");
    let e = Settings::check(&AGENT, missing).unwrap_err().to_string();
    assert!(e.starts_with("/nonexistent/agent.yaml: cannot be read"), "{e}");
}

#[test]
fn values_print_as_they_are_written() {
    // Every text must read back as itself: `config show` output can be pasted into a file.
    let cases = [
        ("flow.idle", "1500ms", "1500ms"),
        ("flow.idle", "60s", "1m"),
        ("flow.idle", "0.5h", "30m"),
        ("flow.idle", "10_000us", "10ms"),
        ("capture.ring_bytes", "1048576", "1 MiB"),
        ("capture.ring_bytes", "1.5 gib", "1536 MiB"),
        ("capture.ring_bytes", "2 MB", "2000000 B"),
        ("flow.payload", "1_024", "1024"),
        ("l7.enabled", "a,b,,c", "a, b, c"),
    ];
    for (key, text, shown) in cases {
        let s = load("", &[], &[(key, text)]).unwrap();
        assert_eq!(s.get(key).0.to_string(), shown);
        let again = load("", &[], &[(key, shown)]).unwrap();
        assert_eq!(again.get(key).0, s.get(key).0);
    }
}

#[test]
fn show_hides_secrets_and_names_origins() {
    let s = load("flow:\n  payload: 10\n", &[], &[("server.token", "hunter2")]).unwrap();
    let table = s.show();
    assert!(!table.contains("hunter2"));
    assert!(table.contains("(hidden)"));
    let row = table.lines().find(|l| l.starts_with("flow.payload")).unwrap();
    assert!(row.contains("10") && row.contains(":2") && row.ends_with("1024"), "{row}");
}

#[test]
fn changes_say_when_they_apply() {
    let old = load("", &[], &[]).unwrap();
    let new = load("flow: {idle: 10s, payload: 7}\n", &[], &[]).unwrap();
    let changes: Vec<_> = old.changes(&new).into_iter().map(|(k, a)| (k.path, a.name())).collect();
    assert_eq!(changes, [("flow.idle", "next flow"), ("flow.payload", "now")]);
}

#[test]
fn schema_and_page_cover_every_key() {
    let schema: serde_json::Value = serde_json::from_str(&AGENT.json_schema()).unwrap();
    let page = AGENT.markdown();
    for key in KEYS {
        let mut node = &schema;
        for part in key.path.split('.') {
            node = &node["properties"][part];
        }
        assert_eq!(node["title"], key.path);
        assert!(page.contains(&format!("| `{}` |", key.path)));
    }
    assert!(page.contains("Which \\| interfaces."));
    assert_eq!(schema["properties"]["flow"]["properties"]["payload"]["maximum"], 65_535);
}
