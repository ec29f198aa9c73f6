// What of a page does not fit: a list of sentences, empty where everything fits. Run in the page by test_sizes.py.
() => {
  const found = [];
  const SLACK = 1.5; // px that rounding may take
  const main = document.querySelector('[data-testid="stMain"]');
  const say = (what, element, text) => found.push(`${what}: ${where(element)} "${(text ?? words(element)).slice(0, 70)}"`);
  const words = (element) => (element.value || element.placeholder || element.textContent || "").trim().replace(/\s+/g, " ");
  const style = (element) => getComputedStyle(element);

  /** The nearest name that a person can look up: a key of ours, or a test id of Streamlit's. */
  function where(element) {
    for (let at = element; at; at = at.parentElement) {
      const key = [...at.classList].find((name) => name.startsWith("st-key-"));
      if (key) return key;
      if (at.dataset?.testid && !["stMarkdownContainer", "stVerticalBlock"].includes(at.dataset.testid)) return at.dataset.testid;
    }
    return "page";
  }

  function visible(element) {
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      && element.getBoundingClientRect().width > 1 && !element.closest('[aria-hidden="true"], .katex-mathml, title')
      && !/inset\(50%|rect\(0/.test(style(element).clipPath + style(element).clip)
      && !element.closest('[data-testid="stSidebar"][aria-expanded="false"]')
      && !element.closest(".st-key-visitor_cookie, .st-key-tab, .st-key-notice, .st-key-fetch_ahead, .st-key-gene_watch");
  }

  /** Whether a clipped text says in full what it is when it is pointed at. */
  function told(element) {
    element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    return style(element).textOverflow === "ellipsis" && Boolean(element.title);
  }

  /** Whether a box that scrolls sideways shows that it does: a shade at its edge. */
  const signed = (element) => style(element).backgroundAttachment.includes("local") || style(element).maskImage !== "none";

  /** Text against every box around it that cuts. */
  function textIsWhole(element) {
    const range = document.createRange();
    for (const node of element.childNodes) {
      if (node.nodeType !== 3 || !node.nodeValue.trim()) continue;
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      for (let at = element; at && at !== main && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY } = style(at), edge = at.getBoundingClientRect();
        const aside = box.right > edge.right + SLACK || box.left < edge.left - SLACK;
        const below = box.bottom > edge.bottom + 4 || box.top < edge.top - 4;
        if (aside && /hidden|clip/.test(overflowX)) { if (!told(at)) say("cut off", element); break; }
        if (aside && /auto|scroll/.test(overflowX)) { if (!signed(at)) say("scrolls sideways without a sign", at); break; }
        if (below && /hidden|clip/.test(overflowY)) { say("cut off below", element); break; }
        if (below && /auto|scroll/.test(overflowY)) break;
        if (style(at).position === "fixed") break;
      }
    }
  }

  /** What is typed into a box, or asked for in an empty one. */
  const pen = document.createElement("canvas").getContext("2d");
  function boxIsWhole(input) {
    const text = input.value || input.placeholder;
    if (!text || /checkbox|radio|range|file/.test(input.type)) return;
    const look = style(input);
    pen.font = look.font;
    const room = input.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    if (pen.measureText(text).width > room + SLACK && !told(input)) say("cut off in its box", input);
  }

  /** Whether words stand at an angle: the box around them holds more than they cover. */
  const turned = (text) => /rotate\((?!0[,)]|-?90[,)])/.test(text.getAttribute("transform") ?? "");

  /** Words of charts against the chart's own edge, and against one another. */
  function chartIsWhole(chart) {
    const edge = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("svg text")].filter((text) => visible(text) && text.textContent.trim());
    const boxes = texts.map((text) => text.getBoundingClientRect());
    texts.forEach((text, i) => {
      const box = boxes[i];
      if (box.right > edge.right + SLACK || box.left < edge.left - SLACK || box.bottom > edge.bottom + 3 || box.top < edge.top - 3)
        say("beyond its chart", text);
      for (let j = 0; j < i; j++)
        if (!turned(text) && !turned(texts[j]) && overlap(box, boxes[j]) > 3) say("words over words", text, `${words(text)}" and "${words(texts[j])}`);
    });
  }

  /** How deep two boxes lie in each other, px. */
  const overlap = (a, b) => Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

  /** The part of a box that nothing around it cuts away. */
  function seen(element) {
    let { left, right, top, bottom } = element.getBoundingClientRect();
    for (let at = element.parentElement; at && at !== main; at = at.parentElement) {
      if (style(at).overflowX === "visible") continue;
      const edge = at.getBoundingClientRect();
      [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    return { left, right, top, bottom };
  }

  /** Controls and texts that lie over each other. */
  function nothingOverlaps(root) {
    const parts = [...root.querySelectorAll('button, input:not([type="file"], [type="checkbox"], [type="radio"], [type="range"]), [data-testid="stWidgetLabel"], p, h1, h2, h3, h4, [data-testid="stMetricValue"], [data-testid="stBadge"], canvas[data-testid="data-grid-canvas"], .js-plotly-plot')]
      .filter((part) => visible(part) && !part.closest('.modebar, .explorer, [data-testid="stElementToolbar"]') && !inPopover(part, root));
    const boxes = parts.map(seen);
    parts.forEach((part, i) => {
      for (let j = 0; j < i; j++)
        if (!part.contains(parts[j]) && !parts[j].contains(part) && overlap(boxes[i], boxes[j]) > 5)
          say("over each other", part, `${words(part)}" and "${words(parts[j])}`);
    });
  }
  const inPopover = (part, root) => root.dataset.testid !== "stPopoverBody" && part.closest('[class*="st-key-no_gene"]');

  /** Buttons of one control stand in one row; boxes beside each other at one height. */
  function rowsAreStraight(root) {
    for (const group of root.querySelectorAll('[data-testid="stButtonGroup"]')) {
      const buttons = [...group.querySelectorAll('[data-variant="segmented_control"]')].filter(visible);
      const tops = new Set(buttons.map((button) => Math.round(button.getBoundingClientRect().top)));
      if (tops.size > 1) say("ragged", group);
    }
    for (const row of root.querySelectorAll('[data-testid="stHorizontalBlock"]')) {
      const boxes = [...row.children].map((column) => [...column.querySelectorAll("input, button")].filter(visible))
        .filter((inside) => inside.length === 1).map(([input]) => input.getBoundingClientRect());
      boxes.forEach((box, i) => { if (i && Math.abs(box.left - boxes[i - 1].left) > 8) {
        const apart = Math.abs((box.top + box.bottom) / 2 - (boxes[i - 1].top + boxes[i - 1].bottom) / 2);
        if (apart > 2 && apart < 30) say("ragged", row);
      } });
    }
  }

  if (main.scrollWidth > main.clientWidth + 1) say("wider than the window", main, "");
  for (const root of [main, ...document.querySelectorAll('[data-testid="stPopoverBody"], [data-testid="stHeader"], [data-testid="stSidebar"]')]) {
    for (const element of root.querySelectorAll("*")) {
      if (element.closest("svg, style, script, .explorer") || !visible(element)) continue;
      if (element.matches("input, textarea")) boxIsWhole(element); else textIsWhole(element);
    }
    nothingOverlaps(root);
    rowsAreStraight(root);
    const edge = root.getBoundingClientRect();
    if (edge.width && root.dataset.testid === "stPopoverBody" && (edge.left < 0 || edge.right > innerWidth)) say("beyond the window", root);
  }
  document.querySelectorAll(".js-plotly-plot").forEach((chart) => { if (visible(chart)) chartIsWhole(chart); });
  return [...new Set(found)];
}
