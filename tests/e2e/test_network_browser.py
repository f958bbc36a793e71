"""The network in JavaScript, in its worker in Chromium, as the app serves it, against Keras."""

import base64
from collections.abc import Iterator
from pathlib import Path

import browser_network
import numpy as np
import pytest
from browser_network import WIDTHS, Case
from playwright.sync_api import BrowserContext, Page, Request, Route

from cae.model import store
from cae.ui import assets

ANSWER = """async (requests) => {
  const packed = (values) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };
  const plain = ({ values, ...output }) => ({ ...output, values: packed(values) });
  const answers = [];
  for (const [operation, model, values, height, width, silenced] of requests) {
    const answer = await network[operation](model, values, { height, width, silenced });
    answers.push(Array.isArray(answer) ? answer.map(plain) : packed(answer));
  }
  return answers;
}"""
"""Numbers come in base64, which is read much sooner than in JSON."""


def module(name: str) -> str:
    return f"/assets/{assets.VERSION}/network/{name}"


@pytest.fixture
def page(context: BrowserContext, app) -> Iterator[Page]:
    """A page of the app's, with its security policy, on which `network` is a client."""
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if "Security Policy" in message.text else None)
    page.goto(f"{app.url}/_stcore/health")
    page.evaluate("""() => { document.head.innerHTML = '<base href="/">'; }""")
    start = "async (module) => { window.network = new (await import(module)).NetworkClient(); }"
    page.evaluate(start, module("client.js"))
    yield page
    assert not problems


def unpacked(answer: str | list[dict]) -> np.ndarray | list[dict]:
    if isinstance(answer, str):
        return np.frombuffer(base64.b64decode(answer), "<f4")
    return [output | {"values": unpacked(output["values"])} for output in answer]


def check(page: Page, cases: list[Case]) -> None:
    def address(path: Path) -> str:
        within = path.is_relative_to(store.FOLDER)
        return f"weights/{path.relative_to(store.FOLDER).as_posix()}" if within else f"weights/random/{path.name}"

    answers = [unpacked(answer) for answer in page.evaluate(ANSWER, [case.request(address) for case in cases])]
    differences = [case.check(answer) for case, answer in zip(cases, answers, strict=True)]
    print(f"largest difference {max(differences):.1e} in {len(differences)} answers")


@pytest.mark.parametrize("model", store.names())
def test_shipped_weights(page, model):
    check(page, browser_network.shipped(model))


@pytest.mark.parametrize("widths", WIDTHS)
def test_random_weights_of_other_widths(page, context, widths, tmp_path):
    def answer(route: Route) -> None:
        route.fulfill(body=(tmp_path / route.request.url.rpartition("/")[2]).read_bytes())

    context.route("**/weights/random/*", answer)
    check(page, browser_network.random(widths, tmp_path))


def test_layers_and_denoising(page):
    check(
        page, browser_network.layers("mnist") + browser_network.silenced("mnist") + browser_network.denoising("mnist")
    )


MODEL = {half: f"weights/mnist/{half}.safetensors" for half in ("encoder", "decoder")}


def test_weights_are_fetched_when_first_needed_and_kept(page, context):
    asked = []

    def listen(request: Request) -> None:
        if request.url.endswith(".safetensors"):
            asked.append(request.url.rpartition("/")[2])

    context.on("request", listen)
    script = """async ([model, length]) => {
      const operation = length === 49 ? "decode" : "encode";
      return (await network[operation](model, new Float32Array(length))).length;
    }"""
    assert page.evaluate(script, [MODEL, 49]) == 784
    assert asked == ["decoder.safetensors"]
    assert page.evaluate(script, [MODEL, 49]) == 784
    assert page.evaluate(script, [MODEL, 784]) == 49
    assert asked == ["decoder.safetensors", "encoder.safetensors"]


def test_a_newer_request_overtakes_those_that_wait_in_its_lane(page):
    """The first is under way when the others come; without a lane, all are answered."""
    script = """async ([model, lane]) => {
      const codes = [0, 1, 2, 3].map((value) => new Float32Array(49).fill(value));
      const answers = codes.map((code) => network.decode(model, code, { lane }));
      const other = network.decode(model, codes[0], { lane: "other" });
      codes.forEach((code) => code.fill(9)); // what was asked does not change
      await other;
      const alone = await network.decode(model, new Float32Array(49).fill(3));
      const judge = (answer) => answer && (answer.every((x, i) => x === alone[i]) ? "same" : "differs");
      return (await Promise.all([...answers, other])).map(judge);
    }"""
    assert page.evaluate(script, [MODEL, "edit"]) == ["differs", None, None, "same", "differs"]
    assert page.evaluate(script, [MODEL, None]) == ["differs", "differs", "differs", "same", "differs"]


def test_whatever_fails_says_so_in_a_sentence_and_can_be_tried_again(page, context):
    script = """(async ([operation, model, length]) => network[operation](model, new Float32Array(length)).then(
      (answer) => answer.length, (error) => error.message))"""
    lost = {"decoder": "weights/nobody/decoder.safetensors"}
    message = page.evaluate(script, ["decode", lost, 49])
    assert message.endswith("weights/nobody/decoder.safetensors cannot be read: status 404.")
    context.route("**/weights/nobody/*", lambda route: route.fulfill(body=b"nothing"))
    message = page.evaluate(script, ["decode", lost, 49])
    assert message.endswith("cannot be read: This is not a safetensors file, or it is cut off.")
    content = (store.FOLDER / "mnist" / "decoder.safetensors").read_bytes()
    context.route("**/weights/nobody/*", lambda route: route.fulfill(body=content))
    assert page.evaluate(script, ["decode", lost, 49]) == 784
    assert page.evaluate(script, ["decode", lost, 48]) == "7×7 values are needed, not 48."
    assert page.evaluate(script, ["denoise", MODEL, 784]) == "This model has no denoiser."
    page.evaluate("() => network.close()")
    assert page.evaluate(script, ["decode", MODEL, 49]) == "The network was closed."


def test_a_picture_through_all_epochs(page):
    cases = browser_network.snapshots("mnist")
    epochs = store.load("mnist").snapshot_epochs
    script = """async ([module, picture, snapshots]) => {
      const { Replay } = await import(module);
      const replay = new Replay(network, snapshots);
      replay.show(picture);
      const frames = [];
      for (const { epoch } of snapshots) frames.push(await replay.frame(epoch));
      return frames.map(({ epoch, code, reconstruction }) => [epoch, [...code], [...reconstruction]]);
    }"""
    snapshots = [{"epoch": epoch, "address": f"weights/mnist/{store.snapshot_name(epoch)}"} for epoch in epochs]
    frames = page.evaluate(script, [module("replay.js"), cases[0].values.ravel().tolist(), snapshots])
    assert [epoch for epoch, _, _ in frames] == epochs
    for (_, code, reconstruction), encode, decode in zip(frames, cases[::2], cases[1::2], strict=True):
        encode.check(code)
        decode.check(reconstruction)
