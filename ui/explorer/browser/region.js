// The region drawn on the slice: its ring, and what the server says of it. A ring that the server has no word of after
// a while is taken away, and one that is cleared at once.
import { add, dot } from "./geometry.js";
/** @import { Point, Region, Sheet } from "./types.js" */

const WAIT_MS = 4000;  // for the server's first word of a new ring

/**
 * A region as the link and the server have it (ui/explorer/region_text.py reads it): the number of its section or
 * nothing, u and v of its plane, its first corner, and from there how far each of the others is along u and v.
 * @param {Point[]} points @param {Pick<Sheet, "u" | "v">} plane @param {number | null} section
 */
export function regionText(points, { u, v }, section) {
  const [first, ...others] = points;
  const away = others.map((p) => add(p, first, -1)).flatMap((p) => [dot(p, u), dot(p, v)]);
  return [section ?? "", ...[...u, ...v].map((x) => +x.toFixed(5)), ...[...first, ...away].map((x) => +x.toFixed(1))]
    .join("_");
}

export class RegionState {
  constructor() {
    /** @type {{ points: Point[], normal: Point } | null} corners in µm */
    this.ring = null;
    this.text = "";  // of the ring
    /** @type {Region | null} */
    this.told = null;
    this.until = -Infinity;  // a new ring waits for the server's word
    this.cleared = false;  // here, and not yet by the server
  }

  /** @param {Point[]} points @param {Point} normal @param {string} text @param {number} now  ms */
  draw(points, normal, text, now) {
    this.ring = { points, normal };
    this.text = text;
    this.until = now + WAIT_MS;
    this.cleared = false;
  }

  clear() {
    this.ring = this.told = null;
    this.until = -Infinity;
    this.cleared = true;
  }

  /** @param {number} now  ms until a ring without the server's word goes; 0: none waits */
  waits(now) { return this.ring && !this.told && this.until > now ? this.until - now : 0; }

  /**
   * Take what the server says: null: there is no region; true where that changed what is shown.
   * @param {Region | null | undefined} told @param {number} now
   */
  take(told, now) {
    if (told === undefined || told && (this.cleared || this.until > now && told.text !== this.text)) return false;
    const before = [this.ring, JSON.stringify(this.told)];
    this.cleared = false;
    this.told = told;
    if (told) {
      this.until = -Infinity;
      if (!this.ring || told.text !== this.text) this.ring = told.ring;
      this.text = told.text;
    } else if (!this.waits(now)) this.ring = null;
    return before[0] !== this.ring || before[1] !== JSON.stringify(told);
  }
}
