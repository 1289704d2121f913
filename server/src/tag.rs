//! Between the spool and the block: what an address is, as integer columns. Reads only the key
//! columns of a frame (addresses, pod and process id) and appends six columns per side.
//!
//! Resolved here: the VPC by address, and `auto_instance`/`auto_service` by pod, process,
//! internet and address, in that order. Resources of a control plane (nodes, workloads, services,
//! devices) come between process and internet once there is one to learn them from.

mod ranges;

use std::net::{Ipv4Addr, Ipv6Addr};

use fathom_schema::column::ColumnBuf;
use fathom_schema::wire::Columns;
use fathom_schema::{ColumnDef, Source, TableDef};

pub use ranges::{Cidr, CidrError, Ranges};

/// VPC of private addresses nobody configured otherwise.
pub const DEFAULT_VPC: i32 = 1;
/// "VPC" of addresses that belong to no configured or private network.
pub const INTERNET: i32 = -2;
/// VPC of a row without an address.
pub const UNKNOWN: i32 = 0;

/// Values of `auto_instance_type` and `auto_service_type` resolved here.
pub mod kind {
    /// An address of the internet.
    pub const INTERNET: u8 = 0;
    /// A pod.
    pub const POD: u8 = 10;
    /// A process.
    pub const PROCESS: u8 = 120;
    /// Only the address is known.
    pub const IP: u8 = 255;
}

/// Bits of `tag_source`: what the tags of a side were found by.
pub mod source {
    /// The process id.
    pub const PROCESS: u8 = 1;
    /// The pod id.
    pub const POD: u8 = 1 << 1;
    /// VPC and address.
    pub const ADDRESS: u8 = 1 << 3;
}

/// A network that belongs to a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// Id, above zero.
    pub id: i32,
    /// Name, for people.
    pub name: String,
    /// Its networks.
    pub cidrs: Vec<Cidr>,
}

/// What a row without any configuration would call private: RFC 1918, 6598, 3927, 1122, 4193,
/// 4291, with multicast and broadcast, which never leave the network either.
const PRIVATE: [&str; 12] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "::1/128",
    "fe80::/10",
    "fc00::/7",
    "ff00::/8",
];

/// What addresses mean. Shared by all shards; each has its own [`Tagger`].
#[derive(Debug, Clone)]
pub struct Networks {
    ranges: Ranges,
}

impl Networks {
    /// With these VPCs over the private networks; the longest prefix decides.
    #[must_use]
    pub fn new(vpcs: &[Vpc]) -> Self {
        let private = PRIVATE.iter().filter_map(|c| c.parse().ok()).map(|c| (c, DEFAULT_VPC));
        let nowhere =
            ["0.0.0.0/32", "::/128"].iter().filter_map(|c| c.parse().ok()).map(|c| (c, UNKNOWN));
        let own = vpcs.iter().flat_map(|v| v.cidrs.iter().map(|c| (*c, v.id)));
        // Of equal networks the last wins: configuration over convention.
        let all: Vec<(Cidr, i32)> = private.chain(nowhere).chain(own).collect();
        Self { ranges: Ranges::new(&all, INTERNET) }
    }

    /// VPC of an IPv4 address.
    #[must_use]
    pub fn v4(&self, ip: Ipv4Addr) -> i32 {
        self.ranges.v4(u32::from(ip))
    }

    /// VPC of an IPv6 address; one that holds an IPv4 address counts as that.
    #[must_use]
    pub fn v6(&self, ip: Ipv6Addr) -> i32 {
        self.ranges.v6(u128::from(ip))
    }
}

/// Entries of each look-up cache, a power of two: the hosts one shard's agents talk to in a
/// second, in 64 KiB (IPv4) and 160 KiB (IPv6).
const CACHE: usize = 8192;

/// Looks up addresses, remembering the last ones.
#[derive(Debug)]
pub struct Tagger {
    networks: std::sync::Arc<Networks>,
    v4: Vec<(u32, i32)>,
    v6: Vec<(u128, i32)>,
}

impl Tagger {
    /// With an empty cache.
    #[must_use]
    pub fn new(networks: std::sync::Arc<Networks>) -> Self {
        // Slot 0 of the key is the unspecified address, whose answer is the entry's.
        Self { networks, v4: vec![(0, UNKNOWN); CACHE], v6: vec![(0, UNKNOWN); CACHE] }
    }

