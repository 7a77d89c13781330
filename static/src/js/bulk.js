// Selection of rows and the bar of what can be done with them (macro bulk_bar).
// form[data-bulk]        holds the table and the bar, so that both work without script
// [data-select]          checkbox of a row, named ids; data-amount in 亿元 is added up if [data-sum] is there
// [data-select-all]      checkbox of the head
// [data-bulk-bar]        shown while something is selected; [data-count], [data-sum], [data-bulk-clear] inside it
// Shift with a click selects a range.

import { $, $$, within } from "./dom.js";

let last = null;

function refresh(form) {
  const boxes = $$("[data-select]", form);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr, li, article")?.setAttribute("aria-selected", String(box.checked));
  const all = $("[data-select-all]", form);
  if (all) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const bar = $("[data-bulk-bar]", form);
  if (!bar) return;
  bar.classList.toggle("is-on", chosen.length > 0);
  const count = $("[data-count]", bar);
  if (count) count.textContent = chosen.length;
  const sum = $("[data-sum]", bar);
  if (sum) sum.textContent = chosen.reduce((total, box) => total + Number(box.dataset.amount || 0), 0).toFixed(2);
}

function setAll(form, on) {
  for (const box of $$("[data-select]", form)) box.checked = on;
  refresh(form);
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof Element)) return;
  const form = box.closest("form[data-bulk]");
  if (!form) return;
  if (box.closest("[data-bulk-clear]")) setAll(form, false);
  if (!box.matches("[data-select]")) return;
  if (event.shiftKey && last && last.form === form) {
    const boxes = $$("[data-select]", form);
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-select-all]")) setAll(form, event.target.checked);
  else if (event.target.matches("[data-select]")) refresh(form);
});

export function init(root) {
  for (const form of within("form[data-bulk]", root)) refresh(form);
  const around = root instanceof Element ? root.closest("form[data-bulk]") : null;
  if (around) refresh(around);
}
addEventListener("pageshow", () => $$("form[data-bulk]").forEach(refresh));
