// Small behaviours of forms and menus.
// form[data-auto]          a filter form: sent when a choice changes; text fields 400 ms after typing
// details.pop              closes on a click elsewhere, on Esc, and when another opens
// [data-errors]            the summary of a form that came back: gets the focus
// [data-theme-toggle]      light and dark, kept in this browser (theme.js applies it before the first paint)
// [data-copy-url]          copies the address of this view
// [data-set="name"]        a button that puts data-value into the field of that name in its form (明天, 下周)
// Links of an error summary move the focus into the field, also for groups and typeaheads.

import { $, $$, quietly, say, within } from "./dom.js";
import { toast } from "./toast.js";

const timers = new WeakMap();

function sendLater(form) {
  if (!timers.has(form)) timers.set(form, quietly(400, () => form.requestSubmit()));
  timers.get(form)();
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form || !("auto" in form.dataset)) return;
  sendLater(form);
  if (event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) timers.get(form).now();
});
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && "auto" in form.dataset && event.target.matches("[type=search], [type=text]") && !event.isComposing) sendLater(form);
});

function closeMenus(except = null) {
  for (const menu of $$("details.pop[open]")) if (menu !== except && !menu.contains(except)) menu.open = false;
}

function toggleTheme() {
  const root = document.documentElement;
  const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = next;
  root.dataset.themeChosen = "1";
  try {
    localStorage.setItem("theme", next);
  } catch {
    // Storage is blocked: the choice lasts for this page only.
  }
  document.dispatchEvent(new Event("themechange"));
}

async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    toast(say("copied"));
  } catch {
    toast(say("copyFailed"));
  }
}

function setField(button) {
  const field = button.closest("form")?.elements[button.dataset.set];
  if (!field) return;
  field.value = button.dataset.value;
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  closeMenus(target.closest("details.pop"));
  if (target.closest("[data-theme-toggle]")) toggleTheme();
  if (target.closest("[data-copy-url]")) copyAddress();
  if (target.closest("[data-set]")) setField(target.closest("[data-set]"));
  const link = target.closest("[data-errors] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (field) {
    event.preventDefault();
    (field.matches("fieldset") ? ($(":checked", field) ?? $("input", field) ?? field) : field).focus();
    field.scrollIntoView({ block: "center" });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.pop[open]") ?? $("details.pop[open]");
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  $("summary", menu)?.focus();
});

export function init(root) {
  within("[data-errors]", root)[0]?.focus();
}
