//! The endpoints of the door: what each needs a key to be allowed, and who answers it.
//!
//! Every request for one of them goes through [`Endpoint::serve`], so none can forget to ask who comes.

use std::sync::Arc;

use axum::extract::{FromRequestParts as _, Path, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::request::Parts;
use omnihub_contract::BoxFuture;

use super::reply::Problem;
use super::{Door, auth, body, creates, tickets, updates};
use crate::access::{Key, Permission};

/// One endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Endpoint {
    /// `POST /claims`
    Claim,
    /// `POST /tickets`
    Ticket,
    /// `GET /tickets?…`
    Find,
    /// `GET /tickets/{number}`
    Show,
    /// `PATCH /tickets/{number}`
    Update,
}

impl Endpoint {
    /// What a key needs for it; its requests count in the class of that name.
    pub(crate) fn permission(self) -> Permission {
        match self {
            Self::Claim | Self::Ticket => Permission::Create,
            Self::Find | Self::Show => Permission::Read,
            Self::Update => Permission::Update,
        }
    }

    /// Authenticate → permission → limit → answer.
    async fn serve(self, door: Arc<Door>, request: Request) -> Response {
        let (key, standing) = auth::admit(&door, self.permission(), &request);
        let answer = match key {
            Err(refused) => body::refuse(&door.bodies, request, refused).await,
            // Turned away while as much as the hub takes is under way: a client that is told so at
            // once does better than one in a queue without end. Strangers came no further than here.
            Ok(_) if door.is_full() => {
                body::refuse(&door.bodies, request, Problem::too_busy()).await
            }
            Ok(key) => self.answer(&door, &key, request).await,
        };
        match standing {
            Some(standing) => standing.tell(answer),
            None => answer,
        }
    }

    async fn answer(self, door: &Door, key: &Key, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let answer = match self {
            Self::Claim => creates::claim(door, key, &parts.headers, body).await,
            Self::Ticket => creates::ticket(door, key, &parts.headers, body).await,
            Self::Find => tickets::find(door, key, parts.uri.query().unwrap_or_default()).await,
            Self::Show => match number(&mut parts).await {
                Ok(number) => tickets::show(door, key, &number).await,
                Err(unreadable) => Err(unreadable),
            },
            Self::Update => match number(&mut parts).await {
                Ok(number) => updates::update(door, key, &number, &parts.headers, body).await,
                Err(unreadable) => {
                    body::discard(&door.bodies, &parts.headers, body).await;
                    Err(unreadable)
                }
            },
        };
        answer.unwrap_or_else(|problem| problem.about(self.permission()).into_response())
    }
}

impl Handler<(), Arc<Door>> for Endpoint {
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, door: Arc<Door>) -> Self::Future {
        Box::pin(self.serve(door, request))
    }
}

/// The number in the path. One that is no text when its percent-encoding is undone is no number.
async fn number(parts: &mut Parts) -> Result<String, Problem> {
    let Path(number) = Path::<String>::from_request_parts(parts, &())
        .await
        .map_err(|_| Problem::of(StatusCode::NOT_FOUND, "Ticket not found"))?;
    Ok(number)
}
