// Requests to this server, and messages over the page.

/**
 * The page that is shown. `leaving`: an answer or the next page is on its way, and what arrives for this one is ignored;
 * `end`: aborted when another takes its place, which removes its listeners.
 */
export const page = { leaving: false, end: new AbortController() };

const STOPPED = "No response: cluster-faces has stopped. Every answer is saved; start it again to go on.";

/** What went wrong, with the status of the response; 0 where there was none. */
export class Failure extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** The JSON at an address; throws a Failure with the server's message. */
export async function get(address, options = {}) {
  const answer = await ask(address, { ...options, headers: { Accept: "application/json" } });
  const text = await answer.text();
  let value = {};
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure("Cannot read the response. Is cluster-faces still running?", answer.status);
  }
  if (!answer.ok) throw new Failure(value.problem ?? `The server responded with status ${answer.status}.`, answer.status);
  return value;
}

/** A response, whatever its status. */
export async function ask(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(STOPPED);
  }
}

/** Sends an answer. Gives the server's reply; throws a Failure where it was rejected. */
export async function send(action, fields) {
  page.leaving = true;
  try {
    return await waited(get(action, { method: "POST", body: new URLSearchParams(fields) }));
  } finally {
    page.leaving = false;
  }
}

/** Shows that something is under way after a tenth of a second, and why it may take so long from two on. */
export async function waited(promise) {
  const busy = setTimeout(() => document.body.classList.add("busy"), 100);
  let [ended, said] = [false, ""];
  const tell = async () => {
    const why = await reason();
    if (ended) return;
    if (why !== said) say(`${why} Your answer waits for it.`, "wait");
    said = why;
    long = setTimeout(tell, 1000);
  };
  let long = setTimeout(tell, 2000);
  try {
    return await promise;
  } finally {
    ended = true;
    clearTimeout(busy);
    clearTimeout(long);
    document.body.classList.remove("busy");
    document.querySelector(".notice.wait")?.remove();
  }
}

/** Why an answer takes long. */
async function reason() {
  const store = await get("store").catch(() => ({}));
  return store.away ? "The database server is away." : "Another program is writing to the store.";
}

/** Shows a line over the page, in place of the one of its kind. */
export function say(text, kind = "info", ...actions) {
  const notices = document.getElementById("notices");
  for (const old of notices.querySelectorAll(`.notice.${kind}`)) old.remove();
  const notice = make("div", { class: `notice ${kind}` }, make("p", {}, text), ...actions);
  notices.append(closable(notice));
  return notice;
}

/** Gives a notice its button to close it. */
export function closable(notice) {
  notice.append(make("button", { type: "button", class: "close", "aria-label": "Close this note", onclick: () => notice.remove() }, "✕"));
  return notice;
}

/** An element; `on` attributes are listeners, text becomes text. */
export function make(name, attributes = {}, ...children) {
  const svg = ["svg", "rect", "g"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  set(element, attributes);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Gives an element attributes. */
export function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
}

/** `1 face`, `2,345 faces`. */
export function count(number, one, more) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}
