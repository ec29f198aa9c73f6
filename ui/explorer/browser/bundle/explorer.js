// geometry.js
var rad = (degrees) => degrees * Math.PI / 180;
var dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
var add = (a, b, times = 1) => [a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]];
var scaled = (a, times) => [a[0] * times, a[1] * times, a[2] * times];
var clamp = (x, low, high) => Math.min(Math.max(x, low), high);
function planeAxes({ azimuth, tilt, spin, flip }) {
  const a = rad(azimuth), t = rad(tilt), rest = rad(azimuth - spin);
  const lowered = [Math.cos(t) * Math.cos(a), Math.cos(t) * Math.sin(a), -Math.sin(t)];
  const line = [-Math.sin(a), Math.cos(a), 0];
  return {
    u: scaled(add(scaled(lowered, Math.cos(rest)), line, -Math.sin(rest)), flip ? -1 : 1),
    v: add(scaled(lowered, Math.sin(rest)), line, Math.cos(rest)),
    normal: [Math.sin(t) * Math.cos(a), Math.sin(t) * Math.sin(a), Math.cos(t)]
  };
}
function anglesOf(normal) {
  const tilt = Math.acos(clamp(normal[2] / Math.hypot(...normal), -1, 1)) * 180 / Math.PI;
  const azimuth = Math.atan2(normal[1], normal[0]) * 180 / Math.PI;
  return { azimuth: (azimuth + 360) % 360, tilt };
}
var UP = -1;
function cameraAxes(turn, rise) {
  const a = rad(turn), e = rad(rise);
  return {
    right: [Math.cos(a), -Math.sin(a), 0],
    up: [-Math.sin(e) * Math.sin(a), -Math.sin(e) * Math.cos(a), UP * Math.cos(e)],
    eye: [Math.cos(e) * Math.sin(a), Math.cos(e) * Math.cos(a), UP * Math.sin(e)]
  };
}
var middleOf = ([low, high]) => scaled(add(low, high), 0.5);
var sizeOf = ([low, high]) => add(high, low, -1);
var withinBox = ([low, high], [x, y, z]) => [clamp(x, low[0], high[0]), clamp(y, low[1], high[1]), clamp(z, low[2], high[2])];
var isWithin = (box, p) => withinBox(box, p).every((x, d) => Math.abs(x - p[d]) < 1e-3);
var cornersOf = (box) => Array.from(
  { length: 8 },
  (_, c) => [box[c & 1][0], box[c >> 1 & 1][1], box[c >> 2][2]]
);
var edgesOf = (box) => {
  const corners = cornersOf(box);
  return corners.flatMap((corner, c) => [1, 2, 4].filter((d) => !(c & d)).map((d) => (
    /** @type {[Point, Point]} */
    [corner, corners[c | d]]
  )));
};
var focusOf = (view) => [view.cx, view.cy, view.cdepth];
function lens(view, box, pane) {
  const axes = cameraAxes(view.turn, view.rise), size = sizeOf(box);
  size[2] *= view.stretch;
  const radius = Math.hypot(...size) / 2, half = 1.06 * radius / view.zoom, wide = pane.w / pane.h;
  return {
    ...axes,
    reach2: wide > 1 ? [half * wide, half] : [half, half / wide],
    reach: 1.05 * radius + 1,
    middle: add(scaled(axes.right, view.panx * radius), axes.up, view.pany * radius),
    box: middleOf(box),
    stretch: view.stretch
  };
}
function project(l, p) {
  const q = [p[0] - l.box[0], p[1] - l.box[1], (p[2] - l.box[2]) * l.stretch];
  const seen = add(q, l.middle, -1);
  return [
    0.5 + dot(seen, l.right) / l.reach2[0] / 2,
    0.5 - dot(seen, l.up) / l.reach2[1] / 2,
    l.reach - dot(q, l.eye)
  ];
}
function unproject(l, x, y, t) {
  const across = add(l.middle, l.right, (2 * x - 1) * l.reach2[0]);
  const q = add(add(across, l.up, (1 - 2 * y) * l.reach2[1]), l.eye, l.reach - t);
  return [l.box[0] + q[0], l.box[1] + q[1], l.box[2] + q[2] / l.stretch];
}
function planeHandle(view, l) {
  const { normal } = planeAxes(view);
  const drawn2 = Math.hypot(normal[0], normal[1], normal[2] * l.stretch);
  return add(focusOf(view), normal, UP * handleLength(l) / drawn2);
}
var handleLength = (l) => 0.32 * Math.min(...l.reach2);
function planeOutline(view, box) {
  const { u, v, normal } = planeAxes(view), focus = focusOf(view);
  const above = (p) => dot(add(p, focus, -1), normal);
  const found = edgesOf(box).filter(([a, b]) => above(a) * above(b) <= 0 && above(a) !== above(b)).map(([a, b]) => add(a, add(b, a, -1), above(a) / (above(a) - above(b))));
  const middle = found.reduce(
    (sum, p) => add(sum, p, 1 / found.length),
    /** @type {Point} */
    [0, 0, 0]
  );
  const angle = (p) => Math.atan2(dot(add(p, middle, -1), v), dot(add(p, middle, -1), u));
  return found.sort((a, b) => angle(a) - angle(b));
}
var STRAIGHT = {
  xy: { u: [1, 0, 0], v: [0, 1, 0], normal: [0, 0, 1] },
  xz: { u: [1, 0, 0], v: [0, 0, UP], normal: [0, -1, 0] },
  yz: { u: [0, 1, 0], v: [0, 0, UP], normal: [1, 0, 0] }
};
var BORDER = 0.07;
var ABOVE = 46;
var BELOW = 46;
var AXIS = 24;
var MARGIN = 10;
var NAMES = 44;
var MOST = 0.22;
var MOST_NAMES = 0.37;
function freeRoom({ kind, w, h }) {
  const left2 = Math.min(AXIS, MOST * w), top = Math.min(ABOVE, MOST * h);
  const right = kind === "xy" ? MARGIN : Math.min(NAMES, MOST_NAMES * w);
  return { left: left2, top, w: w - left2 - right, h: h - top - Math.min(BELOW, MOST * h) };
}
var wayUp = (view) => view.y_down ? -1 : 1;
function sheet(view, box, pane) {
  const middle = middleOf(box), size = sizeOf(box);
  const axes = STRAIGHT[pane.kind] || planeAxes(view);
  const off = dot(add(focusOf(view), middle, -1), axes.normal);
  const spread = (axis) => size.reduce((sum, length, d) => sum + Math.abs(axis[d]) * length, 0) / 2;
  if (pane.kind === "slice" || pane.kind === "cells") {
    const half = (1 + BORDER) * Math.max(spread(axes.u) * pane.h / pane.w, spread(axes.v)) / view.szoom;
    const straight2 = add(middle, axes.normal, off);
    const centre = add(add(straight2, axes.u, view.spanx), axes.v, view.spany);
    return { ...axes, v: scaled(axes.v, wayUp(view)), centre, halves: [half * pane.w / pane.h, half] };
  }
  const room = freeRoom(pane), v = pane.kind === "xy" ? scaled(axes.v, wayUp(view)) : axes.v;
  const umPerPixel = 2 * Math.max(spread(axes.u) / room.w, spread(axes.v) / room.h);
  const right = room.left + room.w / 2 - pane.w / 2, down = room.top + room.h / 2 - pane.h / 2;
  const straight = add(add(middle, axes.normal, off), axes.u, -right * umPerPixel);
  return {
    ...axes,
    v,
    centre: add(straight, v, down * umPerPixel),
    halves: [pane.w * umPerPixel / 2, pane.h * umPerPixel / 2]
  };
}
var onSheet = (s, x, y) => add(add(s.centre, s.u, (2 * x - 1) * s.halves[0]), s.v, (1 - 2 * y) * s.halves[1]);
function offSheet(s, p) {
  const q = add(p, s.centre, -1);
  return [0.5 + dot(q, s.u) / s.halves[0] / 2, 0.5 - dot(q, s.v) / s.halves[1] / 2];
}
var offsetOf = (view, box) => dot(add(focusOf(view), middleOf(box), -1), planeAxes(view).normal);

// palettes.js
var css = (colour) => `rgb(${colour.join(", ")})`;
var known = /* @__PURE__ */ new Map();
function shares(colour) {
  const held = known.get(colour);
  if (held) return held;
  const [r, g, b] = (colour.match(/\d+/g) ?? []).map((part2) => +part2 / 255);
  known.set(colour, [r, g, b]);
  return [r, g, b];
}
var decoded = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
var gradients = /* @__PURE__ */ new Map();
function gradient(text) {
  const held = gradients.get(text);
  if (held) return held;
  const rgb = decoded(text);
  const made2 = Array.from({ length: 17 }, (_, i) => css([...rgb.subarray(3 * Math.min(16 * i, 255)).subarray(0, 3)]));
  gradients.set(text, made2);
  return made2;
}

// view.js
var REPORT_MS = 500;
var AT_ONCE_MS = 30;
var MOST_HISTORY = 60;
var UNMOVED = { "3d": { zoom: 1, panx: 0, pany: 0 }, slice: { szoom: 1, spanx: 0, spany: 0 } };
var entriesOf = Object.entries;
var ViewState = class {
  /**
   * @param {Config} config
   * @param {{ changed: (change: Change) => void, shown: (text: string) => void, told: (view: View) => void }} listeners
   *   something changed; the view as the page has it, as JSON; a view that the server has to know
   */
  constructor(config, listeners) {
    this.config = config;
    this.listeners = listeners;
    this.history = [];
    this.turning = false;
    this.timer = void 0;
    this.values = config.view;
    this.known = "";
    this.fitted = /* @__PURE__ */ new Map();
    this.open();
  }
  get schema() {
    return this.config.schema;
  }
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
      if (Object.entries(unmoved).every(([name, x]) => values[
        /** @type {"zoom"} */
        name
      ] === x)) {
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
  settle(kinds = null) {
    this.listeners.changed({ atOnce: true, kinds });
  }
  /** @param {string} name @param {number} percent */
  setLevel(name, percent) {
    this.set({ levels: { ...this.values.levels, [name]: percent } });
  }
  /** @param {string} name @param {Pair} range */
  setRange(name, range) {
    this.set({ ranges: { ...this.values.ranges, [name]: range } });
  }
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
  flip(name) {
    this.set({ [name]: !this.values[name] }, { atOnce: true });
  }
  /** @param {boolean} on  turned by the turntable */
  rotate(on) {
    this.turning = on;
  }
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
    return (
      /** @type {View} */
      Object.assign({ ...this.values }, ...unmoved)
    );
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
};
var inksOf = ({ values, config }) => config.schema.colours[values.figure ? "figure" : "screen"];

// webgl.js
function makeProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  const shaders = [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]];
  for (const [type, text] of shaders) gl.attachShader(program, compiled(gl, type, text));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The graphics program can't be linked: ${gl.getProgramInfoLog(program)}`);
  }
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const found = gl.getActiveUniform(program, i);
    if (found) uniforms[found.name] = { type: found.type, at: gl.getUniformLocation(program, found.name) };
  }
  return { program, uniforms };
}
function compiled(gl, type, text) {
  const shader = gl.createShader(type);
  if (!shader) throw new Error(`No shader of type ${type} can be made.`);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`The shader can't be compiled: ${gl.getShaderInfoLog(shader)}`);
  }
  return shader;
}
function useProgram(gl, made2, values) {
  gl.useProgram(made2.program);
  let unit = 0;
  for (const [name, { type, at }] of Object.entries(made2.uniforms)) {
    const value = values[name];
    if (value === void 0) throw new Error(`The graphics program needs a value of '${name}', found none.`);
    if (type === gl.FLOAT) gl.uniform1f(
      at,
      /** @type {number} */
      value
    );
    else if (type === gl.INT) gl.uniform1i(
      at,
      /** @type {number} */
      value
    );
    else if (type === gl.FLOAT_VEC2) gl.uniform2fv(
      at,
      /** @type {number[]} */
      value
    );
    else if (type === gl.FLOAT_VEC3) gl.uniform3fv(
      at,
      /** @type {number[]} */
      value
    );
    else {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(
        type === gl.SAMPLER_3D ? gl.TEXTURE_3D : gl.TEXTURE_2D,
        /** @type {WebGLTexture} */
        value
      );
      gl.uniform1i(at, unit++);
    }
  }
}
function texture3d(gl, [width, height, depth], bytes) {
  const made2 = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_3D, made2);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGBA8, width, height, depth, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_3D);
  return made2;
}
function texture2d(gl, width, height, bytes, filter = gl.LINEAR) {
  const made2 = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made2);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_2D, filter);
  return made2;
}
function pictureTexture(gl, bitmap) {
  const made2 = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made2);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  smooth(gl, gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  gl.generateMipmap(gl.TEXTURE_2D);
  return made2;
}
function smooth(gl, kind, filter = gl.LINEAR) {
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) {
    gl.texParameteri(kind, side, gl.CLAMP_TO_EDGE);
  }
  gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, filter);
}
function makeTarget(gl, width, height) {
  const colour = texture2d(gl, width, height, null, gl.NEAREST), depth = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, depth);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.DEPTH_COMPONENT24, width, height, 0, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT, null);
  smooth(gl, gl.TEXTURE_2D, gl.NEAREST);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, colour, 0);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
  return { frame, colour, depth, width, height };
}
function freeTarget(gl, target) {
  if (!target) return;
  gl.deleteTexture(target.colour);
  gl.deleteTexture(target.depth);
  gl.deleteFramebuffer(target.frame);
}
var finish = (gl) => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));

// histology.js
var Images = class {
  constructor() {
    this.decoded = /* @__PURE__ */ new Map();
  }
  /**
   * Take those that have arrived; true where there are new ones to show.
   * @param {Config} config @param {VolumeStore} store
   */
  async take({ histology }, store) {
    const arrived = histology.filter(({ key }) => !this.decoded.has(key) && store.image(key));
    const made2 = await Promise.all(arrived.map(({ key }) => this.decode(key, store)));
    return made2.some(Boolean);
  }
  /** @param {string} key @param {VolumeStore} store */
  async decode(key, store) {
    this.decoded.set(key, null);
    const webp = (
      /** @type {Uint8Array<ArrayBuffer>} */
      store.image(key)?.parts.webp
    );
    const made2 = await createImageBitmap(new Blob([webp], { type: "image/webp" })).catch(() => null);
    this.decoded.set(key, made2);
    return made2 !== null;
  }
};
function imagesUnder({ view, packs: { images } }) {
  const { values, config } = view, { only } = nearestSection(view);
  if (!values.histology) return [];
  return config.histology.filter(({ section: section2, key }) => images.decoded.get(key) && (only < 0 || section2 === only));
}
function drawImages(scene, camera) {
  const { view, view: { values, config }, gpu } = scene, { gl, programs } = gpu, near = nearestSection(view);
  for (const { section: section2, key, corner, right, down } of imagesUnder(scene)) {
    const depth = config.sections[section2].depth_um;
    useProgram(gl, programs.image, {
      ...camera,
      picture: textureOf(scene, key),
      corner: [...corner, depth],
      across: right,
      along: down,
      planePoint: focusOf(values),
      planeNormal: planeAxes(values).normal,
      slab: near.flat ? -1 : near.slab,
      strength: values.histology_opacity,
      background: shares(inksOf(view).canvas)
    });
    gl.bindVertexArray(null);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}
function textureOf({ gpu, packs: { images } }, key) {
  const { gl } = gpu, bitmap = images.decoded.get(key);
  if (!bitmap) return gpu.blank;
  return gpu.images[key] ??= pictureTexture(gl, bitmap);
}

// packs.js
var Packs = class {
  constructor() {
    this.genes = [];
    this.channels = [];
    this.tissue = null;
    this.grid = { origin: [0, 0, 0], step: [1, 1, 1], dims: [1, 1, 1] };
    this.box = [[0, 0, 0], [0, 0, 0]];
    this.images = new Images();
    this.key = "";
    this.leastShares = /* @__PURE__ */ new WeakMap();
  }
  get loaded() {
    return this.genes.length > 0;
  }
  /**
   * Take from the store what the server names.
   * @param {Config} config @param {VolumeStore} store
   * @returns {"same" | "new" | "missing"} missing: not all of it has arrived, nothing was taken
   */
  take(config, store) {
    const key = JSON.stringify([config.tissue, config.channels.map((c) => c.key)]);
    if (key === this.key && this.loaded) {
      this.channels = config.channels;
      return "same";
    }
    const tissue = store.tissue(config.tissue);
    const genes = config.channels.map((c) => store.gene(c.key)).filter((pack) => pack !== void 0);
    if (!tissue || genes.length < config.channels.length) return "missing";
    Object.assign(this, { key, tissue, genes, channels: config.channels, grid: config.grid, box: config.box });
    return "new";
  }
  /** @param {Channel} channel */
  of(channel) {
    return this.genes[this.channels.findIndex((one) => one.key === channel.key)];
  }
  /** @param {Point} p */
  inside(p) {
    const [low, high] = this.box;
    for (let d = 0; d < 3; d++) if (p[d] < low[d] - 1e-3 || p[d] > high[d] + 1e-3) return false;
    return this.tissue !== null && sampled(this.tissue.parts.tissue, this.grid, p) > 127.5;
  }
  /**
   * Least known share (%) of a gene's pattern anywhere in the tissue.
   * @param {GenePack} pack
   */
  leastKnown(pack) {
    const { known: known2 } = pack.parts, tissue = this.tissue?.parts.tissue;
    if (!known2 || !tissue) return 100;
    const held = this.leastShares.get(pack);
    if (held !== void 0) return held;
    const least = known2.reduce((low, share, i) => tissue[i] > 127 ? Math.min(low, share) : low, 255) / 2.55;
    this.leastShares.set(pack, least);
    return least;
  }
};
var valueAt = (pack, grid, p) => Math.max(0, pack.low + sampled(pack.parts.values, grid, p) / 255 * (pack.high - pack.low));
function quantile({ quantiles }, percent) {
  const at = clamp(percent, 0, 100) / 100 * (quantiles.length - 1), i = Math.min(Math.floor(at), quantiles.length - 2);
  return quantiles[i] + (at - i) * (quantiles[i + 1] - quantiles[i]);
}
function sampled(bytes, { origin, step, dims }, p) {
  const low = [0, 0, 0], share = [0, 0, 0];
  for (let d = 0; d < 3; d++) {
    const at = clamp((p[d] - origin[d]) / step[d], 0, dims[d] - 1);
    low[d] = Math.min(Math.floor(at), Math.max(dims[d] - 2, 0));
    share[d] = at - low[d];
  }
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    let weight = 1, index = 0, jump = 1;
    for (let d = 0; d < 3; d++) {
      const next = c >> d & 1;
      weight *= next ? share[d] : 1 - share[d];
      index += Math.min(low[d] + next, dims[d] - 1) * jump;
      jump *= dims[d];
    }
    if (weight) sum += weight * bytes[index];
  }
  return sum;
}

