// Marks the tab when something has ended, until the visitor has looked at it; then the message goes too, which lies
// over the page.

const LOOKED_MS = 8000; // that a visitor needs to read it
const CLOSE = "[data-testid=stToast] button[aria-label=Close]";
const icon = (colour, path) =>
  "data:image/svg+xml," +
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="${colour}"/>` +
      `<path d="${path}" fill="none" stroke="white" stroke-width="4" stroke-linecap="round"/></svg>`,
  );
const ICONS = { true: icon("#17663a", "M9 17l5 5 9-11"), false: icon("#a3201c", "M11 11l10 10M21 11L11 21") };

export default function ({ data }) {
  if (!data || window.isostTold === data.id) return;
  window.isostTold = data.id;
  const link = document.querySelector("link[rel~=icon]");
  const before = { title: "isoST Studio", icon: link?.href };
  const mark = (title, href) => {
    document.title = title;
    if (link && href) link.href = href;
  };
  const keeping = setInterval(() => mark(data.title, ICONS[data.done]), 1000);
  mark(data.title, ICONS[data.done]);
  const end = () => {
    clearInterval(keeping);
    mark(before.title, before.icon);
    document.querySelectorAll(CLOSE).forEach((button) => button.click());
  };
  const looked = () => {
    if (document.hidden || !document.hasFocus()) return;
    for (const name of ["focus", "visibilitychange"]) window.removeEventListener(name, looked, true);
    setTimeout(end, LOOKED_MS);
  };
  for (const name of ["focus", "visibilitychange"]) window.addEventListener(name, looked, true);
  looked();
}
