// What every page needs: keys, notices, news from other tabs and the terminal.

import { get, make, page, say, count } from "./net.js";
import { clusters } from "./clusters.js";
import { Faces, photos } from "./faces.js";
import { complete, forget } from "./names.js";
import { plain, question, remember, suggestion, undoEntry, undo } from "./answers.js";
import * as photo from "./photo.js";

const by = (id) => document.getElementById(id);
const { body } = document;
document.documentElement.classList.add("js");

// What the last answer did is shown once: not again when the page is reloaded.
const notice = document.querySelector(".notice[data-entry]");
if (notice) remember(Number(notice.dataset.entry));
const address = new URL(location.href);
if (address.searchParams.has("notice")) {
  address.searchParams.delete("notice");
  history.replaceState(null, "", address);
}

const faces = by("faces") ? new Faces(by("faces")) : undefined;
if (by("photos")) photos(by("photos"));
if (by("clusters")) clusters(by("clusters"));

for (const input of document.querySelectorAll("input[role=combobox]")) {
  const completion = complete(input, by(input.getAttribute("aria-controls")));
  input.form.addEventListener("submit", () => completion.close());
}

let keys = { u: undo };
for (const form of document.querySelectorAll("form[method=post]")) {
  if (form.id === "question") keys = question(form, faces);
  else if (form.id === "suggestion") keys = suggestion(form, faces);
  else if (form.getAttribute("action") === "undo") {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      undoEntry(form.elements.entry.value);
    });
  } else plain(form);
}
by("name")?.autofocus && by("name").focus({ preventScroll: true });

for (const look of document.querySelectorAll("a.look")) {
  look.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    photo.open(look.dataset.face);
  });
}

by("filter")?.addEventListener("input", ({ target }) => {
  const begun = target.value.trim().toLowerCase();
  for (const item of document.querySelectorAll("[data-name]")) {
    item.hidden = !item.dataset.name.toLowerCase().includes(begun);
  }
});

by("keys").addEventListener("click", () => by("help").showModal());
by("help").addEventListener("click", (event) => {
  if (event.target === by("help")) by("help").close();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  const key = event.key.toLowerCase();
  if (by("help").open) {
    if (key === "?") by("help").close();
    return;
  }
  if (photo.shown()) {
    if (key === "v") photo.close();
    else if (key === "f") photo.onFlickr(photo.shown());
    return;
  }
  const typing = event.target.matches?.("input:not([type=range]):not([type=checkbox]), textarea");
  if (event.altKey) {
    // Some keyboard layouts give another character with Alt: then the letter on the key counts.
    const letter = /^[a-z]$/.test(key) ? key : event.code.replace(/^Key/, "").toLowerCase();
    if (!keys[letter] || letter === "/") return;
    event.preventDefault();
    keys[letter]();
    return;
  }
  if (typing) return;
  if (key === "?") by("help").showModal();
  else if (key === "g") location.assign(new URL("./", document.baseURI));
  else if (keys[key]) keys[key]();
  else if (faces && key.startsWith("arrow")) faces.list.focus(faces.list.current);
  else return;
  event.preventDefault();
});

// What is decided elsewhere is shown here.
const POLL_INTERVAL = 2500;
let revision = body.dataset.revision;
let newest = Number(body.dataset.newest);

async function poll() {
  if (document.hidden || page.leaving) return;
  let news;
  try {
    news = await get(`news?since=${revision}`);
  } catch (error) {
    if (!page.leaving) {
      say(error instanceof TypeError ? "cluster-faces has stopped. Every answer is saved; start it again to go on." : error.message, "problem");
    }
    return;
  }
  if (String(news.revision) === revision || page.leaving) return;
  revision = String(news.revision);
  forget();
  by("left").textContent = news.left.toLocaleString("en");
  const since = news.news.filter(({ entry }) => entry > newest);
  newest = Math.max(newest, ...since.map(({ entry }) => entry));
  const what = since.reverse().map(({ what, faces }) => `${what} (${count(faces, "face", "faces")})`).join("; ");
  const here = faces ? await faces.refresh() : 0;
  say(`${what ? `Decided elsewhere: ${what}.` : "Something was undone elsewhere."}${here ? ` ${count(here, "face", "faces")} of this page: skipped by your answer here, unless you take them in again.` : ""}`,
    "info",
    make("button", { type: "button", onclick: () => location.reload() }, "Reload"));
}
setInterval(poll, POLL_INTERVAL);
document.addEventListener("visibilitychange", poll);
// A page that the back button restores is as old as when it was left.
addEventListener("pageshow", (event) => {
  page.leaving = false;
  if (event.persisted) poll();
});
