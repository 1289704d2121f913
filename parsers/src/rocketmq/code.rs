//! Numbers of commands and of answers (org.apache.rocketmq.remoting.protocol, RequestCode and
//! ResponseCode).

use crate::message::ResponseStatus;

/// Names of commands, by number.
const NAMES: &[(i32, &[u8])] = &[
    (10, b"SEND_MESSAGE"),
    (11, b"PULL_MESSAGE"),
    (12, b"QUERY_MESSAGE"),
    (13, b"QUERY_BROKER_OFFSET"),
    (14, b"QUERY_CONSUMER_OFFSET"),
    (15, b"UPDATE_CONSUMER_OFFSET"),
    (17, b"UPDATE_AND_CREATE_TOPIC"),
    (21, b"GET_ALL_TOPIC_CONFIG"),
    (22, b"GET_TOPIC_CONFIG_LIST"),
    (23, b"GET_TOPIC_NAME_LIST"),
    (25, b"UPDATE_BROKER_CONFIG"),
    (26, b"GET_BROKER_CONFIG"),
    (27, b"TRIGGER_DELETE_FILES"),
    (28, b"GET_BROKER_RUNTIME_INFO"),
    (29, b"SEARCH_OFFSET_BY_TIMESTAMP"),
    (30, b"GET_MAX_OFFSET"),
    (31, b"GET_MIN_OFFSET"),
    (32, b"GET_EARLIEST_MSG_STORETIME"),
    (33, b"VIEW_MESSAGE_BY_ID"),
    (34, b"HEART_BEAT"),
    (35, b"UNREGISTER_CLIENT"),
    (36, b"CONSUMER_SEND_MSG_BACK"),
    (37, b"END_TRANSACTION"),
    (38, b"GET_CONSUMER_LIST_BY_GROUP"),
    (39, b"CHECK_TRANSACTION_STATE"),
    (40, b"NOTIFY_CONSUMER_IDS_CHANGED"),
    (41, b"LOCK_BATCH_MQ"),
    (42, b"UNLOCK_BATCH_MQ"),
    (43, b"GET_ALL_CONSUMER_OFFSET"),
    (45, b"GET_ALL_DELAY_OFFSET"),
    (46, b"CHECK_CLIENT_CONFIG"),
    (50, b"UPDATE_AND_CREATE_ACL_CONFIG"),
    (51, b"DELETE_ACL_CONFIG"),
    (52, b"GET_BROKER_CLUSTER_ACL_INFO"),
    (53, b"UPDATE_GLOBAL_WHITE_ADDRS_CONFIG"),
    (54, b"GET_BROKER_CLUSTER_ACL_CONFIG"),
    (100, b"PUT_KV_CONFIG"),
    (101, b"GET_KV_CONFIG"),
    (102, b"DELETE_KV_CONFIG"),
    (103, b"REGISTER_BROKER"),
    (104, b"UNREGISTER_BROKER"),
    (105, b"GET_ROUTEINFO_BY_TOPIC"),
    (106, b"GET_BROKER_CLUSTER_INFO"),
    (200, b"UPDATE_AND_CREATE_SUBSCRIPTIONGROUP"),
    (201, b"GET_ALL_SUBSCRIPTIONGROUP_CONFIG"),
    (202, b"GET_TOPIC_STATS_INFO"),
    (203, b"GET_CONSUMER_CONNECTION_LIST"),
    (204, b"GET_PRODUCER_CONNECTION_LIST"),
    (205, b"WIPE_WRITE_PERM_OF_BROKER"),
    (206, b"GET_ALL_TOPIC_LIST_FROM_NAMESERVER"),
    (207, b"DELETE_SUBSCRIPTIONGROUP"),
    (208, b"GET_CONSUME_STATS"),
    (215, b"DELETE_TOPIC_IN_BROKER"),
    (216, b"DELETE_TOPIC_IN_NAMESRV"),
    (219, b"GET_KVLIST_BY_NAMESPACE"),
    (220, b"RESET_CONSUMER_CLIENT_OFFSET"),
    (221, b"GET_CONSUMER_STATUS_FROM_CLIENT"),
    (222, b"INVOKE_BROKER_TO_RESET_OFFSET"),
    (223, b"INVOKE_BROKER_TO_GET_CONSUMER_STATUS"),
    (224, b"GET_TOPICS_BY_CLUSTER"),
    (300, b"QUERY_TOPIC_CONSUME_BY_WHO"),
    (304, b"GET_SYSTEM_TOPIC_LIST_FROM_NS"),
    (305, b"GET_SYSTEM_TOPIC_LIST_FROM_BROKER"),
    (307, b"GET_CONSUMER_RUNNING_INFO"),
    (309, b"CONSUME_MESSAGE_DIRECTLY"),
    (310, b"SEND_MESSAGE_V2"),
    (311, b"GET_UNIT_TOPIC_LIST"),
    (314, b"QUERY_CORRECTION_OFFSET"),
    (315, b"VIEW_BROKER_STATS_DATA"),
    (317, b"GET_BROKER_CONSUME_STATS"),
    (318, b"UPDATE_NAMESRV_CONFIG"),
    (319, b"GET_NAMESRV_CONFIG"),
    (320, b"SEND_BATCH_MESSAGE"),
    (321, b"QUERY_CONSUME_QUEUE"),
    (322, b"QUERY_DATA_VERSION"),
    (323, b"RESUME_CHECK_HALF_MESSAGE"),
    (324, b"SEND_REPLY_MESSAGE"),
    (325, b"SEND_REPLY_MESSAGE_V2"),
    (326, b"PUSH_REPLY_MESSAGE_TO_CLIENT"),
    (351, b"GET_TOPIC_CONFIG"),
    (361, b"LITE_PULL_MESSAGE"),
    (400, b"QUERY_ASSIGNMENT"),
    (401, b"SET_MESSAGE_REQUEST_MODE"),
    (1001, b"GET_BROKER_MEMBER_GROUP"),
    (200_050, b"POP_MESSAGE"),
    (200_051, b"ACK_MESSAGE"),
    (200_052, b"PEEK_MESSAGE"),
    (200_053, b"CHANGE_MESSAGE_INVISIBLETIME"),
    (200_054, b"NOTIFICATION"),
    (200_055, b"POLLING_INFO"),
    (200_151, b"BATCH_ACK_MESSAGE"),
];

/// The name of a command.
#[inline]
pub(super) fn name(code: i32) -> Option<&'static [u8]> {
    NAMES.binary_search_by_key(&code, |(n, _)| *n).ok().map(|at| NAMES[at].1)
}

/// A command whose fields have names of one letter.
pub(super) fn is_short(code: i32) -> bool {
    matches!(code, 310 | 320 | 325)
}

/// A command that only brokers send.
pub(super) fn is_of_broker(code: i32) -> bool {
    matches!(code, 39 | 40 | 220 | 221 | 326)
}

/// What the number of an answer means.
pub(super) fn status(code: i32) -> ResponseStatus {
    match code {
        // Nothing new, or nothing at that place: what a pull is told all day.
        0 | 19..=21 | 206..=208 | 210 => ResponseStatus::Ok,
        // Not known, malformed, not allowed.
        3 | 13 | 15..=18 | 22 | 24..=26 | 28 | 29 => ResponseStatus::ClientError,
        _ => ResponseStatus::ServerError,
    }
}
