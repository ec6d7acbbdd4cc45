// Completion of known names, each with a picture and how many faces have it. The text stays as typed until a known
// name is chosen by a key or a click, so that a name that is the beginning of another can be typed.

import { count, get, make, page } from "./net.js";

const MAX_OFFERED = 8;

let all;

/** All known people, loaded once. */
export function names() {
  all ??= get("names").then(({ names }) => names, () => []);
  return all;
}

/** Forgets them: names may have been given since. */
export function forget() {
  all = undefined;
}

/** A text as it is looked for: without case and accents, as the library has it. */
export const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

/**
 * The people of whose names a word begins with what is typed, accents and case aside; those whose name itself begins with it
 * first. As in the terminal.
 */
export function matching(typed, people) {
  const begun = plain(typed.trimStart());
  if (!begun) return [];
  const first = people.filter(({ name }) => plain(name).startsWith(begun));
  const later = people.filter((person) => !first.includes(person) && hasWord(plain(person.name), begun));
  return first.concat(later).slice(0, MAX_OFFERED);
}

/** Whether a word of a name, and what follows it, begins with this. */
function hasWord(name, begun) {
  for (let at = name.indexOf(begun); at >= 0; at = name.indexOf(begun, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test([...name.slice(0, at)].pop())) return true;
  }
  return false;
}

const NUMBERS = new Set("0123456789,-\u2010\u2011\u2012\u2013\u2014\u2212");

/**
 * Splits what is typed into what stays and the name to complete: after `:x`, words of digits, dashes and commas are
 * numbers of faces, as in the library. After another command there is no name.
 */
export function parts(typed) {
  const words = typed.split(" ");
  const first = words.findIndex((word) => word !== "");
  if (first < 0 || !words[first].startsWith(":")) return ["", typed];
  if (words[first].toLowerCase() !== ":x") return [typed, ""];
  let name = first + 1;
  while (name < words.length && [...words[name]].every((letter) => NUMBERS.has(letter))) name++;
  const stays = words.slice(0, name).join(" ");
  return name < words.length ? [`${stays} `, words.slice(name).join(" ")] : [typed, ""];
}

/** Makes a field complete names; with `pick`, a choice is handed on in place of being written. */
export function complete(input, list, { pick, signal = page.end.signal } = {}) {
  let chosen = -1;
  let shown = [];

  const show = (people) => {
    shown = people;
    chosen = -1;
    list.replaceChildren(...people.map((person, at) =>
      make("li", { role: "option", id: `${list.id}-${at}`, "aria-selected": "false",
        // Before the field loses the focus.
        onpointerdown: (event) => { event.preventDefault(); take(at); } },
        person.id ? make("img", { src: `cover/${person.id}`, alt: "", width: 32, height: 32 }) : make("span", { class: "nobody" }),
        make("span", {}, person.name), " ",
        make("small", {}, person.id ? count(person.faces, "face", "faces") : "on Flickr"))));
    list.hidden = people.length === 0;
    input.setAttribute("aria-expanded", String(people.length > 0));
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    chosen = at;
    for (const [place, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) option.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  };

  const take = (at) => {
    input.value = parts(input.value)[0] + shown[at].name;
    input.dispatchEvent(new Event("input"));
    show([]);
    input.focus();
    pick?.();
  };

  input.addEventListener("input", async (event) => {
    // Chosen, not typed.
    if (!event.isTrusted) return;
    const begun = parts(input.value)[1];
    const found = matching(begun, await names());
    // More may have been typed since.
    if (parts(input.value)[1] !== begun || signal.aborted) return;
    // The only one, typed in full, needs no list.
    show(found.length === 1 && found[0].name === begun ? [] : found);
  }, { signal });
  input.addEventListener("blur", () => show([]), { signal });
  input.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || list.hidden) return;
    const { key, shiftKey } = event;
    if (key === "ArrowDown") choose(chosen + 1 < shown.length ? chosen + 1 : -1);
    else if (key === "ArrowUp") choose(chosen === -1 ? shown.length - 1 : chosen - 1);
    else if (key === "Tab" && !shiftKey && (chosen >= 0 || shown.length === 1)) take(Math.max(chosen, 0));
    else if (key === "Enter" && chosen >= 0) {
      // Chosen and named in one: the form is sent with it.
      take(chosen);
      return;
    } else if (key === "Escape") show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  return { close: () => show([]) };
}
