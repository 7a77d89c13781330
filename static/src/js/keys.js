// The keys of the product. Single letters work outside fields and dialogs only, and can be switched off.
// [data-key="x"]       pressed by that key: links are followed, buttons clicked (c, n, g, l, f and / in base.html)
// [data-search-box]    the text box of the search page (or the first search box of a role=search form): / goes there, elsewhere it
//                      opens the palette; the down arrow leads from the box into the list
// [data-rows]          a list: j and k move between its rows, Enter opens the row's link ([data-row-link] or the first)
// [data-keys-toggle]   the checkbox that turns single letters on and off for this browser (localStorage "keys")
// Ctrl/⌘ K opens the palette, Ctrl/⌘ Enter submits the form around the cursor, ? lists the keys.

import { $, $$, composing } from "./dom.js";
import { openDialog } from "./dialogs.js";

const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";

function lettersOn() {
  try {
    return localStorage.getItem("keys") !== "off";
  } catch {
    return true;
  }
}

function step(by) {
  const rows = $$("[data-rows] > *").filter((row) => row.offsetParent !== null && $("a[href]", row));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement) || row.hasAttribute("data-current"));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  rows.forEach((one) => one.toggleAttribute("data-current", one === row));
  ($("[data-row-link]", row) ?? $("a[href]", row)).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// Results that arrive late take the row that was stepped on with them: step on the new first one.
let walking = false;
document.addEventListener("htmx:afterSettle", () => {
  if (walking && document.activeElement === document.body) step(1);
});

function press(key) {
  const all = $$(`[data-key="${CSS.escape(key)}"]`);
  const target = all.find((one) => one.offsetParent !== null) ?? all[0];
  target?.click();
  return Boolean(target);
}

/** Do what a single key stands for; false if it stands for nothing on this page. */
function letter(key) {
  const box = $("[data-search-box], main [role=search] input[type=search]");
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "?") openDialog("keys-help");
  else if (key === "/" && box) box.select();
  else if (key === "/" && $("#palette")) openDialog("palette");
  else return press(key);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) return;
  if (event.target.matches?.("[data-search-box]")) walking = event.key === "ArrowDown";
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k" && $("#palette")) {
    event.preventDefault();
    openDialog("palette");
  } else if (command && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (form && (form.method === "post" || form.hasAttribute("hx-post"))) {
      event.preventDefault();
      form.requestSubmit();
    }
  } else if (event.key === "ArrowDown" && event.target.matches?.("[data-search-box]")) {
    event.preventDefault();
    step(1);
  } else if (!command && !event.altKey && event.key.length === 1 && lettersOn()) {
    const key = event.key.toLowerCase();
    // Just after Esc the field of the closed dialog may still have the focus, until the next frame.
    const isLeft = event.target.closest?.("dialog:not([open])");
    if ((event.target.closest?.(FIELDS) && !isLeft) || $("dialog[open]") || (event.repeat && !"jk".includes(key))) return;
    if (letter(key)) event.preventDefault();
  }
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-keys-toggle]")) return;
  try {
    localStorage.setItem("keys", event.target.checked ? "on" : "off");
  } catch {
    // Storage is blocked: the choice lasts for this page only.
  }
});

for (const box of $$("[data-keys-toggle]")) box.checked = lettersOn();
