//! Networks as sorted ranges without overlaps, so that the longest prefix is one binary search.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;

/// A network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    /// First address, IPv4 as itself in the low 32 bits.
    first: u128,
    /// Last address.
    last: u128,
    is_v4: bool,
    bits: u8,
}

/// Not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a network; write address/bits, for example 10.1.0.0/16")]
pub struct CidrError(String);

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let error = || CidrError(text.to_owned());
        let (ip, bits) = text.split_once('/').ok_or_else(error)?;
        let ip: IpAddr = ip.parse().map_err(|_| error())?;
        let bits: u8 = bits.parse().map_err(|_| error())?;
        let (value, width, is_v4) = match ip {
            IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32, true),
            IpAddr::V6(ip) => (u128::from(ip), 128, false),
        };
        let free = width - u32::from(bits).min(width);
        if u32::from(bits) > width {
            return Err(error());
        }
        let rest = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Ok(Self { first: value & !rest, last: value | rest, is_v4, bits })
    }
}

/// Which network an address is in.
#[derive(Debug, Clone)]
pub struct Ranges {
    /// Starts of ranges, ascending, the first at 0; each runs to the next.
    starts4: Vec<u32>,
    values4: Vec<i32>,
    starts6: Vec<u128>,
    values6: Vec<i32>,
}

/// IPv6 addresses that hold an IPv4 one: `::ffff:0:0/96`.
const MAPPED: u128 = 0xffff_0000_0000;

impl Ranges {
    /// From networks with their values. The longest prefix decides, of equal ones the last;
    /// `other` is the value of addresses in none.
    #[must_use]
    pub fn new(networks: &[(Cidr, i32)], other: i32) -> Self {
        let of = |is_v4: bool, top: u128| {
            let list: Vec<_> = networks.iter().filter(|(c, _)| c.is_v4 == is_v4).collect();
            flatten(&list, other, top)
        };
        let (starts4, values4) = of(true, u128::from(u32::MAX));
        let (starts6, values6) = of(false, u128::MAX);
        // Starts of IPv4 ranges came from 32 bits.
        let starts4 = starts4.into_iter().map(|s| s as u32).collect();
        Self { starts4, values4, starts6, values6 }
    }

    /// Value of an IPv4 address.
    #[must_use]
    pub fn v4(&self, ip: u32) -> i32 {
        self.values4[self.starts4.partition_point(|s| *s <= ip) - 1]
    }

    /// Value of an IPv6 address.
    #[must_use]
    pub fn v6(&self, ip: u128) -> i32 {
        if ip >> 32 == MAPPED >> 32 {
            return self.v4(ip as u32);
        }
        self.values6[self.starts6.partition_point(|s| *s <= ip) - 1]
    }
}

fn flatten(networks: &[&(Cidr, i32)], other: i32, top: u128) -> (Vec<u128>, Vec<i32>) {
    let mut edges = BTreeSet::from([0]);
    for (cidr, _) in networks {
        edges.insert(cidr.first);
        if cidr.last < top {
            edges.insert(cidr.last + 1);
        }
    }
    let (mut starts, mut values) = (Vec::new(), Vec::new());
    for edge in edges {
        let value = networks
            .iter()
            .enumerate()
            .filter(|(_, (c, _))| (c.first..=c.last).contains(&edge))
            .max_by_key(|(at, (c, _))| (c.bits, *at))
            .map_or(other, |(_, (_, value))| *value);
        if values.last() != Some(&value) {
            starts.push(edge);
            values.push(value);
        }
    }
    (starts, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read() {
        for bad in ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
        let all: Cidr = "0.0.0.0/0".parse().unwrap();
        assert_eq!((all.first, all.last), (0, u128::from(u32::MAX)));
        let all: Cidr = "::/0".parse().unwrap();
        assert_eq!((all.first, all.last), (0, u128::MAX));
        // Host bits are cut off.
        assert_eq!("10.1.2.3/8".parse::<Cidr>(), "10.0.0.0/8".parse());
    }

    #[test]
    fn agrees_with_a_linear_search() {
        let texts = [
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.0.0/16",
            "10.1.128.0/17",
            "0.0.0.0/0",
            "10.1.2.3/32",
        ];
        let networks: Vec<(Cidr, i32)> =
            texts.iter().enumerate().map(|(i, t)| (t.parse().unwrap(), i as i32 + 1)).collect();
        let ranges = Ranges::new(&networks, -1);
        let mut ip = 7u32;
        for _ in 0..200_000 {
            ip = ip.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let ip = ip & 0x0003_ffff | 0x0a00_0000;
            let mut best = (0, -1);
            for (c, v) in &networks {
                if (c.first..=c.last).contains(&u128::from(ip)) && c.bits >= best.0 {
                    best = (c.bits, *v);
                }
            }
            assert_eq!(ranges.v4(ip), best.1);
        }
        assert_eq!(ranges.v4(u32::from_be_bytes([10, 1, 2, 3])), 6);
    }
}
