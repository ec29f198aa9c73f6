import assert from "node:assert/strict";
import { test } from "node:test";
import { complaint, parsed, typed } from "../numbers.js";

test("typed numbers are read as people write them", () => {
  /** @type {[string, string, number | null][]} */
  const cases = [["30", "°", 30], [" 30° ", "°", 30], ["-1,5", "µm", -1.5], ["−2.", "µm", -2], [".5", "", 0.5],
    ["1.2 mm", "µm", 1200], ["300um", "µm", 300], ["50 %", "%", 50], ["3x", "×", 3], ["1e2", "", 100],
    ["abc", "°", null], ["", "°", null], ["1 2", "°", null], ["3 mm", "°", null], ["50 %", "°", null]];
  for (const [text, unit, wanted] of cases) assert.equal(parsed(text, unit), wanted, text);
});

test("what is wrong with a typed number is said in words, with what is kept", () => {
  const bounds = { least: 0, most: 360, step: 1 };
  assert.equal(complaint("45", "°", bounds, "30"), "");
  assert.equal(complaint("abc", "°", bounds, "30"), "“abc” is not a number. 30 is kept.");
  assert.equal(complaint(" ", "°", bounds, "30"), "Type a number. 30 is kept.");
  assert.equal(complaint("361", "°", bounds, "30"), "From 0 to 360°. 30 is kept.");
  const length = { least: -10.123, most: 10, step: 1 };
  assert.equal(complaint("-9000", "µm", length, "3"), "From -10.12 to 10 µm. 3 is kept.");
  assert.equal(complaint("1", "", { least: 2, most: null, step: null }, "3"), "At least 2. 3 is kept.");
  assert.equal(complaint("3", "", { least: null, most: 2, step: null }, "1"), "At most 2. 1 is kept.");
});

test("numbers have no digits that say nothing", () => {
  assert.deepEqual([typed(30, 1), typed(0.25, 1), typed(1e-9, 1), typed(0.853, 2)], ["30", "0.3", "0", "0.85"]);
});
