// Numbers in words.
import { typed } from "./numbers.js";

export const PLACE_DIGITS = 1;  // behind the point of a place in µm, wherever it is written

/** @param {number} x */
export const number = (x) => Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(2);

/** @param {number} um  a coordinate or an offset, with the digits of the box that it can be typed into */
export const placeWords = (um) => `${typed(um, PLACE_DIGITS)} µm`;

/** @param {number} um */
export function lengthWords(um) {
  if (Math.abs(um) >= 1000) return `${+(um / 1000).toPrecision(3)} mm`;
  return Math.abs(um) < 0.05 ? "0 µm" : `${Math.abs(um) < 100 ? +um.toFixed(1) : +um.toPrecision(3)} µm`;
}
