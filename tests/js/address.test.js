import assert from "node:assert/strict";
import { test } from "node:test";
import { writeAddress } from "../../cae/ui/components/shared/address.js";

/** A window at that address; `written` are the addresses that were put into its history. */
function at(href) {
  const written = [];
  globalThis.window = {
    location: { href },
    history: {
      state: { kept: 1 },
      replaceState(state, _title, url) {
        assert.deepEqual(state, { kept: 1 });
        written.push(String(url));
        window.location.href = String(url);
      },
    },
  };
  return written;
}

test("parameters are put in, changed and taken away; all else stays", () => {
  const written = at("https://example.org/demo/?embed=true&x=3&n=gaussian-0.2#top");
  writeAddress({ x: null, d: "DAJk-gEUAA", n: "gaussian-0.3", z: null });
  assert.deepEqual(written, ["https://example.org/demo/?embed=true&n=gaussian-0.3&d=DAJk-gEUAA#top"]);
});

test("what is there already is not written again", () => {
  const written = at("https://example.org/?x=3");
  writeAddress({ x: "3", d: null });
  assert.deepEqual(written, []);
});

test("names of any kind are escaped", () => {
  at("https://example.org/");
  writeAddress({ x: "T-shirt & top", m: "runs/größer" });
  const { searchParams } = new URL(window.location.href);
  assert.deepEqual([searchParams.get("x"), searchParams.get("m")], ["T-shirt & top", "runs/größer"]);
});
