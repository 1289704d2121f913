//! What a table, a column and an enumeration are. The generated statics of these types are the
//! catalogue that queries, DDL, tagging and rendering read.

/// A table.
#[derive(Debug)]
pub struct TableDef {
    /// Number on the wire.
    pub id: u16,
    /// Database in ClickHouse.
    pub database: &'static str,
    /// Name in the database; may contain dots.
    pub name: &'static str,
    /// Version of the column set; grows by one when columns are added.
    pub version: u16,
    /// What a row is.
    pub doc: &'static str,
    /// Sort key.
    pub order_by: &'static [&'static str],
    /// Length of a partition, hours.
    pub partition_hours: u32,
    /// How long rows are kept unless configured otherwise, hours.
    pub ttl_hours: u32,
    /// Skip indexes.
    pub indexes: &'static [IndexDef],
    /// Columns, ascending by id.
    pub columns: &'static [ColumnDef],
    /// Position plus one in `columns`, by column id; 0 where there is none.
    pub by_id: &'static [u16],
}

impl TableDef {
    /// The column with this id on the wire.
    #[inline]
    pub fn column_by_id(&self, id: u16) -> Option<&'static ColumnDef> {
        let position = usize::from(*self.by_id.get(usize::from(id))?);
        self.columns.get(position.checked_sub(1)?)
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&'static ColumnDef> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Position in `columns` of the column with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Database and name for SQL, quoted where a dot asks for it: ``flow_metrics.`network.1s` ``.
    pub fn sql_name(&self) -> String {
        if self.name.contains('.') {
            format!("{}.`{}`", self.database, self.name)
        } else {
            format!("{}.{}", self.database, self.name)
        }
    }
}

/// Two definitions are the same when they are the same static.
impl PartialEq for TableDef {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for TableDef {}

/// A skip index.
#[derive(Debug)]
pub struct IndexDef {
    /// Name in ClickHouse.
    pub name: &'static str,
    /// Column it is over.
    pub on: &'static str,
    /// Type with parameters, as ClickHouse writes it.
    pub kind: &'static str,
    /// Granules of the sort key per entry.
    pub granularity: u32,
}

/// A column.
#[derive(Debug)]
pub struct ColumnDef {
    /// Number on the wire, unique in the table.
    pub id: u16,
    /// Name in ClickHouse and in rows.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// Compression codec in ClickHouse.
    pub codec: &'static str,
    /// Unit, empty for none: us, s, byte, packet, ...
    pub unit: &'static str,
    /// What it is for.
    pub kind: Kind,
    /// Names of its numbers.
    pub enum_: Option<&'static EnumDef>,
    /// How its numbers are written.
    pub format: Format,
    /// Who fills it.
    pub source: Source,
    /// Version of the table that brought it.
    pub since: u16,
    /// The enumerated column it is the name of: such a column is computed when read.
    pub name_of: Option<&'static str>,
    /// What it says.
    pub doc: &'static str,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names one thing; grouping and filtering by it makes sense, arithmetic does not.
    Id,
    /// A property to group and filter by.
    Tag,
    /// Free text.
    Text,
    /// A time.
    Time,
    /// A number to aggregate.
    Metric(Aggregation),
}

impl Kind {
    /// The aggregation of a metric.
    pub const fn metric(self) -> Option<Aggregation> {
        match self {
            Self::Metric(a) => Some(a),
            _ => None,
        }
    }
}

/// How rows of a metric are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// Adds up.
    Counter,
    /// A level: average, minimum or maximum, never a sum over time.
    Gauge,
    /// One measured duration; 0 is not measured.
    Delay,
    /// Sum of measured durations; divided by its count it is their mean.
    DelaySum,
    /// How many durations the sum holds.
    DelayCount,
    /// Largest of the durations.
    DelayMax,
    /// Counts per logarithmic bucket, added bucket by bucket.
    Sketch,
}

/// How a number is written in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As a number, or its name in the enumeration.
    Plain,
    /// The low 48 bits as a MAC address.
    Mac,
}

/// Who fills a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Whoever makes the row: it is on the wire unless every value is the default.
    Agent,
    /// The server, when it tags the row.
    Server,
    /// Nobody yet: declared in ClickHouse with its default, never on the wire.
    None,
}

/// An enumeration.
#[derive(Debug)]
pub struct EnumDef {
    /// Name.
    pub name: &'static str,
    /// What it enumerates.
    pub doc: &'static str,
    /// Rows show the number all the same.
    pub prints_number: bool,
    /// Values with their names, ascending.
    pub values: &'static [(u16, &'static str)],
}

impl EnumDef {
    /// Name of a value.
    pub fn name_of(&self, value: u64) -> Option<&'static str> {
        let value = u16::try_from(value).ok()?;
        let at = self.values.binary_search_by_key(&value, |v| v.0).ok()?;
        Some(self.values[at].1)
    }

    /// Value of a name, letter case aside.
    pub fn value_of(&self, name: &str) -> Option<u16> {
        self.values.iter().find(|v| v.1.eq_ignore_ascii_case(name)).map(|v| v.0)
    }
}

