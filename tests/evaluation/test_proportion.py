"""Confidence intervals of shares."""

import pytest
from scipy.stats import binomtest

from cae.evaluation.proportion import interval, said


@pytest.mark.parametrize(("count", "total"), [(0, 10), (3, 10), (10, 10), (0, 40), (12, 40), (1, 1000)])
def test_interval_against_scipy(count, total):
    expected = binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert interval(count, total) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_in_words():
    assert said(0, 40) == "0 of 40 (95 % confidence: 0 to 9 %)"
