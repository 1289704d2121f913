//! Interfaces and network namespaces: what the kernel says of them, and that changes are heard of.
//!
//! Needs the right to make a network namespace; says that it is skipped elsewhere.

#[path = "support/netns.rs"]
mod netns;
#[path = "support/packets.rs"]
mod packets;

use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;

use fathom_ring::interfaces::{self, Info, Links};
use fathom_ring::namespace::{self, Namespace};
use netns::{ip, with_wire};

fn named<'a>(all: &'a [Info], name: &str) -> &'a Info {
    all.iter().find(|i| i.name == name).expect("it is listed")
}

#[test]
fn kinds_masters_links_and_addresses_are_known() {
    with_wire(|| {
        for words in [
            "link add br0 type bridge",
            "link add name over link v1 type macvlan",
            "link set v0 master br0",
            "link add two numrxqueues 3 type veth peer name other",
            "link set br0 up",
            "addr add 192.168.77.1/24 dev br0",
            "addr add fd77::1/64 dev v1",
            "route add default via 192.168.77.9",
        ] {
            assert!(ip(words), "{words}");
        }
        let mut links = Links::new().expect("the kernel answers");
        let all = links.list().expect("the kernel answers");
        let (v0, v1, br0, over) =
            (named(&all, "v0"), named(&all, "v1"), named(&all, "br0"), named(&all, "over"));
        assert_eq!((&*v0.kind, &*v0.port_of, v0.master), ("veth", "bridge", br0.index));
        assert_eq!((v0.link, v0.link_elsewhere), (v1.index, false));
        assert_eq!((&*br0.kind, br0.master), ("bridge", 0));
        assert_eq!((&*over.kind, over.link), ("macvlan", v1.index));
        assert_eq!(named(&all, "two").queues, 3);
        assert_eq!(named(&all, "lo").kind, "");
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(v1.addresses.contains(&address("fd77::1")));
        assert_eq!(br0.own_address(), Some(address("192.168.77.1")));
        assert_eq!(v1.own_address(), Some(address("fd77::1")));
        assert_eq!(v0.own_address(), None);
        assert_eq!(links.default_routes(), [br0.index]);

        let found = links.find("v1").expect("it exists");
        assert_eq!(found, Info { addresses: Vec::new(), ..v1.clone() });
        assert!(matches!(links.find("v9"), Err(fathom_ring::Error::NoInterface(n)) if n == "v9"));
    });
}

#[test]
fn changes_are_heard_of() {
    with_wire(|| {
        let mut links = Links::new().expect("the kernel answers");
        let fd = [links.as_raw_fd()];
        links.changed();
        for words in [
            "link add fresh type bridge",
            "link set fresh up",
            "addr add 10.1.1.1/32 dev fresh",
            "link delete fresh",
        ] {
            assert!(!links.changed(), "{words} has not happened yet");
            assert!(ip(words), "{words}");
            assert!(interfaces::wait(&fd, Duration::from_secs(10)), "{words}");
            assert!(links.changed(), "{words}");
            // One change is told in several messages.
            while interfaces::wait(&fd, Duration::from_millis(50)) {
                links.changed();
            }
        }
    });
}

#[test]
fn another_namespace_is_found_entered_and_left() {
    let name = format!("fathom-agent-ns{}", std::process::id());
    let made = Command::new("ip").args(["netns", "add", &name]).output();
    if !made.is_ok_and(|o| o.status.success()) {
        return eprintln!("SKIPPED: no network namespace can be made here");
    }
    struct Gone<'a>(&'a str);
    impl Drop for Gone<'_> {
        fn drop(&mut self) {
            let _ = Command::new("ip").args(["netns", "delete", self.0]).status();
        }
    }
    let gone = Gone(&name);
    let own = Namespace::own().expect("/proc is there");
    let other = Namespace::named(&name).expect("it was just made");
    assert_ne!(own.id(), other.id());
    assert_eq!(other.name(), name);

    let mut links = other
        .run(|| {
            assert_eq!(Namespace::own().expect("/proc is there").id(), other.id());
            assert!(ip("link add inside type bridge"));
            Links::new().expect("the kernel answers")
        })
        .expect("root may enter");
    assert_eq!(Namespace::own().expect("/proc is there").id(), own.id());
    // What was made inside stays there.
    assert!(links.list().expect("the kernel answers").iter().any(|i| i.name == "inside"));
    assert!(interfaces::find("inside").is_err());

    let (all, count) = namespace::found();
    assert!(count >= all.len());
    let found = all.iter().find(|f| f.name == name).expect("it has a name");
    assert_eq!(found.id, other.id());
    assert_eq!(found.open().expect("it is there").id(), other.id());
    assert!(all.iter().any(|f| f.id == own.id()), "ours has a process");

    for wrong in ["no-such-namespace", "/proc/self/status", "/proc/self/ns/mnt"] {
        let error = Namespace::named(wrong).expect_err("it is none").to_string();
        assert!(error.contains(wrong.rsplit('/').next().expect("a name")), "{error}");
    }
    drop((links, other, gone));
    let again = namespace::found().0;
    assert!(!again.iter().any(|f| f.name == name));
}
