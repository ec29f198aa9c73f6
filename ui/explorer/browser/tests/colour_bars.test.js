import assert from "node:assert/strict";
import { test } from "node:test";
import { endWords } from "../colour_bars.js";

test("an end of the colours that values go beyond says so", () => {
  assert.deepEqual(endWords([0, 0.87], [0, 1.64]), ["0.00", "≥ 0.87"]);
  assert.deepEqual(endWords([0.5, 2], [0, 2]), ["≤ 0.50", "2.00"]);
  assert.deepEqual(endWords([0, 2], [0, 2.001]), ["0.00", "2.00"], "next to nothing");
  assert.deepEqual(endWords([0.004, 0.87], [0, 0.87]), ["0.00", "0.87"], "next to nothing");
});
