"""Decode the sample photos with Pillow and store their pixels as PNG, which every reader agrees on.

    python pixels.py SAMPLES PNG NAME=SHA256...

Decodes SAMPLES/NAME.jpg to RGB, checks the SHA-256 of the pixels (rows from the top, three bytes
a pixel), and writes PNG/NAME.png. Fails if the pixels are other than expected.
"""

import hashlib
import sys
from pathlib import Path

from PIL import Image


def pixels_sha256(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def main():
    samples, folder, *wanted = sys.argv[1:]
    for name, expected in (argument.split("=") for argument in wanted):
        png = Path(folder, f"{name}.png")
        Image.open(Path(samples, f"{name}.jpg")).convert("RGB").save(png)
        found = pixels_sha256(Image.open(png))
        if found != expected:
            sys.exit(f"{name}.jpg: decoded to pixels with SHA-256 {found}, expected {expected}")


if __name__ == "__main__":
    main()
