// Scrolls through the long list of the page that arguments[0] names, a window at a time, and goes on when the window
// shows every picture. The title says how far: whether it is done, pictures seen, windows, windows that were given up,
// and the most elements at once. It looks no further than it must: what it does takes memory, too.

const PATIENCE = 10_000;
const GAP = 20;
const list = document.getElementById(arguments[0]);
const seen = new Set();
const pause = (time) => new Promise((go) => setTimeout(go, time));
let [windows, late, elements] = [0, 0, 0];

const tell = (word) => {
  document.title = [word, seen.size, windows, late, elements].join(" ");
};

/** How much of the window an element takes. */
const seenOf = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0));
};

/** Whether the window shows everything in it of the list; remembers what it shows. */
const shows = () => {
  // Between two parts is a gap.
  let missing = seenOf(list) - GAP;
  for (const part of list.children) {
    missing -= seenOf(part) && seenOf(part) + GAP;
    for (const image of part.getElementsByTagName("img")) {
      if (seenOf(image) === 0) continue;
      if (image.complete && image.naturalWidth > 0 && !image.classList.contains("old")) {
        seen.add(Number(image.closest("[data-at]").dataset.at));
      } else missing = Infinity;
    }
  }
  return missing <= 0;
};

(async () => {
  // A key has begun to scroll, smoothly.
  await pause(1000);
  scrollTo(0, scrollY + list.getBoundingClientRect().top);
  for (;;) {
    const begin = performance.now();
    const waited = () => performance.now() - begin;
    await pause(20);
    while (!shows() && waited() < PATIENCE) await pause(20);
    if (waited() >= PATIENCE) late += 1;
    windows += 1;
    elements = Math.max(elements, document.getElementsByTagName("*").length);
    if (windows % 20 === 0) tell("scrolls");
    if (list.getBoundingClientRect().bottom <= innerHeight) break;
    scrollBy(0, innerHeight);
  }
  tell("done");
})();
