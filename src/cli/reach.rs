//! Reaching the store: through a running hub's socket, or by opening it when none runs.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

use super::Failed;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::hub;
use crate::store::Store;

/// How the store is reached.
pub(crate) enum Reach {
    /// Through a running hub.
    Running(Desk),
    /// Directly.
    Alone(Arc<dyn Store>),
}

/// A running hub's socket.
pub(crate) struct Desk(reqwest::Client);

impl Reach {
    /// A running hub answers on its socket; else the store is opened here.
    pub(crate) async fn find(config: &Config) -> Result<Self, Failed> {
        let socket = config.socket()?;
        if UnixStream::connect(&socket).await.is_ok() {
            return Ok(Self::Running(Desk(
                reqwest::Client::builder().unix_socket(socket).build()?,
            )));
        }
        Ok(Self::Alone(hub::open_store(config, SystemClock::shared())?))
    }
}

impl Desk {
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failed> {
        answer(self.0.post(url(path)).json(body)).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, Failed> {
        answer(self.0.get(url(path)).query(query)).await
    }
}

/// What the hub says when it could not do it (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

fn url(path: &str) -> String {
    format!("http://omnihub{path}")
}

async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Failed> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response.json().await?);
    }
    let text = response.text().await?;
    let detail = serde_json::from_str::<Problem>(&text).map(|problem| problem.detail);
    Err(Failed::Wrong(detail.unwrap_or_else(|_| format!("the hub answered {text}"))))
}
