//! Instructions to stages of the data path.
//!
//! In an optimised build a stage is not a function: decoding, accounting and parsing are inlined
//! into each other. So each instruction is asked for its inline stack (from the debug
//! information), and belongs to the innermost frame whose source file is a stage's. What has
//! none, such as copying memory, allocating, hashing or compressing, belongs to whoever called it.

use crate::callgrind::{Function, Profile};
use anyhow::{Result, anyhow};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Source files of each stage, by a part of their path; in the last column a part of the
/// function's name that is required, where a file serves two stages. First match wins.
const RULES: &[(&str, &str, &str)] = &[
    ("seal", "/schema/src/wire", ""),
    ("seal", "/schema/src/", "pack"),
    ("seal", "/schema/src/", "raw_bytes"),
    ("seal", "/schema/src/", "raw_len"),
    ("seal", "/schema/src/", "data_len"),
    ("seal", "/schema/src/", "clear"),
    ("seal", "/bench-harness/src/drive.rs", "seal"),
    ("seal", "/dataplane/src/record.rs", "any_full"),
    ("record", "/schema/src/", ""),
    ("record", "/dataplane/src/record", ""),
    ("source", "/dataplane/ring/src/", ""),
    ("decode", "/dataplane/src/decode", ""),
    ("decode", "/parsers/src/headers", ""),
    ("decode", "/parsers/src/packet.rs", ""),
    ("session", "/dataplane/src/session", ""),
    ("session", "/dataplane/src/pipeline/exchanges.rs", ""),
    ("parse", "/dataplane/src/stream", ""),
    ("parse", "/parsers/src/", ""),
    ("flow", "/dataplane/src/flow", ""),
    ("flow", "/dataplane/src/pipeline", ""),
    ("flow", "/dataplane/shard/src/", ""),
];

/// Whatever no rule names.
pub const OTHER: &str = "other";

/// Names of the stages in the order of a packet's life.
pub const STAGES: [&str; 8] =
    ["source", "decode", "flow", "parse", "session", "record", "seal", OTHER];

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Its stage.
    pub stage: &'static str,
    /// The function, inlined or not, and its file.
    pub function: String,
    /// File and line.
    pub line: String,
}

/// Instructions by stage and name of a place.
pub type ByPlace = HashMap<(&'static str, String), f64>;

/// What ran, by place.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    /// Instructions by stage; all stages are there.
    pub stages: BTreeMap<&'static str, f64>,
    /// By function, with what it calls outside of any stage.
    pub functions: ByPlace,
    /// By line, the same.
    pub lines: ByPlace,
    /// Allocations by function.
    pub allocations: ByPlace,
    /// All.
    pub total: f64,
}

/// Stage of a frame of an inline stack.
fn stage(file: &str, function: &str) -> Option<&'static str> {
    let fits = |r: &&(&'static str, &str, &str)| file.contains(r.1) && function.contains(r.2);
    RULES.iter().find(fits).map(|r| r.0)
}

/// Finds the stage of an address.
pub trait Symbols {
    /// The innermost place that belongs to a stage; `None` when none does.
    fn site(&mut self, at: u64) -> Option<Site>;
}

/// The debug information of an executable.
pub struct DebugInfo {
    loader: addr2line::Loader,
    known: HashMap<u64, Option<Site>>,
}

impl DebugInfo {
    /// Opens it.
    ///
    /// # Errors
    /// A file that is no executable.
    pub fn open(executable: &Path) -> Result<Self> {
        let loader = addr2line::Loader::new(executable)
            .map_err(|e| anyhow!("no debug information in {}: {e}", executable.display()))?;
        Ok(Self { loader, known: HashMap::new() })
    }

    fn look_up(&self, at: u64) -> Option<Site> {
        let mut frames = self.loader.find_frames(at).ok()?;
        // `seal` and the like may be anywhere in the stack: a copy inlined into an encoder is
        // the encoder's.
        let mut found: Option<Site> = None;
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(|f| f.demangle().ok());
            let name = name.as_deref().unwrap_or("?");
            let Some(location) = frame.location else { continue };
            let (Some(file), line) = (location.file, location.line.unwrap_or(0)) else { continue };
            let Some(stage) = stage(file, name) else { continue };
            match &mut found {
                None => {
                    let crate_at = file.rfind("/src/").and_then(|i| file[..i].rfind('/'));
                    let short = &file[crate_at.map_or(0, |i| i + 1)..];
                    let function = format!("{} in {short}", plain(name));
                    found = Some(Site { stage, function, line: format!("{short}:{line}") });
                }
                Some(site) if site.stage == "record" && stage == "seal" => site.stage = "seal",
                Some(_) => {}
            }
        }
        found
    }
}

