"""Drives the sandbox with flickrapi, a Flickr client that is not part of this project.

Usage: flickrapi_client.py BASE_URL KEY SECRET APPROVE_PROGRAM

Prints "ok NAME" for each thing that works and ends with an exception at the
first that does not. It needs a library of photos titled "Photo 1" and so on,
of which the first is 1600 x 1200 pixels.
"""

import io
import os
import subprocess
import sys
import time

import flickrapi
import flickrapi.auth
import flickrapi.exceptions
import PIL.Image
import requests
import requests_oauthlib

BASE, KEY, SECRET, APPROVE = sys.argv[1:5]

flickrapi.FlickrAPI.REST_URL = BASE + "/services/rest/"
for name, path in [
    ("REQUEST_TOKEN_URL", "request_token"),
    ("AUTHORIZE_URL", "authorize"),
    ("ACCESS_TOKEN_URL", "access_token"),
]:
    setattr(flickrapi.auth.OAuthFlickrInterface, name, f"{BASE}/services/oauth/{path}")


REQUEST_TOKEN = BASE + "/services/oauth/request_token"
AUTHORIZE = BASE + "/services/oauth/authorize"


def ok(name):
    print("ok", name, flush=True)


def expect_error(code, call):
    """Runs `call`, which must fail; `code` None stands for a status other than 200."""
    try:
        call()
    except flickrapi.exceptions.FlickrError as error:
        assert str(error.code) == str(code), f"expected {code}, got {error.code}: {error}"
        if code is None:
            assert "Status code" in str(error), error
        return
    raise AssertionError(f"no error, expected {code}")


def sign_in(secret, perms):
    flickr = flickrapi.FlickrAPI(KEY, secret, store_token=False)
    flickr.flickr_oauth.get_request_token(oauth_callback="oob")
    url = flickr.flickr_oauth.auth_url(perms=perms)
    result = subprocess.run(
        [APPROVE, "approve", "--code", url], check=True, capture_output=True, text=True
    )
    code = result.stdout.strip()
    assert len(code) == 11 and code[3] == code[7] == "-", code
    flickr.flickr_oauth.verifier = code
    token = flickr.flickr_oauth.get_access_token()
    flickr.token_cache.token = token
    return flickr, token


def request_token(key=KEY, callback="oob", **signature):
    """Asks for a request token as requests_oauthlib does."""
    auth = requests_oauthlib.OAuth1(key, SECRET, callback_uri=callback, **signature)
    return requests.post(REQUEST_TOKEN, auth=auth, timeout=30)


def problem(answer):
    assert answer.status_code == 401, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "text/plain;charset=UTF-8", answer.headers
    name, _, value = answer.text.partition("&")[0].partition("=")
    assert name == "oauth_problem", answer.text
    return value


def check_refusals():
    assert problem(request_token(key="f" * 32)) == "consumer_key_unknown"
    old = str(int(time.time()) - 3600)
    assert problem(request_token(timestamp=old)) == "timestamp_refused"
    again = {"nonce": "once", "timestamp": str(int(time.time()))}
    assert request_token(**again).status_code == 200
    assert problem(request_token(**again)) == "nonce_used"
    # The address without the slash at the end is another one to the signature.
    auth = requests_oauthlib.OAuth1(KEY, SECRET)
    signed = requests.Request(
        "POST", BASE + "/services/rest/", data={"method": "flickr.test.echo"}, auth=auth
    ).prepare()
    signed.url = BASE + "/services/rest"
    answer = requests.Session().send(signed, timeout=30)
    assert problem(answer) == "signature_invalid"
    assert "&debug_sbs=POST&http%3A%2F%2F127.0.0.1" in answer.text, answer.text
    for place in ["auth_header", "query", "body"]:
        auth = requests_oauthlib.OAuth1(KEY, SECRET, signature_type=place)
        data = {"method": "flickr.test.echo", "text": "é +"}
        answer = requests.post(BASE + "/services/rest/", data=data, auth=auth, timeout=30)
        assert 'stat="ok"' in answer.text and "é +" in answer.text, answer.text


