// Typeahead for a company, a lead or a person: the macro combo() in macros/forms.html draws it.
// [data-combo]            the box; inside it one text input named <name>_text and hidden inputs named <name>
// [data-url]              answers GET ?q= with {"items": [{"id", "label", "sub"?, "side"?, "when"?, "hit"?: [[from, to)]}]};
//                         an empty q may answer with recent records
// [data-name]             name of the hidden inputs, which hold ids; each carries data-label
// [data-multiple]         several, shown as chips; Backspace in the empty box takes the last one off
// [data-allow-new]        offers 新建“…”: the text arrives as <name>_text without an id
// Events: combo:change on the box, bubbling, detail {name, items: [{id, label}], text}.
// Keys: ↓ ↑ move, Enter picks, Esc closes, Tab leaves what was typed. Keys of an input method are left to it.

import { $, $$, composing, icon, make, marked, quietly, say, within } from "./dom.js";
import { getJson, withQuery } from "./net.js";

const boxes = new WeakMap();
let serial = 0;

const hidden = (box) => $$("input[type=hidden]", box);
const textOf = (box) => $("input[type=text]", box);

/** Ids and labels that are chosen, and the text. */
export function comboState(box) {
  const items = hidden(box).map((input) => ({ id: input.value, label: input.dataset.label ?? "" }));
  return { items, text: textOf(box).value };
}

/** Put a state back: of a draft, or of what the page was drawn with. */
export function setCombo(box, { items, text }) {
  hidden(box).forEach((input) => input.remove());
  for (const item of items) box.append(hiddenInput(box, item));
  const multiple = "multiple" in box.dataset;
  textOf(box).value = text ?? (multiple ? "" : (items[0]?.label ?? ""));
  drawChips(box);
  announce(box);
}

/** Choose one more (several) or instead (one). */
export function addToCombo(box, item) {
  const { items } = comboState(box);
  if (!("multiple" in box.dataset)) setCombo(box, { items: [item], text: item.label });
  else if (!items.some((one) => one.id === String(item.id))) setCombo(box, { items: [...items, item], text: "" });
}

export function removeFromCombo(box, id) {
  const { items } = comboState(box);
  setCombo(box, { items: items.filter((one) => one.id !== String(id)), text: "" });
}

function hiddenInput(box, item) {
  return make("input", { type: "hidden", name: box.dataset.name, value: item.id, "data-label": item.label });
}

function announce(box) {
  const { items, text } = comboState(box);
  box.dispatchEvent(new CustomEvent("combo:change", { bubbles: true, detail: { name: box.dataset.name, items, text } }));
}

function drawChips(box) {
  if (!("multiple" in box.dataset)) return;
  $$(".chip", box).forEach((chip) => chip.remove());
  for (const { id, label } of comboState(box).items) {
    const button = make("button", { type: "button", "aria-label": say("comboRemove", { label }) }, icon("x"));
    button.addEventListener("click", () => {
      removeFromCombo(box, id);
      textOf(box).focus();
    });
    textOf(box).before(make("span", { class: "chip" }, label, button));
  }
}

