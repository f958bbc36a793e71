"""The benchmark at a small scale."""

import base64
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from places import ROOT

from cae.__main__ import main
from cae.cli import (
    benchmark,
    benchmark_engine,
    benchmark_training,
    benchmark_visitors,
    benchmark_while,
    rounds,
    speed_tables,
    usage,
)
from cae.cli.browser import chromium
from cae.training import loop

pytestmark = pytest.mark.slow
SMALL = """
import json
from cae.cli import benchmark_page as benchmark
from cae.cli import usage
usage.SETTLED, benchmark.WARM_UP, benchmark.STROKES, benchmark.LONG = 0, 0, 1, 1.0
part = benchmark.part()
samples = []
sample = lambda: samples.append(1)
print(json.dumps([part.about, part.measure(sample), part.measure(sample), len(samples)]))
"""


def spread(value: float) -> dict[str, float]:
    return {"median": value, "low": value, "high": value}


@pytest.mark.usefixtures("without_graphs")
def test_training_only(monkeypatch, capfd):
    monkeypatch.setattr(loop.Settings, "batch_size", 4)
    monkeypatch.setattr(benchmark_training, "TURN", 1)
    monkeypatch.setattr(benchmark_training, "TURNS", 2)
    monkeypatch.setattr(rounds, "ROUNDS", 2)
    monkeypatch.setattr(rounds, "SAMPLE", 0.0)
    assert main(["benchmark", "--training-only", "--json"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert result.keys() == {"device", "backend", "training"}
    found = result["training"]
    ranges = [
        each for each in (*found.values(), *found["factors"].values()) if isinstance(each, dict) and "median" in each
    ]
    assert len(ranges) == 10
    assert all(0 < each["low"] <= each["median"] <= each["high"] for each in ranges)
    # Of two rounds: the product of the factors lies between the products of their lowest and of their highest.
    low, high = (np.prod([each[end] for each in found["factors"].values()]) for end in ("low", "high"))
    assert low - 0.01 <= found["times_plain_keras"]["low"] <= found["times_plain_keras"]["high"] <= high + 0.01
    benchmark._show(result)
    out = capfd.readouterr().out
    assert f"{found['images_per_second']['median']:,.0f} images/s" in out
    assert "pointer" not in out


def test_a_range_is_rounded_outwards():
    named = ("machine_teraflops", "images_per_second", "times_plain_keras", "share_of_matrix_rate")
    training = dict.fromkeys(named, spread(1.0))
    training |= {"precision": "bfloat16", "factors": dict.fromkeys(benchmark_training.FACTORS, spread(1.0))}
    training |= {"times_plain_keras": {"median": 2.034, "low": 1.999, "high": 2.071}}
    training |= {"share_of_matrix_rate": {"median": 0.29, "low": 0.281, "high": 0.29}}
    found = {label: values for label, *values in speed_tables.rows({"training": training})}
    assert found["training, times plain `model.fit` with Adam"] == ["2.03", "1.99 to 2.08", ""]
    assert found["training, share of the device's bfloat16 matrix rate, by the multiply-adds executed"] == [
        "29 %",
        "28 to 29 %",
        "",
    ]


def test_what_is_told_of_an_engine():
    named = ("machine_teraflops", "images_per_second", "times_plain_keras", "share_of_matrix_rate")
    training = dict.fromkeys(named, spread(1.0))
    training |= {"precision": "float32", "factors": dict.fromkeys(benchmark_training.FACTORS, spread(1.0))}
    keras = dict.fromkeys((*benchmark_engine.TIMES, *benchmark_engine.RATES), spread(2.0) | {"here": 3.0})
    engines = {"machine_teraflops": spread(0.3), "keras": keras | {"megabytes": spread(700.0)}}
    rows = speed_tables.rows({"engines": engines, "training": training})
    told = [values for label, *values in rows if label.startswith("Keras: ")]
    assert told == [
        ["2.0 ms", "2.0 to 2.0 ms", "3.0 ms"],
        ["2 images/s", "2 to 2 images/s", "3 images/s"],
        ["2.0 s", "2.0 to 2.0 s", "3.0 s"],
        ["2.0 s", "2.0 to 2.0 s", "3.0 s"],
        ["700 MB", "700 to 700 MB", ""],
    ]
    assert not any(label.startswith("ONNX") for label, *_ in rows)


def test_times_and_rates_are_told_as_of_a_machine_of_the_reference_speed(monkeypatch):
    speeds = iter([0.4, 0.4, 0.2, 0.2, 0.1, 0.1])
    monkeypatch.setattr(rounds, "ROUNDS", 3)
    monkeypatch.setattr(rounds, "machine_teraflops", lambda: next(speeds))
    measured = iter([(50, 20, 7), (100, 10, 8), (220, 4, 9)])  # on a machine twice as fast, as fast, and half as fast

    def measure(sample):
        sample()
        milliseconds, rate, other = next(measured)
        sample()
        return {"group": {"a_ms": milliseconds}, "rate": rate, "other": other}

    part = rounds.Part({"about": "this"}, measure, times=("a_ms",), rates=("rate",))
    assert rounds.taken({"part": part})["part"] == {
        "about": "this",
        "machine_teraflops": {"median": 0.2, "low": 0.1, "high": 0.4},
        "group": {"a_ms": {"median": 100.0, "low": 100.0, "high": 110.0, "here": 100.0}},
        "rate": {"median": 10.0, "low": 8.0, "high": 10.0, "here": 10.0},
        "other": {"median": 8.0, "low": 7.0, "high": 9.0},
    }


def test_the_page():
    if chromium() is None:
        message = "Chromium is not installed: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CAE_REQUIRE_BROWSER") else pytest.skip(message)
    # Playwright works once in a process, and the browser tests may have it in this one.
    run = subprocess.run([sys.executable, "-c", SMALL], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    about, found, again, samples = json.loads(run.stdout)
    assert about == {"strokes": 1}
    assert samples == 12, "the machine's speed, before and after each of five measurements in two rounds"
    assert found.keys() == again.keys()
    assert set(found) == {
        "pointer_up_to_panels_ms",
        "slowest_stroke_ms",
        "updates_per_second_while_drawing",
        "pictures_per_second_while_editing",
        "epoch_to_picture_ms",
        "frames_per_second_while_scrubbing",
        "layers_after_a_change_ms",
    }
    assert min(*found.values(), *again.values()) > 0


def test_visitors(monkeypatch, capfd):
    monkeypatch.setattr(usage, "SETTLED", 0)
    assert main(["benchmark", "--visitors", "5", "--seconds", "3", "--json"]) == 0
    [result] = json.loads(capfd.readouterr().out)["runs"]
    assert (result["visitors"], result["lost"], result["wrong"], result["errors"]) == (5, 0, 0, 0)
    assert result["drawings"] >= 5
    waits = result["pen_up_to_panels_ms"]
    assert 0 < waits["p50"] <= waits["p95"] <= waits["p99"] <= waits["max"]
    assert 1 <= result["updates_per_drawing"] <= 7
    assert result["kilobytes_per_update"] < 12, "what never changes should not be sent each time"
    assert min(result[name]["megabytes"] for name in ("server", "engine")) > 0
    benchmark._show_visitors(result)
    assert "5 visitors" in capfd.readouterr().out


def test_visitors_while_somebody_trains(monkeypatch, capfd):
    monkeypatch.setattr(benchmark_while, "WARM_UP", 0)
    monkeypatch.setattr(usage, "SETTLED", 0)
    assert main(["benchmark", "--visitors", "2", "--seconds", "1", "--while", "training", "--json"]) == 0
    [result] = json.loads(capfd.readouterr().out)["runs"]
    assert result["count"] > 0
    rounds = [*result["without"], result["with"]]
    assert [(each["lost"], each["wrong"], each["errors"]) for each in rounds] == [(0, 0, 0)] * 3
    before, during, after = (rounds[i]["pen_up_to_panels_ms"]["p95"] for i in (0, 2, 1))
    assert result["p95_ratio"] == pytest.approx(2 * during / (before + after), abs=0.01)
    benchmark._show_while(result)
    assert "While training" in capfd.readouterr().out


def test_what_kills_cost_is_told_in_words(tmp_path):
    drawn = {"visitors": 20, "drawings": 340, "lost": 1, "wrong": 0, "pen_up_to_panels_ms": {"p95": 48.1, "max": 1_480}}
    run = {"meanwhile": "killing", "count": 3, "first_answer_s": [0.12, 1.38, None], "with": drawn}
    (tmp_path / "killing.json").write_text(json.dumps({"runs": [run]}))
    assert speed_tables.markdown(tmp_path) == [
        "The network's process killed 3 times while 20 visitors draw: 95 % of their drawings are answered within "
        "48 ms, the last within 1.5 s. First answer after each kill: 0.1 s, 1.4 s, never. Lost or wrong: 1 of "
        "340 drawings.\n"
    ]


def test_drawings_of_visitors_differ():
    found = benchmark_visitors.drawings(30)
    last = [drawing.originals[-1] for drawing in found]
    assert len(set(last)) == len(found)
    assert all(len(drawing.states) == benchmark_visitors.UPDATES + 1 for drawing in found)


@pytest.mark.parametrize(
    ("original", "reconstruction", "wrong"),
    [(0, 0, 0), (1, 1, 1), (0, 1, 1)],
    ids=["own", "another's drawing", "another's answer"],
)
def test_wrong_answers_are_noticed(original, reconstruction, wrong):
    pool = benchmark_visitors.drawings(2)
    pixels = [drawing.originals[-1] for drawing in pool]
    others = np.stack([np.frombuffer(each, np.uint8) / np.float32(255) for each in pixels])
    drawer = benchmark_visitors.Drawer("http://127.0.0.1:1", others)
    drawer._mine = pool[0].originals
    texts = {"original": pixels[original], "reconstruction": pixels[reconstruction]}
    drawer._look({"pixels": {name: base64.b64encode(each).decode() for name, each in texts.items()}})
    assert drawer.wrong == wrong
