//! Every way a frame can be wrong. Each is counted under its name.

use super::HEADER_VERSION;

/// Why a frame is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not a Fathom frame, or the stream is out of step.
    #[error("not a Fathom frame: the peer speaks another protocol, or bytes were lost")]
    Magic,
    /// A header layout this build does not know.
    #[error("frame header version {0}; this build knows {HEADER_VERSION}: update the older side")]
    HeaderVersion(u8),
    /// Reserved bytes that are not zero.
    #[error("reserved bytes of the frame header are not zero")]
    Reserved,
    /// An unknown frame kind.
    #[error("frame kind {0} is unknown")]
    Kind(u8),
    /// An unknown compression.
    #[error("compression {0} is unknown")]
    Compression(u8),
    /// A length or count beyond its limit.
    #[error("{what} of {value} is beyond the limit of {limit}")]
    TooLarge {
        /// Which one.
        what: &'static str,
        /// What the frame says.
        value: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Lengths in the header that contradict each other.
    #[error("contradicting lengths in the frame header")]
    Lengths,
    /// A block without rows.
    #[error("a block without rows")]
    Empty,
    /// The schemas of agent and server are more than one version apart.
    #[error(
        "schema version {theirs} of table {table}, ours is {ours}: agent and server may differ by one"
    )]
    SchemaVersion {
        /// Table id.
        table: u16,
        /// Version in the frame.
        theirs: u16,
        /// Version of this build.
        ours: u16,
    },
    /// A table this build does not know.
    #[error("table {0} is unknown to this build")]
    UnknownTable(u16),
    /// The frame was damaged on its way.
    #[error("checksum mismatch: the frame was damaged")]
    Checksum,
    /// The compressed body cannot be read.
    #[error("the compressed body cannot be read")]
    Decompress,
    /// Not a block: there are no columns.
    #[error("a frame of this kind has no columns")]
    NotABlock,
    /// The columns do not fill the body exactly.
    #[error("the columns do not fill the body")]
    Truncated,
    /// Column ids must ascend.
    #[error("column {0} is out of order")]
    ColumnOrder(u16),
    /// A column with another type than declared.
    #[error("column {column} has type code {code}, which is not its own")]
    ColumnType {
        /// Column id.
        column: u16,
        /// Code in the frame.
        code: u8,
    },
    /// The bytes of a column do not hold the rows the header promises.
    #[error("the bytes of column {0} do not hold the rows promised")]
    ColumnData(u16),
}

impl WireError {
    /// Short name, for the label of a counter.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Magic => "magic",
            Self::HeaderVersion(_) => "header_version",
            Self::Reserved => "reserved",
            Self::Kind(_) => "kind",
            Self::Compression(_) => "compression",
            Self::TooLarge { .. } => "too_large",
            Self::Lengths => "lengths",
            Self::Empty => "empty",
            Self::SchemaVersion { .. } => "schema_version",
            Self::UnknownTable(_) => "unknown_table",
            Self::Checksum => "checksum",
            Self::Decompress => "decompress",
            Self::NotABlock => "not_a_block",
            Self::Truncated => "truncated",
            Self::ColumnOrder(_) => "column_order",
            Self::ColumnType { .. } => "column_type",
            Self::ColumnData(_) => "column_data",
        }
    }
}
