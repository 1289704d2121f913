//! Capture files of every variant: each frame, its lengths, its time and its link type come out
//! as they went in; what cannot be read is said and counted.

#[path = "support/builder.rs"]
mod builder;

use std::io::Write;

use builder::{Order, Pcap, Pcapng, Seen, drain, small_pcap, small_pcapng, warnings};
use fathom_ring::file::{self, FileSource};
use fathom_ring::{Error, LinkType, Source};

const SECOND: u64 = 1_000_000_000;

fn open(bytes: Vec<u8>) -> FileSource {
    file::from_bytes(bytes).expect("a readable header")
}

fn frames(bytes: Vec<u8>) -> Vec<Seen> {
    let mut source = open(bytes);
    let (seen, error) = drain(&mut source, 3);
    assert!(error.is_none(), "{error:?}");
    let counters = source.counters();
    assert_eq!(counters.received, seen.len() as u64);
    assert_eq!(counters.bytes, seen.iter().map(|s| u64::from(s.wire_len)).sum::<u64>());
    assert_eq!(counters.dropped_corrupt, 0);
    assert_eq!(warnings(&mut source), Vec::<String>::new());
    seen
}

fn bad(bytes: Vec<u8>) -> String {
    match file::from_bytes(bytes) {
        Err(Error::BadFile(what)) => what,
        Err(other) => panic!("{other:?}"),
        Ok(source) => panic!("opened: {}", source.describe()),
    }
}

#[test]
fn pcap_byte_orders_and_time_units() {
    for order in [Order::Little, Order::Big] {
        for (magic, unit_ns) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1), (0xa1b2_cd34, 1000)] {
            let seen = frames(
                Pcap::new(order, magic, 1)
                    .record(1_700_000_000, 999_999, 4, &[1, 2, 3, 4])
                    .record(1_700_000_001, 5, 1514, &[9; 60])
                    .bytes,
            );
            let expect = |n: usize| Seen {
                data: [vec![1, 2, 3, 4], vec![9; 60]][n].clone(),
                wire_len: [4, 1514][n],
                time_ns: (1_700_000_000 + n as u64) * SECOND + [999_999, 5][n] * unit_ns,
                interface: 0,
                link: LinkType::Ethernet,
            };
            assert_eq!(seen, [expect(0), expect(1)], "magic {magic:x}");
        }
    }
}

#[test]
fn pcap_link_types() {
    for (number, link) in [
        (1, LinkType::Ethernet),
        (113, LinkType::LinuxSll),
        (276, LinkType::LinuxSll2),
        (101, LinkType::RawIp),
        (12, LinkType::RawIp),
        (14, LinkType::RawIp),
        (228, LinkType::RawIp),
        (229, LinkType::RawIp),
        (0, LinkType::Null),
        (108, LinkType::Null),
    ] {
        let seen =
            frames(Pcap::new(Order::Little, 0xa1b2_c3d4, number).record(0, 0, 1, &[0]).bytes);
        assert_eq!(seen[0].link, link, "{number}");
    }
    let what = bad(Pcap::new(Order::Little, 0xa1b2_c3d4, 105).bytes);
    assert!(
        what.contains("105 (IEEE 802.11)") && what.contains("Ethernet, Linux cooked"),
        "{what}"
    );
}

#[test]
fn pcap_frame_check_sequence_is_not_part_of_the_frame() {
    // Four bytes of FCS: two 16-bit words, present bit set. A cut frame has lost them already.
    let network = 2 << 28 | 0x0400_0000 | 1;
    let seen = frames(
        Pcap::new(Order::Little, 0xa1b2_c3d4, network)
            .record(0, 0, 64, &[7; 64])
            .record(0, 0, 1518, &[7; 64])
            .record(0, 0, 66, &[7; 64])
            .bytes,
    );
    let lengths: Vec<_> = seen.iter().map(|s| (s.data.len(), s.wire_len)).collect();
    assert_eq!(lengths, [(60, 60), (64, 1514), (62, 62)]);
    // Without the present bit the upper bits say nothing.
    let seen =
        frames(Pcap::new(Order::Big, 0xa1b2_c3d4, 2 << 28 | 1).record(0, 0, 64, &[7; 64]).bytes);
    assert_eq!(seen[0].data.len(), 64);
}

