// What the pointer does: where it is, what it holds, draws and clicked, and the film that a click would end.
/** @import { Pair, Pane, Point, View } from "./types.js" */

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
/**
 * Two fingers: the pane under them, where they were set down, and the view at that time.
 * @typedef {{ pane: Pane, from: [Pair, Pair], view: Readonly<View> }} Pinch
 */
/** @typedef {{ at: Pair, point: Point }} Clicked  where on the picture, and the place of the tissue there */
/** @typedef {{ stopped: boolean, pictures: ImageBitmap[] }} Film */

export class PointerState {
  constructor() {
    /** @type {Pair | null} */
    this.at = null;
    /** @type {Held | null} */
    this.held = null;
    /** @type {Map<number, Pair>} by their id */
    this.fingers = new Map();
    /** @type {Pinch | null} */
    this.pinch = null;
    /** @type {Clicked | null} */
    this.clicked = null;
    this.drawing = false;  // the next drag draws a region
    /** @type {Pair[] | null} */
    this.loop = null;
    /** @type {Film | null} */
    this.film = null;
  }

  /** @param {Pair | null} at */
  moveTo(at) { this.at = at; }

  /** @param {Held} held */
  press(held) {
    this.held = held;
    this.clicked = null;
  }

  /** @param {number} id @param {Pair} at  of a finger; of the first two are the pinch */
  setFinger(id, at) { this.fingers.set(id, at); }

  /** @param {number} id */
  liftFinger(id) {
    this.fingers.delete(id);
    if (this.fingers.size < 2) this.pinch = null;
  }

  /** @param {Pane} pane @param {Readonly<View>} view  a second finger: from now on they zoom and move */
  startPinch(pane, view) {
    const [a, b] = this.fingers.values();
    this.pinch = { pane, from: [a, b], view };
    this.held = null;
    this.loop = null;
  }

  /** @param {Clicked | null} clicked */
  click(clicked) { this.clicked = clicked; }

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
