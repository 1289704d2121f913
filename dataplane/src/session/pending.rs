//! Requests that wait for their answers: slots with reusable text buffers, listed by flow and by
//! age.

use crate::flow::perf::before;
use crate::flow::slab::{NONE, Slab};
use crate::limits;
use crate::session::Seen;
use crate::stream::Origin;
use fathom_parsers::message::{Direction, Facts, L7Protocol, Message, Pairing, ResponseStatus};

/// The texts of an exchange, in the order in which they lie in a slot's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
#[allow(missing_docs, reason = "the names are the columns")]
pub enum Text {
    Version,
    RequestType,
    RequestDomain,
    RequestResource,
    Endpoint,
    TraceId,
    TraceId2,
    SpanId,
    XRequestId0,
    ClientIp,
    Attribute0,
    Attribute1,
    Attribute2,
    Attribute3,
    Exception,
    Result,
    XRequestId1,
    ResponseTraceId,
    ResponseSpanId,
}

/// How many texts there are.
pub const TEXTS: usize = Text::ResponseSpanId as usize + 1;

/// Numbers of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    /// Where it began.
    pub at: Origin,
    /// Outcome.
    pub status: ResponseStatus,
    /// Code.
    pub code: Option<i32>,
    /// Body length.
    pub length: Option<u64>,
    /// Rows a statement changed.
    pub affected_rows: Option<u64>,
}

impl Answer {
    fn of(m: &Message<'_>, at: Origin) -> Self {
        Self {
            at,
            status: m.status,
            code: m.response_code,
            length: m.length,
            affected_rows: m.affected_rows,
        }
    }
}

/// One exchange, ready to become a row.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// Protocol.
    pub protocol: L7Protocol,
    /// Where the request began; `None` for an answer alone.
    pub request: Option<Origin>,
    /// Length of the request's body.
    pub request_length: Option<u64>,
    /// Stored id.
    pub request_id: Option<u64>,
    /// The answer.
    pub answer: Option<Answer>,
    /// Outcome, for an exchange without an answer too.
    pub status: ResponseStatus,
    /// Needs no answer.
    pub single: bool,
    /// The client does not wait.
    pub is_async: bool,
    /// Code of a message that needs no answer, and the length of the other side's part in it.
    pub single_told: (Option<i32>, Option<u64>),
    texts: Texts<'a>,
    /// Attribute names.
    pub attributes: [&'static str; 4],
    /// What few exchanges have.
    pub facts: Option<&'a Facts>,
}

impl<'a> Exchange<'a> {
    /// One text as it stood on the wire.
    pub fn text(&self, t: Text) -> &'a [u8] {
        let t = t as usize;
        match &self.texts {
            Texts::Apart(texts) => texts[t],
            Texts::Stored { bytes, ends, .. } => &bytes[range(ends, t)],
        }
    }

    /// One text, where it is known to be UTF-8 without looking at it.
    pub fn valid(&self, t: Text) -> Option<&'a str> {
        match &self.texts {
            Texts::Stored { valid: Some(all), ends, .. } => all.get(range(ends, t as usize)),
            _ => None,
        }
    }

    fn of(protocol: L7Protocol, m: &Message<'a>) -> Self {
        let mut texts = request_texts(m);
        texts[Text::Exception as usize] = m.exception;
        texts[Text::Result as usize] = m.result;
        Self {
            protocol,
            request: None,
            request_length: None,
            request_id: m.request_id,
            answer: None,
            status: ResponseStatus::Unknown,
            single: false,
            is_async: m.is_async,
            single_told: (None, None),
            texts: Texts::Apart(texts),
            attributes: m.attributes.map(|a| a.0),
            facts: m.facts,
        }
    }

    /// A request that will not wait.
    pub fn request_only(protocol: L7Protocol, m: &Message<'a>, at: Origin) -> Self {
        Self { request: Some(at), request_length: m.length, ..Self::of(protocol, m) }
    }

    /// A message that is complete by itself.
    pub fn single(protocol: L7Protocol, m: &Message<'a>, at: Origin) -> Self {
        let status = match m.status {
            // Nothing speaks against it.
            ResponseStatus::Unknown if m.response_code.is_none() => ResponseStatus::Ok,
            told => told,
        };
        let single_told = (m.response_code, m.response_length);
        Self { single: true, status, single_told, ..Self::request_only(protocol, m, at) }
    }

    /// An answer whose request was not seen.
    pub fn response_only(protocol: L7Protocol, m: &Message<'a>, at: Origin) -> Self {
        let answer = Answer::of(m, at);
        let mut e = Self { answer: Some(answer), status: m.status, ..Self::of(protocol, m) };
        if let Texts::Apart(texts) = &mut e.texts {
            texts.swap(Text::XRequestId0 as usize, Text::XRequestId1 as usize);
        }
        e
    }
}

