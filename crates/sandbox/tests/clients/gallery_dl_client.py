"""Drives the sandbox with gallery-dl, a downloader that is not part of this project.

Usage: gallery_dl_client.py BASE_URL KEY SECRET TOKEN TOKEN_SECRET FOLDER

gallery-dl talks to fixed hosts: the address of the API in its class is set to
the sandbox's, and the addresses of files come in the sandbox's replies. It walks the
account's photos page by page, asks about each one, and downloads the
originals into FOLDER, once as a stranger and once as the owner. Prints "ok
NAME" for each thing that works and ends with an exception at the first that
does not.
"""

import json
import pathlib
import sys

import gallery_dl.config
import gallery_dl.extractor.flickr
import gallery_dl.job
import PIL.Image
import requests

BASE, KEY, SECRET, TOKEN, TOKEN_SECRET, FOLDER = sys.argv[1:7]
ACCOUNT = "https://www.flickr.com/photos/sandbox-person/"

gallery_dl.extractor.flickr.FlickrAPI.API_URL = BASE + "/services/rest/"
# It would take the website's own key from a page of it.
gallery_dl.extractor.flickr.FlickrAPI.API_KEY = KEY
# It waits a second or two between two requests, and at least half a second.
gallery_dl.extractor.flickr.FlickrExtractor.request_interval_min = 0


def ok(name):
    print("ok", name, flush=True)


def download(folder, **options):
    """Downloads the account's photos with what is told about each beside it."""
    config = {
        "base-directory": str(folder),
        "api-key": KEY,
        "api-secret": SECRET,
        "access-token": None,
        "sleep-request": 0,
        "retries": 0,
        "metadata": True,
        "info": True,
        "contexts": True,
        "profile": True,
        "postprocessors": [{"name": "metadata"}],
        **options,
    }
    gallery_dl.config.clear()
    gallery_dl.config.set(("cache",), "file", None)
    for name, value in config.items():
        gallery_dl.config.set(("extractor",), name, value)
    gallery_dl.config.set(("downloader",), "retries", 0)
    assert gallery_dl.job.DownloadJob(ACCOUNT).run() == 0, "gallery-dl reports a failure"
    told = [json.loads(path.read_text()) for path in folder.rglob("*.json")]
    return {str(photo["id"]): photo for photo in told}


def compare(photos, told, folder):
    """Whether as many came, and each is as the sandbox has it."""
    files = {path.stem.removeprefix("flickr_"): path for path in folder.rglob("*.jpg")}
    assert set(told) == set(files) == set(photos), (len(told), len(files), len(photos))
    assert told, "there are photos"
    for id, photo in photos.items():
        found = told[id]
        assert found["title"] == photo["title"], (id, found["title"])
        assert found["tags"] == photo["tags"], (id, found["tags"])
        assert found["visibility"]["ispublic"] == (not photo["private"]), id
        assert int(found["dateupload"]) == photo["uploaded"], (id, found["dateupload"])
        with PIL.Image.open(files[id]) as picture:
            picture.load()
            assert picture.size == (photo["width"], photo["height"]), (id, picture.size)
        albums = [album["title"] for album in found.get("set", [])]
        assert albums == ([photo["album"]] if photo["album"] else []), (id, albums)
        assert found["user"]["nsid"] == "99999999@N00", found["user"]
        assert found["license_name"] == "All Rights Reserved", id


def main():
    rows = requests.get(BASE + "/sandbox/photos", timeout=30).json()
    everything = {row["id"]: row for row in rows}
    public = {id: row for id, row in everything.items() if not row["private"]}
    folder = pathlib.Path(FOLDER)

    stranger = download(folder / "stranger")
    compare(public, stranger, folder / "stranger")
    count = next(iter(stranger.values()))["user"]["photos"]["count"]
    assert count == len(public), count
    ok("a stranger downloads all public photos")

    token = {"access-token": TOKEN, "access-token-secret": TOKEN_SECRET}
    owner = download(folder / "owner", **token)
    compare(everything, owner, folder / "owner")
    count = next(iter(owner.values()))["user"]["photos"]["count"]
    assert count == len(everything) > len(public) > 100, count
    ok("the owner downloads all photos, page by page")


main()