// channels.js
var levelOf = ({ view, packs }, channel) => quantile(packs.of(channel), view.values.levels[channel.name] ?? channel.level);
var rangeOf = (view, channel) => view.values.ranges[channel.name] || channel.range;
function layerOf({ view, packs }, pane) {
  const { layer } = view.values;
  return pane.kind !== "cells" && (layer === "values" || packs.genes[pane.channel].parts[layer]) ? layer : "values";
}
function togetherAs(shown, pane) {
  if (pane.alone || shown.packs.genes.length < 2 || pane.kind === "cells") return "";
  const layer = layerOf(shown, pane);
  if (layer === "values") return shown.view.values.blend;
  return layer === "known" ? "mean" : "";
}
function meanScore({ view, packs }, p) {
  const shares2 = packs.channels.map((channel, c) => {
    const [low, high] = rangeOf(view, channel);
    return clamp((valueAt(packs.genes[c], packs.grid, p) - low) / (high - low), 0, 1);
  });
  return shares2.reduce((a, b) => a + b) / shares2.length;
}
function nearestSection({ values, config }) {
  const flat = Math.min(values.tilt, 180 - values.tilt) < config.schema.flat_tilt;
  const away = config.sections.map((s) => Math.abs(s.depth_um - values.cdepth));
  const index = away.indexOf(Math.min(...away));
  return { index, only: flat ? index : -1, slab: config.half_gap_um, flat };
}

// numbers.js
var UNITS = {
  "°": { "°": 1, deg: 1 },
  "%": { "%": 1 },
  "×": { "×": 1, x: 1 },
  "µm": { "µm": 1, "μm": 1, um: 1, mm: 1e3 }
};
function parsed(text, unit) {
  const found = /^([-+−]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[-+]?\d+)?)\s*(\S*)$/i.exec(text.trim());
  if (!found) return null;
  const times = found[2] ? UNITS[unit]?.[found[2].toLowerCase()] : 1;
  return times ? times * Number(found[1].replace(",", ".").replace("−", "-")) : null;
}
var typed = (x, digits) => String(+x.toFixed(digits));
function complaint(text, unit, { least, most }, held) {
  const x = parsed(text, unit), kept2 = `${held} is kept.`;
  if (x === null) return text.trim() ? `“${text.trim()}” is not a number. ${kept2}` : `Type a number. ${kept2}`;
  if (least !== null && most !== null && (x < least || x > most)) {
    return `From ${typed(least, 2)} to ${typed(most, 2)}${unit === "°" ? "" : " "}${unit}. ${kept2}`;
  }
  if (least !== null && x < least) return `At least ${typed(least, 2)}. ${kept2}`;
  return most !== null && x > most ? `At most ${typed(most, 2)}. ${kept2}` : "";
}

// words.js
var PLACE_DIGITS = 1;
var number = (x) => Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(2);
var placeWords = (um) => `${typed(um, PLACE_DIGITS)} µm`;
function lengthWords(um) {
  if (Math.abs(um) >= 1e3) return `${+(um / 1e3).toPrecision(3)} mm`;
  return Math.abs(um) < 0.05 ? "0 µm" : `${Math.abs(um) < 100 ? +um.toFixed(1) : +um.toPrecision(3)} µm`;
}

// captions.js
var ON_SECTION_UM = 0.5;
var LONG_NAME = 8;
var plain = (words2) => ({ words: words2 });
function solidWords(scene, pane) {
  const { view: { values, config }, packs } = scene;
  const shown = packs.channels.filter((_, c) => !pane.alone || c === pane.channel);
  return [
    ...shown.map((channel) => ({
      words: `${channel.name} ≥ ${number(levelOf(scene, channel))} ${channel.unit} · predicted`,
      strong: true,
      colour: css(channel.colour)
    })),
    ...values.cells !== "off" ? [plain(`points: measured ${config.noun}s${config.cells_shown}`)] : [],
    ...doubtWords(scene, pane).map(plain),
    ...values.stretch !== 1 ? [plain(`depth stretched ${+values.stretch.toFixed(1)}×`)] : []
  ];
}
function flatWords(scene, pane) {
  const { packs } = scene, channel = packs.channels[pane.channel], several = packs.genes.length > 1 && !pane.alone;
  const first = several ? ` (first of ${packs.genes.length} genes)` : "";
  if (pane.kind === "cells") {
    return [
      { words: `${channel.name} · measured${first}`, strong: true },
      plain(measuredWords(scene)),
      ...imagesUnder(scene).length ? [plain("over its histology image")] : []
    ];
  }
  const lines = [{ words: layerWords(scene, pane, several, first), strong: true }, plain(planeWords(scene, pane))];
  if (pane.kind !== "slice") return lines;
  return lines.concat([sectionWords(scene.view), ...doubtWords(scene, pane)].map(plain));
}
function measuredWords({ view }) {
  const near = nearestSection(view), section2 = view.config.sections[near.index];
  return near.flat ? `section ${section2.name}, depth ${placeWords(section2.depth_um)}` : `${view.config.noun}s within ${lengthWords(near.slab)} of the plane`;
}
function layerWords(scene, pane, several, first) {
  const { view, packs: { channels } } = scene, { name } = channels[pane.channel], layer = layerOf(scene, pane);
  const all2 = channels.map((c) => c.name).join(view.values.blend === "mean" ? ", " : " + ");
  const names = !several ? name : all2.length < 34 ? all2 : `${channels.length} together`;
  if (layer === "known") return `${several ? "mean " : ""}resolved share of ${names}`;
  if (layer === "sd") return `sd of a ${view.config.noun} of ${name}${first} · predicted`;
  return `${togetherAs(scene, pane) === "mean" ? "mean score of " : ""}${names} · predicted`;
}
function planeWords({ view: { values, config } }, pane) {
  if (pane.kind === "xy") return `depth ${placeWords(values.cdepth)}`;
  if (pane.kind === "xz") return `y ${placeWords(values.cy)}`;
  if (pane.kind === "yz") return `x ${placeWords(values.cx)}`;
  const turned = values.spin % 360 ? `, turned ${Math.round(values.spin)}°` : "";
  const behind = values.flip ? ", from behind" : "";
  if (isFlat(values)) return `depth ${placeWords(values.cdepth)}${turned}${behind}`;
  const angles = `azimuth ${Math.round(values.azimuth)}°, tilt ${Math.round(values.tilt)}°${turned}`;
  return `${angles}, offset ${placeWords(offsetOf(values, config.box))}${behind}`;
}
var isFlat = ({ tilt }) => tilt % 180 === 0;
function sectionWords({ values, config: { sections, box } }) {
  if (isFlat(values)) return depthWords(values.cdepth, sections);
  const { normal } = planeAxes(values), focus = focusOf(values);
  const sides = [box[0], box[1]].flatMap(([x]) => [box[0], box[1]].map(([, y]) => (
    /** @type {Pair} */
    [x, y]
  )));
  const crossed = sections.filter(({ depth_um }) => {
    const heights = sides.map(([x, y]) => dot(add([x, y, depth_um], focus, -1), normal));
    return Math.min(...heights) <= 0 && Math.max(...heights) >= 0;
  });
  if (!crossed.length) return depthWords(values.cdepth, sections);
  return crossed.length === 1 ? `crosses section ${crossed[0].name}` : `crosses ${crossed.length} sections`;
}
function depthWords(depth, sections) {
  const near = sections.reduce((a, b) => Math.abs(b.depth_um - depth) < Math.abs(a.depth_um - depth) ? b : a);
  const away = Math.abs(near.depth_um - depth);
  if (away <= ON_SECTION_UM) return `on section ${near.name}`;
  const before = sections.findLast((one) => one.depth_um < depth), after = sections.find((one) => one.depth_um > depth);
  if (!before || !after) return `${placeWords(away)} from ${near.name}`;
  const [below, above] = [before, after].map((one) => `${one.name} (${placeWords(Math.abs(one.depth_um - depth))})`);
  return `between ${below} and ${above}`;
}
function sectionNames({ config: { sections } }) {
  const names = sections.map(({ name }) => name);
  if (names.every((name) => name.length <= LONG_NAME)) return names;
  const words2 = names.map((name) => name.split(/[^\p{L}\p{N}]+/u));
  const most = Math.min(...words2.map((one) => one.length)) - 1;
  const same = (at) => words2.every((one) => one.at(at) === words2[0].at(at));
  let start = 0, end = 0;
  while (start < most && same(start)) start++;
  while (start + end < most && same(-1 - end)) end++;
  return words2.map((one) => `${start ? "…" : ""}${one.slice(start, one.length - end).join(" ")}${end ? "…" : ""}`);
}
function doubtWords(scene, pane) {
  const { view: { values, config }, packs } = scene, solid = pane.kind === "3d";
  if (!config.known || values.uncertainty === "off") return [];
  const together = solid ? !pane.alone : togetherAs(scene, pane);
  const drawn2 = packs.genes.filter((_, c) => together || c === pane.channel);
  if (drawn2.every((pack) => packs.leastKnown(pack) >= values.least)) {
    const grey = solid && values.uncertainty === "show" ? "grey: low resolved share; " : "";
    return [`${grey}resolved share at least ${values.least} % everywhere`];
  }
  if (values.uncertainty === "hide") return [`hidden where the resolved share is below ${values.least} %`];
  const hatched = layerOf(scene, pane) === "values" && (!solid || values.plane);
  const words2 = [
    solid ? "grey: low resolved share" : "",
    hatched ? `hatched: resolved share below ${values.least} %` : ""
  ];
  return [words2.filter(Boolean).join("; ")].filter(Boolean);
}
var shortName = ({ name }) => name.length > 16 ? `${name.slice(0, 7)}…${name.slice(-8)}` : name;

// fit.js
var BARS_WIDTH = 66;
var BARS_HEIGHT = 184;
var NEXT_BAR = 62;
var WORDS_WIDTH = 262;
var WORDS_HEIGHT = 64;
var STEPS = 140;
var SWEEP_DEGREES = 10;
function roomsOf({ w, h }, bars = 1) {
  const left2 = Math.min(34 / w, 0.1), top = Math.min(WORDS_HEIGHT / h, 0.16), low = 1 - Math.min(44 / h, 0.13);
  const beside = 1 - Math.min((BARS_WIDTH + NEXT_BAR * (bars - 1)) / w, bars > 1 ? 0.4 : 0.25);
  return [
    { left: left2, right: beside, top, low },
    { left: left2, right: 1 - Math.min(14 / w, 0.1), top, low: 1 - BARS_HEIGHT / h },
    { left: WORDS_WIDTH / w, right: beside, top: Math.min(14 / h, 0.1), low: 1 - Math.min(24 / h, 0.1) }
  ];
}
function solidRoomsOf({ w, h }) {
  const side = Math.min(10 / w, 0.05), low = 1 - Math.min(40 / h, 0.13);
  return [
    { left: side, right: 1 - side, top: Math.min(46 / h, 0.13), low },
    { left: WORDS_WIDTH / w, right: 1 - side, top: Math.min(12 / h, 0.1), low }
  ];
}
var zoomIn = (room, wide, high) => Math.min((room.right - room.left) / wide, (room.low - room.top) / high);
var bestOf = (rooms, wide, high) => rooms.reduce((a, b) => zoomIn(b, wide, high) > 1.01 * zoomIn(a, wide, high) ? b : a);
var within = (x, { least, most }) => clamp(x, least ?? -Infinity, most ?? Infinity);
function cutOf(s, inside) {
  const half = 0.5 / STEPS, cut = { left: 1, right: 0, top: 1, bottom: 0 };
  for (let i = 0; i < STEPS * STEPS; i++) {
    const x = (i % STEPS + 0.5) / STEPS, y = (Math.floor(i / STEPS) + 0.5) / STEPS;
    if (!inside(onSheet(s, x, y))) continue;
    cut.left = Math.min(cut.left, x - half);
    cut.right = Math.max(cut.right, x + half);
    cut.top = Math.min(cut.top, y - half);
    cut.bottom = Math.max(cut.bottom, y + half);
  }
  return cut.right > cut.left ? cut : null;
}
function fitted(view, box, pane, inside, bounds, bars = 1) {
  const unmoved = { szoom: 1, spanx: 0, spany: 0 }, s = sheet({ ...view, ...unmoved }, box, pane);
  const cut = cutOf(s, inside);
  if (!cut) return unmoved;
  const size = (
    /** @type {const} */
    [cut.right - cut.left, cut.bottom - cut.top]
  );
  const best = bestOf(roomsOf(pane, bars), ...size), { left: left2, right, top, low } = best;
  const szoom = within(zoomIn(best, ...size), bounds);
  return {
    szoom,
    spanx: s.halves[0] * (cut.left + cut.right - 1 - (left2 + right - 1) / szoom),
    spany: wayUp(view) * s.halves[1] * (1 - cut.top - cut.bottom - (1 - top - low) / szoom)
  };
}
function seenOf(view, box, pane) {
  const l = lens({ ...view, zoom: 1, panx: 0, pany: 0 }, box, pane);
  const places = cornersOf(box).map((corner) => project(l, corner));
  return (
    /** @type {Pair} */
    [0, 1].map((d) => 2 * Math.max(...places.map((place2) => Math.abs(place2[d] - 0.5))))
  );
}
function fittedSolid(view, box, pane, bounds, turning = false) {
  const seen = Array.from(
    { length: turning ? 360 / SWEEP_DEGREES : 1 },
    (_, i) => seenOf({ ...view, turn: view.turn + SWEEP_DEGREES * i }, box, pane)
  );
  const size = (
    /** @type {Pair} */
    [0, 1].map((d) => Math.max(...seen.map((one) => one[d])))
  );
  const best = bestOf(solidRoomsOf(pane), ...size), zoom = within(zoomIn(best, ...size), bounds);
  const { reach2: [w, h] } = lens({ ...view, zoom: 1 }, box, pane), [x, y, z] = sizeOf(box);
  const radius = Math.hypot(x, y, z * view.stretch) / 2;
  return {
    zoom,
    panx: w * (1 - best.left - best.right) / zoom / radius,
    pany: h * (best.top + best.low - 1) / zoom / radius
  };
}
var sizeDrawn = (view, box, panes) => panes.reduce((product, pane) => {
  if (pane.kind !== "3d" && pane.kind !== "slice") return product;
  const solid = pane.kind === "3d", [wide, high] = solid ? seenOf(view, box, pane) : boxOnSheet(view, box, pane);
  const best = bestOf(solid ? solidRoomsOf(pane) : roomsOf(pane), wide, high);
  return product * wide * high * pane.w * pane.h * zoomIn(best, wide, high) ** 2;
}, 1);
function boxOnSheet(view, box, pane) {
  const { halves: [w, h] } = sheet({ ...view, szoom: 1 }, box, pane), [x, y] = sizeOf(box);
  return [x / 2 / w, y / 2 / h];
}

