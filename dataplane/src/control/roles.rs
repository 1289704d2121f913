//! What the agent is to each interface: an observer, whose rings take copies and leave the traffic
//! alone, or the end of a wire, which takes the packets themselves.
//!
//! The second is for mirror, SPAN and TAP ports. On an interface that carries this host's own
//! traffic it would take the network away from the host, so it is refused there, in a sentence.

use fathom_ring::interfaces::Info;

use crate::config::{Config, Mode};

/// What is done with an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// AF_PACKET: copies.
    Observe,
    /// AF_XDP: the packets themselves.
    Terminate,
}

/// An interface that is to be captured.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    pub(super) info: &'a Info,
    pub(super) role: Role,
    /// Why this role, for the log.
    pub(super) why: &'static str,
}

/// Chooses among the interfaces of a namespace; also says which wanted ones are left out, and why.
pub(super) fn choose<'a>(
    all: &'a [Info],
    default_routes: &[u32],
    config: &Config,
) -> (Vec<Choice<'a>>, Vec<(String, String)>) {
    let (mut chosen, mut refused) = (Vec::new(), Vec::new());
    if config.mode == Mode::None {
        return (chosen, refused);
    }
    for info in all.iter().filter(|i| i.up && i.link().is_some()) {
        let (role, why) = if config.terminates(&info.name) {
            (Role::Terminate, "capture.terminate names it")
        } else if !config.wants(&info.name) {
            continue;
        } else if config.mode == Mode::AfXdp {
            (Role::Terminate, "capture.mode is af_xdp")
        } else if config.interfaces.is_none() {
            (Role::Observe, "it is up")
        } else {
            (Role::Observe, "capture.interface names it")
        };
        if role == Role::Terminate
            && !config.take_host_traffic
            && let Some(harm) = harm(info, all, default_routes)
        {
            refused.push((
                info.name.clone(),
                format!(
                    "{harm}: AF_XDP would take every packet away from it; observe it with af_packet \
                     (capture.interface), or set capture.take_host_traffic if that is meant"
                ),
            ));
            continue;
        }
        if role == Role::Observe && shown_by_master(info, all, config) {
            continue;
        }
        chosen.push(Choice { info, role, why });
    }
    (chosen, refused)
}

/// The interface that joins this one with others (a bond) shows the same packets, and is captured.
fn shown_by_master(info: &Info, all: &[Info], config: &Config) -> bool {
    matches!(info.port_of.as_str(), "bond" | "team")
        && all.iter().any(|m| m.index == info.master && m.up && config.wants(&m.name))
}

/// What this host would lose with the packets of an interface, if anything.
fn harm(info: &Info, all: &[Info], default_routes: &[u32]) -> Option<String> {
    if info.loopback {
        return Some("the loopback interface carries this host's own traffic".to_owned());
    }
    // The interface itself, whatever stands on it, and what those are ports of.
    let mut over = vec![info];
    let mut at = 0;
    while at < over.len() {
        let one = over[at];
        let stands = |i: &&Info| {
            (i.link == one.index && !i.link_elsewhere && i.kind != "veth") || i.index == one.master
        };
        for i in all.iter().filter(stands) {
            if !over.iter().any(|o| o.index == i.index) {
                over.push(i);
            }
        }
        at += 1;
    }
    let name = |i: &Info| {
        if i.index == info.index { "it".to_owned() } else { format!("{} over it", i.name) }
    };
    over.iter().find_map(|i| {
        let has = if default_routes.contains(&i.index) {
            "has the default route".to_owned()
        } else if let Some(address) = i.own_address() {
            format!("has the address {address}")
        } else if i.index != info.index && matches!(i.kind.as_str(), "bridge" | "openvswitch") {
            "passes packets on".to_owned()
        } else {
            return None;
        };
        Some(format!("{} carries this host's own traffic ({} {has})", info.name, name(i)))
    })
}

#[cfg(test)]
mod tests {
    use fathom_settings::{Settings, Sources};

