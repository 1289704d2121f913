"""Servers for captures of databases. Part of ci/captures/databases.sh.

  databases_server.py tds PORT TABLES CERTIFICATE
"""
import sys


def tds(port, tables, certificate):
    """pySQLbridge with a certificate that clients are told of."""
    from pysqlbridge.catalog import load as load_catalog
    from pysqlbridge.certificate import self_signed
    from pysqlbridge.logins import load as load_logins
    from pysqlbridge.server import serve

    own = self_signed("shop.test")
    with open(certificate, "wb") as file:
        file.write(own.cert_pem)
    serve("0.0.0.0", int(port), certificate=own, query_handler=load_catalog(tables).answer, logins=load_logins(tables))


globals()[sys.argv[1]](*sys.argv[2:])