// pens.js
function elided(pen, words2, room, size, weight = 400) {
  if (pen.width(words2, size, weight) <= room) return words2;
  let n = words2.length - 1;
  while (n > 1 && pen.width(`${words2.slice(0, n).trimEnd()}…`, size, weight) > room) n--;
  return `${words2.slice(0, n).trimEnd()}…`;
}
var CanvasPen = class {
  /** @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ctx @param {Scene} scene */
  constructor(ctx, scene) {
    this.ctx = ctx;
    this.font = getComputedStyle(scene.page.root).fontFamily;
    this.halo = inksOf(scene.view).halo;
  }
  /** @param {Pair[]} points @param {string} colour @param {number} width @param {number[]} dash */
  line(points, colour, width = 1, dash = []) {
    const c = this.ctx;
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.setLineDash(dash);
    c.beginPath();
    points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
    c.stroke();
    c.setLineDash([]);
  }
  /** @param {number} x @param {number} y @param {string} words @param {string} colour @param {Type} type */
  text(x, y, words2, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
    const c = this.ctx;
    c.save();
    c.translate(x, y);
    c.rotate(turn);
    c.font = `${weight} ${size}px ${this.font}`;
    c.textAlign = align;
    c.fillStyle = colour;
    c.textBaseline = "alphabetic";
    c.strokeStyle = this.halo;
    c.lineWidth = 3.5;
    c.lineJoin = "round";
    c.strokeText(words2, 0, 0);
    c.fillText(words2, 0, 0);
    c.restore();
  }
  /** @param {string} words @param {number} size @param {number} weight */
  width(words2, size, weight = 400) {
    this.ctx.font = `${weight} ${size}px ${this.font}`;
    return this.ctx.measureText(words2).width;
  }
  /** @param {number} x @param {number} y @param {number} r @param {string} fill @param {string} [stroke] */
  disc(x, y, r, fill, stroke) {
    const c = this.ctx;
    c.beginPath();
    c.arc(x, y, r, 0, 7);
    c.fillStyle = fill;
    c.fill();
    if (!stroke) return;
    c.strokeStyle = stroke;
    c.lineWidth = 1.5;
    c.stroke();
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {string[]} colours  from below */
  bar(x, y, w, h, colours) {
    const g = this.ctx.createLinearGradient(0, y + h, 0, y);
    colours.forEach((one, i) => g.addColorStop(i / (colours.length - 1), one));
    this.ctx.fillStyle = g;
    this.ctx.fillRect(x, y, w, h);
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {() => void} within */
  clip(x, y, w, h, within3) {
    this.ctx.save();
    this.ctx.beginPath();
    this.ctx.rect(x, y, w, h);
    this.ctx.clip();
    within3();
    this.ctx.restore();
  }
};
var ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
var ANCHORS = { left: "start", right: "end", center: "middle" };
var SvgPen = class {
  /** @param {Scene} scene */
  constructor(scene) {
    this.parts = [];
    this.gradients = 0;
    this.clips = 0;
    this.halo = inksOf(scene.view).halo;
  }
  /** @param {Pair[]} points @param {string} colour @param {number} width @param {number[]} dash */
  line(points, colour, width = 1, dash = []) {
    const path = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ");
    this.parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash.join(" ")}"/>`);
  }
  /** @param {number} x @param {number} y @param {string} words @param {string} colour @param {Type} type */
  text(x, y, words2, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
    const safe = words2.replace(/[&<>]/g, (c) => ENTITIES[c]);
    const placed = `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${turn * 180 / Math.PI})`;
    this.parts.push(`<text transform="${placed}" fill="${colour}" font-size="${size}" font-family="Helvetica, Arial, sans-serif" font-weight="${weight}" text-anchor="${ANCHORS[align]}" stroke="${this.halo}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">${safe}</text>`);
  }
  /**
   * About that of Helvetica.
   * @param {string} words @param {number} size @param {number} weight
   */
  width(words2, size, weight = 400) {
    return words2.length * size * (weight > 400 ? 0.58 : 0.54);
  }
  /** @param {number} x @param {number} y @param {number} r @param {string} fill @param {string} [stroke] */
  disc(x, y, r, fill, stroke = "none") {
    this.parts.push(`<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>`);
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {string[]} colours  from below */
  bar(x, y, w, h, colours) {
    const id = `bar${this.gradients++}`;
    const stops = colours.map((one, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${one}"/>`).join("");
    this.parts.push(`<linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient><rect x="${x}" y="${y}" width="${w}" height="${h}" fill="url(#${id})"/>`);
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {string} url */
  image(x, y, w, h, url) {
    this.parts.push(`<image x="${x}" y="${y}" width="${w}" height="${h}" href="${url}"/>`);
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {() => void} within */
  clip(x, y, w, h, within3) {
    const id = `pane${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath><g clip-path="url(#${id})">`);
    within3();
    this.parts.push("</g>");
  }
  /** @param {number} width @param {number} height @param {string} background */
  done(width, height, background) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${background}"/>${this.parts.join("\n")}</svg>`;
  }
};

// colour_bars.js
var FOOT = 22;
var EDGE = 10;
var TITLE = 14;
var HEADING = 64;
var BEYOND = 0.02;
var STEPS2 = 9;
function barsOf(scene, pane) {
  const { view, view: { values, config: { maps, noun, schema } }, packs } = scene;
  const channel = packs.channels[pane.channel];
  const layer = layerOf(scene, pane), together = togetherAs(scene, pane);
  if (together === "add") {
    return packs.channels.map((one) => ({
      lines: [one.name.slice(0, 9), one.unit],
      colours: ["rgb(0, 0, 0)", css(one.colour)],
      ends: endWords(rangeOf(view, one), heldBy(packs.of(one), pane))
    }));
  }
  const name = shortName(channel), colours = gradient(maps[layer === "known" ? schema.known_map : values.colours]);
  if (layer === "known") {
    const lines = together ? ["resolved share,", "mean of the genes"] : [`resolved share of ${name}`];
    return [{ lines, colours, ends: ["0 %", "100 %"] }];
  }
  if (layer === "sd") {
    const lines = [`sd of a ${noun} of ${name} (${channel.unit})`];
    return [{ lines, colours, ends: inWords([0, packs.of(channel).sd]) }];
  }
  if (together === "mean") {
    const lines = ["mean score: average of the genes,", "each in % of its range of colours"];
    return [{ lines, colours, ends: ["0 %", "100 %"] }];
  }
  const ends = endWords(rangeOf(view, channel), heldBy(packs.of(channel), pane));
  return [{ lines: [`${name} (${channel.unit})`], colours, ends }];
}
var inWords = ([low, high]) => [number(low), number(high)];
function endWords([low, high], [least, most]) {
  const far = BEYOND * (high - low);
  return [`${least < low - far ? "≤ " : ""}${number(low)}`, `${most > high + far ? "≥ " : ""}${number(high)}`];
}
var heldBy = (pack, pane) => pane.kind === "cells" ? pack.measured : [Math.max(pack.low, 0), pack.high];
function colourBars(scene, pen, pane, s) {
  const bars = barsOf(scene, pane).map((bar) => ({ ...bar, lines: bar.lines.map((line) => elided(pen, line, pane.w - 50, 11)) }));
  const n = bars.length, above = 8 + TITLE * bars[0].lines.length;
  const h = Math.min(130, (pane.h - 30) * 0.4), right = pane.x + pane.w - EDGE;
  const words2 = Math.max(...bars[0].lines.map((line) => pen.width(line, 11)));
  const wide = n > 1 ? NEXT_BAR * (n - 1) + 60 : Math.max(words2, 50) + 8;
  const tops = [pane.h - h - FOOT, HEADING + above, (pane.h - h) / 2].map((top) => pane.y + top);
  const boxes = tops.map((y2) => ({ x: right + 4 - wide, y: y2 - above, w: wide, h: h + 8 + above }));
  const found = boxes.findIndex((box) => !onTissue(scene, pane, s, box)), at = Math.max(found, 0), y = tops[at];
  return {
    bars: bars.map((bar, i) => {
      const end = right - NEXT_BAR * (n - 1 - i);
      return { ...bar, x: end - 46, y, h, right: end };
    }),
    box: boxes[at]
  };
}
function onTissue({ packs }, pane, s, { x, y, w, h }) {
  for (let i = 0; i < STEPS2 * STEPS2; i++) {
    const left2 = x + w * (i % STEPS2) / (STEPS2 - 1), top = y + h * Math.floor(i / STEPS2) / (STEPS2 - 1);
    if (packs.inside(onSheet(s, (left2 - pane.x) / pane.w, (top - pane.y) / pane.h))) return true;
  }
  return false;
}
function drawBars(scene, pen, { bars }) {
  const { ink, faint } = inksOf(scene.view);
  for (const { x, y, h, right, lines, colours, ends } of bars) {
    pen.bar(x, y, 11, h, colours);
    pen.text(x + 15, y + 9, ends[1], ink, { size: 11 });
    pen.text(x + 15, y + h, ends[0], ink, { size: 11 });
    lines.forEach((line, i) => {
      pen.text(right, y - 8 - TITLE * (lines.length - 1 - i), line, faint, { size: 11, align: "right" });
    });
  }
}

// scale_bar.js
function scaleBar(width, share = 0.25) {
  const rough = width * share, power = 10 ** Math.floor(Math.log10(rough));
  const length = (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1) * power;
  return { length, words: lengthWords(length) };
}

// section_lines.js
var SIZE = 10;
var HIGH = 12;
var APART = 4;
var FOOT2 = 30;
var HEAD = 12;
function sectionLines(scene, pen, pane, s, taken) {
  const { view, view: { config: { sections } } } = scene, { line, faint } = inksOf(view), names = sectionNames(view);
  if (Math.hypot(s.u[2], s.v[2]) < 0.02) return [];
  const held = [...taken];
  for (const i of endsFirst(sections.length)) {
    const ends = crossing(s, sections[i].depth_um).map(([x, y]) => (
      /** @type {Pair} */
      [pane.x + (x + 1) / 2 * pane.w, pane.y + (1 - y) / 2 * pane.h]
    ));
    if (ends.length < 2) continue;
    const words2 = elided(pen, names[i], Math.min(120, pane.w / 3), SIZE), wide = pen.width(words2, SIZE);
    const both = lowerFirst(ends).map((end, k, all2) => namedAt(scene, pane, s, words2, wide, end, all2[1 - k]));
    const beside = both.filter(({ outside }) => outside);
    const chosen = (beside.length ? beside : both).find(({ plate }) => !held.some((other) => overlap(plate, other)));
    pen.line(chosen?.line ?? ends, line, 1, [3, 4]);
    if (!chosen) continue;
    held.push(chosen.plate);
    pen.text(chosen.plate.x, chosen.plate.y + HIGH - 3, words2, faint, { size: SIZE });
  }
  return held.slice(taken.length);
}
var endsFirst = (n) => Array.from({ length: n }, (_, i) => i).sort((a, b) => Number(a % (n - 1) > 0) - Number(b % (n - 1) > 0) || a - b);
function namedAt({ packs }, pane, s, words2, wide, [x, y], other) {
  const right = pane.x + pane.w, foot = pane.y + pane.h, level = Math.abs(y - other[1]) < Math.abs(x - other[0]);
  const kept2 = (at, low, high) => Math.min(Math.max(at, low), high);
  const left2 = level ? x > other[0] ? right - wide - APART : pane.x + APART : kept2(x - wide / 2, pane.x + APART, right - wide - APART);
  const top = level ? kept2(y - HIGH / 2, pane.y + HEAD, foot - FOOT2 - HIGH) : y > other[1] ? foot - FOOT2 - HIGH / 2 : pane.y + HEAD;
  const plate = { x: left2, y: top, w: wide, h: HIGH };
  const stop = level ? [x > other[0] ? left2 - APART : left2 + wide + APART, y] : [x, y > other[1] ? top : top + HIGH];
  const along = level ? (stop[0] - x) / (other[0] - x) : (stop[1] - y) / (other[1] - y);
  const cut = [x + along * (other[0] - x), y + along * (other[1] - y)];
  const outside = [0, 0.5, 1].every((share) => !packs.inside(
    onSheet(s, (left2 + share * wide - pane.x) / pane.w, (top + HIGH / 2 - pane.y) / pane.h)
  ));
  return { words: words2, plate, line: [other, cut], outside };
}
var overlap = (a, b) => a.x < b.x + b.w + APART && b.x < a.x + a.w + APART && a.y < b.y + b.h && b.y < a.y + a.h;
function crossing(s, depth) {
  const away = depth - s.centre[2], rise = [s.u[2] * s.halves[0], s.v[2] * s.halves[1]];
  const ends = [];
  for (const side of [-1, 1]) {
    const y = (away - side * rise[0]) / rise[1], x = (away - side * rise[1]) / rise[0];
    if (Math.abs(rise[1]) > 1e-9 && Math.abs(y) <= 1) ends.push([side, y]);
    if (Math.abs(rise[0]) > 1e-9 && Math.abs(x) <= 1) ends.push([x, side]);
  }
  return ends.slice(0, 2);
}
var lowerFirst = ([a, b]) => (Math.abs(a[1] - b[1]) <= 1 ? a[0] > b[0] : a[1] > b[1]) ? [a, b] : [b, a];

// spared.js
var MARGIN2 = 3;
function spared(a, b, plates) {
  let parts = [[0, 1]];
  for (const plate of plates) {
    const [from, to] = sharesIn(a, b, plate);
    if (from >= to) continue;
    parts = parts.flatMap(([start, end]) => (
      /** @type {Pair[]} */
      [
        [start, Math.min(end, from)],
        [Math.max(start, to), end]
      ].filter(([p, q]) => q - p > 1e-6)
    ));
  }
  const at = (share) => [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
  return parts.map(([start, end]) => [at(start), at(end)]);
}
function sharesIn(a, b, { x, y, w, h }) {
  const low = [x - MARGIN2, y - MARGIN2], high = [x + w + MARGIN2, y + h + MARGIN2];
  let from = 0, to = 1;
  for (const d of [0, 1]) {
    const along = b[d] - a[d];
    if (!along) {
      if (a[d] < low[d] || a[d] > high[d]) return [1, 0];
      continue;
    }
    const ends = [(low[d] - a[d]) / along, (high[d] - a[d]) / along];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  return [from, to];
}

// annotations.js
var DEPTH_NAMES = ["x", "y", "depth"];
var LINE_SIZE = 12.5;
var LINE_HEIGHT = 17;
var AXIS_SIZE = 11;
var END_KEYS = (
  /** @type {const} */
  ["ends_x", "ends_y", "ends_depth"]
);
var AXES = (
  /** @type {Point[]} */
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
);
function drawOverlay(app) {
  const { page, gpu: { stage }, pointer: { loop } } = app, ctx = page.over.getContext("2d");
  if (!ctx) return;
  ctx.setTransform(stage.ratio, 0, 0, stage.ratio, 0, 0);
  ctx.clearRect(0, 0, stage.width, stage.height);
  const pen = new CanvasPen(ctx, app);
  for (const pane of stage.panes) drawWords(app, pen, pane);
  if (loop && loop.length > 1) pen.line([...loop, loop[0]], inksOf(app.view).mark, 1.5, [4, 3]);
}
function drawWords(app, pen, pane, handles = true) {
  const { ring } = app.region;
  decorate(app, pen, pane, handles);
  if (ring && (pane.kind === "slice" || pane.kind === "cells")) drawRing(app, pen, pane, ring);
}
function drawRing({ view }, pen, pane, { points, normal }) {
  const s = sheet(view.values, view.config.box, pane), away = dot(add(focusOf(view.values), points[0], -1), normal);
  const moved = Math.abs(dot(normal, s.normal)) < 0.9999 || Math.abs(away) > view.config.spacing_um / 2;
  const places = points.map((p) => offSheet(s, p)).map(([x, y]) => (
    /** @type {Pair} */
    [pane.x + x * pane.w, pane.y + y * pane.h]
  ));
  const { mark, faint } = inksOf(view);
  pen.clip(
    pane.x,
    pane.y,
    pane.w,
    pane.h,
    () => pen.line([...places, places[0]], moved ? faint : mark, moved ? 1 : 1.5, [4, 3])
  );
}
function decorate(scene, pen, pane, handles = true) {
  const shown = handles && !scene.view.values.figure, draw = pane.kind === "3d" ? decorateSolid : decorateFlat;
  pen.clip(pane.x, pane.y, pane.w, pane.h, () => draw(scene, pen, pane, shown));
}
function fitting(pen, lines, pane) {
  const room = pane.w < 2 * WORDS_WIDTH ? pane.w - 30 : WORDS_WIDTH - 15;
  return lines.flatMap((line) => broken(pen, line.words, room, weightOf(line)).map((words2) => ({ ...line, words: words2 })));
}
var weightOf = ({ strong }) => strong ? 600 : 400;
function broken(pen, words2, room, weight) {
  const made2 = [];
  for (const word of words2.split(" ")) {
    const longer = `${made2.at(-1)} ${word}`;
    if (made2.length && pen.width(longer, LINE_SIZE, weight) <= room) made2[made2.length - 1] = longer;
    else made2.push(word);
  }
  return made2.map((line) => elided(pen, line, room, LINE_SIZE, weight));
}
function heading(scene, pen, pane, lines) {
  const { ink, faint } = inksOf(scene.view);
  lines.forEach((line, i) => {
    const { words: words2, colour, strong } = line;
    const y = pane.y + 18 + LINE_HEIGHT * i, x = colour ? 24 : 9;
    if (colour) pen.disc(pane.x + 14, y - 4, 4.5, colour);
    pen.text(pane.x + x, y, words2, strong ? ink : faint, { size: LINE_SIZE, weight: weightOf(line) });
  });
}
function decorateSolid(scene, pen, pane, handles) {
  const { values, config } = scene.view, { mark } = inksOf(scene.view), l = lens(values, config.box, pane);
  const at = (p) => {
    const [x, y] = project(l, p);
    return [pane.x + x * pane.w, pane.y + y * pane.h];
  };
  if (values.frame) boxLines(scene, pen, at);
  if (values.plane) outline(pen, planeOutline(values, config.box).map(at), scene);
  if (values.plane && handles) {
    const [fx, fy] = at(focusOf(values)), [tx, ty] = at(planeHandle(values, l));
    pen.line([[fx, fy], [tx, ty]], mark, 2);
    pen.disc(tx, ty, 6, mark);
    pen.disc(fx, fy, 4.5, "rgba(0, 0, 0, 0.35)", mark);
  }
  gizmo(scene, pen, pane, l);
  heading(scene, pen, pane, fitting(pen, solidWords(scene, pane), pane));
  rule(scene, pen, pane, 2 * l.reach2[0] / pane.w);
}
function outline(pen, corners, { view }) {
  const { mark, halo } = inksOf(view), around2 = [...corners, ...corners.slice(0, 1)];
  pen.line(around2, halo, 3.5);
  pen.line(around2, mark, 1.5);
}
function boxLines({ view }, pen, at) {
  const { box, sections } = view.config, [low, high] = box, { line } = inksOf(view);
  for (const edge of edgesOf(box)) pen.line(edge.map(at), line, 1);
  for (const { depth_um } of sections) {
    const ring = [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]], [low[0], low[1]]];
    pen.line(ring.map(([x, y]) => at([x, y, depth_um])), line, 0.8, [2, 3]);
  }
}
function gizmo({ view }, pen, pane, l) {
  const { faint } = inksOf(view), x0 = pane.x + pane.w - 46, y0 = pane.y + pane.h - 44;
  const seen = AXES.map((axis, d) => ({ d, x: dot(axis, l.right), y: -dot(axis, l.up), z: dot(axis, l.eye) }));
  for (const { d, x, y } of seen.sort((a, b) => a.z - b.z)) {
    pen.line([[x0, y0], [x0 + 26 * x, y0 + 26 * y]], view.config.schema.colours.axes[d], 2);
    const aside = Math.hypot(x, y) < 0.3 ? 12 : 0, ends = view.values[END_KEYS[d]];
    const words2 = DEPTH_NAMES[d] + (ends ? ` ${ends[1]}` : "");
    pen.text(x0 + 34 * x - aside, y0 + 34 * y + 4 + aside, words2, faint, { align: "center", size: 11 });
  }
}
function decorateFlat(scene, pen, pane, handles) {
  const { values, config } = scene.view, s = sheet(values, config.box, pane);
  const bars = pane.kind === "slice" || pane.kind === "cells" ? colourBars(scene, pen, pane, s) : null;
  const lines = fitting(pen, flatWords(scene, pane), pane);
  const taken = takenBy(pen, pane, lines, s, bars);
  if (values.frame && pane.kind !== "cells") taken.push(...sectionLines(scene, pen, pane, s, taken));
  if (handles) crosshair(scene, pen, pane, s, taken);
  directions(scene, pen, pane, s);
  rule(scene, pen, pane, 2 * s.halves[0] / pane.w);
  if (bars) drawBars(scene, pen, bars);
  heading(scene, pen, pane, lines);
}
function takenBy(pen, pane, lines, s, bars) {
  const { x, y, w, h } = pane, { length } = scaleBar(2 * s.halves[0]), scale = length * w / s.halves[0] / 2;
  const words2 = Math.max(...lines.map((line) => pen.width(line.words, LINE_SIZE, weightOf(line))));
  const [level, upward] = [s.u, s.v].map((axis) => pen.width(arrowWord(axis), AXIS_SIZE));
  return [
    { x, y, w: words2 + 9, h: 8 + LINE_HEIGHT * lines.length },
    { x, y: y + h - 44, w: Math.max(60, scale) + 26, h: 44 },
    { x: x + (w - level) / 2, y: y + h - 18, w: level, h: 18 },
    { x: x + 4, y: y + (h - upward) / 2, w: 14, h: upward },
    ...bars ? [bars.box] : []
  ];
}
function crosshair({ view }, pen, pane, s, taken) {
  const { mark } = inksOf(view), [left2, top] = offSheet(s, focusOf(view.values)), gap = 7;
  const x = pane.x + left2 * pane.w, y = pane.y + top * pane.h;
  const arms = [
    [[x, pane.y], [x, y - gap]],
    [[x, y + gap], [x, pane.y + pane.h]],
    [[pane.x, y], [x - gap, y]],
    [[x + gap, y], [pane.x + pane.w, y]]
  ];
  for (const part2 of arms.flatMap(([a, b]) => spared(a, b, taken))) pen.line(part2, mark, 0.7);
}
function directions(scene, pen, pane, s) {
  const { faint, ink } = inksOf(scene.view), type = (
    /** @type {const} */
    { align: "center", size: AXIS_SIZE }
  );
  const middle = { x: pane.x + pane.w / 2, y: pane.y + pane.h / 2 };
  const letters = (
    /** @type {const} */
    { align: "center", size: 13, weight: 600 }
  );
  endLetters(scene, s.u).forEach((letter, end) => {
    pen.text(pane.x + (end ? pane.w - 14 : 30), pane.y + pane.h * 0.3, letter, ink, letters);
  });
  endLetters(scene, s.v).forEach((letter, end) => {
    pen.text(middle.x, pane.y + (end ? 18 : pane.h - 26), letter, ink, letters);
  });
  pen.text(middle.x, pane.y + pane.h - 8, arrowWord(s.u), faint, type);
  pen.text(pane.x + 14, middle.y, arrowWord(s.v), faint, { ...type, turn: -Math.PI / 2 });
}
function arrowWord(axis) {
  const sizes = axis.map(Math.abs), d = sizes.indexOf(Math.max(...sizes));
  const word = `${sizes[d] < 0.996 ? "mostly " : ""}${DEPTH_NAMES[d]}`;
  return axis[d] < 0 ? `← ${word}` : `${word} →`;
}
function endLetters({ view }, axis) {
  const d = axis.findIndex((part2) => Math.abs(part2) > 0.7), ends = d < 0 ? "" : view.values[END_KEYS[d]] || "";
  return axis[d] < 0 ? [...ends].reverse() : [...ends];
}
function rule(scene, pen, pane, umPerPixel) {
  const { ink } = inksOf(scene.view), { length, words: words2 } = scaleBar(umPerPixel * pane.w);
  const x = pane.x + 26, y = pane.y + pane.h - 24;
  pen.line([[x, y], [x + length / umPerPixel, y]], ink, 2.5);
  pen.text(x, y - 6, words2, ink, { size: 11.5 });
}

// elements.js
function element(tag, attributes = {}, ...children) {
  const made2 = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made2.setAttribute(name, String(value));
  made2.append(...children);
  return made2;
}
function button(name, label, act, title = label) {
  const made2 = element("button", { type: "button", name, title }, label);
  if (label.length < 2) made2.setAttribute("aria-label", title);
  made2.onclick = act;
  return made2;
}
var group = (label, ...children) => element(
  "div",
  { class: "group", role: "group", "aria-label": label },
  ...children
);
function part(root, name) {
  const found = root.querySelector(`.${name}`);
  if (!(found instanceof HTMLElement)) throw new Error(`The explorer's page has no element of the class '${name}'.`);
  return found;
}

// kept.js
var KEY = "isost.explorer";
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}
var kept = (name) => all()[name];
function keep(name, value) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), [name]: value }));
  } catch {
  }
}

