use super::*;

const MS: Duration = Duration::from_millis(1);

fn brought(ms: u32) -> Brought {
    Brought {
        work: ms * MS,
        ..Brought::default()
    }
}

fn searched(ms: u32, idle: u32) -> Searched {
    Searched {
        work: ms * MS,
        idle: idle * MS,
    }
}

/// Four fetchers and two workers that have done so many photos.
fn pace(photos: usize, fetched: Brought, searched: Searched) -> Pace {
    let mut pace = Pace::new(4, 2);
    for _ in 0..photos {
        pace.fetched(fetched);
        pace.searched(searched);
    }
    pace
}

fn seconds(pace: &Pace, photos: u64) -> f64 {
    pace.time_left(photos, None).unwrap().as_secs_f64()
}

#[test]
fn the_slower_stage_sets_the_pace() {
    // 400 ms by four are 100 ms a photo; 100 ms by two are 50.
    let network = pace(100, brought(400), searched(100, 100));
    assert!((seconds(&network, 300) - 30.0).abs() < 1e-6);
    assert_eq!(network.limit(), Some(Limit::Network));
    // 600 ms by two are 300 ms a photo: the fetchers wait until there is room.
    let full = Brought {
        handing_on: 800 * MS,
        ..brought(400)
    };
    let processor = pace(100, full, searched(600, 0));
    assert!((seconds(&processor, 300) - 90.0).abs() < 1e-6);
    assert_eq!(processor.limit(), Some(Limit::Processor));
    // Twice the pixels.
    let twice = processor.time_of_all(300, 2.0).unwrap();
    assert!((twice.as_secs_f64() - 180.0).abs() < 1e-6);
    // A call for each photo, which waits for its turn.
    let mut turns = brought(100);
    turns.waited.turn = 3_900 * MS;
    let flickr = pace(100, turns, searched(100, 900));
    assert!((seconds(&flickr, 60) - 60.0).abs() < 1e-6);
    assert_eq!(flickr.limit_now(), Some(Limit::Flickr));
}

#[test]
fn too_few_photos_say_nothing() {
    let few = pace(LEAST - 1, brought(400), searched(100, 0));
    assert_eq!((few.time_left(10, None), few.limit_now()), (None, None));
    // Files that were there are searched only.
    let mut there = Pace::new(4, 2);
    for _ in 0..LEAST {
        there.searched(searched(100, 0));
    }
    assert!((seconds(&there, 10) - 0.5).abs() < 1e-6);
    assert_eq!(there.limit(), Some(Limit::Processor));
}

#[test]
fn what_is_half_done_is_left_out_of_what_is_left_and_the_start_is_part_of_all() {
    let mut pace = pace(100, brought(10), searched(100, 0));
    assert!((seconds(&pace, 40) - 2.0).abs() < 1e-6);
    let timed = [
        Timed::Begins,
        Timed::Waits(70 * MS),
        Timed::Waits(130 * MS),
        // The other worker's first photo.
        Timed::Begins,
    ];
    for (timed, old) in timed.into_iter().zip([900_u32, 950, 1000, 1100]) {
        pace.timed(timed, old * MS);
    }
    assert!((seconds(&pace, 40) - 1.9).abs() < 1e-6);
    // More is done than one takes to search: its file is left.
    assert!((seconds(&pace, 1) - 0.0025).abs() < 1e-6);
    let all = pace.time_of_all(100, 1.0).unwrap();
    assert!((all.as_secs_f64() - 5.9).abs() < 1e-6);
    // Encoded, and 20 ms more than the others.
    let ends = Timed::Ends {
        photos: 2,
        each: searched(120, 0),
        waited: 200 * MS,
    };
    pace.timed(ends, 1200 * MS);
    let mean = (100.0 * 100.0 + 2.0 * 120.0) / 102.0 / 1000.0;
    assert!((seconds(&pace, 40) - 20.0 * mean).abs() < 1e-6);
}

#[test]
fn an_outage_and_a_pause_change_nothing_and_pauses_without_end_do() {
    let mut pace = pace(90, brought(400), searched(100, 100));
    let steady = seconds(&pace, 300);
    let mut out = brought(400);
    out.waited.outage = Duration::from_secs(3600);
    let mut paused = brought(400);
    paused.waited.pause = Duration::from_secs(300);
    for late in [out, out, out, out, paused, paused, paused, paused] {
        pace.fetched(late);
    }
    assert!((seconds(&pace, 300) - steady).abs() < 1e-6);
    // One photo in four waits for 4 s, all the time: 1 s a photo.
    paused.waited.pause = Duration::from_secs(4);
    for photo in 0..RECENT {
        pace.fetched(if photo % 4 == 0 { paused } else { brought(400) });
    }
    assert!((seconds(&pace, 300) - 300.0 * 1.4 / 4.0).abs() < 1e-6);
    assert_eq!(pace.limit_now(), Some(Limit::Flickr));
}

#[test]
fn the_time_left_follows_a_change_without_a_jump() {
    let mut pace = pace(RECENT, brought(400), searched(50, 50));
    let (mut before, old) = (seconds(&pace, 1000), seconds(&pace, 1000));
    for _ in 0..RECENT {
        pace.fetched(brought(800));
        let now = seconds(&pace, 1000);
        assert!(now >= before && now < before * 1.02, "{before} {now}");
        before = now;
    }
    assert!((before - 2.0 * old).abs() < 1e-6);
}

/// A hundred photos, half of them twice as large as the others.
fn of_two_sizes(small: Brought, large: Brought, searched: Searched) -> Pace {
    let mut pace = Pace::new(4, 2);
    for photo in 0..100 {
        let (of, pixels) = match photo % 2 {
            0 => (small, 1_000_000),
            _ => (large, 2_000_000),
        };
        pace.fetched(Brought { pixels, ..of });
        pace.searched(searched);
    }
    pace
}

#[test]
fn larger_photos_to_come_take_longer() {
    let left = |pace: &Pace, ahead| pace.time_left(100, ahead).unwrap().as_secs_f64();
    // Searching grows with the pixels: 100 ms by two, and photos of twice those.
    let searching = of_two_sizes(brought(10), brought(10), searched(100, 0));
    let seconds = [None, Some(1.5e6), Some(3e6), Some(0.75e6)].map(|ahead| left(&searching, ahead));
    for (found, expected) in seconds.into_iter().zip([5.0, 5.0, 10.0, 2.5]) {
        assert!((found - expected).abs() < 1e-6, "{seconds:?}");
    }
    // Of files that have a way alone, those that come by the byte, and those of both: 200 ms, and 200 ms a million pixels.
    for (small, large, expected) in [(400, 400, 10.0), (400, 800, 45.0), (400, 600, 27.5)] {
        let network = of_two_sizes(brought(small), brought(large), searched(1, 100));
        let found = left(&network, Some(4.5e6));
        assert!((found - expected).abs() < 1e-6, "{small} {large}: {found}");
    }
    // All of one size: what larger ones take is not known.
    let mut same = Pace::new(4, 2);
    for _ in 0..100 {
        let pixels = 1_000_000;
        same.fetched(Brought {
            pixels,
            ..brought(400)
        });
        same.searched(searched(1, 100));
    }
    assert!((left(&same, Some(4.5e6)) - 10.0).abs() < 1e-6);
}
