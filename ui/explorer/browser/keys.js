// Keys, while the picture has the focus.
import { UP } from "./geometry.js";
import { toggleHelp } from "./help.js";
import { lasso, reset, stopLasso } from "./lasso.js";
import { turntable } from "./turntable.js";
/** @import { App, View } from "./types.js" */

/** @type {Record<string, View["uncertainty"]>} */
const NEXT_UNCERTAINTY = { off: "show", show: "hide", hide: "off" };

/** @type {Record<string, (app: App) => void>} */
const ACTS = {
  f: ({ view }) => view.flip("flip"),
  y: ({ view }) => view.flip("y_down"),
  o: ({ view }) => view.flip("panes"),
  m: ({ view }) => view.flip("cells_pane"),
  r: reset,
  z: ({ view }) => view.undo(),
  u: ({ view }) => {
    if (view.config.known) view.set({ uncertainty: NEXT_UNCERTAINTY[view.values.uncertainty] }, { atOnce: true });
  },
  t: turntable,
  l: lasso,
  0: ({ view }) => view.fit(),
  escape: stopLasso,
  "?": ({ page }) => toggleHelp(page),
  h: ({ page }) => toggleHelp(page),
};

/**
 * Do what a key says, one step or, with Shift, ten; false where it says nothing here.
 * @param {App} app @param {KeyboardEvent} event
 */
export function press(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { view } = app, { key } = event, camera = Object.keys(view.schema.cameras)[+key - 1];
  if (turnPlane(app, key, event.shiftKey ? 10 : 1)) return true;
  if (camera) view.setCamera(camera);
  else if (key.toLowerCase() in ACTS) ACTS[key.toLowerCase()](app);
  else return false;
  return true;
}

/** @param {App} app @param {string} key @param {number} by */
function turnPlane({ view }, key, by) {
  const { azimuth, tilt } = view.values, um = by * view.config.wheel_um * UP;
  if (key === "ArrowLeft") view.set({ azimuth: (azimuth - by + 360) % 360 });
  else if (key === "ArrowRight") view.set({ azimuth: (azimuth + by + 360) % 360 });
  else if (key === "ArrowUp") view.set({ tilt: tilt + by });
  else if (key === "ArrowDown") view.set({ tilt: tilt - by });
  else if (key === "PageUp") view.movePlane(um);
  else if (key === "PageDown") view.movePlane(-um);
  else return false;
  return true;
}
