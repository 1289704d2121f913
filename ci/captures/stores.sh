#!/usr/bin/env bash
# Records the captures of databases, caches and other stores, from Debian's servers and the clients
# that programs use: redis, pymysql, mysql-connector, psycopg, pymemcache, python-binary-memcached.
#
#   ci/captures/stores.sh [CASE...]      all cases, or those named
#
# Needs root and: redis-server mariadb-server postgresql memcached tshark tcpdump ethtool iproute2 python3-venv.
# The clients come from the Python registry, pinned in stores.txt, into a folder that is kept
# ($FATHOM_VENV). Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" stores
venv=${FATHOM_VENV:-$HOME/.cache/fathom/captures-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/stores.txt"
begin "$@"

# A capture without its first packets, as an observer sees it who comes later.
late() { # NAME OF PACKETS
    if [ ${#wanted[@]} -gt 0 ] && [[ ! " ${wanted[*]} " == *" $1 "* ]]; then return; fi
    tshark -r "$out/$2.pcap" -w "$tmp/late.pcap" -F pcap "frame.number > $3" 2>/dev/null
    mv "$tmp/late.pcap" "$out/$1.pcap"
    echo "$1 $(stat -c %s "$out/$1.pcap") bytes"
}
client() { c "$venv/bin/python" "$here/stores_client.py" "$@"; }

# --- Redis
daemon redis.log redis-server --port 6379 --bind 10.78.0.2 127.0.0.1 --save '' --appendonly no --dir "$tmp" --protected-mode no
listening 6379
for name in commands resp3 pipeline transaction channels pushes errors inline values silent script; do
    record redis-$name 'tcp port 6379' -- client "redis_$name" 10.78.0.2
done

# --- MariaDB
mkdir -p "$tmp/maria"
chmod 755 "$tmp"
chown mysql "$tmp/maria"
mariadb-install-db --no-defaults --user=mysql --datadir="$tmp/maria" --auth-root-authentication-method=normal >"$tmp/install.log" 2>&1
daemon maria.log mariadbd --no-defaults --user=mysql --datadir="$tmp/maria" --bind-address=0.0.0.0 --port=3306 \
    --socket="$tmp/maria/socket" --pid-file="$tmp/maria/pid" --skip-name-resolve --skip-ssl --local-infile=1
listening 3306
s mariadb --no-defaults -h 127.0.0.1 -u root -e "create database shop; create user 'app'@'%' identified by 'secret'; grant all on shop.* to 'app'@'%'; grant file on *.* to 'app'@'%'"
client mysql_session 10.78.0.2
for name in session results errors multi prepared compressed infile traced large; do
    record mysql-$name 'tcp port 3306' -- client "mysql_$name" 10.78.0.2
done
record mysql-refused 'tcp port 3306' -- client mysql_refused 10.78.0.2
# Joined in the middle: neither handshake nor the statement's preparation are seen.
late mysql-joined-late mysql-prepared 22

# --- PostgreSQL
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
mkdir -p "$tmp/pg"
chown postgres "$tmp/pg"
printf 'secret' >"$tmp/pw"
runuser -u postgres -- "$bin/initdb" -D "$tmp/pg/data" -A scram-sha-256 -U app --pwfile="$tmp/pw" >"$tmp/initdb.log"
echo 'host all all 10.78.0.0/24 scram-sha-256' >>"$tmp/pg/data/pg_hba.conf"
daemon pg.log runuser -u postgres -- "$bin/postgres" -D "$tmp/pg/data" -c listen_addresses='*' -c unix_socket_directories="$tmp/pg" -c ssl=off
listening 5432
client postgres_session 10.78.0.2
for name in session extended errors pipeline copy notify cancel traced many; do
    record postgres-$name 'tcp port 5432' -- client "postgres_$name" 10.78.0.2
done
record postgres-refused 'tcp port 5432' -- client postgres_refused 10.78.0.2
late postgres-joined-late postgres-extended 20

# --- Memcached
daemon memcached.log memcached -u nobody -l 10.78.0.2,127.0.0.1 -p 11211 -U 11211
listening 11211
for name in text pipelined meta errors large; do
    record memcached-$name 'tcp port 11211' -- client "memcached_$name" 10.78.0.2
done
record memcached-binary 'tcp port 11211' -- client memcached_binary 10.78.0.2
record memcached-udp 'udp port 11211' -- client memcached_udp 10.78.0.2