def check_pages():
    token = dict(pair.split("=") for pair in request_token().text.split("&"))["oauth_token"]

    def page(**query):
        answer = requests.get(AUTHORIZE, params=query, timeout=30)
        assert answer.headers["content-type"].startswith("text/html"), answer.headers
        return answer.text

    assert "Oops" in page(oauth_token=token), "a page without perms has to be refused"
    assert "Oops" in page(oauth_token="1-2", perms="write")
    assert "Oops" not in page(oauth_token=token, perms="write")
    form = {"oauth_token": token, "perms": "write", "action": "cancel"}
    answer = requests.post(AUTHORIZE, data=form, timeout=30, allow_redirects=False)
    assert answer.status_code == 302 and answer.headers["location"] == BASE + "/", answer.headers


def check_callback():
    """Signs in by the callback, with the sandbox's person for a browser."""
    os.environ["BROWSER"] = APPROVE + " approve %s &"
    flickr = flickrapi.FlickrAPI(KEY, SECRET, store_token=False)
    flickr.authenticate_via_browser(perms="delete")
    assert flickr.token_valid(perms="delete")


def check_notes_and_people(flickr, photo):
    """Notes and people of a photo of 1024x768 pixels: its medium image has 500x375."""
    place = {"note_x": 10, "note_y": 20, "note_w": 30, "note_h": 40}

    def notes():
        info = flickr.photos.getInfo(photo_id=photo, format="parsed-json")
        rows = info["photo"]["notes"]["note"]
        numbers = [[int(row[name]) for name in "xywh"] for row in rows]
        return [(row["id"], row["_content"], at) for row, at in zip(rows, numbers)]

    def add(**arguments):
        said = {"photo_id": photo, **place, "note_text": "Ann & Bo", **arguments}
        reply = flickr.photos.notes.add(format="parsed-json", **said)
        return reply["note"]["id"]

    first = add()
    assert notes() == [(first, "Ann & Bo", [10, 20, 30, 40])], notes()
    second = add()
    assert second != first, "each call makes a note"
    add(note_x=0, note_y=0, note_w=500, note_h=375)
    expect_error(5, lambda: add(note_w=491))
    expect_error(5, lambda: add(note_h=0))
    expect_error(3, lambda: add(note_text=""))
    expect_error(3, lambda: add(note_x="left"))
    expect_error(1, lambda: add(photo_id="1"))
    flickr.photos.notes.edit(note_id=second, **{**place, "note_x": 11}, note_text="Cy")
    assert notes()[1] == (second, "Cy", [11, 20, 30, 40]), notes()
    for note, _, _ in notes():
        flickr.photos.notes.delete(note_id=note)
    assert notes() == []
    expect_error(1, lambda: flickr.photos.notes.delete(note_id=first))
    expect_error(1, lambda: flickr.photos.notes.edit(note_id=first, **place, note_text="x"))

    def people():
        tree = flickr.photos.people.getList(photo_id=photo, format="etree").find("people")
        assert (tree.get("photo_width"), tree.get("photo_height")) == ("500", "375")
        return [(row.get("nsid"), row.get("x"), row.get("w")) for row in tree.findall("person")]

    def person(nsid, **arguments):
        arguments = {"photo_id": photo, **arguments}
        flickr.photos.people.add(user_id=nsid, **arguments)

    box = {"person_x": 1, "person_y": 2, "person_w": 3, "person_h": 4}
    person("11111111@N00", **box)
    person("11111111@N00")
    person("33333333@N00")
    assert people() == [("11111111@N00", "1", "3"), ("33333333@N00", None, None)], people()
    expect_error(1, lambda: person("1@N00"))
    expect_error(2, lambda: person("11111111@N00", photo_id="1"))
    expect_error(5, lambda: person("22222222@N00"))
    expect_error(6, lambda: person("99999999@N00", person_x=1))
    for nsid, _, _ in people():
        flickr.photos.people.delete(photo_id=photo, user_id=nsid)
    assert people() == []
    expect_error(1, lambda: flickr.photos.people.delete(photo_id=photo, user_id="11111111@N00"))