#[test]
fn pcap_versions() {
    // Before 2.3 the lengths stood the other way round. The last is 2.4 in the wrong byte order.
    for version in [[2, 2], [2, 3], [2, 4], [2, 5], [0x200, 0x400]] {
        let file = Pcap::version(Order::Little, 0xa1b2_c3d4, version, 1);
        let seen = frames(file.record(1, 0, 100, &[1; 40]).bytes);
        assert_eq!((seen[0].data.len(), seen[0].wire_len), (40, 100), "{version:?}");
    }
    assert!(bad(Pcap::version(Order::Big, 0xa1b2_c3d4, [1, 9], 1).bytes).contains("version 1.9"));
}

#[test]
fn lengths_and_times_that_contradict_themselves_are_tolerated() {
    let seen = frames(
        Pcap::new(Order::Little, 0xa1b2_c3d4, 1)
            .record(10, 2_500_000, 3, &[1; 40])
            .record(u32::MAX, u32::MAX, 0, &[])
            .bytes,
    );
    assert_eq!((seen[0].data.len(), seen[0].wire_len), (40, 40));
    assert_eq!(seen[0].time_ns, 12 * SECOND + SECOND / 2);
    assert_eq!(seen[1].data.len(), 0);
}

#[test]
fn pcapng_sections_interfaces_and_packet_blocks() {
    for order in [Order::Little, Order::Big] {
        let mut source = open(small_pcapng(order));
        let (seen, error) = drain(&mut source, 64);
        assert!(error.is_none(), "{error:?}");
        let row = |s: &Seen| (s.data.clone(), s.wire_len, s.time_ns, s.interface, s.link);
        let at = |s: u64| (1_700_000_000 + s) * SECOND;
        let expected = [
            (vec![1; 20], 20, at(0), 0, LinkType::Ethernet),
            (vec![2; 21], 90, at(1), 1, LinkType::RawIp),
            // A simple packet has no time: it takes that of the packet before it.
            (vec![3; 22], 22, at(1), 0, LinkType::Ethernet),
            (vec![4; 23], 23, at(2), 2, LinkType::LinuxSll),
            (vec![5; 24], 24, at(3), 2, LinkType::LinuxSll),
            (vec![6; 25], 25, at(3), 2, LinkType::LinuxSll),
        ];
        assert_eq!(seen.iter().map(row).collect::<Vec<_>>(), expected);
        let names: Vec<_> = source.interfaces().iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["eth0", "tun0", ""]);
        assert_eq!(source.counters().truncated, 1);
    }
}

#[test]
fn pcapng_clocks() {
    let day = 86_400i64;
    let year_2023 = 1_700_000_000;
    for (resolution, offset, ticks, expect_ns) in [
        (None, 0, year_2023 * 1_000_000 + 7, year_2023 * SECOND + 7000),
        (Some(0), 0, year_2023, year_2023 * SECOND),
        (Some(3), 0, year_2023 * 1000 + 1, year_2023 * SECOND + 1_000_000),
        (Some(9), 0, year_2023 * SECOND + 1, year_2023 * SECOND + 1),
        (Some(10), 0, year_2023 * SECOND * 10 + 19, year_2023 * SECOND + 1),
        (Some(0x80), 0, year_2023, year_2023 * SECOND),
        (Some(0x8a), 0, year_2023 * 1024 + 512, year_2023 * SECOND + SECOND / 2),
        (Some(0x80 | 30), 0, (year_2023 << 30) + (1 << 28), year_2023 * SECOND + SECOND / 4),
        (Some(6), day, 1_000_000, 86_401 * SECOND),
        (Some(6), -1, 2_000_000, SECOND),
        // Before 1970, beyond 2554, and resolutions nobody has: cut, not wrapped.
        (Some(6), -day, 1, 0),
        (Some(0), 0, u64::MAX, u64::MAX),
        (Some(127), 0, u64::MAX, 0),
        (Some(0xff), 0, u64::MAX, 0),
        (Some(6), i64::MAX, u64::MAX, u64::MAX),
    ] {
        for order in [Order::Little, Order::Big] {
            let offset_bytes = order.u64(offset as u64);
            let resolution_bytes = [resolution.unwrap_or(0)];
            let mut options: Vec<(u16, &[u8])> = vec![(14, &offset_bytes)];
            if resolution.is_some() {
                options.push((9, &resolution_bytes));
            }
            let file = Pcapng::new(order).interface(1, 0, &options).enhanced(0, ticks, 1, &[0]);
            assert_eq!(frames(file.bytes)[0].time_ns, expect_ns, "{resolution:?} {offset} {ticks}");
        }
    }
}