/// A function's name without its type parameters.
fn plain(name: &str) -> &str {
    match name.find('<') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

impl Symbols for DebugInfo {
    fn site(&mut self, at: u64) -> Option<Site> {
        if let Some(known) = self.known.get(&at) {
            return known.clone();
        }
        let site = self.look_up(at);
        self.known.insert(at, site.clone());
        site
    }
}

/// Ends of the symbols through which everything allocates, mangled or not.
const ALLOCATING: [&str; 3] = ["__rust_alloc", "__rust_realloc", "__rust_alloc_zeroed"];

/// Sites of a function's own instructions, and of its calls.
type Sites = (Vec<Option<Site>>, Vec<Option<Site>>);

/// Rounds in which costs are handed up from callee to caller; deeper chains of functions without
/// a stage do not exist, and recursion converges.
const ROUNDS: usize = 24;

/// Puts every instruction of a run to its place.
pub fn attribute(profile: &Profile, executable: &Path, symbols: &mut dyn Symbols) -> Costs {
    let functions = &profile.functions;
    let object = executable.to_string_lossy();
    let mut site = |f: usize, at: u64| {
        if functions[f].object == object { symbols.site(at) } else { None }
    };
    // Which part of a call to each function belongs to the caller's stage.
    let mut open = vec![0.0_f64; functions.len()];
    let sites: Vec<Sites> = functions
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let own = f.own.iter().map(|o| site(i, o.0)).collect();
            (own, f.calls.iter().map(|c| site(i, c.at)).collect())
        })
        .collect();
    for _ in 0..ROUNDS {
        for (i, f) in functions.iter().enumerate() {
            let (own_sites, call_sites) = &sites[i];
            let own = f.own.iter().zip(own_sites).filter(|(_, s)| s.is_none());
            let calls = f.calls.iter().zip(call_sites).filter(|(_, s)| s.is_none());
            let stageless = own.map(|(o, _)| o.1 as f64).sum::<f64>()
                + calls.map(|(c, _)| c.inclusive as f64 * open[c.callee]).sum::<f64>();
            open[i] = stageless / (f.inclusive() as f64).max(1.0);
        }
    }
    let mut costs = Costs { total: profile.total as f64, ..Costs::default() };
    costs.stages = STAGES.iter().map(|s| (*s, 0.0)).collect();
    let mut known = 0.0;
    for (i, f) in functions.iter().enumerate() {
        let (own_sites, call_sites) = &sites[i];
        let own = f.own.iter().zip(own_sites).map(|(o, s)| (s, o.1 as f64));
        let calls =
            f.calls.iter().zip(call_sites).map(|(c, s)| (s, c.inclusive as f64 * open[c.callee]));
        for (site, n) in own.chain(calls) {
            let Some(site) = site else { continue };
            known += n;
            *costs.stages.entry(site.stage).or_default() += n;
            *costs.functions.entry((site.stage, site.function.clone())).or_default() += n;
            *costs.lines.entry((site.stage, site.line.clone())).or_default() += n;
        }
    }
    costs.stages.insert(OTHER, (costs.total - known).max(0.0));
    costs.allocations = allocations(functions, &sites);
    costs
}

