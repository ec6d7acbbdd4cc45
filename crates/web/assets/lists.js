// Virtual lists: only what is near the window is in the page. A list of 100,000 faces is one box of the right
// height; the chunks of it that are near the window are in it, the others are removed. Their elements are used
// again: browsers collect removed elements when scripts take much memory, and these take little, so that scrolling
// would leave hundreds of megabytes behind.

import { get, make, page, say } from "./net.js";

/** About this many items are a chunk, loaded at once. */
const CHUNK = 48;

/** More bytes than the pictures of a chunk take. */
const BALLAST = 1 << 23;

/** This many are held: one that is dropped at once is collected by itself. */
const HELD = 8;

/** This many pixels above and below the window are near. */
const MARGIN = 600;

/** Loads items of a list of the server, which its response has under a key. */
export function loader(address, key) {
  return async (from, count, signal) => (await get(`${address}?from=${from}&count=${count}`, { signal }))[key];
}

/** The same where the page has brought the first items along. */
export function loaderOf(start, address, key) {
  const first = JSON.parse(start.dataset.first ?? "[]");
  const load = loader(address, key);
  return (from, count, signal) => (from + count <= first.length ? first.slice(from, from + count) : load(from, count, signal));
}

export class LongList {
  /**
   * `start` is the list in the server's page, which is replaced. `load(from, count, signal)` returns items unless
   * aborted; `draw(item, at, old)` an `li` of one: `old`, which showed another before, or a new one. Its pictures
   * are made by `picture`.
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
    this.chunks = new Map();
    this.unused = [];
    this.ballast = [];
    // The body's height changes when something above the list grows or goes.
    const sizes = new ResizeObserver(() => this.layout());
    for (const element of [this.box, document.body]) sizes.observe(element);
    const { signal } = page.end;
    signal.addEventListener("abort", () => { sizes.disconnect(); for (const chunk of this.chunks.values()) chunk.stop.abort(); });
    for (const move of ["scroll", "resize"]) addEventListener(move, () => this.update(), { passive: true, signal });
    // A chunk is not removed while the focus is in it, but once the focus has left.
    this.box.addEventListener("focusout", () => setTimeout(() => this.update()));
    this.layout();
  }

  /** Shows another list in its place. */
  replace(total, load) {
    this.total = total;
    this.load = load;
    this.current = 0;
    this.columns = 0;
    this.layout();
  }

  /** Makes the chunks again if another number of columns fits, and updates which are in the page. */
  layout() {
    const probe = make("ul", { class: this.kind }, make("li", {}));
    this.box.append(probe);
    const style = getComputedStyle(probe);
    const columns = style.gridTemplateColumns.split(" ").length;
    const gap = parseFloat(style.rowGap) || 0;
    const row = probe.getBoundingClientRect().height + gap;
    probe.remove();
    if (columns === this.columns && Math.abs(row - this.row) < 1) return this.update();
    // What was at the top stays in view.
    const first = this.columns ? this.atTop() : 0;
    this.columns = columns;
    this.row = row;
    this.size = Math.max(1, Math.ceil(CHUNK / columns)) * columns;
    for (const chunk of [...this.chunks.values()]) this.remove(chunk);
    this.box.style.height = `${Math.max(0, Math.ceil(this.total / columns) * row - gap)}px`;
    if (first > 0 && first < this.total) this.chunk(Math.floor(first / this.size)).list.scrollIntoView();
    this.update();
  }

  /** The index of the first item in view. */
  atTop() {
    const above = -this.box.getBoundingClientRect().top;
    return above <= 0 ? 0 : Math.floor(above / this.row) * this.columns;
  }

  /** Adds the chunks that are near the window, and removes those that no longer are. */
  update() {
    const { top, height } = this.box.getBoundingClientRect();
    const number = (y) => Math.floor((y * this.columns) / (this.row * this.size));
    const [from, to] = [-top - MARGIN, innerHeight - top + MARGIN];
    const isNear = from < height && to > 0 && this.total > 0;
    const first = isNear ? number(Math.max(0, from)) : 0;
    const last = isNear ? Math.min(number(to), Math.floor((this.total - 1) / this.size)) : -1;
    for (const chunk of [...this.chunks.values()]) {
      const isFocused = chunk.number === this.going || chunk.list.contains(document.activeElement);
      if ((chunk.number < first || chunk.number > last) && !isFocused) this.remove(chunk);
    }
    for (let at = first; at <= last; at++) this.chunk(at);
  }

  /** Adds a chunk to the page, in order, and loads it. */
  chunk(number) {
    const old = this.chunks.get(number);
    if (old) return old;
    const from = number * this.size;
    const list = make("ul", { class: this.kind });
    list.style.top = `${(from / this.columns) * this.row}px`;
    const next = [...this.chunks.values()].filter((chunk) => chunk.number > number);
    next.sort((a, b) => a.number - b.number);
    this.box.insertBefore(list, next[0]?.list ?? null);
    const chunk = { number, from, list, stop: new AbortController() };
    this.chunks.set(number, chunk);
    chunk.filled = this.fill(chunk);
    return chunk;
  }

  async fill(chunk) {
    try {
      const count = Math.min(this.size, this.total - chunk.from);
      const items = await this.load(chunk.from, count, chunk.stop.signal);
      if (this.chunks.get(chunk.number) !== chunk) return;
      chunk.list.replaceChildren(...items.map((item, at) => this.draw(item, chunk.from + at, this.unused.pop())));
    } catch (error) {
      if (chunk.stop.signal.aborted) return;
      // It is loaded again after it was away from the window, or when the focus moves to it.
      chunk.failed = true;
      say(error.message, "problem");
    }
  }

  /** Removes a chunk; its elements are used again. */
  remove(chunk) {
    chunk.stop.abort();
    this.chunks.delete(chunk.number);
    chunk.list.remove();
    const items = [...chunk.list.children];
    for (const item of items) {
      for (const picture of item.querySelectorAll("img")) picture.classList.add("old");
      this.unused.push(item);
    }
    if (items.length > 0) this.addBallast();
  }

  /**
   * The browser collects what pictures had loaded, but does not count it, and would let hundreds of megabytes
   * build up. It counts memory that scripts ask for and hold for a while; that costs nothing, since it is never
   * written to.
   */
  addBallast() {
    this.ballast.push(new ArrayBuffer(BALLAST));
    if (this.ballast.length > HELD) this.ballast.shift();
  }

  /** The element of an item, if it is in the page. */
  element(at) {
    return this.chunks.get(Math.floor(at / this.size))?.list.children[at % this.size];
  }

  /** Loads an item without moving the focus to it. */
  async reach(at) {
    this.going = Math.floor(at / this.size);
    await this.chunk(this.going).filled;
  }

  /** Moves the focus to an item, after loading it. */
  async focus(at) {
    if (this.total === 0) return;
    at = Math.max(0, Math.min(this.total - 1, at));
    const number = Math.floor(at / this.size);
    const failed = this.chunks.get(number);
    if (failed?.failed) this.remove(failed);
    this.current = at;
    this.going = number;
    await this.chunk(number).filled;
    const target = this.element(at)?.querySelector("[data-at]");
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
    if (this.going === number) this.going = undefined;
  }

  /** Where a key leads from an item; undefined for other keys. */
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
    // Up and down keep the column and do not leave the list.
    if (key.startsWith("Arrow") && (to < 0 || to >= this.total)) return at;
    return Math.max(0, Math.min(this.total - 1, to));
  }
}
