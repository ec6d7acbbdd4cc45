// Long lists: only what is near the window is in the page. A list of 100,000 faces is some thousand empty
// boxes of the right height; those near the window are filled, the others emptied again. What they are
// filled with is used again: browsers clear elements away when scripts take much memory, and these take
// little, so that scrolling would leave hundreds of megabytes behind.

import { make, say } from "./net.js";

/** About so many things are loaded at once. */
const CHUNK = 48;

/** More bytes than the pictures of a box take. */
const LEFT_BEHIND = 1 << 22;

/** So many of them are kept: what is let go at once is cleared away alone. */
const KEPT = 16;

/** Filled before they are seen. */
const AHEAD = "600px 0px";

/** A picture that can be given another address: until that one is there, nothing is seen of the old. */
export function picture(width, height) {
  const image = make("img", { alt: "", loading: "lazy", decoding: "async", width, height });
  for (const end of ["load", "error"]) image.addEventListener(end, () => image.classList.remove("old"));
  return image;
}

export class LongList {
  /**
   * `start` is the server's own list, which is replaced. `load(from, count)` gives things, `draw(thing, at,
   * old)` an `li` of one: `old`, which showed another before, or a new one. Its pictures are of `picture`.
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
    this.chunks = [];
    this.spare = [];
    this.left = [];
    this.observer = new IntersectionObserver((seen) => this.seen(seen), { rootMargin: AHEAD });
    this.resizes = new ResizeObserver(() => this.layout());
    this.resizes.observe(this.box);
    // A box is not emptied while the focus is in it: so it is once the focus has gone.
    this.box.addEventListener("focusout", (event) => {
      const chunk = this.chunkOf.get(event.target.closest("ul"));
      if (chunk && !chunk.near) setTimeout(() => this.empty(chunk));
    });
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

  /** Makes the boxes anew where another number of columns fits. */
  layout() {
    const probe = make("ul", { class: this.kind }, make("li", {}));
    this.box.append(probe);
    const style = getComputedStyle(probe);
    const columns = style.gridTemplateColumns.split(" ").length;
    const gap = parseFloat(style.rowGap) || 0;
    const row = probe.getBoundingClientRect().height + gap;
    probe.remove();
    if (columns === this.columns && Math.abs(row - this.row) < 1) return;
    // What stood at the top stays in sight.
    const first = this.columns ? this.atTop() : 0;
    this.columns = columns;
    this.row = row;
    const rows = Math.max(1, Math.ceil(CHUNK / columns));
    this.size = rows * columns;
    this.observer.disconnect();
    for (const chunk of this.chunks) this.clear(chunk);
    this.chunks = [];
    this.chunkOf = new Map();
    for (let from = 0; from < this.total; from += this.size) {
      const count = Math.min(this.size, this.total - from);
      const list = make("ul", { class: this.kind });
      list.style.height = `${Math.ceil(count / columns) * row - gap}px`;
      list.style.marginBottom = `${gap}px`;
      const chunk = { from, count, list, filled: null };
      this.chunks.push(chunk);
      this.chunkOf.set(list, chunk);
    }
    this.box.replaceChildren(...this.chunks.map((chunk) => chunk.list));
    for (const chunk of this.chunks) this.observer.observe(chunk.list);
    if (first > 0) this.chunks[Math.floor(first / this.size)]?.list.scrollIntoView();
  }

  /** The place of the first thing that is in sight. */
  atTop() {
    const above = -this.box.getBoundingClientRect().top;
    return above <= 0 ? 0 : Math.floor(above / this.row) * this.columns;
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const chunk = this.chunkOf.get(target);
      if (!chunk) continue;
      chunk.near = isIntersecting;
      if (isIntersecting) this.fill(chunk);
      else this.empty(chunk);
    }
  }

  /** Loads a box's things, once. */
  fill(chunk) {
    chunk.filled ??= (async () => {
      try {
        const things = await this.load(chunk.from, chunk.count);
        // Laid out anew meanwhile: its box is gone.
        if (this.chunkOf.get(chunk.list) !== chunk) return;
        chunk.list.replaceChildren(...things.map((thing, at) => this.draw(thing, chunk.from + at, this.spare.pop())));
      } catch (error) {
        chunk.filled = null;
        say(error.message, "problem");
      }
    })();
    return chunk.filled;
  }

  empty(chunk) {
    if (!chunk.filled || chunk.list.contains(document.activeElement)) return;
    chunk.filled.then(() => {
      if (!chunk.near && !chunk.list.contains(document.activeElement)) this.clear(chunk);
    });
  }

  /** Takes a box's things out, to be used again. */
  clear(chunk) {
    const items = [...chunk.list.children];
    chunk.list.replaceChildren();
    chunk.filled = null;
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
    const chunk = this.chunks[Math.floor(at / this.size)];
    return chunk?.list.children[at - chunk.from];
  }

  /** Moves the focus to a thing, loading it first. */
  async focus(at) {
    if (this.total === 0) return;
    at = Math.max(0, Math.min(this.total - 1, at));
    const chunk = this.chunks[Math.floor(at / this.size)];
    this.current = at;
    await this.fill(chunk);
    const target = this.element(at)?.querySelector("[data-at]");
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
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
