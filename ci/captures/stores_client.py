"""Clients of databases, caches and other stores. Part of ci/captures/stores.sh.

  stores_client.py CASE HOST
"""
import socket
import struct
import sys
import threading
import time

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def connect(host, port):
    s = socket.create_connection((host, port), 5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def drain(s, quiet=0.3):
    """Until the peer closes, or says nothing for a while."""
    s.settimeout(quiet)
    data = b""
    try:
        while part := s.recv(65536):
            data += part
    except OSError:
        pass
    return data


# --- Redis


def redis_connect(host, protocol=2):
    import redis

    return redis.Redis(host=host, protocol=protocol, single_connection_client=True, lib_name=None, lib_version=None)


def redis_commands(host):
    r = redis_connect(host)
    r.set("user:1001:name", "alice", ex=60)
    r.get("user:1001:name")
    r.get("user:1002:name")
    r.mset({"a": "1", "b": "2"})
    r.mget("a", "b", "missing")
    r.incr("visits")
    r.hset("session:9f8a7b6c", mapping={"user": "alice", "token": "secret"})
    r.hgetall("session:9f8a7b6c")
    r.rpush("jobs", "one", "two", "three")
    r.lrange("jobs", 0, -1)
    r.zadd("scores", {"alice": 3.5, "bob": 2})
    r.zrange("scores", 0, -1, withscores=True)
    r.sadd("tags", "x", "y")
    r.smembers("tags")
    r.exists("verify_code")
    r.delete("a", "b")
    list(r.scan_iter(match="user:*", count=100))
    r.config_set("maxmemory-samples", 5)
    r.expire("visits", 10)
    r.close()


def redis_resp3(host):
    r = redis_connect(host, 3)
    r.hset("h3", mapping={"f": "1"})
    r.hgetall("h3")
    r.zadd("z3", {"m": 1.25})
    r.zscore("z3", "m")
    r.get("none")
    r.sadd("s3", "a")
    r.smembers("s3")
    r.close()


def redis_pipeline(host):
    r = redis_connect(host)
    p = r.pipeline(transaction=False)
    for i in range(20):
        p.set("pipe:%d" % i, "v" * i)
        p.get("pipe:%d" % i)
    p.execute()
    r.close()


def redis_transaction(host):
    r = redis_connect(host)
    p = r.pipeline(transaction=True)
    p.watch("balance")
    p.multi()
    p.set("balance", 10)
    p.incrby("balance", 5)
    p.get("balance")
    p.execute()
    p = r.pipeline(transaction=True)
    p.set("text", "words")
    p.lpush("text", "fails inside EXEC")
    try:
        p.execute()
    except Exception:
        pass
    r.close()


def redis_channels(host):
    r, publisher = redis_connect(host), redis_connect(host)
    channel = r.pubsub()
    channel.subscribe("news:1", "news:2")
    channel.psubscribe("jobs.*")
    for _ in range(3):
        channel.get_message(timeout=1)
    publisher.publish("news:1", "secret headline")
    publisher.publish("jobs.mail", "another secret")
    publisher.publish("nobody", "listens")
    for _ in range(2):
        channel.get_message(timeout=1)
    channel.unsubscribe()
    channel.punsubscribe("jobs.*")
    for _ in range(3):
        channel.get_message(timeout=1)
    channel.close()
    r.close()
    publisher.close()


def redis_pushes(host):
    """Invalidations of client-side caching between answers."""
    s, other = connect(host, 6379), redis_connect(host)
    s.sendall(b"HELLO 3\r\nCLIENT TRACKING ON\r\nGET cached:1\r\n")
    drain(s)
    other.set("cached:1", "new")
    time.sleep(0.1)
    s.sendall(b"GET cached:1\r\n")
    drain(s)
    s.close()
    other.close()


def redis_errors(host):
    s = connect(host, 6379)
    for words in (["SET", "str", "text"], ["LPUSH", "str", "x"], ["NOSUCH", "secret"], ["GET"],
                  ["INCR", "str"], ["EVAL", "return redis.error_reply('MY own error')", "0"], ["AUTH", "secret"]):
        s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
        s.recv(4096)
    s.close()


def redis_inline(host):
    s = connect(host, 6379)
    for line in (b"SET greeting \"hello world\"\r\n", b"GET greeting\r\n", b"\r\nPING\r\n", b"EXISTS greeting nothing\r\n"):
        s.sendall(line)
        s.recv(4096)
    s.sendall(b"QUIT\r\n")
    drain(s)
    s.close()


def redis_values(host):
    """Values of many segments, both ways."""
    r = redis_connect(host)
    r.set("blob:1", b"x" * 30000)
    r.get("blob:1")
    r.rpush("long", *[b"y" * 300 for _ in range(60)])
    r.lrange("long", 0, -1)
    r.ping()
    r.close()


def redis_silent(host):
    s = connect(host, 6379)
    s.sendall(b"CLIENT REPLY OFF\r\nSET quiet 1\r\nSET quiet 2\r\nCLIENT REPLY ON\r\n")
    drain(s)
    s.sendall(b"CLIENT REPLY SKIP\r\nGET quiet\r\nGET quiet\r\n")
    drain(s)
    s.close()


def redis_script(host):
    r = redis_connect(host)
    script = r.register_script("return {KEYS[1], ARGV[1], redis.call('GET', KEYS[1])}")
    script(keys=["user:1001:name"], args=["secret"])
    r.eval("return ARGV[1]", 0, "secret")
    r.close()


# --- MySQL


def mysql_connect(host, **more):
    import pymysql

    return pymysql.connect(host=host, user="app", password="secret", database="shop", autocommit=True, **more)


def mysql_session(host):
    db = mysql_connect(host)
    q = db.cursor()
    q.execute("drop table if exists users")
    q.execute("create table users (id int primary key auto_increment, name varchar(40), mail varchar(80) unique)")
    q.execute("insert into users (name, mail) values (%s, %s), (%s, %s)", ("alice", "a@example.com", "bob", "b@example.com"))
    q.execute("select id, name from users where mail = %s and id in (1, 2, 3)", ("a@example.com",))
    q.execute("update users set name = 'carol' where id = 1")
    q.execute("delete from users where id > %s", (100,))
    q.execute("begin")
    q.execute("select count(*) from users")
    db.commit()
    db.ping()
    db.select_db("shop")
    db.close()


def mysql_results(host):
    db = mysql_connect(host)
    q = db.cursor()
    q.execute("select 1 from dual where 1 = 0")
    q.execute("select seq, repeat('x', seq) from seq_1_to_50")
    q.execute("show tables")
    q.execute("select null, 1.5, now(), 'text'")
    db.close()


def mysql_errors(host):
    db = mysql_connect(host)
    q = db.cursor()
    for text in ("select nothing from nowhere", "selec 'typo'", "insert into users (id, mail) values (1, 'b@example.com')",
                 "create table big (a int", "kill 999999", "set @x = 1"):
        try:
            q.execute(text)
        except Exception:
            pass
    try:
        db.select_db("abcd")
    except Exception:
        pass
    db.close()


def mysql_multi(host):
    import pymysql

    db = mysql_connect(host, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)
    q = db.cursor()
    q.execute("select 1; select 2, 3; update users set name = 'x' where id = 1; select 4")
    while q.nextset():
        pass
    try:
        q.execute("select 5; select broken; select 6")
        while q.nextset():
            pass
    except Exception:
        pass
    db.close()


def mysql_connector(host, **more):
    import mysql.connector

    return mysql.connector.connect(host=host, user="app", password="secret", database="shop", use_pure=True,
                                   ssl_disabled=True, autocommit=True, charset="utf8mb4", collation="utf8mb4_general_ci", **more)


def mysql_prepared(host):
    db = mysql_connector(host)
    q = db.cursor(prepared=True)
    for n in (1, 2, 3):
        q.execute("select name from users where id = %s and mail <> %s", (n, "secret@example.com"))
        q.fetchall()
    q.execute("insert into users (name, mail) values (%s, %s)", ("dora", "d%d@example.com" % time.time()))
    q.execute("update users set name = 'lit' where id = ?", (2,))
    try:
        q.execute("select nothing from nowhere where a = %s", (1,))
    except Exception:
        pass
    q.close()
    db.close()


def mysql_compressed(host):
    db = mysql_connector(host, compress=True)
    q = db.cursor()
    q.execute("select 1")
    q.fetchall()
    q.execute("select seq, repeat('compress me ', 20) from seq_1_to_200 where seq in (%s)" % ", ".join(map(str, range(200))))
    q.fetchall()
    try:
        q.execute("select broken, '%s'" % ("long literal " * 20))
    except Exception:
        pass
    q.execute("update users set name = 'packed' where id = 1")
    db.close()


def mysql_infile(host):
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".csv") as f:
        f.write("".join("name%d\tmail%d@example.com\n" % (i, i) for i in range(200)))
        f.flush()
        db = mysql_connect(host, local_infile=True)
        q = db.cursor()
        q.execute("create temporary table loaded (name varchar(40), mail varchar(80))")
        q.execute("load data local infile '%s' into table loaded" % f.name)
        q.execute("select count(*) from loaded")
        db.close()


