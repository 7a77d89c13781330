// Pasted text is read by the server; what it finds is offered as chips and never written without a press.
// [data-parse-url]      on a text area: POST text=… answers an HTML fragment of chips (macro parsed_chip)
// [data-parse-target]   selector of the element that shows them
// [data-fill="name"]    on a chip: the field of the same form that a press fills, with data-value (and data-label for
//                       a combo). A second press puts back what stood there. Chips whose value the field already
//                       holds are marked .used.

import { $, $$, quietly, say } from "./dom.js";
import { postText, put } from "./net.js";
import { addToCombo, comboState, removeFromCombo, setCombo } from "./combo.js";
import { toast } from "./toast.js";

const before = new WeakMap();

const comboOf = (form, name) => $(`[data-combo][data-name="${CSS.escape(name)}"]`, form);
const controls = (form, name) => [...form.elements].filter((one) => one.name === name);

function holds(form, chip) {
  const box = comboOf(form, chip.dataset.fill);
  if (box) return comboState(box).items.some((item) => item.id === chip.dataset.value);
  const fields = controls(form, chip.dataset.fill);
  if (fields[0]?.type === "radio" || fields[0]?.type === "checkbox") return fields.some((one) => one.checked && one.value === chip.dataset.value);
  return fields.some((one) => one.value === chip.dataset.value);
}

function mark(form) {
  for (const chip of $$("[data-fill]", form)) {
    const used = holds(form, chip);
    chip.classList.toggle("used", used);
    chip.setAttribute("aria-pressed", String(used));
  }
}

function setField(form, name, value) {
  const fields = controls(form, name);
  const field = fields[0];
  if (!field) return null;
  let old = field.value;
  if (field.type === "radio" || field.type === "checkbox") {
    old = fields.find((one) => one.checked)?.value ?? null;
    for (const one of fields) if (field.type === "radio" || one.value === value) one.checked = one.value === value;
  } else {
    field.value = value ?? "";
  }
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  return old;
}

function press(chip, form) {
  const { fill, value } = chip.dataset;
  const box = comboOf(form, fill);
  const label = [...chip.childNodes].map((node) => node.textContent.trim()).filter(Boolean).join(" ");
  const undo = holds(form, chip);
  if (box && undo) {
    if ("multiple" in box.dataset) removeFromCombo(box, value);
    else setCombo(box, before.get(chip) ?? { items: [], text: "" });
  } else if (box) {
    before.set(chip, comboState(box));
    addToCombo(box, { id: value, label: chip.dataset.label ?? label });
  } else if (undo) {
    setField(form, fill, before.get(chip) ?? null);
  } else {
    before.set(chip, setField(form, fill, value));
  }
  mark(form);
  toast(say(undo ? "chipUndone" : "chipFilled", { label }), { kind: "chip" });
}

const running = new WeakMap();

async function read(area) {
  const target = $(area.dataset.parseTarget, area.form ?? document) ?? $(area.dataset.parseTarget);
  if (!target) return;
  running.get(area)?.abort();
  const abort = new AbortController();
  running.set(area, abort);
  if (area.value.trim().length < 2) {
    target.replaceChildren();
    return;
  }
  const data = new FormData();
  data.set("text", area.value);
  try {
    put(target, (await postText(area.dataset.parseUrl, data, abort.signal)).trim());
    if (area.form) mark(area.form);
  } catch {
    // Chips are a convenience: without them the form works as before.
  }
}

const timers = new WeakMap();

document.addEventListener("input", (event) => {
  const area = event.target;
  if (!area.matches?.("[data-parse-url]")) return;
  if (!timers.has(area)) timers.set(area, quietly(400, () => read(area)));
  timers.get(area)();
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("[data-fill]");
  const form = chip?.closest("form");
  if (form) press(chip, form);
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && $("[data-fill]", form)) mark(form);
});