/// Texts by [`Text`].
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives on the stack, one at a time")]
enum Texts<'a> {
    /// Each where the message has it.
    Apart([&'a [u8]; TEXTS]),
    /// One behind the other in a slot; as text, when all of it is UTF-8.
    Stored { bytes: &'a [u8], valid: Option<&'a str>, ends: &'a [u32; TEXTS] },
}

#[inline]
fn range(ends: &[u32; TEXTS], t: usize) -> std::ops::Range<usize> {
    let from = if t == 0 { 0 } else { ends[t - 1] };
    from as usize..ends[t] as usize
}

fn request_texts<'a>(m: &Message<'a>) -> [&'a [u8]; TEXTS] {
    let mut t: [&[u8]; TEXTS] = [b""; TEXTS];
    t[Text::Version as usize] = m.version;
    t[Text::RequestType as usize] = m.request_type;
    t[Text::RequestDomain as usize] = m.request_domain;
    t[Text::RequestResource as usize] = m.request_resource;
    t[Text::Endpoint as usize] = m.endpoint;
    t[Text::TraceId as usize] = m.trace.trace_id;
    t[Text::TraceId2 as usize] = m.trace.trace_id_2;
    t[Text::SpanId as usize] = m.trace.span_id;
    t[Text::XRequestId0 as usize] = m.trace.x_request_id;
    t[Text::ClientIp as usize] = m.client_ip;
    for (i, a) in m.attributes.iter().enumerate() {
        t[Text::Attribute0 as usize + i] = a.1;
    }
    t
}

/// A waiting request, or an answer that waits for its end.
#[derive(Debug, Default)]
pub struct Pending {
    protocol: L7Protocol,
    id: Option<u64>,
    request_id: Option<u64>,
    at: Origin,
    /// When it began to wait: `at`'s time, unless the clock was set back since.
    since_ns: u64,
    /// Length of the request's body, once known.
    pub request_length: Option<u64>,
    /// Set once the answer's head was seen.
    pub answer: Option<Answer>,
    /// An answer without a request.
    pub orphan: bool,
    /// Which way the request went.
    dir: Option<Direction>,
    /// The request's end is to come.
    open: bool,
    is_async: bool,
    /// Kept with the slot, since few protocols have any.
    facts: Option<Box<Facts>>,
    attributes: [&'static str; 4],
    ends: [u32; TEXTS],
    text: Vec<u8>,
    flow: u32,
    prev: u32,
    next: u32,
    age_prev: u32,
    age_next: u32,
}

impl Pending {
    /// Bytes of text.
    fn held(&self) -> usize {
        self.text.len() + self.facts.as_ref().map_or(0, |f| f.len())
    }

    /// Replaces the answer's exception and result where there are new ones.
    fn append(&mut self, exception: &[u8], result: &[u8]) {
        let begin = self.ends[Text::Exception as usize - 1] as usize;
        let old = self.text[begin..].to_vec();
        let at = |t: Text| {
            let i = t as usize;
            &old[self.ends[i - 1] as usize - begin..self.ends[i] as usize - begin]
        };
        let or_old = |new, t| if <[u8]>::is_empty(new) { at(t) } else { new };
        let texts = [
            or_old(exception, Text::Exception),
            or_old(result, Text::Result),
            at(Text::XRequestId1),
            at(Text::ResponseTraceId),
            at(Text::ResponseSpanId),
        ];
        self.store(&texts, Text::Exception as usize);
    }

    fn store(&mut self, texts: &[&[u8]], from: usize) {
        self.text.truncate(if from == 0 { 0 } else { self.ends[from - 1] as usize });
        for (i, t) in texts.iter().enumerate() {
            self.text.extend_from_slice(&t[..t.len().min(limits::TEXT_BYTES)]);
            self.ends[from + i] = self.text.len() as u32;
        }
        let end = self.text.len() as u32;
        for e in &mut self.ends[from + texts.len()..] {
            *e = end;
        }
    }

    /// The request's body is over.
    pub fn end_request(&mut self, length: Option<u64>) {
        self.open = false;
        self.request_length = length;
    }

    /// The exchange speaks `protocol`, if that is known; its timeout stays the same.
    fn turns_out(&mut self, protocol: L7Protocol) {
        if protocol != L7Protocol::Unknown && class(self.protocol) == class(protocol) {
            self.protocol = protocol;
        }
    }

    fn add_facts(&mut self, facts: Option<&Facts>) {
        if let Some(facts) = facts {
            self.facts.get_or_insert_default().extend(facts);
        }
    }

    /// As an exchange; `status` is its outcome when there is no answer.
    pub fn exchange(&self, status: ResponseStatus) -> Exchange<'_> {
        let texts = Texts::Stored {
            bytes: &self.text,
            valid: std::str::from_utf8(&self.text).ok(),
            ends: &self.ends,
        };
        Exchange {
            protocol: self.protocol,
            request: (!self.orphan).then_some(self.at),
            request_length: self.request_length,
            request_id: self.request_id,
            answer: self.answer,
            status: self.answer.map_or(status, |a| a.status),
            single: false,
            is_async: self.is_async,
            single_told: (None, None),
            texts,
            attributes: self.attributes,
            facts: self.facts.as_deref().filter(|f| !f.is_empty()),
        }
    }
}

/// The waiting requests of one flow, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct FlowList {
    /// Oldest.
    pub head: u32,
    tail: u32,
    /// How many.
    pub len: u32,
    /// The request whose end has not come.
    pub open_request: u32,
    /// The answer whose end has not come.
    pub open_response: u32,
    /// Server bytes before this sequence number are missing: answers may be among them.
    pub answers_missing_until: Option<u32>,
}

