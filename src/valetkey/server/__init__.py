"""Wiring: settings become an application, its workers and their life.

Owns the home folder's layout, the way of a request from bytes to bytes (:mod:`edge`), the ASGI
application, the worker processes, and the health endpoints. Knows no operation: it looks them up
in ``api``'s table. What serving needs is imported by :mod:`run` alone, so that commands which
do not serve stay quick.
"""

from valetkey.server.address import endpoint_url
from valetkey.server.bootstrap import Admin, bootstrap
from valetkey.server.home import Home

__all__ = ["Admin", "Home", "bootstrap", "endpoint_url"]
