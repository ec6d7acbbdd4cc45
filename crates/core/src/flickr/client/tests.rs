use std::num::NonZeroU64;

use super::*;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "fedcba9876543210";

fn signature(
    verb: &str,
    call: &Call<'_>,
    key: (&str, &str),
    version: bool,
    nonce: &str,
    time: u64,
) -> String {
    let key = Credentials::new(key.0, key.1);
    let mut signer = signer(key, call);
    signer
        .nonce(nonce)
        .timestamp(NonZeroU64::new(time))
        .version(version);
    let header = signer.authorize(verb, call.url, &ParameterList::new(call.params.clone()));
    let signature = header
        .split("oauth_signature=\"")
        .nth(1)
        .unwrap()
        .trim_end_matches('"');
    signature
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=")
}

#[test]
fn the_canonical_vector_of_oauth_1() {
    let url = Url::parse("http://photos.example.net/photos").unwrap();
    let call = Call {
        method: "photos",
        url: &url,
        effect: Effect::Read,
        params: vec![("file", "vacation.jpg"), ("size", "original")],
        token: Some(Credentials::new("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")),
        callback: None,
        verifier: None,
    };
    let key = ("dpf43f3p2l4k3l03", "kd94hf93k423kf44");
    let found = signature("GET", &call, key, true, "kllo9940pd9333jh", 1_191_242_096);
    assert_eq!(found, "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
}

#[test]
fn request_token_is_signed_as_flickr_does() {
    let endpoints = Endpoints::flickr();
    let call = Call {
        method: "request_token",
        url: endpoints.request_token(),
        effect: Effect::Read,
        params: vec![],
        token: None,
        callback: Some("oob"),
        verifier: None,
    };
    let found = signature("GET", &call, (KEY, SECRET), true, "n0nce", 1_700_000_000);
    assert_eq!(found, "1MpYPEkd7BCVOj3i2C1WhggsShQ=");
}

#[test]
fn tags_with_accents_quotes_and_stars_are_signed_as_flickr_does() {
    let endpoints = Endpoints::flickr();
    let call = Call {
        method: "flickr.photos.addTags",
        url: endpoints.rest(),
        effect: Effect::Write,
        params: vec![
            ("photo_id", "53000000001"),
            ("tags", "\"Café noir\" person:name=\"Ann O'Neil\" a*b"),
            ("method", "flickr.photos.addTags"),
            ("format", "json"),
            ("nojsoncallback", "1"),
        ],
        token: Some(Credentials::new(
            "72157600000000001-00112233445566aa",
            "8899aabbccddeeff",
        )),
        callback: None,
        verifier: None,
    };
    let found = signature("POST", &call, (KEY, SECRET), true, "n0nce", 1_700_000_000);
    assert_eq!(found, "htukvC7DOZacf9kRJo3ZGKCOGeo=");
}