    use super::*;
    use crate::config::PROGRAM;

    fn config(pairs: &[(&str, &str)]) -> Config {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let sources = Sources { pairs: &pairs, ..Sources::default() };
        let settings = Settings::load(&PROGRAM, sources).unwrap();
        Config::from_settings(&settings).unwrap()
    }

    fn interface(index: u32, name: &str) -> Info {
        let hardware = libc::ARPHRD_ETHER;
        Info { index, name: name.to_owned(), up: true, hardware, ..Info::default() }
    }

    /// A host with its uplink in a bridge, a bond, a VLAN on a card, and a mirror port.
    fn host() -> Vec<Info> {
        let mut all: Vec<Info> =
            ["lo", "eth0", "br0", "bond0", "eth1", "eth2", "eth3", "eth3.7", "mirror0", "down0"]
                .iter()
                .zip(1..)
                .map(|(name, index)| interface(index, name))
                .collect();
        all[0].loopback = true;
        (all[1].master, all[1].port_of) = (3, "bridge".to_owned());
        all[2].kind = "bridge".to_owned();
        all[3].kind = "bond".to_owned();
        all[3].addresses.push("10.0.0.4".parse().unwrap());
        for port in &mut all[4..6] {
            (port.master, port.port_of) = (4, "bond".to_owned());
        }
        (all[7].link, all[7].kind) = (7, "vlan".to_owned());
        all[7].addresses.push("10.7.0.4".parse().unwrap());
        all[8].addresses.push("fe80::1".parse().unwrap());
        all[9].up = false;
        all
    }

    #[test]
    fn all_that_is_up_is_observed_but_the_ports_of_a_bond() {
        let all = host();
        let (chosen, refused) = choose(&all, &[], &config(&[]));
        assert_eq!(refused, []);
        let names: Vec<_> = chosen.iter().map(|c| c.info.name.as_str()).collect();
        assert_eq!(names, ["lo", "eth0", "br0", "bond0", "eth3", "eth3.7", "mirror0"]);
        assert!(chosen.iter().all(|c| c.role == Role::Observe));
        let (chosen, _) = choose(&all, &[], &config(&[("capture.interface", "eth[12]")]));
        assert_eq!(chosen.len(), 2, "the bond itself is not captured");
        assert_eq!(choose(&all, &[], &config(&[("capture.mode", "none")])).0.len(), 0);
    }

    #[test]
    fn what_carries_the_hosts_traffic_is_not_taken_away() {
        let all = host();
        let wanted = &[("capture.terminate", ".*"), ("capture.interface", "lo")];
        let (chosen, refused) = choose(&all, &[3], &config(wanted));
        let names: Vec<_> = chosen.iter().map(|c| (c.info.name.as_str(), c.role)).collect();
        assert_eq!(names, [("mirror0", Role::Terminate)]);
        for (name, says) in [
            ("lo", "loopback"),
            ("eth0", "br0 over it has the default route"),
            ("br0", "it has the default route"),
            ("bond0", "it has the address 10.0.0.4"),
            ("eth1", "bond0 over it has the address 10.0.0.4"),
            ("eth2", "bond0 over it"),
            ("eth3", "eth3.7 over it has the address 10.7.0.4"),
            ("eth3.7", "it has the address 10.7.0.4"),
        ] {
            let why = &refused.iter().find(|r| r.0 == name).unwrap().1;
            assert!(why.contains(says) && why.contains("capture.take_host_traffic"), "{why}");
        }
        assert_eq!(refused.len(), 8);
        // A bridge without an address of the host still has its ports' packets to pass on.
        let (_, refused) = choose(&all, &[], &config(wanted));
        assert!(refused.iter().any(|r| r.1.contains("br0 over it passes packets on")));

        let all_the_same = &[("capture.terminate", ".*"), ("capture.take_host_traffic", "true")];
        let (chosen, refused) = choose(&all, &[3], &config(all_the_same));
        assert_eq!((chosen.len(), refused.len()), (9, 0));
    }
}
