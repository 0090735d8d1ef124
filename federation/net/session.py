"""A requests session without its conveniences. By default requests reads proxies and passwords from the environment and
``~/.netrc``, stores cookies, and, even when told not to follow a redirect, reads that answer's body to its end, however
long it is. Made by :mod:`.client`, one per client."""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict

from federation.errors import Refused

from .transport import GuardedPool, GuardedTlsPool


class GuardedAdapter(HTTPAdapter):
    """``destinations`` is how many hosts keep a connection open: one each, since a client mostly serves one thread, and
    urllib3 fills and empties a queue of that length for every host."""

    def __init__(self, context: ssl.SSLContext, destinations: int) -> None:
        self._context = context
        super().__init__(pool_connections=destinations, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTlsPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Verification is the context's. requests would name the bundle here, and urllib3 then load it once more."""
        conn.cert_reqs = "CERT_REQUIRED"

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Status and stream, which is all that the client reads; not the cookies, encodings and reasons."""
        response = Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Never: behind a proxy, the address that is dialled is not ours to judge."""
        raise Refused("a proxy was asked for")


class GuardedSession(Session):
    """Sends prepared requests, and follows nothing."""

    def __init__(self, context: ssl.SSLContext, destinations: int) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.adapters.clear()
        adapter = GuardedAdapter(context, destinations)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: Response) -> None:
        """Not its business: the client judges each hop."""

    def request_once(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Response:
        """The answer, its body not read. ``url`` must come from the guard; the path sent is the current exchange's."""
        prepared = PreparedRequest()
        prepared.method = method
        prepared.url = url
        prepared.headers = CaseInsensitiveDict(headers)
        prepared.body = body
        prepared.hooks = default_hooks()
        # Straight to the adapter: what Session.send() adds are hooks, cookies and the target of a redirect, of which we
        # want none, and a tenth of a delivery's CPU. Time-outs are the sockets' own; the one given here is what urllib3
        # sets and they override.
        return self.get_adapter(url).send(prepared, stream=True, timeout=30, verify=True, cert=None, proxies={})
