// The scale bar.
import { lengthWords } from "./words.js";

/**
 * A round length (1, 2 or 5 times a power of ten) that takes up about this share of a width, and its words.
 * @param {number} width  µm @param {number} [share]
 */
export function scaleBar(width, share = 0.25) {
  const rough = width * share, power = 10 ** Math.floor(Math.log10(rough));
  const length = (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1) * power;
  return { length, words: lengthWords(length) };
}
