// A finger that rests on something.

import { page } from "./net.js";

/** So many milliseconds. */
const REST = 500;

/** A finger that has moved by more pixels scrolls. */
const STILL = 10;

/**
 * Calls `act` with what matches `selector` once a finger has rested on it. The click and the menu that browsers have
 * for that do nothing then.
 */
export function onRest(box, selector, act) {
  let timer;
  let from;
  let acted = false;
  const stop = () => clearTimeout(timer);
  box.addEventListener("pointerdown", (event) => {
    acted = false;
    stop();
    const target = event.pointerType === "touch" && event.target.closest(selector);
    if (!target) return;
    from = event;
    timer = setTimeout(() => {
      acted = true;
      act(target);
    }, REST);
  });
  box.addEventListener("pointermove", (event) => {
    if (from && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > STILL) stop();
  });
  for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, stop);
  for (const after of ["contextmenu", "click"]) {
    box.addEventListener(after, (event) => {
      if (!acted) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (after === "click") acted = false;
    }, true);
  }
  page.end.signal.addEventListener("abort", stop);
}
