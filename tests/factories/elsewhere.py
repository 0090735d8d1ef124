"""Work over another connection to the database, at the same time as the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

PATIENCE = 60


class Elsewhere:
    """Another connection, in a thread of its own. Its error is raised where it is joined."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "it still waits"
        if self.error is not None:
            raise self.error

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again by join
            self.error = error
        finally:
            connection.close()
