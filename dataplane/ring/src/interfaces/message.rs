//! The few rtnetlink messages that are asked and read (rtnetlink(7), linux/if_link.h). Attributes
//! are picked one by one: an interface must not be lost over an attribute that this build does
//! not know.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netlink_packet_core::{NLA_HEADER_SIZE, NLA_TYPE_MASK, NetlinkBuffer, NlaBuffer, NlasIterator};

use super::Info;

const HEADER_LEN: usize = 16;
/// `struct ifinfomsg`, `struct rtmsg`, `struct ifaddrmsg`.
const LINK_LEN: usize = 16;
const ROUTE_LEN: usize = 12;
const ADDRESS_LEN: usize = 8;

/// A message of the kernel.
pub(super) enum Reply {
    /// An interface.
    Link(Box<Info>),
    /// An address of the interface with this index.
    Address(u32, IpAddr),
    /// A route goes out of the interface with this index.
    Route(u32),
    /// All messages of an answer were sent.
    Done,
    /// The kernel refuses, with this error number.
    Refused(i32),
    /// Something else.
    Other,
}

/// A request for one kind of object; `dump` for all of them.
pub(super) fn request(kind: u16, dump: bool, sequence: u32, body: &[u8]) -> Vec<u8> {
    let flags = libc::NLM_F_REQUEST | if dump { libc::NLM_F_DUMP } else { 0 };
    let mut out = Vec::with_capacity(HEADER_LEN + body.len());
    out.extend(((HEADER_LEN + body.len()) as u32).to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend((flags as u16).to_ne_bytes());
    out.extend(sequence.to_ne_bytes());
    out.extend([0; 4]);
    out.extend(body);
    out
}

/// Body of a request for links: all, or the one of this name.
pub(super) fn link_body(name: Option<&str>) -> Vec<u8> {
    let mut body = vec![0; LINK_LEN];
    if let Some(name) = name {
        attribute(&mut body, libc::IFLA_IFNAME, &[name.as_bytes(), b"\0"].concat());
    }
    body
}

/// Body of a request for addresses of both families.
pub(super) fn address_body() -> Vec<u8> {
    vec![0; ADDRESS_LEN]
}

/// Body of a request for the route to an address.
pub(super) fn route_body(to: IpAddr) -> Vec<u8> {
    let mut body = vec![0; ROUTE_LEN];
    let bytes = match to {
        IpAddr::V4(a) => a.octets().to_vec(),
        IpAddr::V6(a) => a.octets().to_vec(),
    };
    body[0] = if to.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 } as u8;
    body[1] = (bytes.len() * 8) as u8;
    attribute(&mut body, libc::RTA_DST, &bytes);
    body
}

