// Long lists: only what is near the window is in the page. A list of 100,000 faces is one box of the right height;
// the parts of it that are near the window stand in their places, the others are taken out. What they are filled
// with is used again: browsers clear elements away when scripts take much memory, and these take little, so that
// scrolling would leave hundreds of megabytes behind.

import { get, make, say } from "./net.js";

/** About so many things are a part, and are loaded at once. */
const PART = 48;

/** More bytes than the pictures of a part take. */
const LEFT_BEHIND = 1 << 23;

/** So many of them are kept: what is let go at once is cleared away alone. */
const KEPT = 8;

/** So many pixels above and below the window are near. */
const AHEAD = 600;

/** A picture that can be given another address: until that one is there, nothing is seen of the old. */
export function picture(width, height) {
  const image = make("img", { alt: "", loading: "lazy", decoding: "async", width, height });
  for (const end of ["load", "error"]) image.addEventListener(end, () => image.classList.remove("old"));
  return image;
}

/** What a list of the server's is loaded by: the things that its answer has under a key. */
export function loader(address, key) {
  return async (from, count, signal) => (await get(`${address}?from=${from}&count=${count}`, { signal }))[key];
}

export class LongList {
  /**
   * `start` is the server's own list, which is replaced. `load(from, count, signal)` gives things, unless told to
   * stop; `draw(thing, at, old)` an `li` of one: `old`, which showed another before, or a new one. Its pictures are
   * of `picture`.
   */
  constructor(start, total, load, draw) {
    this.total = total;
    this.load = load;
    this.draw = draw;
    this.kind = start.className;
    this.box = make("div", { class: "long", id: start.id, role: "group", "aria-label": start.getAttribute("aria-label") });
    start.replaceWith(this.box);
    this.current = 0;
    this.columns = 0;
    /** Those in the page, by number. */
    this.parts = new Map();
    this.spare = [];
    this.left = [];
    // The body's height tells that something above the list has grown or gone.
    const sizes = new ResizeObserver(() => this.layout());
    for (const element of [this.box, document.body]) sizes.observe(element);
    for (const move of ["scroll", "resize"]) addEventListener(move, () => this.look(), { passive: true });
    // No part is taken out while the focus is in it: so it is once the focus has gone.
    this.box.addEventListener("focusout", () => setTimeout(() => this.look()));
    this.layout();
  }

  /** Another list in its place. */
  replace(total, load) {
    this.total = total;
    this.load = load;
    this.current = 0;
    this.columns = 0;
    this.layout();
  }

  /** Makes the parts anew where another number of columns fits, and looks which are near. */
  layout() {
    const probe = make("ul", { class: this.kind }, make("li", {}));
    this.box.append(probe);
    const style = getComputedStyle(probe);
    const columns = style.gridTemplateColumns.split(" ").length;
    const gap = parseFloat(style.rowGap) || 0;
    const row = probe.getBoundingClientRect().height + gap;
    probe.remove();
    if (columns === this.columns && Math.abs(row - this.row) < 1) return this.look();
    // What stood at the top stays in sight.
    const first = this.columns ? this.atTop() : 0;
    this.columns = columns;
    this.row = row;
    this.size = Math.max(1, Math.ceil(PART / columns)) * columns;
    for (const part of [...this.parts.values()]) this.take(part);
    this.box.style.height = `${Math.max(0, Math.ceil(this.total / columns) * row - gap)}px`;
    if (first > 0 && first < this.total) this.part(Math.floor(first / this.size)).list.scrollIntoView();
    this.look();
  }

  /** The place of the first thing that is in sight. */
  atTop() {
    const above = -this.box.getBoundingClientRect().top;
    return above <= 0 ? 0 : Math.floor(above / this.row) * this.columns;
  }

  /** Puts the parts in that are near the window, and takes out those that no longer are. */
  look() {
    const { top, height } = this.box.getBoundingClientRect();
    const number = (y) => Math.floor((y * this.columns) / (this.row * this.size));
    const [from, to] = [-top - AHEAD, innerHeight - top + AHEAD];
    const isNear = from < height && to > 0 && this.total > 0;
    const first = isNear ? number(Math.max(0, from)) : 0;
    const last = isNear ? Math.min(number(to), Math.floor((this.total - 1) / this.size)) : -1;
    for (const part of [...this.parts.values()]) {
      const isHeld = part.number === this.going || part.list.contains(document.activeElement);
      if ((part.number < first || part.number > last) && !isHeld) this.take(part);
    }
    for (let at = first; at <= last; at++) this.part(at);
  }

  /** Puts a part into the page, in order, and loads it. */
  part(number) {
    const old = this.parts.get(number);
    if (old) return old;
    const from = number * this.size;
    const list = make("ul", { class: this.kind });
    list.style.top = `${(from / this.columns) * this.row}px`;
    const next = [...this.parts.values()].filter((part) => part.number > number);
    next.sort((a, b) => a.number - b.number);
    this.box.insertBefore(list, next[0]?.list ?? null);
    const part = { number, from, list, stop: new AbortController() };
    this.parts.set(number, part);
    part.filled = this.fill(part);
    return part;
  }

  async fill(part) {
    try {
      const count = Math.min(this.size, this.total - part.from);
      const things = await this.load(part.from, count, part.stop.signal);
      if (this.parts.get(part.number) !== part) return;
      part.list.replaceChildren(...things.map((thing, at) => this.draw(thing, part.from + at, this.spare.pop())));
    } catch (error) {
      if (part.stop.signal.aborted) return;
      // It is asked for again once it was away from the window, or is gone to.
      part.failed = true;
      say(error.message, "problem");
    }
  }

  /** Takes a part out; its things are used again. */
  take(part) {
    part.stop.abort();
    this.parts.delete(part.number);
    part.list.remove();
    const items = [...part.list.children];
    for (const item of items) {
      for (const picture of item.querySelectorAll("img")) picture.classList.add("old");
      this.spare.push(item);
    }
    if (items.length > 0) this.leave();
  }

  /**
   * What pictures had loaded is the browser's to clear away, which does not count it: it would let hundreds of
   * megabytes come together. It counts memory that scripts ask for and keep for a while; that costs nothing,
   * since nobody writes to it.
   */
  leave() {
    this.left.push(new ArrayBuffer(LEFT_BEHIND));
    if (this.left.length > KEPT) this.left.shift();
  }

  /** The element of a thing, where it is in the page. */
  element(at) {
    return this.parts.get(Math.floor(at / this.size))?.list.children[at % this.size];
  }

  /** Moves the focus to a thing, loading it first. */
  async focus(at) {
    if (this.total === 0) return;
    at = Math.max(0, Math.min(this.total - 1, at));
    const number = Math.floor(at / this.size);
    const failed = this.parts.get(number);
    if (failed?.failed) this.take(failed);
    this.current = at;
    this.going = number;
    await this.part(number).filled;
    const target = this.element(at)?.querySelector("[data-at]");
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
    if (this.going === number) this.going = undefined;
  }

  /** Where a key leads from a place; nothing for other keys. */
  step(key, at) {
    const page = this.columns * Math.max(1, Math.floor(innerHeight / this.row) - 1);
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - this.columns,
      ArrowDown: at + this.columns,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: this.total - 1,
    }[key];
    if (to === undefined) return undefined;
    // Up and down keep the column: they do not leave the list.
    if (key.startsWith("Arrow") && (to < 0 || to >= this.total)) return at;
    return Math.max(0, Math.min(this.total - 1, to));
  }
}
