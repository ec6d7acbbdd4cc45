// Where a key goes. A letter is text and goes into the name field, wherever the focus is; a single letter is a command
// only in the key mode, which Esc begins, which is seen, and which can be switched off (WCAG 2.2, 2.1.4). A key that is
// held decides nothing, and what is typed before a question has been on the screen for a moment waits until then.

import { page, say } from "./net.js";
import { seen } from "./pictures.js";

/** Milliseconds that the next question is on the screen before it can be answered. */
const MOMENT = 350;

const OFF = "single keys off";

const by = (id) => document.getElementById(id);

/** Whether single letters are commands now. */
export const keyMode = () => document.body.classList.contains("key-mode");

/** Whether the person lets single keys be commands at all. */
const isAllowed = () => localStorage.getItem(OFF) === null;

export function setKeyMode(on) {
  document.body.classList.toggle("key-mode", on && isAllowed());
  const mode = by("mode");
  if (mode) mode.hidden = !keyMode();
}

/** Whether an element takes text. */
export function takesText(element) {
  return element?.matches?.("input:not([type=range]):not([type=checkbox]), textarea") ?? false;
}

/** Whether a key is a character that is typed: with Alt, too, where the keyboard gives another one with it. */
export function isText(event) {
  if (event.key === "Dead" || event.isComposing) return true;
  if ([...event.key].length !== 1 || event.key === " " || event.ctrlKey && !event.getModifierState("AltGraph") || event.metaKey) return false;
  return !event.altKey || event.getModifierState("AltGraph") || !/^[a-z/]$/i.test(event.key);
}

let ready = false;
let turn = 0;
let held = [];
let act = () => {};

/** How the question that is shown is answered: what is held for it is given to this, and never to that of one before. */
export function onAnswer(answer) {
  act = answer;
}

/** A page has come. A question can be answered once its pictures have been seen for a moment. */
export async function asked() {
  ready = !document.querySelector("form[data-kind=name], .screen");
  const now = ++turn;
  setKeyMode(false);
  if (ready) {
    dropHeld();
    return;
  }
  await seen();
  await new Promise((next) => setTimeout(next, MOMENT));
  if (now !== turn) return;
  ready = true;
  const next = held.shift();
  showHeld();
  if (next) act(...next.answer);
}

/** Whether an answer given now is about what was seen. */
export const isReady = () => ready && !page.leaving;

/** Answers now, or once the question on its way has been seen for a moment. */
export function whenSeen(what, ...answer) {
  if (isReady() && held.length === 0) act(...answer);
  else {
    held.push({ what, answer });
    showHeld();
  }
}

/** Forgets what waits; what it was. */
export function dropHeld() {
  const dropped = held.map(({ what }) => what);
  held = [];
  showHeld();
  return dropped;
}

function showHeld() {
  const note = by("held");
  if (note) note.textContent = held.length ? `Waits for this question: ${held.map(({ what }) => what).join(", ")} (Esc drops it)` : "";
}

// A key that is held repeats: what it has done once it does not do again, here or on the next question.
document.addEventListener("keydown", (event) => {
  if (!event.repeat) return;
  const decides = event.key === "Enter" || (!takesText(event.target) && [...event.key].length === 1) || event.altKey;
  if (!decides) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// The second click of two on one place was meant for what was there before.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("form[method=post] button")) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

/** Puts the key into the name field, if there is one and the key is text; the browser writes it there. */
export function typeIntoField(event) {
  const field = document.querySelector("#question #name");
  if (!field || !isText(event) || takesText(event.target)) return false;
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
  return true;
}

/** The switch in the help. */
export function keySwitch() {
  const box = by("single-keys");
  box.checked = isAllowed();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
    setKeyMode(false);
    say(box.checked ? "Single letters are commands after Esc." : "Single letters are never commands.");
  });
}
