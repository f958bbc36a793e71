import assert from "node:assert/strict";
import { test } from "node:test";
import { Replay } from "../../cae/ui/components/network/replay.js";
import { readNetwork } from "./read_network.js";

const EPOCHS = [0, 1, 2, 3, 5, 8, 12, 16, 20];
const SNAPSHOTS = EPOCHS.map((epoch) => {
  const name = `snapshots/epoch-${String(epoch).padStart(3, "0")}.safetensors`;
  return { epoch, address: new URL(`../../pretrained/mnist/${name}`, import.meta.url).href };
});
const PICTURE = Float32Array.from({ length: 784 }, (_, i) => ((i * 7919) % 256) / 255);

/** Answers like the client, from files and without a worker; keeps the order in which it was asked. */
class Files {
  asked = [];
  networks = new Map();
  broken = new Set();

  encode({ encoder }, pixels, { height, width }) {
    this.asked.push(Number(encoder.match(/epoch-(\d+)/)[1]));
    return this.answer(encoder, (network) => network.encode(pixels, height, width));
  }

  decode({ decoder }, code, { height, width }) {
    return this.answer(decoder, (network) => network.decode(code, height, width));
  }

  async answer(address, compute) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.broken.has(address)) throw new Error("These weights are lost.");
    if (!this.networks.has(address)) {
      this.networks.set(address, readNetwork(new URL(address)));
    }
    return compute(this.networks.get(address));
  }
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const complete = (replay) => until(() => EPOCHS.every((epoch) => replay.ready(epoch)));

test("the epoch in hand comes first, then its neighbours outwards, each once", async () => {
  const client = new Files();
  const replay = new Replay(client, SNAPSHOTS);
  replay.show(PICTURE);
  assert.equal(replay.ready(5), undefined);
  const frame = await replay.frame(5);
  assert.ok(client.asked.length <= 3, "others were in the way of the first");
  assert.equal(replay.ready(5), frame);
  await complete(replay);
  assert.deepEqual(client.asked, [5, 3, 8, 2, 12, 1, 16, 0, 20]);
  assert.equal(await replay.frame(5), frame);
  assert.equal(client.asked.length, EPOCHS.length);
});

test("a frame is what that epoch's network makes of the picture", async () => {
  const client = new Files();
  const replay = new Replay(client, SNAPSHOTS);
  const picture = PICTURE.slice(0, 8 * 12);
  replay.show(picture, 8, 12);
  picture.fill(0); // it has been taken
  const frames = await Promise.all([replay.frame(20), replay.frame(0)]);
  for (const [frame, at] of [[frames[0], EPOCHS.length - 1], [frames[1], 0]]) {
    const network = client.networks.get(SNAPSHOTS[at].address);
    const code = network.encode(PICTURE.slice(0, 8 * 12), 8, 12);
    assert.deepEqual(frame, { epoch: EPOCHS[at], code, reconstruction: network.decode(code, 2, 3) });
  }
});

test("another epoch in hand comes before the neighbours of the one before", async () => {
  const client = new Files();
  const replay = new Replay(client, SNAPSHOTS);
  replay.show(PICTURE);
  await replay.frame(0);
  await replay.frame(20);
  await complete(replay);
  assert.deepEqual(client.asked.slice(0, 4), [0, 1, 2, 20]);
  assert.deepEqual(client.asked.slice(4), [16, 12, 8, 5, 3]);
});

test("another picture makes all frames anew, and whoever waits gets none", async () => {
  const client = new Files();
  const replay = new Replay(client, SNAPSHOTS);
  replay.show(PICTURE);
  const { code } = await replay.frame(8);
  const waiting = replay.frame(20);
  replay.show(new Float32Array(784));
  assert.equal(replay.ready(8), undefined);
  assert.notDeepEqual((await replay.frame(8)).code, code);
  assert.equal(await waiting, null);
  await complete(replay);
  assert.ok(EPOCHS.every((epoch) => replay.ready(epoch).epoch === epoch));
});

test("an epoch that cannot be had says so to who asks for it, and can be asked for again", async () => {
  const client = new Files();
  client.broken.add(SNAPSHOTS[1].address);
  const replay = new Replay(client, SNAPSHOTS);
  await assert.rejects(replay.frame(0), { message: "There is no picture yet." });
  replay.show(PICTURE);
  await assert.rejects(replay.frame(4), { message: "There is no snapshot of epoch 4." });
  await replay.frame(0);
  await until(() => EPOCHS.filter((epoch) => replay.ready(epoch)).length === EPOCHS.length - 1);
  await assert.rejects(replay.frame(1), { message: "These weights are lost." });
  client.broken.clear();
  assert.equal((await replay.frame(1)).epoch, 1);
});