def mysql_traced(host):
    db = mysql_connect(host)
    q = db.cursor()
    q.execute("select name from users where id = 7 /*action='show',traceparent='%s'*/" % TRACE)
    q.execute("/* traceparent: %s */ select 1" % TRACE)
    db.close()


def mysql_large(host):
    db = mysql_connect(host)
    q = db.cursor()
    q.execute("select '%s' as text from dual" % ("z" * 12000))
    q.execute("select seq, repeat('row ', 50) from seq_1_to_100")
    q.execute("select 1")
    db.close()


def mysql_refused(host):
    import pymysql

    for user, database in (("app", "forbidden"), ("nobody", "shop")):
        try:
            pymysql.connect(host=host, user=user, password="wrong" if user == "nobody" else "secret", database=database)
        except Exception:
            pass


# --- PostgreSQL


def postgres_connect(host, **more):
    import psycopg

    return psycopg.connect("host=%s user=app password=secret dbname=postgres sslmode=prefer" % host, autocommit=True, **more)


def postgres_session(host):
    import psycopg

    db = postgres_connect(host, cursor_factory=psycopg.ClientCursor)
    db.execute("drop table if exists users")
    db.execute("create table users (id serial primary key, name text, mail text unique)")
    db.execute("insert into users (name, mail) values ('alice', 'a@example.com'), ('bob', 'b@example.com')")
    db.execute("select id, name from users where mail = 'a@example.com' and id in (1, 2, 3)")
    db.execute("update users set name = 'carol' where id = 1")
    db.execute("delete from users where id > 100")
    db.execute("")
    db.execute("begin; select count(*) from users; commit")
    db.close()


