"""The model card, README.md of a model folder: made from its history.json and those of its variants alone."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cae.data import sources
from cae.data.source import VALIDATION_IMAGES, Source
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER, STRONGEST
from cae.model import store
from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS, PARAMETERS

OPTIMISERS = {"Muon": "Muon, and Adam for biases and narrow layers"}
PUBLISHED_DENOISER_EPOCHS = 100

CARD = """\
# {name}

A convolutional autoencoder that {task}: {layers} layers,
{parameters:,} parameters (encoder {encoder:,}, decoder {decoder:,}).

Source: S. Bhattacharya, "Image Compression using Convolutional Autoencoder", MSc research project, National College of
Ireland, 2020. The weights are not the author's but trained anew, as below.

## Data

{data}.
Training on {training}, validation on {validation}.

## Training
{trainings}
## Files

| file | content |
|---|---|
| `encoder.safetensors`, `decoder.safetensors` | the autoencoder's weights, float32 |
{denoiser_file}{codec_files}| `snapshots/` | the autoencoder's weights after some epochs, float16; 000 is the start |
| `history.json` | how the training went, epoch by epoch; this card is made from it |
| `manifest.json` | SHA-256 of each file, checked on loading |

## Intended use and limits

For showing and teaching how an autoencoder compresses, on {pictures}.
Anything else comes back as what it resembles most among the training images. It is lossy, small details change or
vanish, and it was tested on {tested} only: no means for archiving, and no basis for decisions about people.
"""

CODEC_FILES = """\
| `codec.json`, `codec.safetensors` | steps and alphabets for each quality; the integer context models |
"""
VARIANT = "| `{name}/` | the autoencoder trained on for the codec, with its own history; for some of the qualities |\n"


def write_model_card(folder: Path) -> None:
    """Write README.md into a model folder and seal the folder again.

    Raises:
        PretrainedError: there is no trained autoencoder in the folder, or its history was altered.
    """
    model = store.load(folder.name, folder.parent)
    variants = {each.folder.name: each.history["autoencoder"] for each in model.variants()}
    has_codec = (folder / "codec.json").exists()
    store.seal(folder, {"README.md": model_card(model.name, sources.of(model), model.history, variants, has_codec)})


def model_card(
    name: str, data: Source, history: dict, variants: Mapping[str, dict] = MappingProxyType({}), has_codec: bool = False
) -> str:
    """The card's text in Markdown, from a history as in history.json and the records of the codec's variants."""
    images = history["autoencoder"]["images"]
    argument = shlex.quote(data.argument)
    trainings = [_training("Autoencoder", f"train {argument}", data, history["autoencoder"])]
    if "denoiser" in history:
        trainings.append(_training("Denoiser", f"train-denoiser {argument}", data, history["denoiser"]))
    if variants or has_codec:
        trainings.append(_codec(argument, data, variants))
    codec_files = CODEC_FILES if has_codec else ""
    codec_files += "".join(VARIANT.format(name=variant) for variant in variants)
    return CARD.format(
        name=name,
        layers=len(ENCODER) + len(DECODER),
        parameters=PARAMETERS,
        encoder=ENCODER_PARAMETERS,
        decoder=DECODER_PARAMETERS,
        task=data.task,
        tested=data.tested_on,
        data=data.credit,
        training=data.trained_on.format(images=images),
        validation=data.validated_on.format(images=min(images, VALIDATION_IMAGES)),
        trainings="".join(trainings),
        denoiser_file="| `denoiser.safetensors` | the denoiser's weights, float32 |\n" if "denoiser" in history else "",
        codec_files=codec_files,
        pictures=data.subjects,
    )


def _training(title: str, command: str, data: Source, record: dict) -> str:
    epochs = record["epochs"]
    done, planned, last = len(epochs), record["epochs_planned"], epochs[-1]
    leak = [f"| gradient of narrow ReLU layers below zero | {record['leak']:g} |"] if "leak" in record else []
    decay = [f"| weight decay of what Muon trains | {record['weight_decay']:g} |"] if record.get("weight_decay") else []
    share = record.get("varied", 0.0)
    varied = [f"| images varied at random | {share:.0%} at first, then fewer |"] if share else []
    lines = [
        f"| epochs | {done} of {planned} planned |",
        f"| batch size | {record['batch_size']} |",
        f"| seed | {record['seed_used']} |",
        f"| peak learning rate | {record['peak_learning_rate']:g}, after a warm-up, then cosine decay |",
        f"| optimiser | {OPTIMISERS.get(record['optimizer'], record['optimizer'])} |",
        *decay,
        *leak,
        *varied,
        "| loss | mean squared error over [0, 1] |",
        f"| weights | exponential moving average, momentum {record['average_momentum']:.4f} a step |",
        f"| precision | {record['precision']} |",
        f"| device, Keras backend | {record['device']}, {record['backend']} |",
    ]
    text = (
        f"\n### {title}\n\n{_command(command, data, record)}\n{_took(record, store.start_of_plan(record))}\n"
        f"Expect a loss of {last['loss']:.5f} in training and {last['val_loss']:.5f} in validation in the last epoch.\n"
    )
    text += "\n| setting | value |\n|---|---|\n" + "\n".join(lines) + "\n"
    if title == "Denoiser":
        text += (
            "\nA second instance of the same network. It starts from the trained autoencoder and learns to turn that\n"
            f"one's reconstructions into the originals; the source trained its own for {PUBLISHED_DENOISER_EPOCHS} "
            f"epochs, this one had {done}.\n"
            "The more the two networks change a reconstruction, the larger is the share of the denoiser's output in\n"
            "the result; of a clean one, what a second pass through the autoencoder loses is added back instead.\n"
        )
        if share := record.get("noisy_share"):
            text += (
                f"Of the images that the autoencoder was shown for it, {share:.0%} carried noise: Gaussian of a\n"
                f"standard deviation up to {STRONGEST[GAUSSIAN]:g}, or salt and pepper on up to "
                f"{STRONGEST[SALT_AND_PEPPER]:.0%} of the pixels.\n"
            )
    if done < planned:
        text += (
            f"\n**Not finished:** {done} of {planned} planned epochs are done. With `--resume`, the command goes on.\n"
        )
    for lengthened in record.get("lengthened", []):
        text += f"\nAfter epoch {lengthened['epoch']}, the plan grew from {lengthened['epochs_planned']} epochs.\n"
    text += _earlier(command, data, record)
    if note := record.get("note"):
        text += f"\n{note}\n"
    for restart in record["restarts"]:
        fate = "diverged" if restart["val_loss"] is None else "collapsed"
        text += f"\nThe run with seed {restart['seed']} had {fate} in epoch {restart['epoch']} and was given up.\n"
    return text


def _codec(argument: str, data: Source, variants: Mapping[str, dict]) -> str:
    """How the codec's networks and context models were trained."""
    text = "\n### Codec\n"
    for name, record in variants.items():
        last = record["epochs"][-1]
        command = f"train-rate {argument} --variant {name} --steps {record['finest']:g} {record['coarsest']:g}"
        text += (
            f"\n{_command(command, data, record)}\n{_took(record)}\n"
            f"Expect a mean squared error of {last['mse']:.5f} in the last epoch, with noise as of rounding.\n"
        )
    return (
        f"{text}\n`python -m cae fit-codec {argument}`\n\n"
        "That trains the context models and chooses network and step of each quality.\n"
    )


