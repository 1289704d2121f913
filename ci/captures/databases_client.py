"""Clients of databases. Part of ci/captures/databases.sh.

  databases_client.py CASE HOST
"""
import os
import sys

case, host = sys.argv[1:3]
TRACE = "/* traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' */ "


def failing(call, *arguments, **named):
    try:
        return call(*arguments, **named)
    except Exception as error:
        print(type(error).__name__, error)


def tds(**named):
    import pytds

    return pytds.connect(dsn=host, port=1433, database="shop", user="bob", password="secret-1234", appname="orders",
                         autocommit=True, timeout=5, login_timeout=5,
                         cafile=os.environ["FATHOM_CERTIFICATE"], validate_host=False, enc_login_only=True, **named)


def tds_session():
    with tds() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name, price FROM goods WHERE name = 'tea'")
        cursor.fetchall()
        cursor.execute("SELECT name FROM goods WHERE price > %s", (5,))
        cursor.fetchall()
        cursor.execute("CREATE TABLE #basket (id int, name varchar(20))")
        cursor.execute("INSERT INTO #basket VALUES (1, 'tea'), (2, 'rum')")
        cursor.execute("DELETE FROM #basket WHERE id = 2")
        cursor.execute(TRACE + "SELECT COUNT(*) FROM goods")
        cursor.fetchall()


def tds_errors():
    with tds() as connection:
        cursor = connection.cursor()
        failing(cursor.execute, "SELECT name FROM nothing")
        failing(cursor.execute, "SELEC 1")
        failing(cursor.execute, "SELECT 1/0")
        failing(cursor.execute, "SELECT name FROM nothing WHERE id = %s", (7,))
        failing(cursor.callproc, "dbo.pay_bill", (7, "bob"))


def tds_large():
    with tds() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT a.name, b.name FROM goods a CROSS JOIN many b")
        cursor.fetchall()
        cursor.execute("SELECT name FROM goods WHERE name IN (" + ", ".join("'x%d'" % n for n in range(900)) + ")")
        cursor.fetchall()


def cassandra(**named):
    from cassandra.cluster import Cluster

    return Cluster([host], port=9042, connect_timeout=3, schema_metadata_enabled=False, token_metadata_enabled=False,
                   compression=False, **named)


def cassandra_four():
    cassandra_session(4)


def cassandra_five():
    cassandra_session(5)


def cassandra_session(version):
    from cassandra.query import BatchStatement, SimpleStatement

    cluster = cassandra(protocol_version=version)
    session = cluster.connect("shop")
    session.execute("SELECT name FROM goods WHERE id = 42")
    session.execute(TRACE + "INSERT INTO goods (id, name) VALUES (1, 'tea')")
    failing(session.execute, "SELECT name FROM nothing")
    failing(session.execute, "SELEC 1")
    failing(session.execute, SimpleStatement("SELECT name FROM slow WHERE id = 1", retry_policy=None))
    prepared = session.prepare("SELECT name FROM goods WHERE id = ?")
    for n in range(3):
        session.execute(prepared, (n,))
    batch = BatchStatement()
    batch.add(SimpleStatement("INSERT INTO goods (id, name) VALUES (2, 'rum')"))
    batch.add(SimpleStatement("DELETE FROM goods WHERE id = 3"))
    session.execute(batch)
    waiting = [session.execute_async("SELECT name FROM goods WHERE id = %d" % n) for n in range(5)]
    for w in waiting:
        w.result()
    cluster.shutdown()


globals()[case]()