def postgres_extended(host):
    db = postgres_connect(host)
    db.execute("select name from users where id = %s", (1,))
    for n in range(4):
        db.execute("select mail from users where name = %s and id = %s", ("secret", n), prepare=True)
    db.execute("insert into users (name, mail) values (%s, %s)", ("dora", "d%d@example.com" % time.time()))
    with db.cursor("server_side", withhold=True) as q:
        q.itersize = 10
        q.execute("select n from generate_series(1, %s) n", (25,))
        q.fetchall()
    db.close()


def postgres_errors(host):
    db = postgres_connect(host)
    for text, values in (("select nothing from nowhere", None), ("selec 'typo'", None), ("select %s::int", ("secret",)),
                         ("insert into users (id, mail) values (1, 'b@example.com')", None), ("select 1/0", None),
                         ("select pg_terminate_backend(999999)", None)):
        try:
            db.execute(text, values)
        except Exception:
            pass
    try:
        db.execute("select pg_terminate_backend(pg_backend_pid())")
    except Exception:
        pass


def postgres_pipeline(host):
    db = postgres_connect(host)
    with db.pipeline():
        for n in range(5):
            db.execute("select %s::int + 1", (n,))
    try:
        with db.pipeline() as p:
            db.execute("select 1")
            db.execute("select broken")
            db.execute("select 2")
            p.sync()
            db.execute("select 3")
    except Exception:
        pass
    db.close()


def postgres_copy(host):
    db = postgres_connect(host)
    q = db.cursor()
    q.execute("create temp table loaded (a int, b text)")
    with q.copy("copy loaded from stdin") as copy:
        for n in range(300):
            copy.write_row((n, "secret %d" % n))
    with q.copy("copy loaded to stdout") as copy:
        for _ in copy:
            pass
    try:
        with q.copy("copy loaded from stdin") as copy:
            copy.write("not a number\tx\n")
    except Exception:
        pass
    db.close()


def postgres_notify(host):
    db, other = postgres_connect(host), postgres_connect(host)
    db.execute("listen jobs")
    other.execute("select pg_notify('jobs', 'secret payload')")
    for _ in db.notifies(timeout=0.5, stop_after=1):
        pass
    db.close()
    other.close()


