//! Replays the fuzz targets' corpora, and mutations of them, through the same entry functions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::testing::{fuzz_dns, fuzz_headers, fuzz_http1};
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

type Entry = fn(&[u8]);

const TARGETS: [(&str, Entry); 3] =
    [("headers", fuzz_headers), ("http1", fuzz_http1), ("dns", fuzz_dns)];

#[test]
fn corpora_and_all_their_prefixes() {
    for (target, entry) in TARGETS {
        for input in corpus(target) {
            (0..=input.len()).for_each(|n| entry(&input[..n]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn mutated_corpora(
        target in 0..TARGETS.len(),
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        doubled in any::<prop::sample::Index>(),
    ) {
        let (name, entry) = TARGETS[target];
        let all = corpus(name);
        let mut input = all[which.index(all.len())].clone();
        let from = doubled.index(input.len());
        input.extend_from_within(from..);
        for (at, byte) in damage {
            let at = at.index(input.len());
            input[at] = byte;
        }
        entry(&input);
    }
}
