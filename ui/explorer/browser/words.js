// Numbers in words.

/** @param {number} x */
export const number = (x) => Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(2);

/** @param {number} um */
export function lengthWords(um) {
  if (Math.abs(um) >= 1000) return `${+(um / 1000).toPrecision(3)} mm`;
  return Math.abs(um) < 0.05 ? "0 µm" : `${Math.abs(um) < 100 ? +um.toFixed(1) : +um.toPrecision(3)} µm`;
}
