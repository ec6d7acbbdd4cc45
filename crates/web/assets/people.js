// Everyone: found by a part of the name, and sorted.

import { plain } from "./names.js";
import { page } from "./net.js";

export function people(list) {
  const { signal } = page.end;
  const items = [...list.children];
  const sort = () => {
    const by = document.getElementById("sort").value;
    const value = ({ dataset }) => (by === "name" ? 0 : -Number(dataset[by]));
    list.append(...items.toSorted((a, b) => value(a) - value(b) || a.dataset.at - b.dataset.at));
    sessionStorage.setItem("people by", by);
  };
  const sorting = document.getElementById("sort");
  if (sorting) {
    sorting.value = sessionStorage.getItem("people by") ?? "faces";
    sorting.addEventListener("change", sort, { signal });
    sort();
  }
  document.getElementById("filter")?.addEventListener("input", ({ target }) => {
    const part = plain(target.value.trim());
    for (const item of items) item.hidden = !plain(item.dataset.name).includes(part);
  }, { signal });
}
