// The row of buttons above the picture.
import { button, element, group } from "./elements.js";
import { toggleHelp } from "./help.js";
import { foldButton } from "./inspector.js";
import { lasso, reset } from "./lasso.js";
import { drawer, fitBar, menu } from "./menus.js";
import { pictures } from "./save.js";
import { turntable } from "./turntable.js";
/** @import { App } from "./types.js" */

const CAMERA_NAMES = /** @type {Record<string, string>} */ (
  { oblique: "Oblique", face: "Face", front: "Front", side: "Side" });

/** @param {App} app  buttons in groups, in their order on the bar, each with its name */
function groupsOf(app) {
  const { page, view } = app;
  return {
    cameras: group("Look from", ...Object.keys(view.schema.cameras).map((name) => {
      const label = CAMERA_NAMES[name] ?? name;
      return button(`camera.${name}`, label, () => view.setCamera(name), `See the tissue from: ${label.toLowerCase()}`);
    })),
    turn: group("Turn", toggleButton("turntable", "Turntable", () => turntable(app), "Let the tissue turn by itself")),
    panes: group("Panes",
      toggleButton("panes", "3 planes", () => view.flip("panes"),
        "Three planes at right angles below the picture, through the crosshair"),
      toggleButton("cells_pane", `Measured ${view.config.noun}s`, () => view.flip("cells_pane"),
        "The nearest measured section, next to the slice")),
    slice: group("Slice",
      button("fit", "Fit", () => view.fit(), "Zoom so that 3D and the slice fill their panes (key 0)"),
      toggleButton("lasso", "Region", () => lasso(app),
        "Draw a region on the slice. Its statistics appear in the inspector.")),
    back: group("Back",
      button("undo", "Undo", () => view.undo(), "Undo the last change of the view"),
      button("reset", "Reset", () => reset(app), "Back to the view that the run opens with")),
    help: group("Help", button("help", "?", () => toggleHelp(page), "Mouse and keys")),
  };
}

/** @param {string} name @param {string} label @param {() => void} act @param {string} title */
function toggleButton(name, label, act, title) {
  const made = button(name, label, act, title);
  made.setAttribute("aria-pressed", "false");
  return made;
}

/** @param {App} app */
export function makeToolbar(app) {
  const { page, leaving: { signal } } = app, { help, ...groups } = groupsOf(app), more = drawer();
  const save = menu("save", "Save", "Save the picture as you see it, or a film", pictures(app));
  const { cameras, turn, panes, slice, back } = groups;
  page.bar.replaceChildren(...Object.values(groups), more.around, save, help, element("i", { class: "space" }),
    foldButton(app));
  const fit = () => fitBar(page.bar, more, Object.values(groups), [turn, back, cameras, slice, panes]);
  page.fitBar?.disconnect();
  page.fitBar = new ResizeObserver(fit);
  page.fitBar.observe(page.root);
  signal.addEventListener("abort", () => page.fitBar?.disconnect());
  fit();
}
