//! Probing on whatever machine the tests run on: the answers must agree with one another and with
//! what can be checked another way.

use fathom_ebpf::{Btf, BtfError, Capabilities, Capability, ProgramKind, State};

#[test]
fn answers_are_consistent() {
    let found = Capabilities::probe();
    eprintln!("{found}");
    assert_ne!(found.kernel, "unknown");
    assert_eq!(found.programs.len(), ProgramKind::ALL.len());
    assert_eq!(found.btf.state.is_yes(), Btf::of_kernel().is_ok());
    // A program that needs BTF cannot load where there is none.
    for kind in [ProgramKind::TypedTracepoint, ProgramKind::FunctionEntry] {
        assert!(found.btf.state.is_yes() || !found.program(kind).is_some_and(State::is_yes));
    }
    // A packet socket without CAP_NET_RAW is refused by every kernel.
    if !found.privileges.has(Capability::NetRaw) {
        assert!(!found.capture().is_yes());
    }
    for (kind, state) in &found.programs {
        if let State::No { why, remedy } = state {
            assert!(!why.is_empty() && !remedy.is_empty(), "{}", kind.name());
        }
    }
    let text = found.to_string();
    for feature in found.features() {
        assert!(text.contains(feature.name));
    }
}

#[test]
fn probing_leaves_no_descriptor_open() {
    let count = || std::fs::read_dir("/proc/self/fd").expect("proc is mounted").count();
    let _ = Capabilities::probe();
    let before = count();
    for _ in 0..3 {
        let _ = Capabilities::probe();
    }
    // The other test of this file may have a few open at either moment, never dozens.
    assert!(count() < before + 8);
}

/// A blob with one type of every kind before the one that is looked for.
fn sample() -> Vec<u8> {
    let mut strings = vec![0];
    let mut name = |s: &str| {
        let at = strings.len() as u32;
        strings.extend_from_slice(s.as_bytes());
        strings.push(0);
        at
    };
    let (wanted, trace, other) = (name("tcp_sendmsg"), name("btf_trace_sched_switch"), name("x"));
    let mut types: Vec<u8> = Vec::new();
    let mut put = |name: u32, kind: u32, vlen: u32, trailer: usize| {
        for word in [name, kind << 24 | vlen, 0] {
            types.extend_from_slice(&word.to_ne_bytes());
        }
        types.resize(types.len() + trailer, 0xaa);
    };
    let trailers = [
        (1, 0, 4),
        (2, 0, 0),
        (3, 0, 12),
        (4, 2, 24),
        (5, 1, 12),
        (6, 3, 24),
        (7, 0, 0),
        (8, 0, 0),
        (9, 0, 0),
        (10, 0, 0),
        (11, 0, 0),
        (12, 1, 0),
        (13, 2, 16),
        (14, 0, 4),
        (15, 2, 24),
        (16, 0, 0),
        (17, 0, 4),
        (18, 0, 0),
        (19, 2, 24),
    ];
    for (kind, vlen, trailer) in trailers {
        put(other, kind, vlen, trailer);
    }
    put(wanted, 12, 1, 0);
    put(trace, 8, 0, 0);
    let mut blob = Vec::new();
    blob.extend_from_slice(&0xeb9f_u16.to_ne_bytes());
    blob.extend_from_slice(&[1, 0]);
    for word in [24, 0, types.len() as u32, types.len() as u32, strings.len() as u32] {
        blob.extend_from_slice(&word.to_ne_bytes());
    }
    blob.extend_from_slice(&types);
    blob.extend_from_slice(&strings);
    blob
}

#[test]
fn types_are_found_by_name_and_kind() {
    let btf = Btf::parse(&sample()).unwrap();
    assert_eq!(btf.function("tcp_sendmsg"), Some(20));
    assert_eq!(btf.tracepoint("sched_switch"), Some(21));
    assert_eq!(btf.function("sched_switch"), None);
    assert_eq!(btf.function("x"), Some(12));
}

#[test]
fn broken_type_information_is_an_error_or_finds_nothing() {
    assert_eq!(Btf::parse(b"").unwrap_err(), BtfError::Malformed("no header"));
    assert_eq!(Btf::parse(&[0; 24]).unwrap_err(), BtfError::Malformed("wrong magic"));
    let whole = sample();
    for cut in 0..whole.len() {
        assert!(Btf::parse(&whole[..cut]).is_err(), "{cut} of {} bytes", whole.len());
    }
    for at in 0..whole.len() {
        let mut blob = whole.clone();
        blob[at] ^= 0xff;
        if let Ok(btf) = Btf::parse(&blob) {
            let _ = (btf.function("tcp_sendmsg"), btf.tracepoint("sched_switch"));
        }
    }
}

#[test]
fn the_running_kernel_has_the_functions_it_must_have() {
    match Btf::of_kernel() {
        Ok(btf) => {
            assert!(btf.function("tcp_sendmsg").is_some());
            assert!(btf.tracepoint("sched_switch").is_some());
            assert_eq!(btf.function("no_such_function_anywhere"), None);
        }
        Err(e) => eprintln!("skipped: {e}"),
    }
}

#[test]
fn what_af_xdp_can_use_is_told() {
    let found = Capabilities::probe();
    let text = found.to_string();
    // Every network namespace has this one; no driver of its own, one queue.
    let lo = found.interfaces.iter().find(|i| i.name == "lo").expect("lo is there");
    assert_eq!(lo.device.queues, 1);
    assert!(lo.device.features.is_none_or(|f| !f.driver() && !f.zero_copy()));
    assert!(text.lines().any(|l| l.starts_with("XDP on lo")), "{text}");
    // Several buffers are more than memory, and memory is more than a socket.
    let order = [&found.xdp_parts, &found.xdp_memory, &found.af_xdp];
    assert!(order.is_sorted_by_key(|f| f.state.is_yes()), "{order:?}");
    if found.xdp_memory.state.is_yes() && !found.privileges.has(Capability::IpcLock) {
        assert!(matches!(&found.xdp_memory.state, State::Yes(how) if how.contains("KiB")));
    }
}