// panes.js
var GAP = 2;
var ROW_SHARE = 0.38;
var NARROW = 560;
var SQUARE = 1.3;
function layoutPanes(view, channels, width, height, sizeDrawn2) {
  const main = view.panes ? Math.round(height * (1 - ROW_SHARE)) : height, many = channels > 1 && view.blend === "side";
  const beside = besideEachOther(view, width, main), below = belowEachOther(view, width, main);
  const upright2 = width < NARROW && height > width;
  const panes = many ? columns(view, channels, width, main) : upright2 || sizeDrawn2(below) > sizeDrawn2(beside) ? below : beside;
  if (!view.panes) return panes;
  const w = (width - 2 * GAP) / 3;
  const kinds = ["xy", "xz", "yz"];
  return panes.concat(kinds.map((kind, i) => ({ kind, channel: 0, alone: many, x: i * (w + GAP), y: main + GAP, w, h: height - main - GAP })));
}
function columns(view, n, width, main) {
  const w = (width - GAP * (n - 1)) / n, top = Math.round(main * (view.cells_pane ? 0.4 : 0.52));
  const kinds = view.cells_pane ? ["3d", "slice", "cells"] : ["3d", "slice"];
  const below = (main - top) / (kinds.length - 1);
  return Array.from({ length: n }, (_, channel) => kinds.map((kind, i) => ({
    kind,
    channel,
    alone: true,
    x: channel * (w + GAP),
    w,
    y: i ? top + GAP + (i - 1) * below : 0,
    h: i ? below - GAP : top
  }))).flat();
}
function besideEachOther(view, width, main) {
  const left2 = Math.round(width * (width < SQUARE * main ? 0.5 : 0.58));
  const x = left2 + GAP, w = width - x, all2 = { channel: 0, alone: false };
  const half = view.cells_pane ? Math.round(main / 2) : main;
  const panes = [
    { ...all2, kind: "3d", x: 0, y: 0, w: left2, h: main },
    { ...all2, kind: "slice", x, y: 0, w, h: half }
  ];
  if (view.cells_pane) panes.push({ ...all2, kind: "cells", x, y: half + GAP, w, h: main - half - GAP });
  return panes;
}
function belowEachOther(view, width, main) {
  const top = Math.round(main / 2), y = top + GAP, h = main - y, all2 = { channel: 0, alone: false };
  const half = view.cells_pane ? Math.round(width / 2) : width;
  const panes = [{ ...all2, kind: "3d", x: 0, y: 0, w: width, h: top }, { ...all2, kind: "slice", x: 0, y, w: half, h }];
  if (view.cells_pane) panes.push({ ...all2, kind: "cells", x: half + GAP, y, w: width - half - GAP, h });
  return panes;
}
var paneAt = (panes, x, y) => panes.find((p) => x >= p.x && x < p.x + p.w && y >= p.y && y < p.y + p.h);
var within2 = (pane, x, y) => [(x - pane.x) / pane.w, (y - pane.y) / pane.h];

// terms.js
var TERMS = {
  "log1p": "Expression as the natural logarithm of 1 + the measured count or intensity: 0 means none.",
  "resolved share": "How much of a gene's pattern your sections determine at a place: 100 % is all of it, 0 % nothing."
};
var FOUND = new RegExp(`(${Object.keys(TERMS).join("|")})`);
var explained = (words2) => words2.split(FOUND).filter(Boolean).map((part2) => part2 in TERMS ? element("abbr", { "title": TERMS[part2], "aria-description": TERMS[part2] }, part2) : part2);

// readout.js
var GRIP = "Drag to tilt the plane";
var NEAR_CELL = 9;
var APART2 = 14;
var SAME = 6;
function readout(app, x, y) {
  const { page, view, packs, pointer: { clicked } } = app, pane = paneAt(app.gpu.stage.panes, x, y);
  page.over.style.cursor = cursor(app, pane, x, y);
  if (!pane || !packs.loaded) return hideRead(app);
  if (pane.kind === "3d") {
    if (gripAt(app, pane, x, y)) return sayAt(app, x, y, [[GRIP]]);
    const same = clicked && Math.hypot(clicked.at[0] - x, clicked.at[1] - y) < SAME;
    return sayAt(app, x, y, same ? linesAt(app, pane, clicked.point) : termLines(app, pane, x, y));
  }
  if (pane.kind === "cells") return sayAt(app, x, y, cellLines(app, pane, x, y));
  const p = onSheet(sheet(view.values, view.config.box, pane), ...within2(pane, x, y));
  const terms = packs.inside(p) ? [] : termLines(app, pane, x, y);
  sayAt(app, x, y, terms.length ? terms : linesAt(app, pane, p));
}
function termLines(app, pane, x, y) {
  const { packs, view: { values } } = app, onWords = x - pane.x < WORDS_WIDTH && y - pane.y < WORDS_HEIGHT;
  if (!onWords && !onBars(app, pane, x, y)) return [];
  const shown = [
    ...packs.channels.map(({ unit }) => unit),
    values.layer === "known" || values.uncertainty !== "off" ? "resolved share" : ""
  ];
  return [...new Set(shown)].filter((term) => term in TERMS).map((term) => [term, TERMS[term]]);
}
function onBars(app, pane, x, y) {
  const ctx = app.page.over.getContext("2d");
  if (!ctx || pane.kind !== "slice" && pane.kind !== "cells") return false;
  const s = sheet(app.view.values, app.view.config.box, pane);
  const { box } = colourBars(app, new CanvasPen(ctx, app), pane, s);
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
}
var hideRead = ({ page }) => page.read.replaceChildren();
function crosshairLines(app) {
  const pane = app.gpu.stage.panes.find((one) => one.kind === "slice");
  return pane && app.packs.loaded ? linesAt(app, pane, focusOf(app.view.values)) : [];
}
var lineElements = (said) => said.map((parts) => element(
  "div",
  {},
  ...parts.map((part2) => element("span", {}, ...explained(part2)))
));
function linesAt(app, pane, p) {
  const where = `x ${placeWords(p[0])} · y ${placeWords(p[1])} · depth ${placeWords(p[2])}`;
  return [...app.packs.inside(p) ? valueWords(app, pane, p) : [["outside the tissue"]], [where]];
}
function sayAt({ page: { read }, gpu: { stage } }, x, y, lines) {
  read.replaceChildren(...lineElements(lines));
  if (!lines.length) return;
  const left2 = x + APART2 + read.offsetWidth > stage.width ? x - APART2 - read.offsetWidth : x + APART2;
  const top = y + APART2 + read.offsetHeight > stage.height ? y - APART2 - read.offsetHeight : y + APART2;
  read.style.transform = `translate(${Math.max(left2, 2)}px, ${Math.max(top, 2)}px)`;
}
function cursor(app, pane, x, y) {
  if (!pane) return "default";
  if (pane.kind !== "3d") return "crosshair";
  return gripAt(app, pane, x, y) ? "move" : "grab";
}
function gripAt({ view: { values, config } }, pane, x, y) {
  if (pane.kind !== "3d" || !values.plane || values.figure) return false;
  const l = lens(values, config.box, pane), [hx, hy] = project(l, planeHandle(values, l));
  return Math.hypot(pane.x + hx * pane.w - x, pane.y + hy * pane.h - y) < 12;
}
function valueWords(app, pane, p) {
  const { packs, view: { values, config } } = app;
  const words2 = packs.genes.map((pack, c) => {
    const { name, unit } = packs.channels[c], { known: known2, sd } = pack.parts;
    const share = known2 ? `resolved share ${Math.round(100 * sampled(known2, packs.grid, p) / 255)} %` : "";
    const spread = sd && values.layer === "sd" ? `sd of a ${config.noun} ${number(sampled(sd, packs.grid, p) / 255 * pack.sd)} ${unit}` : "";
    return [`${name} ${number(valueAt(pack, packs.grid, p))} ${unit} predicted`, share, spread].filter(Boolean);
  });
  if (togetherAs(app, pane) === "mean" && layerOf(app, pane) === "values") {
    words2.push([`mean score ${Math.round(100 * meanScore(app, p))} %`]);
  }
  return words2;
}
function cellLines({ packs, view }, pane, x, y) {
  const { tissue } = packs, s = sheet(view.values, view.config.box, pane), near = nearestSection(view);
  if (!tissue) return [];
  const { xyz, section: section2 } = tissue.parts, focus = focusOf(view.values);
  let found = -1, least = NEAR_CELL;
  for (let i = 0; i < section2.length; i++) {
    const p = (
      /** @type {Point} */
      [xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]]
    );
    if (near.flat ? section2[i] !== near.only : Math.abs(dot(add(p, focus, -1), s.normal)) > near.slab) continue;
    const [left2, top] = offSheet(s, p), away = Math.hypot(pane.x + left2 * pane.w - x, pane.y + top * pane.h - y);
    if (away < least) [found, least] = [i, away];
  }
  if (found < 0) return [];
  const [low, high] = packs.genes[pane.channel].measured, channel = packs.channels[pane.channel];
  const value = low + packs.genes[pane.channel].parts.measured[found] / 255 * (high - low);
  const [px, py, depth] = xyz.subarray(3 * found, 3 * found + 3);
  return [
    [`${channel.name} ${number(value)} ${channel.unit} measured`],
    [
      `section ${view.config.sections[section2[found]].name}`,
      `x ${placeWords(px)} · y ${placeWords(py)} · depth ${placeWords(depth)}`
    ]
  ];
}

// inspector.js
var NARROW2 = "(max-width: 700px)";
var FOLD = "inspector_open";
var TAB = "inspector_tab";
var QUIET_MS = 250;
var ROOMY = 700;
var STEPS3 = (
  /** @type {Record<string, number>} */
  { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }
);
function openInspector(page, is) {
  page.inspector.hidden = !is;
  page.root.querySelector("[name=inspector]")?.setAttribute("aria-expanded", String(is));
  if (!matchMedia(NARROW2).matches) keep(FOLD, is);
}
function giveWay(page) {
  if (matchMedia(NARROW2).matches) openInspector(page, false);
}
function foldButton({ page }) {
  const made2 = button(
    "inspector",
    "Inspector",
    () => openInspector(page, Boolean(page.inspector.hidden)),
    "Show or fold away the numbers, colours and regions beside the picture"
  );
  made2.setAttribute("aria-controls", page.inspector.id);
  made2.setAttribute("aria-expanded", String(!page.inspector.hidden));
  return made2;
}
function makeInspector(app, panels) {
  const { page } = app, names = Object.keys(panels), last = String(kept(TAB));
  const tabs = names.map((name) => element("button", {
    type: "button",
    role: "tab",
    id: `tab.${name}`,
    name: `tab.${name}`,
    "aria-controls": `panel.${name}`
  }, name));
  const made2 = names.map((name) => element("div", {
    role: "tabpanel",
    class: "panel",
    id: `panel.${name}`,
    "aria-labelledby": `tab.${name}`
  }, ...panels[name]));
  const list = element("div", { role: "tablist", class: "tabs", "aria-label": "Controls" }, ...tabs);
  tabs.forEach((tab, i) => {
    tab.onclick = () => chooseTab(page, names[i]);
  });
  list.onkeydown = (event) => {
    const step = STEPS3[event.key], at = tabs.findIndex((tab) => tab.ariaSelected === "true");
    if (step === void 0) return;
    event.preventDefault();
    const to = Math.min(Math.max(at + step, 0), tabs.length - 1);
    chooseTab(page, names[to]);
    tabs[to].focus();
  };
  page.inspector.replaceChildren(crosshair2(app), list, ...made2);
  chooseTab(page, names.includes(last) ? last : names[0]);
}
function restoreInspector(page) {
  const open = kept(FOLD) ?? page.root.clientWidth > ROOMY;
  page.inspector.hidden = matchMedia(NARROW2).matches || open !== true;
}
function chooseTab({ inspector }, name) {
  for (
    const tab of
    /** @type {NodeListOf<HTMLElement>} */
    inspector.querySelectorAll("[role=tab]")
  ) {
    const is = tab.id === `tab.${name}`;
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
  }
  for (
    const panel of
    /** @type {NodeListOf<HTMLElement>} */
    inspector.querySelectorAll("[role=tabpanel]")
  ) {
    panel.hidden = panel.id !== `panel.${name}`;
  }
  keep(TAB, name);
}
function crosshair2(app) {
  const values = element("div", { class: "values", "aria-live": "polite", "aria-atomic": "true" });
  const plane = element("div", { class: "plane" });
  let before = "", timer = 0;
  const write = () => {
    const lines = crosshairLines(app), text = JSON.stringify(lines), words2 = `Plane: ${sectionWords(app.view)}`;
    if (plane.textContent !== words2) plane.textContent = plane.title = words2;
    if (text !== before) values.replaceChildren(...lineElements(lines));
    before = text;
  };
  app.page.ties.push(() => {
    clearTimeout(timer);
    timer = window.setTimeout(write, before ? QUIET_MS : 0);
  });
  return element("div", { class: "crosshair" }, element("h2", {}, "At the crosshair"), values, plane);
}

// number_row.js
var made = 0;
function numberBox(app, { name, label, unit, bounds, get, set, digits = PLACE_DIGITS, title = "" }) {
  const id = `box${made++}`, wrong = element("p", { class: "wrong", id: `${id}.wrong`, role: "status" });
  const box = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    class: "typed",
    id,
    name: `box.${name}`,
    "aria-label": unit ? `${label}, in ${unit}` : label,
    "aria-describedby": wrong.id,
    title
  });
  let dirty = false, complained = NaN;
  const shown = () => typed(get(), digits);
  const say = (words2) => {
    wrong.textContent = words2;
    complained = words2 ? get() : NaN;
    if (words2) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
  };
  const apply = () => {
    if (!dirty) return;
    dirty = false;
    const problem = complaint(box.value, unit, bounds(), shown()), x = parsed(box.value, unit);
    if (problem || x === null) return say(problem);
    say("");
    set(x);
    box.value = shown();
    if (Math.abs(get() - x) > 0.5 * 10 ** -digits) say(`The tissue ends at ${shown()} ${unit}.`);
  };
  box.oninput = () => {
    dirty = true;
  };
  box.onblur = box.onchange = apply;
  box.onkeydown = (event) => {
    if (event.key === "Enter") apply();
    if (event.key === "Escape") dirty = false;
    if (event.key === "Escape") say("");
    if (event.key === "Escape") box.value = shown();
  };
  app.page.ties.push(() => {
    if (dirty || get() === complained) return;
    say("");
    box.value = shown();
  });
  return { box, wrong };
}
function numberRow(app, tied) {
  const { name, label, unit, bounds, get, set, beside = () => "", title = "" } = tied;
  const { box, wrong } = numberBox(app, tied), { least, most, step } = bounds();
  const slider = element("input", {
    type: "range",
    name,
    min: least ?? "",
    max: most ?? "",
    step: step ?? "any",
    "aria-label": label,
    title
  });
  const words2 = element("span", { class: "beside" });
  slider.oninput = () => set(+slider.value);
  app.page.ties.push(() => {
    slider.value = String(get());
    slider.setAttribute("aria-valuetext", `${box.value} ${unit}`);
    words2.textContent = beside();
  });
  return element(
    "div",
    { class: "number", title },
    element("label", { for: box.id }, label),
    words2,
    box,
    element("span", { class: "unit" }, unit),
    slider,
    wrong
  );
}