def _command(command: str, data: Source, record: dict) -> str:
    """The command of a training, with what its record says of the settings."""
    command += f" --epochs {record['epochs_planned']} --batch-size {record['batch_size']} --seed {record['seed']}"
    command += f" --learning-rate {record['peak_learning_rate']:g}"
    if decay := record.get("weight_decay"):
        command += f" --weight-decay {decay:g}"
    if share := record.get("varied"):
        command += f" --varied {share:g}"
    if data.training_count is not None and record["images"] < data.training_count:
        command += f" --limit {record['images']}"
    return f"`python -m cae {command}`\n"


def _earlier(command: str, data: Source, record: dict) -> str:
    """The plans before the last one of a training that was gone on with, each with its command."""
    text, first = "", 0
    for earlier in record.get("earlier", []):
        plan = {**earlier, "epochs": record["epochs"][: earlier["epochs"]]}
        text += (
            f"\nEpochs {first + 1} to {earlier['epochs']} were those of another plan, on {earlier['images']:,} images "
            f"in {earlier['precision']}:\n\n{_command(command, data, earlier)}\n{_took(plan, first)}\n"
        )
        first = earlier["epochs"]
    if text:
        text += "From the weights of its end the next command went on with `--resume`, and with a fresh optimiser.\n"
    return text


def _took(record: dict, first: int = 0) -> str:
    """How long the training took after its first epochs, and on what, in a sentence."""
    minutes = sum(epoch["seconds"] for epoch in record["epochs"][first:]) / 60
    time = f"{minutes:.1f} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"
    return f"It took {time} on {record['device']}."