/// Types of columns. The number is the type code on the wire: a LowCardinality column travels
/// as plain strings and so has the code of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "ClickHouse's names say it")]
pub enum Type {
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int32,
    Int64,
    Float64,
    DateTime,
    DateTime64Micros,
    Ipv4,
    Ipv6,
    String,
    LowCardinalityString,
    NullableUInt8,
    NullableUInt64,
    NullableInt32,
    NullableInt64,
    ArrayUInt16,
    ArrayFloat64,
    ArrayString,
    ArrayLowCardinalityString,
    MapUInt16UInt64,
}

/// Layout of a column in memory and on the wire. Widths are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `rows` values of this width.
    Fixed(usize),
    /// `rows` strings, each with its length as LEB128 before it.
    Strings,
    /// `rows` flags (1 is null), then `rows` values of this width.
    Nullable(usize),
    /// `rows` end offsets (u64), then that many values of this width.
    Arrays(usize),
    /// `rows` end offsets (u64), then that many strings.
    StringArrays,
    /// `rows` end offsets (u64), then that many keys, then that many values, of these widths.
    Maps(usize, usize),
}

impl Type {
    /// Every type.
    pub const ALL: [Self; 22] = [
        Self::UInt8,
        Self::UInt16,
        Self::UInt32,
        Self::UInt64,
        Self::Int32,
        Self::Int64,
        Self::Float64,
        Self::DateTime,
        Self::DateTime64Micros,
        Self::Ipv4,
        Self::Ipv6,
        Self::String,
        Self::LowCardinalityString,
        Self::NullableUInt8,
        Self::NullableUInt64,
        Self::NullableInt32,
        Self::NullableInt64,
        Self::ArrayUInt16,
        Self::ArrayFloat64,
        Self::ArrayString,
        Self::ArrayLowCardinalityString,
        Self::MapUInt16UInt64,
    ];

    /// Code on the wire; never changes.
    pub const fn wire_code(self) -> u8 {
        match self {
            Self::UInt8 => 1,
            Self::UInt16 => 2,
            Self::UInt32 => 3,
            Self::UInt64 => 4,
            Self::Int32 => 5,
            Self::Int64 => 6,
            Self::Float64 => 7,
            Self::DateTime => 8,
            Self::DateTime64Micros => 9,
            Self::Ipv4 => 10,
            Self::Ipv6 => 11,
            Self::String | Self::LowCardinalityString => 12,
            Self::NullableUInt8 => 13,
            Self::NullableUInt64 => 14,
            Self::NullableInt32 => 15,
            Self::NullableInt64 => 16,
            Self::ArrayUInt16 => 17,
            Self::ArrayFloat64 => 18,
            Self::ArrayString | Self::ArrayLowCardinalityString => 19,
            Self::MapUInt16UInt64 => 20,
        }
    }

    /// Name in ClickHouse.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::UInt8 => "UInt8",
            Self::UInt16 => "UInt16",
            Self::UInt32 => "UInt32",
            Self::UInt64 => "UInt64",
            Self::Int32 => "Int32",
            Self::Int64 => "Int64",
            Self::Float64 => "Float64",
            Self::DateTime => "DateTime",
            Self::DateTime64Micros => "DateTime64(6)",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::String => "String",
            Self::LowCardinalityString => "LowCardinality(String)",
            Self::NullableUInt8 => "Nullable(UInt8)",
            Self::NullableUInt64 => "Nullable(UInt64)",
            Self::NullableInt32 => "Nullable(Int32)",
            Self::NullableInt64 => "Nullable(Int64)",
            Self::ArrayUInt16 => "Array(UInt16)",
            Self::ArrayFloat64 => "Array(Float64)",
            Self::ArrayString => "Array(String)",
            Self::ArrayLowCardinalityString => "Array(LowCardinality(String))",
            Self::MapUInt16UInt64 => "Map(UInt16, UInt64)",
        }
    }

    /// Layout.
    pub const fn shape(self) -> Shape {
        match self {
            Self::UInt8 => Shape::Fixed(1),
            Self::UInt16 => Shape::Fixed(2),
            Self::UInt32 | Self::Int32 | Self::DateTime | Self::Ipv4 => Shape::Fixed(4),
            Self::UInt64 | Self::Int64 | Self::Float64 | Self::DateTime64Micros => Shape::Fixed(8),
            Self::Ipv6 => Shape::Fixed(16),
            Self::String | Self::LowCardinalityString => Shape::Strings,
            Self::NullableUInt8 => Shape::Nullable(1),
            Self::NullableInt32 => Shape::Nullable(4),
            Self::NullableUInt64 | Self::NullableInt64 => Shape::Nullable(8),
            Self::ArrayUInt16 => Shape::Arrays(2),
            Self::ArrayFloat64 => Shape::Arrays(8),
            Self::ArrayString | Self::ArrayLowCardinalityString => Shape::StringArrays,
            Self::MapUInt16UInt64 => Shape::Maps(2, 8),
        }
    }

    /// Whether the strings are stored through a dictionary.
    pub const fn is_low_cardinality(self) -> bool {
        matches!(self, Self::LowCardinalityString | Self::ArrayLowCardinalityString)
    }
}
