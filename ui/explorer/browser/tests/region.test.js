import assert from "node:assert/strict";
import { test } from "node:test";
import { RegionState } from "../region.js";
/** @import { Point, Region } from "../types.js" */

const POINTS = /** @type {Point[]} */ ([[0, 0, 0], [1, 0, 0], [1, 1, 0]]);
/** @type {Region} */
const told = { title: "0.1 mm²", moved: false, rows: [], columns: [], what: "" };

/** @param {number} now */
function drawn(now) {
  const region = new RegionState();
  region.draw(POINTS, [0, 0, 1], now);
  return region;
}

test("a ring waits for the server's word, and goes where none comes", () => {
  const region = drawn(0);
  region.take(null, 10);
  assert.ok(region.ring && region.waits(10) > 0, "an answer to something before it");
  region.take(null, 60_000);
  assert.equal(region.ring, null);
});

test("no region on the server: no ring", () => {
  const region = drawn(0);
  assert.ok(region.take(told, 10));
  assert.equal(region.waits(20), 0);
  assert.ok(!region.take(told, 20), "the same again");
  assert.ok(region.take(null, 30));
  assert.deepEqual([region.ring, region.told], [null, null]);
});

test("cleared, it goes at once, and an answer to something before it does not bring it back", () => {
  const region = drawn(0);
  region.take(told, 10);
  region.clear();
  region.take(told, 20);
  assert.deepEqual([region.ring, region.told], [null, null]);
  region.take(null, 30);
  assert.ok(region.take(told, 40), "after the server's word a new one counts");
});

test("a server that says nothing of regions leaves the ring", () => {
  const region = drawn(0);
  region.take(undefined, 60_000);
  assert.ok(region.ring);
});