// region.js
var WAIT_MS = 4e3;
function regionText(points, { u, v }, section2) {
  const [first, ...others] = points;
  const away = others.map((p) => add(p, first, -1)).flatMap((p) => [dot(p, u), dot(p, v)]);
  return [section2 ?? "", ...[...u, ...v].map((x) => +x.toFixed(5)), ...[...first, ...away].map((x) => +x.toFixed(1))].join("_");
}
var RegionState = class {
  constructor() {
    this.ring = null;
    this.text = "";
    this.told = null;
    this.until = -Infinity;
    this.cleared = false;
  }
  /** @param {Point[]} points @param {Point} normal @param {string} text @param {number} now  ms */
  draw(points, normal, text, now) {
    this.ring = { points, normal };
    this.text = text;
    this.until = now + WAIT_MS;
    this.cleared = false;
  }
  clear() {
    this.ring = this.told = null;
    this.until = -Infinity;
    this.cleared = true;
  }
  /** @param {number} now  ms until a ring without the server's word goes; 0: none waits */
  waits(now) {
    return this.ring && !this.told && this.until > now ? this.until - now : 0;
  }
  /**
   * Take what the server says: null: there is no region; true where that changed what is shown.
   * @param {Region | null | undefined} told @param {number} now
   */
  take(told, now) {
    if (told === void 0 || told && (this.cleared || this.until > now && told.text !== this.text)) return false;
    const before = [this.ring, JSON.stringify(this.told)];
    this.cleared = false;
    this.told = told;
    if (told) {
      this.until = -Infinity;
      if (!this.ring || told.text !== this.text) this.ring = told.ring;
      this.text = told.text;
    } else if (!this.waits(now)) this.ring = null;
    return before[0] !== this.ring || before[1] !== JSON.stringify(told);
  }
};

// ties.js
function tie({ page, view, pointer }) {
  for (const one of page.ties) one();
  const { panes, cells_pane } = view.values;
  const on = { panes, cells_pane, lasso: pointer.drawing, turntable: view.turning };
  for (const [name, is] of Object.entries(on)) {
    page.bar.querySelector(`[name=${name}]`)?.setAttribute("aria-pressed", String(is));
  }
}

// lasso.js
var MOST_POINTS = 48;
function lasso(app) {
  if (app.pointer.drawing) return stopLasso(app);
  app.pointer.draw(true);
  app.page.help.hidden = true;
  app.page.note.textContent = "Draw around a region of the slice.";
  tie(app);
}
function reset(app) {
  stopLasso(app);
  app.view.reset();
}
function stopLasso(app) {
  app.pointer.draw(false);
  app.page.note.textContent = "";
  tie(app);
  drawOverlay(app);
}
function endLasso(app, pane) {
  const { view, pointer } = app, s = sheet(view.values, view.config.box, pane), { loop } = pointer;
  stopLasso(app);
  if (!loop || loop.length < 4) return;
  const every = Math.ceil(loop.length / MOST_POINTS), near = nearestSection(view);
  const points = loop.filter((_, i) => i % every === 0).map(([x, y]) => onSheet(s, ...within2(pane, x, y)));
  const text = regionText(points, s, near.flat ? near.index : null);
  app.region.draw(points, s.normal, text, performance.now());
  drawOverlay(app);
  tie(app);
  app.send("region", text);
}

// region_panel.js
var REGION_TAB = "Region";
var NONE = "Draw a region on the slice to compare predicted and measured values in it.";
var MOVED = "You moved the plane since then. The numbers belong to the place where you drew the region.";
function regionPanel(app) {
  const made2 = element("section", { class: "region" });
  let shown = "?";
  app.page.ties.push(() => {
    const { told } = app.region, text = JSON.stringify([told, app.region.ring !== null]);
    if (text !== shown) made2.replaceChildren(...told ? about(app, told) : nothing(app));
    shown = text;
  });
  return made2;
}
function nothing(app) {
  if (app.region.ring) return [element("p", {}, "Reading the region …")];
  const draw = () => {
    giveWay(app.page);
    lasso(app);
  };
  return [element("p", {}, NONE), button("draw_region", "Draw a region", draw, "Draw a region on the slice (key L)")];
}
function about(app, { title, moved, rows, columns: columns2, what }) {
  const head = element(
    "div",
    { class: "head" },
    element("b", {}, title),
    button("clear_region", "Clear", () => clearRegion(app), "Take the region away")
  );
  return [
    head,
    ...moved ? [element("p", { class: "moved" }, MOVED)] : [],
    ...rows.map((row) => table(row, columns2)),
    element("p", {}, ...explained(what))
  ];
}
function table(row, [name, source, ...columns2]) {
  const shown = columns2.filter((column) => row[column]);
  return element(
    "table",
    {},
    element("caption", {}, ...explained(`${row[name] ?? ""} · ${row[source] ?? ""}`)),
    ...pairs(shown).map((two) => element("tr", {}, ...two.flatMap((column) => [
      element("th", { scope: "row" }, column),
      element("td", { colspan: two.length > 1 ? 1 : 3 }, row[column])
    ])))
  );
}
var pairs = (names) => names.flatMap((_, i) => i % 2 ? [] : [names.slice(i, i + 2)]);
function clearRegion(app) {
  app.region.clear();
  app.send("region", "");
  for (const one of app.page.ties) one();
  drawOverlay(app);
}
function takeRegion(app) {
  const { page, region, view } = app, drawn2 = region.ring !== null && !region.told;
  const changed = region.take(view.config.region, performance.now()), left2 = region.waits(performance.now());
  if (left2) setTimeout(() => takeRegion(app), left2 + 50);
  if (!changed || !page.ties.length) return;
  if (region.told && drawn2) {
    chooseTab(page, REGION_TAB);
    openInspector(page, true);
  }
  for (const one of page.ties) one();
  drawOverlay(app);
}

// help.js
var SHORT_HELP = [
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
  ...Object.entries(TERMS)
];
function toggleHelp({ help }) {
  if (!help.childElementCount) {
    help.append(button("close_help", "✕", () => {
      help.hidden = true;
    }, "Close"));
    for (const [keys, words2] of SHORT_HELP) {
      help.append(element("div", {}, element("kbd", {}, keys), element("span", {}, words2)));
    }
  }
  help.hidden = !help.hidden;
}

// menus.js
var STEPS4 = (
  /** @type {Record<string, number>} */
  { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }
);
function opener(name, label, title, popup) {
  const ask = element(
    "button",
    { type: "button", name, title, "aria-expanded": "false", "aria-haspopup": popup },
    `${label} ▾`
  );
  const panel = element("div", { class: "popup", hidden: "" }), around2 = element("div", { class: "menu" }, ask, panel);
  const open = (is) => {
    panel.hidden = !is;
    ask.setAttribute("aria-expanded", String(is));
    if (is) panel.querySelector("button")?.focus();
  };
  ask.onclick = () => open(Boolean(panel.hidden));
  around2.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && around2.contains(relatedTarget))) open(false);
  });
  around2.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    open(false);
    ask.focus();
  });
  return { around: around2, ask, panel, open };
}
function menu(name, label, title, acts) {
  const { around: around2, ask, panel, open } = opener(name, label, title, "menu");
  panel.setAttribute("role", "menu");
  panel.setAttribute("aria-label", title);
  const items = Object.entries(acts).map(([words2, act]) => {
    const item = element("button", { type: "button", role: "menuitem", tabindex: -1 }, words2);
    item.onclick = () => {
      open(false);
      ask.focus();
      act();
    };
    return item;
  });
  panel.append(...items);
  panel.onkeydown = (event) => {
    const at = items.findIndex((item) => item.matches(":focus")), step = STEPS4[event.key];
    if (step === void 0) return;
    event.preventDefault();
    items[Math.min(Math.max(at + step, 0), items.length - 1)].focus();
  };
  return around2;
}
function drawer() {
  const { around: around2, panel, ask } = opener("more", "More", "More buttons", "true");
  ask.removeAttribute("aria-haspopup");
  return { around: around2, panel };
}
function fitBar(bar, more, groups, leaving) {
  for (const group2 of groups) bar.insertBefore(group2, more.around);
  more.around.hidden = true;
  for (const group2 of leaving) {
    if (bar.scrollWidth <= bar.clientWidth) return;
    more.around.hidden = false;
    more.panel.prepend(group2);
  }
}

