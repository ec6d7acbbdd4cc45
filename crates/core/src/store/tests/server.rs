//! What only a server has: encrypted connections, passwords, first starts of several machines, lost connections.

use super::*;

/// The same server by other words after its address.
fn with_options(store: &Store, options: &str) -> String {
    let joint = if store.name.contains('?') { '&' } else { '?' };
    format!("{}{joint}{options}", store.name)
}

#[test]
fn a_password_is_nowhere_in_a_stores_name() {
    for address in [
        "postgres://me:hush@host/faces?sslmode=require",
        "postgres://me@host/faces?password=hush&sslmode=require",
        "postgres://me@host/faces?sslmode=require&sslpassword=hush",
    ] {
        let name = server_name(address);
        assert!(name.starts_with("postgres://me@host/faces?"), "{name}");
        assert!(
            !name.contains("hush") && name.contains("sslmode=require"),
            "{name}"
        );
    }
    // Nothing of what cannot be read.
    assert_eq!(server_name("postgres://me:hush@[host/faces"), "postgres://");
}

mod postgres {
    use super::*;

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn connections_are_encrypted_and_the_server_is_known() {
        let store = on_postgres("tls").await;
        let folder: String =
            sqlx::query_scalar("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
                .fetch_one(&store.pool)
                .await
                .unwrap();
        let root = format!("sslrootcert={folder}/server.crt");
        for (options, encrypted) in [
            ("sslmode=disable".to_owned(), false),
            ("sslmode=require".to_owned(), true),
            (format!("sslmode=verify-ca&{root}"), true),
            (format!("sslmode=verify-full&{root}"), true),
        ] {
            let store = Store::open(&with_options(&store, &options)).await.unwrap();
            let is_encrypted: bool =
                sqlx::query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                    .fetch_one(&store.pool)
                    .await
                    .unwrap();
            assert_eq!(is_encrypted, encrypted, "{options}");
        }
        // Nobody has signed this server's certificate, and it is not for this name.
        let elsewhere = with_options(&store, &format!("sslmode=verify-full&{root}"));
        for address in [
            with_options(&store, "sslmode=verify-full"),
            elsewhere.replace("127.0.0.1", "localhost"),
        ] {
            let error = Store::open(&address).await.unwrap_err().to_string();
            assert!(error.contains("certificate"), "{address}: {error}");
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn several_first_starts_make_the_tables_once() {
        let empty = on_postgres("first").await;
        let drop = "DO $$ DECLARE t TEXT; BEGIN FOR t IN SELECT tablename FROM pg_tables
            WHERE schemaname = current_schema() LOOP EXECUTE 'DROP TABLE ' || t || ' CASCADE'; END LOOP; END $$";
        for _ in 0..3 {
            sqlx::raw_sql(drop).execute(&empty.pool).await.unwrap();
            let open = || Store::open(&empty.name);
            let (a, b, c, d, e) = tokio::join!(open(), open(), open(), open(), open());
            for start in [a, b, c, d, e] {
                start.unwrap();
            }
            let formats: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM store_format")
                .fetch_one(&empty.pool)
                .await
                .unwrap();
            assert_eq!(formats, 1);
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn a_lost_connection_is_told_and_the_next_statement_has_another() {
        let store = on_postgres("lost").await;
        store.add_listed(&[listed(1, 10)]).await.unwrap();
        let lock = store.lock_for_listing().await.unwrap().unwrap();
        assert!(
            store.lock_for_listing().await.unwrap().is_none(),
            "one lists"
        );
        // As a server does that is shut down, or that has heard nothing for too long.
        let admin = AnyPool::connect(&std::env::var("FLICKR_FACES_TEST_POSTGRES").unwrap())
            .await
            .unwrap();
        let mine = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name = 'lost' AND pid <> pg_backend_pid()";
        let lost = Store::open(&with_options(&store, "application_name=lost"))
            .await
            .unwrap();
        lost.counts().await.unwrap();
        let ended: i64 = sqlx::query_scalar(mine).fetch_one(&admin).await.unwrap();
        assert!(ended > 0);
        let mut errors = 0;
        while let Err(error) = lost.counts().await {
            assert!(error.is_servers(), "{error}");
            errors += 1;
            assert!(errors <= 10, "{error}");
        }
        // Who holds a lock and is heard of keeps it.
        drop(lock);
        let begun = std::time::Instant::now();
        while store.lock_for_listing().await.unwrap().is_none() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "a lock that was dropped"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn a_lock_is_taken_again_after_a_restart_unless_another_has_it() {
        let store = on_postgres("again").await;
        let named = with_options(&store, "application_name=again");
        let holder = Store::open(&named).await.unwrap();
        let lock = holder.lock_for_listing().await.unwrap().unwrap();
        let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name = 'again'";
        let locks = "SELECT COUNT(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND application_name = 'again'";
        let number = async |query: &'static str| -> i64 {
            sqlx::query_scalar(query)
                .fetch_one(&store.pool)
                .await
                .unwrap()
        };
        assert_eq!(number(locks).await, 1);
        assert!(number(end).await > 0);
        // Its end takes a moment, too.
        for held in [0, 1] {
            let begun = std::time::Instant::now();
            while number(locks).await != held {
                assert!(begun.elapsed() < Duration::from_secs(40), "not {held}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        // Another is quicker.
        assert!(number(end).await > 0);
        let begun = std::time::Instant::now();
        let other = loop {
            if let Some(lock) = store.lock_for_listing().await.unwrap() {
                break lock;
            }
            assert!(begun.elapsed() < Duration::from_secs(20));
        };
        let told = tokio::time::timeout(Duration::from_secs(40), lock.lost()).await;
        assert!(told.is_ok(), "it was not told");
        drop(other);
    }
}
