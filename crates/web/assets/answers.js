// The question who it is: the name field, the buttons, and the keys. What is typed is sent as it is: the server reads
// commands as the terminal does, and says what to do on the page.

import { make, page, say, send } from "./net.js";
import { dropHeld, isReady, onAnswer, setKeyMode, whenSeen } from "./typing.js";
import { carry, keepDraft } from "./draft.js";
import { turn } from "./turn.js";

const LAST = "last name";
const by = (id) => document.getElementById(id);

/** Sends an answer and turns to where the server says; the reply, or nothing where it was rejected. */
export async function post(action, fields) {
  if (page.leaving) return undefined;
  try {
    const reply = await send(action, fields);
    if (reply.name) sessionStorage.setItem(LAST, reply.name);
    if (reply.go) await turn(reply.go);
    return reply;
  } catch (error) {
    const dropped = dropHeld();
    const lost = dropped.length ? ` What was typed ahead is not used: ${dropped.join(", ")}.` : "";
    // The list is not known any more: the server was started again, or the page is very old.
    if (error.status === 409 && document.querySelector("#question, .screen")) {
      await turn(document.body.dataset.here, false);
      await carry();
      say(`cluster-faces was started again since this page was loaded. Nothing was changed: look, and answer again.${lost}`, "problem");
    } else say(error.message + lost, "problem");
    return undefined;
  }
}

/** The same; where the server asks back, the person is asked, and it is sent again with what was chosen. */
export async function insist(action, fields) {
  const reply = await post(action, fields);
  const chosen = reply?.ask && (await sure(reply.ask, reply.choices));
  if (!chosen) return reply;
  const [, field, value] = chosen;
  if (fields instanceof FormData) fields.append(field, value);
  else fields[field] = value;
  return insist(action, fields);
}

/** Sends a form's answer about the faces. `what` is the button that was pressed. */
export function question(form, faces) {
  const { signal } = page.end;
  const input = by("name");
  const same = by("same");

  const answer = async (what, name = "", action = form.getAttribute("action")) => {
    const fields = { ...hidden(form), ...faces?.fields(), do: what };
    if (what === "name") {
      fields.name = name;
      // What is typed from now on is for the next question.
      if (input.value.trim() === name) input.value = "";
    }
    const reply = await insist(action, fields);
    if (reply?.do === "undo") undo();
    else if (reply?.do === "help") by("keys").click();
    if (reply?.out) {
      for (const at of reply.out) faces.set(at, faces.picking);
      faces.showChosen();
    }
    if ((!reply || reply.ask) && name && input.isConnected) {
      input.value = name;
      input.focus();
    }
    keepDraft();
  };

  onAnswer((what, name) => {
    if (what === "later") go(by("later"));
    else if (what === "name") answer(what, name, nameAction(form));
    else answer(what);
  });
  // A name that is chosen is written into the field: Enter gives it.
  for (const choice of form.querySelectorAll(".choices button")) {
    choice.addEventListener("click", () => {
      input.value = choice.dataset.name;
      input.focus();
      keepDraft();
    }, { signal });
  }
  showLast(same, input);
  by("odd")?.addEventListener("click", () => faces.markOutliers(), { signal });
  by("mode")?.addEventListener("click", () => { setKeyMode(false); input?.focus(); }, { signal });
  input?.addEventListener("input", () => keepDraft(), { signal });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const typed = input?.value.trim() ?? "";
    // Enter in the field presses the form's first button, which need not be the one meant.
    const entered = document.activeElement === input || !button;
    if (entered || button.value === "name") {
      if (typed) {
        if (!isReady()) input.value = "";
        whenSeen(typed, "name", typed);
      } else if (!entered) input.focus();
      // Nothing typed is "later", of a question that has been seen.
      else if (entering && isReady()) go(by("later"));
    } else if (isReady()) answer(button.value, "", button.getAttribute("formaction") ?? undefined);
  }, { signal });

  // Only an Enter that was pressed sends the empty form; a browser may do so for a held one.
  let entering = false;
  input?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") entering = true;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (dropHeld().length) return;
      if (input.value) {
        input.value = "";
        keepDraft();
        return;
      }
      setKeyMode(true);
      faces?.list.focus(faces.list.current);
    } else if (event.key === "ArrowDown" && event.target.getAttribute("aria-expanded") === "false") {
      event.preventDefault();
      faces?.list.focus(faces.list.current);
    } else if (input.value === "" && event.key === "=") {
      event.preventDefault();
      keys.p();
    } else if (input.value === "" && event.key === "/") {
      // What leads to the field elsewhere; no name begins with it.
      event.preventDefault();
    } else if (input.value === "" && event.key === "?") {
      event.preventDefault();
      by("keys").click();
    }
  }, { signal });

  const keys = {
    s: () => whenSeen("strangers", "stranger"),
    n: () => whenSeen("not faces", "not_a_face"),
    l: () => whenSeen("later", "later"),
    p: () => (same && !same.disabled ? same.click() : say("No one was named in this tab yet.")),
    o: () => by("odd")?.click(),
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

/** The button that writes the last name into the field: Enter then gives it. */
function showLast(same, input) {
  const last = sessionStorage.getItem(LAST);
  if (!same) return;
  same.disabled = !last;
  same.textContent = last ? `Again: ${last}` : "Again: the last name";
  same.onclick = () => {
    input.value = last;
    input.focus();
  };
}

/** A screen of rows: all are right, but for what is marked. */
export function screen(form) {
  const { signal } = page.end;
  const answer = () => insist(form.getAttribute("action"), new FormData(form));
  onAnswer((what) => (what === "later" ? go(by("later")) : answer()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A second Enter says nothing about rows that have only just come.
    if (isReady()) answer();
  }, { signal });
  return {
    l: () => whenSeen("later", "later"),
    u: undo,
  };
}

/** Asks a question with buttons; what was chosen, or nothing where it was left. A letter typed ahead chooses nothing. */
function sure(question, choices) {
  dropHeld();
  return new Promise((done) => {
    const dialog = make("dialog", { class: "sure", "aria-labelledby": "sure", onclose: () => { dialog.remove(); done(choices.find((_, at) => dialog.returnValue === `choice ${at}`)); } },
      make("form", { method: "dialog" },
        make("p", { id: "sure" }, question),
        make("div", { class: "ask" },
          make("button", { value: "back", autofocus: true }, "Back"),
          ...choices.map(([label], at) => make("button", { value: `choice ${at}`, class: "main" }, label)))));
    document.body.append(dialog);
    dialog.returnValue = "back";
    dialog.showModal();
  });
}

/** Any other form: sent by script, so that what is wrong is said on this page. */
export function plain(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const action = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const { confirm } = form.dataset;
    if (confirm && !(await sure(confirm, [["Yes", "", ""]]))) return;
    post(action, fields);
  }, { signal: page.end.signal });
}

function nameAction(form) {
  return form.querySelector("button[value=name]")?.getAttribute("formaction") ?? form.getAttribute("action");
}

export function hidden(form) {
  const fields = {};
  for (const input of form.querySelectorAll("input[type=hidden]")) fields[input.name] = input.value;
  return fields;
}

function go(link) {
  if (link) turn(link.href);
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
