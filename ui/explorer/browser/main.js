// The explorer: one field, seen in 3D, on a plane at any angle, and on three orthogonal planes, all linked.
// From the server come `config` (JSON) and, through the feeder, a pack of texels for each gene; the view goes back.
const REPORT_MS = 500;

function changed(app, atOnce = false, which = null) {
  app.figure = app.view.figure;
  app.background = app.figure ? [1, 1, 1] : CANVAS;
  app.root.classList.toggle("white", app.figure);
  tie(app);
  const shape = JSON.stringify([app.view.panes, app.view.cells_pane, app.view.blend, app.view.figure, app.config.channels.length, app.root.clientWidth]);
  if (shape !== app.shape) { app.shape = shape; resize(app); which = null; }
  if (app.fitting) { app.fitting = false; fitSlice(app); }
  prepareTrust(app);
  redraw(app, which);
  clearTimeout(app.timer);
  app.timer = setTimeout(() => report(app), atOnce ? 30 : REPORT_MS);
}

function report(app) {
  const text = JSON.stringify(app.view);
  app.root.dataset.view = text;
  if (text === app.told) return;
  app.history.push(app.told);
  if (app.history.length > 60) app.history.shift();
  app.told = text;
  app.setStateValue("view", structuredClone(app.view));
}

function undo(app) {
  report(app);
  const before = app.history.pop();
  if (!before) return;
  app.view = JSON.parse(before);
  app.told = before;
  changed(app, true);
  app.setStateValue("view", structuredClone(app.view));
}

function reset(app) {
  app.view = structuredClone(app.config.opening);
  app.fitting = true;
  changed(app, true);
}

function setCamera(app, name) {
  [app.view.turn, app.view.rise] = CAMERAS[name];
  Object.assign(app.view, { zoom: 1, panx: 0, pany: 0 });
  changed(app, true, ["3d"]);
}

function flip(app, name) {
  app.view[name] = !app.view[name];
  changed(app, true);
}

function lasso(app) {
  if (app.drawing) return stopLasso(app);
  app.drawing = true;
  app.root.querySelector(".help").hidden = true;
  app.root.querySelector(".note").textContent = "Draw around a region of the slice.";
  tie(app);
}

function stopLasso(app) {
  app.drawing = false;
  app.loop = null;
  app.root.querySelector(".note").textContent = "";
  tie(app);
  drawOverlay(app);
}

// The region in µm on its plane goes to the server, which knows the cells.
function endLasso(app, pane) {
  const s = sheet(app, pane), loop = app.loop;
  stopLasso(app);
  if (!loop || loop.length < 4) return;
  const every = Math.max(1, Math.floor(loop.length / 200));
  app.loop = loop;
  drawOverlay(app);
  app.setStateValue("region", { points: loop.filter((_, i) => i % every === 0).map(([x, y]) => onSheet(s, ...within(pane, x, y))), u: s.u, v: s.v, normal: s.normal,
    section: nearestSection(app).flat ? nearestSection(app).index : null });
}

function resize(app) {
  const { root, canvas, over } = app, ratio = Math.min(window.devicePixelRatio || 1, 2);
  app.width = root.clientWidth;
  app.rowHeight = 250;
  app.height = Math.round(clamp(0.52 * app.width, 380, 640)) + (app.view.panes ? app.rowHeight : 0);
  app.ratio = ratio;
  for (const one of [canvas, over]) {
    one.width = Math.round(app.width * ratio); one.height = Math.round(app.height * ratio);
    one.style.width = `${app.width}px`; one.style.height = `${app.height}px`;
  }
  root.querySelector(".stage").style.height = `${app.height}px`;
  app.gl.bindFramebuffer(app.gl.FRAMEBUFFER, null);
  app.gl.clearColor(...app.background, 1);
  app.gl.clear(app.gl.COLOR_BUFFER_BIT);
  app.panes = layoutPanes(app);
  app.coarse = [];
}

// Three genes and the tissue side by side in one texture: one look-up finds all.
function interleaved(app, name, fourth) {
  const { dims } = app.config.grid, n = dims[0] * dims[1] * dims[2], bytes = new Uint8Array(4 * n);
  [...[0, 1, 2].map((c) => app.packs[c]?.parts[name]), fourth].forEach((part, c) => { if (part) for (let i = 0; i < n; i++) bytes[4 * i + c] = part[i]; });
  return texture3d(app.gl, dims, bytes);
}

function prepareTrust(app) {
  const { view, textures, gl } = app, wanted = { trust: view.uncertainty !== "off" || view.layer === "known", spread: view.layer === "sd" };
  for (const [name, part] of [["trust", "known"], ["spread", "sd"]]) {
    if (!wanted[name] || textures[name] || !app.packs.some((pack) => pack.parts[part])) continue;
    textures[name] = interleaved(app, part);
  }
}

