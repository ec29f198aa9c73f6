// Words that need explaining, and what they mean: shown where they stand.
import { element } from "./elements.js";

/** @type {Record<string, string>} */
export const TERMS = {
  "log1p": "Expression as the natural logarithm of 1 + the measured count or intensity: 0 means none.",
  "resolved share": "How much of a gene's pattern your sections determine at a place: 100 % is all of it, 0 % nothing.",
};
const FOUND = new RegExp(`(${Object.keys(TERMS).join("|")})`);

/**
 * Words as nodes; those that need it say what they mean, to the pointer and to a screen reader.
 * @param {string} words
 */
export const explained = (words) => words.split(FOUND).filter(Boolean).map((part) => part in TERMS
  ? element("abbr", { "title": TERMS[part], "aria-description": TERMS[part] }, part) : part);
