//! The TCP state machine of a flow, seen from the side, and what its last state says of how the
//! connection ended.
//!
//! States, transitions and close types are DeepFlow's, so that their users' dashboards mean the
//! same. One table holds for packets of both directions; a second one overrides it for packets
//! from server to client.

use fathom_parsers::packet::tcp_flags::{ACK, FIN, PSH, RST, SYN};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the definition; the table below is the text")]
pub enum State {
    #[default]
    Raw,
    Opening1,
    Opening2,
    Established,
    ClosingTx1,
    ClosingTx2,
    ClosingRx1,
    ClosingRx2,
    Closed,
    Reset,
    Exception,
    ServerReset,
    ServerQueueLack,
    PortReuse,
    Syn1,
    SynAck1,
    EstablishReset,
    OpeningRst,
}

impl State {
    const COUNT: usize = Self::OpeningRst as usize + 1;
    const ALL: [Self; Self::COUNT] = [
        Self::Raw,
        Self::Opening1,
        Self::Opening2,
        Self::Established,
        Self::ClosingTx1,
        Self::ClosingTx2,
        Self::ClosingRx1,
        Self::ClosingRx2,
        Self::Closed,
        Self::Reset,
        Self::Exception,
        Self::ServerReset,
        Self::ServerQueueLack,
        Self::PortReuse,
        Self::Syn1,
        Self::SynAck1,
        Self::EstablishReset,
        Self::OpeningRst,
    ];

    /// The same state with the two directions exchanged.
    pub fn mirrored(self) -> Self {
        match self {
            Self::ClosingTx1 => Self::ClosingRx1,
            Self::ClosingTx2 => Self::ClosingRx2,
            Self::ClosingRx1 => Self::ClosingTx1,
            Self::ClosingRx2 => Self::ClosingTx2,
            s => s,
        }
    }
}

/// How long a flow may stay silent in its state; from short to long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Timer {
    /// Reset while opening: 1 s.
    OpeningReset,
    /// Both ends closed: 2 s.
    Finished,
    /// Opening, closing and exception states, UDP, and whatever was answered by nobody: 5 s.
    #[default]
    Short,
    /// Reset after established, and protocols other than TCP and UDP (ICMP, ARP, ...): 35 s.
    Reset,
    /// Established: 300 s.
    Established,
}