def check_recent_changes(flickr, photos):
    """Latest change first, each row with its time; `min_date` is part of the range."""

    def recent(since):
        page = flickr.photos.recentlyUpdated(
            min_date=since, extras="url_s", per_page=12, format="parsed-json"
        )["photos"]
        rows = page["photo"]
        assert all("url_s" in row and row["owner"] for row in rows), rows
        return page["total"], [(row["id"], int(row["lastupdate"])) for row in rows]

    edits = [
        {"do": "turn", "degrees": 90},
        {"do": "replace"},
        {"do": "set_visibility", "is_public": False, "is_friend": True, "is_family": False},
    ]
    uploaded = min(since for _, since in recent(1)[1])
    for photo, edit in zip(photos, edits):
        control(f"photos/{photo}/edits", edit)
        total, rows = recent(1)
        times = [since for _, since in rows]
        assert total == 12 and times == sorted(times, reverse=True), rows
        since = dict(rows)[photo]
        assert since > uploaded, rows
        assert photo in dict(recent(since)[1]), "the range begins with min_date"
        assert photo not in dict(recent(since + 1)[1])
        assert recent(times[0] + 1) == (0, []), "nothing later"
    # A private photo is the owner's all the same.
    control(f"photos/{photos[2]}/edits", {"do": "set_public", "public": True})
    expect_error(1, lambda: flickr.photos.recentlyUpdated())
    expect_error(2, lambda: flickr.photos.recentlyUpdated(min_date="then"))