#[test]
fn pcapng_interface_options() {
    let file = Pcapng::new(Order::Little)
        .interface(1, 0, &[(2, b"wan\0junk"), (6, &[2, 0, 0, 0, 0, 1]), (13, &[4]), (0, b"")])
        .enhanced(0, 0, 64, &[1; 64]);
    let mut source = open(file.bytes);
    let (seen, _) = drain(&mut source, 1);
    assert_eq!(source.interfaces()[0].name, "wan");
    assert_eq!(source.interfaces()[0].mac, [2, 0, 0, 0, 0, 1]);
    assert_eq!((seen[0].data.len(), seen[0].wire_len), (60, 60));
}

#[test]
fn pcapng_simple_packets_are_bounded_by_the_snap_length() {
    let seen = frames(Pcapng::new(Order::Big).interface(1, 18, &[]).simple(99, &[1; 20]).bytes);
    assert_eq!((seen[0].data.len(), seen[0].wire_len), (18, 99));
}

#[test]
fn pcapng_frames_of_an_unreadable_link_type_are_counted() {
    let file = Pcapng::new(Order::Little)
        .interface(127, 0, &[])
        .interface(1, 0, &[])
        .enhanced(0, 0, 4, &[0; 4])
        .enhanced(1, 0, 4, &[1; 4])
        .enhanced(0, 0, 4, &[0; 4]);
    let mut source = open(file.bytes);
    let (seen, error) = drain(&mut source, 8);
    assert!(error.is_none());
    assert_eq!(seen.len(), 1);
    assert_eq!(source.counters().dropped_link_type, 2);
    let told = warnings(&mut source);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("127 (IEEE 802.11 with radiotap header)"), "{told:?}");
}

#[test]
fn headers_that_are_none() {
    assert!(bad(Vec::new()).contains("empty"));
    assert!(bad(b"GIF89a, surely not a capture file".to_vec()).contains("neither a pcap nor"));
    assert!(bad(small_pcap(Order::Little)[..20].to_vec()).contains("inside its header"));
    assert!(bad(small_pcapng(Order::Big)[..20].to_vec()).contains("inside its header"));
    let mut section = Pcapng::new(Order::Little).bytes;
    section[8] ^= 0xff;
    assert!(bad(section).contains("byte order"));
}

