// Turns to another page in place: the bar and the name field stay where they are, and so do letters that are typed
// meanwhile, half-made characters of an input method included.

import { Failure, page, say, waited } from "./net.js";

const by = (id) => document.getElementById(id);
let start = () => {};

/** `begin` gives a new page its life. */
export function onTurn(begin) {
  start = begin;
  addEventListener("popstate", () => turn(location.href, false));
}

/**
 * The page at an address, as a document of its own. Not by fetch: a page of this server is taken as what it is, as
 * where it is opened, while no text becomes HTML here.
 */
function load(address) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => failed(new Failure("No response: cluster-faces has stopped. Every answer is saved; start it again to go on.")));
    request.send();
  });
}

/** Shows the page at an address; `push` makes it a step that Back undoes. */
export async function turn(address, push = true) {
  page.leaving = true;
  try {
    const request = await waited(load(new URL(address, document.baseURI)));
    const next = request.response;
    // Another program's page, or that of another version.
    if (!next?.getElementById("main") || next.body.dataset.version !== document.body.dataset.version) {
      location.assign(new URL(address, document.baseURI));
      return;
    }
    // What is for browsers without scripts is parsed as if this were one.
    for (const without of next.querySelectorAll("noscript")) without.remove();
    const shown = new URL(request.responseURL);
    shown.searchParams.delete("notice");
    if (push && shown.href !== location.href) history.pushState(null, "", shown);
    else history.replaceState(null, "", shown);
    replace(next);
  } catch (error) {
    say(error.message, "problem");
  } finally {
    page.leaving = false;
  }
}

function replace(next) {
  page.end.abort();
  page.end = new AbortController();
  document.title = next.title;
  Object.assign(document.body.dataset, next.body.dataset);
  const links = next.querySelectorAll(".bar nav a");
  for (const [at, link] of document.querySelectorAll(".bar nav a").entries()) {
    const current = links[at]?.getAttribute("aria-current");
    if (current) link.setAttribute("aria-current", current);
    else link.removeAttribute("aria-current");
  }
  by("progress").replaceWith(document.adoptNode(next.getElementById("progress")));
  const notices = document.adoptNode(next.getElementById("notices"));
  by("notices").replaceChildren(...notices.childNodes);
  const [before, after] = [by("main"), document.adoptNode(next.getElementById("main"))];
  document.querySelector("dialog.photo[open]")?.close();
  const isKept = keepField(before, after);
  if (!isKept) {
    before.replaceWith(after);
    after.focus({ preventScroll: true });
  }
  scrollTo(0, 0);
  start(isKept);
}

/** Where one question follows another, the bar with the name field stays the same element. */
function keepField(before, after) {
  const [from, to] = [before, after].map((main) => main.querySelector("form#question[data-kind]"));
  const [bar, next] = [from, to].map((form) => form?.querySelector(".ask"));
  if (!bar || !next || from.dataset.kind !== to.dataset.kind) return false;
  for (const old of [...before.children]) if (old !== from) old.remove();
  let reached = false;
  for (const element of [...after.children]) {
    if (element === to) reached = true;
    else if (reached) before.append(element);
    else before.insertBefore(element, from);
  }
  for (const old of [...from.children]) if (old !== bar) old.remove();
  reached = false;
  for (const element of [...to.children]) {
    if (element === next) reached = true;
    else if (reached) from.append(element);
    else from.insertBefore(element, bar);
  }
  for (const id of ["later", "odd", "choices"]) {
    const [old, other] = [bar, next].map((part) => part.querySelector(`#${id}`));
    if (old && other) old.replaceWith(other);
  }
  return true;
}
