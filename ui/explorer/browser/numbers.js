// Numbers that a visitor types.
/** @import { Bounds } from "./types.js" */

/** @type {Record<string, Record<string, number>>} what may stand behind a number of a unit, and how many it is */
const UNITS = {
  "°": { "°": 1, deg: 1 }, "%": { "%": 1 }, "×": { "×": 1, x: 1 }, "µm": { "µm": 1, "μm": 1, um: 1, mm: 1000 },
};

/**
 * The number that a text says, in the unit of its box; null where it says none.
 * @param {string} text @param {string} unit
 */
export function parsed(text, unit) {
  const found = /^([-+−]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[-+]?\d+)?)\s*(\S*)$/i.exec(text.trim());
  if (!found) return null;
  const times = found[2] ? UNITS[unit]?.[found[2].toLowerCase()] : 1;
  return times ? times * Number(found[1].replace(",", ".").replace("−", "-")) : null;
}

/** @param {number} x @param {number} digits  behind the point, no more than needed */
export const typed = (x, digits) => String(+x.toFixed(digits));

/**
 * What is wrong with a typed text, in words; "" where nothing is.
 * @param {string} text @param {string} unit @param {Bounds} bounds @param {string} held  what is kept instead
 */
export function complaint(text, unit, { least, most }, held) {
  const x = parsed(text, unit), kept = `${held} is kept.`;
  if (x === null) return text.trim() ? `“${text.trim()}” is not a number. ${kept}` : `Type a number. ${kept}`;
  if (least !== null && most !== null && (x < least || x > most)) {
    return `From ${typed(least, 2)} to ${typed(most, 2)}${unit === "°" ? "" : " "}${unit}. ${kept}`;
  }
  if (least !== null && x < least) return `At least ${typed(least, 2)}. ${kept}`;
  return most !== null && x > most ? `At most ${typed(most, 2)}. ${kept}` : "";
}
