// Native dialogs: focus trap and Esc come from the browser.
// [data-open="id"]     opens the dialog; on a link, the link is the way without script
// [data-open-wide]     beside data-open: phones follow the link instead
// [data-src]           on the dialog, or on the opener to override: content fetched into [data-dialog-body]
// [data-close]         closes the dialog around it
// Server: HX-Trigger {"dialog-close": true} closes it and lets the next opening fetch anew.

import { $, $$, narrow } from "./dom.js";
import { getText, put, Unreached } from "./net.js";
import { tellProblem } from "./problems.js";

/** Open a dialog by id, fetching what belongs inside; `fallback` is followed when that fails. */
export async function openDialog(id, { src = "", fallback = "" } = {}) {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return;
  for (const other of $$("dialog[open]")) if (other !== dialog) other.close();
  if (!dialog.open) dialog.showModal();
  const address = src || dialog.dataset.src;
  const body = $("[data-dialog-body]", dialog);
  if (address && body && body.dataset.loaded !== address) await load(dialog, body, address, fallback);
  focusFirst(dialog);
}

async function load(dialog, body, address, fallback) {
  body.setAttribute("aria-busy", "true");
  try {
    put(body, await getText(address));
    body.dataset.loaded = address;
  } catch (error) {
    if (!(error instanceof Unreached)) throw error;
    dialog.close();
    if (error.kind === "status" && fallback) location.assign(fallback);
    else tellProblem(error.kind, error.status);
  } finally {
    body.removeAttribute("aria-busy");
  }
}

function focusFirst(dialog) {
  const field = $("[autofocus]", dialog) ?? $("input:not([type=hidden]):not([type=checkbox]), textarea, select", dialog);
  field?.focus();
  if (field?.matches("[role=combobox]")) field.select();
}

/** Close after success: the content is used up. */
function done() {
  for (const dialog of $$("dialog[open]")) {
    const body = $("[data-dialog-body]", dialog);
    if (body) delete body.dataset.loaded;
    dialog.close();
  }
}

let pressed = null;
document.addEventListener("pointerdown", (event) => {
  pressed = event.target;
});

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  const opener = target.closest("[data-open]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (opener && !elsewhere && document.getElementById(opener.dataset.open)) {
    if (!(opener.hasAttribute("data-open-wide") && narrow())) {
      event.preventDefault();
      openDialog(opener.dataset.open, { src: opener.dataset.src, fallback: opener.getAttribute("href") });
    }
    return;
  }
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  // The backdrop is the dialog element itself; a drag that began inside is no wish to close.
  else if (target instanceof HTMLDialogElement && pressed === target) target.close();
});

document.addEventListener("dialog-close", done);
