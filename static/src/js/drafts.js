// Drafts: what is typed survives a closed tab, a lost connection, a failed save and a sign-out.
// form[data-draft="key"]   kept in localStorage under draft:<user id>:<key>. The key names the form and the record:
//                          "interaction:new", "lead:12". The script adds a hidden field draft_key with it.
// [data-draft-state]       inside the form: shows 草稿已存 11:05
// [data-draft-line]        inside the form: where 已恢复 11:05 的草稿 · 丢弃 is put (default: its head)
// [data-draft-skip]        on a field: never kept. Passwords, files and the CSRF token never are.
// [data-errors]            inside a form that came back with 422: its values are newer, nothing is restored
// A hidden version field is restored with the rest, so that a record changed meanwhile leads to the compare table.
// Clearing, after the server has saved: flash(request.form["draft_key"], "draft-clear") before a redirect, or the
// header HX-Trigger {"draft-clear": key}, or an element [data-draft-clear="key"] in a fragment.
// Only drafts of the user in <meta name="app-user"> are offered; after 30 days a draft is dropped.

import { $, $$, clock, make, meta, quietly, say, within } from "./dom.js";
import { comboState, setCombo } from "./combo.js";
import { toast } from "./toast.js";

const PREFIX = "draft:";
const KEEP_MS = 30 * 24 * 3600 * 1000;
const forms = new Map();

const place = (key) => `${PREFIX}${meta("app-user")}:${key}`;

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(place(key)));
  } catch {
    return null;
  }
}

function write(key, state) {
  try {
    localStorage.setItem(place(key), JSON.stringify({ at: Date.now(), state }));
    return true;
  } catch {
    return false;
  }
}

function remove(key) {
  try {
    localStorage.removeItem(place(key));
  } catch {
    // Storage is blocked: then there was no draft either.
  }
}

function dropOld() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue;
      const at = JSON.parse(localStorage.getItem(name) || "{}").at ?? 0;
      if (Date.now() - at > KEEP_MS) localStorage.removeItem(name);
    }
  } catch {
    // Blocked or foreign content: nothing to tidy.
  }
}

const kept = (field) =>
  field.name &&
  !["csrf_token", "draft_key"].includes(field.name) &&
  !["password", "file", "submit", "button", "image", "reset"].includes(field.type) &&
  !field.closest("[data-combo], [data-draft-skip]");

function collect(form) {
  const fields = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    const values = (fields[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values.push(field.value);
    } else if (field.multiple && field.options) {
      values.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      values.push(field.value);
    }
  }
  const combos = Object.fromEntries($$("[data-combo]", form).map((box) => [box.dataset.name, comboState(box)]));
  return { fields, combos };
}

function apply(form, { fields, combos }) {
  const turn = {};
  for (const field of form.elements) {
    if (!kept(field) || !(field.name in fields)) continue;
    const values = fields[field.name];
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.multiple && field.options) for (const option of field.options) option.selected = values.includes(option.value);
    else field.value = values[(turn[field.name] = (turn[field.name] ?? -1) + 1)] ?? "";
  }
  for (const box of $$("[data-combo]", form)) if (combos[box.dataset.name]) setCombo(box, combos[box.dataset.name]);
  for (const field of $$("[data-parse-url]", form)) field.dispatchEvent(new Event("input", { bubbles: true }));
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function show(form, text) {
  for (const line of $$("[data-draft-state]", form)) line.textContent = text;
}

function save(form) {
  const held = forms.get(form);
  if (!held || held.done || !form.isConnected) return;
  const state = collect(form);
  if (same(state, held.initial)) {
    remove(held.key);
    show(form, "");
    return;
  }
  const ok = write(held.key, state);
  show(form, say(ok ? "draftSaved" : "draftFull", { time: clock(Date.now()) }));
}

function offer(form, held, draft) {
  apply(form, draft.state);
  const discard = make("button", { type: "button", class: "as-link" }, say("draftDiscard"));
  const line = make("div", { class: "draft-line", role: "status" }, make("span", {}, say("draftRestored", { time: clock(draft.at) })), discard);
  discard.addEventListener("click", () => {
    held.later.drop();
    apply(form, held.initial);
    held.later.drop();
    remove(held.key);
    show(form, "");
    line.remove();
    toast(say("draftDiscarded"));
  });
  ($("[data-draft-line]", form) ?? $(":scope > .body", form) ?? form).prepend(line);
}

function start(form) {
  if (forms.has(form)) return;
  const key = form.dataset.draft;
  const held = { key, initial: collect(form), done: false, later: quietly(400, () => save(form)) };
  forms.set(form, held);
  form.append(make("input", { type: "hidden", name: "draft_key", value: key }));
  const draft = read(key);
  if ($("[data-errors]", form)) {
    write(key, held.initial);
    held.initial = null;
  } else if (draft?.state?.fields && !same(draft.state, held.initial)) {
    offer(form, held, draft);
  }
  for (const name of ["input", "change", "combo:change"]) {
    form.addEventListener(name, () => {
      held.done = false;
      held.later();
    });
  }
  form.addEventListener("submit", () => held.later.now());
}

/** Forget a draft that the server has saved, and stop a late write of it. */
export function forget(key) {
  if (!key) return;
  remove(key);
  for (const [form, held] of forms) {
    if (!form.isConnected) forms.delete(form);
    if (held.key !== key) continue;
    held.later.drop();
    held.done = true;
    show(form, "");
  }
}

export function init(root) {
  for (const mark of within("[data-draft-clear]", root)) {
    forget(mark.dataset.draftClear);
    mark.remove();
  }
  if (meta("app-user")) within("form[data-draft]", root).forEach(start);
}

document.addEventListener("draft-clear", (event) => forget(event.detail?.value ?? event.detail));
addEventListener("pagehide", () => {
  for (const held of forms.values()) held.later.now();
});
dropOld();
