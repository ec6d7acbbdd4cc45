// The whole photo with a box around each of its faces: beside the list under the mouse; and large, where a face is
// named by a click, and the arrows show the photo of the next face.

import { get, make, page, say } from "./net.js";
import { complete } from "./names.js";
import { insist } from "./answers.js";
import { isText, keyMode } from "./typing.js";

const known = new Map();

/** What the server knows about a face's photo. */
function about(face) {
  if (!known.has(face)) {
    if (known.size > 200) known.clear();
    const request = get(`face/${face}`);
    request.catch(() => known.delete(face));
    known.set(face, request);
  }
  return known.get(face);
}

/** The photo, and boxes: all faces where `choose` takes one of them, the one meant alone otherwise. */
function drawn(face, { there, size: [width, height], faces }, choose) {
  if (!there) {
    return make("div", { class: "gone" },
      make("img", { src: `crop/${face}`, alt: "The face", width: 160, height: 160 }),
      make("p", {}, "The photo itself is not on this disk."));
  }
  const boxes = choose ? faces : faces.filter((other) => other.face === face);
  const part = (pixels, of) => `${(100 * pixels) / of}%`;
  return make("div", { class: "whole" },
    make("img", { src: `whole/${face}`, alt: "The whole photo", width, height }),
    ...boxes.map((other) => {
      // A face may go on beyond the photo's edge; its box does not.
      const [x, y] = other.box.slice(0, 2).map((edge) => Math.max(edge, 0));
      const w = Math.min(other.box[0] + other.box[2], width) - x;
      const h = Math.min(other.box[1] + other.box[3], height) - y;
      const label = other.who ?? "no name";
      const box = make(choose ? "button" : "span", {
        class: other.face === face ? "box this" : "box", ...(choose && { type: "button", "aria-label": `Face: ${label}`, onclick: () => choose(other) }),
      }, choose ? make("span", { class: "who" }, label) : null);
      Object.assign(box.style, { left: part(x, width), top: part(y, height), width: part(w, width), height: part(h, height) });
      return box;
    }));
}

let dialog;
let list;

/** Shows the photo large; `faces` is the list that the arrows go through. */
export async function open(face, faces) {
  list = faces ?? list;
  try {
    const photo = await about(face);
    hide();
    const content = shown() ? dialog : made();
    const form = naming();
    const choose = (other) => form.ask(other);
    const place = list?.list && list.list.total > 1;
    content.replaceChildren(
      make("form", { method: "dialog", class: "shut" }, make("button", { "aria-label": "Close" }, "✕")),
      drawn(face, photo, choose),
      make("div", { class: "under" },
        place ? make("button", { type: "button", onclick: () => step(-1), "aria-label": "The photo of the face before" }, "←") : null,
        make("p", { class: "about" },
          photo.title || `Photo ${photo.photo}`,
          photo.page ? " · " : null,
          photo.page ? make("a", { href: photo.page, target: "_blank", rel: "noopener noreferrer" }, "on Flickr") : null),
        place ? make("button", { type: "button", onclick: () => step(1), "aria-label": "The photo of the next face" }, "→") : null),
      form.element);
    content.dataset.face = face;
    form.ask(photo.faces.find((other) => other.face === face), false);
    if (!content.open) content.showModal();
  } catch (error) {
    say(error.message, "problem");
  }
}

function made() {
  dialog?.remove();
  dialog = make("dialog", { class: "photo", "aria-label": "The whole photo", onclick: (event) => {
    if (event.target === dialog) dialog.close();
  } });
  document.body.append(dialog);
  return dialog;
}

/** The field that names the face that was clicked. */
function naming() {
  const field = make("input", { type: "text", name: "name", autocomplete: "off", maxlength: 255, role: "combobox", "aria-label": "Who is this?",
    "aria-expanded": "false", "aria-controls": "known-photo", "aria-autocomplete": "list" });
  const options = make("ul", { id: "known-photo", role: "listbox", "aria-label": "Known names", hidden: true });
  const who = make("span", { class: "asks" });
  let asked;
  const element = make("form", { class: "ask one", onsubmit: async (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (!name || !asked) return;
    known.clear();
    await insist("face/name", { face: asked.face, name, seen: asked.who ?? "", back: document.body.dataset.here });
  } }, who, make("div", { class: "name" }, field, options), make("button", { class: "main" }, "Name"));
  complete(field, options);
  const ask = (face, focus = true) => {
    asked = face;
    if (!face) return;
    for (const box of dialog?.querySelectorAll(".box") ?? []) box.classList.remove("chosen");
    who.textContent = face.who ? `${face.who}; another name:` : "No name yet:";
    field.value = "";
    if (focus) field.focus();
  };
  return { element, ask };
}

/** To the photo of the face before or after. */
async function step(by) {
  const faces = list;
  const tile = [...faces.list.box.querySelectorAll(".face")].find((tile) => tile.dataset.face === shown());
  const at = Number(tile?.dataset.at ?? faces.list.current) + by;
  if (at < 0 || at >= faces.list.total) return;
  await faces.list.reach(at);
  faces.list.current = at;
  const next = faces.idOf(at);
  if (next) open(next, faces);
}

/** The face whose photo is shown large. */
export function shown() {
  return dialog?.open ? dialog.dataset.face : undefined;
}

/** A key while the photo is shown. */
export function key(event) {
  if (!shown() || event.target.matches("input")) return;
  // A letter is the beginning of a name here, too.
  if (!keyMode() && isText(event)) {
    dialog.querySelector("input[name=name]")?.focus();
    return;
  }
  const act = { v: close, f: () => onFlickr(shown()), arrowleft: () => list && step(-1), arrowright: () => list && step(1) }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

export function close() {
  dialog?.close();
}

/** The photo's page on Flickr, in a tab of its own. */
export function onFlickr(face) {
  window.open(new URL(`flickr/${face}`, document.baseURI), "_blank", "noopener,noreferrer");
}

let waiting;
let panel;

/** Shows the photo beside the list once the mouse has rested on a face. */
export function hover(face) {
  clearTimeout(waiting);
  const { signal } = page.end;
  waiting = setTimeout(async () => {
    try {
      const photo = await about(face);
      if (!photo.there || shown() || signal.aborted) return;
      panel?.remove();
      panel = make("aside", { class: "preview", "aria-hidden": "true" }, drawn(face, photo),
        make("p", {}, photo.title || `Photo ${photo.photo}`));
      document.body.append(panel);
    } catch {
      // A face that has gone since has no photo to show.
    }
  }, 300);
}

export function hide() {
  clearTimeout(waiting);
  panel?.remove();
  panel = undefined;
}
