import assert from "node:assert/strict";
import { test } from "node:test";
import { regionText, RegionState } from "../region.js";
/** @import { Point, Region } from "../types.js" */

const POINTS = /** @type {Point[]} */ ([[0, 0, 0], [1, 0, 0], [1, 1, 0]]);
/** @type {Region} */
const told = { title: "0.1 mm²", moved: false, rows: [], columns: [], what: "", text: "a",
  ring: { points: [[5, 5, 0], [6, 5, 0], [6, 6, 0]], normal: [0, 0, 1] } };

/** @param {number} now */
function drawn(now) {
  const region = new RegionState();
  region.draw(POINTS, [0, 0, 1], "a", now);
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

test("a region that a link brings has its ring from the server", () => {
  const region = new RegionState();
  assert.ok(region.take(told, 0));
  assert.equal(region.ring, told.ring);
});

test("what the server says of the region before a new one is no word of the new one", () => {
  const region = drawn(0);
  region.take(told, 10);
  region.draw([...POINTS, [0, 1, 0]], [0, 0, 1], "b", 20);
  assert.ok(!region.take(told, 30));
  assert.equal(region.ring?.points.length, 4);
  region.take({ ...told, text: "b" }, 40);
  assert.equal(region.ring?.points.length, 4, "its own ring stays");
});

test("as text it has the plane and short numbers", () => {
  const plane = { u: /** @type {Point} */ ([1, 0, 0]), v: /** @type {Point} */ ([0, 0.6, -0.8]) };
  assert.equal(regionText([[10, 20, 30], [14.26, 20, 30], [10, 26, 22]], plane, 2),
    "2_1_0_0_0_0.6_-0.8_10_20_30_4.3_0_0_10");
  assert.ok(regionText(POINTS, plane, null).startsWith("_1_0_0"));
});
