//! What is known of each request: its name, the first version of it in the compact encoding, and
//! where in its body and in its answer's body the things stand that rows are made of.
//!
//! A body is described as a list of fields with the versions that have them, as far as it has to
//! be read; `body.rs` walks along it. (Apache Kafka's message definitions say the same at length.)

/// The newest version of any request that is believed.
pub(super) const MAX_VERSION: u16 = 24;

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) op: Op,
    /// The first and the last version that have it.
    pub(super) from: u8,
    pub(super) to: u8,
}

/// What a field is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// So many bytes that say nothing here.
    Skip(u8),
    /// A text that says nothing here.
    Text,
    Topic,
    TopicId,
    Partition,
    Offset,
    Group,
    Transaction,
    /// A text that says what the request is about.
    About,
    Acks,
    Records,
    Error,
    Message,
    /// An array; each element has these fields, and tags in the compact encoding where they are
    /// more than one.
    Each(&'static [Field]),
    /// What follows is not worth reading.
    Stop,
}

/// One kind of request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Api {
    pub(super) name: &'static str,
    /// First version in the compact encoding.
    pub(super) flexible: u8,
    pub(super) request: &'static [Field],
    pub(super) response: &'static [Field],
}

const fn all(op: Op) -> Field {
    Field { op, from: 0, to: u8::MAX }
}

const fn since(from: u8, op: Op) -> Field {
    Field { op, from, to: u8::MAX }
}

const fn until(to: u8, op: Op) -> Field {
    Field { op, from: 0, to }
}

const fn between(from: u8, to: u8, op: Op) -> Field {
    Field { op, from, to }
}

const NEVER: u8 = u8::MAX;

const fn api(
    name: &'static str,
    flexible: u8,
    request: &'static [Field],
    response: &'static [Field],
) -> Api {
    Api { name, flexible, request, response }
}

use Op::{
    About, Acks, Each, Error, Group, Message, Offset, Partition, Records, Skip, Stop, Text, Topic,
    TopicId, Transaction,
};

/// Nothing is read.
const NONE: &[Field] = &[all(Stop)];
/// A throttle time in all versions, and the outcome.
const THROTTLE_ERROR: &[Field] = &[all(Skip(4)), all(Error), all(Stop)];
/// The same, and what is wrong.
const THROTTLE_ERROR_TEXT: &[Field] = &[all(Skip(4)), all(Error), all(Message), all(Stop)];
/// The same since version 1.
const ERROR_1: &[Field] = &[since(1, Skip(4)), all(Error), all(Stop)];
const ERROR_FIRST: &[Field] = &[all(Error), all(Stop)];
const GROUP: &[Field] = &[all(Group), all(Stop)];
const GROUPS: &[Field] = &[all(Each(&[all(Group), all(Stop)]))];
const TRANSACTION: &[Field] = &[all(Transaction), all(Stop)];
const TOPICS: &[Field] = &[all(Each(&[all(Topic), all(Stop)]))];
/// A topic's partitions by number.
const NUMBERS: Op = Each(&[all(Partition)]);
/// Topics, partitions, and how each went.
const PARTITION_ERRORS: Op = Each(&[all(Topic), all(Each(&[all(Partition), all(Error)]))]);
const RESOURCE: &[Field] = &[all(Each(&[all(Skip(1)), all(About), all(Stop)]))];
const RESULTS: &[Field] = &[all(Skip(4)), all(Each(&[all(Error), all(Message), all(Stop)]))];

