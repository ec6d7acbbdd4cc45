// Pictures of faces, many with one request: what is asked for at once is fetched together.

import { ask, make, page } from "./net.js";

/** Faces in one request, as the server takes them. */
const MOST = 250;

let waiting = new Map();

/** A picture whose address can change: the old one is hidden until the new one is loaded. */
export function picture(width, height) {
  const image = make("img", { alt: "", decoding: "async", width, height });
  for (const end of ["load", "error"]) {
    image.addEventListener(end, () => {
      image.classList.remove("old");
      // What is shown needs its address no longer.
      if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    });
  }
  return image;
}

/** Lets a picture show a face. */
export function show(image, face) {
  image.dataset.crop = face;
  if (waiting.size === 0) setTimeout(fetchAll);
  waiting.set(image, face);
}

function fetchAll() {
  const images = [...waiting].filter(([image, face]) => image.dataset.crop === face);
  waiting = new Map();
  for (let from = 0; from < images.length; from += MOST) fetchSome(images.slice(from, from + MOST));
}

async function fetchSome(images) {
  const faces = images.map(([, face]) => face);
  const { signal } = page.end;
  let bytes;
  try {
    const answer = await ask(`crops?faces=${faces.join(",")}`, { signal });
    if (!answer.ok) return;
    bytes = await answer.arrayBuffer();
  } catch {
    // The list that asked for them says what is wrong.
    return;
  }
  // For each: its length, four bytes, the highest first; then the JPEG.
  const view = new DataView(bytes);
  let at = 0;
  for (const [image, face] of images) {
    const length = view.getUint32(at);
    const jpeg = new Blob([bytes.slice(at + 4, at + 4 + length)], { type: "image/jpeg" });
    at += 4 + length;
    // It may have been given another face meanwhile.
    if (image.dataset.crop === face) image.src = URL.createObjectURL(jpeg);
  }
}

/** Once the pictures in the window are there, or two seconds have gone by. */
export async function seen() {
  const begin = performance.now();
  const missing = (image) => {
    const { top, bottom } = image.getBoundingClientRect();
    return top < innerHeight && bottom > 0 && (!image.complete || image.classList.contains("old") || (image.dataset.crop && !image.src));
  };
  while (performance.now() - begin < 2000) {
    if (![...document.querySelectorAll("main .face img")].some(missing)) return;
    await new Promise((next) => setTimeout(next, 30));
  }
}
