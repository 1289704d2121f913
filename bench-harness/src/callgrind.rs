//! Reads what callgrind writes: which instruction of which function ran how often, and what each
//! call site's callees cost.
//!
//! The tool is told to write names and addresses in full (`--compress-strings=no`,
//! `--compress-pos=no`, `--dump-instr=yes`), which leaves a format of a few line kinds.

use anyhow::{Context, Result, bail};
use std::collections::HashMap;

/// A call site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Address of the call.
    pub at: u64,
    /// How often.
    pub count: u64,
    /// Which function is called: index into [`Profile::functions`].
    pub callee: usize,
    /// Instructions of the callee and all it calls.
    pub inclusive: u64,
}

/// A function as compiled.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Its symbol.
    pub name: String,
    /// File it was loaded from.
    pub object: String,
    /// Instructions by address.
    pub own: Vec<(u64, u64)>,
    /// Its calls.
    pub calls: Vec<Call>,
}

impl Function {
    /// Instructions of this function and all it calls.
    pub fn inclusive(&self) -> u64 {
        self.own.iter().map(|o| o.1).sum::<u64>()
            + self.calls.iter().map(|c| c.inclusive).sum::<u64>()
    }
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Functions that ran.
    pub functions: Vec<Function>,
    /// All instructions.
    pub total: u64,
}

#[derive(Default)]
struct Reader {
    profile: Profile,
    index: HashMap<(String, String), usize>,
    object: String,
    current: Option<usize>,
    /// Object and name of the callee that the next `calls=` means.
    callee: (Option<String>, Option<String>),
    /// The line after `calls=` is the call's own.
    pending: Option<(usize, u64)>,
}

/// Reads the text of an output file.
///
/// # Errors
/// A line that is not of the format.
pub fn parse(text: &str) -> Result<Profile> {
    let mut r = Reader::default();
    for (n, line) in text.lines().enumerate() {
        r.line(line.trim_end()).with_context(|| format!("callgrind output, line {}", n + 1))?;
    }
    Ok(r.profile)
}

impl Reader {
    fn function(&mut self, object: &str, name: &str) -> usize {
        let key = (object.to_owned(), name.to_owned());
        let functions = &mut self.profile.functions;
        *self.index.entry(key).or_insert_with(|| {
            functions.push(Function {
                name: name.to_owned(),
                object: object.to_owned(),
                ..Function::default()
            });
            functions.len() - 1
        })
    }

    fn line(&mut self, line: &str) -> Result<()> {
        if line.starts_with("0x") {
            return self.cost(line);
        }
        if let Some((key, value)) = line.split_once('=') {
            match key {
                "ob" => value.clone_into(&mut self.object),
                "fn" => {
                    let object = self.object.clone();
                    self.current = Some(self.function(&object, value));
                }
                "cob" => self.callee.0 = Some(value.to_owned()),
                "cfn" => self.callee.1 = Some(value.to_owned()),
                "calls" => {
                    let (object, name) = std::mem::take(&mut self.callee);
                    let object = object.unwrap_or_else(|| self.object.clone());
                    let name = name.context("a call without a callee")?;
                    let count = value.split(' ').next().unwrap_or_default().parse()?;
                    self.pending = Some((self.function(&object, &name), count));
                }
                // Source files: the debug information says more.
                _ => {}
            }
        } else if let Some(total) = line.strip_prefix("totals: ") {
            self.profile.total = total.trim().parse()?;
        }
        Ok(())
    }

    /// `address line instructions`
    fn cost(&mut self, line: &str) -> Result<()> {
        let mut words = line.split_ascii_whitespace();
        let (Some(at), Some(_), cost) = (words.next(), words.next(), words.next()) else {
            bail!("a cost without a position")
        };
        let at = u64::from_str_radix(at.trim_start_matches("0x"), 16)?;
        let cost = cost.map_or(Ok(0), str::parse)?;
        let function = self.current.context("a cost outside of a function")?;
        let function = &mut self.profile.functions[function];
        match self.pending.take() {
            Some((callee, count)) => {
                function.calls.push(Call { at, count, callee, inclusive: cost });
            }
            None => function.own.push((at, cost)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, parse};

    const TEXT: &str = "\
# callgrind format
version: 1
positions: instr line
events: Ir
summary: 117

ob=/bin/x
fl=a.rs
fn=outer
0x10 1 5
fi=b.rs
0x14 7 2
cfn=inner
calls=3 0x40 9
0x18 2 90
cob=/lib/c.so
cfi=???
cfn=memcpy
calls=1 0x900 0
0x1c 3 20

fl=b.rs
fn=inner
0x40 9 90

ob=/lib/c.so
fl=???
fn=memcpy
0x900 0 20
totals: 117
";

    #[test]
    fn reads_costs_and_calls() {
        let p = parse(TEXT).expect("reads");
        assert_eq!(p.total, 117);
        let names: Vec<_> = p.functions.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["outer", "inner", "memcpy"]);
        assert_eq!(p.functions[0].own, [(0x10, 5), (0x14, 2)]);
        let calls = [
            Call { at: 0x18, count: 3, callee: 1, inclusive: 90 },
            Call { at: 0x1c, count: 1, callee: 2, inclusive: 20 },
        ];
        assert_eq!(p.functions[0].calls, calls);
        assert_eq!(p.functions[0].inclusive(), 117);
        assert_eq!(p.functions[2].object, "/lib/c.so");
    }

    #[test]
    fn says_where_it_does_not_understand() {
        let error = parse("fn=f\n0xzz 1 2\n").expect_err("no number");
        assert!(format!("{error:#}").contains("line 2"), "{error:#}");
        assert!(parse("0x10 1 2\n").is_err());
    }
}
