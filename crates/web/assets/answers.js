// The question who it is: the name field and the keys. What is typed is sent as it is: the server reads commands
// as the terminal does, and says what to do on the page.

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
    const reply = await post(action, fields);
    // What was rejected is not offered as the last name.
    if (reply?.name) sessionStorage.setItem(LAST, reply.name);
    if (reply?.do === "undo") undo();
    else if (reply?.do === "help") document.getElementById("keys").click();
    if (reply?.out) {
      for (const at of reply.out) faces.set(at, faces.picking);
      faces.showChosen();
    }
    if (reply && !reply.go) input.value = "";
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
    if (entered && !typed) entering && go(later);
    else if (entered || button.value === "name") {
      if (typed) answer("name", typed, nameAction(form));
      else input.focus();
    } else answer(button.value, "", button.getAttribute("formaction") ?? undefined);
  });

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
  // On a person's page there are neither strangers nor a next cluster.
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

/** Undoes the last answer of this tab. */
export function undo() {
  const entries = JSON.parse(sessionStorage.getItem(ENTRIES) ?? "[]");
  const entry = entries.pop();
  if (entry === undefined) {
    say("Nothing to undo in this tab. The journal lists everything.");
    return;
  }
  sessionStorage.setItem(ENTRIES, JSON.stringify(entries));
  undoEntry(entry);
}

export function undoEntry(entry) {
  const { here } = document.body.dataset;
  const threshold = new URLSearchParams(here.split("?")[1] ?? "").get("threshold");
  const fields = { entry, back: here };
  if (threshold && !here.startsWith("person/")) fields.threshold = threshold;
  post("undo", fields);
}
