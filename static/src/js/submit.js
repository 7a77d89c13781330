// Submitting: one press is one request, the button says that it works, and a failure loses nothing.
// form[method=post], form[hx-post]  guarded against a second press; the button is dimmed, keeps its width, and a
//                                   main button says 正在保存; free again after an answer, a failure or "back"
// form[data-no-busy]                left alone: downloads and one-press actions that stay on the page
// form[data-draft]                  plain forms ask the server first whether it can be reached, so that a lost
//                                   connection or a sign-out elsewhere is told beside the form, with its text in place
// [data-confirm="question"]         on a button: asked before the submit

import { $, $$, say } from "./dom.js";
import { isSignIn, reachable } from "./net.js";
import { clearProblem, tellProblem } from "./problems.js";

const busyForms = new Map();
const cleared = new WeakSet();

const posts = (form) => form.method === "post" || form.hasAttribute("hx-post");
const viaHtmx = (form) => form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-get]");

function hold(form, submitter) {
  const button = submitter ?? $("button[type=submit], button:not([type])", form);
  const kept = { button, nodes: null };
  if (button) {
    button.setAttribute("aria-disabled", "true");
    button.classList.add("is-busy");
    if (button.classList.contains("btn-primary")) {
      button.style.minWidth = `${button.offsetWidth}px`;
      kept.nodes = [...button.childNodes];
      button.replaceChildren(say("saving"));
    }
  }
  busyForms.set(form, kept);
  form.setAttribute("aria-busy", "true");
}

/** Let a form be submitted again. */
export function release(form) {
  const kept = busyForms.get(form);
  if (!kept) return;
  busyForms.delete(form);
  form.removeAttribute("aria-busy");
  if (!kept.button) return;
  kept.button.removeAttribute("aria-disabled");
  kept.button.classList.remove("is-busy");
  kept.button.style.minWidth = "";
  if (kept.nodes) kept.button.replaceChildren(...kept.nodes);
}

async function askThenSend(form, submitter) {
  const state = await reachable();
  release(form);
  if (state !== "ok") {
    tellProblem(state, 0, form);
    return;
  }
  cleared.add(form);
  form.requestSubmit(submitter ?? undefined);
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm;
    const again = cleared.has(form);
    if (question && !again && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (!posts(form) || "noBusy" in form.dataset) return;
    if (busyForms.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    clearProblem(form);
    cleared.delete(form);
    hold(form, event.submitter);
    if (viaHtmx(form) || again || !form.dataset.draft) return;
    event.preventDefault();
    askThenSend(form, event.submitter);
  },
  { capture: true },
);

const formOf = (event) => event.detail.elt?.closest?.("form") ?? null;

document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event);
  if (form) release(form);
  event.detail.target?.removeAttribute("aria-busy");
});
document.addEventListener("htmx:validation:halted", (event) => {
  const form = formOf(event);
  if (form) release(form);
});
document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => tellProblem("offline", 0, formOf(event)));
}
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) tellProblem("signedOut", status, formOf(event));
  else if ([502, 503, 504].includes(status)) tellProblem("offline", status, formOf(event));
  else tellProblem("status", status, formOf(event));
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isSignIn(event.detail.xhr.responseURL)) return;
  event.detail.shouldSwap = false;
  tellProblem("signedOut", 401, formOf(event));
});

// A page that comes back from the browser's memory must not stay locked.
addEventListener("pageshow", (event) => {
  if (event.persisted) $$("form[aria-busy]").forEach(release);
});