class Combo {
  constructor(box) {
    this.box = box;
    this.input = textOf(box);
    this.multiple = "multiple" in box.dataset;
    this.items = [];
    this.at = -1;
    this.abort = null;
    const id = `combo-${++serial}`;
    this.list = make("div", { class: "menu", id, role: "listbox", hidden: true, "aria-label": this.labelText() });
    this.status = make("span", { class: "visually-hidden", role: "status" });
    this.hint = make("span", { class: "xs muted nowrap" });
    this.input.after(this.hint);
    box.append(this.list, this.status);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", id]]) {
      this.input.setAttribute(name, value);
    }
    this.later = quietly(120, () => this.ask());
    if (this.multiple) this.clearJoined();
    drawChips(box);
    this.listen();
  }

  labelText() {
    return this.input.labels?.[0]?.textContent.trim() || this.input.getAttribute("aria-label") || "";
  }

  /** Without script the text box shows the chosen labels; with it the chips do. */
  clearJoined() {
    const joined = comboState(this.box).items.map((item) => item.label).join("；");
    if (this.input.value === joined) this.input.value = "";
  }

  listen() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("click", () => this.list.hidden && !this.input.value && this.later());
    this.input.addEventListener("blur", () => this.left());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(Number(option.dataset.at));
    });
    $(".combo-in", this.box).addEventListener("click", (event) => {
      if (event.target === event.currentTarget) this.input.focus();
    });
  }

  typed() {
    this.hint.textContent = "";
    const chosen = comboState(this.box).items[0];
    if (!this.multiple && chosen && chosen.label !== this.input.value) {
      hidden(this.box).forEach((input) => input.remove());
      announce(this.box);
    }
    if (this.input.value.trim()) this.later();
    else this.close();
  }

  async ask() {
    this.abort?.abort();
    this.abort = new AbortController();
    const q = this.input.value.trim();
    try {
      const { items } = await getJson(withQuery(this.box.dataset.url, { q }), this.abort.signal);
      const chosen = this.multiple ? comboState(this.box).items.map((item) => item.id) : [];
      this.items = items.filter((item) => !chosen.includes(String(item.id)));
      if (document.activeElement === this.input) this.draw(q);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.items = [];
      this.open([make("div", { class: "opt-none" }, say("comboFailed"))]);
      this.status.textContent = say("comboFailed");
    }
  }

  draw(q) {
    const rows = this.items.map((item, at) => this.option(item, at, q));
    const fresh = "allowNew" in this.box.dataset && q && !this.items.some((item) => item.label === q);
    if (fresh) {
      this.items.push({ id: null, label: q });
      rows.push(this.newOption(q, rows.length));
    }
    if (!rows.length) rows.push(make("div", { class: "opt-none" }, say("comboNone")));
    this.open(rows);
    this.move(this.items.length ? 0 : -1);
    this.status.textContent = this.items.length ? say("comboCount", { n: this.items.length }) : say("comboNone");
  }

  option(item, at, q) {
    return make(
      "div",
      { class: "opt", role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false", "data-at": at },
      make("span", {}, marked(item.label, q, item.hit)),
      make("small", {}, item.side ?? ""),
      make("small", {}, item.sub ?? ""),
      make("small", {}, item.when ?? ""),
    );
  }

  newOption(q, at) {
    return make(
      "div",
      { class: "opt new", role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false", "data-at": at },
      make("span", {}, say("comboNew", { q })),
      make("small", {}),
      make("small", {}, say("comboNewHint")),
      make("small", {}),
    );
  }

  open(rows) {
    this.list.replaceChildren(...rows);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.later.drop();
    this.abort?.abort();
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(at) {
    const options = $$("[role=option]", this.list);
    this.at = options.length ? (at + options.length) % options.length : -1;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === this.at)));
    if (this.at < 0) return;
    this.input.setAttribute("aria-activedescendant", options[this.at].id);
    options[this.at].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (composing(event)) return;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) this.move(this.at + (event.key === "ArrowDown" ? 1 : -1));
      else this.ask();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && (open || this.input.value)) {
      event.preventDefault(); // a half-typed name must not send the form
      if (open && this.at >= 0) this.pick(this.at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && this.multiple && !this.input.value) {
      const last = comboState(this.box).items.at(-1);
      if (last) removeFromCombo(this.box, last.id);
    }
  }

  pick(at) {
    const item = this.items[at];
    if (!item) return;
    this.close();
    if (item.id === null) {
      if (!this.multiple) hidden(this.box).forEach((input) => input.remove());
      this.hint.textContent = say("comboNewHint");
      announce(this.box);
    } else {
      this.hint.textContent = "";
      addToCombo(this.box, { id: String(item.id), label: item.label });
      this.status.textContent = say("comboPicked", { label: item.label });
    }
  }

  /** A name typed in full counts as chosen, if it is the only one of that name. */
  left() {
    const text = this.input.value.trim();
    const equal = this.items.filter((item) => item.id !== null && item.label === text);
    const chosen = comboState(this.box).items.some((item) => item.label === text);
    if (text && equal.length === 1 && !chosen) addToCombo(this.box, { id: String(equal[0].id), label: equal[0].label });
    this.close();
  }
}

export function init(root) {
  for (const box of within("[data-combo]", root)) if (!boxes.has(box)) boxes.set(box, new Combo(box));
}
