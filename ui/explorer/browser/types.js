// The shapes of what the modules hand to each other. Angles are degrees, lengths µm, places on the screen CSS pixels.
/** @typedef {import("./view.js").ViewState} ViewState */
/** @typedef {import("./packs.js").Packs} Packs */
/** @typedef {import("./gpu.js").Gpu} Gpu */
/** @typedef {import("./pointer.js").PointerState} PointerState */
/** @typedef {import("./region.js").RegionState} RegionState */
/** @typedef {import("./pens.js").CanvasPen | import("./pens.js").SvgPen} Pen */

/** @typedef {[number, number, number]} Point  x, y, depth; also a direction, or a colour */
/** @typedef {[number, number]} Pair */
/** @typedef {[Point, Point]} Box  low and high corner */
/** @typedef {"3d" | "slice" | "cells" | "xy" | "xz" | "yz"} PaneKind */

/**
 * A rectangle of the picture, from its top left. `alone`: it shows its channel only, not all of them together.
 * @typedef {{ kind: PaneKind, channel: number, alone: boolean, x: number, y: number, w: number, h: number }} Pane
 */
/**
 * The picture. `ratio`: device pixels a CSS pixel; `shape`: all that the layout depends on, in one text.
 * @typedef {{ panes: Pane[], width: number, height: number, ratio: number, shape: string }} Stage
 */
/** @typedef {{ u: Point, v: Point, normal: Point }} Axes  to the right, up, and towards the eye */
/** @typedef {Axes & { centre: Point, halves: Pair }} Sheet  the part of a plane that a flat pane shows */
/**
 * What a 3D pane looks at: its directions, half sides, middle (from that of the box), how far the eye is away.
 * @typedef {{ right: Point, up: Point, eye: Point, reach2: Pair, middle: Point, reach: number, box: Point,
 *   stretch: number }} Lens
 */

/** @typedef {{ origin: Point, step: Point, dims: Point }} Grid */
/**
 * The texels of a gene or niche: bytes over [low, high], [0, sd], shares of 1, and measured cells over [low, high].
 * @typedef {{ key: string, size: number, low: number, high: number, sd: number, measured: Pair, quantiles: number[],
 *   parts: { values: Uint8Array, measured: Uint8Array, known?: Uint8Array, sd?: Uint8Array } }} GenePack
 */
/**
 * @typedef {{ key: string, size: number, parts: { tissue: Uint8Array, xyz: Float32Array, section: Uint8Array } }}
 *   TissuePack
 */
/** @typedef {{ key: string, size: number, parts: { webp: Uint8Array } }} ImagePack  of a histology image */
/**
 * Where the histology image of a section lies: its top left corner, and how far it reaches to the right and down.
 * @typedef {{ section: number, key: string, corner: Pair, right: Pair, down: Pair }} Histology
 */

/** @typedef {"values" | "known" | "sd"} Layer */
/** @typedef {"add" | "side" | "mean"} Blend */
/**
 * The view, as server and link have it.
 * @typedef {object} View
 * @property {number} azimuth
 * @property {number} tilt
 * @property {number} spin  of the slice's picture, in its plane
 * @property {number} cx
 * @property {number} cy
 * @property {number} cdepth
 * @property {number} turn
 * @property {number} rise
 * @property {number} zoom
 * @property {number} panx
 * @property {number} pany
 * @property {number} szoom
 * @property {number} spanx
 * @property {number} spany
 * @property {number} opacity
 * @property {number} stretch
 * @property {number} least
 * @property {"off" | "grey" | "gene"} cells
 * @property {Blend} blend
 * @property {string} colours
 * @property {"off" | "show" | "hide"} uncertainty
 * @property {Layer} layer
 * @property {string} ends_x
 * @property {string} ends_y
 * @property {string} ends_depth
 * @property {boolean} outline
 * @property {boolean} plane
 * @property {boolean} frame
 * @property {boolean} figure
 * @property {boolean} flip
 * @property {boolean} y_down
 * @property {boolean} panes
 * @property {boolean} cells_pane
 * @property {boolean} histology  under the measured cells
 * @property {number} histology_opacity
 * @property {Record<string, number>} levels
 * @property {Record<string, Pair>} ranges
 */

/** @typedef {{ least: number | null, most: number | null, step: number | null }} Bounds  null: none */
/**
 * @typedef {{ canvas: string, ink: string, faint: string, line: string, mark: string, halo: string,
 *   cells: string }} Inks
 */
/**
 * What a view can be and how it is drawn: stated in ui/explorer/schema.py, nowhere else.
 * @typedef {object} Schema
 * @property {Record<string, Bounds>} numbers
 * @property {Record<string, string[]>} choices
 * @property {Bounds} level
 * @property {Record<string, Pair>} cameras  turn and rise
 * @property {Record<string, string>} end_names
 * @property {number} flat_tilt
 * @property {string} known_map
 * @property {{ screen: Inks, figure: Inks, unknown: string, axes: string[] }} colours
 */
/**
 * @typedef {{ name: string, key: string, colour: Point, unit: string, level: number, range: Pair, note: string }}
 *   Channel
 */
/** @typedef {{ name: string, depth_um: number }} Section  in order of depth */
/**
 * What the server sends beside the texels.
 * @typedef {object} Config
 * @property {Schema} schema
 * @property {string} file
 * @property {string} tissue
 * @property {Grid} grid
 * @property {Box} box
 * @property {number} safe_um
 * @property {Channel[]} channels
 * @property {Record<string, string>} maps
 * @property {Section[]} sections
 * @property {number} spacing_um
 * @property {number} half_gap_um
 * @property {number} wheel_um
 * @property {boolean} known
 * @property {string} noun  of what was measured: "cell", "spot", "bead" or "bin"
 * @property {string} cells_shown
 * @property {View} view
 * @property {number} view_id
 * @property {View} opening
 * @property {Histology[]} histology
 * @property {Region | null} [region]  null: there is none
 */

/**
 * What the server says of the region drawn on the slice.
 * @typedef {{ title: string, moved: boolean, rows: Record<string, string>[], columns: string[], what: string,
 *   text: string, ring: { points: Point[], normal: Point } }} Region
 */

/** @typedef {{ values: Readonly<View>, config: Config }} Seen  a view and what it is a view of */
/**
 * The elements of the page. `ties` bring its controls in line with the view.
 * @typedef {object} Page
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLCanvasElement} over
 * @property {HTMLElement} stage
 * @property {HTMLElement} bar
 * @property {HTMLElement} inspector
 * @property {HTMLElement} help
 * @property {HTMLElement} note
 * @property {HTMLElement} read
 * @property {(() => void)[]} ties
 * @property {ResizeObserver} [fitBar]  keeps the bar in one row
 */
/** @typedef {{ page: Page, view: Seen, packs: Packs, gpu: Gpu }} Scene  all that a picture is made of */
/**
 * @typedef {{ page: Page, view: ViewState, packs: Packs, gpu: Gpu, pointer: PointerState, region: RegionState,
 *   leaving: AbortController, send: (name: string, value: unknown) => void }} App
 */
export {};
