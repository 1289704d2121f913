#!/usr/bin/env bash
# Records the captures of telephony and of network services: SIPp for SIP, GStreamer's server for RTSP,
# OpenLDAP, FreeRADIUS, dnsmasq for DHCP, chrony for NTP, each with the client that comes with it
# (busybox' udhcpc for DHCP; for RTSP a few lines of Python, so that media go through the connection).
#
#   ci/captures/network.sh [CASE...]      all cases, or those named
#
# Needs root and: sip-tester gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base
# gstreamer1.0-plugins-good slapd ldap-utils freeradius freeradius-utils dnsmasq-base udhcpc chrony
# openssl tcpdump ethtool iproute2. Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" network
begin "$@"
chmod 755 "$tmp"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=shop.test -keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null

# --- SIP: a telephone that answers, over UDP and TCP
daemon sip-udp.log sipp -sn uas -i 10.78.0.2 -p 5060 -nostdin
daemon sip-tcp.log sipp -sn uas -i 10.78.0.2 -p 5062 -t t1 -nostdin

# --- RTSP
daemon rtsp.log $py "$here/network_peer.py" rtspd

# --- LDAP
mkdir -p "$tmp/ldap"
cat >"$tmp/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile $tmp/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile $tmp/cert.pem
TLSCertificateKeyFile $tmp/key.pem
database mdb
maxsize 10000000
suffix dc=shop,dc=test
rootdn cn=admin,dc=shop,dc=test
rootpw secret
directory $tmp/ldap
END
cat >"$tmp/people.ldif" <<'END'
dn: dc=shop,dc=test
objectClass: dcObject
objectClass: organization
o: shop
dc: shop

dn: ou=people,dc=shop,dc=test
objectClass: organizationalUnit
ou: people

dn: uid=bob,ou=people,dc=shop,dc=test
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Jones
mail: bob@shop.test
END
printf 'dn: uid=bob,ou=people,dc=shop,dc=test\nchangetype: modify\nreplace: mail\nmail: new@shop.test\n' >"$tmp/change.ldif"
daemon slapd.log slapd -d 0 -f "$tmp/slapd.conf" -h ldap://0.0.0.0:389

# --- RADIUS
cp -r /etc/freeradius/3.0 "$tmp/radius"
cat >"$tmp/radius/clients.conf" <<'END'
client shop { ipaddr = 10.78.0.0/24
  secret = testing123 }
