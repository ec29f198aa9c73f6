// What Streamlit leaves undone in the browser's tab; once for each tab, whichever page is open.

/** One entry of the history for each page. Streamlit adds one for every change of the address, and empties the address
 * just before it leaves a page: the entry of that page keeps it. */
function oneEntryAPage() {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const to = new URL(url ?? location.href, location.href);
    if (to.pathname !== location.pathname) {
      push(state, title, url);
      document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0); // Streamlit opens a page where the last was left
    } else if (to.search) history.replaceState(state, title, url);
  };
}

/** Markup that a screen reader stumbles over, and what opens above the page in the colours of its theme. */
function mend() {
  const app = document.querySelector(".stApp");
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  // The menu is a list with headings between its items, which no list may have: to a reader, it is plain links
  for (const part of document.querySelectorAll('[data-testid="stSidebarNav"] :is(ul, li):not([role])'))
    part.setAttribute("role", "none");
}

/** What a button has opened takes the focus: it lies at the end of the page, so that Tab would go past it. */
function enterPopover() {
  const button = document.activeElement, body = document.querySelector('[data-testid="stPopoverBody"]');
  if (!body || body.contains(button) || !button?.matches('[data-testid="stPopoverButton"][aria-expanded="true"]')) return;
  body.tabIndex = -1;
  body.focus({ preventScroll: true });
}

/** From its last item Tab goes on to the first of what a button has opened, as behind it the page ends. */
function stayInPopover(event) {
  const body = document.activeElement?.closest('[data-testid="stPopoverBody"]');
  if (event.key !== "Tab" || !body) return;
  const items = [...body.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((item) => item.tabIndex >= 0 && !item.disabled && item.getClientRects().length);
  if (!items.length) return;
  const at = items.indexOf(document.activeElement), next = event.shiftKey ? Math.max(at, 0) - 1 : at + 1;
  event.preventDefault();
  items.at(next % items.length).focus();
}

/** Words that are cut with an ellipsis are read in full where they are pointed at. */
function tellWhole({ target }) {
  if (target instanceof Element) tellSign(target.closest('[data-testid="stPopoverButton"]'));
  if (!(target instanceof Element) || getComputedStyle(target).textOverflow !== "ellipsis") return;
  const whole = target.value || target.placeholder || target.textContent.trim();
  if (cut(target)) target.title = whole;
  else if (target.title === whole) target.removeAttribute("title");
}

/** A button whose words have no room shows its sign, and says them where it is pointed at. */
function tellSign(button) {
  const words = button?.querySelector("p");
  if (!words) return;
  if (getComputedStyle(words).position === "absolute") button.title = words.textContent;
  else button.removeAttribute("title");
}

/** Whether a box is too narrow for its words; what an empty box asks for counts as its words. */
function cut(box) {
  if (box.scrollWidth > box.clientWidth) return true;
  if (!box.placeholder || box.value) return false;
  const pen = document.createElement("canvas").getContext("2d");
  const { font, paddingLeft, paddingRight } = getComputedStyle(box);
  pen.font = font;
  return pen.measureText(box.placeholder).width > box.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
}

export default function () {
  mend();
  if (window.isostTab) return;
  window.isostTab = true;
  oneEntryAPage();
  document.addEventListener("pointerover", tellWhole);
  document.addEventListener("keydown", stayInPopover, true);
  localStorage.sidebarWidth ??= "240"; // as in app.py, which comes too late for the first picture of a page
  let waiting = 0;
  const soon = () => {
    enterPopover();
    clearTimeout(waiting);
    waiting = setTimeout(mend, 200);
  };
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  const app = document.querySelector(".stApp");
  if (app) new MutationObserver(mend).observe(app, { attributes: true, attributeFilter: ["class"] });
}
