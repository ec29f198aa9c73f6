// The region drawn on the slice: its ring, and what the server says of it. A ring that the server has no word of after
// a while is taken away, and one that is cleared at once.
/** @import { Point, Region } from "./types.js" */

const WAIT_MS = 4000;  // for the server's first word of a new ring

export class RegionState {
  constructor() {
    /** @type {{ points: Point[], normal: Point } | null} corners in µm */
    this.ring = null;
    /** @type {Region | null} */
    this.told = null;
    this.until = -Infinity;  // a new ring waits for the server's word
    this.cleared = false;  // here, and not yet by the server
  }

  /** @param {Point[]} points @param {Point} normal @param {number} now  ms */
  draw(points, normal, now) {
    this.ring = { points, normal };
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
    if (told === undefined || told && this.cleared) return false;
    const before = [this.ring, JSON.stringify(this.told)];
    this.cleared = false;
    this.told = told;
    if (told) this.until = -Infinity;
    else if (!this.waits(now)) this.ring = null;
    return before[0] !== this.ring || before[1] !== JSON.stringify(told);
  }
}
