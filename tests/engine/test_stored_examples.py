"""What is stored of the built-in drawings, and read again."""

import numpy as np
import pytest

from cae.engine import stored_examples
from cae.engine.client import Result
from cae.imaging.examples import DIGITS, Examples
from cae.imaging.preprocessing import fit_square
from cae.model import store

EXAMPLES = Examples(DIGITS, fit_square, "3")


@pytest.mark.parametrize(("spread", "limits"), [(2.0, (-1.0, 1.0)), (0.0, (-1.0, 0.0))], ids=["alive", "collapsed"])
def test_results_come_back_and_their_range_has_a_width(tmp_path, spread, limits):
    """Without a width, the cells of a collapsed network's code could not be changed."""
    count = len(EXAMPLES.drawings)
    latents = np.linspace(-1, -1 + spread, 49 * count, dtype=np.float32).reshape(count, 7, 7, 1)
    pictures = np.arange(784 * count).astype(np.uint8).reshape(count, 28, 28)
    store.seal(tmp_path / "own")
    stored_examples.write(store.load("own", tmp_path), EXAMPLES, Result(latents, pictures, None, 0.0))
    found = stored_examples.read(store.load("own", tmp_path))
    assert found.latent_range == limits
    assert list(found.results) == list(EXAMPLES.drawings)
    for index, result in enumerate(found.results.values()):
        assert np.array_equal(result.latent[0], latents[index])
        assert np.array_equal(result.reconstruction[0], pictures[index])
