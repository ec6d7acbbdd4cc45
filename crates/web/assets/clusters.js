// The clusters: a long list of cards, and the slider.

import { get, make, page, set, count, say } from "./net.js";
import { LongList, loader, loaderOf } from "./lists.js";
import { picture, show } from "./pictures.js";
import { onRest } from "./touch.js";
import { turn } from "./turn.js";

export function clusters(start) {
  const slider = document.getElementById("threshold");
  const distance = document.getElementById("distance");
  const summary = document.getElementById("summary");
  let threshold = start.dataset.threshold;

  const { signal } = page.end;
  const load = (number) => loader(`clusters/${number}`, "cards");
  // Several together: chosen with Ctrl or Shift and a click, x on a card, Shift and arrows, or a finger that rests.
  const together = document.getElementById("together");
  const chosen = new Set();
  const sizes = new Map();
  let last = 0;

  const mark = (from, to, isChosen) => {
    for (let at = Math.min(from, to); at <= Math.max(from, to); at++) {
      if (isChosen) chosen.add(at);
      else chosen.delete(at);
      list.element(at)?.querySelector(".card")?.classList.toggle("chosen", isChosen);
    }
    together.hidden = chosen.size === 0;
    together.elements.at.value = [...chosen].sort((a, b) => a - b).join(",");
    const faces = [...chosen].reduce((sum, at) => sum + (sizes.get(at) ?? 0), 0);
    together.querySelector("p").textContent = `${count(chosen.size, "group", "groups")}, ${count(faces, "face", "faces")} chosen`;
  };

  const draw = ({ covers, faces, photos }, at, old) => {
    if (covers.length === 0) {
      return make("li", {}, make("span", { class: "card done", "data-at": at, tabindex: "-1" }, "Decided"));
    }
    const item = old?.querySelector("a.card") ? old : make("li", {}, make("a", { class: "card" },
      make("span", { class: "covers" }),
      make("span", { class: "counts" }, make("b", {}), " ", make("span", {}))));
    const card = item.firstChild;
    card.classList.toggle("chosen", chosen.has(at));
    const [pictures, counts] = card.children;
    set(card, { href: `cluster/${covers[0]}?threshold=${threshold}`, "data-at": at });
    while (pictures.children.length > covers.length) pictures.lastChild.remove();
    while (pictures.children.length < covers.length) pictures.append(picture(160, 160));
    covers.forEach((face, index) => show(pictures.children[index], face));
    const [many, where] = counts.children;
    many.textContent = count(faces, "face", "faces");
    where.textContent = `in ${count(photos, "photo", "photos")}`;
    sizes.set(at, faces);
    return item;
  };

  const list = new LongList(start, Number(start.dataset.total), loaderOf(start, `clusters/${start.dataset.list}`, "cards"), draw);
  list.box.addEventListener("keydown", (event) => {
    const at = event.target.closest?.("[data-at]")?.dataset.at;
    if (at === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "x" || event.key === " ") {
      event.preventDefault();
      mark(Number(at), Number(at), !chosen.has(Number(at)));
      return;
    }
    const to = list.step(event.key, Number(at));
    if (to === undefined) return;
    event.preventDefault();
    if (event.shiftKey) mark(Number(at), to, true);
    list.focus(to);
  });
  list.box.addEventListener("click", (event) => {
    const at = Number(event.target.closest?.("a.card")?.dataset.at ?? NaN);
    // After the first, a tap chooses, too.
    const taps = event.pointerType === "touch" && chosen.size > 0;
    if (Number.isNaN(at) || !(event.shiftKey || event.ctrlKey || event.metaKey || taps)) return;
    event.preventDefault();
    mark(event.shiftKey ? last : at, at, event.shiftKey || !chosen.has(at));
    last = at;
  });
  onRest(list.box, "a.card", ({ dataset: { at } }) => mark(Number(at), Number(at), !chosen.has(Number(at))));
  together.addEventListener("submit", (event) => {
    event.preventDefault();
    turn(`together?${new URLSearchParams(new FormData(together))}`);
  });
  document.getElementById("none").addEventListener("click", () => { for (const at of [...chosen]) mark(at, at, false); });
  if (list.total > 0 && document.activeElement === document.body) list.focus(0);

  let request;
  const regroup = async () => {
    request?.abort();
    request = new AbortController();
    list.box.setAttribute("aria-busy", "true");
    try {
      const next = await get(`regroup?threshold=${slider.value}&regroup=1`, { signal: request.signal });
      threshold = next.threshold;
      summary.textContent = next.summary;
      document.getElementById("empty")?.remove();
      for (const at of [...chosen]) mark(at, at, false);
      together.elements.list.value = next.list;
      together.elements.threshold.value = threshold;
      list.replace(next.total, load(next.list));
      history.replaceState(null, "", new URL(`./?threshold=${threshold}`, document.baseURI));
      document.body.dataset.here = `./?threshold=${threshold}`;
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, "problem");
      return;
    }
    list.box.removeAttribute("aria-busy");
  };
  let waiting;
  slider.addEventListener("input", () => {
    distance.textContent = Number(slider.value).toFixed(2);
    clearTimeout(waiting);
    // While it is dragged, only where it rests.
    waiting = setTimeout(regroup, 120);
  }, { signal });
  signal.addEventListener("abort", () => { clearTimeout(waiting); request?.abort(); });
}
