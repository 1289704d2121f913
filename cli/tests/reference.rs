//! Pages that are made from the key tables of both programs are as committed.
//!
//! `FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-cli --test reference` writes them again.

use fathom_dataplane::config::PROGRAM as AGENT;
use fathom_server::config::PROGRAM as SERVER;
use fathom_settings::Program;
use std::path::Path;

const HEAD: &str = "\
# Settings

This page is generated from the key tables in `dataplane/src/config.rs` and `server/src/config.rs`.

Every key is optional. Values come from, later ones winning: the default, the YAML file, the
environment, the command line (`--set KEY=VALUE`). In the file, keys nest at their dots
(`capture: {interface: eth0}`); in the environment dots become two underscores and letters capital
(`FATHOM_AGENT__CAPTURE__INTERFACE`). Times are written with their unit (`500ms`, `10s`, `2m`, `1h`),
sizes too (`64 MiB`). An unknown key is an error that names the nearest one.

`fathom-agent config show` and `fathom-server config show` print every value and where it came from;
`config check FILE` says whether a file is right. `agent.schema.json` and `server.schema.json` beside
this page are JSON schemas for editors. The column *applies* says when a change takes effect: at once
on reload (SIGHUP), for flows that begin after it, or at the next start.
";

fn programs() -> [&'static Program; 2] {
    [&AGENT, &SERVER]
}

#[test]
fn the_key_tables_have_no_mistakes() {
    for program in programs() {
        assert_eq!(program.mistakes(), Vec::<String>::new(), "{}", program.name);
    }
}

#[test]
fn the_generated_pages_are_current() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page: Vec<String> = programs().iter().map(|p| p.markdown()).collect();
    let mut files = vec![("config.md".to_string(), format!("{HEAD}\n{}", page.join("\n")))];
    for program in programs() {
        files.push((format!("{}.schema.json", program.name), program.json_schema()));
    }
    let mut stale = Vec::new();
    for (name, want) in files {
        let path = docs.join(&name);
        if std::env::var_os("FATHOM_UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, want).expect("the page can be written");
        } else if std::fs::read_to_string(&path).ok() != Some(want) {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?} in docs/ are not what the key tables say; run FATHOM_UPDATE_GOLDENS=1 cargo \
            test -p fathom-cli --test reference"
    );
}
