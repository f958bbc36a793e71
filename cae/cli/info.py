"""`info`: the layers, the device, the versions and the trained models."""

import argparse
import platform
import sys
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cae.cli import load_keras, show_json
from cae.cli.parser import add_json
from cae.model import store


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_json(command)


def run(options: argparse.Namespace) -> None:
    facts = collect()
    if options.json:
        show_json(facts)
    else:
        _show(facts)


def collect() -> dict:
    """What `info --json` prints."""
    load_keras()
    import keras

    from cae.model import devices
    from cae.model.network import build_autoencoder

    networks = build_autoencoder()
    parameters = {network.name: network.count_params() for network in networks}
    backend = keras.backend.backend()
    return {
        "layers": _layers(networks),
        "parameters": parameters | {"total": sum(parameters.values())},
        "device": devices.describe(),
        "precision": devices.precision(),
        "backend": backend,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "keras": keras.__version__,
            backend: sys.modules[backend].__version__,
        },
        "pretrained": [_model(model) for model in store.available(own=False)[0]],
    }


def _layers(networks: tuple[Any, ...]) -> list[dict]:
    found = [layer for network in networks for layer in network.layers[1:]]
    return [
        {
            "index": index,
            "name": layer.name,
            "kind": layer.name.rsplit("_", 1)[-1],
            "kernel": list(getattr(layer, "kernel_size", getattr(layer, "pool_size", getattr(layer, "size", ())))),
            "activation": layer.activation.__name__ if hasattr(layer, "activation") else None,
            "output": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for index, layer in enumerate(found, start=1)
    ]


def _model(model: store.Pretrained) -> dict:
    done = {part: (len(record["epochs"]), record.get("epochs_planned", 0)) for part, record in model.history.items()}
    epochs, planned = done["autoencoder"]
    denoiser_epochs, denoiser_planned = done.get("denoiser", (0, 0))
    return {
        "name": model.name,
        "epochs": epochs,
        "epochs_planned": planned,
        "denoiser_epochs": denoiser_epochs,
        "denoiser_epochs_planned": denoiser_planned,
    }


def _show(facts: dict) -> None:
    table = Table(title="The network")
    for heading in ("#", "name", "kind", "kernel", "output", "parameters"):
        table.add_column(heading, justify="right" if heading in ("#", "parameters") else "left")
    for layer in facts["layers"]:
        table.add_row(
            str(layer["index"]),
            layer["name"],
            layer["kind"],
            "×".join(map(str, layer["kernel"])),
            "×".join(map(str, layer["output"])),
            f"{layer['parameters']:,}",
            end_section=layer["index"] == len(facts["layers"]) // 2,
        )
    totals = facts["parameters"]
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"Parameters: encoder {totals['encoder']:,}, decoder {totals['decoder']:,}, together {totals['total']:,}\n"
        f"Device: {facts['device']}, precision for training {facts['precision']}, backend {facts['backend']}\n"
        f"Versions: {', '.join(f'{name} {version}' for name, version in facts['versions'].items())}"
    )
    for model in facts["pretrained"]:
        text = f"Trained model {model['name']}: {model['epochs']} of {model['epochs_planned']} epochs"
        if model["denoiser_epochs"]:
            text += f", denoiser {model['denoiser_epochs']} of {model['denoiser_epochs_planned']}"
        console.print(text)
    if not facts["pretrained"]:
        console.print("Trained models: none")
