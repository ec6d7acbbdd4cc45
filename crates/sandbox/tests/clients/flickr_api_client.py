"""Drives the sandbox with flickr_api, a Flickr client that is not part of this project.

Usage: flickr_api_client.py BASE_URL KEY SECRET APPROVE_PROGRAM FOLDER

flickr_api talks to fixed hosts: their addresses in its modules, one of them
the default of an argument, are set to the sandbox's. It signs in, lists the
account's photos, saves some of them to FOLDER, and writes, reads and removes
a tag. Prints "ok NAME" for each thing that works and ends with an exception at
the first that does not.
"""

import pathlib
import subprocess
import sys

import flickr_api
import flickr_api.auth
import flickr_api.method_call
import PIL.Image
import requests
from flickr_api.flickrerrors import FlickrAPIError

BASE, KEY, SECRET, APPROVE, FOLDER = sys.argv[1:6]
REST = BASE + "/services/rest/"

call = flickr_api.method_call.call_api
fixed = flickr_api.method_call.REST_URL
call.__defaults__ = tuple(REST if value == fixed else value for value in call.__defaults__)
assert REST in call.__defaults__
flickr_api.method_call.REST_URL = REST
for name, path in [
    ("TOKEN_REQUEST_URL", "request_token"),
    ("AUTHORIZE_URL", "authorize"),
    ("ACCESS_TOKEN_URL", "access_token"),
]:
    setattr(flickr_api.auth, name, f"{BASE}/services/oauth/{path}")


def ok(name):
    print("ok", name, flush=True)


def sign_in(perms):
    handler = flickr_api.auth.AuthHandler(callback="oob")
    url = handler.get_authorization_url(perms)
    result = subprocess.run(
        [APPROVE, "approve", "--code", url], check=True, capture_output=True, text=True
    )
    handler.set_verifier(result.stdout.strip())
    flickr_api.set_auth_handler(handler)


def walk(method, **arguments):
    """All pages."""
    return list(flickr_api.Walker(method, per_page=50, extras="date_upload", **arguments))


def main():
    rows = requests.get(BASE + "/sandbox/photos", timeout=30).json()
    everything = {row["id"]: row for row in rows}
    public = {id for id, row in everything.items() if not row["private"]}
    flickr_api.set_keys(api_key=KEY, api_secret=SECRET)

    stranger = flickr_api.Person.findByUserName("sandbox")
    by_address = flickr_api.Person.findByUrl(BASE + "/photos/sandbox-person/")
    assert stranger.id == by_address.id == "99999999@N00", (stranger.id, by_address.id)
    assert int(stranger.getInfo()["photos_info"]["count"]) == len(public) > 100
    assert {photo.id for photo in walk(stranger.getPhotos)} == public
    albums = {album.title: int(album.photos) for album in stranger.getPhotosets()}
    titles = [everything[id]["album"] for id in public if everything[id]["album"]]
    assert albums == {title: titles.count(title) for title in titles} != {}, albums
    licenses = flickr_api.License.getList()
    assert licenses[0].name == "All Rights Reserved" and len(licenses) == 11, licenses
    ok("a stranger finds the account and lists its public photos and albums")

    sign_in("write")
    me = flickr_api.test.login()
    assert me.id == stranger.id, me.id
    listed = walk(me.getPhotos)
    found = {photo.id for photo in walk(flickr_api.Photo.search, user_id="me")}
    assert {photo.id for photo in listed} == found == set(everything)
    for photo in listed:
        row = everything[photo.id]
        assert (photo.title, int(photo.dateupload)) == (row["title"], row["uploaded"]), row
    ok("sign in and list all photos in two ways")

    folder = pathlib.Path(FOLDER)
    folder.mkdir()
    for photo in listed[:5]:
        path = photo.save(str(folder / photo.id))
        with PIL.Image.open(path) as picture:
            picture.load()
            row = everything[photo.id]
            assert picture.size == (row["width"], row["height"]), (row, picture.size)
    ok("save photos in their original size")

    photo = listed[0]
    before = [tag.raw for tag in photo.getTags()]
    raw = "Ann O'Neil-Smith é"
    photo.addTags(f'"{raw}"')
    tags = {tag.raw: tag for tag in photo.getTags()}
    assert set(tags) == {*before, raw}, tags
    assert tags[raw].text == "annoneilsmithé", tags[raw].text
    sets, pools = photo.getAllContexts()
    title = everything[photo.id]["album"]
    assert [album.title for album in sets] == ([title] if title else []) and pools == [], sets
    tags[raw].remove()
    assert [tag.raw for tag in photo.getTags()] == before
    photo.addTags('"Bo Example"')
    ok("write a tag, read it, remove it")

    flickr_api.set_auth_handler(flickr_api.auth.AuthHandler(
        KEY, SECRET, callback="oob", access_token_key="1-2", access_token_secret="3"
    ))
    try:
        flickr_api.test.login()
    except FlickrAPIError as error:
        assert error.code == 98, error
    else:
        raise AssertionError("an unknown token is taken")
    ok("an unknown token is refused")


main()