// render.js
var BLENDS = { "": 0, side: 0, add: 1, mean: 2 };
var LAYERS = { values: 0, known: 1, sd: 2 };
var DOUBTS = { off: 0, show: 1, hide: 2 };
function fieldUniforms(scene, pane) {
  const { view: { values, config }, packs, gpu } = scene, layer = layerOf(scene, pane);
  const { origin, step, dims } = packs.grid;
  const each = (f) => {
    const of = (c) => packs.genes[c] ? f(packs.genes[c], packs.channels[c], c) : 0;
    return [of(0), of(1), of(2)];
  };
  const texel = (pack, value) => (value - pack.low) / (pack.high - pack.low);
  const ranges = packs.channels.map((channel) => rangeOf(scene.view, channel)), { field } = gpu.layers;
  return {
    field,
    trust: gpu.layers.known ?? field,
    spread: gpu.layers.sd ?? field,
    palette: gpu.palettes[layer === "known" ? config.schema.known_map : values.colours],
    low: config.box[0],
    high: config.box[1],
    origin: add(origin, step, -0.5),
    inverse: step.map((length, d) => 1 / (length * dims[d])),
    background: shares(inksOf(scene.view).canvas),
    unknown: shares(config.schema.colours.unknown),
    tint0: tintOf(packs.channels[0]),
    tint1: tintOf(packs.channels[1]),
    tint2: tintOf(packs.channels[2]),
    level: each((pack, channel) => texel(pack, levelOf(scene, channel))),
    from: each((pack, _, c) => texel(pack, ranges[c][0])),
    over: each((pack, _, c) => (pack.high - pack.low) / Math.max(ranges[c][1] - ranges[c][0], 1e-9)),
    zero: each((pack) => texel(pack, 0)),
    used: each((_, __, c) => pane.alone && c !== pane.channel ? 0 : 1),
    channel: pane.channel,
    blend: BLENDS[togetherAs(scene, pane)],
    layer: LAYERS[layer],
    doubt: gpu.layers.known ? DOUBTS[values.uncertainty] : 0,
    least: values.least / 100
  };
}
var tintOf = (channel) => (channel?.colour || [0, 0, 0]).map((part2) => part2 / 255);
function drawSurfaces(scene, pane, target, w, h, { dots, strip, pick = false }) {
  const { view: { values, config }, gpu } = scene, { gl } = gpu;
  if (gpu.lost) return;
  const { normal } = planeAxes(values);
  const finest = Math.min(...scene.packs.grid.step), longest = Math.hypot(...sizeOf(config.box));
  const pace = Math.max(0.75 * finest, longest / (strip ? 280 : 180)) * (pick ? 0.6 : 1);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  if (strip) {
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(0, strip[0], w, strip[1] - strip[0]);
  }
  useProgram(gl, gpu.programs.surfaces, {
    ...fieldUniforms(scene, pane),
    ...lens(values, config.box, pane),
    pace,
    opacity: values.opacity,
    safe: config.safe_um,
    plane: +values.plane,
    outline: +values.outline,
    planePoint: focusOf(values),
    planeNormal: normal,
    pick: +pick,
    dots: +(dots !== null),
    dotColour: dots?.colour ?? gpu.blank,
    dotDepth: dots?.depth ?? gpu.blank
  });
  gl.bindVertexArray(gpu.screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  gl.disable(gl.SCISSOR_TEST);
}
function drawDots(scene, pane, target, w, h) {
  const { view: { values, config }, packs, gpu } = scene, { gl, cloud } = gpu;
  if (!cloud || gpu.lost) return;
  const flat = pane.kind === "cells", inks = inksOf(scene.view), pictured = flat && imagesUnder(scene).length > 0;
  const range = rangeOf(scene.view, packs.channels[pane.channel]), near = nearestSection(scene.view);
  const camera = flat ? flatCamera(scene, pane) : lens(values, config.box, pane);
  const spacing = config.spacing_um * w / camera.reach2[0] / 2, { measured } = packs.genes[pane.channel];
  const span = measured[1] - measured[0], [red, green, blue] = shares(inks.canvas);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  gl.clearColor(red, green, blue, 1);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  if (pictured) drawImages(scene, camera);
  gl.enable(gl.DEPTH_TEST);
  useProgram(gl, gpu.programs.dots, {
    ...camera,
    planePoint: focusOf(values),
    planeNormal: planeAxes(values).normal,
    size: clamp(spacing * (flat && !pictured ? 0.95 : 0.5), 1.5, 16),
    slab: flat ? near.slab : -1,
    only: flat ? near.only : -1,
    palette: gpu.palettes[values.colours],
    grey: shares(inks.cells),
    coloured: +(flat || values.cells === "gene"),
    from: (range[0] - measured[0]) / span,
    over: span / Math.max(range[1] - range[0], 1e-9)
  });
  gl.bindVertexArray(cloud.array);
  gl.bindBuffer(gl.ARRAY_BUFFER, cloud.amounts[pane.channel]);
  gl.vertexAttribPointer(cloud.at, 1, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.drawArrays(gl.POINTS, 0, cloud.n);
  gl.disable(gl.DEPTH_TEST);
}
function flatCamera({ view: { values, config } }, pane) {
  const s = sheet(values, config.box, pane), box = middleOf(config.box);
  return {
    right: s.u,
    up: s.v,
    eye: s.normal,
    middle: add(s.centre, box, -1),
    box,
    reach2: s.halves,
    stretch: 1,
    reach: 1e6
  };
}
function drawFlat(scene, pane, target, w, h) {
  if (pane.kind === "cells") return drawDots(scene, pane, target, w, h);
  const { view: { values, config }, gpu: { gl, programs, screen, lost } } = scene, s = sheet(values, config.box, pane);
  if (lost) return;
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  useProgram(gl, programs.slice, {
    ...fieldUniforms(scene, pane),
    centre: s.centre,
    u: scaled(s.u, s.halves[0]),
    v: scaled(s.v, s.halves[1])
  });
  gl.bindVertexArray(screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
}
function dotsBehind(scene, pane, w, h) {
  if (scene.view.values.cells === "off") return null;
  const dots = scene.gpu.exactTarget("dots", w, h);
  drawDots(scene, pane, dots, w, h);
  return dots;
}
function picked(scene, pane, x, y) {
  const { gpu, view } = scene, { gl } = gpu, bytes = new Uint8Array(4);
  const w = Math.min(240, Math.round(pane.w)), h = Math.round(w * pane.h / pane.w), target = gpu.target("quick", w, h);
  const row = clamp(Math.round((1 - y) * h - 0.5), 0, h - 1), column = clamp(Math.round(x * w - 0.5), 0, w - 1);
  drawSurfaces(scene, pane, target, w, h, { dots: dotsBehind(scene, pane, w, h), strip: [row, row + 1], pick: true });
  gl.readPixels(column, row, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  if (!bytes[3]) return null;
  const l = lens(view.values, view.config.box, pane);
  return unproject(l, x, y, (bytes[0] / 255 + bytes[1] / 65025 + bytes[2] / 16581375) * 2 * l.reach);
}

// upright.js
function upright(gl, w, h) {
  const bytes = new Uint8Array(4 * w * h), image = new ImageData(w, h);
  gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  for (let y = 0; y < h; y++) image.data.set(bytes.subarray(4 * w * (h - 1 - y), 4 * w * (h - y)), 4 * w * y);
  return image;
}

// film.js
var SECONDS = 8;
var FPS = 12;
var DRAWING_PERCENT = 80;
async function filmed(app, film, say) {
  await drawPictures(app, film, say);
  const blob = film.stopped ? null : await recorded(film, say);
  for (const picture of film.pictures) picture.close();
  return blob;
}
var words = (percent) => `Filming one turn: ${Math.round(percent)} % (Esc or a click on the picture cancels)`;
async function drawPictures(app, film, say) {
  const { gpu, gpu: { gl }, view, leaving: { signal } } = app, pane = gpu.stage.panes.find((p) => p.kind === "3d");
  if (!pane) throw new Error("The explorer has no 3D pane to film.");
  const w = 2 * Math.round(pane.w / 2), h = 2 * Math.round(pane.h / 2), frames = SECONDS * FPS;
  const made2 = new OffscreenCanvas(w, h), ctx = made2.getContext("2d"), target = makeTarget(gl, w, h);
  if (!ctx) throw new Error("This browser has no canvas to draw the film on.");
  const placed = { ...pane, x: 0, y: 0, w, h };
  const start = { ...view.values, ...view.fitted.has("3d") ? wholeTurn(app, pane) : {} };
  for (let i = 0; i < frames && !signal.aborted && !film.stopped && !gpu.lost; i++) {
    const shot = { ...app, view: { config: view.config, values: { ...start, turn: start.turn + 360 * i / frames } } };
    drawSurfaces(shot, placed, target, w, h, { dots: dotsBehind(shot, placed, w, h) });
    ctx.putImageData(upright(gl, w, h), 0, 0);
    decorate(shot, new CanvasPen(ctx, shot), placed, false);
    film.pictures.push(made2.transferToImageBitmap());
    say(words(DRAWING_PERCENT * (i + 1) / frames));
    await new Promise((go) => setTimeout(go));
  }
  film.stopped ||= signal.aborted || gpu.lost;
  freeTarget(gl, target);
}
var wholeTurn = ({ view, packs }, pane) => fittedSolid(view.values, packs.box, pane, view.schema.numbers.zoom, true);
async function recorded(film, say) {
  const { pictures: pictures2 } = film, made2 = document.createElement("canvas"), ctx = made2.getContext("2d");
  made2.width = pictures2[0].width;
  made2.height = pictures2[0].height;
  const stream = made2.captureStream(0);
  const [track] = (
    /** @type {CanvasCaptureMediaStreamTrack[]} */
    stream.getVideoTracks()
  );
  const recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 8e6 });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  const start = performance.now();
  for (let i = 0; i < pictures2.length && !film.stopped; i++) {
    ctx?.drawImage(pictures2[i], 0, 0);
    track.requestFrame();
    say(words(DRAWING_PERCENT + (100 - DRAWING_PERCENT) * (i + 1) / pictures2.length));
    await new Promise((go) => setTimeout(go, start + 1e3 * (i + 1) / FPS - performance.now()));
  }
  await new Promise((go) => {
    recorder.onstop = go;
    recorder.stop();
  });
  return film.stopped ? null : new Blob(parts, { type: "video/webm" });
}

// frames.js
var MOVING_MS = 34;
var OPENING_MS = 160;
var STRIP_MS = 40;
var REST_MS = 140;
var LEAST_SHARE = 0.35;
var MIDDLE_SHARE = 0.6;
function toScreen({ page, gpu: { gl, stage: { ratio } } }, target, pane, w, h) {
  const x = Math.round(pane.x * ratio), wide = Math.round(pane.w * ratio), high = Math.round(pane.h * ratio);
  const y = page.canvas.height - Math.round(pane.y * ratio) - high;
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, target.frame);
  gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
  const filter = w === wide ? gl.NEAREST : gl.LINEAR;
  gl.blitFramebuffer(0, 0, w, h, x, y, x + wide, y + high, gl.COLOR_BUFFER_BIT, filter);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
}
var sizeAt = (pane, ratio, share) => [
  Math.max(2, Math.round(pane.w * ratio * share)),
  Math.max(2, Math.round(pane.h * ratio * share))
];
function shareOf({ gpu: { work, stage: { ratio } } }, pane) {
  const kind = pane.kind === "3d" ? "3d" : "flat", [w, h] = sizeAt(pane, ratio, 1);
  const share = Math.sqrt((work.stands ? MOVING_MS : OPENING_MS) / (work.cost[kind] * w * h));
  return clamp(Math.floor(20 * share) / 20, LEAST_SHARE, 1);
}
function drawQuick(app, pane) {
  const { gpu, gpu: { work, stage } } = app, kind = pane.kind === "3d" ? "3d" : "flat", share = shareOf(app, pane);
  const [w, h] = sizeAt(pane, stage.ratio, share), start = performance.now();
  const target = gpu.exactTarget(`quick ${kind}`, w, h);
  if (kind === "3d") drawSurfaces(app, pane, target, w, h, { dots: dotsBehind(app, pane, w, h) });
  else drawFlat(app, pane, target, w, h);
  toScreen(app, target, pane, w, h);
  finish(gpu.gl);
  const ms = performance.now() - start;
  if (work.timed.has(kind)) work.cost[kind] = 0.6 * work.cost[kind] + 0.4 * ms / (w * h);
  work.timed.add(kind);
  if (kind === "3d") return false;
  work.flatMs = ms;
  app.page.root.dataset.share = (share * share).toFixed(2);
  return share === 1;
}
async function drawFully(app, pane, task, share = 1) {
  const { gpu, gpu: { work, stage: { ratio } } } = app, [w, h] = sizeAt(pane, ratio, share);
  const target = share === 1 ? gpu.target("full", w, h) : gpu.exactTarget("middle", w, h);
  if (pane.kind !== "3d") {
    drawFlat(app, pane, target, w, h);
  } else {
    const dots = dotsBehind(app, pane, w, h);
    let rows = 16;
    for (let y = 0; y < h; ) {
      const start = performance.now();
      drawSurfaces(app, pane, target, w, h, { dots, strip: [y, Math.min(y + rows, h)] });
      finish(gpu.gl);
      y += rows;
      rows = clamp(Math.round(rows * STRIP_MS / Math.max(performance.now() - start, 1)), 4, 256);
      await new Promise((go) => setTimeout(go));
      if (task !== work.task) return false;
    }
  }
  toScreen(app, target, pane, w, h);
  return true;
}
function redraw(app, kinds = null) {
  const { work, stage } = app.gpu;
  work.task = null;
  for (const pane of stage.panes) if (!kinds || kinds.includes(pane.kind)) work.stale.add(pane);
  work.asked ??= requestAnimationFrame(() => {
    work.asked = null;
    drawStale(app);
  });
}
function drawStale(app) {
  const { gpu: { work, stage, lost }, page: { root }, packs, pointer } = app;
  if (app.leaving.signal.aborted || !packs.loaded || lost) return;
  const coarse = new Set(work.coarse);
  for (const pane of flatFirst(work.stale)) {
    if (stage.panes.includes(pane) && !drawQuick(app, pane)) coarse.add(pane);
  }
  work.stands = true;
  work.stale.clear();
  work.coarse = [...coarse].filter((pane) => stage.panes.includes(pane));
  drawOverlay(app);
  if (pointer.at && !pointer.held) readout(app, ...pointer.at);
  root.dataset.slice = work.flatMs?.toFixed(1) ?? "";
  root.dataset.frames = String(+(root.dataset.frames || 0) + 1);
  clearTimeout(work.rest);
  work.rest = setTimeout(() => refine(app), REST_MS);
}
var flatFirst = (panes) => [...panes].sort((a, b) => Number(a.kind === "3d") - Number(b.kind === "3d"));
async function refine(app) {
  const { gpu, gpu: { work } } = app, task = work.task = {};
  app.page.root.dataset.refined = "";
  for (const pane of flatFirst(work.coarse)) {
    const shares2 = pane.kind === "3d" && shareOf(app, pane) < MIDDLE_SHARE ? [MIDDLE_SHARE, 1] : [1];
    for (const share of shares2) {
      if (app.leaving.signal.aborted || gpu.lost || !await drawFully(app, pane, task, share)) return;
    }
  }
  work.coarse = [];
  app.page.root.dataset.refined = "yes";
}
function pause({ gpu: { work } }, busy2) {
  clearTimeout(work.rest);
  work.task = null;
  work.busy = busy2;
}

// shaders.js
var SCREEN = `#version 300 es
in vec2 corner; out vec2 place;
void main() { place = corner; gl_Position = vec4(corner, 0., 1.); }`;
var FIELD = `#version 300 es
precision highp float; precision highp int; precision highp sampler3D;
in vec2 place; out vec4 colour;
uniform sampler3D field, trust, spread;  // three channels and the tissue; their known shares; their sd
uniform sampler2D palette;
uniform vec3 low, high, origin, inverse, background, unknown;
uniform vec3 tint0, tint1, tint2;
uniform vec3 level, from, over, zero, used;  // of each channel, in texels
uniform int channel, blend, layer, doubt;
uniform float least;

vec4 at(vec3 p) { return texture(field, (p - origin) * inverse); }
vec3 knownAt(vec3 p) { return texture(trust, (p - origin) * inverse).rgb; }
vec3 tintOf(int c) { return c == 0 ? tint0 : c == 1 ? tint1 : tint2; }
vec3 mapped(float share) { return texture(palette, vec2((clamp(share, 0., 1.) * 255. + .5) / 256., .5)).rgb; }
bool outside(vec3 p) { return any(lessThan(p, low - .001)) || any(greaterThan(p, high + .001)); }

// Colour of a place on a plane, and how much of it is tissue.
vec4 painted(vec3 p, float soft, float stripe) {
  vec4 f = at(p);
  if (outside(p)) return vec4(background, 0.);
  float tissue = smoothstep(.5 - soft, .5 + soft, f.a);
  vec3 share = clamp((max(f.rgb, zero) - from) * over, 0., 1.) * used;
  vec3 known = doubt > 0 || layer == 1 ? knownAt(p) : vec3(1.);
  vec3 shown = doubt == 2 ? step(least, known) : vec3(1.);
  vec3 made;
  float weak;
  if (blend == 1) {
    share *= shown;
    made = share.r * tint0 + share.g * tint1 + share.b * tint2;
    weak = dot(known * used, vec3(1.)) / max(dot(used, vec3(1.)), 1.);
  } else {
    float s = blend == 2 ? dot(share, vec3(1.)) / max(dot(used, vec3(1.)), 1.) : share[channel];
    weak = blend == 2 ? dot(known * used, vec3(1.)) / max(dot(used, vec3(1.)), 1.) : known[channel];
    if (layer == 1) s = weak;
    if (layer == 2) s = texture(spread, (p - origin) * inverse)[channel];
    made = mapped(s);
    if (doubt == 2 && weak < least) tissue = 0.;
  }
  if (doubt == 1 && layer == 0 && weak < least) made = mix(made, unknown, stripe);
  return vec4(mix(background, made, tissue), tissue);
}`;
var SLICE = FIELD + `
uniform vec3 centre, u, v;  // u and v reach from the centre to the border of the pane
void main() {
  vec3 p = centre + u * place.x + v * place.y;
  float soft = clamp(fwidth(at(p).a), .004, .2);
  float stripe = step(.5, fract((gl_FragCoord.x + gl_FragCoord.y) / 9.)) * .75;
  colour = vec4(painted(p, soft, stripe).rgb, 1.);
}`;
var SURFACES = FIELD + `
uniform vec3 right, up, eye, middle, planePoint, planeNormal;
uniform vec2 reach2;
uniform float stretch, reach, pace, opacity, safe;
uniform int plane, outline, dots, pick;
uniform sampler2D dotColour, dotDepth;

vec3 slope(vec3 p, int c) {
  vec3 g, e = .75 / (inverse * vec3(textureSize(field, 0)));
  for (int d = 0; d < 3; d++) {
    vec3 q = vec3(0.); q[d] = e[d];
    g[d] = (at(p + q)[c] - at(p - q)[c]) / e[d];
  }
  g.z /= stretch;
  return normalize(g + 1e-9);
}
vec3 lit(vec3 paint, vec3 n) {
  n = dot(n, eye) < 0. ? -n : n;
  vec3 light = normalize(eye + .55 * up - .45 * right);
  float d = max(dot(n, light), 0.), s = pow(max(dot(n, normalize(light + eye)), 0.), 28.);
  return paint * (.3 + .74 * d) + .2 * s;
}
void main() {
  vec3 squash = vec3(1., 1., 1. / stretch), box = (low + high) * .5;
  vec3 from3 = box + (middle + right * place.x * reach2.x + up * place.y * reach2.y + eye * reach) * squash;
  vec3 along = -eye * squash, safeAlong = along + vec3(1e-7) * step(abs(along), vec3(1e-7));
  vec3 a = (low - from3) / safeAlong, b = (high - from3) / safeAlong, near3 = min(a, b), far3 = max(a, b);
  float near = max(max(near3.x, near3.y), near3.z), far = min(min(far3.x, far3.y), far3.z);
  vec3 face = vec3(equal(near3, vec3(near)));
  vec4 seen = vec4(0.);  // colour so far, and how much of the ray is used up
  float behind = 2. * reach;
  vec3 back = background;
  if (dots == 1) {
    vec2 here = place * .5 + .5;
    float d = texture(dotDepth, here).r;
    if (d < 1.) { behind = d * 2. * reach; back = texture(dotColour, here).rgb; }
  }
  float hit = -1.;
  float slant = dot(along, planeNormal);
  float cut = plane == 1 && abs(slant) > 1e-6 ? dot(planePoint - from3, planeNormal) / slant : -1.;
  if (near < far) {
    far = min(far, behind);
    float jitter = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
    float t = near + 1e-3, last = t;
    vec4 s0 = vec4(-1.);
    for (int i = 0; i < 700; i++) {
      if (t >= far || seen.a > .985) break;
      vec3 p = from3 + along * t;
      vec4 f = at(p);
      vec3 value = f.rgb - level;
      if (doubt == 2) value = min(value, knownAt(p) - least);
      vec4 s = vec4(min(value, vec3(f.a - .5)), f.a - .5);
      s.rgb = mix(vec3(-1.), s.rgb, used);
      if (cut > last && cut <= t) {
        vec3 q = from3 + along * cut;
        vec4 made = painted(q, .02, .75 * step(.5, fract(dot(q, vec3(1., 1., 1.)) / (safe * 1.5))));
        float strength = made.a * .96 * (1. - seen.a);
        seen += vec4(made.rgb * strength, strength);
        if (made.a > .5 && hit < 0.) hit = cut;
      }
      for (int c = 0; c < 4; c++) {
        if ((s0[c] > 0.) == (s[c] > 0.)) continue;
        if (c == 3 && outline == 0 || c < 3 && used[c] < .5) continue;
        float th = t, lower = last, upper = t;
        vec3 q = p;
        bool edge = c == 3;
        for (int k = 0; k < 4 && i > 0; k++) {
          th = .5 * (lower + upper); q = from3 + along * th;
          vec4 g = at(q);
          float v = c == 3 ? 1. : g[c] - level[c];
          if (c < 3 && doubt == 2) v = min(v, knownAt(q)[c] - least);
          edge = c == 3 || g.a - .5 < v;
          if ((min(v, g.a - .5) > 0.) == (s0[c] > 0.)) lower = th; else upper = th;
        }
        vec3 n = i == 0 ? face : slope(q, edge ? 3 : c);
        float strength;
        vec3 made;
        if (c == 3) {
          float grazing = 1. - abs(dot(n, eye));
          made = unknown * 2.2; strength = .05 + .3 * grazing * grazing * grazing;
        } else {
          vec3 paint = tintOf(c);
          if (doubt == 1) paint = mix(unknown, paint, knownAt(q)[c]);
          made = lit(paint, n); strength = opacity;
          if (hit < 0.) hit = th;
        }
        strength *= 1. - seen.a;
        seen += vec4(made * strength, strength);
      }
      s0 = s; last = t;
      float stride = f.a < .01 ? max(pace, safe) : pace;
      t += i == 0 ? stride * (.35 + .65 * jitter) : stride;
    }
  }
  if (pick == 1) {
    float d = hit < 0. ? (behind < 2. * reach ? behind : -1.) : hit;
    float share = d / (2. * reach);
    vec3 digits = fract(share * vec3(1., 255., 65025.));  // three bytes, the coarsest first
    colour = d < 0. ? vec4(0.) : vec4(digits - vec3(digits.yz, 0.) / 255., 1.);
    return;
  }
  colour = vec4(seen.rgb + (1. - seen.a) * back, 1.);
}`;
var DOTS = `#version 300 es
in vec3 spot; in float amount, section;
out float share;
uniform vec3 right, up, eye, middle, box, planePoint, planeNormal;
uniform vec2 reach2;
uniform float stretch, reach, size, slab, only;
void main() {
  vec3 q = (spot - box) * vec3(1., 1., stretch);
  vec3 seen = vec3(dot(q - middle, right) / reach2.x, dot(q - middle, up) / reach2.y, -dot(q, eye) / reach);
  bool left = slab >= 0. && (only >= 0. ? abs(section - only) > .5 : abs(dot(spot - planePoint, planeNormal)) > slab);
  gl_Position = left ? vec4(2., 2., 2., 1.) : vec4(seen, 1.);
  gl_PointSize = size; share = amount;
}`;
var PICTURES = `#version 300 es
out vec2 where; out vec3 spot;
uniform vec3 right, up, eye, middle, box, corner;
uniform vec2 reach2, across, along;
uniform float stretch;
void main() {
  where = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  spot = corner + vec3(across * where.x + along * where.y, 0.);
  vec3 q = (spot - box) * vec3(1., 1., stretch);
  gl_Position = vec4(dot(q - middle, right) / reach2.x, dot(q - middle, up) / reach2.y, 0., 1.);
}`;
var PICTURE = `#version 300 es
precision highp float;
in vec2 where; in vec3 spot; out vec4 colour;
uniform sampler2D picture; uniform vec3 planePoint, planeNormal, background; uniform float slab, strength;
void main() {
  if (slab >= 0. && abs(dot(spot - planePoint, planeNormal)) > slab) discard;
  colour = vec4(mix(background, texture(picture, where).rgb, strength), 1.);
}`;
var DOT = `#version 300 es
precision highp float;
in float share; out vec4 colour;
uniform sampler2D palette; uniform vec3 grey; uniform float from, over; uniform int coloured;
void main() {
  if (length(gl_PointCoord - .5) > .5) discard;
  float s = clamp((share - from) * over, 0., 1.);
  colour = vec4(coloured == 1 ? texture(palette, vec2((s * 255. + .5) / 256., .5)).rgb : grey, 1.);
}`;

// gpu.js
var LOST_WORDS = "This page lost the graphics processor. The picture comes back by itself when it is free.";
var Work = class {
  constructor() {
    this.stale = /* @__PURE__ */ new Set();
    this.coarse = [];
    this.task = null;
    this.asked = null;
    this.rest = void 0;
    this.busy = false;
    this.stands = false;
    this.cost = { "3d": 4e-3, flat: 3e-4 };
    this.timed = /* @__PURE__ */ new Set();
    this.flatMs = null;
  }
};
var Gpu = class _Gpu {
  /** @param {GL} gl */
  constructor(gl) {
    this.gl = gl;
    this.lost = false;
    this.work = new Work();
    this.stage = { panes: [], width: 0, height: 0, ratio: 1, shape: "" };
    this.targets = {};
    this.palettes = {};
    this.layers = {};
    this.images = {};
    this.cloud = null;
    this.programs = this.makePrograms();
    this.screen = this.makeScreen();
    this.blank = texture2d(gl, 1, 1, new Uint8Array([0, 0, 0, 255]));
  }
  /** @param {HTMLCanvasElement} canvas  null where the browser has no WebGL2 */
  static open(canvas) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      preserveDrawingBuffer: true,
      powerPreference: "high-performance"
    });
    return gl && new _Gpu(gl);
  }
  makePrograms() {
    return {
      slice: makeProgram(this.gl, SCREEN, SLICE),
      surfaces: makeProgram(this.gl, SCREEN, SURFACES),
      dots: makeProgram(this.gl, DOTS, DOT),
      image: makeProgram(this.gl, PICTURES, PICTURE)
    };
  }
  /** A triangle that covers every pane. */
  makeScreen() {
    const { gl, programs } = this, made2 = gl.createVertexArray();
    gl.bindVertexArray(made2);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    for (const { program } of [programs.slice, programs.surfaces]) {
      const at = gl.getAttribLocation(program, "corner");
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
    }
    return made2;
  }
  /** The browser has taken the processor away, and all that it held. */
  lose() {
    this.lost = true;
    this.forget();
  }
  forget() {
    Object.assign(this, { targets: {}, palettes: {}, layers: {}, images: {}, cloud: null });
  }
  /**
   * The processor is back, and empty.
   * @param {Packs} packs @param {Record<string, string>} maps
   */
  restore(packs, maps) {
    this.lost = false;
    this.forget();
    this.setStage({ ...this.stage, shape: "" });
    this.programs = this.makePrograms();
    this.screen = this.makeScreen();
    this.blank = texture2d(this.gl, 1, 1, new Uint8Array([0, 0, 0, 255]));
    this.loadPalettes(maps);
    if (packs.loaded) this.load(packs);
  }
  /** @param {Stage} stage */
  setStage(stage) {
    this.stage = stage;
    this.work.coarse = [];
  }
  /** @param {Record<string, string>} maps */
  loadPalettes(maps) {
    for (const [name, text] of Object.entries(maps)) {
      if (this.palettes[name]) continue;
      const rgb = decoded(text), rgba = new Uint8Array(1024).fill(255);
      for (let i = 0; i < 256; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
      this.palettes[name] = texture2d(this.gl, 256, 1, rgba);
    }
  }
  /** @param {Packs} packs */
  load(packs) {
    for (const texture of Object.values(this.layers)) this.gl.deleteTexture(texture);
    this.layers = { field: this.interleaved(packs, "values", packs.tissue?.parts.tissue) };
    this.loadCells(packs);
  }
  /**
   * Known shares and sd, where the view asks for them.
   * @param {Packs} packs @param {Readonly<View>} view
   */
  loadLayers(packs, view) {
    const wanted = { known: view.uncertainty !== "off" || view.layer === "known", sd: view.layer === "sd" };
    for (
      const name of
      /** @type {("known" | "sd")[]} */
      ["known", "sd"]
    ) {
      if (!wanted[name] || this.layers[name] || !packs.genes.some((pack) => pack.parts[name])) continue;
      this.layers[name] = this.interleaved(packs, name);
    }
  }
  /**
   * Three channels and the tissue side by side in one texture: one look-up finds all.
   * @param {Packs} packs @param {keyof GenePack["parts"]} name @param {Uint8Array} [fourth]
   */
  interleaved({ genes, grid: { dims } }, name, fourth) {
    const n = dims[0] * dims[1] * dims[2], bytes = new Uint8Array(4 * n);
    [...[0, 1, 2].map((c) => genes[c]?.parts[name]), fourth].forEach((part2, c) => {
      if (part2) for (let i = 0; i < n; i++) bytes[4 * i + c] = part2[i];
    });
    return texture3d(this.gl, dims, bytes);
  }
  /** @param {Packs} packs  measured cells, as points */
  loadCells({ tissue, genes }) {
    if (!tissue) return;
    const { gl, programs } = this, array = gl.createVertexArray();
    if (this.cloud) {
      gl.deleteVertexArray(this.cloud.array);
      this.cloud.buffers.forEach((b) => gl.deleteBuffer(b));
    }
    gl.bindVertexArray(array);
    const enabled = (name) => {
      const at2 = gl.getAttribLocation(programs.dots.program, name);
      gl.enableVertexAttribArray(at2);
      return at2;
    };
    const buffer = (values) => {
      const made2 = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, made2);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
      return made2;
    };
    const spots = buffer(tissue.parts.xyz);
    gl.vertexAttribPointer(enabled("spot"), 3, gl.FLOAT, false, 0, 0);
    const section2 = buffer(tissue.parts.section);
    gl.vertexAttribPointer(enabled("section"), 1, gl.UNSIGNED_BYTE, false, 0, 0);
    const amounts = genes.map((pack) => buffer(pack.parts.measured)), at = enabled("amount");
    this.cloud = { array, amounts, at, n: tissue.parts.section.length, buffers: [spots, section2, ...amounts] };
    gl.bindVertexArray(null);
  }
  /**
   * A picture to draw into, at least this large.
   * @param {string} name @param {number} w @param {number} h
   */
  target(name, w, h) {
    const held = this.targets[name];
    if (held && held.width >= w && held.height >= h) return held;
    return this.exactTarget(name, Math.max(w, held?.width || 0), Math.max(h, held?.height || 0));
  }
  /** @param {string} name @param {number} w @param {number} h  its very size */
  exactTarget(name, w, h) {
    const held = this.targets[name];
    if (held?.width === w && held.height === h) return held;
    freeTarget(this.gl, held);
    return this.targets[name] = makeTarget(this.gl, w, h);
  }
};