const PRODUCE: &[Field] = &[
    since(3, Transaction),
    all(Acks),
    all(Skip(4)),
    all(Each(&[until(12, Topic), since(13, TopicId), all(Each(&[all(Partition), all(Records)]))])),
];
const PRODUCED: &[Field] = &[all(Each(&[
    until(12, Topic),
    since(13, TopicId),
    all(Each(&[
        all(Partition),
        all(Error),
        all(Offset),
        since(2, Skip(8)),
        since(5, Skip(8)),
        since(8, Each(&[all(Skip(4)), all(Text)])),
        since(8, Message),
    ])),
]))];
const FETCH: &[Field] = &[
    until(14, Skip(4)),
    all(Skip(8)),
    since(3, Skip(4)),
    since(4, Skip(1)),
    since(7, Skip(8)),
    all(Each(&[
        until(12, Topic),
        since(13, TopicId),
        all(Each(&[all(Partition), since(9, Skip(4)), all(Offset), all(Stop)])),
    ])),
];
const FETCHED: &[Field] = &[
    since(1, Skip(4)),
    since(7, Error),
    since(7, Skip(4)),
    all(Each(&[
        until(12, Topic),
        since(13, TopicId),
        all(Each(&[
            all(Partition),
            all(Error),
            all(Skip(8)),
            since(4, Skip(8)),
            since(5, Skip(8)),
            since(4, Each(&[all(Skip(8)), all(Skip(8))])),
            since(11, Skip(4)),
            all(Records),
        ])),
    ])),
];
const METADATA_ANSWER: &[Field] = &[
    since(3, Skip(4)),
    all(Each(&[all(Skip(4)), all(Text), all(Skip(4)), since(1, Text)])),
    since(2, Text),
    since(1, Skip(4)),
    all(Each(&[
        all(Error),
        all(Topic),
        since(10, Skip(16)),
        since(1, Skip(1)),
        all(Each(&[
            all(Skip(10)),
            since(7, Skip(4)),
            all(Each(&[all(Skip(4))])),
            all(Each(&[all(Skip(4))])),
            since(5, Each(&[all(Skip(4))])),
            all(Stop),
        ])),
        all(Stop),
    ])),
];
const OFFSET_FETCH: &[Field] = &[
    until(7, Group),
    until(7, Each(&[all(Topic), all(NUMBERS)])),
    since(
        8,
        Each(&[
            all(Group),
            since(9, Text),
            since(9, Skip(4)),
            all(Each(&[until(9, Topic), since(10, TopicId), all(NUMBERS)])),
        ]),
    ),
];
const OFFSETS_FETCHED: &[Field] = &[
    since(3, Skip(4)),
    until(
        7,
        Each(&[
            all(Topic),
            all(Each(&[all(Partition), all(Offset), since(5, Skip(4)), all(Text), all(Error)])),
        ]),
    ),
    between(2, 7, Error),
    since(
        8,
        Each(&[
            all(Group),
            all(Each(&[
                until(9, Topic),
                since(10, TopicId),
                all(Each(&[all(Partition), all(Offset), all(Skip(4)), all(Text), all(Error)])),
            ])),
            all(Error),
        ]),
    ),
];
const OFFSET_COMMIT: &[Field] = &[
    all(Group),
    since(1, Skip(4)),
    since(1, Text),
    since(7, Text),
    between(2, 4, Skip(8)),
    all(Each(&[
        until(9, Topic),
        since(10, TopicId),
        all(Each(&[all(Partition), all(Offset), all(Stop)])),
    ])),
];
const OFFSETS_COMMITTED: &[Field] = &[
    since(3, Skip(4)),
    all(Each(&[until(9, Topic), since(10, TopicId), all(Each(&[all(Partition), all(Error)]))])),
];
const TXN_OFFSET_COMMIT: &[Field] = &[
    all(Transaction),
    all(Group),
    all(Skip(10)),
    since(3, Skip(4)),
    since(3, Text),
    since(3, Text),
    all(Each(&[all(Topic), all(Each(&[all(Partition), all(Offset), all(Stop)]))])),
];
const LIST_OFFSETS: &[Field] = &[
    all(Skip(4)),
    since(2, Skip(1)),
    all(Each(&[all(Topic), all(Each(&[all(Partition), all(Stop)]))])),
];
const OFFSETS_LISTED: &[Field] = &[
    since(2, Skip(4)),
    all(Each(&[
        all(Topic),
        all(Each(&[
            all(Partition),
            all(Error),
            since(1, Skip(16)),
            since(4, Skip(4)),
            until(0, Stop),
        ])),
    ])),
];
const ADD_PARTITIONS: &[Field] = &[
    until(3, Transaction),
    until(3, Skip(10)),
    until(3, Each(&[all(Topic), all(NUMBERS)])),
    since(4, Each(&[all(Transaction), all(Stop)])),
];
const PARTITIONS_ADDED: &[Field] =
    &[all(Skip(4)), until(3, PARTITION_ERRORS), since(4, Error), all(Stop)];