END
printf 'bob Cleartext-Password := "secret"\n\tReply-Message := "Hello, %%{User-Name}"\n' >"$tmp/radius/mods-config/files/authorize"
sed -i "s/^\tuser = .*//; s/^\tgroup = .*//; s#^logdir = .*#logdir = $tmp#; s#^run_dir = .*#run_dir = $tmp#" "$tmp/radius/radiusd.conf"
rm -f "$tmp/radius/mods-enabled/eap" "$tmp/radius/sites-enabled"/*
cat >"$tmp/radius/sites-enabled/shop" <<'END'
server default {
  listen {
    type = auth
    ipaddr = *
    port = 0
  }
  listen {
    type = acct
    ipaddr = *
    port = 0
  }
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  accounting {
    ok
  }
}
END
chown -R root "$tmp/radius"
daemon radius.log freeradius -f -d "$tmp/radius"

# --- DHCP, NTP
daemon dhcp.log dnsmasq -d --no-ping --port=0 --interface=veth0 --dhcp-range=10.78.0.100,10.78.0.120,1h --dhcp-authoritative --dhcp-leasefile="$tmp/leases" --user=root
printf 'local stratum 3\nallow 10.78.0.0/24\npidfile %s/chronyd.pid\ncmdport 0\nbindcmdaddress /\n' "$tmp" >"$tmp/chrony.conf"
daemon chrony.log chronyd -x -d -f "$tmp/chrony.conf"

listening 389 8554
call() { c sipp -sn uac -i 10.78.0.1 "$@" -m 2 -r 2 -d 200 -s bob -nostdin; }
record sip-udp 'udp port 5060' -- call 10.78.0.2:5060
record sip-tcp 'tcp port 5062' -- call 10.78.0.2:5062 -t t1
cat >"$tmp/register.xml" <<'END'
<?xml version="1.0"?><scenario name="register"><send retrans="500"><![CDATA[
REGISTER sip:shop.test SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:bob@shop.test>;tag=[call_number]
To: <sip:bob@shop.test>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: sip:bob@[local_ip]:[local_port]
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
Max-Forwards: 70
User-Agent: orders/1.0
Content-Length: 0

]]></send><recv response="403"/></scenario>
END
cat >"$tmp/refuse.xml" <<'END'
<?xml version="1.0"?><scenario name="refuse"><recv request="REGISTER"/><send><![CDATA[
SIP/2.0 403 Forbidden
[last_Via:]
[last_From:]
[last_To:];tag=9
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send></scenario>
END
daemon sip-refuse.log sipp -sf "$tmp/refuse.xml" -i 10.78.0.2 -p 5064 -nostdin
register() { c sipp -sf "$tmp/register.xml" -i 10.78.0.1 10.78.0.2:5064 -m 1 -nostdin; }
record sip-refused 'udp port 5064' -- register
record rtsp-session 'tcp port 8554' -- c $py "$here/network_peer.py" rtsp 10.78.0.2

admin=(-x -H ldap://10.78.0.2 -D cn=admin,dc=shop,dc=test -w secret)
directory() {
    c ldapadd "${admin[@]}" -f "$tmp/people.ldif"
    c ldapsearch -x -H ldap://10.78.0.2 -b dc=shop,dc=test '(&(objectClass=inetOrgPerson)(|(uid=bob)(mail=b*@shop.*))(!(sn=Smith)))' cn
    c ldapmodify "${admin[@]}" -f "$tmp/change.ldif"
    c ldapcompare "${admin[@]}" uid=bob,ou=people,dc=shop,dc=test sn:Jones || true
    c ldapmodrdn "${admin[@]}" uid=bob,ou=people,dc=shop,dc=test uid=rob
    c ldapwhoami "${admin[@]}"
    c ldapdelete "${admin[@]}" uid=rob,ou=people,dc=shop,dc=test
}
record ldap-session 'tcp port 389' -- directory
wrong() {
    c ldapsearch -x -H ldap://10.78.0.2 -D cn=admin,dc=shop,dc=test -w wrong || true
    c ldapsearch -x -H ldap://10.78.0.2 -b dc=nowhere || true
    c ldapdelete -x -H ldap://10.78.0.2 ou=people,dc=shop,dc=test || true
}
record ldap-errors 'tcp port 389' -- wrong
starttls() { LDAPTLS_REQCERT=never c ldapwhoami -ZZ "${admin[@]}"; }
record ldap-tls 'tcp port 389' -- starttls

access() {
    c radtest bob secret 10.78.0.2 10 testing123
    c radtest bob wrong 10.78.0.2 10 testing123 || true
    printf 'User-Name=bob\nAcct-Status-Type=Start\nAcct-Session-Id=s-1\nNAS-Identifier=door\nNAS-IP-Address=10.78.0.1\n' |
        c radclient 10.78.0.2:1813 acct testing123
}
record radius-access 'udp port 1812 or udp port 1813' -- access
lease() {
    c busybox udhcpc -i veth0 -n -q -f -t 3 -T 1 -s /bin/true -x hostname:till-1
    c busybox udhcpc -i veth0 -n -q -f -t 1 -T 1 -s /bin/true -r 10.99.9.9 || true
}
record dhcp-lease 'udp port 67 or udp port 68' -- lease
ask() { c chronyd -Q -t 6 -f /dev/null 'server 10.78.0.2 iburst maxsamples 2'; }
record ntp-query 'udp port 123' -- ask
