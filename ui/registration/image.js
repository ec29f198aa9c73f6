// Brings a histology image to the browser, for the overlay: kept for all views of this window.
export default function ({ data: { key, url } }) {
  const { held, events } = globalThis.isostImages ??= { held: new Map(), events: new EventTarget() };
  if (held.has(key)) return;
  const image = new Image();
  image.onload = () => { held.set(key, image); events.dispatchEvent(new Event("image")); };
  image.src = url;
}
