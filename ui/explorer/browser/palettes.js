// Colours: names of CSS, shares for the graphics processor, colour maps.
/** @import { Point } from "./types.js" */

/** @param {readonly number[]} colour  0 to 255 */
export const css = (colour) => `rgb(${colour.join(", ")})`;

/** @type {Map<string, Point>} */
const known = new Map();

/**
 * An `rgb()` colour as shares of 1.
 * @param {string} colour @returns {Point}
 */
export function shares(colour) {
  const held = known.get(colour);
  if (held) return held;
  const [r, g, b] = (colour.match(/\d+/g) ?? []).map((part) => +part / 255);
  known.set(colour, [r, g, b]);
  return [r, g, b];
}

/**
 * A colour map from its text: 256 steps of red, green, blue as base64.
 * @param {string} text
 */
export const decoded = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** @type {Map<string, string[]>} */
const gradients = new Map();

/**
 * 17 even steps of a colour map as CSS colours.
 * @param {string} text
 */
export function gradient(text) {
  const held = gradients.get(text);
  if (held) return held;
  const rgb = decoded(text);
  const made = Array.from({ length: 17 }, (_, i) => css([...rgb.subarray(3 * Math.min(16 * i, 255)).subarray(0, 3)]));
  gradients.set(text, made);
  return made;
}
