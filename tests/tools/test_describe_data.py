"""The figures of the data sets that are told without them."""

import describe_data

from cae.data.statistics import FIGURES


def test_the_file_is_what_the_script_writes(data_folder):
    assert data_folder.is_dir()
    assert FIGURES.read_text() == describe_data.text()
