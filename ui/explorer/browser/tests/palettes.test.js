import assert from "node:assert/strict";
import { test } from "node:test";
import { css, decoded, gradient, shares } from "../palettes.js";
import { expected, near } from "./values.js";

test("a colour map of the core is read", () => {
  const rgb = decoded(expected.viridis), steps = gradient(expected.viridis);
  assert.equal(rgb.length, 3 * 256);
  assert.deepEqual([steps.length, steps[0], steps[16]], [17, ...expected.viridis_ends.map(css)]);
});

test("colours as shares of 1", () => {
  near(shares("rgb(255, 0, 51)"), [1, 0, 0.2]);
  near(shares(expected.schema.colours.screen.canvas), [14 / 255, 17 / 255, 23 / 255]);
});