function loadField(app) {
  const { gl, config, textures } = app, { held } = volumeStore(), packs = config.channels.map((c) => held.get(c.key)), tissue = held.get(config.tissue);
  if (!tissue || packs.some((p) => !p)) { app.root.querySelector(".note").textContent = "Loading the tissue …"; return false; }
  for (const name of ["field", "trust", "spread"]) { gl.deleteTexture(textures[name] || null); textures[name] = null; }
  Object.assign(app, { packs, tissue, loop: null });
  textures.field = interleaved(app, "values", tissue.parts.tissue);
  loadCells(app);
  app.root.querySelector(".note").textContent = "";
  return true;
}

function loadCells(app) {
  const { gl, programs, tissue, packs } = app, array = gl.createVertexArray(), where = (name) => gl.getAttribLocation(programs.dots.program, name);
  if (app.cloud) { gl.deleteVertexArray(app.cloud.array); app.cloud.buffers.forEach((b) => gl.deleteBuffer(b)); }
  gl.bindVertexArray(array);
  const buffer = (values) => { const made = gl.createBuffer(); gl.bindBuffer(gl.ARRAY_BUFFER, made); gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW); return made; };
  const spots = buffer(tissue.parts.xyz);
  gl.enableVertexAttribArray(where("spot")); gl.vertexAttribPointer(where("spot"), 3, gl.FLOAT, false, 0, 0);
  const section = buffer(tissue.parts.section);
  gl.enableVertexAttribArray(where("section")); gl.vertexAttribPointer(where("section"), 1, gl.UNSIGNED_BYTE, false, 0, 0);
  const amounts = packs.map((pack) => buffer(pack.parts.measured));
  gl.enableVertexAttribArray(where("amount"));
  app.cloud = { array, amounts, at: where("amount"), n: tissue.parts.section.length, buffers: [spots, section, ...amounts] };
  gl.bindVertexArray(null);
}

function start(app) {
  const gl = app.canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true, powerPreference: "high-performance" });
  if (!gl) return false;
  app.gl = gl;
  app.programs = { slice: makeProgram(gl, SCREEN, SLICE), surfaces: makeProgram(gl, SCREEN, SURFACES), dots: makeProgram(gl, DOTS, DOT) };
  app.screen = gl.createVertexArray();
  gl.bindVertexArray(app.screen);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  for (const name of ["slice", "surfaces"]) {
    const at = gl.getAttribLocation(app.programs[name].program, "corner");
    gl.enableVertexAttribArray(at); gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
  }
  app.textures = { palettes: {}, blank: texture2d(gl, 1, 1, new Uint8Array([0, 0, 0, 255])) };
  app.gradients = {};
  return true;
}

function loadPalettes(app) {
  for (const [name, text] of Object.entries(app.config.maps)) {
    if (app.textures.palettes[name]) continue;
    const rgb = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), rgba = new Uint8Array(1024).fill(255);
    for (let i = 0; i < 256; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    app.textures.palettes[name] = texture2d(app.gl, 256, 1, rgba);
    app.gradients[name] = [...Array(17).keys()].map((i) => `rgb(${[...rgb.subarray(3 * Math.min(16 * i, 255), 3 * Math.min(16 * i, 255) + 3)].join(", ")})`);
  }
}

// New configuration from the server: other genes, or a view that came from a link or another page.
function take(app, config) {
  const channels = JSON.stringify([config.tissue, config.channels.map((c) => c.key)]), fresh = !app.config || config.view_id !== app.config.view_id;
  app.config = config;
  if (fresh) {
    app.view = structuredClone(config.view); app.told = JSON.stringify(app.view);
    app.fitting = app.view.szoom === 1 && !app.view.spanx && !app.view.spany;  // nobody has moved the slice's picture yet
  }
  loadPalettes(app);
  if (channels !== app.channels || !app.packs.length) {
    if (!loadField(app)) return;
    app.channels = channels;
    makeControls(app);
  } else if (!fresh) return;
  const opens = app.fitting;
  changed(app);
  if (opens) app.told = JSON.stringify(app.view);  // no visitor's doing: not for the link
  app.root.dataset.ready = "yes";
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".explorer");
  if (!root.app) {
    root.app = { root, canvas: root.querySelector(".gl"), over: root.querySelector(".over"), packs: [], panes: [], targets: {}, stale: new Set(), history: [],
      task: null, frame: {}, cost: { "3d": 4e-3, flat: 3e-4 }, setStateValue };
    const app = root.app;
    if (!start(app)) {
      root.classList.add("none");
      setStateValue("webgl", false);
      return;
    }
    app.onVolume = () => { if (app.config) take(app, app.config); };
    volumeStore().events.addEventListener("volume", app.onVolume);
    app.watch = new ResizeObserver(() => { if (app.packs.length && root.clientWidth && root.clientWidth !== app.width) changed(app); });
    app.watch.observe(root);
    listen(app);
  }
  const app = root.app;
  app.setStateValue = setStateValue;
  if (!app.gl) return;
  take(app, data);
  return () => {
    app.gone = true;
    app.watch.disconnect();
    app.leave.abort();
    volumeStore().events.removeEventListener("volume", app.onVolume);
    app.gl.getExtension("WEBGL_lose_context")?.loseContext();
  };
}
