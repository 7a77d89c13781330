// Messages that come and go.
// [data-toasts]  the live region of base.html
// [data-flash]   a flashed success in the page; with script it is hidden there and shown as a toast
// Server: the answer's header HX-Trigger may carry {"toast": "text"}.

import { $, icon, make, say, within } from "./dom.js";

/** Bring the region above a dialog that was opened after it. */
function raise(region) {
  if (!region.showPopover) return;
  if (region.matches(":popover-open") && !$("dialog[open]")) return;
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

/** Show a text; problems stay until closed, good news leaves after some seconds, one of a kind replaces another. */
export function toast(text, { stay = false, link = null, kind = "" } = {}) {
  const region = $("[data-toasts]");
  if (!region || !text) return;
  const close = make("button", { type: "button", "aria-label": say("close") }, icon("x-lg", "i-sm"));
  const line = make("div", { class: "toast-line" }, make("span", {}, text), link ? make("a", { href: link.href }, link.text) : null, close);
  close.addEventListener("click", () => line.remove());
  if (kind) $(`[data-kind="${kind}"]`, region)?.remove();
  line.dataset.kind = kind;
  region.append(line);
  raise(region);
  if (!stay) setTimeout(() => line.remove(), 6000);
}

export function init(root) {
  for (const note of within("[data-flash]", root)) {
    toast(note.textContent.trim());
    note.remove();
  }
}

document.addEventListener("toast", (event) => toast(event.detail?.value ?? event.detail));
