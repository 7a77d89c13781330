// Entry of the script of every page. Each module's head lists the data attributes that it answers to.
// Parts that htmx or the script put into the page are started the same way as the page itself.
// Configuration of htmx: <meta name="htmx-config"> in base.html.

import "htmx.org";
import { meta } from "./dom.js";
import * as toasts from "./toast.js";
import * as combo from "./combo.js";
import * as drafts from "./drafts.js";
import * as bulk from "./bulk.js";
import * as files from "./files.js";
import * as forms from "./forms.js";
import "./dialogs.js";
import "./submit.js";
import "./keys.js";
import "./palette.js";
import "./collision.js";
import "./parse.js";

// Order matters: a typeahead must stand before a draft is put into it.
const parts = [toasts, combo, drafts, bulk, files, forms];

function start(root) {
  for (const part of parts) part.init(root);
}

start(document);
document.documentElement.dataset.app = "ready";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = meta("csrf-token");
});
