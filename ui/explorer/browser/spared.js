// Lines that leave words free.
/** @import { Pair } from "./types.js" */

const MARGIN = 3;  // pixels

/** @typedef {{ x: number, y: number, w: number, h: number }} Plate  a place of words, from its top left */

/**
 * The parts of a line that run through no plate.
 * @param {Pair} a @param {Pair} b @param {Plate[]} plates @returns {Pair[][]}
 */
export function spared(a, b, plates) {
  /** @type {Pair[]} */
  let parts = [[0, 1]];
  for (const plate of plates) {
    const [from, to] = sharesIn(a, b, plate);
    if (from >= to) continue;
    parts = parts.flatMap(([start, end]) => /** @type {Pair[]} */ ([[start, Math.min(end, from)],
      [Math.max(start, to), end]]).filter(([p, q]) => q - p > 1e-6));
  }
  /** @param {number} share @returns {Pair} */
  const at = (share) => [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
  return parts.map(([start, end]) => [at(start), at(end)]);
}

/**
 * Where a line enters and leaves a plate, as shares of its length; it does not where the first is not smaller.
 * @param {Pair} a @param {Pair} b @param {Plate} plate @returns {Pair}
 */
function sharesIn(a, b, { x, y, w, h }) {
  const low = [x - MARGIN, y - MARGIN], high = [x + w + MARGIN, y + h + MARGIN];
  let from = 0, to = 1;
  for (const d of [0, 1]) {
    const along = b[d] - a[d];
    if (!along) {
      if (a[d] < low[d] || a[d] > high[d]) return [1, 0];
      continue;
    }
    const ends = [(low[d] - a[d]) / along, (high[d] - a[d]) / along];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  return [from, to];
}
