"""What can go wrong with a request to the network; each message is one plain sentence for visitors."""

from cae import CaeError


class EngineError(CaeError):
    """The network gave no answer; the message says why in one plain sentence."""


class EngineTimeout(EngineError):
    """The network took longer than the time limit, twice, or is busy with other requests."""


class EngineDied(EngineError):
    """The network's process cannot be started, or ended twice during the same request."""


class EngineRestarts(EngineError):
    """The network's process is being replaced, and the request is not patient: to be asked again once it is ready."""


class ModelUnavailable(EngineError):
    """The model is missing, incomplete, altered, or has another version than the one asked for."""
