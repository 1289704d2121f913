#!/usr/bin/env bash
# Records the captures of databases that no package offers whole.
#
# SQL Server: pySQLbridge, a server of TDS that reads files, in place of SQL Server; python-tds and
# FreeTDS' tsql are clients that programs use.
# Cassandra: no package has a server. What the driver says is the real thing, the answers are those of
# a few lines in databases_server.py.
#
#   ci/captures/databases.sh [CASE...]      all cases, or those named
#
# Needs root and: freetds-bin python3-venv tcpdump ethtool iproute2.
# The rest comes from the Python registry, pinned in databases.txt, into a folder that is kept
# ($FATHOM_VENV). Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" databases
venv=${FATHOM_VENV:-$HOME/.cache/fathom/captures-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/databases.txt"
begin "$@"

client() { c "$venv/bin/python" "$here/databases_client.py" "$@"; }
group() { # PREFIX PORT CASES...
    local prefix=$1 port=$2; shift 2
    local name
    for name in "$@"; do
        record "$prefix-$name" "tcp port $port" -- client "${prefix}_$name" 10.78.0.2
    done
}

# --- SQL Server's protocol
printf 'name,price\ntea,3\nrum,12\n' >"$tmp/goods.csv"
{ echo name; for n in $(seq 400); do echo "something$n"; done; } >"$tmp/many.csv"
hash=$("$venv/bin/python" -c 'from pysqlbridge.logins import hash_password as h; print(h("secret-1234"))')
cat >"$tmp/tables.json" <<END
{"logins": [{"user": "bob", "password_hash": "$hash"}],
 "tables": [{"name": "goods", "csv": "goods.csv"}, {"name": "many", "csv": "many.csv"}]}
END
export FATHOM_CERTIFICATE=$tmp/certificate.pem
daemon tds.log "$venv/bin/python" "$here/databases_server.py" tds 1433 "$tmp/tables.json" "$FATHOM_CERTIFICATE"

# --- Cassandra's protocol
daemon cassandra.log "$venv/bin/python" "$here/databases_server.py" cassandra 9042

listening 1433 9042
group tds 1433 session errors large
batches() { # VERSION
    printf 'SELECT name FROM goods\ngo\nSELECT nothing FROM goods\ngo\nexit\n' |
        TDSVER=$1 c tsql -H 10.78.0.2 -p 1433 -U bob -P secret-1234 -D shop
}
record tds-encrypted-login 'tcp port 1433' -- batches 7.4
refused() { echo exit | TDSVER=7.3 c tsql -H 10.78.0.2 -p 1433 -U eve -P wrong; }
record tds-refused 'tcp port 1433' -- refused
group cassandra 9042 four five
