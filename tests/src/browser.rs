//! Chromium without a window, driven by keys and clicks, and the page that `cluster-faces web` serves.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    BrowserCapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver,
};

use crate::{Home, send};

/// What a page does not do within this time it does not do.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Among the modifiers of a key: Alt.
const ALT: u8 = 1;

/// Not a modifier: the key repeats.
const HELD: u8 = 128;

/// How often it is looked whether it has.
const POLL: Duration = Duration::from_millis(50);

/// A browser with an empty profile of its own; ends when dropped.
pub struct Browser {
    /// For what is not here.
    pub driver: WebDriver,
    profile: TempDir,
    process: Driver,
}

/// A running chromedriver; ends when dropped.
struct Driver(Child);

impl Browser {
    /// Starts chromedriver and Chromium, of Debian's packages.
    ///
    /// # Panics
    /// Where they cannot be started: run cargo xtask test, which installs them.
    pub async fn start() -> Self {
        let browser = Self::launch(false).await;
        browser.looks((1280, 900), "light").await;
        browser
    }

    /// Starts both so that [`Browser::let_go`] leaves Chromium running.
    ///
    /// # Panics
    /// As [`Browser::start`].
    pub async fn start_to_let_go() -> Self {
        Self::launch(true).await
    }

    async fn launch(detached: bool) -> Self {
        let process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is there: run cargo xtask test");
        let mut process = Driver(process);
        let port = line_with(&mut process.0, "started successfully on port ");
        let port: String = port.chars().filter(char::is_ascii_digit).collect();
        let profile = TempDir::new().expect("a folder for the profile");
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ] {
            wanted.add_arg(argument).expect("an argument");
        }
        wanted
            .add_arg(&format!("--user-data-dir={}", profile.path().display()))
            .expect("an argument");
        wanted
            .set_browser_option("detach", detached)
            .expect("an option");
        // reqwest is built without TLS of its own; a second one is refused, which is as well.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("Chromium starts: run cargo xtask test");
        Self {
            driver,
            profile,
            process,
        }
    }

    /// Ends chromedriver, so that nothing listens to what the page does. Only [`Browser::title`] and
    /// [`Browser::processes`] are there after that.
    pub fn let_go(&mut self) {
        self.process.end();
    }

    /// The title of the open page, asked of Chromium itself, which lists its pages without looking into them.
    ///
    /// # Panics
    /// Where Chromium does not answer.
    pub async fn title(&self) -> String {
        let file = self.profile.path().join("DevToolsActivePort");
        let port = fs::read_to_string(file).expect("Chromium tells its port");
        let port = port.lines().next().expect("a port");
        let answer = reqwest::get(format!("http://127.0.0.1:{port}/json/list")).await;
        let answer = answer.expect("Chromium answers").text().await;
        let answer = answer.expect("the list of pages");
        let pages: Vec<Value> =
            serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let page = pages.iter().find(|page| page["type"] == "page");
        let title = page.and_then(|page| page["title"].as_str());
        title.unwrap_or_default().to_owned()
    }

    /// Sets the window's size and the colours that the person prefers.
    ///
    /// # Panics
    /// Where the browser does not obey.
    pub async fn looks(&self, (width, height): (u32, u32), scheme: &str) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        let colours = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        // A window of a phone's size is touched.
        let touch = json!({ "enabled": width < 600, "maxTouchPoints": 5 });
        let cdp = self.driver.cdp();
        cdp.send_raw("Emulation.setTouchEmulationEnabled", touch)
            .await
            .expect("a finger in place of a mouse");
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size)
            .await
            .expect("the window's size");
        cdp.send_raw("Emulation.setEmulatedMedia", colours)
            .await
            .expect("the colours");
    }

    /// Opens an address.
    ///
    /// # Panics
    /// Where it cannot be opened.
    pub async fn open(&self, address: &str) {
        self.driver.goto(address).await.expect("the page opens");
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    /// Where it throws.
    #[track_caller]
    pub fn value(&self, expression: &str) -> impl Future<Output = Value> {
        let script = format!("return {expression}");
        async move {
            let value = self.driver.execute(script.clone(), Vec::new()).await;
            let value = value.unwrap_or_else(|error| panic!("{script}: {error}"));
            value.json().clone()
        }
    }

    /// What a script hands to its last argument.
    ///
    /// # Panics
    /// Where it throws.
    pub async fn asynchronous(&self, script: &str) -> Value {
        let value = self.driver.execute_async(script, Vec::new()).await;
        value.expect("the script ends").json().clone()
    }

    /// The text of the first element that a selector finds; empty where there is none.
    pub async fn text(&self, selector: &str) -> String {
        let found = self
            .value(&format!(
                "document.querySelector({})?.textContent ?? ''",
                json!(selector)
            ))
            .await;
        found.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a JavaScript expression is true. One that throws, as while a page is loaded, is not.
    ///
    /// # Panics
    /// Where it does not become true; shows what the page says instead.
    pub async fn until(&self, expression: &str) {
        let begin = Instant::now();
        let script = format!("return Boolean({expression})");
        loop {
            let value = self.driver.execute(script.clone(), Vec::new()).await;
            if value.is_ok_and(|value| *value.json() == Value::Bool(true)) {
                return;
            }
            if begin.elapsed() > TIMEOUT {
                let page = self.text("body").await;
                panic!("waited too long until {expression}; the page says {page}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the notices above the page hold this text.
    ///
    /// # Panics
    /// Where they do not come to.
    pub async fn told(&self, text: &str) {
        self.until(&format!(
            "document.readyState === 'complete' && document.getElementById('notices').textContent.includes({})",
            json!(text)
        ))
        .await;
    }

    /// Types into whatever has the focus: text, and some keys by WebDriver's code points.
    ///
    /// # Panics
    /// Where the browser does not obey, or a key is not known here.
    pub async fn type_keys(&self, keys: &str) {
        for key in keys.chars() {
            self.key("keyDown", key, 0).await;
            self.key("keyUp", key, 0).await;
        }
    }

    /// Presses a key while Alt is held.
    ///
    /// # Panics
    /// As [`Browser::type_keys`].
    pub async fn with_alt(&self, key: char) {
        for kind in ["keyDown", "keyUp"] {
            self.key(kind, key, ALT).await;
        }
    }

    /// Presses a key and holds it so long that it repeats.
    ///
    /// # Panics
    /// As [`Browser::type_keys`].
    pub async fn hold(&self, key: char, times: usize) {
        self.key("keyDown", key, 0).await;
        self.still_held(key, times).await;
    }

    /// A key that was pressed on the page before, and repeats.
    ///
    /// # Panics
    /// As [`Browser::type_keys`].
    pub async fn still_held(&self, key: char, times: usize) {
        for _ in 0..times {
            self.key("keyDown", key, HELD).await;
        }
        self.key("keyUp", key, 0).await;
    }

    /// Types a character that the keyboard writes with Option, as on a Mac.
    ///
    /// # Panics
    /// As [`Browser::type_keys`].
    pub async fn with_option(&self, key: char) {
        let event = json!({
            "type": "keyDown", "key": key.to_string(), "code": "KeyN", "windowsVirtualKeyCode": 78, "modifiers": ALT,
            "text": key.to_string()
        });
        let cdp = self.driver.cdp();
        let sent = cdp.send_raw("Input.dispatchKeyEvent", event).await;
        sent.unwrap_or_else(|error| panic!("{key:?}: {error}"));
        self.key("keyUp", key, 0).await;
    }

    /// One event, given to Chromium as it is: WebDriver's actions are repeated, by chromedriver, where a key has led
    /// to another page meanwhile; there an Enter would be the next answer.
    async fn key(&self, kind: &str, key: char, modifiers: u8) {
        let plain = key.to_string();
        let (name, code, number, text) = match key {
            '\u{e007}' => ("Enter", "Enter".to_owned(), 13, "\r"),
            '\u{e00c}' => ("Escape", "Escape".to_owned(), 27, ""),
            '\u{e014}' => ("ArrowRight", "ArrowRight".to_owned(), 39, ""),
            '\u{e017}' => ("Delete", "Delete".to_owned(), 46, ""),
            '\u{e000}'..='\u{f8ff}' => panic!("{key:?} is no key that is known here"),
            _ if key.is_ascii_alphanumeric() => {
                let upper = key.to_ascii_uppercase();
                let row = if key.is_ascii_digit() { "Digit" } else { "Key" };
                let number = u32::from(upper);
                (
                    plain.as_str(),
                    format!("{row}{upper}"),
                    number,
                    plain.as_str(),
                )
            }
            _ => (plain.as_str(), String::new(), 0, plain.as_str()),
        };
        let is_held = modifiers == HELD;
        let modifiers = if is_held { 0 } else { modifiers };
        let mut event = json!({
            "type": kind, "key": name, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers,
            "autoRepeat": is_held
        });
        if kind == "keyDown" && modifiers == 0 {
            event["text"] = json!(text);
        }
        let cdp = self.driver.cdp();
        let sent = cdp.send_raw("Input.dispatchKeyEvent", event).await;
        sent.unwrap_or_else(|error| panic!("{kind} {key:?}: {error}"));
    }

    /// Clicks the first element that a selector finds.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn click(&self, selector: &str) {
        let element = self.driver.find(thirtyfour::By::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Drags the mouse from one element to another.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn drag(&self, from: &str, to: &str) {
        let middle = |selector: &str| {
            format!(
                "(() => {{ const {{ x, y, width, height }} = document.querySelector({}).getBoundingClientRect(); \
                 return [x + width / 2, y + height / 2]; }})()",
                json!(selector)
            )
        };
        let (from, to) = (
            self.value(&middle(from)).await,
            self.value(&middle(to)).await,
        );
        for (kind, place, buttons) in [
            ("mousePressed", &from, 1),
            ("mouseMoved", &to, 1),
            ("mouseReleased", &to, 0),
        ] {
            let event = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "buttons": buttons, "clickCount": 1
            });
            let sent = self
                .driver
                .cdp()
                .send_raw("Input.dispatchMouseEvent", event)
                .await;
            sent.unwrap_or_else(|error| panic!("{kind}: {error}"));
        }
    }

    /// Writes what the window shows.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub async fn picture(&self, file: &Path) {
        let png = self.driver.screenshot_as_png().await.expect("a screenshot");
        fs::write(file, png).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// The ids of the processes of this browser: those that were started with its profile.
    pub fn processes(&self) -> Vec<u32> {
        let profile = self.profile.path().as_os_str().as_encoded_bytes();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if command.windows(profile.len()).any(|part| part == profile) {
                found.push(id);
            }
        }
        found
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever the test has come to: nothing is left behind, and nothing of others is touched.
        for id in self.processes() {
            let id = id.to_string();
            Command::new("sh")
                .args(["-c", "kill -s KILL \"$1\" 2>/dev/null", "sh", &id])
                .status()
                .ok();
        }
    }
}

impl Driver {
    fn end(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

/// A running `cluster-faces web`; ends when dropped.
pub struct Page {
    child: Child,
    /// What it printed: the address with the token.
    pub url: String,
}

impl Page {
    /// Starts it without a browser.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn serve(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command("cluster-faces");
        command.args(["web", "--no-browser"]).args(arguments);
        Self::start(command)
    }

    /// Starts any command that prints the address.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cluster-faces starts");
        let line = line_with(&mut child, "http://127.0.0.1:");
        Self {
            child,
            url: line.trim().to_owned(),
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        let rest = self.url.trim_start_matches("http://");
        rest.split('/').next().unwrap_or_default()
    }

    /// Presses Ctrl-C and gives the exit code.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn interrupt(mut self) -> Option<i32> {
        send("INT", &self.child);
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the program is waited for") {
                return status.code();
            }
            assert!(begin.elapsed() < TIMEOUT, "cluster-faces does not end");
            thread::sleep(POLL);
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The first line of standard output that holds `text`; the others are read and dropped.
fn line_with(child: &mut Child, text: &'static str) -> String {
    let output = child.stdout.take().expect("its output is read here");
    let (sender, found) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains(text) {
                sender.send(line).ok();
            }
        }
    });
    found
        .recv_timeout(TIMEOUT)
        .unwrap_or_else(|_| panic!("no line with {text:?}"))
}
