#!/usr/bin/env bash
# Records the captures of databases that no package offers whole, and of ClickHouse.
#
# ClickHouse: the server and client of Debian, and clickhouse-driver.
# SQL Server: pySQLbridge, a server of TDS that reads files, in place of SQL Server; python-tds and
# FreeTDS' tsql are clients that programs use.
#
#   ci/captures/databases.sh [CASE...]      all cases, or those named
#
# Needs root and: clickhouse-server clickhouse-client freetds-bin python3-venv tcpdump ethtool iproute2.
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

# --- ClickHouse
mkdir -p "$tmp/ch"/{data,tmp,log}
cat >"$tmp/ch/config.xml" <<END
<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <tcp_port>9000</tcp_port><listen_host>0.0.0.0</listen_host>
  <path>$tmp/ch/data/</path><tmp_path>$tmp/ch/tmp/</tmp_path>
  <users_config>$tmp/ch/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>100000000</mark_cache_size>
</yandex>
END
cat >"$tmp/ch/users.xml" <<END
<yandex>
  <profiles><default/></profiles>
  <users><default><password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default/></quotas>
</yandex>
END
daemon clickhouse.log clickhouse-server --config-file="$tmp/ch/config.xml"

listening 1433 9000
group tds 1433 session errors large
batches() { # VERSION
    printf 'SELECT name FROM goods\ngo\nSELECT nothing FROM goods\ngo\nexit\n' |
        TDSVER=$1 c tsql -H 10.78.0.2 -p 1433 -U bob -P secret-1234 -D shop
}
record tds-encrypted-login 'tcp port 1433' -- batches 7.4
refused() { echo exit | TDSVER=7.3 c tsql -H 10.78.0.2 -p 1433 -U eve -P wrong; }
record tds-refused 'tcp port 1433' -- refused
group clickhouse 9000 session errors large packed
own() { c clickhouse-client --host 10.78.0.2 -m -n --query "SELECT name FROM system.tables WHERE database = 'system' LIMIT 2; SELECT sleep(0.1); SELECT 1 FORMAT Null"; }
record clickhouse-client 'tcp port 9000' -- own
