// The room that the window leaves for the explorer: from its top to the window's foot, so that nothing scrolls.

const FOOT = 8, LEAST = 320;  // pixels

/** @param {Node} node  those around an element, out through shadow roots */
function* around(node) {
  for (let at = node.parentNode; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    if (at instanceof HTMLElement) yield at;
  }
}

/** @param {HTMLElement} root  how high it may be, wherever the page around it is scrolled to */
export function roomFor(root) {
  const scrolled = [...around(root)].reduce((sum, one) => sum + one.scrollTop, 0);
  const top = root.getBoundingClientRect().top + scrolled;
  return Math.max(LEAST, Math.floor(window.innerHeight - top - FOOT));
}

/**
 * Keep the explorer as high as the room that is left, while the window or what stands above changes.
 * @param {HTMLElement} root @param {AbortSignal} signal
 */
export function fillWindow(root, signal) {
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
