// The command palette of _palette.html.
// [data-palette]         the dialog; data-url answers GET ?q= with {"groups": [{"label", "items": [{"label", "url", "sub"?,
//                        "side"?, "icon"?, "hit"?: [[from, to)]}]}]}; data-search is the search page
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

function drawGroup(group, number, q) {
  const rows = group.items.map((item, at) =>
    make(
      "a",
      { role: "option", id: `pf-${number}-${at}`, href: item.url, tabindex: "-1", "aria-selected": "false" },
      icon(item.icon ?? "search"),
      make("span", { class: "clip" }, marked(item.label, q, item.hit), " ", make("small", {}, item.sub ?? "")),
      make("small", {}, item.side ?? ""),
    ),
  );
  const head = make("div", { class: "cmdk-h", id: `pf-${number}`, role: "presentation" }, group.label);
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
  if (!q) {
    found.replaceChildren();
    choose(0);
    return;
  }
  try {
    const { groups } = await getJson(withQuery(dialog.dataset.url, { q }), abort.signal);
    const full = groups.filter((group) => group.items.length);
    found.replaceChildren(...full.map((group, number) => drawGroup(group, number, q)));
    if (!full.length) found.append(make("div", { class: "cmdk-none" }, say("paletteNone")));
  } catch (error) {
    if (error.name === "AbortError") return;
    found.replaceChildren(make("div", { class: "cmdk-none" }, say("paletteFailed")));
  }
  choose(0);
}

if (dialog) {
  const input = $("input", dialog);
  const later = quietly(120, ask);
  input.addEventListener("input", () => later());
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
