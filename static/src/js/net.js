// Requests of the script itself (suggestions, fragments) and the question whether a submit would arrive.

import htmx from "htmx.org";
import { $, $$, meta } from "./dom.js";

/** What stands in the way of a request: kind is offline, signedOut or status. */
export class Unreached extends Error {
  constructor(kind, status = 0) {
    super(kind);
    this.kind = kind;
    this.status = status;
  }
}

/** The sign-in page with the way back to this page. */
export function signInAddress() {
  return `${meta("app-sign-in")}?next=${encodeURIComponent(location.pathname + location.search)}`;
}

/** Whether an answer is the sign-in page instead of what was asked for. */
export function isSignIn(address) {
  if (!address) return false;
  const path = new URL(address, location.href).pathname;
  return path === meta("app-sign-in") && path !== location.pathname;
}

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreached("offline");
  }
  if (answer.status === 401 || isSignIn(answer.redirected && answer.url)) throw new Unreached("signedOut", 401);
  if (!answer.ok) throw new Unreached("status", answer.status);
  return answer;
}

export async function getJson(url, signal) {
  return (await ask(url, { signal, headers: { Accept: "application/json" } })).json();
}

export async function getText(url, signal) {
  return (await ask(url, { signal, headers: { Accept: "text/html", "X-Requested-With": "fetch" } })).text();
}

export async function postText(url, data, signal) {
  const headers = { Accept: "text/html", "X-CSRFToken": meta("csrf-token"), "X-Requested-With": "fetch" };
  return (await ask(url, { method: "POST", body: data, signal, headers })).text();
}

/** An address with parameters added to those that it has. */
export function withQuery(url, values) {
  const address = new URL(url, location.href);
  for (const [name, value] of Object.entries(values)) address.searchParams.set(name, value);
  return address.pathname + address.search;
}

/** Put a fragment of the server into an element; scripts in it do not run and htmx attributes work. */
export function put(target, html) {
  htmx.swap(target, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
}

/**
 * Whether a submit would be taken: ok, signedOut or offline. Asked before a form with a draft leaves the page.
 * A new sign-in of the same person in another tab brings a new token, which the forms of this page take over.
 */
export async function reachable() {
  try {
    const answer = await fetch(meta("app-session"), {
      redirect: "manual",
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(8000),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return "signedOut";
    if (!answer.ok) return [502, 503, 504].includes(answer.status) ? "offline" : "ok";
    const { user, csrf_token: token } = await answer.json();
    if (String(user) !== meta("app-user")) return "signedOut";
    renewToken(token);
    return "ok";
  } catch {
    return "offline";
  }
}

function renewToken(token) {
  if (!token) return;
  $('meta[name="csrf-token"]').content = token;
  for (const field of $$('input[name="csrf_token"]')) field.value = token;
}
