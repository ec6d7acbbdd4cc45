// Completion of known names. The text stays as typed until a known name is chosen by a key or a click, so
// that a name that is the beginning of another can be typed.

import { get, make } from "./net.js";

const MAX_OFFERED = 8;

let all;

/** All known names, loaded once per page. */
export function names() {
  all ??= get("names").then(({ names }) => names, () => []);
  return all;
}

/** Forgets them: names may have been given elsewhere. */
export function forget() {
  all = undefined;
}

/**
 * The names of which a word begins with what is typed, ignoring case; those that begin with it themselves
 * first. As in the terminal.
 */
export function matching(typed, names) {
  const begun = typed.trimStart().toLowerCase();
  if (!begun) return [];
  const first = [];
  const later = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    if (lower.startsWith(begun)) first.push(name);
    else if (words(lower).some((rest) => rest.startsWith(begun))) later.push(name);
    if (first.length >= MAX_OFFERED) break;
  }
  return first.concat(later).slice(0, MAX_OFFERED);
}

/** The rests of a name from the beginning of each of its words. */
function words(name) {
  const rests = [];
  for (const word of name.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)) rests.push(name.slice(word.index));
  return rests;
}

/** Splits what is typed into what stays, `:x 3 7-9 `, and the name to complete. The server reads the line itself. */
function parts(typed) {
  const command = /^\s*:x\s+(?:[\d,\u2010-\u2014\u2212-]+(?:\s+|$))*/i.exec(typed)?.[0] ?? "";
  return typed.trimStart().startsWith(":") && !command ? [typed, ""] : [command, typed.slice(command.length)];
}

/** Makes a field complete names. */
export function complete(input, list) {
  let chosen = -1;
  let shown = [];

  const show = (names) => {
    shown = names;
    chosen = -1;
    list.replaceChildren(...names.map((name, at) =>
      make("li", { role: "option", id: `${list.id}-${at}`, "aria-selected": "false",
        // Before the field loses the focus.
        onpointerdown: (event) => { event.preventDefault(); take(at); } }, name)));
    list.hidden = names.length === 0;
    input.setAttribute("aria-expanded", String(names.length > 0));
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    chosen = at;
    for (const [place, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(place === at));
    }
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  };

  const take = (at) => {
    input.value = parts(input.value)[0] + shown[at];
    show([]);
    input.focus();
  };

  input.addEventListener("input", async () => {
    const begun = parts(input.value)[1];
    const found = matching(begun, await names());
    // More may have been typed since.
    if (parts(input.value)[1] !== begun) return;
    // The only one, typed in full, needs no list.
    show(found.length === 1 && found[0] === begun ? [] : found);
  });
  input.addEventListener("blur", () => show([]));
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
    } else if (key === "Escape") {
      show([]);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });
  return { close: () => show([]) };
}
