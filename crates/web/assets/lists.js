// Long lists: only what is near the window is in the page. A list of 100,000 faces is some hundred empty
// boxes of the right height; those near the window are filled, the others emptied again.

import { make, say } from "./net.js";

/** About so many things are loaded at once. */
const CHUNK = 120;

/** Filled before they are seen. */
const AHEAD = "600px 0px";

export class LongList {
  /**
   * `start` is the server's own list, which is replaced. `load(from, count)` gives things, `draw(thing, at)`
   * an `li` of them.
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
    this.observer = new IntersectionObserver((seen) => this.seen(seen), { rootMargin: AHEAD });
    this.resizes = new ResizeObserver(() => this.layout());
    this.resizes.observe(this.box);
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
    this.chunks = [];
    for (let from = 0; from < this.total; from += this.size) {
      const count = Math.min(this.size, this.total - from);
      const list = make("ul", { class: this.kind });
      list.style.height = `${Math.ceil(count / columns) * row - gap}px`;
      list.style.marginBottom = `${gap}px`;
      this.chunks.push({ from, count, list, filled: null });
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
      const chunk = this.chunks.find((chunk) => chunk.list === target);
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
        chunk.list.replaceChildren(...things.map((thing, at) => this.draw(thing, chunk.from + at)));
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
      if (chunk.near) return;
      chunk.list.replaceChildren();
      chunk.filled = null;
    });
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
