// The question who it is: the name field, its commands, the keys.

import { post, say } from "./net.js";

const LAST = "last name";

/** Sends a form's answer about the faces. `what` is the button that was pressed. */
export function question(form, faces) {
  const input = document.getElementById("name");
  const later = document.getElementById("later");
  const same = document.getElementById("same");

  const answer = async (what, name = "", action = form.getAttribute("action")) => {
    const fields = { ...hidden(form), ...faces?.fields(), do: what };
    if (what === "name") fields.name = name;
    const accepted = await post(action, fields);
    // What was rejected is not offered as the last name.
    if (accepted && what === "name") sessionStorage.setItem(LAST, name);
  };

  const last = sessionStorage.getItem(LAST);
  if (same && last) {
    same.hidden = false;
    same.textContent = `Same as last: ${last}`;
    same.addEventListener("click", () => answer("name", last));
  }
  document.getElementById("odd")?.addEventListener("click", () => faces.markOutliers());

  // An Enter that is still held from the page before does not answer this question.
  let entering = false;
  input?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") entering = !event.repeat;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const typed = input?.value.trim() ?? "";
    // Enter in the field presses the form's first button, which need not be the one meant.
    const entered = document.activeElement === input || !button;
    if (entered && typed.startsWith(":")) command(typed);
    else if (entered && !typed) entering && go(later);
    else if (entered || button.value === "name") {
      if (typed) answer("name", typed, nameAction(form));
      else input.focus();
    } else answer(button.value, "", button.getAttribute("formaction") ?? undefined);
  });

  /** The commands of the terminal. */
  const command = (typed) => {
    const [, letter, rest] = /^:(\S*)\s*(.*)$/s.exec(typed);
    if (letter === "i") answer("stranger");
    else if (letter === "n") answer("not_a_face");
    else if (letter === "u") undo();
    else if (letter === "?") document.getElementById("keys").click();
    else if (letter === "q") location.assign(new URL("./", document.baseURI));
    else if (letter === "x") takeOut(rest);
    else say(`There is no command ":${letter}": there are :x, :i, :n, :u and :?`, "problem");
  };

  const takeOut = (rest) => {
    const [numbers] = /^[\d\s,-]*/.exec(rest);
    const name = rest.slice(numbers.length).trim();
    const places = [];
    for (const part of numbers.split(/[\s,]+/).filter(Boolean)) {
      const [from, to = from] = part.split("-").map(Number);
      if (!(from >= 1 && to >= from && to <= faces.list.total)) {
        say(`There is no face ${part}: the faces are numbered 1 to ${faces.list.total}.`, "problem");
        return;
      }
      for (let number = from; number <= to; number++) places.push(number - 1);
    }
    if (!places.length) return say("Which faces? For example :x 3 7-9", "problem");
    for (const at of places) faces.set(at, faces.picking);
    faces.showChosen();
    input.value = name;
    if (name) answer("name", name);
  };

  input?.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" || (event.key === "ArrowDown" && event.target.getAttribute("aria-expanded") === "false")) {
      event.preventDefault();
      faces.list.focus(faces.list.current);
    } else if (input.value === "" && event.key === "=") {
      event.preventDefault();
      keys.p();
    } else if (input.value === "" && event.key === "?") {
      event.preventDefault();
      document.getElementById("keys").click();
    }
  });

  const keys = {
    s: () => answer("stranger"),
    n: () => answer("not_a_face"),
    l: () => go(later),
    p: () => (same && !same.hidden ? same.click() : say("No one was named in this tab yet.")),
    o: () => document.getElementById("odd")?.click(),
    u: undo,
    "/": () => input?.focus(),
  };
  // On a person's page there are neither strangers nor a next one.
  if (!form.querySelector("[value=stranger]")) {
    delete keys.s;
    delete keys.n;
    delete keys.p;
  }
  return keys;
}

/** Answers to "is this Ada?". */
export function suggestion(form, faces) {
  const answer = (what) => post(form.getAttribute("action"), { ...hidden(form), ...faces?.fields(), do: what });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) answer(event.submitter.value);
  });
  return {
    y: () => answer("yes"),
    n: () => answer("no"),
    l: () => go(document.getElementById("later")),
    u: undo,
  };
}

/** Any other form: sent by script, so that what is wrong is said on this page. */
export function plain(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const action = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    post(action, fields);
  });
}

function nameAction(form) {
  return form.querySelector("button[value=name]")?.getAttribute("formaction") ?? form.getAttribute("action");
}

function hidden(form) {
  const fields = {};
  for (const input of form.querySelectorAll("input[type=hidden]")) fields[input.name] = input.value;
  return fields;
}

function go(link) {
  if (link) location.assign(link.href);
}

const ENTRIES = "entries";

/** Remembers what this tab decided, for undo. */
export function remember(entry) {
  const entries = JSON.parse(sessionStorage.getItem(ENTRIES) ?? "[]");
  if (!entries.includes(entry)) entries.push(entry);
  sessionStorage.setItem(ENTRIES, JSON.stringify(entries.slice(-200)));
}

/** Takes the last answer of this tab back. */
export function undo() {
  const entries = JSON.parse(sessionStorage.getItem(ENTRIES) ?? "[]");
  const entry = entries.pop();
  if (entry === undefined) {
    say("There is nothing to undo in this tab. The journal lists everything.");
    return;
  }
  sessionStorage.setItem(ENTRIES, JSON.stringify(entries));
  takeBack(entry);
}

export function takeBack(entry) {
  const { here } = document.body.dataset;
  const threshold = new URLSearchParams(here.split("?")[1] ?? "").get("threshold");
  const fields = { entry, back: here };
  if (threshold && !here.startsWith("person/")) fields.threshold = threshold;
  post("undo", fields);
}
