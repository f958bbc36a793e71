"""The crops of photographs that the network is trained on."""

import numpy as np

from cae.data.photographs import CROP, crops


def test_crops_are_mirrored_scaled_and_out_of_luma_and_chroma():
    """Out of a grey ramp: its chroma is flat, and the slope of its luma tells the scale."""
    ramp = np.linspace(40, 200, 481)[np.newaxis, :, np.newaxis] * np.ones((321, 1, 3))
    found = crops([np.rint(ramp).astype(np.uint8)], 2_000, np.random.default_rng(0))
    assert found.shape == (2_000, CROP, CROP)
    assert found.dtype == np.uint8
    slopes = np.diff(found.mean(1), axis=1).mean(1) / (160 / 480)
    for slope, share in {0: 1 / 3, 1: 1 / 6, -1: 1 / 6, 4 / 3: 1 / 12, -4 / 3: 1 / 12, 2: 1 / 12, -2: 1 / 12}.items():
        assert abs(np.isclose(slopes, slope, atol=0.1).mean() - share) < 0.03, slope
