// What the browser keeps for this visitor: how the page was left. Where it may keep nothing, the page opens anew.

const KEY = "isost.explorer";

/** @returns {Record<string, unknown>} */
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {string} name @returns {unknown} */
export const kept = (name) => all()[name];

/** @param {string} name @param {unknown} value */
export function keep(name, value) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), [name]: value }));
  } catch {
    // private windows and full disks keep nothing
  }
}
