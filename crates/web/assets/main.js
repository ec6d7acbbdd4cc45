// What every page needs: its life, keys, notices, news from other tabs and the terminal.

import { closable, get, make, page, say, count } from "./net.js";
import { clusters } from "./clusters.js";
import { Faces, photos } from "./faces.js";
import { complete, forget } from "./names.js";
import { plain, question, remember, screen, undoEntry, undo } from "./answers.js";
import { asked, isText, keyMode, keySwitch, setKeyMode, takesText, typeIntoField } from "./typing.js";
import { carry, watch } from "./draft.js";
import { people } from "./people.js";
import { picture, show } from "./pictures.js";
import { onTurn, turn } from "./turn.js";
import * as photo from "./photo.js";

const by = (id) => document.getElementById(id);
const { body } = document;
document.documentElement.classList.add("js");

let faces;
let keys = {};
let revision;
let newest;

/** Gives the page that has been loaded, or turned to, its life. */
function start(isKept = false) {
  const { signal } = page.end;
  ({ revision } = body.dataset);
  newest = Number(body.dataset.newest);
  forget();

  // What the last answer did is shown once: not again when the page is reloaded.
  const notice = document.querySelector(".notice[data-entry]");
  if (notice) remember(Number(notice.dataset.entry));
  for (const shown of document.querySelectorAll("#notices .notice")) closable(shown);
  const address = new URL(location.href);
  if (address.searchParams.has("notice")) {
    address.searchParams.delete("notice");
    history.replaceState(null, "", address);
  }

  faces = by("faces") ? new Faces(by("faces")) : undefined;
  watch(faces);
  if (by("photos")) photos(by("photos"));
  if (by("clusters")) clusters(by("clusters"));
  if (by("people")) people(by("people"));
  for (const image of document.querySelectorAll("main img[data-face]")) {
    const drawn = picture(160, 160);
    drawn.alt = image.alt;
    image.replaceWith(drawn);
    show(drawn, image.dataset.face);
  }

  for (const input of document.querySelectorAll("input[role=combobox]")) {
    const completion = complete(input, by(input.getAttribute("aria-controls")));
    input.form?.addEventListener("submit", () => completion.close(), { signal });
  }

  keys = { u: undo };
  for (const form of document.querySelectorAll("form[method=post]")) {
    if (form.id === "question") keys = question(form, faces);
    else if (form.matches(".screen")) keys = screen(form);
    else if (form.getAttribute("action") === "undo") {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        undoEntry(form.elements.entry.value);
      }, { signal });
    } else plain(form);
  }
  const field = by("name");
  if (!isKept) document.querySelector(".screen .main")?.focus({ preventScroll: true });
  if (field?.autofocus && !isKept) field.focus({ preventScroll: true });
  carry().catch((error) => say(error.message, "problem"));
  asked();
}

by("keys").addEventListener("click", () => by("help").showModal());
by("help").addEventListener("click", (event) => {
  if (event.target === by("help")) by("help").close();
});
keySwitch();

// Links between pages turn in place.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches(".look")) {
    event.preventDefault();
    photo.open(link.dataset.face, faces);
  } else if (!link.target && !link.hash && link.href.startsWith(document.baseURI)) {
    event.preventDefault();
    turn(link.href);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && !event.getModifierState("AltGraph") || event.metaKey || event.isComposing || event.defaultPrevented) return;
  const key = event.key.toLowerCase();
  if (document.querySelector("dialog[open]")) {
    if (by("help").open && key === "?") by("help").close();
    else photo.key(event);
    return;
  }
  // With Alt a letter is a command, unless the keyboard makes another character of it.
  if (event.altKey && !isText(event)) {
    if (!keys[key] || key === "/") return;
    event.preventDefault();
    keys[key]();
    return;
  }
  if (takesText(event.target)) return;
  if (keyMode() && key !== "escape") {
    if (keys[key] && !event.altKey) {
      event.preventDefault();
      keys[key]();
      if (key === "/") setKeyMode(false);
    } else if (key === "g") turn("./");
    else if (key === "?") by("help").showModal();
    else if (faces && key.startsWith("arrow")) faces.list.focus(faces.list.current);
    else return;
    event.preventDefault();
    return;
  }
  if (key === "escape") {
    const on = !keyMode();
    setKeyMode(on);
    if (!on) by("name")?.focus({ preventScroll: true });
    return;
  }
  if (key === "/" && by("name")) by("name").focus();
  else if (key === "?" && !by("name")?.value) by("help").showModal();
  else if (faces && key.startsWith("arrow")) faces.list.focus(faces.list.current);
  else {
    typeIntoField(event);
    return;
  }
  event.preventDefault();
});
document.addEventListener("focusin", (event) => { if (takesText(event.target)) setKeyMode(false); });

// What is decided elsewhere is shown here.
const POLL_INTERVAL = 2500;

async function poll() {
  if (document.hidden || page.leaving) return;
  const { signal } = page.end;
  let news;
  try {
    news = await get(`news?since=${revision}`);
  } catch (error) {
    if (!page.leaving) say(error.message, "problem");
    return;
  }
  if (String(news.revision) === revision || page.leaving || signal.aborted) return;
  revision = String(news.revision);
  forget();
  by("left").textContent = news.left.toLocaleString("en");
  const since = news.news.filter(({ entry }) => entry > newest);
  newest = Math.max(newest, ...since.map(({ entry }) => entry));
  const what = since.reverse().map(({ what, faces }) => `${what} (${count(faces, "face", "faces")})`).join("; ");
  const here = faces ? await faces.refresh() : 0;
  say(`${what ? `Decided elsewhere: ${what}.` : "Something was undone elsewhere."}${here ? ` ${count(here, "face", "faces")} of this page: skipped by your answer here, unless you take them in again.` : ""}`,
    "info",
    make("button", { type: "button", onclick: () => turn(body.dataset.here, false) }, "Reload"));
}
setInterval(poll, POLL_INTERVAL);
document.addEventListener("visibilitychange", poll);
// A page that the back button restores is as old as when it was left.
addEventListener("pageshow", (event) => {
  page.leaving = false;
  if (event.persisted) poll();
});

onTurn(start);
start();