// save.js
var PRINT_INCHES = 7;
var STRIP_ROWS = 24;
var SCREEN_RATIO = 2;
var WAYS = {
  "All panes as PNG, 300 dpi": (app) => savePng(app, 300),
  "All panes as PNG, 600 dpi": (app) => savePng(app, 600),
  "All panes as SVG, its words as text": saveSvg,
  "3D turning once, as film (.webm)": saveFilm
};
var pictures = (app) => Object.fromEntries(Object.entries(WAYS).map(([name, way]) => [name, () => way(app)]));
function hand(blob, name) {
  const url = URL.createObjectURL(blob), link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1e4);
}
var fileName = ({ view: { config } }, ending) => `${config.file}_${config.channels.map((c) => c.name).join("_")}.${ending}`;
async function rendered(app, wanted) {
  const { gpu: { gl, stage } } = app, made2 = document.createElement("canvas"), ctx = made2.getContext("2d");
  if (!ctx) throw new Error("This browser has no canvas to draw the picture on.");
  const ratio = Math.min(wanted, gl.getParameter(gl.MAX_TEXTURE_SIZE) / Math.max(stage.width, stage.height));
  made2.width = Math.round(stage.width * ratio);
  made2.height = Math.round(stage.height * ratio);
  ctx.fillStyle = inksOf(app.view).canvas;
  ctx.fillRect(0, 0, made2.width, made2.height);
  for (const pane of stage.panes) {
    ctx.putImageData(await drawn(app, pane, ratio), Math.round(pane.x * ratio), Math.round(pane.y * ratio));
  }
  return { made: made2, ctx, ratio };
}
async function drawn(app, pane, ratio) {
  const { gl } = app.gpu, w = Math.round(pane.w * ratio), h = Math.round(pane.h * ratio), target = makeTarget(gl, w, h);
  if (pane.kind === "3d") {
    const dots = dotsBehind(app, pane, w, h);
    for (let y = 0; y < h; y += STRIP_ROWS) {
      drawSurfaces(app, pane, target, w, h, { dots, strip: [y, Math.min(y + STRIP_ROWS, h)] });
      finish(gl);
      await new Promise((go) => setTimeout(go));
    }
  } else drawFlat(app, pane, target, w, h);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  const image = upright(gl, w, h);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  freeTarget(gl, target);
  return image;
}
async function savePng(app, dpi) {
  await busy(app, `Drawing at ${dpi} dpi`, async () => {
    const { panes, width } = app.gpu.stage, { made: made2, ctx, ratio } = await rendered(app, PRINT_INCHES * dpi / width);
    ctx.scale(ratio, ratio);
    const pen = new CanvasPen(ctx, app);
    for (const pane of panes) drawWords(app, pen, pane, false);
    const blob = await new Promise((go) => made2.toBlob(go));
    if (!blob || app.gpu.lost) return;
    const png = withDpi(new Uint8Array(await blob.arrayBuffer()), made2.width / PRINT_INCHES);
    hand(new Blob([png], { type: "image/png" }), fileName(app, `${dpi}dpi.png`));
  });
}
async function saveSvg(app) {
  await busy(app, "Drawing the picture", async () => {
    const { panes, width, height, ratio } = app.gpu.stage;
    const { made: made2 } = await rendered(app, Math.max(ratio, SCREEN_RATIO)), pen = new SvgPen(app);
    pen.image(0, 0, width, height, made2.toDataURL());
    for (const pane of panes) drawWords(app, pen, pane, false);
    if (app.gpu.lost) return;
    const text = pen.done(width, height, inksOf(app.view).canvas);
    hand(new Blob([text], { type: "image/svg+xml" }), fileName(app, "svg"));
  });
}
async function saveFilm(app) {
  if (app.pointer.film) return;
  const film = app.pointer.startFilm();
  await busy(app, "Filming one turn", async (say) => {
    const blob = await filmed(app, film, say);
    if (blob) hand(blob, fileName(app, "webm"));
  }).finally(() => app.pointer.endFilm());
}
function withDpi(png, dpi) {
  const perMetre = Math.round(dpi / 0.0254), chunk = new Uint8Array(21), view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([112, 72, 89, 115], 4);
  view.setUint32(8, perMetre);
  view.setUint32(12, perMetre);
  chunk[16] = 1;
  let crc = -1;
  for (let i = 4; i < 17; i++) {
    crc ^= chunk[i];
    for (let k = 0; k < 8; k++) crc = crc & 1 ? crc >>> 1 ^ 3988292384 : crc >>> 1;
  }
  view.setUint32(17, ~crc >>> 0);
  const out = new Uint8Array(png.length + 21);
  out.set(png.subarray(0, 33));
  out.set(chunk, 33);
  out.set(png.subarray(33), 54);
  return out;
}
async function busy(app, words2, work) {
  const { note } = app.page;
  if (app.gpu.lost) return;
  note.textContent = `${words2} …`;
  pause(app, true);
  try {
    await work((text) => {
      note.textContent = text;
    });
  } finally {
    pause(app, false);
    note.textContent = app.gpu.lost ? LOST_WORDS : "";
    redraw(app);
  }
}

// turntable.js
var STEP_DEGREES = 1.2;
var STEP_MS = 50;
function turntable(app) {
  const { view, pointer, gpu, leaving } = app;
  view.rotate(!view.turning);
  tie(app);
  if (!view.turning) return view.settle(["3d"]);
  if (view.fitted.has("3d")) view.fit(["3d"]);
  const step = () => {
    if (!view.turning || leaving.signal.aborted) return;
    if (!pointer.held && !gpu.work.busy) {
      view.put({ turn: (view.values.turn + STEP_DEGREES) % 360 });
      redraw(app, ["3d"]);
    }
    setTimeout(step, STEP_MS);
  };
  step();
}

// toolbar.js
var CAMERA_NAMES = (
  /** @type {Record<string, string>} */
  { oblique: "Oblique", face: "Face", front: "Front", side: "Side" }
);
function groupsOf(app) {
  const { page, view } = app;
  return {
    cameras: group("Look from", ...Object.keys(view.schema.cameras).map((name) => {
      const label = CAMERA_NAMES[name] ?? name;
      return button(`camera.${name}`, label, () => view.setCamera(name), `See the tissue from: ${label.toLowerCase()}`);
    })),
    turn: group("Turn", toggleButton("turntable", "Turntable", () => turntable(app), "Let the tissue turn by itself")),
    panes: group(
      "Panes",
      toggleButton(
        "panes",
        "3 planes",
        () => view.flip("panes"),
        "Three planes at right angles below the picture, through the crosshair"
      ),
      toggleButton(
        "cells_pane",
        `Measured ${view.config.noun}s`,
        () => view.flip("cells_pane"),
        "The nearest measured section, next to the slice"
      )
    ),
    slice: group(
      "Slice",
      button("fit", "Fit", () => view.fit(), "Zoom so that 3D and the slice fill their panes (key 0)"),
      toggleButton(
        "lasso",
        "Region",
        () => lasso(app),
        "Draw a region on the slice. Its statistics appear in the inspector."
      )
    ),
    back: group(
      "Back",
      button("undo", "Undo", () => view.undo(), "Undo the last change of the view"),
      button("reset", "Reset", () => reset(app), "Back to the view that the run opens with")
    ),
    help: group("Help", button("help", "?", () => toggleHelp(page), "Mouse and keys"))
  };
}
function toggleButton(name, label, act, title) {
  const made2 = button(name, label, act, title);
  made2.setAttribute("aria-pressed", "false");
  return made2;
}
function makeToolbar(app) {
  const { page, leaving: { signal } } = app, { help, ...groups } = groupsOf(app), more = drawer();
  const save = menu("save", "Save", "Save the picture as you see it, or a film", pictures(app));
  const { cameras, turn, panes, slice, back } = groups;
  page.bar.replaceChildren(
    ...Object.values(groups),
    more.around,
    save,
    help,
    element("i", { class: "space" }),
    foldButton(app)
  );
  const fit2 = () => fitBar(page.bar, more, Object.values(groups), [turn, back, cameras, slice, panes]);
  page.fitBar?.disconnect();
  page.fitBar = new ResizeObserver(fit2);
  page.fitBar.observe(page.root);
  signal.addEventListener("abort", () => page.fitBar?.disconnect());
  fit2();
}

// controls.js
var ANGLE = "The plane turns about the crosshair, so its offset changes too.";
var FOCUS_KEYS = ["cx", "cy", "cdepth"];
var BLENDS2 = { add: "colours added", side: "side by side", mean: "mean score" };
function viewNumber(app, name, label, unit, { times = 1, digits = 1, title } = {}) {
  const { view } = app, { least, most, step } = view.schema.numbers[name];
  const seen = (x) => x === null ? null : x * times;
  return numberRow(app, {
    name,
    label,
    unit,
    digits,
    title,
    bounds: () => ({ least: seen(least), most: seen(most), step: seen(step) }),
    get: () => view.values[name] * times,
    set: (x) => view.set({ [name]: x / times })
  });
}
function choice({ page, view }, name, label, words2, title = "") {
  const select = element("select", { name, "aria-label": label, title });
  for (const [value, shown] of Object.entries(words2)) select.append(element("option", { value }, shown));
  select.onchange = () => view.set({ [name]: select.value }, { atOnce: true });
  page.ties.push(() => {
    select.value = view.values[name];
  });
  return element("label", { class: "pick", title }, element("span", {}, label), select);
}
function toggle({ page, view }, name, label, title = "") {
  const input = element("input", { type: "checkbox", name, "aria-label": label });
  input.onchange = () => view.set({ [name]: input.checked }, { atOnce: true });
  page.ties.push(() => {
    input.checked = view.values[name];
  });
  return element("label", { class: "check", title }, input, element("span", {}, label));
}
function rangeBounds({ packs }, channel) {
  const pack = packs.of(channel), low = Math.min(0, pack.low), high = Math.max(pack.high, channel.range[1]);
  return { low, high, least: (high - low) / 200 };
}
function setEnd({ view }, channel, end, x) {
  const range = rangeOf(view, channel);
  view.setRange(channel.name, end ? [range[0], x] : [x, range[1]]);
}
function rangeRow(app, channel) {
  const { page, view } = app, strip = element("div", { class: "strip" });
  const { low, high, least } = rangeBounds(app, channel);
  const ends = (
    /** @type {const} */
    [0, 1]
  ), named = (end) => `${end ? "Highest" : "Lowest"} colour of ${channel.name}`;
  const sliders = ends.map((end) => {
    const input = element("input", {
      type: "range",
      min: low,
      max: high,
      step: least,
      class: `end${end}`,
      "aria-label": named(end),
      name: `range${end}.${channel.name}`
    });
    input.oninput = () => {
      const [from, to] = rangeOf(view, channel);
      setEnd(app, channel, end, end ? Math.max(+input.value, from + least) : Math.min(+input.value, to - least));
    };
    return input;
  });
  const boxes = ends.map((end) => numberBox(app, {
    name: `range${end}.${channel.name}`,
    label: named(end),
    unit: "",
    digits: 2,
    bounds: () => {
      const [from, to] = rangeOf(view, channel);
      return { least: end ? from + least : null, most: end ? null : to - least, step: null };
    },
    get: () => rangeOf(view, channel)[end],
    set: (x) => setEnd(app, channel, end, x)
  }));
  page.ties.push(() => {
    const range = rangeOf(view, channel);
    sliders.forEach((input, i) => {
      input.value = String(range[i]);
    });
    strip.style.background = stripOf(app, channel, range.map((x) => 100 * (x - low) / (high - low)));
  });
  const reset2 = button(
    `reset.${channel.name}`,
    "↺",
    () => view.resetRange(channel.name),
    "Back to the suggested range: 1 to 99 % of the values above 0"
  );
  return element(
    "div",
    { class: "range" },
    element("span", {}, "Colours from"),
    boxes[0].box,
    element("span", {}, "to"),
    boxes[1].box,
    reset2,
    element("div", { class: "two" }, strip, ...sliders),
    ...boxes.map(({ wrong }) => wrong)
  );
}
function stripOf({ view: { values, config }, packs }, channel, [from, to]) {
  const added = values.blend === "add" && packs.genes.length > 1;
  const colours = added ? ["rgb(0, 0, 0)", css(channel.colour)] : gradient(config.maps[values.colours]);
  const stops = colours.map((one, i) => `${one} ${from + (to - from) * i / (colours.length - 1)}%`);
  return `linear-gradient(90deg, ${colours[0]} 0%, ${stops.join(", ")}, ${colours[colours.length - 1]} 100%)`;
}
function channelControls(app, channel) {
  const { view } = app, note = channel.note ? ` · ${channel.note}` : "";
  const level = numberRow(app, {
    name: `level.${channel.name}`,
    label: "Level",
    unit: "%",
    bounds: () => view.schema.level,
    get: () => view.values.levels[channel.name] ?? channel.level,
    set: (p) => view.setLevel(channel.name, p),
    beside: () => `${number(levelOf(app, channel))} ${channel.unit}`,
    title: "Expression at the surface, as the share of the tissue below this value."
  });
  return element(
    "div",
    { class: "gene" },
    element(
      "div",
      { class: "name" },
      element("i", { style: `background: ${css(channel.colour)}` }),
      element("b", { title: channel.name }, channel.name),
      element("small", {}, ...explained(`${channel.unit}, predicted${note}`))
    ),
    level,
    rangeRow(app, channel)
  );
}
var section = (title, ...children) => element("section", {}, element("h2", {}, title), ...children);
function planePanel(app) {
  const { view } = app, { box } = view.config, far = Math.hypot(...sizeOf(box)) / 2;
  return [
    section(
      "Plane",
      viewNumber(app, "azimuth", "Azimuth", "°", { title: ANGLE }),
      viewNumber(app, "tilt", "Tilt", "°", { title: ANGLE }),
      viewNumber(app, "spin", "In-plane turn", "°", { title: "The slice's picture, turned in its plane" }),
      numberRow(app, {
        name: "offset",
        label: "Offset",
        unit: "µm",
        bounds: () => ({ least: -far, most: far, step: far / 500 }),
        get: () => offsetOf(view.values, box),
        set: (x) => view.movePlane(x - offsetOf(view.values, box)),
        title: "How far the plane is from the middle of the tissue"
      })
    ),
    section("Go to", ...DEPTH_NAMES.map((name, d) => goTo(app, name, d))),
    element(
      "div",
      { class: "checks" },
      toggle(app, "flip", "View from behind"),
      toggle(
        app,
        "y_down",
        "y downwards",
        "As images and the instruments' viewers draw them. It holds on all pages."
      )
    )
  ];
}
function goTo(app, label, d) {
  const { view } = app, [low, high] = view.config.box;
  return numberRow(app, {
    name: FOCUS_KEYS[d],
    label,
    unit: "µm",
    bounds: () => ({ least: low[d], most: high[d], step: (high[d] - low[d]) / 500 }),
    get: () => focusOf(view.values)[d],
    set: (x) => {
      const focus = focusOf(view.values);
      focus[d] = x;
      view.setFocus(focus);
    },
    title: `${label} of the crosshair`
  });
}
function colourPanel(app) {
  const { channels } = app.packs, { schema } = app.view;
  return [
    ...channels.map((one) => channelControls(app, one)),
    ...channels.length > 1 ? [choice(app, "blend", "Together as", BLENDS2, "How the genes are shown together")] : [],
    choice(app, "colours", "Colour map", Object.fromEntries(schema.choices.colours.map((name) => [name, name]))),
    ...app.view.config.histology.length ? [histologyControls(app)] : []
  ];
}
function histologyControls(app) {
  const { page, view } = app, input = element("input", { type: "checkbox", name: "histology" });
  input.onchange = () => view.set(
    { histology: input.checked, cells_pane: input.checked || view.values.cells_pane },
    { atOnce: true }
  );
  page.ties.push(() => {
    input.checked = view.values.histology && view.values.cells_pane;
  });
  return section(
    "Measured",
    element(
      "label",
      {
        class: "check",
        title: `Under the measured ${view.config.noun}s beside the slice. It is a picture only: no value comes from it.`
      },
      input,
      element("span", {}, "Histology image")
    ),
    viewNumber(app, "histology_opacity", "Its opacity", "%", { times: 100, digits: 0 })
  );
}
function solidPanel(app) {
  const { schema, config: { noun } } = app.view;
  return [
    viewNumber(app, "opacity", "Opacity", "%", { times: 100 }),
    viewNumber(app, "stretch", "Stretch depth", "×", { title: "1× is true to scale" }),
    choice(app, "cells", `Measured ${noun}s`, { off: "none", grey: "grey", gene: "by gene" }),
    element(
      "div",
      { class: "checks" },
      toggle(app, "outline", "Outline"),
      toggle(app, "plane", "Plane in 3D"),
      toggle(app, "frame", "Show box and sections", "The box of the tissue and the measured sections"),
      toggle(app, "figure", "Figure mode", "White background and no crosshair, for publications")
    ),
    section("Directions", ...DEPTH_NAMES.map((name) => {
      const key = (
        /** @type {ChoiceName} */
        `ends_${name}`
      );
      const words2 = schema.choices[key].map((ends) => [ends, endWords2(app.view.config, ends)]);
      return choice(
        app,
        key,
        `Direction of ${name}`,
        Object.fromEntries(words2),
        "Anatomical direction of this axis. It puts letters at the edges of the slices."
      );
    }))
  ];
}
function endWords2({ schema: { end_names } }, ends) {
  return ends ? `${end_names[ends[0]]} to ${end_names[ends[1]]}` : "not set";
}
function doubtPanel(app) {
  const { known: known2, noun } = app.view.config;
  const made2 = known2 ? [
    choice(app, "uncertainty", "Show it", { off: "off", show: "mark", hide: "hide uncertain places" }),
    viewNumber(app, "least", "Least resolved", "%", {
      digits: 0,
      title: TERMS["resolved share"]
    })
  ] : [element("p", {}, "This run has no uncertainty by place.")];
  return [...made2, choice(
    app,
    "layer",
    "Slice of",
    { values: "expression", ...known2 ? { known: "resolved share" } : {}, sd: `sd of a ${noun}` },
    `What colours the slice. ${TERMS["resolved share"]}`
  )];
}
function makeControls(app) {
  app.page.ties.length = 0;
  makeToolbar(app);
  const panels = {
    Plane: planePanel(app),
    Colours: colourPanel(app),
    "3D": solidPanel(app),
    Uncertainty: doubtPanel(app),
    [REGION_TAB]: [regionPanel(app)]
  };
  makeInspector(app, panels);
}

