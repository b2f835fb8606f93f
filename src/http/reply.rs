//! Errors at the door: a public half for the client, a private half for the log.
//!
//! One body serves both OMNI documents (contract trap 3): `{success:false, message, error, errors?,
//! timestamp, status, requestId}`. The private half has no `Display` and is logged once, here.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use super::limits::Standing;
use crate::access::{Permission, Shut};
use crate::intake::IntakeError;
use crate::store::StoreError;

/// A refusal.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    /// The text of 001; 003's where it differs is in `error`.
    message: String,
    error: Option<&'static str>,
    errors: BTreeMap<String, String>,
    retry_after_s: Option<u64>,
    /// In a box: every result at the door carries room for a refusal.
    standing: Option<Box<Standing>>,
    private: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    success: bool,
    message: &'a str,
    error: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: &'a BTreeMap<String, String>,
    timestamp: Timestamp,
    status: u16,
    request_id: &'a str,
}

impl Problem {
    /// A refusal with this text.
    pub fn of(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            message,
            error: None,
            errors: BTreeMap::new(),
            retry_after_s: None,
            standing: None,
            private: None,
        }
    }

    /// 401, in the words of both documents (contract trap 5).
    pub fn unauthorized() -> Self {
        Self {
            error: Some("Invalid API key"),
            ..Self::of(StatusCode::UNAUTHORIZED, "Unauthorized")
        }
    }

    /// 400 with a text for each wrong field.
    pub fn fields(errors: BTreeMap<String, String>) -> Self {
        Self { errors, ..Self::of(StatusCode::BAD_REQUEST, "Validation failed") }
    }

    /// The client is to come again after so many seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// Its key stands so within its limit.
    pub(crate) fn standing(self, standing: Standing) -> Self {
        Self { standing: Some(Box::new(standing)), ..self }
    }

    /// 503: more is under way than the hub takes.
    pub(crate) fn too_busy() -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "Too busy: try again shortly").retry_after(1)
    }

    /// 503: what was asked is not acknowledged, since it cannot be kept.
    fn not_kept(message: &str) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(5)
    }

    /// 500: what happened is for the log only.
    pub fn ours(private: &dyn std::fmt::Display) -> Self {
        Self {
            private: Some(private.to_string()),
            ..Self::of(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }

    /// In the documents' words for what was asked: they have their own for creates that fail here and
    /// for wrong fields of updates (contract §1.3, §1.6).
    pub(crate) fn about(self, asked: Permission) -> Self {
        let message = match asked {
            Permission::Create if self.status == StatusCode::INTERNAL_SERVER_ERROR => {
                "Failed to create ticket"
            }
            Permission::Update if !self.errors.is_empty() => "Invalid update data",
            _ => return self,
        };
        Self { message: message.to_owned(), ..self }
    }

    /// The answer, logged if it is our fault, in the span that names the request.
    pub(crate) fn into_answer(self, id: &HeaderValue, now: Timestamp) -> Response {
        let request_id = id.to_str().unwrap_or_default();
        if let Some(private) = &self.private {
            tracing::error!(status = self.status.as_u16(), "a request failed: {private}");
        }
        let body = Body {
            success: false,
            message: &self.message,
            error: self.error.unwrap_or(&self.message),
            errors: &self.errors,
            timestamp: now,
            status: self.status.as_u16(),
            request_id,
        };
        let mut response = json(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 15.5.2: how to present a key.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            // RFC 9110, 15.5.16: what would have been taken.
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(standing) = self.standing {
            standing.write(response.headers_mut());
        }
        response
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let json = HeaderValue::from_static("application/json");
            (status, [(CONTENT_TYPE, json)], bytes).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// As an extension, so that the one place that knows the request's id makes the answer.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An address that failed too often to show a right key.
impl From<Shut> for Problem {
    fn from(shut: Shut) -> Self {
        let text = "Too many failed authentications";
        Self::of(StatusCode::TOO_MANY_REQUESTS, text).retry_after(shut.seconds())
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Fields(errors) => Self::fields(errors),
            other => Self::of(StatusCode::BAD_REQUEST, other.to_string()),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::too_busy(),
            StoreError::Closed => Self::not_kept("Nothing can be kept now: try again"),
            // The committer has logged it once: a line a request would fill what room there is.
            StoreError::Disk(_) | StoreError::Away => {
                Self::not_kept("Nothing can be kept or read now (H0901): try again")
            }
            StoreError::Full { .. } => {
                Self::not_kept("Nothing new can be kept now (H0902): try again")
            }
            StoreError::Contents(why) => Self {
                private: Some(why.to_string()),
                ..Self::of(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The attachments cannot be kept now: try again later",
                )
                .retry_after(30)
            },
            error @ (StoreError::Damaged { .. }
            | StoreError::Newer { .. }
            | StoreError::Open { .. }) => Self::ours(&error),
        }
    }
}

impl From<crate::access::AccessError> for Problem {
    fn from(error: crate::access::AccessError) -> Self {
        match error {
            crate::access::AccessError::Store(error) => error.into(),
            error => Self::ours(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(problem: &Problem, message: &str) {
        assert_eq!(problem.message, message);
        assert!(problem.private.as_deref().is_none_or(|private| !message.contains(private)));
    }

    #[test]
    fn what_went_wrong_is_told_in_the_words_for_what_was_asked() {
        let ours = Problem::ours(&"the disk is gone");
        check(&ours.clone().about(Permission::Create), "Failed to create ticket");
        check(&ours.clone().about(Permission::Read), "Internal Server Error");
        check(&ours.about(Permission::Update), "Internal Server Error");
        check(&Problem::too_busy().about(Permission::Create), "Too busy: try again shortly");
        let fields = Problem::fields(BTreeMap::from([("comment".into(), "is required".into())]));
        check(&fields.clone().about(Permission::Create), "Validation failed");
        check(&fields.about(Permission::Update), "Invalid update data");
    }
}
