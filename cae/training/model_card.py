"""The model card, README.md of a model folder: made from its history.json alone."""

from dataclasses import dataclass
from pathlib import Path

from cae.data import photographs
from cae.data.mnist import VALIDATION_IMAGES
from cae.imaging.noise import GAUSSIAN, SALT_AND_PEPPER, STRONGEST
from cae.model import store
from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS, PARAMETERS


@dataclass(frozen=True)
class DataSet:
    """What a card says of the data, with {images} to train and {validation} to validate with."""

    data: str
    pictures: str
    """What a model trained on them is for."""
    training: str = "the first {images:,} training images"
    validation: str = "the first {validation:,} test images"
    images: int = 60_000
    """All there are."""
    task: str = "turns a 28×28 grey image into 49 numbers (7×7) and back"
    tested: str = "28×28 images"


DATA_SETS = {
    "mnist": DataSet(
        "MNIST, handwritten digits (Y. LeCun, C. Cortes, C. J. C. Burges), licence CC BY-SA 3.0",
        "pictures of single white digits, centred on black",
    ),
    "fashion_mnist": DataSet(
        "Fashion-MNIST, pieces of clothing (H. Xiao, K. Rasul, R. Vollgraf, Zalando SE), licence MIT",
        "pictures of single pieces of clothing, on black",
    ),
    photographs.NAME: DataSet(
        "BSDS500, photographs (P. Arbelaez, M. Maire, C. Fowlkes, J. Malik), for non-commercial research and education",
        "photographs, whose brightness and colours are a grey image each",
        training=f"{{images:,}} pieces of {photographs.CROP}×{photographs.CROP} out of the photographs' planes",
        validation="such pieces of the photographs kept aside",
        images=photographs.CROPS,
        task="turns each 4×4 pixels of a grey image into a number and back",
        tested="photographs of 481×321",
    ),
}
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
    files = CODEC_FILES if (folder / "codec.json").exists() else ""
    files += "".join(VARIANT.format(name=path.parent.name) for path in sorted(folder.glob(f"*/{store.MANIFEST}")))
    store.write(folder, "README.md", model_card(model.name, model.data_set, model.history, files))
    store.write_manifest(folder)


def model_card(name: str, data_set: str, history: dict, codec_files: str = "") -> str:
    """The card's text in Markdown, from a history as in history.json, with rows for the table of files."""
    own = DataSet(f"{data_set}, pictures of the trainer's own", "pictures like those", validation="pictures kept aside")
    about = DATA_SETS.get(data_set, own)
    images = history["autoencoder"]["images"]
    trainings = [_training("Autoencoder", f"train {data_set}", history["autoencoder"])]
    if "denoiser" in history:
        trainings.append(_training("Denoiser", f"train-denoiser {data_set}", history["denoiser"]))
    return CARD.format(
        name=name,
        layers=len(ENCODER) + len(DECODER),
        parameters=PARAMETERS,
        encoder=ENCODER_PARAMETERS,
        decoder=DECODER_PARAMETERS,
        task=about.task,
        tested=about.tested,
        data=about.data,
        training=about.training.format(images=images),
        validation=about.validation.format(validation=min(images, VALIDATION_IMAGES)),
        trainings="".join(trainings),
        denoiser_file="| `denoiser.safetensors` | the denoiser's weights, float32 |\n" if "denoiser" in history else "",
        codec_files=codec_files,
        pictures=about.pictures,
    )


def _training(title: str, command: str, record: dict) -> str:
    epochs = record["epochs"]
    done, planned, last = len(epochs), record["epochs_planned"], epochs[-1]
    command += f" --epochs {planned} --batch-size {record['batch_size']} --seed {record['seed']}"
    if (known := DATA_SETS.get(record["data_set"])) and record["images"] != known.images:
        command += f" --limit {record['images']}"
    lines = [
        f"| epochs | {done} of {planned} planned |",
        f"| batch size | {record['batch_size']} |",
        f"| seed | {record['seed_used']} |",
        f"| peak learning rate | {record['peak_learning_rate']:g}, after a warm-up, then cosine decay |",
        f"| optimiser | {OPTIMISERS.get(record['optimizer'], record['optimizer'])} |",
        "| loss | mean squared error over [0, 1] |",
        f"| weights | exponential moving average, momentum {record['average_momentum']:.4f} a step |",
        f"| precision | {record['precision']} |",
        f"| device, Keras backend | {record['device']}, {record['backend']} |",
        f"| time | {sum(epoch['seconds'] for epoch in epochs) / 3600:.2f} hours |",
        f"| last training loss | {last['loss']:.5f} |",
        f"| last validation loss | {last['val_loss']:.5f} |",
    ]
    text = f"\n### {title}\n\n```\npython -m cae {command}\n```\n\n| | |\n|---|---|\n" + "\n".join(lines) + "\n"
    if title == "Denoiser":
        text += (
            "\nA second instance of the same network. It starts from the trained autoencoder and learns to turn that\n"
            f"one's reconstructions into the originals; the source trained its own for {PUBLISHED_DENOISER_EPOCHS} "
            f"epochs, this one had {done}.\n"
            "Its answer counts the more, the more the two networks change a reconstruction; of a clean one, what a\n"
            "second pass through the autoencoder loses is added back instead.\n"
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
    if note := record.get("note"):
        text += f"\n{note}\n"
    for restart in record["restarts"]:
        text += f"\nThe run with seed {restart['seed']} had collapsed in epoch {restart['epoch']} and was given up.\n"
    return text
