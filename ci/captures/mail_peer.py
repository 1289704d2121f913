"""A server of SMTP, and clients of SMTP, POP3, IMAP and FTP. Part of ci/captures/mail.sh.

  mail_peer.py serve HOST PORT CERTIFICATE KEY
  mail_peer.py ftpd HOST PORT FOLDER
  mail_peer.py CASE HOST
"""
import ftplib
import imaplib
import io
import poplib
import smtplib
import socket
import ssl
import sys
import time

case, host = sys.argv[1:3]
TEXT = "From: ann@client.test\r\nTo: bob@shop.test\r\nSubject: order\r\n\r\nThe order.\r\n.hidden dot\r\nQUIT\r\n"


def plain():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def failing(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        print(error)


def talk(port, *turns):
    """Says each turn once the one before was answered."""
    with socket.create_connection((host, port)) as s:
        s.settimeout(3)
        s.recv(4096)
        for turn in turns:
            s.sendall(turn)
            time.sleep(0.2)
            s.recv(65536)


def smtp_session():
    with smtplib.SMTP(host, 25, "client.test") as s:
        s.ehlo()
        s.sendmail("ann@client.test", ["bob@shop.test", "eve@shop.test"], TEXT)
        s.noop()
        s.sendmail("ann@client.test", ["bob@shop.test"], TEXT + "x" * 900 + "\r\n" * 2000)


def smtp_errors():
    with smtplib.SMTP(host, 25, "client.test") as s:
        failing(s.sendmail, "ann@client.test", ["nobody@shop.test"], TEXT)
        failing(s.sendmail, "full@client.test", ["bob@shop.test"], TEXT)
        s.docmd("FROB", "x")
        s.docmd("DATA")
        failing(s.sendmail, "ann@client.test", ["bob@shop.test"], "Subject: spam\r\n\r\nspam\r\n")
        failing(s.login, "bob", "wrong")


def smtp_pipelined():
    talk(25, b"EHLO client.test\r\n",
         b"MAIL FROM:<ann@client.test>\r\nRCPT TO:<bob@shop.test>\r\nRCPT TO:<nobody@shop.test>\r\nDATA\r\n",
         TEXT.replace("\r\n.", "\r\n..").encode() + b".\r\nRSET\r\nQUIT\r\n")


def smtp_tls():
    with smtplib.SMTP(host, 25, "client.test") as s:
        s.starttls(context=plain())
        s.sendmail("ann@client.test", ["bob@shop.test"], TEXT)


def pop3_session():
    p = poplib.POP3(host)
    p.capa()
    p.user("bob")
    p.pass_("secret")
    p.stat()
    p.list()
    p.uidl()
    p.retr(1)
    p.top(1, 2)
    p.dele(1)
    p.rset()
    p.quit()


def pop3_errors():
    p = poplib.POP3(host)
    failing(p.user, "bob")
    failing(p.pass_, "wrong")
    p.user("bob")
    p.pass_("secret")
    failing(p.retr, 99)
    failing(p._shortcmd, "FROB x")
    p.quit()


def pop3_pipelined():
    talk(110, b"USER bob\r\n", b"PASS secret\r\n", b"STAT\r\nLIST\r\nRETR 1\r\nTOP 1 0\r\nRETR 9\r\nNOOP\r\n", b"QUIT\r\n")


def imap_session():
    with imaplib.IMAP4(host) as m:
        m.login("bob", "secret")
        m.list()
        m.create("Archive")
        m.append("INBOX", "", None, TEXT.encode())
        m.select("INBOX")
        m.search(None, "FROM", "ann")
        m.fetch("1:*", "(FLAGS BODY[])")
        m.uid("FETCH", "1:*", "(UID FLAGS)")
        m.store("1", "+FLAGS", "\\Seen")
        m.copy("1", "Archive")
        m.status("Archive", "(MESSAGES)")
        m.close()


def imap_errors():
    with imaplib.IMAP4(host) as m:
        failing(m.login, "bob", "wrong")
        m.authenticate("PLAIN", lambda _: b"\0bob\0secret")
        failing(m.select, "Nowhere")
        m.delete("Nowhere")
        failing(m.xatom, "FROB", "x")
        failing(m.append, "Nowhere", "", None, b"x" * 5000)


def imap_pipelined():
    talk(143, b"a1 LOGIN bob {6+}\r\nsecret\r\n", b"a2 SELECT INBOX\r\n",
         b"a3 FETCH 1 BODY[]\r\na4 NOOP\r\na5 UID SEARCH ALL\r\n", b"a6 IDLE\r\n", b"DONE\r\n", b"a7 LOGOUT\r\n")


def imap_tls():
    with imaplib.IMAP4(host) as m:
        m.starttls(plain())
        m.login("bob", "secret")


def ftp_session():
    with ftplib.FTP(host) as f:
        f.login("bob", "secret")
        f.pwd()
        f.mkd("inbox")
        f.cwd("inbox")
        f.storbinary("STOR order.txt", io.BytesIO(b"order\n" * 500))
        f.size("order.txt")
        f.retrlines("LIST", lambda _: None)
        list(f.mlsd())
        f.retrbinary("RETR order.txt", lambda _: None)
        f.rename("order.txt", "done.txt")
        f.delete("done.txt")
        f.set_pasv(False)
        f.nlst()
        f.quit()


def ftp_errors():
    with ftplib.FTP(host) as f:
        failing(f.login, "bob", "wrong")
        f.login("bob", "secret")
        failing(f.retrbinary, "RETR nothing.txt", print)
        failing(f.cwd, "/nowhere")
        failing(f.sendcmd, "FROB x")
        f.sendcmd("FEAT")
        f.quit()


def serve():
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    class Handler:
        async def handle_MAIL(self, server, session, envelope, address, options):
            if address.startswith("full@"):
                return "452 4.2.2 Mailbox full"
            envelope.mail_from = address
            return "250 2.1.0 OK"

        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("nobody@"):
                return "550 5.1.1 No such user here"
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"

        async def handle_DATA(self, server, session, envelope):
            return "554 5.7.1 Spam" if b"spam" in envelope.content else "250 2.0.0 Queued as 4711"

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    Controller(Handler(), hostname=host, port=int(sys.argv[3]), tls_context=context, server_hostname="mx.shop.test",
               auth_require_tls=False, authenticator=lambda *_: AuthResult(success=False, handled=False)).start()
    time.sleep(1e6)


def ftpd():
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import FTPServer

    users = DummyAuthorizer()
    users.add_user("bob", "secret", sys.argv[4], perm="elradfmwMT")
    FTPHandler.authorizer = users
    FTPHandler.auth_failed_timeout = 0
    FTPServer((host, int(sys.argv[3])), FTPHandler).serve_forever()


globals()[case]()
