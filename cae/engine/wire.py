"""How an app and an engine that is not its own child speak: HTTP, with arrays as safetensors files, which hold no code.

    POST /OPERATION?network=NAME&limit=SECONDS[&patience=SECONDS][&background=1]    the input
    → 200, Milliseconds: 5.2                                                        the outputs
    → another status, Error: EngineTimeout                                          a sentence
    GET /status → 200                                                               {"status": …, "device": …}

An answer without the header Error that has not the status 200 comes from what stands between both.
"""

import math
from collections.abc import Mapping
from email.message import Message

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cae.engine import errors
from cae.engine.dispatcher import Request
from cae.engine.inputs import FROM_CODE, MAX_PIXELS, OPERATIONS, check_name, checked

LARGEST = 4 * MAX_PIXELS + 1_000
"""Bytes of a request: one step's floats, and their description."""
LONGEST = 60.0
"""Seconds that a step may be given."""
STATUS = {
    errors.EngineError: 500,
    errors.EngineDied: 502,
    errors.EngineRestarts: 503,
    errors.EngineTimeout: 504,
    errors.ModelUnavailable: 404,
    ValueError: 400,
}
"""The HTTP status of each error."""
_BY_NAME = {kind.__name__: kind for kind in STATUS}


def pack(arrays: list[np.ndarray]) -> bytes:
    return save({str(index): array for index, array in enumerate(arrays)})


def unpack(data: bytes) -> list[np.ndarray]:
    """Raises ValueError where the bytes are no such file."""
    try:
        arrays = load(data)
        return [arrays[str(index)] for index in range(len(arrays))]
    except (SafetensorError, KeyError, AttributeError):
        raise ValueError("These are no arrays.") from None


def request(operation: str, query: Mapping[str, str], body: bytes) -> Request:
    """What was asked for.

    Raises:
        ValueError, ModelUnavailable: it cannot be answered.
    """
    if operation not in OPERATIONS:
        raise ValueError("There is no such operation.")
    network = query.get("network", "")
    check_name(network)
    (array,) = unpack(body) or [np.empty(0)]
    array = checked(array, operation)
    if array.size * (16 if operation in FROM_CODE else 1) > MAX_PIXELS:
        raise ValueError("These are too many at once.")
    limit = seconds(query, "limit")
    return Request(operation, network, array, LONGEST if limit is None else limit, "background" in query)


def seconds(query: Mapping[str, str], name: str) -> float | None:
    """A time in a query, or None where there is none; raises ValueError."""
    if name not in query:
        return None
    value = float(query[name])
    if not 0 < value <= LONGEST:
        raise ValueError(f"{name} must be a number of seconds up to {LONGEST:g}.")
    return value


def refusal(error: Exception) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer in place of outputs."""
    kind = next((each for each in type(error).__mro__ if each in STATUS), errors.EngineError)
    return STATUS[kind], {"Error": kind.__name__}, str(error).encode()


def refused(headers: Mapping[str, str] | Message, body: bytes) -> Exception | None:
    """The error that an answer stands for, if it is one of the engine's."""
    kind = _BY_NAME.get(headers.get("Error", ""))
    return None if kind is None else kind(body.decode(errors="replace"))


def outputs(headers: Mapping[str, str] | Message, body: bytes) -> tuple[list[np.ndarray], float]:
    """The outputs, and the milliseconds spent in the network.

    Raises:
        ValueError: the answer is none.
    """
    milliseconds = float(headers.get("Milliseconds", ""))
    if not math.isfinite(milliseconds):
        raise ValueError("The answer has no time.")
    return unpack(body), milliseconds