const DELETE_TOPICS: &[Field] =
    &[until(5, Each(&[all(Topic), all(Stop)])), since(6, Each(&[all(Topic), all(TopicId)]))];
const FIND_COORDINATOR: &[Field] =
    &[until(3, About), since(4, Skip(1)), since(4, Each(&[all(About), all(Stop)]))];
const COORDINATOR_FOUND: &[Field] = &[
    since(1, Skip(4)),
    until(3, Error),
    between(1, 3, Message),
    until(3, Stop),
    all(Each(&[all(Text), all(Skip(4)), all(Text), all(Skip(4)), all(Error), all(Message)])),
];
const EPOCHS: &[Field] =
    &[since(3, Skip(4)), all(Each(&[all(Topic), all(Each(&[all(Partition), all(Stop)]))]))];
const EPOCH_ANSWER: &[Field] = &[
    since(2, Skip(4)),
    all(Each(&[
        all(Topic),
        all(Each(&[all(Error), all(Partition), since(1, Skip(4)), all(Skip(8))])),
    ])),
];
const TOPICS_CREATED: &[Field] = &[
    since(2, Skip(4)),
    all(Each(&[all(Topic), since(7, Skip(16)), all(Error), since(1, Message), all(Stop)])),
];
const TOPICS_DELETED: &[Field] = &[
    since(1, Skip(4)),
    all(Each(&[all(Topic), since(6, Skip(16)), all(Error), since(5, Message)])),
];
const RECORDS_DELETED: &[Field] = &[
    all(Skip(4)),
    all(Each(&[all(Topic), all(Each(&[all(Partition), all(Skip(8)), all(Error)]))])),
];
const SHARE: &[Field] = &[all(Group), all(Text), all(Skip(4)), all(Stop)];

