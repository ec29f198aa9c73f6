import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleBar } from "../scale_bar.js";
import { lengthWords, number } from "../words.js";
import { expected } from "./values.js";

test("a scale bar is as long as the core's, for the same share of the picture", () => {
  for (const { width_um, length_um } of expected.scale_bars) {
    assert.ok(Math.abs(scaleBar(width_um, 0.2).length / length_um - 1) < 1e-9, `${width_um} µm`);
  }
});

test("a scale bar takes up a tenth to a quarter of the picture", () => {
  for (let width = 3; width < 1e5; width *= 1.07) {
    const share = scaleBar(width).length / width;
    assert.ok(share <= 0.25 + 1e-12 && share >= 0.1 - 1e-12, `${width} µm: ${share}`);
  }
});

test("lengths and numbers in words", () => {
  assert.deepEqual([0.01, 0.5, -5.01, 200, 999.4, 1500, -2000].map(lengthWords),
    ["0 µm", "0.5 µm", "-5 µm", "200 µm", "999 µm", "1.5 mm", "-2 mm"]);
  assert.deepEqual([0, 1.234, 123.4].map(number), ["0.00", "1.23", "123"]);
});