impl Default for FlowList {
    fn default() -> Self {
        Self {
            head: NONE,
            tail: NONE,
            len: 0,
            open_request: NONE,
            open_response: NONE,
            answers_missing_until: None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Ages {
    head: u32,
    tail: u32,
}

/// Slots of one shard. Requests with the same timeout are listed by age, so that the oldest is
/// always at the front.
#[derive(Debug)]
pub struct Pool {
    slots: Slab<Pending>,
    /// Bytes of text in used slots.
    bytes: usize,
    ages: [Ages; 2],
}

impl Default for Pool {
    fn default() -> Self {
        Self { slots: Slab::default(), bytes: 0, ages: [Ages { head: NONE, tail: NONE }; 2] }
    }
}

fn class(protocol: L7Protocol) -> usize {
    usize::from(matches!(
        protocol,
        L7Protocol::Dns | L7Protocol::Tls | L7Protocol::Quic | L7Protocol::Dtls
    ))
}

const TIMEOUT_NS: [u64; 2] = [limits::SESSION_TIMEOUT_NS, limits::SESSION_TIMEOUT_SHORT_NS];

impl Pool {
    /// Used slots.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// No further request may wait.
    pub fn is_full(&self) -> bool {
        self.len() >= limits::PENDING_PER_SHARD || self.bytes >= limits::PENDING_TEXT_BYTES
    }

    /// No slot is used.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The one after `slot` in its flow.
    pub fn next(&self, slot: u32) -> u32 {
        self.slots[slot].next
    }

    /// Stores a request.
    pub fn push(&mut self, list: &mut FlowList, m: &Message<'_>, seen: Seen) -> u32 {
        let slot = self.link(list, m.pairing, seen);
        let p = &mut self.slots[slot];
        p.dir = Some(seen.dir);
        p.open = m.end_follows;
        p.is_async = m.is_async;
        p.request_id = m.request_id;
        p.request_length = m.length;
        p.attributes = m.attributes.map(|a| a.0);
        p.store(&request_texts(m)[..Text::Exception as usize], 0);
        p.add_facts(m.facts);
        self.bytes += p.held();
        slot
    }

    /// Stores an answer that has no request and whose end is to come.
    pub fn push_orphan(&mut self, list: &mut FlowList, pairing: Pairing, seen: Seen) -> u32 {
        let slot = self.link(list, pairing, seen);
        let p = &mut self.slots[slot];
        p.orphan = true;
        p.store(&[], 0);
        slot
    }

    fn link(&mut self, list: &mut FlowList, pairing: Pairing, seen: Seen) -> u32 {
        let Seen { flow, protocol, at, .. } = seen;
        let slot = self.slots.reuse();
        let ages = &mut self.ages[class(protocol)];
        let old = std::mem::take(&mut self.slots[slot].text);
        let mut facts = self.slots[slot].facts.take();
        if let Some(facts) = &mut facts {
            facts.clear();
        }
        self.slots[slot] = Pending {
            protocol,
            id: match pairing {
                Pairing::ById(id) => Some(id),
                Pairing::InOrder => None,
            },
            facts,
            at,
            since_ns: at.at_ns,
            text: old,
            flow,
            prev: list.tail,
            next: NONE,
            age_prev: ages.tail,
            age_next: NONE,
            ..Pending::default()
        };
        if list.tail == NONE {
            list.head = slot;
        } else {
            self.slots[list.tail].next = slot;
        }
        list.tail = slot;
        list.len += 1;
        if ages.tail == NONE {
            ages.head = slot;
        } else {
            self.slots[ages.tail].age_next = slot;
        }
        ages.tail = slot;
        slot
    }

    /// Notes the answer to `slot`.
    pub fn answer(&mut self, slot: u32, m: &Message<'_>, at: Origin) {
        let p = &mut self.slots[slot];
        self.bytes -= p.held();
        p.answer = Some(Answer::of(m, at));
        p.turns_out(m.protocol);
        if p.request_id.is_none() {
            p.request_id = m.request_id;
        }
        if p.orphan {
            let mut texts = request_texts(m);
            texts[Text::XRequestId0 as usize] = b"";
            p.attributes = m.attributes.map(|a| a.0);
            p.store(&texts[..Text::Exception as usize], 0);
        }
        p.store(
            &[m.exception, m.result, m.trace.x_request_id, m.trace.trace_id, m.trace.span_id],
            Text::Exception as usize,
        );
        p.add_facts(m.facts);
        self.bytes += p.held();
    }

    /// Notes what the end of the answer to `slot` made known.
    pub fn end_answer(&mut self, slot: u32, m: &Message<'_>, at: Origin) {
        let p = &mut self.slots[slot];
        self.bytes -= p.held();
        p.turns_out(m.protocol);
        if let Some(answer) = p.answer.as_mut() {
            answer.length = m.length.or(answer.length);
            if m.status != ResponseStatus::Unknown {
                answer.status = m.status;
            }
            answer.code = m.response_code.or(answer.code);
            answer.affected_rows = m.affected_rows.or(answer.affected_rows);
        }
        if !m.exception.is_empty() || !m.result.is_empty() {
            p.append(m.exception, m.result);
        }
        p.add_facts(m.facts);
        if let Some(name) = m.facts.and_then(|f| f.elapsed) {
            let us = at.at_ns.saturating_sub(p.at.at_ns) / 1000;
            p.facts.get_or_insert_default().metric(name, us as f64);
        }
        self.bytes += p.held();
    }

    /// Adds facts that came between request and end.
    pub fn note(&mut self, slot: u32, m: &Message<'_>, at: Origin) {
        const DAY: i64 = 86_400;
        let p = &mut self.slots[slot];
        self.bytes -= p.held();
        p.add_facts(m.facts);
        for (name, until) in m.facts.map_or(&[][..], Facts::deadlines) {
            let left = until.saturating_sub((at.at_ns / 1_000_000_000) as i64);
            let facts = p.facts.get_or_insert_default();
            facts.metric(name, left.div_euclid(DAY) as f64);
        }
        self.bytes += p.held();
    }

    /// The oldest request of the flow with `id` that has no answer yet.
    pub fn find(&self, list: &FlowList, id: u64) -> u32 {
        let mut slot = list.head;
        while slot != NONE {
            let p = &self.slots[slot];
            if p.id == Some(id) && p.answer.is_none() {
                return slot;
            }
            slot = p.next;
        }
        NONE
    }

    /// The oldest exchange of the flow with `id` of which a message that went in `dir` has not
    /// ended, and whether that is its request.
    pub fn find_open(&self, list: &FlowList, id: u64, dir: Direction) -> (u32, bool) {
        let mut slot = list.head;
        while slot != NONE {
            let p = &self.slots[slot];
            if p.id == Some(id) {
                if p.open && p.dir == Some(dir) {
                    return (slot, true);
                }
                if p.answer.is_some() {
                    return (slot, false);
                }
            }
            slot = p.next;
        }
        (NONE, false)
    }

    /// The oldest exchange of the flow with `id`, answered or not.
    pub fn find_id(&self, list: &FlowList, id: u64) -> u32 {
        let mut slot = list.head;
        while slot != NONE && self.slots[slot].id != Some(id) {
            slot = self.slots[slot].next;
        }
        slot
    }

    /// The first request of the flow whose client had received everything before `seq` when it
    /// asked.
    pub fn first_after(&self, list: &FlowList, seq: u32) -> u32 {
        let mut slot = list.head;
        while slot != NONE {
            if !before(self.slots[slot].at.ack, seq) {
                return slot;
            }
            slot = self.slots[slot].next;
        }
        NONE
    }

    /// Removes a slot from its lists and frees it.
    pub fn unlink(&mut self, list: &mut FlowList, slot: u32) {
        let (prev, next, age_prev, age_next, protocol) = {
            let p = &self.slots[slot];
            (p.prev, p.next, p.age_prev, p.age_next, p.protocol)
        };
        match prev {
            NONE => list.head = next,
            _ => self.slots[prev].next = next,
        }
        match next {
            NONE => list.tail = prev,
            _ => self.slots[next].prev = prev,
        }
        list.len -= 1;
        let ages = &mut self.ages[class(protocol)];
        match age_prev {
            NONE => ages.head = age_next,
            _ => self.slots[age_prev].age_next = age_next,
        }
        match age_next {
            NONE => ages.tail = age_prev,
            _ => self.slots[age_next].age_prev = age_prev,
        }
        if list.open_request == slot {
            list.open_request = NONE;
        }
        if list.open_response == slot {
            list.open_response = NONE;
        }
        self.bytes -= self.slots[slot].held();
        if let Some(facts) = &mut self.slots[slot].facts {
            facts.clear();
        }
        let text = &mut self.slots[slot].text;
        text.clear();
        if text.capacity() > limits::PENDING_TEXT_KEPT {
            *text = Vec::new();
        }
        self.slots.remove(slot);
    }

    /// Has waited too long at `now_ns`.
    pub fn is_overdue(&self, slot: u32, now_ns: u64) -> bool {
        let p = &self.slots[slot];
        now_ns.saturating_sub(p.since_ns) >= TIMEOUT_NS[class(p.protocol)]
    }

    /// The clock was set back to `now_ns`: what waits since a later time waits from now on. The
    /// lists by age stay in order.
    pub fn set_back(&mut self, now_ns: u64) {
        for head in self.ages.map(|a| a.head) {
            let mut slot = head;
            while slot != NONE {
                let p = &mut self.slots[slot];
                p.since_ns = p.since_ns.min(now_ns);
                slot = p.age_next;
            }
        }
    }

    /// The flow of some request that has waited too long.
    pub fn overdue(&self, now_ns: u64) -> Option<u32> {
        self.ages
            .iter()
            .find(|a| a.head != NONE && self.is_overdue(a.head, now_ns))
            .map(|a| self.slots[a.head].flow)
    }
}

impl std::ops::Index<u32> for Pool {
    type Output = Pending;
    fn index(&self, i: u32) -> &Pending {
        &self.slots[i]
    }
}

impl std::ops::IndexMut<u32> for Pool {
    fn index_mut(&mut self, i: u32) -> &mut Pending {
        &mut self.slots[i]
    }
}