fn attribute(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    body.extend(((NLA_HEADER_SIZE + value.len()) as u16).to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Reads the messages of one datagram that answer request `sequence`. The flag says that what was
/// listed changed meanwhile.
pub(super) fn replies(mut datagram: &[u8], sequence: u32) -> (Vec<Reply>, bool) {
    let (mut all, mut torn) = (Vec::new(), false);
    while let Ok(message) = NetlinkBuffer::new_checked(datagram) {
        let len = message.length() as usize;
        if len < HEADER_LEN {
            break;
        }
        if message.sequence_number() == sequence {
            torn |= message.flags() & libc::NLM_F_DUMP_INTR as u16 != 0;
            all.push(reply(message.message_type(), &datagram[HEADER_LEN..len]));
        }
        datagram = datagram.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    (all, torn)
}

fn reply(kind: u16, body: &[u8]) -> Reply {
    let read = match i32::from(kind) {
        libc::NLMSG_DONE => Some(Reply::Done),
        libc::NLMSG_ERROR => word(body).map(|n| Reply::Refused(-(n as i32))),
        _ => match kind {
            libc::RTM_NEWLINK => link(body).map(|i| Reply::Link(Box::new(i))),
            libc::RTM_NEWADDR => address(body).map(|(index, ip)| Reply::Address(index, ip)),
            libc::RTM_NEWROUTE => route(body).map(Reply::Route),
            _ => None,
        },
    };
    read.unwrap_or(Reply::Other)
}

fn link(body: &[u8]) -> Option<Info> {
    let flags = word(body.get(8..)?)? as libc::c_int;
    let mut info = Info {
        hardware: u16::from_ne_bytes([body[2], body[3]]),
        index: word(&body[4..])?,
        up: flags & libc::IFF_UP != 0,
        running: flags & libc::IFF_RUNNING != 0,
        loopback: flags & libc::IFF_LOOPBACK != 0,
        queues: 1,
        ..Info::default()
    };
    each(body.get(LINK_LEN..)?, |kind, value| match kind {
        libc::IFLA_IFNAME => info.name = text(value),
        libc::IFLA_MTU => info.mtu = word(value).unwrap_or(0),
        libc::IFLA_MASTER => info.master = word(value).unwrap_or(0),
        libc::IFLA_LINK => info.link = word(value).unwrap_or(0),
        libc::IFLA_LINK_NETNSID => info.link_elsewhere = true,
        libc::IFLA_NUM_RX_QUEUES => info.queues = word(value).unwrap_or(1).max(1),
        libc::IFLA_LINKINFO => each(value, |kind, value| match kind {
            libc::IFLA_INFO_KIND => info.kind = text(value),
            libc::IFLA_INFO_SLAVE_KIND => info.port_of = text(value),
            _ => {}
        }),
        // Tunnels put their local IP address here.
        libc::IFLA_ADDRESS
            if matches!(info.hardware, libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK) =>
        {
            info.mac = value.try_into().unwrap_or_default();
        }
        _ => {}
    });
    (info.index > 0 && !info.name.is_empty()).then_some(info)
}

fn address(body: &[u8]) -> Option<(u32, IpAddr)> {
    let index = word(body.get(4..)?)?;
    let (mut local, mut any) = (None, None);
    each(body.get(ADDRESS_LEN..)?, |kind, value| match kind {
        libc::IFA_LOCAL => local = ip(value),
        libc::IFA_ADDRESS => any = ip(value),
        _ => {}
    });
    // On a point-to-point interface the second is the other end's.
    Some((index, local.or(any)?))
}

fn route(body: &[u8]) -> Option<u32> {
    let mut oif = None;
    each(body.get(ROUTE_LEN..)?, |kind, value| {
        if kind == libc::RTA_OIF {
            oif = word(value);
        }
    });
    oif
}

fn each(bytes: &[u8], mut f: impl FnMut(u16, &[u8])) {
    for nla in NlasIterator::new(bytes) {
        let Ok(nla): Result<NlaBuffer<&[u8]>, _> = nla else { break };
        f(nla.kind() & NLA_TYPE_MASK, nla.value());
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_ne_bytes)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(Ipv4Addr::from(*bytes.first_chunk::<4>()?).into()),
        16 => Some(Ipv6Addr::from(*bytes.first_chunk::<16>()?).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_or_contradicts_itself_is_passed_over() {
        let whole = request(libc::RTM_NEWLINK, false, 7, &{
            let mut body = link_body(Some("eth0"));
            body[4] = 3;
            attribute(&mut body, libc::IFLA_MTU, &1500u32.to_ne_bytes());
            // What no kernel of today sends.
            attribute(&mut body, 999, b"new");
            attribute(&mut body, libc::IFLA_LINKINFO, &{
                let mut info = Vec::new();
                attribute(&mut info, libc::IFLA_INFO_KIND, b"veth\0");
                info
            });
            body
        });
        let (all, _) = replies(&whole, 7);
        let [Reply::Link(info)] = &all[..] else { panic!("{} messages", all.len()) };
        assert_eq!((&*info.name, info.index, info.mtu, &*info.kind), ("eth0", 3, 1500, "veth"));
        assert!(replies(&whole, 8).0.is_empty());
        for cut in 0..whole.len() {
            assert!(!matches!(replies(&whole[..cut], 7).0[..], [Reply::Link(_)]), "{cut}");
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            // Whatever is read, nothing outside of the datagram is.
            let _ = replies(&broken, 7);
        }
    }
}
