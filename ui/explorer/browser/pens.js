// What draws lines and words over the panes: on a canvas, or as SVG.
import { inksOf } from "./view.js";
/** @import { Pair, Scene } from "./types.js" */

/**
 * How words are set. `turn`: radians.
 * @typedef {{ size?: number, align?: "left" | "right" | "center", weight?: number, turn?: number }} Type
 */

/**
 * Words, cut short with a … where they have no room.
 * @param {CanvasPen | SvgPen} pen @param {string} words @param {number} room @param {number} size
 * @param {number} [weight]
 */
export function elided(pen, words, room, size, weight = 400) {
  if (pen.width(words, size, weight) <= room) return words;
  let n = words.length - 1;
  while (n > 1 && pen.width(`${words.slice(0, n).trimEnd()}…`, size, weight) > room) n--;
  return `${words.slice(0, n).trimEnd()}…`;
}

export class CanvasPen {
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
  text(x, y, words, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
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
    c.strokeText(words, 0, 0);
    c.fillText(words, 0, 0);
    c.restore();
  }

  /** @param {string} words @param {number} size @param {number} weight */
  width(words, size, weight = 400) {
    this.ctx.font = `${weight} ${size}px ${this.font}`;
    return this.ctx.measureText(words).width;
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
  clip(x, y, w, h, within) {
    this.ctx.save();
    this.ctx.beginPath();
    this.ctx.rect(x, y, w, h);
    this.ctx.clip();
    within();
    this.ctx.restore();
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const ANCHORS = { left: "start", right: "end", center: "middle" };

export class SvgPen {
  /** @param {Scene} scene */
  constructor(scene) {
    /** @type {string[]} */
    this.parts = [];
    this.gradients = 0;
    this.clips = 0;
    this.halo = inksOf(scene.view).halo;
  }

  /** @param {Pair[]} points @param {string} colour @param {number} width @param {number[]} dash */
  line(points, colour, width = 1, dash = []) {
    const path = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ");
    this.parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}" ` +
      `stroke-dasharray="${dash.join(" ")}"/>`);
  }

  /** @param {number} x @param {number} y @param {string} words @param {string} colour @param {Type} type */
  text(x, y, words, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
    const safe = words.replace(/[&<>]/g, (c) => ENTITIES[c]);
    const placed = `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${turn * 180 / Math.PI})`;
    this.parts.push(`<text transform="${placed}" fill="${colour}" font-size="${size}" ` +
      `font-family="Helvetica, Arial, sans-serif" font-weight="${weight}" text-anchor="${ANCHORS[align]}" ` +
      `stroke="${this.halo}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">${safe}</text>`);
  }

  /**
   * About that of Helvetica.
   * @param {string} words @param {number} size @param {number} weight
   */
  width(words, size, weight = 400) { return words.length * size * (weight > 400 ? 0.58 : 0.54); }

  /** @param {number} x @param {number} y @param {number} r @param {string} fill @param {string} [stroke] */
  disc(x, y, r, fill, stroke = "none") {
    this.parts.push(`<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>`);
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {string[]} colours  from below */
  bar(x, y, w, h, colours) {
    const id = `bar${this.gradients++}`;
    const stops = colours.map((one, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${one}"/>`).join("");
    this.parts.push(`<linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient>` +
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="url(#${id})"/>`);
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {string} url */
  image(x, y, w, h, url) {
    this.parts.push(`<image x="${x}" y="${y}" width="${w}" height="${h}" href="${url}"/>`);
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {() => void} within */
  clip(x, y, w, h, within) {
    const id = `pane${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath>` +
      `<g clip-path="url(#${id})">`);
    within();
    this.parts.push("</g>");
  }

  /** @param {number} width @param {number} height @param {string} background */
  done(width, height, background) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}"><rect width="100%" height="100%" fill="${background}"/>${this.parts.join("\n")}</svg>`;
  }
}
