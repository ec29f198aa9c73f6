// The view: what the visitor chose, within the bounds that the server's schema gives, told to the server now and then.
import { add, clamp, focusOf, planeAxes, withinBox } from "./geometry.js";
/** @import { Config, Pair, PaneKind, Point, Seen, View } from "./types.js" */

const REPORT_MS = 500, AT_ONCE_MS = 30, MOST_HISTORY = 60;

/** @typedef {{ atOnce?: boolean, kinds?: PaneKind[] | null }} Change  told soon; panes that show it, null: all */
/** @typedef {keyof typeof UNMOVED} FittedKind  a pane that can be fitted to what it shows */

const UNMOVED = { "3d": { zoom: 1, panx: 0, pany: 0 }, slice: { szoom: 1, spanx: 0, spany: 0 } };

/** @type {<K extends string, V>(record: Record<K, V>) => [K, V][]} */
const entriesOf = Object.entries;

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
    /** @type {Map<FittedKind, string>} panes that are fitted by themselves, and what they are fitted to */
    this.fitted = new Map();
    this.open();
  }

  get schema() { return this.config.schema; }

  /** Go to the view that the server sent. */
  open() {
    this.goTo(structuredClone(this.config.view));
    this.known = JSON.stringify(this.values);
  }

  /** @param {View} values  a pane that nobody has zoomed or moved in them is to be fitted */
  goTo(values) {
    this.values = values;
    this.fitted.clear();
    for (const [kind, unmoved] of entriesOf(UNMOVED)) {
      if (Object.entries(unmoved).every(([name, x]) => values[/** @type {"zoom"} */ (name)] === x)) {
        this.fitted.set(kind, "");
      }
    }
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
   * Change values, kept within their bounds. A pane that is zoomed or moved is no longer fitted by itself.
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
    for (const [kind, unmoved] of entriesOf(UNMOVED)) {
      if (Object.keys(unmoved).some((name) => name in changes)) this.fitted.delete(kind);
    }
    this.place(changes);
  }

  /** @param {Partial<View>} changes  within their bounds */
  place(changes) {
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
    this.put({ turn, rise: behind ? -rise : rise });
    this.fit(["3d"]);
  }

  /** @param {"flip" | "y_down" | "panes" | "cells_pane"} name */
  flip(name) { this.set({ [name]: !this.values[name] }, { atOnce: true }); }

  /** @param {boolean} on  turned by the turntable */
  rotate(on) { this.turning = on; }

  /** @param {FittedKind[]} [kinds]  zoom them to what they show, and from now on by themselves */
  fit(kinds = ["3d", "slice"]) {
    for (const kind of kinds) this.fitted.set(kind, "");
    this.listeners.changed({ atOnce: true, kinds: kinds.includes("slice") ? null : ["3d"] });
  }

  /**
   * Fit a pane anew where it is fitted by itself, and what its fit depends on has changed; true if so.
   * @param {FittedKind} kind @param {unknown[]} on @param {() => Partial<View>} placed  its zoom and place
   */
  fitTo(kind, on, placed) {
    const text = JSON.stringify(on);
    if ((this.fitted.get(kind) ?? text) === text) return false;
    this.place(placed());
    this.fitted.set(kind, text);
    return true;
  }

  reset() {
    this.goTo(structuredClone(this.config.opening));
    this.listeners.changed({ atOnce: true });
  }

  undo() {
    this.report();
    const before = this.history.pop();
    if (!before) return;
    this.goTo(JSON.parse(before));
    this.known = before;
    this.listeners.told(structuredClone(this.values));
    this.listeners.changed({ atOnce: true });
  }

  /** The view for the server and the link: what is fitted by itself will be so wherever it is opened. */
  get chosen() {
    const unmoved = [...this.fitted.keys()].map((kind) => UNMOVED[kind]);
    return /** @type {View} */ (Object.assign({ ...this.values }, ...unmoved));
  }

  /** @param {boolean} [atOnce] */
  reportSoon(atOnce = false) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), atOnce ? AT_ONCE_MS : REPORT_MS);
  }

  report() {
    const text = JSON.stringify(this.chosen);
    this.listeners.shown(JSON.stringify(this.values));
    if (text === this.known) return;
    this.history.push(this.known);
    if (this.history.length > MOST_HISTORY) this.history.shift();
    this.known = text;
    this.listeners.told(JSON.parse(text));
  }
}

/** @param {Seen} view  colours to draw it in */
export const inksOf = ({ values, config }) => config.schema.colours[values.figure ? "figure" : "screen"];
