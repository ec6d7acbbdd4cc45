//! Firefox without a window, driven by its own protocol, Marionette: what geckodriver speaks to it, which Debian does not have. A message
//! is its length in bytes, a colon, and JSON: `[0, id, command, parameters]`, answered by `[1, id, error, value]`.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a page does not do within this time it does not do.
const TIMEOUT: Duration = Duration::from_secs(60);

const POLL: Duration = Duration::from_millis(50);

/// Firefox with an empty profile of its own; ends when dropped.
pub struct Firefox {
    process: Child,
    stream: TcpStream,
    next: u64,
    _profile: TempDir,
}

impl Firefox {
    /// Starts the Firefox of Debian's packages.
    ///
    /// # Panics
    /// Where it cannot be started: run cargo xtask test, which installs it.
    pub fn start() -> Self {
        let profile = TempDir::new().expect("a folder for the profile");
        // Nothing is asked of the network but what a test asks.
        let settings = [
            ("marionette.port", "0"),
            ("app.update.auto", "false"),
            ("browser.shell.checkDefaultBrowser", "false"),
            ("browser.startup.page", "0"),
            ("datareporting.policy.dataSubmissionEnabled", "false"),
            ("network.captive-portal-service.enabled", "false"),
            ("network.connectivity-service.enabled", "false"),
            ("toolkit.telemetry.enabled", "false"),
            ("services.settings.server", "\"data:,\""),
        ];
        let lines: String = settings
            .iter()
            .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
            .collect();
        fs::write(profile.path().join("user.js"), lines).expect("the profile's settings");
        let process = Command::new("firefox-esr")
            .args([
                "--headless",
                "--marionette",
                "--no-remote",
                "--width=1280",
                "--height=800",
                "--profile",
            ])
            .arg(profile.path())
            .env("HOME", profile.path())
            .env("MOZ_DISABLE_AUTO_SAFE_MODE", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("firefox-esr is there: run cargo xtask test");
        let begin = Instant::now();
        let stream = loop {
            let port = fs::read_to_string(profile.path().join("MarionetteActivePort"));
            let port = port.ok().and_then(|port| port.trim().parse::<u16>().ok());
            if let Some(port) = port
                && let Ok(stream) = TcpStream::connect(("127.0.0.1", port))
            {
                break stream;
            }
            assert!(begin.elapsed() < TIMEOUT, "Firefox does not listen");
            thread::sleep(POLL);
        };
        stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
        let mut firefox = Self {
            process,
            stream,
            next: 0,
            _profile: profile,
        };
        let hello = firefox.read();
        assert_eq!(hello["marionetteProtocol"], 3, "{hello}");
        firefox.ask("WebDriver:NewSession", &json!({ "capabilities": {} }));
        firefox
    }

    /// The window's size, which a page sees as its own.
    ///
    /// # Panics
    /// Where Firefox does not obey.
    pub fn size(&mut self, (width, height): (u32, u32)) {
        // The window's frame is not the page's.
        let frame = self.value("[outerWidth - innerWidth, outerHeight - innerHeight]");
        let more = |at: usize| frame[at].as_u64().unwrap_or_default() as u32;
        let rect = json!({ "width": width + more(0), "height": height + more(1) });
        self.ask("WebDriver:SetWindowRect", &rect);
    }

    /// Opens an address.
    ///
    /// # Panics
    /// Where it cannot be opened.
    pub fn open(&mut self, address: &str) {
        self.ask("WebDriver:Navigate", &json!({ "url": address }));
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    /// Where it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let script = json!({ "script": format!("return {expression}"), "args": [] });
        self.ask("WebDriver:ExecuteScript", &script)["value"].clone()
    }

    /// What a script hands to its last argument.
    ///
    /// # Panics
    /// Where it throws.
    pub fn asynchronous(&mut self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [] });
        self.ask("WebDriver:ExecuteAsyncScript", &script)["value"].clone()
    }

    /// Waits until a JavaScript expression is true. One that throws, as while a page is loaded, is not.
    ///
    /// # Panics
    /// Where it does not become true; shows what the page says instead.
    pub fn until(&mut self, expression: &str) {
        let begin = Instant::now();
        let script = format!(
            "(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"
        );
        while self.value(&script) != Value::Bool(true) {
            if begin.elapsed() > TIMEOUT {
                let page = self.value("document.body.innerText");
                panic!("waited too long until {expression}; the page says {page}");
            }
            thread::sleep(POLL);
        }
    }

    /// Types into whatever has the focus: text, and some keys by WebDriver's code points.
    ///
    /// # Panics
    /// Where Firefox does not obey.
    pub fn type_keys(&mut self, keys: &str) {
        let mut actions = Vec::new();
        for key in keys.chars() {
            for kind in ["keyDown", "keyUp"] {
                actions.push(json!({ "type": kind, "value": key.to_string() }));
            }
        }
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.ask(
            "WebDriver:PerformActions",
            &json!({ "actions": [keyboard] }),
        );
    }

    /// Clicks the first element that a selector finds, as a mouse does.
    ///
    /// # Panics
    /// Where there is none.
    pub fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const element = document.querySelector({}); element.scrollIntoView({{ block: 'nearest' }}); \
             const {{ x, y, width, height }} = element.getBoundingClientRect(); \
             return [Math.round(x + width / 2), Math.round(y + height / 2)]; }})()",
            json!(selector)
        );
        let place = self.value(&place);
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
            "actions": [
                { "type": "pointerMove", "x": place[0], "y": place[1], "duration": 0 },
                { "type": "pointerDown", "button": 0 }, { "type": "pointerUp", "button": 0 },
            ]
        });
        self.ask("WebDriver:PerformActions", &json!({ "actions": [mouse] }));
    }

    /// Writes what the window shows.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn picture(&mut self, file: &Path) {
        let taken = self.ask("WebDriver:TakeScreenshot", &json!({ "full": false }));
        let png = STANDARD.decode(taken["value"].as_str().unwrap_or_default());
        let png = png.expect("a screenshot");
        fs::write(file, png).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    fn ask(&mut self, command: &str, parameters: &Value) -> Value {
        self.next += 1;
        let message = json!([0, self.next, command, parameters]).to_string();
        write!(self.stream, "{}:{message}", message.len()).expect("Firefox listens");
        let answer = self.read();
        assert_eq!(answer[1], self.next, "{answer}");
        assert!(answer[2].is_null(), "{command}: {}", answer[2]);
        answer[3].clone()
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("Firefox answers");
            match byte[0] {
                b':' => break,
                digit => length = 10 * length + usize::from(digit - b'0'),
            }
        }
        let mut message = vec![0; length];
        self.stream
            .read_exact(&mut message)
            .expect("Firefox answers");
        serde_json::from_slice(&message).expect("JSON")
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        // Its other processes end with the first.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