/// What is broken, its bytes, how many frames come before, and what the error says.
#[test]
fn corruption_with_data_behind_it_is_an_error_after_the_frames_before_it() {
    let good = || Pcap::new(Order::Little, 0xa1b2_c3d4, 1).record(0, 0, 4, &[1; 4]);
    let huge = [[0; 8], [0xff; 8]].concat();
    let mut too_long_here = good().bytes;
    too_long_here
        .extend([&[0; 8][..], &200u32.to_le_bytes(), &60u32.to_le_bytes(), &[0; 60]].concat());
    let block = || Pcapng::new(Order::Little).interface(1, 0, &[]).enhanced(0, 0, 4, &[1; 4]);
    let mut trailer = block().enhanced(0, 0, 4, &[2; 4]).bytes;
    let at = trailer.len() - 4;
    trailer[at] ^= 8;
    let mut inner = block().enhanced(0, 0, 4, &[2; 4]).bytes;
    let at = inner.len() - 16 - 4 - 4 - 4 - 4;
    inner[at] = 0xff;
    for (name, bytes, want) in [
        ("over the limit", [good().bytes, huge, vec![0; 40]].concat(), "256 KiB"),
        ("longer than frame and file", too_long_here, "more than the file holds"),
        ("lengths differ", trailer, "two lengths differ"),
        ("frame longer than block", inner, "longer than its block"),
        ("unknown interface", block().enhanced(5, 0, 4, &[2; 4]).bytes, "not described"),
        (
            "short block",
            [block().bytes, vec![6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]].concat(),
            "shorter",
        ),
        ("long block", [block().bytes, vec![0xff; 64]].concat(), "16 MiB"),
        ("tiny packet block", block().block(6, &[0; 8]).bytes, "too short"),
        ("tiny description", block().block(1, &[0; 4]).bytes, "too short"),
    ] {
        let offset = bytes.len();
        let mut source = open(bytes);
        let (seen, error) = drain(&mut source, 64);
        assert_eq!(seen.len(), 1, "{name}");
        match error {
            Some(Error::Corrupt { offset: at, what, .. }) => {
                assert!(what.contains(want), "{name}: {what}");
                assert!(at > 24 && at < offset as u64, "{name}: {at}");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert!(source.finished(), "{name}");
        assert_eq!(source.counters().dropped_corrupt, 1, "{name}");
    }
}

#[test]
fn a_file_cut_in_its_last_record_is_a_warning() {
    let mut bytes = small_pcap(Order::Little);
    bytes.truncate(bytes.len() - 3);
    let mut source = open(bytes);
    let (seen, error) = drain(&mut source, 64);
    assert!(error.is_none());
    assert_eq!(seen.len(), 5);
    assert!(source.finished());
    assert_eq!(source.counters().dropped_corrupt, 1);
    let told = warnings(&mut source);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("cut in its last record, 38 bytes"), "{told:?}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every write")
}

#[test]
fn files_plain_and_compressed_read_the_same() {
    let plain = small_pcapng(Order::Little);
    let expected = frames(plain.clone());
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = plain.split_at(100);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 1][..], &zstd(&plain)].concat();
    for (name, bytes, kind) in [
        ("plain", plain.clone(), "read"),
        ("gz", gzip(&plain), "decompressed"),
        ("gz in two members", [gzip(first), gzip(second)].concat(), "decompressed"),
        ("zst", zstd(&plain), "decompressed"),
        ("zst in two frames", [zstd(first), zstd(second)].concat(), "decompressed"),
        ("zst behind a skippable frame", skippable, "decompressed"),
    ] {
        // By content, not by name.
        let path = dir.path().join("capture");
        std::fs::write(&path, &bytes).unwrap();
        let mut source = file::open(&path).unwrap();
        assert!(source.describe().contains(kind), "{name}: {}", source.describe());
        let (seen, error) = drain(&mut source, 2);
        assert!(error.is_none(), "{name}: {error:?}");
        assert_eq!(seen, expected, "{name}");
        assert_eq!(source.position(), plain.len() as u64, "{name}");
        assert_eq!(frames(bytes), expected, "{name} from memory");
    }
}

#[test]
fn compressed_data_that_is_cut_or_broken() {
    // Frames that do not compress, so that the damage is in the middle of them.
    let mut file = Pcap::new(Order::Little, 0xa1b2_c3d4, 1);
    let mut state = 1u32;
    for n in 0..400 {
        let data: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(1000)
        .collect();
        file = file.record(n, 0, 1000, &data);
    }
    let whole = frames(file.bytes.clone());
    for packed in [gzip(&file.bytes), zstd::encode_all(&file.bytes[..], 1).unwrap()] {
        let mut source = open(packed[..packed.len() / 2].to_vec());
        let (seen, error) = drain(&mut source, 64);
        assert!(error.is_none(), "{error:?}");
        assert!(seen.len() > 50 && whole.starts_with(&seen), "{} frames", seen.len());
        assert!(warnings(&mut source).iter().any(|w| w.contains("compressed data is cut")));
    }
    let mut packed = gzip(&file.bytes);
    let at = packed.len() - 6;
    packed[at] ^= 0xff;
    let (_, error) = drain(&mut open(packed), 64);
    assert!(
        matches!(error, Some(Error::Corrupt { what: "the compressed data is broken", .. })),
        "{error:?}"
    );
}

#[test]
fn what_cannot_be_opened_says_why() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().join("absent"), dir.path().to_path_buf()] {
        match file::open(&path) {
            Err(Error::BadFile(what)) => {
                assert!(what.contains("No such file") || what.contains("directory"), "{what}");
            }
            _ => panic!("{path:?} opened"),
        }
    }
    let path = dir.path().join("empty");
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(file::open(&path), Err(Error::BadFile(what)) if what.contains("empty")));
}
