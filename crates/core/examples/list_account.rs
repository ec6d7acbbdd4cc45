//! Signs in to a sandbox and lists its account, oldest photo first.
//!
//! ```sh
//! cargo run -p flickr-sandbox -- serve --generate 1200    # prints ADDRESS, KEY and SECRET
//! cargo run -p flickr-faces --example list_account -- ADDRESS KEY SECRET
//! cargo run -p flickr-sandbox -- approve URL --code       # with the URL that the example prints
//! ```

use std::{env, error::Error, io, sync::Arc};

use flickr_faces::flickr::{
    ApiKey, Client, ClientConfig, Endpoints, Flickr, Listing, ListingOptions, OUT_OF_BAND, SignIn,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, key, secret] = arguments.as_slice() else {
        return Err("expected ADDRESS KEY SECRET, as flickr-sandbox prints them".into());
    };
    let endpoints = Endpoints::local(&address.parse()?)?;
    let client = Client::new(endpoints, ApiKey::new(key, secret), ClientConfig::default())?;
    let client = Arc::new(client);

    let sign_in = SignIn::new(Arc::clone(&client));
    let request = sign_in.request_token(OUT_OF_BAND).await?;
    println!("Approve {}", sign_in.authorize_url(&request));
    println!("and type the code:");
    let mut code = String::new();
    io::stdin().read_line(&mut code)?;
    let verifier = request.verifier_of(&code)?;
    let token = sign_in.access_token(request, &verifier).await?;

    let flickr = Flickr::new(client, token);
    let mut listing = Listing::new(flickr.clone(), ListingOptions::default());
    while let Some(page) = listing.next_page().await? {
        for photo in page.photos {
            let date = photo.upload_date.unwrap_or_default();
            println!("{date}  {}  {}", photo.id, photo.title);
        }
    }
    println!("{} API calls", flickr.client().calls());
    Ok(())
}