/// Every request by its number.
static APIS: [Api; 94] = [
    api("Produce", 9, PRODUCE, PRODUCED),
    api("Fetch", 12, FETCH, FETCHED),
    api("ListOffsets", 6, LIST_OFFSETS, OFFSETS_LISTED),
    api(
        "Metadata",
        9,
        &[all(Each(&[since(10, Skip(16)), all(Topic)])), all(Stop)],
        METADATA_ANSWER,
    ),
    api("LeaderAndIsr", 4, NONE, ERROR_FIRST),
    api("StopReplica", 2, NONE, ERROR_FIRST),
    api("UpdateMetadata", 6, NONE, ERROR_FIRST),
    api("ControlledShutdown", 3, NONE, ERROR_FIRST),
    api("OffsetCommit", 8, OFFSET_COMMIT, OFFSETS_COMMITTED),
    api("OffsetFetch", 6, OFFSET_FETCH, OFFSETS_FETCHED),
    api("FindCoordinator", 3, FIND_COORDINATOR, COORDINATOR_FOUND),
    api("JoinGroup", 6, GROUP, &[since(2, Skip(4)), all(Error), all(Stop)]),
    api("Heartbeat", 4, GROUP, ERROR_1),
    api("LeaveGroup", 4, GROUP, ERROR_1),
    api("SyncGroup", 4, GROUP, ERROR_1),
    api(
        "DescribeGroups",
        5,
        GROUPS,
        &[since(1, Skip(4)), all(Each(&[all(Error), since(6, Message), all(Stop)]))],
    ),
    api("ListGroups", 3, NONE, ERROR_1),
    api("SaslHandshake", NEVER, &[all(About)], ERROR_FIRST),
    api("ApiVersions", 3, &[since(3, About), all(Stop)], ERROR_FIRST),
    api("CreateTopics", 5, TOPICS, TOPICS_CREATED),
    api("DeleteTopics", 4, DELETE_TOPICS, TOPICS_DELETED),
    api(
        "DeleteRecords",
        2,
        &[all(Each(&[all(Topic), all(Each(&[all(Partition), all(Offset)]))])), all(Stop)],
        RECORDS_DELETED,
    ),
    api("InitProducerId", 2, TRANSACTION, THROTTLE_ERROR),
    api("OffsetForLeaderEpoch", 4, EPOCHS, EPOCH_ANSWER),
    api("AddPartitionsToTxn", 3, ADD_PARTITIONS, PARTITIONS_ADDED),
    api(
        "AddOffsetsToTxn",
        3,
        &[all(Transaction), all(Skip(10)), all(Group), all(Stop)],
        THROTTLE_ERROR,
    ),
    api("EndTxn", 3, TRANSACTION, THROTTLE_ERROR),
    api("WriteTxnMarkers", 1, NONE, NONE),
    api("TxnOffsetCommit", 3, TXN_OFFSET_COMMIT, &[all(Skip(4)), all(PARTITION_ERRORS)]),
    api("DescribeAcls", 2, NONE, THROTTLE_ERROR_TEXT),
    api("CreateAcls", 2, NONE, RESULTS),
    api("DeleteAcls", 2, NONE, RESULTS),
    api("DescribeConfigs", 4, RESOURCE, RESULTS),
    api("AlterConfigs", 2, RESOURCE, RESULTS),
    api(
        "AlterReplicaLogDirs",
        2,
        &[all(Each(&[all(About), all(Each(&[all(Topic), all(NUMBERS)]))])), all(Stop)],
        &[all(Skip(4)), all(PARTITION_ERRORS)],
    ),
    api(
        "DescribeLogDirs",
        2,
        &[all(Each(&[all(Topic), all(NUMBERS)])), all(Stop)],
        &[all(Skip(4)), since(3, Error), all(Stop)],
    ),
    api("SaslAuthenticate", 2, NONE, &[all(Error), all(Message), all(Stop)]),
    api(
        "CreatePartitions",
        2,
        TOPICS,
        &[all(Skip(4)), all(Each(&[all(Topic), all(Error), all(Message)]))],
    ),
    api("CreateDelegationToken", 2, NONE, ERROR_FIRST),
    api("RenewDelegationToken", 2, NONE, ERROR_FIRST),
    api("ExpireDelegationToken", 2, NONE, ERROR_FIRST),
    api("DescribeDelegationToken", 2, NONE, ERROR_FIRST),
    api("DeleteGroups", 2, GROUPS, &[all(Skip(4)), all(Each(&[all(Group), all(Error)]))]),
    api("ElectLeaders", 2, NONE, &[all(Skip(4)), since(1, Error), all(Stop)]),
    api("IncrementalAlterConfigs", 1, RESOURCE, RESULTS),
    api("AlterPartitionReassignments", 0, NONE, NONE),
    api("ListPartitionReassignments", 0, NONE, THROTTLE_ERROR_TEXT),
    api(
        "OffsetDelete",
        NEVER,
        &[all(Group), all(Each(&[all(Topic), all(NUMBERS)]))],
        &[all(Error), all(Skip(4)), all(PARTITION_ERRORS)],
    ),
    api("DescribeClientQuotas", 1, NONE, THROTTLE_ERROR_TEXT),
    api("AlterClientQuotas", 1, NONE, RESULTS),
    api("DescribeUserScramCredentials", 0, NONE, THROTTLE_ERROR_TEXT),
    api(
        "AlterUserScramCredentials",
        0,
        NONE,
        &[all(Skip(4)), all(Each(&[all(Text), all(Error), all(Message)]))],
    ),
    api("Vote", 0, NONE, ERROR_FIRST),
    api("BeginQuorumEpoch", 1, NONE, ERROR_FIRST),
    api("EndQuorumEpoch", 1, NONE, ERROR_FIRST),
    api("DescribeQuorum", 0, NONE, ERROR_FIRST),
    api("AlterPartition", 0, NONE, THROTTLE_ERROR),
    api("UpdateFeatures", 0, NONE, THROTTLE_ERROR_TEXT),
    api("Envelope", 0, NONE, NONE),
    api("FetchSnapshot", 0, NONE, THROTTLE_ERROR),
    api("DescribeCluster", 0, NONE, THROTTLE_ERROR_TEXT),
    api(
        "DescribeProducers",
        0,
        &[all(Each(&[all(Topic), all(NUMBERS)]))],
        &[
            all(Skip(4)),
            all(Each(&[
                all(Topic),
                all(Each(&[all(Partition), all(Error), all(Message), all(Stop)])),
            ])),
        ],
    ),
    api("BrokerRegistration", 0, NONE, THROTTLE_ERROR),
    api("BrokerHeartbeat", 0, NONE, THROTTLE_ERROR),
    api("UnregisterBroker", 0, NONE, THROTTLE_ERROR_TEXT),
    api(
        "DescribeTransactions",
        0,
        &[all(Each(&[all(Transaction), all(Stop)]))],
        &[all(Skip(4)), all(Each(&[all(Error), all(Stop)]))],
    ),
    api("ListTransactions", 0, NONE, THROTTLE_ERROR),
    api("AllocateProducerIds", 0, NONE, THROTTLE_ERROR),
    api("ConsumerGroupHeartbeat", 0, GROUP, THROTTLE_ERROR_TEXT),
    api("ConsumerGroupDescribe", 0, GROUPS, RESULTS),
    api("ControllerRegistration", 0, NONE, THROTTLE_ERROR_TEXT),
    api("GetTelemetrySubscriptions", 0, NONE, THROTTLE_ERROR),
    api("PushTelemetry", 0, NONE, THROTTLE_ERROR),
    api("AssignReplicasToDirs", 0, NONE, THROTTLE_ERROR),
    api("ListConfigResources", 0, NONE, THROTTLE_ERROR),
    api("DescribeTopicPartitions", 0, TOPICS, &[all(Skip(4)), all(Each(&[all(Error), all(Stop)]))]),
    api("ShareGroupHeartbeat", 0, GROUP, THROTTLE_ERROR_TEXT),
    api("ShareGroupDescribe", 0, GROUPS, RESULTS),
    api("ShareFetch", 0, SHARE, THROTTLE_ERROR_TEXT),
    api("ShareAcknowledge", 0, SHARE, THROTTLE_ERROR_TEXT),
    api("AddRaftVoter", 0, NONE, THROTTLE_ERROR_TEXT),
    api("RemoveRaftVoter", 0, NONE, THROTTLE_ERROR_TEXT),
    api("UpdateRaftVoter", 0, NONE, THROTTLE_ERROR),
    api("InitializeShareGroupState", 0, GROUP, NONE),
    api("ReadShareGroupState", 0, GROUP, NONE),
    api("WriteShareGroupState", 0, GROUP, NONE),
    api("DeleteShareGroupState", 0, GROUP, NONE),
    api("ReadShareGroupStateSummary", 0, GROUP, NONE),
    api("StreamsGroupHeartbeat", 0, GROUP, THROTTLE_ERROR),
    api("StreamsGroupDescribe", 0, GROUPS, RESULTS),
    api("DescribeShareGroupOffsets", 0, GROUPS, NONE),
    api("AlterShareGroupOffsets", 0, GROUP, THROTTLE_ERROR_TEXT),
    api("DeleteShareGroupOffsets", 0, GROUP, THROTTLE_ERROR_TEXT),
    api("GetReplicaLogInfo", 0, NONE, NONE),
];

/// The request of this number.
#[inline]
pub(super) fn of(key: u16) -> Option<&'static Api> {
    APIS.get(usize::from(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_some() {
        for (key, name) in [
            (0, "Produce"),
            (18, "ApiVersions"),
            (36, "SaslAuthenticate"),
            (50, "DescribeUserScramCredentials"),
            (60, "DescribeCluster"),
            (68, "ConsumerGroupHeartbeat"),
            (75, "DescribeTopicPartitions"),
            (80, "AddRaftVoter"),
            (88, "StreamsGroupHeartbeat"),
            (92, "DeleteShareGroupOffsets"),
        ] {
            assert_eq!(of(key).unwrap().name, name);
        }
        assert!(of(94).is_none());
    }
}
