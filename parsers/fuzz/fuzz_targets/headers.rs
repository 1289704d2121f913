//! Feeds arbitrary bytes to the headers entry of the test driver, which checks the contract.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fathom_parsers::testing::fuzz_headers(data));
