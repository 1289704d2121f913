//! What of each command's words is data. Words are counted behind the verb, from 1.

/// Which words of a command are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// None.
    Shown,
    /// Only this one.
    Only(u8),
    /// This one and all behind it. From 2 on for commands that are not known here.
    From(u8),
    /// This one and every second behind it.
    EverySecond(u8),
    /// EVAL: the script, and what is no key.
    Script,
    /// EVALSHA, FCALL: what is no key.
    Function,
    /// CONFIG SET: the values.
    Config,
    /// What stands behind AUTH or AUTH2.
    BehindAuth,
    /// ACL SETUSER: the rules, with passwords among them.
    Acl,
    /// CLIENT.
    Client,
    /// SUBSCRIBE and its kin.
    Subscribe,
    /// MONITOR.
    Monitor,
    /// SYNC, PSYNC.
    Replicate,
}

impl Rule {
    /// Is word number `i` hidden? `memory` is 0 at first and this function's own.
    #[inline]
    pub(super) fn hides(self, i: usize, word: &[u8], memory: &mut u32) -> bool {
        match self {
            Self::Shown | Self::Client | Self::Subscribe | Self::Monitor | Self::Replicate => false,
            Self::Only(n) => i == usize::from(n),
            Self::From(n) => i >= usize::from(n),
            Self::EverySecond(n) => i >= usize::from(n) && (i - usize::from(n)).is_multiple_of(2),
            Self::Script | Self::Function => match i {
                1 => self == Self::Script,
                2 => {
                    let digits = std::str::from_utf8(word).unwrap_or("");
                    *memory = digits.parse().unwrap_or(0);
                    false
                }
                _ => i - 3 >= *memory as usize,
            },
            Self::Config => {
                *memory |= u32::from(i == 1 && word.eq_ignore_ascii_case(b"SET"));
                *memory == 1 && i >= 3 && i % 2 == 1
            }
            Self::BehindAuth => {
                let hidden = *memory == 1;
                let opens =
                    word.eq_ignore_ascii_case(b"AUTH") || word.eq_ignore_ascii_case(b"AUTH2");
                *memory |= u32::from(opens);
                hidden
            }
            Self::Acl => {
                *memory |= u32::from(i == 1 && word.eq_ignore_ascii_case(b"SETUSER"));
                *memory == 1 && i >= 3
            }
        }
    }
}

