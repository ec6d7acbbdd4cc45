// The whole photo with the box around a face: beside the list under the mouse, and large on a key.

import { get, make, say } from "./net.js";

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

function drawn(face, { there, size: [width, height], box: [x, y, w, h] }) {
  if (!there) {
    return make("div", { class: "gone" },
      make("img", { src: `crop/${face}`, alt: "The face", width: 160, height: 160 }),
      make("p", {}, "The photo itself is not on this disk."));
  }
  return make("div", { class: "whole" },
    make("img", { src: `whole/${face}`, alt: "The whole photo", width, height }),
    make("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      make("rect", { x, y, width: w, height: h })));
}

let dialog;

/** Shows the photo large; closed by Esc, v, or a click beside it. */
export async function open(face) {
  try {
    const photo = await about(face);
    hide();
    dialog?.remove();
    dialog = make("dialog", { class: "photo", "aria-label": "The whole photo", onclick: (event) => {
      if (event.target === dialog) dialog.close();
    } },
      make("form", { method: "dialog" }, make("button", { "aria-label": "Close" }, "✕")),
      drawn(face, photo),
      make("p", { class: "about" },
        photo.title || `Photo ${photo.photo}`,
        photo.who ? " · " : null,
        photo.person != null ? make("a", { href: `person/${photo.person}` }, photo.who) : photo.who,
        photo.page ? " · " : null,
        photo.page ? make("a", { href: photo.page, target: "_blank", rel: "noopener noreferrer" }, "on Flickr (f)") : null));
    document.body.append(dialog);
    dialog.dataset.face = face;
    dialog.showModal();
  } catch (error) {
    say(error.message, "problem");
  }
}

/** The face whose photo is shown large. */
export function shown() {
  return dialog?.open ? dialog.dataset.face : undefined;
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
  waiting = setTimeout(async () => {
    try {
      const photo = await about(face);
      if (!photo.there || shown()) return;
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