def kinds(value):
    """The shape of a reply: its names, and what kind of value each has."""
    if isinstance(value, dict):
        return {name: kinds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [kinds(inner) for inner in value[:1]]
    return type(value)


def check_names(flickr, photo):
    """Contacts and the owner's tags have the shape of Flickr's replies that jinx and Flickr.Net keep for their tests."""
    contact = dict.fromkeys(["nsid", "username", "iconserver", "realname", "path_alias", "location"], str)
    contact |= dict.fromkeys(["iconfarm", "ignored", "rev_ignored", "friend", "family"], int)
    for arguments, said in [({}, int), ({"per_page": 2}, str)]:
        reply = flickr.contacts.getList(format="parsed-json", **arguments)
        numbers = {"page": int, "pages": int, "per_page": said, "perpage": said, "total": int}
        expected = {"contacts": {**numbers, "contact": [contact]}, "stat": str}
        assert kinds(reply) == expected, reply
    page = flickr.contacts.getList(format="parsed-json", per_page=2, page=2)["contacts"]
    found = (page["page"], page["pages"], page["per_page"], page["perpage"], page["total"])
    assert found == (2, 2, "2", "2", 3), page
    assert [row["username"] for row in page["contact"]] == ["cy"], page

    flickr.photos.addTags(photo_id=photo, tags='"Black And White"')
    reply = flickr.tags.getListUserRaw(format="parsed-json")
    row = {"clean": str, "raw": [{"_content": str}]}
    assert kinds(reply) == {"who": {"id": str, "tags": {"tag": [row]}}, "stat": str}, reply
    of_one = flickr.tags.getListUserRaw(format="parsed-json", tag="blackandwhite")["who"]["tags"]
    expected = [{"clean": "blackandwhite", "raw": [{"_content": "Black And White"}]}]
    assert of_one["tag"] == expected, of_one
    listed = flickr.tags.getListPhoto(photo_id=photo, format="parsed-json")
    flickr.photos.removeTag(tag_id=listed["photo"]["tags"]["tag"][0]["id"])


def control(path, value=None):
    requests.post(f"{BASE}/sandbox/{path}", json=value, timeout=30).raise_for_status()


def check_visibility(flickr, photo):
    """Friends and family, as the photo's owner sees them."""
    names = ["ispublic", "isfriend", "isfamily"]
    for flags, only in [([0, 1, 0], 2), ([0, 0, 1], 3), ([0, 1, 1], 4), ([0, 0, 0], 5)]:
        edit = dict(zip(["is_public", "is_friend", "is_family"], map(bool, flags)))
        control(f"photos/{photo}/edits", {"do": "set_visibility", **edit})
        for filter, is_listed in [(only, True), (1, False), (2 + (only - 1) % 4, False)]:
            page = flickr.photos.search(user_id="me", privacy_filter=filter, format="parsed-json")
            rows = [row for row in page["photos"]["photo"] if row["id"] == photo]
            assert len(rows) == is_listed, (flags, filter, rows)
            for row in rows:
                assert [row[name] for name in names] == flags, (flags, row)
        info = flickr.photos.getInfo(photo_id=photo, format="parsed-json")["photo"]
        assert [info["visibility"][name] for name in names] == flags, info["visibility"]
    control(f"photos/{photo}/edits", {"do": "set_public", "public": True})


def main():
    expect_error(None, lambda: sign_in(SECRET[::-1] + "0", "write"))
    ok("a wrong secret is refused at sign-in")

    flickr, token = sign_in(SECRET, "write")
    assert token.access_level == "write" and token.user_nsid.endswith("@N00"), token
    assert token.username and token.fullname, token
    assert flickr.token_valid(perms="write"), "checkToken does not know the token"
    ok("sign in with a code")

    check_refusals()
    ok("key, clock, nonce and address are checked")
    check_pages()
    ok("pages say oops and cancel leads home")
    check_callback()
    ok("sign in by callback")

    login = flickr.test.login(format="parsed-json")
    assert login["user"]["id"] == token.user_nsid, login
    echo = flickr.test.echo(format="parsed-json", text="a b+c&d=é*'~")
    assert echo["text"]["_content"] == "a b+c&d=é*'~", echo
    ok("parameters of every kind are signed alike")

    extras = "url_l,url_o,o_dims,date_upload,media,tags,original_format"
    page = flickr.photos.search(
        user_id="me", sort="date-posted-asc", per_page=5, extras=extras, format="parsed-json"
    )["photos"]
    assert (page["page"], page["pages"], page["perpage"], page["total"]) == (1, 3, 5, 12), page
    first = page["photo"][0]
    assert first["title"] == "Photo 1" and first["media"] == "photo", first
    assert (first["width_l"], first["height_l"]) == (1024, 768), first
    tree = flickr.photos.search(
        user_id="me", sort="date-posted-asc", per_page=5, extras=extras, format="etree"
    )
    rows = tree.findall("photos/photo")
    assert [row.get("id") for row in rows] == [row["id"] for row in page["photo"]]
    assert rows[0].get("url_l") == first["url_l"] and rows[0].get("width_l") == "1024"
    walked = []
    for number in range(1, 4):
        tree = flickr.people.getPhotos(user_id="me", per_page=5, page=number, format="etree")
        walked += [row.get("title") for row in tree.findall("photos/photo")]
    assert sorted(walked) == sorted(f"Photo {n}" for n in range(1, 13)), walked
    ok("list in JSON and XML")

    sizes = flickr.photos.getSizes(photo_id=first["id"], format="parsed-json")["sizes"]["size"]
    labels = [size["label"] for size in sizes]
    assert labels[0] == "Square" and labels[-1] == "Original", labels
    for size in sizes:
        answer = requests.get(size["source"], timeout=30)
        assert answer.status_code == 200, (size, answer.status_code)
        assert answer.headers["content-type"] == "image/jpeg", answer.headers
        picture = PIL.Image.open(io.BytesIO(answer.content))
        picture.load()
        assert picture.size == (size["width"], size["height"]), (size, picture.size)
    ok("sizes and their files")

    raw = "Ann O'Neil-Smith é"
    flickr.photos.addTags(photo_id=first["id"], tags=f'"{raw}" person:name="Ann Example"')
    info = flickr.photos.getInfo(photo_id=first["id"], format="parsed-json")
    tags = {tag["raw"]: tag for tag in info["photo"]["tags"]["tag"]}
    assert set(tags) == {raw, "person:name=Ann Example"}, tags
    assert tags[raw]["_content"] == "annoneilsmithé", tags
    assert tags["person:name=Ann Example"]["machine_tag"] is True, tags
    listed = flickr.tags.getListPhoto(photo_id=first["id"], format="etree")
    found = {tag.get("raw"): tag.get("id") for tag in listed.findall("photo/tags/tag")}
    assert found == {text: tag["id"] for text, tag in tags.items()}, found
    flickr.photos.removeTag(tag_id=found["person:name=Ann Example"])
    listed = flickr.tags.getListPhoto(photo_id=first["id"], format="etree")
    assert [tag.get("raw") for tag in listed.findall("photo/tags/tag")] == [raw]
    ok("add a tag with spaces, read it back, remove one")

    def raw_tags():
        listed = flickr.tags.getListPhoto(photo_id=first["id"], format="etree")
        return [tag.get("raw") for tag in listed.findall("photo/tags/tag")]

    flickr.photos.addTags(photo_id=first["id"], tags='"ann O NEIL smith é"')
    assert raw_tags() == [raw], "an equal clean form is the same tag"
    many = " ".join(f"tag{n}" for n in range(75))
    expect_error(2, lambda: flickr.photos.addTags(photo_id=first["id"], tags=many))
    assert raw_tags() == [raw], "all tags or none"
    control("faults", {"on": "flickr.photos.addTags", "kind": "answer_lost"})
    expect_error(None, lambda: flickr.photos.addTags(photo_id=first["id"], tags="lost"))
    assert raw_tags() == [raw, "lost"], "the tag is written although the answer is lost"
    flickr.photos.setTags(photo_id=first["id"], tags=f'"{raw}"')
    assert raw_tags() == [raw]
    updated = flickr.photos.recentlyUpdated(min_date="1", per_page=1, format="parsed-json")
    assert updated["photos"]["photo"][0]["id"] == first["id"], updated
    ok("tags are compared by clean form, limited, and written although the answer is lost")

    check_recent_changes(flickr, [row["id"] for row in page["photo"][2:]])
    ok("recent changes")

    check_visibility(flickr, first["id"])
    ok("friends and family")

    check_notes_and_people(flickr, first["id"])
    ok("notes and people within Flickr's bounds")

    check_names(flickr, page["photo"][1]["id"])
    ok("contacts and raw tags have the shape of Flickr's")

    expect_error(1, lambda: flickr.photos.getInfo(photo_id="1"))
    expect_error(1, lambda: flickr.photos.getInfo(photo_id="1", format="parsed-json"))
    expect_error(112, lambda: flickr.photos.noSuchMethod())
    ok("failures have their codes in XML and JSON")

    reader, _ = sign_in(SECRET, "read")
    expect_error(99, lambda: reader.photos.addTags(photo_id=first["id"], tags="x"))
    ok("a read token cannot write")

    wrong = flickrapi.auth.FlickrAccessToken(
        token.token, "0" * 16, "write", token.fullname, token.username, token.user_nsid
    )
    forger = flickrapi.FlickrAPI(KEY, SECRET, token=wrong)
    expect_error(None, lambda: forger.test.login())
    ok("a wrong signature is refused")

    control("revoke")
    expect_error(98, lambda: flickr.test.login())
    assert not flickr.token_valid(perms="write")
    ok("a revoked token is refused")


main()
