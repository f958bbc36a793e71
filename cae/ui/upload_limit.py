"""Bounds what visitors' files take on the server: those of one session, and those of all.

Streamlit bounds each file alone, keeps whatever is sent to a session, and has no words for a file that it refuses. Here
a file for which there is no room is not read, and a sentence takes its place, which the page then finds where it
expects the file: see `refusal`.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

LARGEST = 25 * 2**20
"""Bytes of a file, as `server.maxUploadSize` in .streamlit/config.toml says."""
EACH, IN_ALL = 4 * LARGEST, 10 * LARGEST
"""Bytes for the files of a session, a page with an uploader each and one on its way; and for those of all."""
ENTRY = 10_000
"""Bytes that a file is taken to need beside its content."""
MOST_REFUSED = 100
"""Sentences that a session gets in place of files; then there is but a status."""
LINGER = 2
"""Files that a session may still use after the browser has had them deleted: the visitor's picture, and what the
uploader on the page holds."""
TOO_MANY = "You have uploaded more than this server keeps for one visitor: reload the page, and try again."
FULL = "This server has no room for more files now: try again in a few minutes."

_PUT = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")


def refusal(data: bytes) -> str | None:
    """The sentence that has taken an uploaded file's place; None where it is a file."""
    return next((sentence for sentence in (TOO_MANY, FULL) if data == sentence.encode()), None)


class UploadLimit:
    """Middleware; runs in the server's event loop alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sizes: dict[str, dict[str, int]] = {}  # of the files of each session, in the order in which they came
        self._under_way: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PUT.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None or not runtime.get_instance().is_active_session(found[1]):
            await self._app(scope, receive, send)  # of unknown sessions nothing is kept
            return
        session, file = found.groups()
        declared = Headers(scope=scope).get("content-length", "")
        size = ENTRY + min(int(declared) if declared.isdecimal() else LARGEST, LARGEST)
        own, others = self._held(session)
        if own > EACH + MOST_REFUSED * ENTRY:  # no page asks so often
            await PlainTextResponse("Too many files", 413)(scope, receive, send)
            return
        if own + size > EACH or own + others + size > IN_ALL:
            await _drain(receive)
            scope, receive = _in_its_place(scope, TOO_MANY if own + size > EACH else FULL)
            size = ENTRY
        self._sizes.setdefault(session, {})[file] = size
        self._under_way.add((session, file))
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way.discard((session, file))

    def _held(self, session: str) -> tuple[int, int]:
        """Bytes that the files of this session take, and those of all others."""
        now = runtime.get_instance()
        stored = now.uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
        for each, sizes in list(self._sizes.items()):
            there, latest = stored.get(each, {}), list(sizes)[-LINGER:] if now.is_active_session(each) else []
            kept = {f: n for f, n in sizes.items() if f in there or f in latest or (each, f) in self._under_way}
            if kept:
                self._sizes[each] = kept
            else:
                del self._sizes[each]
        own = sum(self._sizes.get(session, {}).values())
        return own, sum(sum(sizes.values()) for sizes in self._sizes.values()) - own


async def _drain(receive: Receive) -> None:
    """Let a body pass by, since a browser reads no answer before it has sent all of it."""
    while (await receive()).get("more_body"):
        pass


def _in_its_place(scope: Scope, sentence: str) -> tuple[Scope, Receive]:
    """The same request with a sentence for a file."""
    start = b'--sentence\r\nContent-Disposition: form-data; name="file"; filename="sentence"\r\n\r\n'
    body = start + sentence.encode() + b"\r\n--sentence--\r\n"
    headers = [(name, value) for name, value in scope["headers"] if name not in (b"content-type", b"content-length")]
    headers += [(b"content-type", b"multipart/form-data; boundary=sentence"), (b"content-length", b"%d" % len(body))]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return {**scope, "headers": headers}, receive
