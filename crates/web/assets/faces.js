// The faces of a list: taken out, or picked, by click and by key.

import { get, make, page, set, count } from "./net.js";
import { LongList, loader, loaderOf } from "./lists.js";
import { picture, show } from "./pictures.js";
import { keyMode } from "./typing.js";
import { keepDraft } from "./draft.js";
import { onRest } from "./touch.js";
import * as photo from "./photo.js";

export class Faces {
  constructor(start) {
    this.number = start.dataset.list;
    this.picking = start.dataset.picking === "1";
    /** Indices of the faces that were taken out, or picked. */
    this.marked = new Set();
    /** Faces decided elsewhere since, by index, and as what. */
    this.elsewhere = new Map();
    /** Of these, those that were taken in again. */
    this.restored = new Set();
    this.chosen = document.getElementById("chosen");
    this.list = new LongList(start, Number(start.dataset.total), loaderOf(start, `faces/${this.number}`, "faces"), (face, at, old) => this.draw(face, at, old));
    const box = this.list.box;
    box.addEventListener("click", (event) => this.click(event));
    box.addEventListener("keydown", (event) => this.key(event));
    // Some browsers click a button when Space is let go.
    box.addEventListener("keyup", (event) => {
      if (event.key === " " && event.target.closest(".face")) event.preventDefault();
    });
    box.addEventListener("focusin", (event) => {
      const at = event.target.dataset.at;
      if (at !== undefined) this.list.current = Number(at);
    });
    box.addEventListener("pointerover", (event) => {
      const face = event.target.closest?.("[data-face]")?.dataset.face;
      if (face && event.pointerType === "mouse") photo.hover(face);
    });
    box.addEventListener("pointerleave", () => photo.hide());
    addEventListener("scroll", () => photo.hide(), { passive: true, signal: page.end.signal });
    this.drag();
    // As with Shift: all from the last one to it.
    onRest(box, ".face", (tile) => this.toggle(Number(tile.dataset.at), true));
  }

  /** A drag over faces with the mouse marks all from where it began. */
  drag() {
    let from;
    const tile = (event) => Number(document.elementFromPoint(event.clientX, event.clientY)?.closest?.("#faces .face")?.dataset.at ?? NaN);
    this.list.box.addEventListener("pointerdown", (event) => {
      from = event.button === 0 && event.pointerType === "mouse" && !event.shiftKey && event.target.closest(".face") ? tile(event) : undefined;
      this.dragged = false;
    });
    this.list.box.addEventListener("pointermove", (event) => {
      const to = tile(event);
      if (from === undefined || event.buttons !== 1 || Number.isNaN(to) || (to === from && !this.dragged)) return;
      if (!this.dragged) this.marking = !this.isIn(from);
      this.dragged = true;
      for (let at = Math.min(from, to); at <= Math.max(from, to); at++) this.set(at, this.marking);
      this.changed();
    });
    this.list.box.addEventListener("dragstart", (event) => event.preventDefault());
  }

  draw({ face, outlier }, at, old) {
    const item = old ?? make("li", {},
      make("button", { type: "button", role: "checkbox" }, picture(160, 160),
        make("span", { class: "number" }), make("span", { class: "why" }), make("span", { class: "state" })),
      make("a", { class: "look", tabindex: "-1", title: "The whole photo" }, "⤢"));
    const [tile, look] = item.children;
    const [image, number, why] = tile.children;
    set(tile, { class: outlier ? "face odd" : "face", "data-at": at, "data-face": face, tabindex: at === this.list.current ? "0" : "-1" });
    show(image, face);
    number.textContent = at + 1;
    why.textContent = outlier ? "odd" : "";
    set(look, { href: `photo/${face}`, "data-face": face, "aria-label": `The whole photo of face ${at + 1}` });
    this.show(item, at);
    return item;
  }

  /** Whether an answer is about this face. */
  isIn(at) {
    if (this.picking) return this.marked.has(at);
    return !this.marked.has(at) && (!this.elsewhere.has(at) || this.restored.has(at));
  }

  /** Shows the state of a tile. */
  show(item, at) {
    const tile = item?.querySelector(".face");
    if (!tile) return;
    const isIn = this.isIn(at);
    const label = this.elsewhere.get(at) ?? "";
    tile.setAttribute("aria-checked", String(isIn));
    tile.classList.toggle("out", !isIn && !this.picking);
    tile.classList.toggle("picked", isIn && this.picking);
    tile.querySelector(".state").textContent = label;
    const odd = tile.classList.contains("odd") ? ", an odd one" : "";
    const mark = this.picking ? (isIn ? "chosen" : "not chosen") : (isIn ? "in" : "taken out");
    tile.setAttribute("aria-label", `Face ${at + 1}${odd}, ${mark}${label ? `, ${label}` : ""}`);
  }

  set(at, isIn) {
    if (this.isIn(at) === isIn) return;
    if (this.picking) isIn ? this.marked.add(at) : this.marked.delete(at);
    else if (isIn) {
      this.marked.delete(at);
      this.restored.add(at);
    } else if (this.elsewhere.has(at)) this.restored.delete(at);
    else this.marked.add(at);
    this.show(this.list.element(at), at);
  }

