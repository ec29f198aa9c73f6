// The help over the picture: mouse and keys.
import { button, element } from "./elements.js";
import { TERMS } from "./terms.js";
/** @import { Page } from "./types.js" */

const SHORT_HELP = [
  ["drag in 3D", "turn; move with the right button or Shift; zoom with the wheel"],
  ["two fingers", "zoom and move"],
  ["click", "say the value there and put the crosshair there; the plane and all panes follow"],
  ["yellow arrow in 3D", "drag its tip to tilt the plane about the crosshair"],
  ["wheel on a slice", "move the plane along its arrow; zoom with Ctrl or Shift"],
  ["drag on a slice", "move the crosshair; move the picture with Shift"],
  ["← →  ↑ ↓", "azimuth and tilt about the crosshair, 1° (with Shift 10°)"],
  ["PgUp PgDn", "move the plane"],
  ["F", "see the slice from behind"],
  ["Y", "y downwards, as images have it, or upwards"],
  ["1 2 3 4", "view from oblique, face on, front, side"],
  ["O", "three planes at right angles, below the picture"],
  ["M", "what was measured, next to the slice"],
  ["U", "uncertainty: off, mark or hide uncertain places"],
  ["L", "draw a region on the slice (Esc ends it)"],
  ["T", "turntable"],
  ["Z", "undo"],
  ["0", "fit 3D and the slice to their panes"],
  ["R", "reset the view"],
  ["mostly x", "along this side of a tilted slice, x changes most"],
  ["?", "this help (Esc closes it)"],
  ["Tab", "from the picture to the inspector: every number can be typed there"],
  ...Object.entries(TERMS),
];

/** @param {Page} page */
export function toggleHelp({ help }) {
  if (!help.childElementCount) {
    help.append(button("close_help", "✕", () => { help.hidden = true; }, "Close"));
    for (const [keys, words] of SHORT_HELP) {
      help.append(element("div", {}, element("kbd", {}, keys), element("span", {}, words)));
    }
  }
  help.hidden = !help.hidden;
}
