//! The connections to a store's database, and the one place where a server that is away is waited for: every statement
//! that stands for itself goes through here, and each of these does no harm where it is done twice.
//!
//! Transactions are their makers' to repeat: [`Store::while_away`](super::Store::while_away) and
//! [`Store::entry`](super::Store::entry).

use std::sync::Arc;

use futures_util::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, AnyPool, Either, Execute, Executor, SqlStr, Transaction,
    any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
    pool::PoolConnection,
};
use tokio::time::timeout;

use super::{
    away::Ended,
    lost::is_servers,
    server::{ANSWER, Health, Server},
};

/// The connections of a store. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    connections: AnyPool,
    health: Arc<Health>,
    /// Where it is waited for.
    server: Option<Server>,
}

impl Pool {
    pub(super) fn new(connections: AnyPool, health: Arc<Health>) -> Self {
        Self {
            connections,
            health,
            server: None,
        }
    }

    /// The connections themselves: what is done with them is waited for by nobody.
    pub(super) fn at_once(&self) -> &AnyPool {
        &self.connections
    }

    /// What is known of the server.
    pub(super) fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Who waits for the server, if anybody.
    pub(super) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The same connections, for one that waits for the server, or for one that does not.
    pub(super) fn waited_for(&self, server: Option<Server>) -> Self {
        Self {
            server,
            ..self.clone()
        }
    }

    /// A transaction. The server is not waited for beyond what a connection takes: what the transaction does is repeated
    /// as a whole.
    pub(super) async fn begin_with(
        &self,
        begin: &'static str,
    ) -> sqlx::Result<Transaction<'static, Any>> {
        self.reached(self.connections.begin_with(begin)).await
    }

    /// A connection.
    pub(super) async fn connection(&self) -> sqlx::Result<PoolConnection<Any>> {
        self.reached(self.connections.acquire()).await
    }

    async fn reached<T>(&self, reach: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let Some(server) = &self.server else {
            return reach.await;
        };
        let most = self.connections.options().get_max_connections();
        server
            .reached(reach, || self.connections.size() >= most)
            .await
    }

    /// All that a statement gives, once the server is there.
    async fn all(
        self,
        server: Server,
        statement: Statement,
    ) -> sqlx::Result<Vec<Either<AnyQueryResult, AnyRow>>> {
        let mut waiting = server.waiting();
        loop {
            let error = match self.tried(&server, &statement).await {
                Ok(all) => {
                    server.is_back();
                    return Ok(all);
                }
                Err(error) if is_servers(&error) => error,
                Err(error) => return Err(error),
            };
            if let Err(gave_up) = waiting.after(&error).await {
                return Err(Ended::error(gave_up, error.to_string()));
            }
        }
    }

    async fn tried(
        &self,
        server: &Server,
        statement: &Statement,
    ) -> sqlx::Result<Vec<Either<AnyQueryResult, AnyRow>>> {
        let mut connection = self.connection().await?;
        let mut all = Vec::new();
        {
            let mut found = connection.fetch_many(statement.query());
            // As long as something comes, the server is there.
            while let Ok(next) = timeout(ANSWER, found.try_next()).await {
                match next? {
                    Some(next) => all.push(next),
                    None => return Ok(all),
                }
            }
        }
        connection.close_on_drop();
        Err(server.no_answer())
    }
}

/// A statement that can be made again.
struct Statement {
    sql: SqlStr,
    arguments: Option<AnyArguments>,
}

impl Statement {
    fn of<'q>(mut query: impl Execute<'q, Any>) -> sqlx::Result<Self> {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
        Ok(Self {
            arguments,
            sql: query.sql(),
        })
    }

    fn query(&self) -> (SqlStr, Option<AnyArguments>) {
        let arguments = self.arguments.as_ref().map(|arguments| {
            let mut again = AnyArguments::default();
            again.values.0.clone_from(&arguments.values.0);
            again
        });
        (self.sql.clone(), arguments)
    }
}

impl<'p> Executor<'p> for &'_ Pool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, sqlx::Result<Either<AnyQueryResult, AnyRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let Some(server) = self.server.clone() else {
            return self.connections.fetch_many(query);
        };
        let (pool, statement) = (self.clone(), Statement::of(query));
        stream::once(async move { pool.all(server, statement?).await })
            .map_ok(|all| stream::iter(all.into_iter().map(Ok)))
            .try_flatten()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let Some(server) = self.server.clone() else {
            return self.connections.fetch_optional(query);
        };
        let (pool, statement) = (self.clone(), Statement::of(query));
        async move {
            let all = pool.all(server, statement?).await?;
            Ok(all.into_iter().find_map(Either::right))
        }
        .boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'p: 'e,
    {
        let connections = self.connections.clone();
        async move { connections.prepare_with(sql, parameters).await }.boxed()
    }
}
