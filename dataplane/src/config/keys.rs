//! The key table of the agent: every setting with its type, range, default, and what it is for.

use std::time::Duration;

use fathom_ring::limits as ring_limits;
use fathom_settings::{Applies, Key, Kind};

const MINUTE: Duration = Duration::from_secs(60);

pub(super) static KEYS: &[Key] = &[
    Key::new(
        "server.address",
        Kind::Text,
        "127.0.0.1:20033",
        Applies::Now,
        "Host and port of the server that rows are sent to.",
    ),
    Key::new(
        "agent.id",
        Kind::integer("", 0, u32::MAX as i64),
        "0",
        Applies::Restart,
        "Number of this agent, unique in the fleet; 0 derives it from /etc/machine-id.",
    ),
    Key::new(
        "agent.host",
        Kind::Text,
        "",
        Applies::Restart,
        "Name this host goes by in rows; empty for the system's host name.",
    ),
    Key::new(
        "capture.interface",
        Kind::Text,
        "",
        Applies::Now,
        "Regular expression that an interface's whole name must match; empty for all that are up.",
    ),
    Key::new(
        "capture.terminate",
        Kind::Text,
        "",
        Applies::Now,
        "Regular expression for the mirror, SPAN and TAP ports: their packets are the agent's to take, \
         by AF_XDP. The host itself gets none of them any more.",
    ),
    Key::new(
        "capture.take_host_traffic",
        Kind::Bool,
        "false",
        Applies::Now,
        "Take packets by AF_XDP from interfaces that carry this host's own traffic too, which then \
         has no network there.",
    ),
    Key::new(
        "capture.namespaces",
        Kind::List,
        "",
        Applies::Now,
        "Other network namespaces to capture in: names as `ip netns` lists them, absolute paths such \
         as /proc/1/ns/net, or `all` for every one that has a name or a process. Takes CAP_SYS_ADMIN.",
    ),
    Key::new(
        "capture.mode",
        Kind::Choice(&["auto", "af_packet", "af_xdp", "none"]),
        "auto",
        Applies::Restart,
        "How packets are taken from the kernel: auto observes by af_packet and takes the packets of \
         capture.terminate by af_xdp; af_xdp takes those of capture.interface too; none captures \
         nothing.",
    ),
    Key::new(
        "capture.filter",
        Kind::Text,
        "",
        Applies::Restart,
        "tcpdump expression; only packets that match are looked at.",
    ),
    Key::new(
        "capture.ring_bytes",
        Kind::bytes(0, ring_limits::RING_MAX as u64),
        "0 B",
        Applies::Restart,
        "Size of the packet ring of one interface on one core; 0 shares a quarter of limits.memory \
         (or 256 MiB, or a sixteenth of the machine's memory) among those there are.",
    ),
    Key::new(
        "capture.snaplen",
        Kind::bytes(96, ring_limits::FRAME_MAX as u64),
        "64 KiB",
        Applies::Restart,
        "Bytes kept of each packet.",
    ),
    Key::new(
        "capture.promiscuous",
        Kind::Bool,
        "false",
        Applies::Restart,
        "Also look at packets that are for other hosts.",
    ),
    Key::new(
        "capture.exclude_ports",
        Kind::List,
        "20033",
        Applies::Restart,
        "TCP and UDP ports whose packets are left out, besides that of the server: the agent's own \
         traffic.",
    ),
    Key::new(
        "capture.rescan",
        Kind::duration(Duration::from_secs(1), MINUTE),
        "3s",
        Applies::Restart,
        "How often interfaces and namespaces are looked through; changes that the kernel tells of are \
         followed at once.",
    ),
    Key::new(
        "capture.decap",
        Kind::List,
        "VXLAN",
        Applies::Restart,
        "Tunnels that are removed, by the names of tunnel_type; `all` or `none` for all or none.",
    ),
    Key::new(
        "protocols.enabled",
        Kind::List,
        "all",
        Applies::Restart,
        "Application protocols that are looked for, by the names of l7_protocol; `all` for all.",
    ),
    Key::new(
        "protocols.disabled",
        Kind::List,
        "",
        Applies::Restart,
        "Application protocols that are not looked for, even if protocols.enabled names them.",
    ),
    Key::new(
        "protocols.ports",
        Kind::List,
        "",
        Applies::Restart,
        "What to look for first on a server's port, like `HTTP:8088,Redis:7000`: it is found with \
         less work. A protocol is believed by its bytes only, on any port.",
    ),
    Key::new(
        "protocols.literals",
        Kind::Choice(&["hidden", "shown"]),
        "hidden",
        Applies::Restart,
        "Whether the values in SQL statements, Redis commands and the like leave this host: hidden \
         writes them as `?`.",
    ),
    Key::new(
        "protocols.trace_headers",
        Kind::List,
        "traceparent, sw8, sw6, b3, X-B3-TraceId, uber-trace-id, sw3",
        Applies::Restart,
        "Headers that trace ids are taken from, best first, in every protocol that has headers. Of \
         up to four others the whole value is the trace id.",
    ),
    Key::new(
        "protocols.endpoint_segments",
        Kind::integer("segments", 0, 16),
        "2",
        Applies::Restart,
        "How many segments of an HTTP path make the endpoint; 0 for all.",
    ),
    Key::new(
        "shards.count",
        Kind::integer("cores", 0, 1024),
        "0",
        Applies::Restart,
        "Cores that packets are spread over; 0 for one per core, at most 4.",
    ),
    Key::new(
        "shards.cpus",
        Kind::Text,
        "",
        Applies::Restart,
        "CPUs to run on, like `0-3,5`; overrides shards.count. Empty for the first allowed ones.",
    ),
    Key::new(
        "shards.engine",
        Kind::Choice(&["auto", "glommio", "epoll"]),
        "auto",
        Applies::Restart,
        "How a core waits: glommio (io_uring), epoll, or the first that works here.",
    ),
    Key::new(
        "flows.max",
        Kind::integer("flows", 1024, 64 << 20),
        "262144",
        Applies::Restart,
        "Flows of one core that are remembered; above it the one that would end soonest is reported early.",
    ),
    Key::new(
        "transport.compression",
        Kind::Choice(&["lz4", "none"]),
        "lz4",
        Applies::Restart,
        "How rows are compressed on their way to the server.",
    ),
    Key::new(
        "transport.backlog_bytes",
        Kind::bytes(4 << 20, 16 << 30),
        "64 MiB",
        Applies::Restart,
        "Rows kept while the server is away; above it the oldest of the least important table go.",
    ),
    Key::new(
        "transport.stop_timeout",
        Kind::duration(Duration::ZERO, MINUTE),
        "5s",
        Applies::Restart,
        "How long a stopping agent waits for the server to acknowledge its last rows.",
    ),
    Key::new(
        "metrics.listen",
        Kind::Text,
        "127.0.0.1:39090",
        Applies::Restart,
        "Address of the agent's own /metrics and /healthz; empty for none.",
    ),
    Key::new(
        "metrics.interval",
        Kind::duration(Duration::from_secs(1), MINUTE),
        "10s",
        Applies::Restart,
        "How often the agent's own numbers are sent as rows of fathom_system.agent.",
    ),
    Key::new(
        "limits.memory",
        Kind::bytes(0, 1 << 40),
        "0 B",
        Applies::Restart,
        "The agent refuses to start when its worst case is above this; 0 for no limit.",
    ),
    Key::new(
        "limits.shed",
        Kind::Choice(&["none", "requests", "parsing", "packets"]),
        "packets",
        Applies::Restart,
        "What a core that falls behind may leave undone, counted: nothing; rows of requests; the \
         parsing of whole flows too; the packets of whole flows too.",
    ),
    Key::new(
        "log.level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        "info",
        Applies::Now,
        "How much is logged on standard error.",
    ),
];
