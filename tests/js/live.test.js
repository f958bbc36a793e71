import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../cae/ui/components/play/live.js";
import { readNetwork } from "./read_network.js";

const STROKES = [{ points: [[0.3, 0.2], [0.6, 0.8]], width: 0.08, erase: false }];
const ANSWER = { original: new Uint8Array(784), reconstruction: new Uint8Array(784) };
const SLOW = 300; // ms that a server takes which the browser does not wait for

const half = (name) => readNetwork(new URL(`../../pretrained/mnist/${name}.safetensors`, import.meta.url));
const [encoder, decoder] = ["encoder", "decoder"].map(half);

/** Answers like the client, without a worker and without a denoiser. */
const client = {
  encode: async (_, pixels) => encoder.encode(pixels, 28, 28),
  decode: async (_, code) => decoder.decode(code, 7, 7),
};

/** The browser's network following the pen, beside a server that was told of a drawing at time 1 and then of one at 2. */
async function following() {
  const found = await new Promise((resolve) => {
    const live = new Live(client, (problem) => resolve({ live, problem }));
    live.asked(1);
    setTimeout(() => assert.ok(live.follow(STROKES, { model: {}, fit: "digits" })), SLOW);
  });
  assert.equal(found.problem, null);
  found.live.asked(2);
  return found.live;
}

test("the server's answer takes the frame's place, once the pen is up", async () => {
  const live = await following();
  live.answered(true, ANSWER, 2);
  assert.equal(live.frame.reconstruction.length, 784);
  live.answered(false, ANSWER, 2);
  assert.equal(live.frame, null);
});

test("an answer to an earlier drawing does not", async () => {
  const live = await following();
  live.answered(false, ANSWER, 1);
  assert.equal(live.frame.reconstruction.length, 784);
  live.answered(false, ANSWER, 2);
  assert.equal(live.frame, null);
});

test("what the server shows in place of a drawing does", async () => {
  const live = await following();
  live.answered(false, ANSWER, null);
  assert.equal(live.frame, null);
});