  /** Takes one out or in, or all from the last one to it. */
  toggle(at, range = false) {
    const isIn = !this.isIn(at);
    const from = range ? this.last ?? at : at;
    for (let index = Math.min(from, at); index <= Math.max(from, at); index++) this.set(index, isIn);
    this.last = at;
    this.changed();
  }

  /** The person has marked some. */
  changed() {
    this.showChosen();
    keepDraft();
  }

  /** The id of a face that has been drawn. */
  idOf(at) {
    return this.list.element(at)?.querySelector(".face")?.dataset.face;
  }

  showChosen() {
    if (!this.chosen) return;
    const total = this.list.total;
    const out = [...this.marked];
    if (this.picking) this.chosen.textContent = out.length ? `${count(out.length, "face", "faces")} chosen` : "";
    else if (out.length) this.chosen.textContent = `${count(out.length, "face is", "faces are")} taken out, ${total - this.excluded()} are named`;
    else this.chosen.textContent = "";
  }

  /** How many faces an answer is not about. */
  excluded() {
    let excluded = this.marked.size;
    for (const at of this.elsewhere.keys()) if (!this.restored.has(at) && !this.marked.has(at)) excluded++;
    return excluded;
  }

  /** Marks the outliers of the whole list. */
  async markOutliers() {
    const { outliers } = await get(`faces/${this.number}/states`);
    for (const at of outliers) this.set(at, this.picking);
    this.changed();
    if (outliers.length) this.list.focus(outliers[0]);
  }

  /** Asks what was decided elsewhere; how many of these faces it is about. */
  async refresh() {
    const { states } = await get(`faces/${this.number}/states`);
    const before = this.elsewhere;
    this.elsewhere = new Map(Object.entries(states).map(([at, label]) => [Number(at), label]));
    for (const at of new Set([...before.keys(), ...this.elsewhere.keys()])) this.show(this.list.element(at), at);
    this.showChosen();
    return this.elsewhere.size;
  }

  /** The fields of a form about the faces. */
  fields() {
    const indices = (set) => [...set].sort((a, b) => a - b).join(",");
    if (this.picking) return { only: indices(this.marked) };
    const skip = [...this.elsewhere.keys()].filter((at) => !this.restored.has(at) && !this.marked.has(at));
    // Decided elsewhere, and taken in again by one who has seen that.
    return { out: indices(this.marked), skip: indices(new Set(skip)), seen: indices(this.restored) };
  }

  click(event) {
    const look = event.target.closest("a.look");
    if (look && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      photo.open(look.dataset.face, this);
      return;
    }
    const tile = event.target.closest(".face");
    if (!tile) return;
    if (!this.dragged) this.toggle(Number(tile.dataset.at), event.shiftKey);
    this.dragged = false;
    // By a finger or the mouse: the next key is a letter of the name.
    const field = document.getElementById("name");
    if (event.detail > 0 && field && event.pointerType !== "touch") field.focus({ preventScroll: true });
  }

  key(event) {
    const tile = event.target.closest(".face");
    if (!tile || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = Number(tile.dataset.at);
    const key = event.key.toLowerCase();
    if (key === " " || (keyMode() && key === "x")) this.toggle(at, event.shiftKey);
    else if (key === "enter" || (keyMode() && key === "v")) photo.open(tile.dataset.face, this);
    else if (keyMode() && key === "f") photo.onFlickr(tile.dataset.face);
    else {
      const to = this.list.step(event.key, at);
      if (to === undefined) return;
      // From the first row up, to the name field.
      if (event.key === "ArrowUp" && to === at && document.getElementById("name")) document.getElementById("name").focus();
      else if (to !== at) {
        tile.tabIndex = -1;
        // With Shift the faces on the way are marked as the one that it began at.
        if (event.shiftKey) {
          const isIn = this.isIn(at);
          for (let index = Math.min(at, to); index <= Math.max(at, to); index++) this.set(index, isIn);
          this.changed();
        }
        this.list.focus(to).then(() => { const next = this.list.element(to)?.querySelector(".face"); if (next) next.tabIndex = 0; });
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A person's photos. */
export function photos(start) {
  const list = new LongList(start, Number(start.dataset.total), loader(`faces/${start.dataset.list}`, "faces"),
    ({ face, photo: number }, at, old) => {
      const item = old ?? make("li", {}, make("a", { class: "look" }, picture(360, 270)));
      const look = item.firstChild;
      set(look, { href: `photo/${face}`, "data-face": face, "data-at": at });
      set(look.firstChild, { src: `small/${face}`, alt: `Photo ${number}` });
      return item;
    });
  list.box.addEventListener("keydown", (event) => {
    const at = event.target.dataset.at;
    const to = at === undefined ? undefined : list.step(event.key, Number(at));
    if (to === undefined) return;
    event.preventDefault();
    list.focus(to);
  });
}
