// The view: what the visitor chose, within the bounds that the server's schema gives, told to the server now and then.
import { add, clamp, focusOf, planeAxes, withinBox } from "./geometry.js";
/** @import { Config, Pair, PaneKind, Point, Seen, View } from "./types.js" */

const REPORT_MS = 500, AT_ONCE_MS = 30, MOST_HISTORY = 60;

/** @typedef {{ atOnce?: boolean, kinds?: PaneKind[] | null }} Change  told soon; panes that show it, null: all */

export class ViewState {
  /**
   * @param {Config} config
   * @param {{ changed: (change: Change) => void, shown: (text: string) => void, told: (view: View) => void }} listeners
   *   something changed; the view as the page has it, as JSON; a view that the server has to know
   */
  constructor(config, listeners) {
    this.config = config;
    this.listeners = listeners;
    /** @type {string[]} */
    this.history = [];
    this.turning = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Readonly<View>} */
    this.values = config.view;
    this.known = "";  // to the server, as JSON
    this.opened = "";  // as JSON: the view that the page opened with and fitted by itself
    this.fitting = false;
    this.open();
  }

  get schema() { return this.config.schema; }

  /** Go to the view that the server sent. Where nobody has moved the slice's picture yet, it is to be fitted. */
  open() {
    this.opened = "";
    this.values = structuredClone(this.config.view);
    this.known = JSON.stringify(this.values);
    this.fitting = this.values.szoom === 1 && !this.values.spanx && !this.values.spany;
  }

  /**
   * Take what the server sent; true where the view came from elsewhere: a link or another page.
   * @param {Config} config
   */
  take(config) {
    const fresh = config.view_id !== this.config.view_id;
    this.config = config;
    if (fresh) this.open();
    return fresh;
  }

  /**
   * Change values, kept within their bounds.
   * @param {Partial<View>} changes @param {Change} [change]
   */
  set(changes, change = {}) {
    this.put(changes);
    this.listeners.changed(change);
  }

  /**
   * Change values, kept within their bounds, and tell nobody.
   * @param {Partial<View>} changes
   */
  put(changes) {
    const bounded = Object.entries(changes).map(([name, value]) => [name, this.bounded(name, value)]);
    this.values = { ...this.values, ...Object.fromEntries(bounded) };
  }

  /** @param {string} name @param {unknown} value */
  bounded(name, value) {
    const { least, most } = this.schema.numbers[name] ?? {};
    return typeof value === "number" ? clamp(value, least ?? -Infinity, most ?? Infinity) : value;
  }

  /** @param {PaneKind[] | null} [kinds]  what moved has stopped: tell it soon */
  settle(kinds = null) { this.listeners.changed({ atOnce: true, kinds }); }

  /** @param {string} name @param {number} percent */
  setLevel(name, percent) { this.set({ levels: { ...this.values.levels, [name]: percent } }); }

  /** @param {string} name @param {Pair} range */
  setRange(name, range) { this.set({ ranges: { ...this.values.ranges, [name]: range } }); }

  /** @param {string} name */
  resetRange(name) {
    const { [name]: _, ...ranges } = this.values.ranges;
    this.set({ ranges }, { atOnce: true });
  }

  /** @param {Point} p @param {Change} [change] */
  setFocus(p, change = {}) {
    const [cx, cy, cdepth] = withinBox(this.config.box, p);
    this.set({ cx, cy, cdepth }, change);
  }

  /** @param {number} um  along the plane's normal, towards larger depth where it lies flat */
  movePlane(um) {
    const { normal } = planeAxes(this.values);
    this.setFocus(add(focusOf(this.values), normal, um));
  }

  /** @param {string} name  of a camera; `face` looks at the tissue from the side from which the flat slice is seen */
  setCamera(name) {
    const [turn, rise] = this.schema.cameras[name], behind = name === "face" && !this.values.y_down;
    this.set({ turn, rise: behind ? -rise : rise, zoom: 1, panx: 0, pany: 0 }, { atOnce: true, kinds: ["3d"] });
  }

  /** @param {"flip" | "y_down" | "panes" | "cells_pane"} name */
  flip(name) { this.set({ [name]: !this.values[name] }, { atOnce: true }); }

  /** @param {boolean} on  turned by the turntable */
  rotate(on) { this.turning = on; }

  /** Zoom the slice to the tissue that it cuts. */
  fit() {
    this.fitting = true;
    this.listeners.changed({ atOnce: true, kinds: ["slice", "cells"] });
  }

  /** @param {Partial<View>} changes  zoom and place of the slice */
  fitTo(changes) {
    this.fitting = false;
    this.put(changes);
  }

  reset() {
    this.values = structuredClone(this.config.opening);
    this.fitting = true;
    this.listeners.changed({ atOnce: true });
  }

  undo() {
    this.report();
    const before = this.history.pop();
    if (!before) return;
    this.values = JSON.parse(before);
    this.known = before;
    this.listeners.changed({ atOnce: true });
    this.listeners.told(structuredClone(this.values));
  }

  /** What was changed is no visitor's doing: not for the link. */
  keepToItself() { this.known = this.opened = JSON.stringify(this.values); }

  /** Whether it is still as the page opened it and fitted it by itself. */
  get untouched() { return JSON.stringify(this.values) === this.opened; }

  /** @param {boolean} [atOnce] */
  reportSoon(atOnce = false) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), atOnce ? AT_ONCE_MS : REPORT_MS);
  }

  report() {
    const text = JSON.stringify(this.values);
    this.listeners.shown(text);
    if (text === this.known) return;
    this.history.push(this.known);
    if (this.history.length > MOST_HISTORY) this.history.shift();
    this.known = text;
    this.listeners.told(structuredClone(this.values));
  }
}

/** @param {Seen} view  colours to draw it in */
export const inksOf = ({ values, config }) => config.schema.colours[values.figure ? "figure" : "screen"];
