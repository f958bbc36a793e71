"""What the browser asks of the training room: how the training stands, its weights, and to order, stop and keep one.

It asks the server itself and not through Streamlit: several times a second, and also after its session is gone. An
order gives a ticket, which the browser keeps and sends as a header. Orders come as application/json, which no other
site's page may send.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cae import CaeError
from cae.engine.process import ENGINE
from cae.imaging.strokes import strokes_from_json
from cae.training.keep import keep, most_kept
from cae.training.live import LiveError, Order, Point, Recipe
from cae.training.room import Room, Training

TICKET = "Training-Ticket"
LARGEST = 1_000_000
"""Bytes of an order: a drawing of 20,000 points takes less."""
LOOK, PATIENCE = 0.1, 3.0
"""Seconds between two looks for news, and until an answer without news; the server cannot end meanwhile."""
Answer = Callable[[Request], Awaitable[Response]]
FRESH = {"Cache-Control": "no-store"}


async def _state(request: Request) -> Response:
    """The training that the visitor sees, as soon as it is another state than `since`."""
    since, ticket = request.query_params.get("since"), request.headers.get(TICKET, "")
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        room = _room()
        mine = room.of(ticket)
        shown = _shown(room, mine)
        version = _version(room, shown, mine)
        if version != since or loop.time() > until or await request.is_disconnected():
            break
        await asyncio.sleep(LOOK)
    known = request.query_params.get("points", "")
    first = int(known) if known.isdecimal() and shown and request.query_params.get("of") == shown.name else 0
    state = {
        "version": version,
        "ahead": room.ahead(mine) if mine and mine.status == "waiting" else 0,
        "waiting": room.waiting,
        "training": shown and _described(shown, mine is shown, first),
    }
    return JSONResponse(state, headers=FRESH)


def _shown(room: Room, mine: Training | None) -> Training | None:
    """The visitor's own training, unless it waits; else the one that runs, or the last that has ended."""
    if mine and mine.status != "waiting":
        return mine
    return next((each for each in room.all() if each.status != "waiting"), None)


def _version(room: Room, shown: Training | None, mine: Training | None) -> str:
    ahead = room.ahead(mine) if mine else 0
    about = f"{shown.name}-{shown.status}-{len(shown.points)}-{shown.kept}" if shown else ""
    return f"{about}-{room.waiting}-{ahead}"


def _described(training: Training, is_mine: bool, first: int) -> dict[str, Any]:
    recipe, points = training.order.recipe, training.points
    return {
        "name": training.name,
        "mine": is_mine,
        "status": training.status,
        "ended": training.ended,
        "message": training.message,
        "recipe": {**vars(recipe)},
        "images": training.order.count,
        "first": first,
        "points": [_figures(point) for point in points[first:]],
        "steps": points[0].steps if points else 0,
        "variance": points[0].variance if points else 0,
        "collapsed": bool(points and points[-1].collapsed),
        "kept": training.kept,
        "keepable": recipe.fits_play and most_kept() > 0,
    }


def _figures(point: Point) -> list[float]:
    return [point.step, float(f"{point.loss:.4g}"), float(f"{point.val_loss:.4g}")]


async def _weights(request: Request) -> Response:
    """Those of the last point; the address names the training."""
    name = request.path_params["name"]
    training = next((each for each in _room().all() if each.name == name and each.weights), None)
    if training is None:
        return Response(status_code=404, headers=FRESH)
    return Response(training.weights, media_type="application/octet-stream", headers=FRESH)


async def _order(request: Request) -> Response:
    if os.environ.get(ENGINE) == "onnx" or not find_spec("tensorflow"):
        raise LiveError("This app runs on a host with little memory, which trains nothing.")
    match await _sent(request):
        case {"recipe": recipe, "strokes": strokes}:
            order = Order(Recipe.read(recipe), strokes_from_json(strokes), secrets.randbelow(1_000))
            return JSONResponse({"ticket": _room().order(order).ticket}, headers=FRESH)
    raise LiveError("This is not an order of a training.")


async def _stop(request: Request) -> Response:
    _room().stop(await _own(request))
    return JSONResponse({}, headers=FRESH)


async def _keep(request: Request) -> Response:
    from cae.ui import resources

    name = await run_in_threadpool(keep, await _own(request), resources.engine())
    return JSONResponse({"model": name}, headers=FRESH)


async def _own(request: Request) -> Training:
    """The training whose ticket the browser sends."""
    await _sent(request)
    training = _room().of(request.headers.get(TICKET, ""))
    if training is None:
        raise LiveError("This training is no longer there.")
    return training


async def _sent(request: Request) -> object:
    """The JSON that was sent."""
    if request.headers.get("content-type") != "application/json":
        raise LiveError("This is not JSON.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise LiveError("The drawing is too large.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise LiveError("This is not JSON.") from None


def _room() -> Room:
    from cae.ui import resources  # only now, as Streamlit's caches warn of being made before it runs

    return resources.room()


def _in_words(answer: Answer) -> Answer:
    """A sentence for the visitor, as JSON, where a `CaeError` is raised."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except CaeError as error:
            return JSONResponse({"error": str(error)}, 400, headers=FRESH)
        except ClientDisconnect:
            return Response(status_code=400)

    return answered


ROUTES = [
    Route("/state", _state),
    Route("/weights/{name}", _weights),
    *(
        Route(f"/{name}", _in_words(answer), methods=["POST"])
        for name, answer in {"order": _order, "stop": _stop, "keep": _keep}.items()
    ),
]