    #[inline]
    fn vpc4(&mut self, ip: u32) -> i32 {
        let slot = (ip.wrapping_mul(0x9E37_79B1) >> (32 - CACHE.ilog2())) as usize;
        let entry = &mut self.v4[slot];
        if entry.0 != ip {
            *entry = (ip, self.networks.ranges.v4(ip));
        }
        entry.1
    }

    #[inline]
    fn vpc6(&mut self, ip: u128) -> i32 {
        let folded = (ip as u64) ^ ((ip >> 64) as u64).rotate_left(29);
        let slot = (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - CACHE.ilog2())) as usize;
        let entry = &mut self.v6[slot];
        if entry.0 != ip {
            *entry = (ip, self.networks.ranges.v6(ip));
        }
        entry.1
    }
}

/// The key columns of one side of a table, and the six columns made from them.
#[derive(Debug)]
pub struct Side {
    ip4: &'static ColumnDef,
    ip6: &'static ColumnDef,
    is_ipv4: &'static ColumnDef,
    pod: Option<&'static ColumnDef>,
    process: Option<&'static ColumnDef>,
    vpc: ColumnBuf,
    instance_id: ColumnBuf,
    instance_type: ColumnBuf,
    service_id: ColumnBuf,
    service_type: ColumnBuf,
    found_by: ColumnBuf,
}

impl Side {
    /// The sides of a table: two, one, or none.
    #[must_use]
    pub fn all(table: &'static TableDef) -> Vec<Self> {
        ["_0", "_1", ""].iter().filter_map(|suffix| Self::new(table, suffix)).collect()
    }

    fn new(table: &'static TableDef, suffix: &str) -> Option<Self> {
        let column = |stem: &str| table.column(&format!("{stem}{suffix}"));
        let tag =
            |stem: &str| column(stem).filter(|c| c.source == Source::Server).map(ColumnBuf::new);
        Some(Self {
            ip4: column("ip4")?,
            ip6: column("ip6")?,
            is_ipv4: table.column("is_ipv4")?,
            pod: column("pod_id"),
            process: column("gprocess_id"),
            vpc: tag("l3_epc_id")?,
            instance_id: tag("auto_instance_id")?,
            instance_type: tag("auto_instance_type")?,
            service_id: tag("auto_service_id")?,
            service_type: tag("auto_service_type")?,
            found_by: tag("tag_source")?,
        })
    }

    /// Appends the tags of a frame's rows.
    pub fn append(&mut self, columns: &Columns<'_>, tagger: &mut Tagger) {
        let ip4 = Fixed::<4>::of(columns, Some(self.ip4));
        let ip6 = Fixed::<16>::of(columns, Some(self.ip6));
        let is_ipv4 = Fixed::<1>::of(columns, Some(self.is_ipv4));
        let pod = Fixed::<4>::of(columns, self.pod);
        let process = Fixed::<4>::of(columns, self.process);
        for row in 0..columns.rows() {
            let vpc = if is_ipv4.get(row) == [1] {
                tagger.vpc4(u32::from_le_bytes(ip4.get(row)))
            } else {
                tagger.vpc6(u128::from_be_bytes(ip6.get(row)))
            };
            let pod = u32::from_le_bytes(pod.get(row));
            let process = u32::from_le_bytes(process.get(row));
            let address = if vpc == INTERNET { (kind::INTERNET, 0) } else { (kind::IP, 0) };
            let by_process = (process != 0).then_some((kind::PROCESS, process));
            let by_pod = (pod != 0).then_some((kind::POD, pod));
            let (instance_type, instance_id) = by_pod.or(by_process).unwrap_or(address);
            let (service_type, service_id) = by_process.unwrap_or(address);
            let mut found_by = if vpc == UNKNOWN { 0 } else { source::ADDRESS };
            if process != 0 {
                found_by |= source::PROCESS;
            }
            if pod != 0 {
                found_by |= source::POD;
            }
            self.vpc.push_i32(vpc);
            self.instance_id.push_u32(instance_id);
            self.instance_type.push_u8(instance_type);
            self.service_id.push_u32(service_id);
            self.service_type.push_u8(service_type);
            self.found_by.push_u8(found_by);
        }
    }

