// The faces of a list: taken out, or picked, by click and by key.

import { get, make, set, count } from "./net.js";
import { LongList, loader, picture } from "./lists.js";
import * as photo from "./photo.js";

export class Faces {
  constructor(start) {
    this.sheet = start.dataset.sheet;
    this.picking = start.dataset.picking === "1";
    /** Places that were taken out, or picked. */
    this.marked = new Set();
    /** Places decided elsewhere meanwhile, and as what. */
    this.elsewhere = new Map();
    /** Of these, those that are wanted in all the same. */
    this.wanted = new Set();
    this.chosen = document.getElementById("chosen");
    this.list = new LongList(start, Number(start.dataset.total), loader(`sheet/${this.sheet}`, "faces"), (face, at, old) => this.draw(face, at, old));
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
    addEventListener("scroll", () => photo.hide(), { passive: true });
  }

  draw({ face, odd }, at, old) {
    const item = old ?? make("li", {},
      make("button", { type: "button", role: "checkbox" }, picture(160, 160),
        make("span", { class: "number" }), make("span", { class: "why" }), make("span", { class: "state" })),
      make("a", { class: "look", tabindex: "-1", title: "The whole photo (v)" }, "⤢"));
    const [tile, look] = item.children;
    const [image, number, why] = tile.children;
    set(tile, { class: odd ? "face odd" : "face", "data-at": at, "data-face": face, tabindex: at === this.list.current ? "0" : "-1" });
    set(image, { src: `crop/${face}` });
    number.textContent = at + 1;
    why.textContent = odd ? "odd" : "";
    set(look, { href: `photo/${face}`, "data-face": face, "aria-label": `The whole photo of face ${at + 1}` });
    this.show(item, at);
    return item;
  }

  /** Whether an answer is about the face at this place. */
  isIn(at) {
    if (this.picking) return this.marked.has(at);
    return !this.marked.has(at) && (!this.elsewhere.has(at) || this.wanted.has(at));
  }

  /** Draws what a tile is now. */
  show(item, at) {
    const tile = item?.querySelector(".face");
    if (!tile) return;
    const isIn = this.isIn(at);
    const word = this.elsewhere.get(at) ?? "";
    tile.setAttribute("aria-checked", String(isIn));
    tile.classList.toggle("out", !isIn && !this.picking);
    tile.classList.toggle("picked", isIn && this.picking);
    tile.querySelector(".state").textContent = word;
    const odd = tile.classList.contains("odd") ? ", an odd one" : "";
    const said = this.picking ? (isIn ? "chosen" : "not chosen") : (isIn ? "in" : "taken out");
    tile.setAttribute("aria-label", `Face ${at + 1}${odd}, ${said}${word ? `, ${word}` : ""}`);
  }

  set(at, isIn) {
    if (this.isIn(at) === isIn) return;
    if (this.picking) isIn ? this.marked.add(at) : this.marked.delete(at);
    else if (isIn) {
      this.marked.delete(at);
      this.wanted.add(at);
    } else if (this.elsewhere.has(at)) this.wanted.delete(at);
    else this.marked.add(at);
    this.show(this.list.element(at), at);
  }

  /** Turns one over, or all from the last one to it. */
  toggle(at, range = false) {
    const isIn = !this.isIn(at);
    const from = range ? this.last ?? at : at;
    for (let place = Math.min(from, at); place <= Math.max(from, at); place++) this.set(place, isIn);
    this.last = at;
    this.tell();
  }

  tell() {
    if (!this.chosen) return;
    const total = this.list.total;
    const out = [...this.marked];
    if (this.picking) this.chosen.textContent = out.length ? `${count(out.length, "face", "faces")} chosen` : "";
    else if (out.length) this.chosen.textContent = `${count(out.length, "face is", "faces are")} taken out, ${total - this.left()} are named`;
    else this.chosen.textContent = "";
  }

  /** How many an answer is not about. */
  left() {
    let left = this.marked.size;
    for (const at of this.elsewhere.keys()) if (!this.wanted.has(at) && !this.marked.has(at)) left++;
    return left;
  }

  /** Marks the odd ones; they are known of the whole list. */
  async takeOdd() {
    const { odd } = await get(`sheet/${this.sheet}/states`);
    for (const at of odd) this.set(at, this.picking);
    this.tell();
    if (odd.length) this.list.focus(odd[0]);
  }

  /** Looks at what was decided elsewhere; how many of these faces it is about. */
  async look() {
    const { states } = await get(`sheet/${this.sheet}/states`);
    const before = this.elsewhere;
    this.elsewhere = new Map(Object.entries(states).map(([at, word]) => [Number(at), word]));
    for (const at of new Set([...before.keys(), ...this.elsewhere.keys()])) this.show(this.list.element(at), at);
    this.tell();
    return this.elsewhere.size;
  }

  /** What a form says of the faces. */
  fields() {
    const places = (set) => [...set].sort((a, b) => a - b).join(",");
    if (this.picking) return { only: places(this.marked) };
    const skip = [...this.elsewhere.keys()].filter((at) => !this.wanted.has(at) && !this.marked.has(at));
    return { out: places(this.marked), skip: places(new Set(skip)) };
  }

  click(event) {
    const look = event.target.closest("a.look");
    if (look && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      photo.open(look.dataset.face);
      return;
    }
    const tile = event.target.closest(".face");
    if (!tile) return;
    this.toggle(Number(tile.dataset.at), event.shiftKey);
  }

  key(event) {
    const tile = event.target.closest(".face");
    if (!tile || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = Number(tile.dataset.at);
    const key = event.key.toLowerCase();
    if (key === "x" || key === " ") this.toggle(at, event.shiftKey);
    else if (key === "v" || key === "enter") photo.open(tile.dataset.face);
    else if (key === "f") photo.onFlickr(tile.dataset.face);
    else {
      const to = this.list.step(event.key, at);
      if (to === undefined) return;
      // From the first row up, to the name field.
      if (event.key === "ArrowUp" && to === at && document.getElementById("name")) document.getElementById("name").focus();
      else if (to !== at) {
        tile.tabIndex = -1;
        this.list.focus(to).then(() => { const next = this.list.element(to)?.querySelector(".face"); if (next) next.tabIndex = 0; });
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A person's photos. */
export function photos(start) {
  const list = new LongList(start, Number(start.dataset.total), loader(`sheet/${start.dataset.sheet}`, "faces"),
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
