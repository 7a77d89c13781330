// What the script says when a request did not do its work: what happened, what is safe, what to do.
// Inside a form the note stands at its foot (or at [data-problem-here]); elsewhere it is a toast that stays.

import { $, icon, make, narrow, say } from "./dom.js";
import { signInAddress } from "./net.js";
import { toast } from "./toast.js";

const BY_STATUS = { 403: "forbidden", 404: "notFound", 413: "tooLarge", 429: "tooMany" };

/** Take away the note of an earlier try. */
export function clearProblem(form) {
  $("[data-problem]", form)?.remove();
}

/** Tell of a failed request. kind: offline, signedOut or status. */
export function tellProblem(kind, status = 0, form = null) {
  const drafted = Boolean(form?.dataset.draft);
  if (kind === "status") {
    const text = say(BY_STATUS[status] ?? "serverError");
    if (form) note(form, text, "", null);
    else toast(text, { stay: true });
    return;
  }
  const title = say(kind === "offline" ? "offlineTitle" : "signedOutTitle");
  const text = say(`${kind}${drafted ? "Draft" : "Text"}`);
  const link = kind === "signedOut" ? make("a", { href: signInAddress() }, say("signIn")) : null;
  if (form) note(form, title, text, link ?? retryButton(form));
  else toast(`${title}。${kind === "signedOut" ? text : ""}`, { stay: true, link: link && { href: link.href, text: link.textContent } });
}

function retryButton(form) {
  const button = make("button", { type: "button", class: "as-link" }, say("retry"));
  button.addEventListener("click", () => form.requestSubmit());
  return button;
}

function note(form, title, text, action) {
  clearProblem(form);
  const body = make("div", {}, make("b", { class: "strong" }, title), text ? make("div", {}, text) : null, action);
  const box = make("div", { class: "note warn", role: "alert", "data-problem": true }, icon("exclamation-triangle"), body);
  const foot = $("[data-problem-here]", form) ?? $("footer", form) ?? $(".form-foot", form);
  const docked = narrow() && foot?.classList.contains("save-dock");
  if (foot && !docked) foot.before(box);
  else form.prepend(box);
  box.scrollIntoView({ block: "nearest" });
}
