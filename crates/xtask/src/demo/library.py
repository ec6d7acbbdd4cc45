"""Make the demo's photo library out of the six sample portraits.

    python library.py SAMPLES PHOTOS TRUTH

SAMPLES holds obama.jpg, obama2.jpg, ... and biden.jpg. PHOTOS (made here) becomes a folder that
flickr-sandbox serves: each file is a photo, titled after it; library.json says which one is a
video. TRUTH gets a JSON object: title of each photo -> names of the people in it.

The people are told apart by how often they occur: the first in the list of names has most faces,
because cluster-faces shows the largest cluster first. Needs Pillow, nothing else, and makes the
same files every time.
"""

import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

OBAMA = "Barack Obama"
BIDEN = "Joe Biden"
ORIENTATION = 0x0112  # the EXIF tag
# With this value a viewer turns the stored picture a quarter clockwise to show it upright.
STORED_LYING_ON_ITS_LEFT = 6


def crop(image, left, top, right, bottom):
    """The part between these fractions of the width and height."""
    width, height = image.size
    box = (left * width, top * height, right * width, bottom * height)
    return image.crop(tuple(round(side) for side in box))


def scaled(image, longest):
    """The whole picture with its longest side made this many pixels."""
    factor = longest / max(image.size)
    return image.resize([round(side * factor) for side in image.size], Image.Resampling.LANCZOS)


def brightness(image, factor):
    return ImageEnhance.Brightness(image).enhance(factor)


def warmth(image, factor):
    """Less blue for a factor below 1: indoor light."""
    red, green, blue = image.split()
    return Image.merge("RGB", (red, green, blue.point(lambda value: round(value * factor))))


def grey(image):
    return ImageOps.grayscale(image).convert("RGB")


def tilted(image, degrees):
    """Turned a little, as from a camera not held straight; the corners are cut off."""
    width, height = image.size
    return crop(image.rotate(degrees, Image.Resampling.BICUBIC), 0.08, 0.04, 0.92, 0.92)


def side_by_side(left, right, height=1000):
    """Two pictures of one height next to each other."""
    pair = [image.resize((round(image.width * height / image.height), height),
                         Image.Resampling.LANCZOS) for image in (left, right)]
    both = Image.new("RGB", (pair[0].width + pair[1].width, height))
    both.paste(pair[0], (0, 0))
    both.paste(pair[1], (pair[0].width, 0))
    return both


def landscape(width=1200, height=800):
    """Hills under an evening sky: a photo without a face."""
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for row in range(height):
        part = row / height
        draw.line((0, row, width, row),
                  fill=(round(90 + 150 * part), round(130 + 60 * part), round(200 - 90 * part)))
    for base, colour in ((0.60, (70, 92, 84)), (0.72, (52, 74, 52)), (0.85, (34, 50, 32))):
        ridge = [(x, height * (base - 0.10 * abs(((x / width) * 3 + base * 7) % 2 - 1)))
                 for x in range(0, width + 1, 20)]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return picture


def library(samples):
    """Every photo: title, picture, names, EXIF orientation or None."""

    def sample(name):
        return Image.open(samples / f"{name}.jpg").convert("RGB")

    obama, podium, hall = sample("obama"), sample("obama2"), sample("obama3")
    cut_left, cut_right = sample("obama_partial_face"), sample("obama_partial_face2")
    biden = sample("biden")
    obama_head, podium_head = crop(obama, 0.2, 0.0, 0.9, 0.6), crop(podium, 0.1, 0.1, 1.0, 0.7)
    biden_head = crop(biden, 0.2, 0.0, 0.95, 0.45)
    lying = obama.transpose(Image.Transpose.ROTATE_90)

    yield "obama-portrait", obama, [OBAMA], None
    yield "obama-podium", podium, [OBAMA], None
    yield "obama-hall", hall, [OBAMA], None
    yield "obama-cut-left", cut_left, [OBAMA], None
    yield "obama-cut-right", cut_right, [OBAMA], None
    yield "obama-portrait-closer", obama_head, [OBAMA], None
    yield "obama-portrait-mirrored", ImageOps.mirror(obama), [OBAMA], None
    yield "obama-portrait-bright", brightness(obama_head, 1.25), [OBAMA], None
    yield "obama-portrait-small", scaled(obama_head, 400), [OBAMA], None
    yield "obama-portrait-lying", lying, [OBAMA], STORED_LYING_ON_ITS_LEFT
    yield "obama-podium-closer", podium_head, [OBAMA], None
    yield "obama-podium-mirrored", ImageOps.mirror(podium_head), [OBAMA], None
    yield "obama-podium-dark", brightness(podium, 0.7), [OBAMA], None
    yield "obama-hall-closer", crop(hall, 0.2, 0.0, 0.9, 0.5), [OBAMA], None
    yield "obama-podium-grey", grey(podium_head), [OBAMA], None

    yield "biden", biden, [BIDEN], None
    yield "biden-closer", biden_head, [BIDEN], None
    yield "biden-mirrored", ImageOps.mirror(biden), [BIDEN], None
    yield "biden-bright", brightness(biden_head, 1.25), [BIDEN], None
    yield "biden-dark", brightness(crop(biden, 0.1, 0.0, 1.0, 0.6), 0.7), [BIDEN], None
    yield "biden-small", scaled(biden_head, 400), [BIDEN], None
    yield "biden-warm", warmth(biden_head, 0.75), [BIDEN], None
    yield "biden-tilted", tilted(biden_head, 6), [BIDEN], None

    yield "two-at-the-office", side_by_side(obama_head, biden_head), [OBAMA, BIDEN], None
    yield "two-at-the-podium", side_by_side(biden_head, podium_head), [BIDEN, OBAMA], None

    yield "hills", landscape(), [], None


def main():
    samples, photos, truth_file = (Path(argument) for argument in sys.argv[1:])
    photos.mkdir(parents=True)
    truth = {}
    for title, picture, names, orientation in library(samples):
        exif = Image.Exif()
        if orientation is not None:
            exif[ORIENTATION] = orientation
        picture.save(photos / f"{title}.jpg", quality=92, exif=exif)
        truth[title] = names
    # A video: Flickr lists it beside the photos, download leaves it out.
    landscape(640, 360).save(photos / "hills-film.jpg", quality=85)
    truth["hills-film"] = []
    (photos / "library.json").write_text(
        json.dumps({"hills-film.jpg": {"media": "video"}}, indent=2) + "\n")
    truth_file.write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    main()
