"""Engines on a Ray cluster: replicas that Ray Serve starts, watches and replaces, and among which it spreads requests.

They answer over HTTP what `cae.engine.remote` asks for. Requests that wait at a replica are answered together.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from ray import serve
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from cae.engine import wire, worker
from cae.engine.dispatcher import Request, message, settle, together
from cae.engine.errors import EngineError
from cae.model import store

MOST_WAITING = 256
"""Requests at a replica; beyond, they wait at Ray Serve's proxy."""
MOST_TOGETHER = 16
"""Requests that are handed to the network at once."""


class Replica:
    """One process with the networks."""

    def __init__(self) -> None:
        library = worker.library()
        self._networks = worker.Networks(store.FOLDER, library.operations)
        self._device = library.describe()
        self._last_background = monotonic()
        for cold in worker.cold_operations(store.FOLDER):
            worker.warm(self._networks, *cold)

    async def __call__(self, http: HttpRequest) -> Response:
        if http.method == "GET":
            return JSONResponse({"status": "ready", "device": self._device})
        try:
            if int(http.headers.get("content-length", "0")) > wire.LARGEST:
                raise ValueError("The request is too large.")
            request = wire.request(http.url.path.strip("/"), http.query_params, await http.body())
            await self._answer(request)
            outputs, milliseconds = request.answer.result(0)
        except (EngineError, ValueError) as error:
            status, headers, body = wire.refusal(error)
            return Response(body, status, headers, "text/plain")
        return Response(wire.pack(outputs), headers={"Milliseconds": f"{milliseconds:.3f}"})

    @serve.batch(max_batch_size=MOST_TOGETHER, batch_wait_timeout_s=0)
    async def _answer(self, requests: list[Request]) -> list[None]:
        await asyncio.to_thread(self._compute, requests)
        return [None] * len(requests)

    def _compute(self, requests: list[Request]) -> None:
        waiting = list(requests)
        while waiting:
            batch = together(waiting, monotonic(), self._last_background)
            waiting = [request for request in waiting if request not in batch]
            if batch[0].background:
                self._last_background = monotonic()
            settle(batch, worker.answer(self._networks, *message(batch)))


@contextmanager
def serving(ray: Any, replicas: int | None, address: str, port: int) -> Iterator[int]:
    """Replicas on a cluster that is connected, answering at that address of its first machine; gives their number.

    Args:
        replicas: by default one for each GPU, or, where there is none, for every second processor core.
    """
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    count = replicas or gpus or max(1, int(resources.get("CPU", 1)) // 2)
    serve.start(http_options={"host": address, "port": port})
    deployment = serve.deployment(
        name="Engine",
        num_replicas=count,
        max_ongoing_requests=MOST_WAITING,
        graceful_shutdown_timeout_s=2,
        ray_actor_options={"num_cpus": 1, "num_gpus": 1 if gpus else 0},
    )
    serve.run(deployment(Replica).bind(), name="cae", route_prefix="/")
    try:
        yield count
    finally:
        serve.shutdown()
