"""What the app serves beside its pages: the browser's modules and the weights; its headers, its start and its end."""

import base64
import gc
import hashlib
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path, PurePath

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cae.model import store
from cae.ui import assets, training
from cae.ui.upload_limit import UploadLimit

FRAME_ANCESTORS = "CAE_FRAME_ANCESTORS"
"""The environment variable that says which pages may frame the app, as in the header: 'none', 'self' or addresses."""
JAVASCRIPT = "text/javascript; charset=utf-8"
REVALIDATED = "no-cache"
FOR_EVER = "public, immutable, max-age=31536000"


class Files(StaticFiles):
    """The files of a folder that are of the given kinds; whatever else lies in it, or a missing folder, is not found.

    Args:
        folder: with its subfolders; links that lead out of it are not followed.
        kinds: the media types by suffix.
        cache: the Cache-Control header.
    """

    def __init__(self, folder: Path, kinds: dict[str, str], cache: str) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._kinds = kinds
        self._cache = cache

    async def check_config(self) -> None:
        """A folder may come later."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        kind = self._kinds.get(PurePath(path).suffix)
        if kind is None:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Content-Type"] = kind
        response.headers["Cache-Control"] = self._cache
        return response


def routes() -> list[BaseRoute]:
    """Modules and styles at assets/VERSION/…, weights and histories at weights/MODEL/…, below the app's base path."""
    path = st.get_option("server.baseUrlPath").strip("/")
    base = f"/{path}" if path else ""
    modules = Files(assets.FOLDER, {".js": JAVASCRIPT}, FOR_EVER)
    models = {".safetensors": "application/octet-stream", ".json": "application/json"}
    made = [Route("/constants.js", _constants), Route("/styles/{name}.css", _style)]
    return [
        Mount(f"{base}/assets/{assets.VERSION}", routes=[*made, Mount("/", modules)]),
        Mount(f"{base}/assets", routes=[]),  # of another version: not found
        Mount(f"{base}/weights/{store.RUNS}", Files(store.HOME / store.RUNS, models, REVALIDATED)),
        Mount(f"{base}/weights", Files(store.FOLDER, models, REVALIDATED)),
        Mount(f"{base}/training", routes=training.ROUTES),
    ]


async def _constants(_: Request) -> Response:
    return Response(assets.CONSTANTS_MODULE, media_type=JAVASCRIPT, headers={"Cache-Control": FOR_EVER})


async def _style(request: Request) -> Response:
    text = assets.STYLES.get(request.path_params["name"])
    if text is None:
        raise HTTPException(404)
    return Response(text, media_type="text/css", headers={"Cache-Control": FOR_EVER})


class Headers:
    """Middleware that adds headers to each response."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def security_headers() -> dict[str, str]:
    """What every response carries.

    Raises:
        SystemExit: the environment names frame ancestors that are none.
    """
    ancestors = os.environ.get(FRAME_ANCESTORS, "").strip()
    if not re.fullmatch(r"[\w '*.:/\[\]-]*", ancestors):
        raise SystemExit(f"{FRAME_ANCESTORS} must be 'none', 'self' or addresses with spaces between.")
    policy = {
        "default-src": "'self'",
        # Streamlit imports a component's script from a blob: URL, and its page has one small inline script. The network
        # in the browser computes by WebAssembly, which may be compiled; text is never run as code.
        "script-src": " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    if ancestors:
        policy["frame-ancestors"] = ancestors
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "Referrer-Policy": "same-origin",  # the address holds the visitor's picture
        "X-Content-Type-Options": "nosniff",
    }


def _inline_scripts() -> list[str]:
    """The hashes of the scripts within Streamlit's page."""
    html = Path(st.__file__).with_name("static").joinpath("index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts]


def middleware() -> list[Middleware]:
    return [Middleware(Headers, headers=security_headers()), Middleware(UploadLimit)]


async def _failed(_: Request, __: Exception) -> Response:
    """Starlette's answer to an error of ours, which passes no middleware, with the headers."""
    return PlainTextResponse("Internal Server Error", 500, headers=security_headers())


EXCEPTION_HANDLERS = {Exception: _failed}


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """The engine starts before the first visitor comes, and ends with the server."""
    from cae.ui import resources, uploads  # now, as Streamlit's caches warn of being made before it runs

    resources.engine()
    import_module("cae.ui.navigation")  # and with it all pages, so that the first visitor need not wait for them
    gc.freeze()  # a full collection stops all visitors; it then passes over the 120,000 objects of the start
    yield
    uploads.worker.shutdown(cancel_futures=True)
    resources.close_room()
    resources.close_engine()
