//! Every protocol that is understood is described for its users: `parsers/protocols`, from which
//! `docs/protocols.md` is made.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::registry::ENTRIES;
use std::path::Path;

#[test]
fn every_protocol() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let files = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path());
    let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    for protocol in
        ENTRIES.iter().flat_map(|e| std::iter::once(e.protocol).chain(e.also.iter().copied()))
    {
        let name = format!("name = \"{}\"\n", protocol.name());
        let described = texts.iter().filter(|text| text.starts_with(&name)).count();
        assert_eq!(described, 1, "descriptions of {} in {}", protocol.name(), folder.display());
    }
}
