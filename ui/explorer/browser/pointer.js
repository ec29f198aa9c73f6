// What the pointer does: where it is, what it holds, what it draws, and the film that a click would end.
/** @import { Pair, Pane, View } from "./types.js" */

/**
 * @typedef {object} Held  what was pressed, where, and the view at that time
 * @property {Pane} pane
 * @property {number} x
 * @property {number} y
 * @property {boolean} moved
 * @property {Readonly<View>} view
 * @property {boolean} pan
 * @property {boolean} grip  on the arrow that tilts the plane
 */
/** @typedef {{ stopped: boolean, pictures: ImageBitmap[] }} Film */

export class PointerState {
  constructor() {
    /** @type {Pair | null} */
    this.at = null;
    /** @type {Held | null} */
    this.held = null;
    this.drawing = false;  // the next drag draws a region
    /** @type {Pair[] | null} */
    this.loop = null;
    /** @type {Film | null} */
    this.film = null;
  }

  /** @param {Pair | null} at */
  moveTo(at) { this.at = at; }

  /** @param {Held} held */
  press(held) { this.held = held; }

  /** @param {number} x @param {number} y  the drag so far; a few pixels are none */
  dragTo(x, y) {
    if (this.held && Math.hypot(x - this.held.x, y - this.held.y) > 3) this.held.moved = true;
  }

  release() {
    const held = this.held;
    this.held = null;
    return held;
  }

  /** @param {boolean} on */
  draw(on) {
    this.drawing = on;
    this.loop = null;
  }

  /** @param {Pair[] | null} loop */
  showLoop(loop) { this.loop = loop; }

  startFilm() { return this.film = { stopped: false, pictures: [] }; }

  stopFilm() { if (this.film) this.film.stopped = true; }

  endFilm() { this.film = null; }
}
