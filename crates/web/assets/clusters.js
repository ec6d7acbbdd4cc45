// The clusters: a long list of cards, and the slider.

import { get, make, set, count, say } from "./net.js";
import { LongList, loader, picture } from "./lists.js";

export function clusters(start) {
  const slider = document.getElementById("threshold");
  const distance = document.getElementById("distance");
  const summary = document.getElementById("summary");
  let threshold = start.dataset.threshold;

  const load = (number) => loader(`clusters/${number}`, "cards");

  const draw = ({ covers, faces, photos }, at, old) => {
    if (covers.length === 0) {
      return make("li", {}, make("span", { class: "card done", "data-at": at, tabindex: "-1" }, "Decided"));
    }
    const item = old?.querySelector("a.card") ? old : make("li", {}, make("a", { class: "card" },
      make("span", { class: "covers" }),
      make("span", { class: "counts" }, make("b", {}), " ", make("span", {}))));
    const card = item.firstChild;
    const [pictures, counts] = card.children;
    set(card, { href: `cluster/${covers[0]}?threshold=${threshold}`, "data-at": at });
    while (pictures.children.length > covers.length) pictures.lastChild.remove();
    while (pictures.children.length < covers.length) pictures.append(picture(160, 160));
    covers.forEach((face, index) => set(pictures.children[index], { src: `crop/${face}` }));
    const [many, where] = counts.children;
    many.textContent = count(faces, "face", "faces");
    where.textContent = count(photos, "photo", "photos");
    return item;
  };

  const list = new LongList(start, Number(start.dataset.total), load(start.dataset.list), draw);
  list.box.addEventListener("keydown", (event) => {
    const at = event.target.closest?.("[data-at]")?.dataset.at;
    if (at === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = list.step(event.key, Number(at));
    if (to === undefined) return;
    event.preventDefault();
    list.focus(to);
  });
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
  });
}
