// The explorer: one field, seen in 3D, on a plane at any angle, and on three orthogonal planes, all linked. From the
// server come `data` (JSON) and, through the feeder, a pack of texels for each gene; the view goes back.
//
// Its state has four parts, each changed by methods of its own module only: `view` (view.js: what the visitor chose),
// `packs` (packs.js: the texels shown), `gpu` (gpu.js: what the graphics processor holds; when it draws: frames.js) and
// `pointer` (pointer.js: what is held and drawn by hand).
import { togetherAs } from "./channels.js";
import { makeControls } from "./controls.js";
import { part } from "./elements.js";
import { fitted, fittedSolid } from "./fit.js";
import { pause, redraw } from "./frames.js";
import { Gpu, LOST_WORDS } from "./gpu.js";
import { listen } from "./interaction.js";
import { Packs } from "./packs.js";
import { restoreInspector } from "./inspector.js";
import { PointerState } from "./pointer.js";
import { RegionState } from "./region.js";
import { takeRegion } from "./region_panel.js";
import { fillWindow } from "./room.js";
import { resize, shapeOf } from "./stage.js";
import { tie } from "./ties.js";
import { inksOf, ViewState } from "./view.js";
import { volumeStore } from "./volume_store.js";
/** @import { App, Config, Page } from "./types.js" */
/** @import { Change } from "./view.js" */

const LOADING = "Loading the tissue …";

const NAMED_INKS = /** @type {const} */ (["ink", "mark"]);  // of help and plates, dark on every picture

/** @typedef {{ data: Config, parentElement: ParentNode, setStateValue: App["send"] }} Given  by Streamlit */

/** @type {WeakMap<HTMLElement, App>} */
const apps = new WeakMap();

/** @param {Given} given  called by Streamlit on every rerun; what it returns, when the page is left */
export default function show({ data, parentElement, setStateValue }) {
  const root = part(parentElement, "explorer"), app = apps.get(root) ?? begin(root, data, setStateValue);
  if (!app) return;
  app.send = setStateValue;
  take(app, data, app.view.take(data));
  takeRegion(app);
  return () => leave(app);
}

/**
 * The explorer on an empty page; null where the browser draws no 3D graphics.
 * @param {HTMLElement} root @param {Config} config @param {App["send"]} send
 */
function begin(root, config, send) {
  const page = pageOf(root), gpu = Gpu.open(page.canvas);
  if (!gpu) {
    root.classList.add("none");
    send("webgl", false);
    return null;
  }
  const view = new ViewState(config, {
    changed: (change) => refresh(app, change),
    shown: (text) => { root.dataset.view = text; },
    told: (values) => app.send("view", values),
  });
  /** @type {App} */
  const app = {
    page, view, gpu, send, packs: new Packs(), pointer: new PointerState(), region: new RegionState(),
    leaving: new AbortController(),
  };
  apps.set(root, app);
  restoreInspector(page);
  fillWindow(root, app.leaving.signal);
  listen(app);
  watch(app);
  return app;
}

/** @param {HTMLElement} root @returns {Page} */
function pageOf(root) {
  const [canvas, over] = ["gl", "over"].map((name) => /** @type {HTMLCanvasElement} */ (part(root, name)));
  const [stage, bar, inspector, help, note, read] = ["stage", "bar", "inspector", "help", "note", "read"]
    .map((name) => part(root, name));
  return { root, canvas, over, stage, bar, inspector, help, note, read, ties: [] };
}

/**
 * What happens without the visitor: packs arrive, the window changes, the graphics processor goes and comes.
 * @param {App} app
 */
function watch(app) {
  const { page, view, packs, gpu, leaving: { signal } } = app;
  volumeStore().events.addEventListener("volume", () => take(app, view.config, false), { signal });
  const size = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = page.stage;
    if (packs.loaded && width && (width !== gpu.stage.width || height !== gpu.stage.height)) refresh(app);
  });
  size.observe(page.stage);
  signal.addEventListener("abort", () => size.disconnect());
  page.canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();  // asks for it back
    gpu.lose();
    pause(app, gpu.work.busy);
    page.root.dataset.lost = "yes";
    page.note.textContent = LOST_WORDS;
  }, { signal });
  page.canvas.addEventListener("webglcontextrestored", () => {
    gpu.restore(packs, view.config.maps);
    page.root.dataset.lost = "";
    page.note.textContent = packs.loaded ? "" : LOADING;
    if (packs.loaded) refresh(app);
  }, { signal });
}

/**
 * Take what the server sent, or what has arrived of it since.
 * @param {App} app @param {Config} config @param {boolean} fresh  whether its view came from elsewhere
 */
function take(app, config, fresh) {
  const { page, packs, gpu } = app;
  gpu.loadPalettes(config.maps);
  const found = packs.take(config, volumeStore());
  packs.images.take(config, volumeStore()).then((some) => { if (some) refresh(app); });
  if (found === "missing") {
    page.note.textContent = LOADING;
    return;
  }
  if (found === "same" && !fresh) return;
  if (found === "new") {
    gpu.load(packs);
    page.note.textContent = "";
    makeControls(app);
  }
  refresh(app);
  page.root.dataset.ready = "yes";
}

/**
 * Bring the page in line with the view.
 * @param {App} app @param {Change} [change]
 */
function refresh(app, { atOnce = false, kinds = null } = {}) {
  const { page, view, packs, gpu } = app, shape = shapeOf(app);
  view.reportSoon(atOnce);
  if (!packs.loaded) return;
  page.root.classList.toggle("white", view.values.figure);
  page.root.style.setProperty("--canvas", inksOf(view).canvas);
  for (const name of NAMED_INKS) page.root.style.setProperty(`--${name}`, view.schema.colours.screen[name]);
  tie(app);
  const moved = shape !== gpu.stage.shape;
  if (moved) resize(app, shape);
  const fresh = fit(app, shape);
  gpu.loadLayers(packs, view.values);
  redraw(app, moved || fresh ? null : kinds);
}

/**
 * Fit the panes that are fitted by themselves: 3D in a new shape, the slice also at a new angle; true where one was.
 * @param {App} app @param {string} shape
 */
function fit({ view, packs, gpu: { stage } }, shape) {
  const { values, turning, schema: { numbers } } = view, { stretch, azimuth, tilt, spin, flip, y_down } = values;
  const [solid, slice] = ["3d", "slice"].map((kind) => stage.panes.find((pane) => pane.kind === kind));
  const one = solid && view.fitTo("3d", [shape, stretch],
    () => fittedSolid(values, packs.box, solid, numbers.zoom, turning));
  const bars = slice && togetherAs({ view, packs }, slice) === "add" ? packs.channels.length : 1;
  const other = slice && view.fitTo("slice", [shape, azimuth, tilt, spin, flip, y_down, bars],
    () => fitted(values, packs.box, slice, (p) => packs.inside(p), numbers.szoom, bars));
  return one || other;
}

/** @param {App} app */
function leave({ gpu, leaving }) {
  leaving.abort();
  gpu.gl.getExtension("WEBGL_lose_context")?.loseContext();
}
