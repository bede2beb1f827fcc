"""Servers, as the tests of shipping have them."""

from tests.ship.conftest import one_loader, server_of, use

__all__ = ["one_loader", "server_of", "use"]
