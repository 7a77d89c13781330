// Small helpers that every module uses.
// Data: <script type="application/json" id="messages"> holds every text that the script shows, with {placeholders};
//       <meta name="csrf-token|app-user|app-sign-in|app-session"> hold what the server says about the session.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Elements under root that match, root itself included: for parts that htmx has just put in. */
export function within(selector, root = document) {
  const own = root instanceof Element && root.matches(selector) ? [root] : [];
  return [...own, ...$$(selector, root)];
}

export const meta = (name) => $(`meta[name="${name}"]`)?.content ?? "";

let texts = null;

/** The text of a message, with its {placeholders} filled in. */
export function say(key, values = {}) {
  texts ??= JSON.parse($("#messages")?.textContent || "{}");
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** An element with attributes, properties of its text, and children. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** An icon of the sprite; its address is taken from one that the page already shows. */
export function icon(name, cls = "") {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", `i ${cls}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  const sprite = ($("svg.i use")?.getAttribute("href") ?? "").split("#")[0];
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** A function that runs once things have been quiet for `wait` milliseconds; .now() runs it at once, .drop() never. */
export function quietly(wait, run) {
  let timer = 0;
  let held = null;
  const later = (...args) => {
    held = args;
    clearTimeout(timer);
    timer = setTimeout(later.now, wait);
  };
  later.now = () => {
    clearTimeout(timer);
    if (!held) return;
    const args = held;
    held = null;
    run(...args);
  };
  later.drop = () => {
    clearTimeout(timer);
    held = null;
  };
  return later;
}

/** Text with its hits marked: pairs of [from, to), else every place where the query occurs. */
export function marked(text, query, hits) {
  const out = document.createDocumentFragment();
  let at = 0;
  for (const [from, to] of hits ?? places(text, query)) {
    if (from < at || to > text.length) continue;
    out.append(text.slice(at, from), make("mark", {}, text.slice(from, to)));
    at = to;
  }
  out.append(text.slice(at));
  return out;
}

function places(text, query) {
  const wanted = query.trim().toLowerCase();
  const from = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  return from < 0 ? [] : [[from, from + wanted.length]];
}

/** Whether an input method is still composing: its keys are not commands. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

export const narrow = () => matchMedia("(max-width: 760px)").matches;

/** The time of day as the screens write it. */
export function clock(stamp) {
  const at = new Date(stamp);
  const day = at.toDateString() === new Date().toDateString() ? "" : `${at.getMonth() + 1}-${at.getDate()} `;
  return `${day}${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}
