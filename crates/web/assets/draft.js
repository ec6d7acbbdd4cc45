// What was typed and taken out on a page, kept for when it is loaded again.

import { get } from "./net.js";

const DRAFT = "draft";

let faces;

/** The faces of this page, if it has any. */
export function watch(shown) {
  faces = shown;
}

/** Keeps it. The faces by their ids where they were drawn, and as places of a list that the server may still know. */
export function keepDraft() {
  const typed = document.getElementById("name")?.value ?? "";
  const marked = faces ? [...faces.marked] : [];
  const draft = { here: place(), typed, list: faces?.number, marked, ids: marked.map((at) => faces.idOf(at)).filter(Boolean) };
  if (typed || marked.length) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  else sessionStorage.removeItem(DRAFT);
}

/** Puts it back where this is the page that it was kept of. */
export async function carry() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  if (draft?.here !== place()) return;
  const field = document.getElementById("name");
  if (field && !field.value && draft.typed) {
    field.value = draft.typed;
    // Who begins anew types over it.
    field.select();
  }
  if (!faces || draft.marked.length === 0) return;
  const { same } = await get(`faces/${faces.number}/same?list=${draft.list}&at=${draft.marked}&faces=${draft.ids}`);
  for (const at of same) faces.set(at, faces.picking);
  faces.showChosen();
}

/** Where one is, whatever a page's address says beside that. */
function place() {
  return document.body.dataset.here.split("?")[0];
}