def postgres_cancel(host):
    db = postgres_connect(host)
    timer = threading.Timer(0.3, db.cancel)
    timer.start()
    try:
        db.execute("select pg_sleep(10)")
    except Exception:
        pass
    timer.join()
    db.close()


def postgres_traced(host):
    db = postgres_connect(host)
    db.execute("select name from users where id = %%s /*action='show',traceparent='%s'*/" % TRACE, (7,))
    db.close()


def postgres_many(host):
    """One statement run for many rows, in one batch."""
    db = postgres_connect(host)
    q = db.cursor()
    q.execute("create temp table batch (a int, b text)")
    q.executemany("insert into batch values (%s, %s)", [(n, "secret %d" % n) for n in range(20)])
    db.close()


def postgres_refused(host):
    import psycopg

    for user, database in (("nobody", "postgres"), ("app", "nowhere")):
        try:
            psycopg.connect("host=%s user=%s password=secret dbname=%s sslmode=disable" % (host, user, database))
        except Exception:
            pass


# --- Memcached


def memcached_connect(host):
    from pymemcache.client.base import Client

    return Client((host, 11211), no_delay=True, default_noreply=False)


def memcached_text(host):
    m = memcached_connect(host)
    m.set("user:1001", "alice", expire=60)
    m.get("user:1001")
    m.get("user:1002")
    m.add("user:1001", "again")
    m.replace("user:1001", "bob")
    m.append("user:1001", "!")
    m.prepend("user:1001", "?")
    _, token = m.gets("user:1001")
    m.cas("user:1001", "carol", token)
    m.cas("user:1001", "late", token)
    m.get_many(["user:1001", "user:1002", "user:1003"])
    m.set("count", "10")
    m.incr("count", 5)
    m.decr("count", 1)
    m.incr("missing", 1)
    m.touch("count", 30)
    m.delete("count")
    m.delete("count")
    m.stats()
    m.version()
    m.set("quiet", "1", noreply=True)
    m.get("quiet")
    m.flush_all()
    m.quit()


def memcached_pipelined(host):
    s = connect(host, 11211)
    s.sendall(b"".join(b"set pipe:%d 0 0 3\r\nv%02d\r\n" % (i, i) for i in range(10)))
    s.sendall(b"".join(b"get pipe:%d\r\n" % i for i in range(10)) + b"get pipe:1 pipe:2 none\r\n")
    drain(s)
    s.close()


def memcached_meta(host):
    s = connect(host, 11211)
    for line in (b"ms meta:1 5 T60\r\nhello\r\n", b"mg meta:1 v t f\r\n", b"mg missing v\r\n", b"ma count N0 J5 v\r\n",
                 b"md meta:1\r\n", b"md meta:1\r\n", b"mn\r\n", b"ms meta:2 2 q\r\nhi\r\nmg meta:2 v q\r\nmg nope v q\r\nmn\r\n"):
        s.sendall(line)
        s.recv(4096)
    drain(s)
    s.close()


def memcached_errors(host):
    s = connect(host, 11211)
    for line in (b"get k\r\n", b"nonsense\r\n", b"get\r\n", b"set k 0 0 5\r\ntoo long\r\n", b"incr text 1\r\n",
                 b"get " + b"k" * 300 + b"\r\n", b"set text 0 0 4\r\nabcd\r\n",
                 b"incr text 1\r\n"):
        s.sendall(line)
        time.sleep(0.1)
        s.recv(4096)
    s.close()


def memcached_large(host):
    m = memcached_connect(host)
    m.set("blob", "x" * 20000)
    m.get("blob")
    m.get("after")
    m.close()


def memcached_binary(host):
    import bmemcached

    m = bmemcached.Client(["%s:11211" % host], compression=None)
    m.set("user:1001", "alice", 60)
    m.get("user:1001")
    m.get("user:1002")
    m.add("user:1001", "again")
    m.replace("user:1001", "bob")
    m.set_multi({"a": "1", "b": "2"})
    m.get_multi(["a", "b", "none"])
    m.incr("count", 1)
    m.decr("count", 1)
    m.delete("a")
    m.delete("a")
    m.stats()
    m.disconnect_all()


def memcached_udp(host):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(1)
    for i, line in enumerate((b"set u 0 0 2\r\nhi\r\n", b"get u\r\n", b"get none\r\n")):
        s.sendto(struct.pack("!HHHH", i, 0, 1, 0) + line, (host, 11211))
        try:
            s.recv(2048)
        except OSError:
            pass


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