/// Commands by rule, and how few words each can have behind its verb at least (for detection).
const GROUPS: &[(Rule, &[&str])] = &[
    (
        Rule::Shown,
        &[
            "GET",
            "MGET",
            "EXISTS",
            "DEL",
            "UNLINK",
            "TTL",
            "PTTL",
            "EXPIRE",
            "PEXPIRE",
            "EXPIREAT",
            "PEXPIREAT",
            "EXPIRETIME",
            "PEXPIRETIME",
            "PERSIST",
            "TYPE",
            "KEYS",
            "SCAN",
            "RENAME",
            "RENAMENX",
            "RANDOMKEY",
            "MOVE",
            "COPY",
            "TOUCH",
            "DUMP",
            "OBJECT",
            "INCR",
            "DECR",
            "INCRBY",
            "DECRBY",
            "INCRBYFLOAT",
            "STRLEN",
            "GETRANGE",
            "SUBSTR",
            "GETBIT",
            "BITCOUNT",
            "BITPOS",
            "BITOP",
            "GETDEL",
            "GETEX",
            "LCS",
            "LRANGE",
            "LLEN",
            "LPOP",
            "RPOP",
            "BLPOP",
            "BRPOP",
            "RPOPLPUSH",
            "BRPOPLPUSH",
            "LMOVE",
            "BLMOVE",
            "LMPOP",
            "BLMPOP",
            "LTRIM",
            "LINDEX",
            "HGET",
            "HGETALL",
            "HMGET",
            "HDEL",
            "HEXISTS",
            "HKEYS",
            "HVALS",
            "HLEN",
            "HSTRLEN",
            "HSCAN",
            "HINCRBY",
            "HINCRBYFLOAT",
            "HRANDFIELD",
            "SMEMBERS",
            "SCARD",
            "SINTER",
            "SINTERSTORE",
            "SINTERCARD",
            "SUNION",
            "SUNIONSTORE",
            "SDIFF",
            "SDIFFSTORE",
            "SPOP",
            "SRANDMEMBER",
            "SSCAN",
            "ZRANGE",
            "ZREVRANGE",
            "ZRANGEBYSCORE",
            "ZREVRANGEBYSCORE",
            "ZRANGEBYLEX",
            "ZREVRANGEBYLEX",
            "ZRANGESTORE",
            "ZCARD",
            "ZCOUNT",
            "ZLEXCOUNT",
            "ZPOPMIN",
            "ZPOPMAX",
            "BZPOPMIN",
            "BZPOPMAX",
            "ZMPOP",
            "BZMPOP",
            "ZREMRANGEBYRANK",
            "ZREMRANGEBYSCORE",
            "ZREMRANGEBYLEX",
            "ZUNION",
            "ZUNIONSTORE",
            "ZINTER",
            "ZINTERSTORE",
            "ZINTERCARD",
            "ZDIFF",
            "ZDIFFSTORE",
            "ZRANDMEMBER",
            "ZSCAN",
            "PFCOUNT",
            "PFMERGE",
            "XLEN",
            "XRANGE",
            "XREVRANGE",
            "XREAD",
            "XREADGROUP",
            "XGROUP",
            "XACK",
            "XCLAIM",
            "XAUTOCLAIM",
            "XPENDING",
            "XINFO",
            "XDEL",
            "XTRIM",
            "XSETID",
            "MULTI",
            "EXEC",
            "DISCARD",
            "WATCH",
            "UNWATCH",
            "SELECT",
            "SWAPDB",
            "DBSIZE",
            "FLUSHDB",
            "FLUSHALL",
            "QUIT",
            "RESET",
            "INFO",
            "TIME",
            "ROLE",
            "COMMAND",
            "CLUSTER",
            "READONLY",
            "READWRITE",
            "ASKING",
            "WAIT",
            "WAITAOF",
            "LASTSAVE",
            "SAVE",
            "BGSAVE",
            "BGREWRITEAOF",
            "SHUTDOWN",
            "SLOWLOG",
            "LATENCY",
            "MEMORY",
            "MODULE",
            "DEBUG",
            "PUBSUB",
            "SENTINEL",
            "REPLCONF",
            "REPLICAOF",
            "SLAVEOF",
            "FAILOVER",
            "LOLWUT",
            "SORT",
            "SORT_RO",
        ],
    ),
    (Rule::From(1), &["AUTH", "ECHO", "PING"]),
    (
        Rule::From(2),
        &[
            "APPEND",
            "GETSET",
            "SETNX",
            "LPUSH",
            "RPUSH",
            "LPUSHX",
            "RPUSHX",
            "LPOS",
            "SADD",
            "SREM",
            "SISMEMBER",
            "SMISMEMBER",
            "ZADD",
            "ZREM",
            "ZSCORE",
            "ZMSCORE",
            "ZRANK",
            "ZREVRANK",
            "GEOADD",
            "GEOHASH",
            "GEOPOS",
            "GEODIST",
            "GEORADIUS",
            "GEORADIUSBYMEMBER",
            "GEOSEARCH",
            "BITFIELD",
            "BITFIELD_RO",
            "PFADD",
            "PUBLISH",
            "SPUBLISH",
            "SCRIPT",
            "FUNCTION",
        ],
    ),
    (Rule::Only(2), &["SET"]),
    (
        Rule::Only(3),
        &["HSETNX", "LREM", "LSET", "SETBIT", "SETEX", "PSETEX", "SETRANGE", "ZINCRBY", "SMOVE"],
    ),
    (Rule::From(3), &["LINSERT", "RESTORE", "XADD", "JSON.SET"]),
    (Rule::EverySecond(3), &["HSET", "HMSET"]),
    (Rule::EverySecond(2), &["MSET", "MSETNX"]),
    (Rule::Script, &["EVAL", "EVAL_RO"]),
    (Rule::Function, &["EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO"]),
    (Rule::Config, &["CONFIG"]),
    (Rule::BehindAuth, &["HELLO", "MIGRATE"]),
    (Rule::Acl, &["ACL"]),
    (Rule::Client, &["CLIENT"]),
    (
        Rule::Subscribe,
        &["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"],
    ),
    (Rule::Monitor, &["MONITOR"]),
    (Rule::Replicate, &["SYNC", "PSYNC"]),
];

/// A verb in capitals as one number; 0 for longer ones.
const fn pack(verb: &[u8]) -> u128 {
    if verb.len() > 16 {
        return 0;
    }
    let (front, rest) = verb.split_at(if verb.len() < 8 { verb.len() } else { 8 });
    (half(rest) as u128) << 64 | half(front) as u128
}

const fn half(text: &[u8]) -> u64 {
    let mut packed = 0;
    let mut i = 0;
    while i < text.len() {
        packed = packed << 8 | text[i].to_ascii_uppercase() as u64;
        i += 1;
    }
    packed
}

/// Places of the hash table: four for each verb, so that most are found at once.
const PLACES: usize = 1024;

const fn place(packed: u128) -> usize {
    let folded = (packed as u64) ^ (packed >> 64) as u64;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

static TABLE: [(u128, Rule); PLACES] = {
    let mut table = [(0, Rule::From(2)); PLACES];
    let mut g = 0;
    while g < GROUPS.len() {
        let mut v = 0;
        while v < GROUPS[g].1.len() {
            let packed = pack(GROUPS[g].1[v].as_bytes());
            // GEORADIUSBYMEMBER alone is too long, and what is not found is treated as it is.
            let mut at = place(packed);
            while packed != 0 && table[at].0 != 0 {
                assert!(table[at].0 != packed, "a verb is listed twice");
                at = (at + 1) % PLACES;
            }
            if packed != 0 {
                table[at] = (packed, GROUPS[g].0);
            }
            v += 1;
        }
        g += 1;
    }
    table
};

#[inline]
fn find(verb: &[u8]) -> Option<Rule> {
    let packed = pack(verb);
    let mut at = place(packed);
    while TABLE[at].0 != 0 {
        if TABLE[at].0 == packed {
            return Some(TABLE[at].1);
        }
        at = (at + 1) % PLACES;
    }
    None
}

/// The rule for a verb in any case.
#[inline]
pub(super) fn rule(verb: &[u8]) -> Rule {
    find(verb).unwrap_or(Rule::From(2))
}

/// A command of the server itself, not of a module.
pub(super) fn is_known(verb: &[u8]) -> bool {
    find(verb).is_some()
}