// keys.js
var NEXT_UNCERTAINTY = { off: "show", show: "hide", hide: "off" };
var ACTS = {
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
  h: ({ page }) => toggleHelp(page)
};
function press(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { view } = app, { key } = event, camera = Object.keys(view.schema.cameras)[+key - 1];
  if (turnPlane(app, key, event.shiftKey ? 10 : 1)) return true;
  if (camera) view.setCamera(camera);
  else if (key.toLowerCase() in ACTS) ACTS[key.toLowerCase()](app);
  else return false;
  return true;
}
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

// interaction.js
var DEGREES_A_PIXEL = 0.45;
var ZOOM_STEP = 1.12;
var SLICE_ZOOM_STEP = 1.15;
var SOLID = (
  /** @type {PaneKind[]} */
  ["3d"]
);
var FREE = (
  /** @type {PaneKind[]} */
  ["slice", "cells"]
);
function place({ page }, event) {
  const box = page.over.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
function listen(app) {
  const { page: { over }, pointer } = app;
  over.onpointerdown = (event) => pressed(app, event);
  over.onpointermove = (event) => {
    const at = place(app, event);
    pointer.moveTo(at);
    if (pointer.fingers.has(event.pointerId)) pointer.setFinger(event.pointerId, at);
    if (pointer.pinch) pinched(app, pointer.pinch);
    else if (pointer.held) drag(app, pointer.held, ...at);
    else readout(app, ...at);
  };
  over.onpointerup = (event) => released(app, event);
  over.onpointercancel = (event) => {
    pointer.liftFinger(event.pointerId);
    pointer.release();
  };
  over.oncontextmenu = (event) => event.preventDefault();
  over.onpointerleave = ({ pointerType }) => {
    if (pointerType !== "touch") left(app);
  };
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    wheel(app, event);
  }, { passive: false });
  over.onkeydown = (event) => {
    if (!press(app, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  listenAround(app);
}
function left(app) {
  app.pointer.moveTo(null);
  hideRead(app);
}
function listenAround(app) {
  const { page, pointer, leaving: { signal } } = app;
  document.addEventListener("pointerdown", (event) => {
    const path = event.composedPath(), ask = page.bar.querySelector("[name=help]");
    if (path.includes(page.over)) pointer.stopFilm();
    else left(app);
    if (!path.includes(page.help) && !(ask && path.includes(ask))) page.help.hidden = true;
  }, { signal, capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    page.help.hidden = true;
    pointer.stopFilm();
  }, { signal, capture: true });
}
function pressed(app, event) {
  const { page, pointer, view } = app, [x, y] = place(app, event), pane = paneAt(app.gpu.stage.panes, x, y);
  if (!pane) return;
  page.over.focus({ preventScroll: true });
  if (!app.gpu.lost) page.note.textContent = "";
  page.over.setPointerCapture(event.pointerId);
  if (event.pointerType === "touch") pointer.setFinger(event.pointerId, [x, y]);
  if (pointer.fingers.size === 2) return pointer.startPinch(pane, view.values);
  pointer.press({
    pane,
    x,
    y,
    moved: false,
    view: view.values,
    pan: event.button === 2 || event.shiftKey,
    grip: gripAt(app, pane, x, y)
  });
  if (pointer.drawing && pane.kind !== "3d") pointer.showLoop([[x, y]]);
}
function released(app, event) {
  const { pointer, view } = app, held = pointer.release(), { pinch } = pointer;
  pointer.liftFinger(event.pointerId);
  if (pinch) view.settle();
  if (!held) return;
  if (pointer.drawing && pointer.loop) return endLasso(app, held.pane);
  if (!held.moved && !held.pan) clickAt(app, held.pane, ...place(app, event));
  view.settle();
}
function drag(app, held, x, y) {
  const { pointer, view } = app, { pane } = held, free = pane.kind === "slice" || pane.kind === "cells";
  pointer.dragTo(x, y);
  if (pointer.drawing && pointer.loop) {
    pointer.showLoop([...pointer.loop, [x, y]]);
    return drawOverlay(app);
  }
  if (!held.moved) return;
  if (held.grip) tiltTo(app, pane, x, y);
  else if (pane.kind === "3d" && held.pan) panSolid(app, held, x - held.x, y - held.y);
  else if (pane.kind === "3d") {
    view.set({
      turn: held.view.turn - DEGREES_A_PIXEL * (x - held.x),
      rise: held.view.rise + DEGREES_A_PIXEL * (y - held.y)
    }, { kinds: SOLID });
  } else if (held.pan && free) panFlat(app, held, x - held.x, y - held.y);
  else {
    const p = onSheet(sheet(view.values, view.config.box, pane), ...within2(pane, x, y));
    if (isWithin(view.config.box, p)) view.setFocus(p);
    return readout(app, x, y);
  }
  hideRead(app);
}
function pinched(app, pinch) {
  const { view, pointer } = app, { pane, from, view: old } = pinch, [a, b] = pointer.fingers.values();
  const apart = ([p, q]) => Math.max(Math.hypot(p[0] - q[0], p[1] - q[1]), 1);
  const by = apart([a, b]) / apart(from), dx = (a[0] + b[0] - from[0][0] - from[1][0]) / 2;
  const dy = (a[1] + b[1] - from[0][1] - from[1][1]) / 2;
  hideRead(app);
  if (pane.kind === "3d") {
    view.put({ zoom: old.zoom * by });
    panSolid(app, pinch, dx, dy);
  } else if (FREE.includes(pane.kind)) {
    view.put({ szoom: old.szoom * by });
    panFlat(app, pinch, dx, dy);
  }
}
function panSolid({ view }, { pane, view: old }, dx, dy) {
  const l = lens(view.values, view.config.box, pane), radius = l.reach / 1.05;
  view.set({
    panx: old.panx - 2 * dx / pane.w * l.reach2[0] / radius,
    pany: old.pany + 2 * dy / pane.h * l.reach2[1] / radius
  }, { kinds: SOLID });
}
function panFlat({ view }, { pane, view: old }, dx, dy) {
  const { halves } = sheet(view.values, view.config.box, pane);
  view.set({
    spanx: old.spanx - 2 * dx / pane.w * halves[0],
    spany: old.spany + 2 * dy / pane.h * halves[1] * wayUp(view.values)
  }, { kinds: FREE });
}
function tiltTo({ view }, pane, x, y) {
  const l = lens(view.values, view.config.box, pane), length = handleLength(l);
  const [fx, fy] = project(l, focusOf(view.values)), [px, py] = within2(pane, x, y);
  const a = (px - fx) * 2 * l.reach2[0] / length, b = (fy - py) * 2 * l.reach2[1] / length;
  const c = Math.sqrt(Math.max(0, 1 - a * a - b * b));
  const drawn2 = scaled(add(add(scaled(l.right, a), l.up, b), l.eye, c), UP);
  view.set(anglesOf([drawn2[0], drawn2[1], drawn2[2] / l.stretch]));
}
function clickAt(app, pane, x, y) {
  const { view } = app, at = within2(pane, x, y);
  const p = pane.kind === "3d" ? picked(app, pane, ...at) : onSheet(sheet(view.values, view.config.box, pane), ...at);
  app.pointer.click(p && { at: [x, y], point: p });
  if (p && isWithin(view.config.box, p)) view.setFocus(p);
  readout(app, x, y);
}
function wheel(app, event) {
  const { view } = app, pane = paneAt(app.gpu.stage.panes, ...place(app, event)), up = Math.sign(-event.deltaY);
  if (!pane) return;
  if (pane.kind === "3d") return view.set({ zoom: view.values.zoom * ZOOM_STEP ** up }, { kinds: SOLID });
  if ((event.ctrlKey || event.shiftKey) && pane.kind === "slice") {
    return view.set({ szoom: view.values.szoom * SLICE_ZOOM_STEP ** up }, { kinds: FREE });
  }
  const { normal } = sheet(view.values, view.config.box, pane);
  view.setFocus(add(focusOf(view.values), normal, up * view.config.wheel_um * UP));
}

// pointer.js
var PointerState = class {
  constructor() {
    this.at = null;
    this.held = null;
    this.fingers = /* @__PURE__ */ new Map();
    this.pinch = null;
    this.clicked = null;
    this.drawing = false;
    this.loop = null;
    this.film = null;
  }
  /** @param {Pair | null} at */
  moveTo(at) {
    this.at = at;
  }
  /** @param {Held} held */
  press(held) {
    this.held = held;
    this.clicked = null;
  }
  /** @param {number} id @param {Pair} at  of a finger; of the first two are the pinch */
  setFinger(id, at) {
    this.fingers.set(id, at);
  }
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
  click(clicked) {
    this.clicked = clicked;
  }
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
  showLoop(loop) {
    this.loop = loop;
  }
  startFilm() {
    return this.film = { stopped: false, pictures: [] };
  }
  stopFilm() {
    if (this.film) this.film.stopped = true;
  }
  endFilm() {
    this.film = null;
  }
};

// room.js
var FOOT3 = 8;
var LEAST = 320;
function* around(node) {
  for (let at = node.parentNode; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    if (at instanceof HTMLElement) yield at;
  }
}
function roomFor(root) {
  const scrolled = [...around(root)].reduce((sum, one) => sum + one.scrollTop, 0);
  const top = root.getBoundingClientRect().top + scrolled;
  return Math.max(LEAST, Math.floor(window.innerHeight - top - FOOT3));
}
function fillWindow(root, signal) {
  const fill = () => {
    const height = `${roomFor(root)}px`;
    if (root.isConnected && root.style.height !== height) root.style.height = height;
  };
  const later = () => requestAnimationFrame(fill), sizes = new ResizeObserver(later);
  for (const one of around(root)) sizes.observe(one);
  window.addEventListener("resize", later, { signal });
  signal.addEventListener("abort", () => sizes.disconnect());
  fill();
}

// stage.js
var MOST_RATIO = 2;
function resize({ page, view, packs, gpu }, shape) {
  const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO), { gl } = gpu;
  const { clientWidth: width, clientHeight: height } = page.stage;
  for (const one of [page.canvas, page.over]) {
    one.width = Math.round(width * ratio);
    one.height = Math.round(height * ratio);
    one.style.width = `${width}px`;
    one.style.height = `${height}px`;
  }
  const [red, green, blue] = shares(inksOf(view).canvas);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.clearColor(red, green, blue, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  const panes = layoutPanes(
    view.values,
    packs.channels.length,
    width,
    height,
    (made2) => sizeDrawn(view.config.opening, view.config.box, made2)
  );
  gpu.setStage({ panes, width, height, ratio, shape });
}
var shapeOf = ({ page, view: { values }, packs }) => JSON.stringify(
  [
    values.panes,
    values.cells_pane,
    values.blend,
    values.figure,
    packs.channels.length,
    page.stage.clientWidth,
    page.stage.clientHeight,
    window.devicePixelRatio
  ]
);

// volume_store.js
var MOST_BYTES = 3e8;
var VolumeStore = class {
  /** @param {number} [most]  bytes to keep */
  constructor(most = MOST_BYTES) {
    this.most = most;
    this.held = /* @__PURE__ */ new Map();
    this.events = new EventTarget();
  }
  /**
   * Keep a pack and let go of the oldest beyond what may be kept; says "volume" to who listens.
   * @param {Uint8Array} data
   */
  put(data) {
    const pack = unpack(data);
    this.held.delete(pack.key);
    this.held.set(pack.key, pack);
    let total = 0;
    for (const one of this.held.values()) total += one.size;
    for (const [key, one] of this.held) {
      if (total <= this.most || key === pack.key) break;
      this.held.delete(key);
      total -= one.size;
    }
    this.events.dispatchEvent(new Event("volume"));
  }
  /** @param {string} key */
  gene(key) {
    return (
      /** @type {GenePack | undefined} */
      this.held.get(key)
    );
  }
  /** @param {string} key */
  tissue(key) {
    return (
      /** @type {TissuePack | undefined} */
      this.held.get(key)
    );
  }
  /** @param {string} key */
  image(key) {
    return (
      /** @type {ImagePack | undefined} */
      this.held.get(key)
    );
  }
};
function volumeStore() {
  const window2 = (
    /** @type {{ isostVolumes?: VolumeStore }} */
    globalThis
  );
  return window2.isostVolumes ??= new VolumeStore();
}
function unpack(data) {
  const size = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + size)));
  const bytes = data.slice(4 + size).buffer;
  const parts = {};
  for (const [name, [at, n, type]] of Object.entries(head.parts)) {
    parts[name] = type === "f4" ? new Float32Array(bytes, at, n) : new Uint8Array(bytes, at, n);
  }
  return { ...head, parts, size: bytes.byteLength };
}

// main.js
var LOADING = "Loading the tissue …";
var NAMED_INKS = (
  /** @type {const} */
  ["ink", "mark"]
);
var apps = /* @__PURE__ */ new WeakMap();
function show({ data, parentElement, setStateValue }) {
  const root = part(parentElement, "explorer"), app = apps.get(root) ?? begin(root, data, setStateValue);
  if (!app) return;
  app.send = setStateValue;
  take(app, data, app.view.take(data));
  takeRegion(app);
  return () => leave(app);
}
function begin(root, config, send) {
  const page = pageOf(root), gpu = Gpu.open(page.canvas);
  if (!gpu) {
    root.classList.add("none");
    send("webgl", false);
    return null;
  }
  const view = new ViewState(config, {
    changed: (change) => refresh(app, change),
    shown: (text) => {
      root.dataset.view = text;
    },
    told: (values) => app.send("view", values)
  });
  const app = {
    page,
    view,
    gpu,
    send,
    packs: new Packs(),
    pointer: new PointerState(),
    region: new RegionState(),
    leaving: new AbortController()
  };
  apps.set(root, app);
  restoreInspector(page);
  fillWindow(root, app.leaving.signal);
  listen(app);
  watch(app);
  return app;
}
function pageOf(root) {
  const [canvas, over] = ["gl", "over"].map((name) => (
    /** @type {HTMLCanvasElement} */
    part(root, name)
  ));
  const [stage, bar, inspector, help, note, read] = ["stage", "bar", "inspector", "help", "note", "read"].map((name) => part(root, name));
  return { root, canvas, over, stage, bar, inspector, help, note, read, ties: [] };
}
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
    event.preventDefault();
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
function take(app, config, fresh) {
  const { page, packs, gpu } = app;
  gpu.loadPalettes(config.maps);
  const found = packs.take(config, volumeStore());
  packs.images.take(config, volumeStore()).then((some) => {
    if (some) refresh(app);
  });
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
function fit({ view, packs, gpu: { stage } }, shape) {
  const { values, turning, schema: { numbers } } = view, { stretch, azimuth, tilt, spin, flip, y_down } = values;
  const [solid, slice] = ["3d", "slice"].map((kind) => stage.panes.find((pane) => pane.kind === kind));
  const one = solid && view.fitTo(
    "3d",
    [shape, stretch],
    () => fittedSolid(values, packs.box, solid, numbers.zoom, turning)
  );
  const bars = slice && togetherAs({ view, packs }, slice) === "add" ? packs.channels.length : 1;
  const other = slice && view.fitTo(
    "slice",
    [shape, azimuth, tilt, spin, flip, y_down, bars],
    () => fitted(values, packs.box, slice, (p) => packs.inside(p), numbers.szoom, bars)
  );
  return one || other;
}
function leave({ gpu, leaving }) {
  leaving.abort();
  gpu.gl.getExtension("WEBGL_lose_context")?.loseContext();
}
export {
  show as default
};
