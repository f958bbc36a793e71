"""The Ray cluster that a command of this package works on. Ray is an extra: requirements-ray.txt."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cae.engine.errors import EngineError
from cae.engine.process import ENGINE, ENVIRONMENT
from cae.model import store

log = logging.getLogger(__name__)
BLOCKS = 8
"""Parts of the rows for each worker: the last to end keeps nobody waiting for long."""


@contextmanager
def connected(engine: str | None = None) -> Iterator[Any]:
    """The module `ray`, connected to the cluster at RAY_ADDRESS, or to that of this machine, or else to a new one.

    The package, and the files that are worked on, must lie at the same place on all machines.

    Args:
        engine: what `CAE_ENGINE` is on the cluster; by default what it is here.

    Raises:
        EngineError: Ray is not installed, or there is no cluster at RAY_ADDRESS.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what fails comes as an exception
    try:
        import ray
    except ModuleNotFoundError:
        raise EngineError("Ray is not installed: pip install -r requirements-ray.txt") from None
    given = os.environ.get(ENGINE, "") if engine is None else engine
    variables = {**ENVIRONMENT, ENGINE: given, "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow")}
    if not store.INSTALLED:
        variables["PYTHONPATH"] = str(store.HOME)
    try:
        ray.init(
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": variables},
        )
    except (ConnectionError, ValueError) as error:
        raise EngineError(f"There is no Ray cluster at {os.environ.get('RAY_ADDRESS')}.") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def spread(ray: Any, worker: type, arguments: tuple, rows: list[dict]) -> Iterator[dict]:
    """What `worker(*arguments)` makes of each row, one worker on each free core of the cluster; in any order.

    Raises:
        EngineError: no core is free, or a worker has failed.
    """
    free = int(ray.available_resources().get("CPU", 0))
    if not free:
        raise EngineError("All processor cores of the Ray cluster are in use.")
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    workers = min(free, len(rows))
    items = ray.data.from_items(rows, override_num_blocks=min(len(rows), BLOCKS * workers))
    pool = ray.data.ActorPoolStrategy(size=workers)
    try:
        yield from items.map(worker, fn_constructor_args=arguments, compute=pool, num_cpus=1).iter_rows()
    except ray.exceptions.RayError as error:
        log.error("A worker of the Ray cluster has failed.", exc_info=error)
        raise EngineError("A worker of the Ray cluster has failed.") from error
