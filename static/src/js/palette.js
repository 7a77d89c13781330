// The command palette of _palette.html.
// [data-palette]         the dialog; data-url answers GET ?q= with {"items": [{"type": saved, company, lead or person, "name",
//                        "detail", "matched", "url"}]}, without q the saved searches; data-search is the search page
// [data-palette-found]   where groups are drawn
// [data-palette-search]  the option that hands the text to the search page; Tab does the same
// [data-palette-page]    a page of the navigation: shown while nothing is typed or when its name matches

import { $, $$, composing, icon, make, marked, quietly, say } from "./dom.js";
import { getJson, withQuery } from "./net.js";

const dialog = $("[data-palette]");

function options() {
  return $$("[role=option]", dialog).filter((option) => !option.closest("[hidden]"));
}

function choose(at) {
  const all = options();
  const input = $("input", dialog);
  $$("[role=option][aria-selected=true]", dialog).forEach((option) => option.setAttribute("aria-selected", "false"));
  if (!all.length) return;
  const option = all[(at + all.length) % all.length];
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

const current = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

const KINDS = [
  { type: "saved", label: "kindSaved", symbol: "bookmark" },
  { type: "company", label: "kindCompany", symbol: "building" },
  { type: "lead", label: "kindLead", symbol: "list-task" },
  { type: "person", label: "kindPerson", symbol: "person" },
];

/** One group of the list, or nothing when no record of that kind was found. */
function drawGroup({ type, label, symbol }, items, q) {
  const own = items.filter((item) => item.type === type);
  if (!own.length) return null;
  const rows = own.map((item, at) =>
    make(
      "a",
      { role: "option", id: `pf-${type}-${at}`, href: item.url, tabindex: "-1", "aria-selected": "false" },
      icon(symbol),
      make("span", { class: "clip" }, marked(item.name, q), " ", make("small", {}, item.detail)),
      make("small", {}, item.matched && item.matched !== item.name ? item.matched : ""),
    ),
  );
  const head = make("div", { class: "cmdk-h", id: `pf-${type}`, role: "presentation" }, say(label));
  return make("div", { role: "group", "aria-labelledby": head.id }, head, ...rows);
}

function showPages(q) {
  const wanted = q.toLowerCase();
  for (const page of $$("[data-palette-page]", dialog)) page.hidden = q !== "" && !page.textContent.toLowerCase().includes(wanted);
  const search = $("[data-palette-search]", dialog);
  search.hidden = q === "";
  search.href = withQuery(dialog.dataset.search, { q });
  $("[data-palette-q]", search).textContent = `“${q}”`;
}

let abort = null;

async function ask() {
  const q = $("input", dialog).value.trim();
  const found = $("[data-palette-found]", dialog);
  abort?.abort();
  abort = new AbortController();
  showPages(q);
  try {
    const { items } = await getJson(withQuery(dialog.dataset.url, { q }), abort.signal);
    const groups = KINDS.map((kind) => drawGroup(kind, items, q)).filter(Boolean);
    found.replaceChildren(...groups);
    if (q && !groups.length) found.append(make("div", { class: "cmdk-none" }, say("paletteNone")));
  } catch (error) {
    if (error.name === "AbortError") return;
    found.replaceChildren(q ? make("div", { class: "cmdk-none" }, say("paletteFailed")) : "");
  }
  choose(0);
}

if (dialog) {
  const input = $("input", dialog);
  const later = quietly(120, ask);
  input.addEventListener("input", () => later());
  input.addEventListener("focus", () => input.value.trim() || ask());
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(current() + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      later.now();
      options()[Math.max(0, current())]?.click();
    } else if (event.key === "Tab" && !event.shiftKey && input.value.trim()) {
      event.preventDefault();
      location.assign(withQuery(dialog.dataset.search, { q: input.value.trim() }));
    }
  });
  showPages("");
  choose(0);
}
