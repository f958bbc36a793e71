"""A source of images that a test has made."""

from dataclasses import dataclass

from cae.data.mnist import MNIST
from cae.data.source import Dataset, SmallImages


@dataclass(frozen=True, kw_only=True)
class GivenImages(SmallImages):
    """Gives the images that it was given."""

    given: Dataset

    def has_files(self) -> bool:
        return True

    def read(self) -> Dataset:
        return self.given


def given(dataset: Dataset, name: str = "given") -> GivenImages:
    return GivenImages(name=name, title="", origin="", licence="", subjects="", examples=MNIST.examples, given=dataset)
