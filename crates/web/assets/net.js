// Requests to this server, and messages above the page.

/** Set once another page is on its way: what arrives after that is ignored. */
export const page = { leaving: false };

/** The JSON at an address; throws an Error with the server's message. */
export async function get(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  const text = await answer.text();
  let value = {};
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("Cannot read the response. Is cluster-faces still running?");
  }
  if (!answer.ok) throw new Error(value.problem ?? `The server responded with status ${answer.status}.`);
  return value;
}

/** Sends an answer and goes where the server says. Returns the reply, or shows why the answer was rejected. */
export async function post(action, fields) {
  if (page.leaving) return undefined;
  page.leaving = true;
  try {
    const reply = await get(action, { method: "POST", body: new URLSearchParams(fields) });
    if (reply.go) location.assign(new URL(reply.go, document.baseURI));
    else page.leaving = false;
    return reply;
  } catch (error) {
    page.leaving = false;
    // fetch throws a TypeError if the connection is refused.
    say(error instanceof TypeError ? "No response: cluster-faces has stopped. Start it again." : error.message, "problem");
    return undefined;
  }
}

/** Shows a line above the page. */
export function say(text, kind = "info", ...actions) {
  const notices = document.getElementById("notices");
  for (const old of notices.querySelectorAll(`.notice.${kind}`)) old.remove();
  const notice = make("div", { class: `notice ${kind}` }, make("p", {}, text), ...actions);
  notices.append(notice);
  return notice;
}

/** An element; `on` attributes are listeners, text becomes text. */
export function make(name, attributes = {}, ...children) {
  const svg = name === "svg" || name === "rect";
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
