"""What every data source offers: facts about a data set, and its pictures.

Commands and pages know this interface only; what is special to a data set stands in the file of its source.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cae import CaeError
from cae.imaging.examples import Examples
from cae.imaging.preparation import Preparation, prepare_whole
from cae.progress import Advance, silent

VALIDATION_IMAGES = 2_000
HOLD_OUT_EVERY = 12
"""Every twelfth training image is kept out of training: of 60,000, that makes 5,000 to make choices on."""
OWN_MODEL = 15
"""The number that all models but the shipped ones share in .cae files."""


class DatasetError(CaeError):
    """A data set is missing, truncated or altered; the message says so in one plain sentence, with what to do."""


@dataclass(frozen=True)
class Dataset:
    """Images uint8 (N, 28, 28) in 0…255, and labels uint8 (N,) that index `classes`."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: tuple[str, ...]


class CodecImages(NamedTuple):
    """Images as a codec sees them: grey ones uint8 (N, H, W), and planes of Cb and Cr likewise if it keeps colour."""

    grey: np.ndarray
    chroma: np.ndarray | None = None

    def first(self, count: int | None) -> "CodecImages":
        """The first of each, at most."""
        return CodecImages(self.grey[:count], None if self.chroma is None else self.chroma[:count])


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """A data set. An object reads its pictures once, when they are first asked for, and keeps them.

    All methods that give pictures raise `DatasetError` if the data set is missing, truncated or altered.
    """

    name: str
    """In histories; also of the model that is trained on it by default."""
    title: str
    """For pages."""
    origin: str
    """What it is, and its authors."""
    licence: str
    """As it follows after a comma, such as "licence MIT"."""
    subjects: str
    """What a model trained on it is meant for: "pictures of …"."""
    examples: Examples
    """Drawings for the drawing pad, with the function that fits a drawing as the training images were."""
    prepare: Preparation = prepare_whole
    """Prepares any picture as the training images were."""
    label: str = ""
    """The name that the preparation goes by; empty where a picture is only scaled as a whole."""
    fit_help: str = ""
    """What the preparation does, in a sentence."""
    experiment: int | None = None
    """The number of the thesis' experiment on this data set."""
    published_losses: dict[str, float] = field(default_factory=dict)
    """What the thesis reports in section 6, by part: "autoencoder" and "denoiser"."""
    file_number: int = OWN_MODEL
    """What .cae files call the model of this name."""
    training_count: int | None = None
    """The number of training images, if it is known without reading them."""
    trained_on: str = "{images:,} training images"
    """For model cards, as are the next three."""
    validated_on: str = "the first {images:,} test images"
    tested_on: str = "28×28 images"
    task: str = "turns a 28×28 grey image into 49 numbers (7×7) and back"
    may_download: bool = True
    """Whether reading it downloads it first if it is not here."""

    @property
    def argument(self) -> str:
        """What names this source on the command line: its name, or a path."""
        return self.name

    @property
    def credit(self) -> str:
        """Origin and licence, without a full stop."""
        return ", ".join(filter(None, (self.origin, self.licence)))

    @property
    def download_size(self) -> int:
        """Bytes; 0 if it cannot be downloaded."""
        return 0

    @abstractmethod
    def training_images(self) -> np.ndarray:
        """What a network is trained on: uint8 (N, H, W)."""

    @abstractmethod
    def held_out_images(self) -> np.ndarray:
        """Training images that no network is trained on, to make choices by: uint8 (N, H, W)."""

    @abstractmethod
    def validation_images(self) -> np.ndarray:
        """What the loss beside the curve is measured on, as in the thesis; nothing is chosen by it: uint8 (N, H, W)."""

    @abstractmethod
    def test_pictures(self) -> np.ndarray | Sequence[np.ndarray]:
        """Pictures never trained on: uint8 (N, 28, 28), or a list of uint8 (H, W, 3) if they are in colour."""

    def codec_images(self) -> CodecImages:
        """What a codec is fitted on."""
        return CodecImages(self.training_images())

    def held_out_codec_images(self) -> CodecImages:
        """What a codec's qualities are chosen by."""
        return CodecImages(self.held_out_images())

    def is_here(self) -> bool:
        """Whether the pictures can be read; reads them."""
        try:
            self.test_pictures()
        except DatasetError:
            return False
        return True

    def download(self, advance: Advance = silent) -> None:  # noqa: ARG002
        """Fetch the data set to this machine; `advance` counts its bytes, `download_size` in all.

        Raises:
            DatasetError: it cannot be downloaded, or not now.
        """
        raise DatasetError(f"The data set {self.name} cannot be downloaded.")


@dataclass(frozen=True, kw_only=True)
class SmallImages(Source):
    """A data set of 28×28 images with labels, which is read as a whole."""

    @abstractmethod
    def read(self) -> Dataset:
        """Read everything anew."""

    @abstractmethod
    def has_files(self) -> bool:
        """Whether there is something on this machine to read; it may be damaged."""

    @cached_property
    def dataset(self) -> Dataset:
        """All images and labels."""
        return self.read()

    def training_images(self) -> np.ndarray:
        return without_held_out(self.dataset.x_train)

    def held_out_images(self) -> np.ndarray:
        return held_out(self.dataset.x_train)

    def validation_images(self) -> np.ndarray:
        """The first 2,000 test images."""
        return self.dataset.x_test[:VALIDATION_IMAGES]

    def test_pictures(self) -> np.ndarray:
        return self.dataset.x_test


def held_out(pictures: np.ndarray) -> np.ndarray:
    """Every twelfth of the pictures along the first axis, beginning with the twelfth."""
    return pictures[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]


def without_held_out(pictures: np.ndarray) -> np.ndarray:
    """The pictures that `held_out` leaves, in their order."""
    return pictures[np.arange(len(pictures)) % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1]
