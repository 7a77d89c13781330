// The list of picked attachments, with size, number and a way to take one off; the server checks all again.
// [data-files]          around the input; data-max-mb and data-max-count are its limits
// [data-files-list]     the list
// [data-files-error]    where refusals are told
// Picking again adds to what was picked, if the input takes several. Types are those of the input's accept.

import { $, icon, make, say, within } from "./dom.js";

const picked = new WeakMap();

const megabytes = (bytes) => `${(bytes / 1048576).toFixed(bytes < 1048576 ? 2 : 1)} MB`;

function allowed(file, accept) {
  const types = accept.split(",").map((type) => type.trim().toLowerCase()).filter(Boolean);
  if (!types.length) return true;
  const name = file.name.toLowerCase();
  return types.some((type) => (type.startsWith(".") ? name.endsWith(type) : type.endsWith("/*") ? file.type.startsWith(type.slice(0, -1)) : file.type === type));
}

function write(box, input, files) {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  picked.set(input, files);
  $("[data-files-list]", box).replaceChildren(
    ...files.map((file) => {
      const off = make("button", { type: "button", class: "btn btn-quiet btn-sm", "aria-label": say("fileRemove", { name: file.name }) }, icon("x"));
      off.addEventListener("click", () => {
        write(box, input, picked.get(input).filter((one) => one !== file));
        input.focus();
      });
      return make("li", {}, icon("paperclip"), make("span", { class: "clip" }, file.name), make("span", { class: "xs muted nowrap" }, megabytes(file.size)), off);
    }),
  );
}

function choose(box, input) {
  const maxBytes = Number(box.dataset.maxMb || 20) * 1048576;
  const maxCount = Number(box.dataset.maxCount || 10);
  const refused = [];
  const files = input.multiple ? [...(picked.get(input) ?? [])] : [];
  for (const file of input.files) {
    if (files.some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified)) continue;
    if (!allowed(file, input.accept)) refused.push(say("fileWrongType", { name: file.name }));
    else if (file.size > maxBytes) refused.push(say("fileTooLarge", { name: file.name, size: megabytes(file.size), max: `${box.dataset.maxMb || 20} MB` }));
    else if (files.length >= maxCount) refused.push(say("fileTooMany", { max: maxCount }));
    else files.push(file);
  }
  const error = $("[data-files-error]", box);
  error.textContent = [...new Set(refused)].join(" ");
  error.hidden = refused.length === 0;
  write(box, input, files);
}

export function init(root) {
  for (const box of within("[data-files]", root)) {
    const input = $("input[type=file]", box);
    if (!input || picked.has(input)) continue;
    picked.set(input, []);
    input.addEventListener("change", () => choose(box, input));
  }
}
