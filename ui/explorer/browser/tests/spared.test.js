import assert from "node:assert/strict";
import { test } from "node:test";
import { spared } from "../spared.js";
import { near } from "./values.js";

const PLATE = { x: 40, y: 10, w: 20, h: 10 };  // with 3 pixels around it

test("a line ends where words begin, and goes on behind them", () => {
  const parts = spared([0, 15], [100, 15], [PLATE]);
  near(parts.flat(2), [0, 15, 37, 15, 63, 15, 100, 15]);
  near(spared([50, 0], [50, 100], [PLATE]).flat(2), [50, 0, 50, 7, 50, 23, 50, 100]);
  near(spared([50, 12], [50, 100], [PLATE]).flat(2), [50, 23, 50, 100]);
});

test("a line beside words is whole, one within them is none", () => {
  near(spared([0, 40], [100, 40], [PLATE]).flat(2), [0, 40, 100, 40]);
  near(spared([0, 0], [0, 100], [PLATE]).flat(2), [0, 0, 0, 100]);
  assert.deepEqual(spared([45, 12], [55, 18], [PLATE]), []);
});

test("plates one behind the other and over each other", () => {
  const parts = spared([0, 15], [200, 15], [PLATE, { ...PLATE, x: 55 }, { ...PLATE, x: 140 }]);
  near(parts.flat(2), [0, 15, 37, 15, 78, 15, 137, 15, 163, 15, 200, 15]);
});
