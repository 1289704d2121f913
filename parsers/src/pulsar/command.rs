//! The commands of Pulsar (PulsarApi.proto): who sends them, which field holds what.

use crate::message::{Direction, MessageKind};

/// What a command is in its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Ask,
    Answer,
    /// Wants no answer.
    Single,
}

/// What the ids of a command count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Space {
    None,
    /// There is one per connection.
    Connect,
    Ping,
    Request,
    /// A producer and the place of a message.
    Sequence,
}

/// One command; fields are 0 where there is none.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static [u8],
    pub(super) role: Role,
    pub(super) space: Space,
    pub(super) dir: Option<Direction>,
    /// The request's number, or a message's place.
    pub(super) request: u8,
    /// The producer or consumer.
    pub(super) member: u8,
    pub(super) topic: u8,
    pub(super) subscription: u8,
    pub(super) domain: u8,
    pub(super) version: u8,
    pub(super) error: u8,
    pub(super) text: u8,
}

impl Command {
    pub(super) fn kind(&self) -> MessageKind {
        match self.role {
            Role::Ask => MessageKind::Request,
            Role::Answer => MessageKind::Response,
            Role::Single => MessageKind::Single,
        }
    }

    /// Its member is a producer.
    pub(super) fn is_producer(&self) -> bool {
        matches!(self.name, b"PRODUCER" | b"SEND" | b"CLOSE_PRODUCER")
    }

    /// A message's metadata and payload follow.
    pub(super) fn has_payload(&self) -> bool {
        matches!(self.name, b"SEND" | b"MESSAGE")
    }

    /// Says that something failed.
    pub(super) fn is_error(&self) -> bool {
        matches!(self.name, b"ERROR" | b"SEND_ERROR")
    }
}

const NONE: Command = Command {
    name: b"",
    role: Role::Single,
    space: Space::None,
    dir: None,
    request: 0,
    member: 0,
    topic: 0,
    subscription: 0,
    domain: 0,
    version: 0,
    error: 0,
    text: 0,
};

/// A request of the client.
const fn ask(name: &'static [u8], request: u8) -> Command {
    let dir = Some(Direction::ToServer);
    Command { name, role: Role::Ask, space: Space::Request, dir, request, ..NONE }
}

/// An answer of the broker: fields of its number, an error's number and its text.
const fn answer(name: &'static [u8], request: u8, error: u8, text: u8) -> Command {
    let dir = Some(Direction::ToClient);
    Command { name, role: Role::Answer, space: Space::Request, dir, request, error, text, ..NONE }
}

/// What is told without waiting for anything.
const fn tell(name: &'static [u8], dir: Direction, member: u8) -> Command {
    Command { name, dir: Some(dir), member, ..NONE }
}

const UP: Direction = Direction::ToServer;
const DOWN: Direction = Direction::ToClient;

