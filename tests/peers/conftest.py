"""The independent peer, started once."""

from collections.abc import Iterator

import pytest

from tests.factories.fedify_peer import FedifyPeer, fedify_peer
from tests.factories.instances import Authority


@pytest.fixture(scope="session")
def fedify(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[FedifyPeer]:
    with fedify_peer(authority, tmp_path_factory.mktemp("fedify") / "fedify.log") as peer:
        yield peer