/// Allocations by the functions that ask for them, directly or through what has no stage.
fn allocations(functions: &[Function], sites: &[Sites]) -> ByPlace {
    let is_allocator = |f: &Function| ALLOCATING.iter().any(|end| f.name.ends_with(end));
    let mut called = vec![0.0_f64; functions.len()];
    for call in functions.iter().flat_map(|f| &f.calls) {
        called[call.callee] += call.count as f64;
    }
    let allocators: Vec<bool> = functions.iter().map(is_allocator).collect();
    let mut per_call: Vec<f64> = allocators.iter().map(|a| f64::from(u8::from(*a))).collect();
    for _ in 0..ROUNDS {
        for (i, f) in functions.iter().enumerate().filter(|(i, _)| !allocators[*i]) {
            let calls = f.calls.iter().zip(&sites[i].1).filter(|(_, s)| s.is_none());
            let n: f64 = calls.map(|(c, _)| c.count as f64 * per_call[c.callee]).sum();
            per_call[i] = n / called[i].max(1.0);
        }
    }
    let mut by_place = ByPlace::new();
    for (i, f) in functions.iter().enumerate() {
        for (call, site) in f.calls.iter().zip(&sites[i].1) {
            let n = call.count as f64 * per_call[call.callee];
            if let Some(site) = site
                && n > 0.0
            {
                let line = site.line.rsplit_once(':').map_or("", |l| l.1);
                let place = format!("{}:{line}", site.function);
                *by_place.entry((site.stage, place)).or_default() += n;
            }
        }
    }
    by_place
}

/// The largest entries.
pub fn top(of: &ByPlace, n: usize) -> Vec<(&'static str, &str, f64)> {
    let mut list: Vec<_> = of.iter().map(|((s, name), c)| (*s, name.as_str(), *c)).collect();
    list.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.1.cmp(b.1)));
    list.truncate(n);
    list
}

#[cfg(test)]
mod tests {
    use super::{OTHER, Site, Symbols, attribute, stage};
    use crate::callgrind::{Call, Function, Profile};
    use std::path::Path;

    #[test]
    fn files_are_stages() {
        assert_eq!(stage("/x/dataplane/src/flow/table.rs", "find"), Some("flow"));
        assert_eq!(stage("/x/parsers/src/headers/fast.rs", "ip"), Some("decode"));
        assert_eq!(stage("/x/parsers/src/http1/head.rs", "read"), Some("parse"));
        assert_eq!(stage("/x/schema/src/block.rs", "a::push"), Some("record"));
        assert_eq!(stage("/x/schema/src/block.rs", "<B as C>::pack"), Some("seal"));
        assert_eq!(stage("/rustc/library/core/src/slice/mod.rs", "get"), None);
    }

    struct Table;
    impl Symbols for Table {
        fn site(&mut self, at: u64) -> Option<Site> {
            let stage = match at {
                0..100 => return None,
                100..200 => "flow",
                _ => "parse",
            };
            Some(Site { stage, function: format!("{stage}()"), line: String::new() })
        }
    }

    /// main(no stage) calls flow and parse; both copy with memcpy, of another file; parse's copy
    /// goes through a helper without a stage.
    #[test]
    fn what_has_no_stage_is_the_callers() {
        let f = |name: &str, object: &str, own: &[(u64, u64)], calls: &[(u64, usize, u64)]| {
            let call =
                |c: &(u64, usize, u64)| Call { at: c.0, count: 1, callee: c.1, inclusive: c.2 };
            Function {
                name: name.into(),
                object: object.into(),
                own: own.to_vec(),
                calls: calls.iter().map(call).collect(),
            }
        };
        let profile = Profile {
            functions: vec![
                f("main", "/x", &[(1, 7)], &[(2, 1, 110), (3, 2, 230)]),
                f("flow", "/x", &[(100, 10)], &[(101, 4, 100)]),
                f("parse", "/x", &[(200, 20)], &[(201, 3, 210)]),
                f("helper", "/x", &[(5, 10)], &[(6, 4, 200)]),
                f("memcpy", "/c.so", &[(100, 300)], &[]),
            ],
            total: 347,
        };
        let costs = attribute(&profile, Path::new("/x"), &mut Table);
        assert_eq!(costs.stages["flow"], 110.0);
        assert_eq!(costs.stages["parse"], 230.0);
        assert_eq!(costs.stages[OTHER], 7.0);
        assert_eq!(costs.functions[&("parse", "parse()".to_owned())], 230.0);
        assert!(costs.allocations.is_empty());
        let mut allocating = profile;
        allocating.functions[4].name = "__rustc::__rust_alloc".to_owned();
        let costs = attribute(&allocating, Path::new("/x"), &mut Table);
        assert_eq!(costs.allocations[&("flow", "flow():".to_owned())], 1.0);
        assert_eq!(costs.allocations[&("parse", "parse():".to_owned())], 1.0);
    }
}
