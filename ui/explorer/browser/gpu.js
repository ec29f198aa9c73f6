// What the graphics processor holds: programs, textures, points, targets. All of it is made anew from the packs where
// the browser takes the processor away and gives it back.
import { decoded } from "./palettes.js";
import { DOT, DOTS, PICTURE, PICTURES, SCREEN, SLICE, SURFACES } from "./shaders.js";
import { freeTarget, makeProgram, makeTarget, texture2d, texture3d } from "./webgl.js";
/** @import { GenePack, Pane, Stage, View } from "./types.js" */
/** @import { Packs } from "./packs.js" */
/** @import { GL, Program, Target } from "./webgl.js" */

/**
 * Measured cells: places, sections, and for each channel amounts, read at the attribute `at`.
 * @typedef {{ array: WebGLVertexArrayObject, amounts: WebGLBuffer[], at: number, n: number,
 *   buffers: WebGLBuffer[] }} Cloud
 */

export const LOST_WORDS = "This page lost the graphics processor. The picture comes back by itself when it is free.";

/** What is to be drawn, and how long drawing takes. Written by frames.js. */
class Work {
  constructor() {
    /** @type {Set<Pane>} */
    this.stale = new Set();
    /** @type {Pane[]} drawn, but not in full */
    this.coarse = [];
    /** @type {object | null} of the drawing in full under way */
    this.task = null;
    /** @type {number | null} */
    this.asked = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.rest = undefined;
    this.busy = false;  // with a picture to take away
    this.stands = false;  // a picture, so that the next ones are drawn in little time
    this.cost = { "3d": 4e-3, flat: 3e-4 };  // milliseconds a pixel
    /** @type {Set<string>} kinds of panes of which it is known */
    this.timed = new Set();
    /** @type {number | null} milliseconds of the last flat pane */
    this.flatMs = null;
  }
}

export class Gpu {
  /** @param {GL} gl */
  constructor(gl) {
    this.gl = gl;
    this.lost = false;
    this.work = new Work();
    /** @type {Stage} */
    this.stage = { panes: [], width: 0, height: 0, ratio: 1, shape: "" };
    /** @type {Record<string, Target>} */
    this.targets = {};
    /** @type {Record<string, WebGLTexture>} */
    this.palettes = {};
    /** @type {{ field?: WebGLTexture, known?: WebGLTexture, sd?: WebGLTexture }} */
    this.layers = {};
    /** @type {Record<string, WebGLTexture>} histology, by key */
    this.images = {};
    /** @type {Cloud | null} */
    this.cloud = null;
    /** @type {{ slice: Program, surfaces: Program, dots: Program, image: Program }} */
    this.programs = this.makePrograms();
    this.screen = this.makeScreen();
    this.blank = texture2d(gl, 1, 1, new Uint8Array([0, 0, 0, 255]));
  }

  /** @param {HTMLCanvasElement} canvas  null where the browser has no WebGL2 */
  static open(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true,
      powerPreference: "high-performance" });
    return gl && new Gpu(gl);
  }

  makePrograms() {
    return { slice: makeProgram(this.gl, SCREEN, SLICE), surfaces: makeProgram(this.gl, SCREEN, SURFACES),
      dots: makeProgram(this.gl, DOTS, DOT), image: makeProgram(this.gl, PICTURES, PICTURE) };
  }

  /** A triangle that covers every pane. */
  makeScreen() {
    const { gl, programs } = this, made = gl.createVertexArray();
    gl.bindVertexArray(made);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    for (const { program } of [programs.slice, programs.surfaces]) {
      const at = gl.getAttribLocation(program, "corner");
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
    }
    return made;
  }

  /** The browser has taken the processor away, and all that it held. */
  lose() {
    this.lost = true;
    this.forget();
  }

  forget() { Object.assign(this, { targets: {}, palettes: {}, layers: {}, images: {}, cloud: null }); }

  /**
   * The processor is back, and empty.
   * @param {Packs} packs @param {Record<string, string>} maps
   */
  restore(packs, maps) {
    this.lost = false;
    this.forget();  // what was made meanwhile
    this.setStage({ ...this.stage, shape: "" });  // to be laid out anew, with its gaps in the colour of the canvas
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
    for (const name of /** @type {("known" | "sd")[]} */ (["known", "sd"])) {
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
    [...[0, 1, 2].map((c) => genes[c]?.parts[name]), fourth].forEach((part, c) => {
      if (part) for (let i = 0; i < n; i++) bytes[4 * i + c] = part[i];
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
    /** @param {string} name */
    const enabled = (name) => {
      const at = gl.getAttribLocation(programs.dots.program, name);
      gl.enableVertexAttribArray(at);
      return at;
    };
    /** @param {Float32Array | Uint8Array} values */
    const buffer = (values) => {
      const made = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, made);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
      return made;
    };
    const spots = buffer(tissue.parts.xyz);
    gl.vertexAttribPointer(enabled("spot"), 3, gl.FLOAT, false, 0, 0);
    const section = buffer(tissue.parts.section);
    gl.vertexAttribPointer(enabled("section"), 1, gl.UNSIGNED_BYTE, false, 0, 0);
    const amounts = genes.map((pack) => buffer(pack.parts.measured)), at = enabled("amount");
    this.cloud = { array, amounts, at, n: tissue.parts.section.length, buffers: [spots, section, ...amounts] };
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
}
