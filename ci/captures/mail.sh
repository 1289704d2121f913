#!/usr/bin/env bash
# Records the captures of mail and files: aiosmtpd for SMTP, Dovecot for POP3 and IMAP, pyftpdlib for
# FTP's control connection, each talked to by Python's own clients.
#
#   ci/captures/mail.sh [CASE...]      all cases, or those named
#
# Needs root and: dovecot-imapd dovecot-pop3d python3-pyftpdlib python3-venv openssl tcpdump ethtool
# iproute2; aiosmtpd comes from the Python registry, pinned in mail.txt, into a folder that is kept
# ($FATHOM_VENV). Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" mail
venv=${FATHOM_VENV:-$HOME/.cache/fathom/captures-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/mail.txt"
begin "$@"
chmod 755 "$tmp"

client() { c $py "$here/mail_peer.py" "$@"; }
group() { # PREFIX PORT CASES...
    local prefix=$1 port=$2; shift 2
    local name
    for name in "$@"; do
        record "$prefix-$name" "tcp port $port" -- client "${prefix}_$name" 10.78.0.2
    done
}

openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=mx.shop.test -keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null

# --- SMTP
daemon smtp.log "$venv/bin/python" "$here/mail_peer.py" serve 0.0.0.0 25 "$tmp/cert.pem" "$tmp/key.pem"

# --- POP3 and IMAP: one user with a mail
mkdir -p "$tmp/mail/bob/Maildir"/{new,cur,tmp} "$tmp/run"
printf 'From: ann@client.test\r\nTo: bob@shop.test\r\nSubject: order\r\n\r\nThe order.\r\n.hidden dot\r\na9 OK faked\r\n' >"$tmp/mail/bob/Maildir/new/1.order.mail"
chown -R mail:mail "$tmp/mail"
echo 'bob:{PLAIN}secret' >"$tmp/users"
cat >"$tmp/dovecot.conf" <<END
base_dir = $tmp/run
state_dir = $tmp/run
log_path = $tmp/dovecot.log
protocols = imap pop3
listen = *
ssl = yes
ssl_cert = <$tmp/cert.pem
ssl_key = <$tmp/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:%h/Maildir
passdb {
  driver = passwd-file
  args = $tmp/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$tmp/mail/%u
}
service stats {
  process_limit = 1
}
END
daemon dovecot-start.log dovecot -F -c "$tmp/dovecot.conf"

# --- FTP
mkdir "$tmp/files"
daemon ftp.log $py "$here/mail_peer.py" ftpd 0.0.0.0 21 "$tmp/files"

listening 25 110 143 21
group smtp 25 session errors pipelined tls
group pop3 110 session errors pipelined
group imap 143 session errors pipelined tls
group ftp 21 session errors
