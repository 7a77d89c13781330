// The masked notice of other teams, while a company is being typed.
// [data-collision-url]     on a field: GET answers an HTML fragment, empty when nobody is talking with the firm
// [data-collision-target]  selector of the element that shows it
// [data-collision-param]   name of the parameter (default name): name, uscc, phone. All fields of the form with the
//                          same target are sent together; a company picked in a combo is sent as company_id.

import { $, $$, quietly } from "./dom.js";
import { getText, put, withQuery } from "./net.js";
import { comboState } from "./combo.js";

const waiting = new WeakMap();

function values(field) {
  const scope = field.form ?? document;
  const out = {};
  for (const one of $$("[data-collision-url]", scope)) {
    if (one.dataset.collisionTarget !== field.dataset.collisionTarget) continue;
    const box = one.closest("[data-combo]");
    const picked = box ? comboState(box).items.map((item) => item.id) : [];
    if (picked.length) out.company_id = picked.join(",");
    else if (one.value.trim().length > 1) out[one.dataset.collisionParam ?? "name"] = one.value.trim();
  }
  return out;
}

async function ask(field) {
  const target = $(field.dataset.collisionTarget);
  if (!target) return;
  waiting.get(target)?.abort();
  const abort = new AbortController();
  waiting.set(target, abort);
  const asked = values(field);
  if (!Object.keys(asked).length) {
    target.replaceChildren();
    return;
  }
  try {
    put(target, (await getText(withQuery(field.dataset.collisionUrl, asked), abort.signal)).trim());
  } catch {
    // Typing went on, or the server cannot be reached: saving checks again and says so.
  }
}

const timers = new WeakMap();

function later(field) {
  if (!timers.has(field)) timers.set(field, quietly(250, () => ask(field)));
  timers.get(field)();
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-collision-url]") && !event.isComposing) later(event.target);
});
document.addEventListener("compositionend", (event) => {
  if (event.target.matches?.("[data-collision-url]")) later(event.target);
});
document.addEventListener("combo:change", (event) => {
  const field = $("[data-collision-url]", event.target);
  if (field) later(field);
});
