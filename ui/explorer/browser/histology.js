// Histology images of the sections: each is decoded once, and drawn where the section's measured cells lie, by the same
// rule: the nearest section's on a flat plane, else what of each is within half a gap of the plane.
import { nearestSection } from "./channels.js";
import { focusOf, planeAxes } from "./geometry.js";
import { shares } from "./palettes.js";
import { inksOf } from "./view.js";
import { pictureTexture, useProgram } from "./webgl.js";
/** @import { Config, Histology, Lens, Scene } from "./types.js" */
/** @import { VolumeStore } from "./volume_store.js" */

export class Images {
  constructor() {
    /** @type {Map<string, ImageBitmap | null>} null: being decoded, or no image */
    this.decoded = new Map();
  }

  /**
   * Take those that have arrived; true where there are new ones to show.
   * @param {Config} config @param {VolumeStore} store
   */
  async take({ histology }, store) {
    const arrived = histology.filter(({ key }) => !this.decoded.has(key) && store.image(key));
    const made = await Promise.all(arrived.map(({ key }) => this.decode(key, store)));
    return made.some(Boolean);
  }

  /** @param {string} key @param {VolumeStore} store */
  async decode(key, store) {
    this.decoded.set(key, null);
    const webp = /** @type {Uint8Array<ArrayBuffer>} */ (store.image(key)?.parts.webp);
    const made = await createImageBitmap(new Blob([webp], { type: "image/webp" })).catch(() => null);
    this.decoded.set(key, made);
    return made !== null;
  }
}

/**
 * The images that lie under the measured cells which a plane shows.
 * @param {Scene} scene @returns {Histology[]}
 */
export function imagesUnder({ view, packs: { images } }) {
  const { values, config } = view, { only } = nearestSection(view);
  if (!values.histology) return [];
  return config.histology.filter(({ section, key }) => images.decoded.get(key) && (only < 0 || section === only));
}

/**
 * Draw them over the canvas, before the cells.
 * @param {Scene} scene @param {Lens} camera
 */
export function drawImages(scene, camera) {
  const { view, view: { values, config }, gpu } = scene, { gl, programs } = gpu, near = nearestSection(view);
  for (const { section, key, corner, right, down } of imagesUnder(scene)) {
    const depth = config.sections[section].depth_um;
    useProgram(gl, programs.image, {
      ...camera, picture: textureOf(scene, key), corner: [...corner, depth], across: right, along: down,
      planePoint: focusOf(values), planeNormal: planeAxes(values).normal, slab: near.flat ? -1 : near.slab,
      strength: values.histology_opacity, background: shares(inksOf(view).canvas),
    });
    gl.bindVertexArray(null);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}

/** @param {Scene} scene @param {string} key */
function textureOf({ gpu, packs: { images } }, key) {
  const { gl } = gpu, bitmap = images.decoded.get(key);
  if (!bitmap) return gpu.blank;
  return gpu.images[key] ??= pictureTexture(gl, bitmap);
}
