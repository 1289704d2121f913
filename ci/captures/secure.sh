#!/usr/bin/env bash
# Records the captures of encrypted connections, from real programs: OpenSSL's s_server and s_client,
# nginx and curl, MariaDB and PostgreSQL that change to TLS, aioquic and qh3 (QUIC), OpenSSH.
#
#   ci/captures/secure.sh [CASE...]      all cases, or those named
#
# Needs root and: openssl nginx-light curl openssh-server mariadb-server postgresql tcpdump ethtool iproute2
# python3-venv. aioquic and qh3 come from the Python registry, pinned in secure.txt, into a folder
# that is kept ($FATHOM_VENV). Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" secure
venv=${FATHOM_VENV:-$HOME/.cache/fathom/secure-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/secure.txt"
begin "$@"
chmod 755 "$tmp"
at=10.78.0.2

# --- certificates: an authority, a server and a client of it, a server of nobody
certificate() { # NAME SUBJECT EXTENSIONS [ISSUER]
    openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/$1.key" 2>/dev/null
    openssl req -new -key "$tmp/$1.key" -subj "$2" -out "$tmp/$1.csr" 2>/dev/null
    printf '%s\n' "$3" >"$tmp/$1.ext"
    if [ -n "${4:-}" ]; then
        openssl x509 -req -in "$tmp/$1.csr" -CA "$tmp/$4.pem" -CAkey "$tmp/$4.key" -CAcreateserial -days 90 -extfile "$tmp/$1.ext" -out "$tmp/$1.pem" 2>/dev/null
    else
        openssl x509 -req -in "$tmp/$1.csr" -signkey "$tmp/$1.key" -days 3650 -extfile "$tmp/$1.ext" -out "$tmp/$1.pem" 2>/dev/null
    fi
}
certificate ca '/C=EU/O=Fathom/CN=Fathom Test CA' 'basicConstraints=critical,CA:TRUE'
certificate server '/O=Fathom/CN=shop.fathom.test' 'subjectAltName=DNS:shop.fathom.test,DNS:*.shop.fathom.test,IP:10.78.0.2,IP:fd78::2' ca
certificate client '/O=Fathom/OU=Billing/CN=billing' 'subjectAltName=DNS:billing.fathom.test' ca
certificate stranger '/CN=stranger.fathom.test' 'subjectAltName=DNS:stranger.fathom.test'
cat "$tmp/server.pem" "$tmp/ca.pem" >"$tmp/chain.pem"
chmod 644 "$tmp"/*.pem "$tmp"/*.key

# --- TLS by OpenSSL
serve() { # PORT OPTIONS...
    local port=$1; shift
    daemon "s_server-$port.log" openssl s_server -accept "$port" -quiet -www -cert "$tmp/server.pem" -key "$tmp/server.key" -CAfile "$tmp/ca.pem" "$@"
}
serve 4433 -alpn h2,http/1.1
serve 4434 -tls1_2 -cert_chain "$tmp/chain.pem" -max_send_frag 512
serve 4435 -Verify 1 -verify_return_error
serve 4436 -tls1_3 -groups P-384
serve 4437 -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384
serve 4438 -cipher DEFAULT@SECLEVEL=0 -min_protocol TLSv1
daemon s_server-4439.log sh -c "while :; do sleep 100; done | exec openssl s_server -accept 4439 -quiet -cert $tmp/server.pem -key $tmp/server.key -early_data -tls1_3"
serve 4440 -tls1_2 -alpn http/1.1
listening 4433 4434 4435 4436 4437 4438 4439 4440
hello() { # PORT OPTIONS...
    local port=$1; shift
    printf 'GET / HTTP/1.0\r\n\r\n' | c timeout 5 openssl s_client -connect "$at:$port" -servername shop.fathom.test -CAfile "$tmp/ca.pem" -ign_eof "$@" >/dev/null 2>&1 || true
}
record tls13 'tcp port 4433' -- hello 4433 -alpn h2,http/1.1
record tls12 'tcp port 4440' -- hello 4440 -alpn h2,http/1.1
legacy() { hello 4438 -tls1 -cipher DEFAULT@SECLEVEL=0; hello 4438 -tls1_1 -cipher DEFAULT@SECLEVEL=0; }
record tls10 'tcp port 4438' -- legacy
record tls12-fragments 'tcp port 4434' -- hello 4434
resume12() { hello 4440 -sess_out "$tmp/s12"; hello 4440 -sess_in "$tmp/s12"; hello 4440 -no_ticket -sess_out "$tmp/s12"; hello 4440 -no_ticket -sess_in "$tmp/s12"; }
record tls12-resumed 'tcp port 4440' -- resume12
resume13() { hello 4433 -tls1_3 -sess_out "$tmp/s13"; hello 4433 -tls1_3 -sess_in "$tmp/s13"; }
record tls13-resumed 'tcp port 4433' -- resume13
early() { hello 4439 -sess_out "$tmp/s0"; printf 'GET /early HTTP/1.0\r\n\r\n' >"$tmp/early"; hello 4439 -sess_in "$tmp/s0" -early_data "$tmp/early"; }
record tls13-early 'tcp port 4439' -- early
record tls13-retry 'tcp port 4436' -- hello 4436 -groups X25519:P-384
clients() { hello 4435 -tls1_2 -cert "$tmp/client.pem" -key "$tmp/client.key"; hello 4435 -tls1_3 -cert "$tmp/client.pem" -key "$tmp/client.key"; }
record tls-client-certificate 'tcp port 4435' -- clients
refused() {
    hello 4435 -tls1_2                                          # no certificate where one is asked for
    hello 4437 -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256      # nothing in common
    hello 4437 -tls1_3                                          # nor a version
    hello 4440 -tls1_2 -CAfile "$tmp/stranger.pem" -verify_return_error
    hello 4433 -tls1_3 -CAfile "$tmp/stranger.pem" -verify_return_error
    hello 4440 -alpn smtp                                       # nor a protocol
}
record tls-refused 'tcp portrange 4433-4440' -- refused
record tls-split 'tcp port 4440' -- c $py "$here/tls_pieces.py" $at 4440 "$tmp/ca.pem"
ipv6() { printf '' | c timeout 5 openssl s_client -connect '[fd78::2]:4433' -noservername >/dev/null 2>&1 || true; }
record tls-ipv6 'tcp port 4433' -- ipv6
record tls-truncated -s 256 'tcp port 4440' -- hello 4440
unanswered() { c $py "$here/tls_pieces.py" $at 4450 "$tmp/ca.pem" || true; }
daemon silent.log $py -c 'import socket,time; s=socket.create_server(("",4450)); c=s.accept()[0]; c.recv(1); time.sleep(1); c=s.accept()[0]; c.recv(4096); time.sleep(2)'
listening 4450
record tls-unanswered 'tcp port 4450' -- unanswered

# --- nginx and curl
mkdir -p "$tmp/www/logs"
printf 'hello\n' >"$tmp/www/index.html"
cat >"$tmp/nginx.conf" <<END
daemon off; user root; worker_processes 1; pid $tmp/nginx.pid; error_log $tmp/error.log;
events { worker_connections 64; }
http { access_log off; default_type text/plain;
  server { listen 443 ssl http2; root $tmp/www; ssl_certificate $tmp/chain.pem; ssl_certificate_key $tmp/server.key; ssl_protocols TLSv1.2 TLSv1.3; }
}
END
daemon nginx.log nginx -p "$tmp" -c "$tmp/nginx.conf"
listening 443
u() { c curl -s -o /dev/null --max-time 5 --cacert "$tmp/ca.pem" --resolve "shop.fathom.test:443:$at" "$@" || true; }
web() { u https://shop.fathom.test/; u --http1.1 --tls-max 1.2 https://shop.fathom.test/; u https://$at/; u --cacert "$tmp/stranger.pem" https://shop.fathom.test/; }
record tls-curl 'tcp port 443' -- web

# --- databases that change to TLS
mkdir -p "$tmp/maria" "$tmp/pg"
chown mysql "$tmp/maria"
mariadb-install-db --no-defaults --user=mysql --datadir="$tmp/maria" --auth-root-authentication-method=normal >"$tmp/install.log" 2>&1
daemon maria.log mariadbd --no-defaults --user=mysql --datadir="$tmp/maria" --bind-address=0.0.0.0 --port=3306 --socket="$tmp/maria/socket" \
    --pid-file="$tmp/maria/pid" --skip-name-resolve --ssl-cert="$tmp/server.pem" --ssl-key="$tmp/server.key" --ssl-ca="$tmp/ca.pem"
listening 3306
s mariadb --no-defaults -h 127.0.0.1 -u root -e "create user 'app'@'%' identified by 'secret'"
record tls-mysql 'tcp port 3306' -- c mariadb --no-defaults -h $at -u app -psecret --ssl --ssl-ca="$tmp/ca.pem" -e 'select 1'
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
chown postgres "$tmp/pg"
printf 'secret' >"$tmp/pw"
runuser -u postgres -- "$bin/initdb" -D "$tmp/pg/data" -A scram-sha-256 -U app --pwfile="$tmp/pw" >"$tmp/initdb.log"
echo 'hostssl all all 10.78.0.0/24 scram-sha-256' >>"$tmp/pg/data/pg_hba.conf"
install -o postgres -m 600 "$tmp/server.key" "$tmp/pg/server.key"
daemon pg.log runuser -u postgres -- "$bin/postgres" -D "$tmp/pg/data" -c listen_addresses='*' -c unix_socket_directories="$tmp/pg" \
    -c ssl=on -c ssl_cert_file="$tmp/server.pem" -c ssl_key_file="$tmp/pg/server.key"
listening 5432
sql() { c env PGPASSWORD=secret psql "host=$at user=app dbname=postgres sslmode=require gssencmode=disable $1" -c 'select 1'; }
databases() { sql ssl_max_protocol_version=TLSv1.2; sql ''; }
record tls-postgres 'tcp port 5432' -- databases

# --- DTLS
serve_dtls() { # PORT OPTIONS...
    local port=$1; shift
    daemon "dtls-$port.log" sh -c "while :; do sleep 100; done | exec openssl s_server -accept $port -cert $tmp/server.pem -key $tmp/server.key -CAfile $tmp/ca.pem $*"
}
serve_dtls 4460 -dtls1_2 -alpn coap
serve_dtls 4461 -dtls1_2 -listen
serve_dtls 4462 -dtls -cipher DEFAULT@SECLEVEL=0 -mtu 1400
serve_dtls 4463 -dtls1_2 -Verify 1 -verify_return_error -cert_chain "$tmp/chain.pem" -mtu 300
until [ "$(s ss -Hlun 'sport >= 4460 and sport <= 4463' | wc -l)" -ge 4 ]; do sleep 0.05; done
dtls() { # PORT OPTIONS...
    local port=$1; shift
    (echo ping; sleep 0.5) | c timeout 5 openssl s_client -connect "$at:$port" -servername shop.fathom.test -CAfile "$tmp/ca.pem" "$@" >/dev/null 2>&1 || true
}
record dtls12 'udp port 4460' -- dtls 4460 -dtls1_2 -alpn coap,h2
record dtls-cookie 'udp port 4461' -- dtls 4461 -dtls1_2
record dtls10 'udp port 4462' -- dtls 4462 -dtls1 -cipher DEFAULT@SECLEVEL=0
record dtls-client-certificate 'udp port 4463' -- dtls 4463 -dtls1_2 -cert "$tmp/client.pem" -key "$tmp/client.key" -mtu 300
dtls_refused() { dtls 4460 -dtls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256; dtls 4463 -dtls1_2 -mtu 1400; }
record dtls-refused 'udp portrange 4460-4463' -- dtls_refused

# --- SSH
mkdir -p "$tmp/ssh" /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host" && ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/user"
cp "$tmp/ssh/user.pub" "$tmp/ssh/authorized"
daemon sshd.log /usr/sbin/sshd -D -e -f /dev/null -p 22 -h "$tmp/ssh/host" -o PidFile=none -o AuthorizedKeysFile="$tmp/ssh/authorized" -o StrictModes=no -o UsePAM=no
listening 22
log_in() { c ssh -F /dev/null -i "$tmp/ssh/user" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes "root@$at" true; }
record ssh 'tcp port 22' -- log_in
record ssh-scan 'tcp port 22' -- c $py -c "import socket; s=socket.create_connection(('$at',22)); s.recv(100); s.sendall(b'SSH-2.0-scan_1.0\r\n'); s.recv(4096)"

# --- QUIC
quic() { c timeout 20 "$venv/bin/python" "$here/quic_peer.py" "$@"; }
daemon quic.log "$venv/bin/python" "$here/quic_peer.py" serve 4470 "$tmp/chain.pem" "$tmp/server.key"
daemon quic-retry.log "$venv/bin/python" "$here/quic_peer.py" serve-retry 4471 "$tmp/chain.pem" "$tmp/server.key"
daemon quic-v2.log "$venv/bin/python" "$here/quic_peer.py" serve-v2 4472 "$tmp/chain.pem" "$tmp/server.key"
until [ "$(s ss -Hlun 'sport >= 4470 and sport <= 4472' | wc -l)" -ge 3 ]; do sleep 0.05; done
record quic 'udp port 4470' -- quic v1 $at 4470
record quic-ipv6 'udp port 4470' -- quic v1 fd78::2 4470
record quic-v2 'udp port 4472' -- quic v2 $at 4472
record quic-compatible 'udp port 4472' -- quic upgrade $at 4472
record quic-versions 'udp port 4470' -- quic negotiate $at 4470
record quic-retry 'udp port 4471' -- quic v1 $at 4471
# A hello that needs several datagrams.
record quic-long 'udp port 4470' -- quic long $at 4470
record quic-refused 'udp port 4470' -- quic refused $at 4470
record quic-unanswered 'udp port 4479' -- quic silent $at 4479
# Post-quantum keys: the hello of today's browsers.
record quic-hybrid 'udp port 4470' -- quic hybrid $at 4470