/// Commands by their number.
static COMMANDS: [(u8, Command); 58] = [
    (2, Command { space: Space::Connect, version: 4, domain: 6, ..ask(b"CONNECT", 0) }),
    (3, Command { space: Space::Connect, ..answer(b"CONNECTED", 0, 0, 0) }),
    (4, Command { topic: 1, subscription: 2, member: 4, ..ask(b"SUBSCRIBE", 5) }),
    (5, Command { topic: 1, member: 2, ..ask(b"PRODUCER", 3) }),
    (6, Command { space: Space::Sequence, member: 1, ..ask(b"SEND", 2) }),
    (7, Command { space: Space::Sequence, member: 1, ..answer(b"SEND_RECEIPT", 2, 0, 0) }),
    (8, Command { space: Space::Sequence, member: 1, ..answer(b"SEND_ERROR", 2, 3, 4) }),
    (9, tell(b"MESSAGE", DOWN, 1)),
    (10, Command { member: 1, ..ask(b"ACK", 8) }),
    (11, tell(b"FLOW", UP, 1)),
    (12, Command { member: 1, ..ask(b"UNSUBSCRIBE", 2) }),
    (13, answer(b"SUCCESS", 1, 0, 0)),
    (14, answer(b"ERROR", 1, 2, 3)),
    (15, Command { member: 1, dir: None, ..ask(b"CLOSE_PRODUCER", 2) }),
    (16, Command { member: 1, dir: None, ..ask(b"CLOSE_CONSUMER", 2) }),
    (17, answer(b"PRODUCER_SUCCESS", 1, 0, 0)),
    (18, Command { space: Space::Ping, dir: None, ..ask(b"PING", 0) }),
    (19, Command { space: Space::Ping, dir: None, ..answer(b"PONG", 0, 0, 0) }),
    (20, tell(b"REDELIVER_UNACKNOWLEDGED_MESSAGES", UP, 1)),
    (21, Command { topic: 1, ..ask(b"PARTITIONED_METADATA", 2) }),
    (22, answer(b"PARTITIONED_METADATA_RESPONSE", 2, 4, 5)),
    (23, Command { topic: 1, ..ask(b"LOOKUP", 2) }),
    (24, answer(b"LOOKUP_RESPONSE", 4, 6, 7)),
    (25, Command { member: 4, ..ask(b"CONSUMER_STATS", 1) }),
    (26, answer(b"CONSUMER_STATS_RESPONSE", 1, 2, 3)),
    (27, tell(b"REACHED_END_OF_TOPIC", DOWN, 1)),
    (28, Command { member: 1, ..ask(b"SEEK", 2) }),
    (29, Command { member: 1, ..ask(b"GET_LAST_MESSAGE_ID", 2) }),
    (30, answer(b"GET_LAST_MESSAGE_ID_RESPONSE", 2, 0, 0)),
    (31, tell(b"ACTIVE_CONSUMER_CHANGE", DOWN, 1)),
    (32, Command { topic: 2, ..ask(b"GET_TOPICS_OF_NAMESPACE", 1) }),
    (33, answer(b"GET_TOPICS_OF_NAMESPACE_RESPONSE", 1, 0, 0)),
    (34, Command { topic: 2, ..ask(b"GET_SCHEMA", 1) }),
    (35, answer(b"GET_SCHEMA_RESPONSE", 1, 2, 3)),
    (36, tell(b"AUTH_CHALLENGE", DOWN, 0)),
    (37, tell(b"AUTH_RESPONSE", UP, 0)),
    (38, answer(b"ACK_RESPONSE", 6, 4, 5)),
    (39, Command { topic: 2, ..ask(b"GET_OR_CREATE_SCHEMA", 1) }),
    (40, answer(b"GET_OR_CREATE_SCHEMA_RESPONSE", 1, 2, 3)),
    (50, ask(b"NEW_TXN", 1)),
    (51, answer(b"NEW_TXN_RESPONSE", 1, 4, 5)),
    (52, ask(b"ADD_PARTITION_TO_TXN", 1)),
    (53, answer(b"ADD_PARTITION_TO_TXN_RESPONSE", 1, 4, 5)),
    (54, ask(b"ADD_SUBSCRIPTION_TO_TXN", 1)),
    (55, answer(b"ADD_SUBSCRIPTION_TO_TXN_RESPONSE", 1, 4, 5)),
    (56, ask(b"END_TXN", 1)),
    (57, answer(b"END_TXN_RESPONSE", 1, 4, 5)),
    (58, Command { topic: 4, ..ask(b"END_TXN_ON_PARTITION", 1) }),
    (59, answer(b"END_TXN_ON_PARTITION_RESPONSE", 1, 4, 5)),
    (60, ask(b"END_TXN_ON_SUBSCRIPTION", 1)),
    (61, answer(b"END_TXN_ON_SUBSCRIPTION_RESPONSE", 1, 4, 5)),
    (62, ask(b"TC_CLIENT_CONNECT_REQUEST", 1)),
    (63, answer(b"TC_CLIENT_CONNECT_RESPONSE", 1, 2, 3)),
    (64, Command { topic: 3, ..ask(b"WATCH_TOPIC_LIST", 1) }),
    (65, answer(b"WATCH_TOPIC_LIST_SUCCESS", 1, 0, 0)),
    (66, tell(b"WATCH_TOPIC_UPDATE", DOWN, 0)),
    (67, ask(b"WATCH_TOPIC_LIST_CLOSE", 1)),
    (68, tell(b"TOPIC_MIGRATED", DOWN, 1)),
];

/// Places of the commands by their number.
static PLACES: [u8; 128] = {
    let mut places = [u8::MAX; 128];
    let mut at = 0;
    while at < COMMANDS.len() {
        places[COMMANDS[at].0 as usize] = at as u8;
        at += 1;
    }
    places
};

/// The command of this number.
#[inline]
pub(super) fn of(number: u8) -> Option<&'static Command> {
    let place = *PLACES.get(usize::from(number))?;
    COMMANDS.get(usize::from(place)).map(|(_, c)| c)
}