impl Timer {
    /// The time in milliseconds.
    #[inline]
    pub const fn millis(self) -> u64 {
        [1_000, 2_000, 5_000, 35_000, 300_000][self as usize]
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Syn,
    SynAck,
    Ack,
    Fin,
    Rst,
}

const fn event(flags: u8) -> Option<Event> {
    match (flags & SYN != 0, flags & FIN != 0, flags & RST != 0, flags & ACK != 0) {
        (true, false, false, false) => Some(Event::Syn),
        (true, false, false, true) => Some(Event::SynAck),
        (false, false, false, true) => Some(Event::Ack),
        (false, true, false, _) => Some(Event::Fin),
        (false, false, true, _) => Some(Event::Rst),
        _ => None,
    }
}

/// Kinds of flags that differ in what they decide.
const PLACES: usize = 32;
/// Neither of the four that matter, nor PSH.
const OTHER: u8 = !(FIN | SYN | RST | PSH | ACK);

/// The kind of `flags`: which of FIN, SYN, RST and ACK are set, and whether any other but PSH is.
#[inline]
const fn place(flags: u8) -> usize {
    let other = (flags & OTHER != 0) as u8;
    (flags & (FIN | SYN | RST) | (flags & ACK) >> 1 | other << 4) as usize
}

/// What [`next`] answers, by direction, state and kind of flags.
static NEXT: [[[(State, Timer); PLACES]; State::COUNT]; 2] = {
    let mut table = [[[(State::Exception, Timer::Short); PLACES]; State::COUNT]; 2];
    let mut at = 0;
    while at < 2 * State::COUNT * PLACES {
        let (kind, state, side) =
            (at % PLACES, at / PLACES % State::COUNT, at / PLACES / State::COUNT);
        let bits = kind as u8;
        let flags = bits & (FIN | SYN | RST) | (bits & 8) << 1 | (bits & 16) << 1;
        table[side][state][kind] = compute(State::ALL[state], flags, side == 1);
        at += 1;
    }
    table
};

/// The state and timer after a packet with `flags`; `to_client` when the server sent it.
#[inline]
pub fn next(state: State, flags: u8, to_client: bool) -> (State, Timer) {
    NEXT[usize::from(to_client)][state as usize][place(flags)]
}

const fn compute(state: State, flags: u8, to_client: bool) -> (State, Timer) {
    const EXCEPTION: (State, Timer) = (State::Exception, Timer::Short);
    let Some(event) = event(flags) else { return EXCEPTION };
    if to_client && let Some(n) = server_table(state, event) {
        return n;
    }
    match base_table(state, event, flags) {
        Some(n) => n,
        None => EXCEPTION,
    }
}

const fn short(state: State) -> Option<(State, Timer)> {
    Some((state, Timer::Short))
}

const fn base_table(state: State, event: Event, flags: u8) -> Option<(State, Timer)> {
    use Event as E;
    use State as S;
    let pure_ack = flags & !PSH == ACK;
    const ESTABLISHED: Option<(State, Timer)> = Some((State::Established, Timer::Established));
    match (state, event) {
        (S::Raw | S::Syn1, E::Syn) | (S::Opening1, E::Syn) => short(S::Opening1),
        (S::Raw | S::Opening1 | S::Opening2 | S::Established | S::Syn1 | S::SynAck1, E::Fin) => {
            short(S::ClosingTx1)
        }
        (S::Raw | S::ClosingTx1 | S::ClosingRx1 | S::SynAck1, E::Rst) => short(S::Reset),
        (S::Raw | S::Opening1 | S::Opening2 | S::Syn1, E::Ack)
        | (S::Established, E::Syn | E::Ack)
        | (S::SynAck1, E::Syn) => ESTABLISHED,
        (S::Opening1, E::Rst) => short(S::EstablishReset),
        (S::Opening2, E::Syn) => short(S::Opening2),
        (S::Opening2, E::Rst) => Some((S::OpeningRst, Timer::OpeningReset)),
        (S::Established, E::Rst) => Some((S::Reset, Timer::Reset)),
        (S::ClosingTx1, _) => short(S::ClosingTx1),
        (S::ClosingTx2 | S::Closed, E::Ack) if pure_ack => Some((S::Closed, Timer::Finished)),
        (S::ClosingTx2, E::Rst) => Some((S::Reset, Timer::Finished)),
        (S::ClosingTx2, _) => short(S::ClosingTx2),
        (S::ClosingRx1, E::Fin) => short(S::ClosingRx2),
        (S::ClosingRx1, _) => short(S::ClosingRx1),
        (S::ClosingRx2, E::Rst) => Some((S::Reset, Timer::Finished)),
        (S::ClosingRx2, _) => short(S::ClosingRx2),
        (S::Reset, _) => short(S::Reset),
        (S::Syn1, E::Rst) => short(S::PortReuse),
        (S::PortReuse, _) => short(S::PortReuse),
        (S::SynAck1, E::Ack) => Some((S::SynAck1, Timer::Established)),
        (S::ServerQueueLack, _) => short(S::ServerQueueLack),
        (S::ServerReset, _) => short(S::ServerReset),
        (S::EstablishReset, _) => short(S::EstablishReset),
        (S::OpeningRst, _) => Some((S::OpeningRst, Timer::OpeningReset)),
        _ => None,
    }
}

const fn server_table(state: State, event: Event) -> Option<(State, Timer)> {
    use Event as E;
    use State as S;
    match (state, event) {
        (S::Raw | S::Opening1 | S::Opening2 | S::Syn1, E::SynAck) => short(S::Opening2),
        (
            S::Raw
            | S::Opening1
            | S::Opening2
            | S::Established
            | S::ClosingRx1
            | S::Syn1
            | S::SynAck1,
            E::Fin,
        ) => short(S::ClosingRx1),
        (S::Opening1 | S::Syn1, E::Ack) => short(S::Syn1),
        (S::Opening1, E::Rst) => short(S::ServerReset),
        (S::Opening2 | S::Syn1, E::Rst) => short(S::EstablishReset),
        (S::Established | S::SynAck1, E::SynAck) => Some((S::SynAck1, Timer::Established)),
        (S::ClosingTx1, E::Fin) | (S::ClosingTx2, E::Ack) => short(S::ClosingTx2),
        (S::ClosingRx2 | S::Closed, E::Ack) => Some((S::Closed, Timer::Finished)),
        (S::SynAck1, E::Rst) => Some((S::ServerQueueLack, Timer::Reset)),
        (S::SynAck1, E::Ack) => Some((S::Established, Timer::Established)),
        (S::OpeningRst, _) => Some((S::OpeningRst, Timer::OpeningReset)),
        _ => None,
    }
}

/// How a flow ended, with the ids stored in `close_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "documented with the enumeration in schema/enums.toml")]
pub enum CloseType {
    #[default]
    Unknown = 0,
    Finish = 1,
    ServerReset = 2,
    Timeout = 3,
    ForcedReport = 5,
    ServerSynMissing = 7,
    ServerHalfClose = 8,
    ClientReset = 9,
    ClientAckMissing = 10,
    ClientHalfClose = 11,
    ClientPortReuse = 13,
    ServerDirectReset = 15,
    ServerQueueOverflow = 17,
    ClientOtherReset = 18,
    ServerOtherReset = 19,
    FinishByClientReset = 20,
}

/// What `status` says of a close type: 0 ok, 3 server error, 4 client error.
pub fn status(close: CloseType) -> u8 {
    use CloseType as C;
    match close {
        C::ClientReset
        | C::ClientHalfClose
        | C::ClientPortReuse
        | C::ClientAckMissing
        | C::ClientOtherReset => 4,
        C::ServerReset
        | C::Timeout
        | C::ServerHalfClose
        | C::ServerDirectReset
        | C::ServerQueueOverflow
        | C::ServerOtherReset
        | C::ServerSynMissing => 3,
        _ => 0,
    }
}

/// What is known of a TCP flow when it ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending {
    /// All flags the client ever sent.
    pub client_flags: u8,
    /// All flags the server ever sent.
    pub server_flags: u8,
    /// Packets the server sent.
    pub server_packets: u64,
    /// A parser saw answers.
    pub answered: bool,
    /// Some of those were errors.
    pub erred: bool,
}

