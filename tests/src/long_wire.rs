//! A long way to a server: whatever is sent arrives late, in either direction, as much as was sent.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// A door to `server` on this machine behind which everything takes `delay`, each way.
///
/// # Panics
/// Where no port is free.
pub fn long_wire(server: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for near in listener.incoming() {
            let (Ok(near), Ok(far)) = (near, TcpStream::connect(server)) else {
                continue;
            };
            for stream in [&near, &far] {
                stream.set_nodelay(true).ok();
            }
            if let (Ok(from), Ok(to)) = (near.try_clone(), far.try_clone()) {
                carry(from, to, delay);
            }
            carry(far, near, delay);
        }
    });
    address
}

/// Reads at once and writes late, so that a long wire holds as much as is sent.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sent, arriving) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut bytes = vec![0; 65_536];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let due = Instant::now() + delay;
            if sent.send((due, bytes[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
        to.shutdown(Shutdown::Both).ok();
    });
}
