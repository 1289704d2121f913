//! Replays the fuzz targets' corpora, and mutations of them, through the same entry functions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::registry::ENTRIES;
use fathom_parsers::testing::{fuzz_headers, fuzz_protocol};
use proptest::prelude::*;
use std::path::Path;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5, "{} inputs in {}", files.len(), folder.display());
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// `headers`, or the protocol with that name in small letters.
fn fuzz(target: &str, input: &[u8]) {
    match ENTRIES.iter().find(|e| e.protocol.name().eq_ignore_ascii_case(target)) {
        Some(entry) => fuzz_protocol(entry.protocol, input),
        None => fuzz_headers(input),
    }
}

fn targets() -> Vec<String> {
    let protocols = ENTRIES.iter().map(|e| e.protocol.name().to_ascii_lowercase());
    protocols.chain(["headers".to_owned()]).collect()
}

#[test]
fn corpora_and_all_their_prefixes() {
    for target in targets() {
        for input in corpus(&target) {
            (0..=input.len()).for_each(|n| fuzz(&target, &input[..n]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn mutated_corpora(
        target in prop::sample::select(targets()),
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        doubled in any::<prop::sample::Index>(),
    ) {
        let all = corpus(&target);
        let mut input = all[which.index(all.len())].clone();
        let from = doubled.index(input.len());
        input.extend_from_within(from..);
        for (at, byte) in damage {
            let at = at.index(input.len());
            input[at] = byte;
        }
        fuzz(&target, &input);
    }
}
