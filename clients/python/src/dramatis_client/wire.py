"""Requests over HTTP, tried again where that cannot do anything twice."""
from __future__ import annotations

import http.client
import json
import random
import time
import urllib.parse
import uuid
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from .errors import ConnectionFailed, error_of

#: Statuses after which the same request may do better.
AGAIN = frozenset((408, 429, 502, 503, 504))
#: No pause between two attempts is longer, whatever the service asks for.
LONGEST_PAUSE = 20.0


class Event(NamedTuple):
    """An event of a stream."""

    type: str
    data: Dict[str, Any]


class Wire:
    """One service. Threads may share it: each request has a connection of its own."""

    def __init__(self, address: str, key: Optional[str], timeout: float, retries: int,
                 pause: float) -> None:
        parts = urllib.parse.urlsplit(address if "://" in address else "http://" + address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("%r is no address of a service" % address)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._root = parts.path.rstrip("/")
        self._key, self._timeout = key, timeout
        self._retries, self._pause = retries, pause

    def call(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None,
             npc_id: str = "") -> Any:
        """The JSON of the answer, or its text where it is none; None where it is empty."""
        response, connection = self._send(method, path, body, "application/json", npc_id)
        try:
            raw = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionFailed("The answer broke off: %s" % error) from error
        finally:
            connection.close()
        if not raw:
            return None
        kind = response.headers.get("Content-Type", "").split(";")[0].strip()
        return json.loads(raw) if kind == "application/json" else raw.decode("utf-8")

    def stream(self, method: str, path: str, body: Mapping[str, Any],
               npc_id: str = "") -> Iterator[Event]:
        """The events of the answer; closing the iterator hangs up, which stops the reply."""
        response, connection = self._send(method, path, body, "text/event-stream", npc_id)
        try:
            yield from _events(response)
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionFailed("The stream broke off: %s" % error) from error
        finally:
            connection.close()

    def _send(self, method: str, path: str, body: Optional[Mapping[str, Any]], accept: str,
              npc_id: str) -> Tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        headers = {"Accept": accept}
        content = None
        if body is not None:
            content = json.dumps(body).encode("utf-8")
            headers["Content-Type"] = "application/json"
        if method == "POST":
            # All attempts are one wish: the service answers the second with what the first did.
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if self._key is not None:
            headers["Authorization"] = "Bearer " + self._key
        attempt = 0
        while True:
            try:
                response, connection = self._attempt(method, path, content, headers)
            except (OSError, http.client.HTTPException) as error:
                if attempt >= self._retries:
                    raise ConnectionFailed("%s:%s did not answer: %s"
                                           % (self._host, self._port, error)) from error
                wait = self._wait(attempt, None)
            else:
                if response.status < 300:
                    return response, connection
                retry_after = _seconds(response.headers.get("Retry-After"))
                error = error_of(response.status, _problem(response), npc_id, retry_after)
                connection.close()
                if response.status not in AGAIN or attempt >= self._retries:
                    raise error
                wait = self._wait(attempt, retry_after)
            attempt += 1
            time.sleep(wait)

    def _attempt(self, method: str, path: str, content: Optional[bytes], headers: Dict[str, str]
                 ) -> Tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._root + path, body=content, headers=headers)
            return connection.getresponse(), connection
        except BaseException:
            connection.close()
            raise

    def _wait(self, attempt: int, asked: Optional[float]) -> float:
        # Half of it by chance, so that many clients do not come back at once.
        own = self._pause * 2 ** attempt * (0.5 + random.random() / 2)
        return min(LONGEST_PAUSE, own if asked is None else max(asked, own))


def _seconds(text: Optional[str]) -> Optional[float]:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None  # a date: our own pause will do


def _problem(response: http.client.HTTPResponse) -> Dict[str, Any]:
    try:
        problem = json.loads(response.read(65536))
    except (OSError, ValueError, http.client.HTTPException):
        problem = None
    return problem if isinstance(problem, dict) else {"title": response.reason}


def _events(response: http.client.HTTPResponse) -> Iterator[Event]:
    kind, data = "message", []
    for raw in response:
        line = raw.decode("utf-8").rstrip("\r\n")
        if not line:
            if data:
                yield Event(kind, json.loads("\n".join(data)))
            kind, data = "message", []
        elif line.startswith("event:"):
            kind = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].lstrip(" "))


def quoted(part: str) -> str:
    """A part of a path."""
    return urllib.parse.quote(part, safe="")


def query(**values: Any) -> str:
    """A query of those values that are there."""
    there = {name: value for name, value in values.items() if value is not None}
    return "?" + urllib.parse.urlencode(there) if there else ""
