import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, clamp, count, decimals, floats, significant, whole } from "../../cae/ui/components/shared/numbers.js";

test("base64 stands for any bytes", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(bytes(Buffer.from(all).toString("base64")), all);
  assert.deepEqual(bytes(""), new Uint8Array());
});

test("base64 stands for little-endian floats", () => {
  const values = [0, -1.5, 6.02, 1e-30, Infinity];
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => buffer.writeFloatLE(value, 4 * i));
  assert.deepEqual(floats(buffer.toString("base64")), Float32Array.from(values));
});

test("clamp", () => {
  assert.deepEqual([-1, 0.5, 7].map((value) => clamp(value, 0, 1)), [0, 0.5, 1]);
});

test("decimals have a true minus sign, and zero has none", () => {
  assert.equal(decimals(-1.26, 1), "−1.3");
  assert.equal(decimals(-0.04, 1), "0.0");
  assert.equal(decimals(-0.4, 0), "0");
  assert.equal(decimals(-0.06, 1), "−0.1");
  assert.equal(decimals(-10, 1), "−10.0");
  assert.equal(decimals(2.5, 3), "2.500");
});

test("significant figures without needless zeros", () => {
  assert.deepEqual([0.0022, 0.123456, 0.5, 1, 12.34].map(significant), ["0.0022", "0.123", "0.5", "1", "12.3"]);
});

test("whole numbers and counts", () => {
  assert.equal(whole(98601), "98,601");
  assert.deepEqual([0, 1, 2016].map((value) => count(value, "byte")), ["0 bytes", "1 byte", "2,016 bytes"]);
});
