"""`export-onnx`: the models for the light engine, which needs neither TensorFlow nor Keras."""

import argparse

from cae.cli.parser import UsageError
from cae.model import store
from cae.progress import progress_bar, say


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "models", nargs="*", metavar="MODEL", help="trained models; all in pretrained/ if none is named"
    )


def run(options: argparse.Namespace) -> None:
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise UsageError("The library onnx is missing: pip install -r requirements-onnx.txt.") from None
    from cae.model import onnx_graph

    models = [store.find(name) for name in options.models or store.names()]
    networks = [network for model in models for network in (model, *model.variants())]
    with progress_bar("ONNX graphs", len(networks)) as advance:
        for network in networks:
            onnx_graph.export(network)
            advance(1, network.name)
    say(f"The graphs of {len(models)} models are in their folders.")
    say("The app with them: CAE_ENGINE=onnx streamlit run app.py")