/// The close type of a TCP flow that ends in `state`.
pub fn close_type(state: State, end: &Ending) -> CloseType {
    use CloseType as C;
    let server_reset = end.server_flags & RST != 0;
    // A health check: opened, never used, reset by the client.
    let heartbeat = end.client_flags & (SYN | RST) == SYN | RST
        && end.server_flags & (SYN | ACK) == SYN | ACK
        && !server_reset
        && (end.client_flags | end.server_flags) & PSH == 0;
    match state {
        State::Raw | State::Exception => C::Unknown,
        State::ClosingTx2 | State::ClosingRx2 | State::Closed => C::Finish,
        State::Established => C::Timeout,
        State::Opening1 => C::ServerSynMissing,
        State::Opening2 => C::ClientAckMissing,
        State::ClosingTx1 => C::ServerHalfClose,
        State::ClosingRx1 => C::ClientHalfClose,
        State::ServerReset => C::ServerDirectReset,
        State::SynAck1 => C::ServerQueueOverflow,
        State::ServerQueueLack if end.server_packets > 3 => C::ServerQueueOverflow,
        State::ServerQueueLack => C::ClientReset,
        State::Reset if server_reset => C::ServerReset,
        _ if heartbeat => C::FinishByClientReset,
        State::Reset if end.answered && !end.erred => C::FinishByClientReset,
        State::Reset => C::ClientReset,
        State::Syn1 | State::PortReuse => C::ClientPortReuse,
        State::EstablishReset | State::OpeningRst if server_reset => C::ServerOtherReset,
        State::EstablishReset | State::OpeningRst => C::ClientOtherReset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(packets: &[(u8, bool)]) -> State {
        packets.iter().fold(State::Raw, |s, (flags, to_client)| next(s, *flags, *to_client).0)
    }

    #[test]
    fn a_whole_connection_is_normal() {
        let closed = run(&[
            (SYN, false),
            (SYN | ACK, true),
            (ACK, false),
            (PSH | ACK, false),
            (PSH | ACK, true),
            (FIN | ACK, false),
            (FIN | ACK, true),
            (ACK, false),
        ]);
        assert_eq!(closed, State::Closed);
        assert_eq!(close_type(closed, &Ending::default()), CloseType::Finish);
    }

    #[test]
    fn every_ending_has_its_type() {
        let syn = (SYN, false);
        let synack = (SYN | ACK, true);
        let ack = (ACK, false);
        for (packets, flags, want) in [
            (vec![syn], (SYN, 0), CloseType::ServerSynMissing),
            (vec![syn, synack], (SYN, SYN | ACK), CloseType::ClientAckMissing),
            (vec![syn, (RST | ACK, true)], (SYN, RST | ACK), CloseType::ServerDirectReset),
            (vec![syn, (ACK, true)], (SYN, ACK), CloseType::ClientPortReuse),
            (vec![syn, (RST, false)], (SYN | RST, 0), CloseType::ClientOtherReset),
            (vec![syn, synack, ack], (SYN | ACK, SYN | ACK), CloseType::Timeout),
            (vec![syn, synack, ack, synack], (SYN, SYN | ACK), CloseType::ServerQueueOverflow),
            (
                vec![syn, synack, (RST, false)],
                (SYN | RST, SYN | ACK),
                CloseType::FinishByClientReset,
            ),
            (vec![syn, synack, (RST, true)], (SYN, SYN | ACK | RST), CloseType::ServerOtherReset),
            (vec![syn, synack, ack, (FIN | ACK, false)], (SYN, SYN), CloseType::ServerHalfClose),
            (vec![syn, synack, ack, (FIN | ACK, true)], (SYN, SYN), CloseType::ClientHalfClose),
            (
                vec![syn, synack, ack, (RST, true)],
                (SYN | PSH, SYN | ACK | RST),
                CloseType::ServerReset,
            ),
            (
                vec![syn, synack, ack, (RST, false)],
                (SYN | PSH | RST, SYN | ACK),
                CloseType::ClientReset,
            ),
            (vec![(SYN | FIN, false)], (SYN | FIN, 0), CloseType::Unknown),
        ] {
            let end = Ending { client_flags: flags.0, server_flags: flags.1, ..Ending::default() };
            assert_eq!(close_type(run(&packets), &end), want, "{packets:?}");
        }
    }
}
