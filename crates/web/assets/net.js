// Asking this server, and saying what came of it.

/** Set once another page is on its way: what arrives after that is of no interest. */
export const page = { leaving: false };

/** The JSON at an address; throws with the server's own words. */
export async function get(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  const text = await answer.text();
  let value = {};
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("The answer cannot be read. Does cluster-faces still run?");
  }
  if (!answer.ok) throw new Error(value.problem ?? `The server said ${answer.status}.`);
  return value;
}

/** Sends an answer and goes where the server says. Says what is wrong where it is refused. Whether it was taken. */
export async function post(action, fields) {
  if (page.leaving) return false;
  page.leaving = true;
  try {
    const { go } = await get(action, { method: "POST", body: new URLSearchParams(fields) });
    location.assign(new URL(go, document.baseURI));
    return true;
  } catch (error) {
    page.leaving = false;
    // fetch throws a TypeError where nobody listens any more.
    say(error instanceof TypeError ? "No answer: cluster-faces has ended. Start it again." : error.message, "problem");
    return false;
  }
}

/** Shows a line above the page. */
export function say(text, kind = "told", ...actions) {
  const notes = document.getElementById("notes");
  for (const old of notes.querySelectorAll(`.note.${kind}`)) old.remove();
  const note = make("div", { class: `note ${kind}` }, make("p", {}, text), ...actions);
  notes.append(note);
  return note;
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
