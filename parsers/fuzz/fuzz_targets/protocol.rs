//! Feeds arbitrary bytes to the parser that `$FATHOM_FUZZ` names, through the test driver, which
//! checks the contract.
#![no_main]

use fathom_parsers::message::L7Protocol;
use fathom_parsers::testing::fuzz_protocol;
use std::sync::LazyLock;

static PROTOCOL: LazyLock<L7Protocol> = LazyLock::new(|| {
    let name = std::env::var("FATHOM_FUZZ").expect("FATHOM_FUZZ names a protocol");
    L7Protocol::from_name(&name).expect("FATHOM_FUZZ names a protocol, as l7_protocol spells it")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_protocol(*PROTOCOL, data));
