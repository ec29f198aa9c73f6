import assert from "node:assert/strict";
import { test } from "node:test";
import { unpack, VolumeStore } from "../volume_store.js";
import { bytes, expected, near } from "./values.js";

/** @param {string} key @param {number} size */
function pack(key, size) {
  const head = new TextEncoder().encode(JSON.stringify({ key, parts: { values: [0, size, "u1"] } }));
  const made = new Uint8Array(4 + head.length + size);
  new DataView(made.buffer).setUint32(0, head.length, true);
  made.set(head, 4);
  return made;
}

test("a pack of the core is read", () => {
  const gene = unpack(bytes(expected.gene_pack)), tissue = unpack(bytes(expected.tissue_pack));
  const n = expected.grid.dims.reduce((a, b) => a * b);
  assert.equal(gene.key, "gene");
  assert.deepEqual(Object.entries(gene.parts).map(([name, part]) => [name, part.length]),
    [["values", n], ["sd", n], ["measured", 12], ["known", n]]);
  assert.ok("xyz" in tissue.parts && tissue.parts.xyz instanceof Float32Array);
  near([...tissue.parts.xyz], expected.measured_xyz.flat(), 1e-4);
  assert.deepEqual([...tissue.parts.section], Array.from({ length: 12 }, (_, i) => i % 3));
});

test("a pack is read wherever it lies in its buffer", () => {
  const plain = bytes(expected.tissue_pack), moved = new Uint8Array(plain.length + 3);
  moved.set(plain, 3);
  assert.deepEqual(unpack(moved.subarray(3)).parts, unpack(plain).parts);
});

test("the oldest packs go where they are too many, never the newest", () => {
  const store = new VolumeStore(25);
  let heard = 0;
  store.events.addEventListener("volume", () => heard++);
  for (const key of ["a", "b", "a", "c"]) store.put(pack(key, 10));
  assert.deepEqual([...store.held.keys()], ["a", "c"]);
  store.put(pack("large", 100));
  assert.deepEqual([...store.held.keys()], ["large"]);
  assert.equal(heard, 5);
  assert.equal(store.gene("a"), undefined);
  assert.equal(store.gene("large")?.size, 100);
});