    /// The columns made.
    pub fn columns(&self) -> [&ColumnBuf; 6] {
        [
            &self.vpc,
            &self.instance_id,
            &self.instance_type,
            &self.service_id,
            &self.service_type,
            &self.found_by,
        ]
    }

    /// Drops the rows, keeps the memory.
    pub fn clear(&mut self) {
        for column in [
            &mut self.vpc,
            &mut self.instance_id,
            &mut self.instance_type,
            &mut self.service_id,
            &mut self.service_type,
            &mut self.found_by,
        ] {
            column.clear();
        }
    }
}

/// A column of values of `N` bytes, or of zeros when it was left out.
struct Fixed<'a, const N: usize>(&'a [[u8; N]]);

impl<'a, const N: usize> Fixed<'a, N> {
    fn of(columns: &Columns<'a>, def: Option<&'static ColumnDef>) -> Self {
        let data = def.and_then(|def| columns.get(def)).unwrap_or_default();
        Self(data.as_chunks().0)
    }

    #[inline]
    fn get(&self, row: usize) -> [u8; N] {
        self.0.get(row).copied().unwrap_or([0; N])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vpc(id: i32, cidrs: &[&str]) -> Vpc {
        Vpc {
            id,
            name: format!("vpc-{id}"),
            cidrs: cidrs.iter().map(|c| c.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn addresses_belong_where_they_should() {
        let networks = Networks::new(&[
            vpc(7, &["10.1.0.0/16", "2001:db8::/32"]),
            vpc(8, &["10.1.2.0/24", "8.8.8.0/24"]),
            vpc(9, &["192.168.0.0/16"]),
        ]);
        for (ip, want) in [
            ("10.0.0.1", DEFAULT_VPC),
            ("10.1.0.1", 7),
            ("10.1.2.255", 8),
            ("10.1.3.0", 7),
            ("10.2.0.0", DEFAULT_VPC),
            ("8.8.8.8", 8),
            ("8.8.4.4", INTERNET),
            ("192.168.1.1", 9),
            ("172.15.255.255", INTERNET),
            ("172.16.0.0", DEFAULT_VPC),
            ("172.31.255.255", DEFAULT_VPC),
            ("172.32.0.0", INTERNET),
            ("127.0.0.1", DEFAULT_VPC),
            ("169.254.1.1", DEFAULT_VPC),
            ("0.0.0.0", UNKNOWN),
            ("0.0.0.1", INTERNET),
            ("255.255.255.255", DEFAULT_VPC),
            ("255.255.255.254", INTERNET),
        ] {
            assert_eq!(networks.v4(ip.parse().unwrap()), want, "{ip}");
            let mapped: Ipv4Addr = ip.parse().unwrap();
            assert_eq!(networks.v6(mapped.to_ipv6_mapped()), want, "mapped {ip}");
        }
        for (ip, want) in [
            ("::", UNKNOWN),
            ("::1", DEFAULT_VPC),
            ("fe80::1", DEFAULT_VPC),
            ("fd00::1", DEFAULT_VPC),
            ("2001:db8::5", 7),
            ("2606:4700::1111", INTERNET),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", DEFAULT_VPC),
        ] {
            assert_eq!(networks.v6(ip.parse().unwrap()), want, "{ip}");
        }
    }

    #[test]
    fn the_cache_tells_no_lies() {
        let networks = std::sync::Arc::new(Networks::new(&[vpc(7, &["10.1.0.0/16"])]));
        let mut tagger = Tagger::new(std::sync::Arc::clone(&networks));
        let mut ip = 1u32;
        for _ in 0..100_000 {
            ip = ip.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let ip = if ip.is_multiple_of(3) { ip & 0x0001_ffff | 0x0a00_0000 } else { ip };
            assert_eq!(tagger.vpc4(ip), networks.v4(Ipv4Addr::from(ip)));
            let wide = u128::from(ip) << 96 | u128::from(ip);
            assert_eq!(tagger.vpc6(wide), networks.v6(Ipv6Addr::from(wide)));
        }
        assert_eq!(tagger.vpc4(0), UNKNOWN);
        assert_eq!(tagger.vpc6(0), UNKNOWN);
    }
}
