//! Requests: bodies within bounds, and parameters from wherever they may stand.

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};

use super::reply::{Reply, failure};

/// Longest request body: the longest query text with its form encoding.
const BODY_BYTES: usize = 1 << 20;

/// A body has to arrive within this.
const BODY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// Parameters by name; the last of several wins.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn read(&mut self, form: &[u8]) {
        self.0.extend(form_urlencoded::parse(form).into_owned());
    }
}

/// The parameters of the address, and the body.
pub(super) async fn read(request: Request<Incoming>) -> Result<(Parameters, Payload), Reply> {
    let (parts, body) = request.into_parts();
    let mut parameters = Parameters::default();
    parameters.read(parts.uri.query().unwrap_or("").as_bytes());
    let body = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, BODY_BYTES).collect()).await;
    let bytes = match body {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                "INVALID_POST_DATA",
                &format!("the body has more than {BODY_BYTES} bytes"),
            ));
        }
        Ok(Err(error)) => {
            let text = format!("the body did not arrive: {error}");
            return Err(failure(StatusCode::BAD_REQUEST, "INVALID_POST_DATA", &text));
        }
        Err(_) => {
            let text = "the body did not arrive in time";
            return Err(failure(StatusCode::REQUEST_TIMEOUT, "INVALID_POST_DATA", text));
        }
    };
    let Ok(text) = String::from_utf8(bytes.to_vec()) else {
        return Err(failure(StatusCode::BAD_REQUEST, "INVALID_POST_DATA", "the body is not UTF-8"));
    };
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    Ok((parameters, Payload { text, kind }))
}

/// A body with its declared type.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) text: String,
    kind: String,
}

impl Payload {
    /// Adds the fields of a JSON object or a form to `parameters`.
    pub(super) fn fields(&self, parameters: &mut Parameters) -> Result<(), String> {
        let looks_like_json = self.text.trim_start().starts_with('{');
        match self.kind.as_str() {
            "application/json" => self.json(parameters),
            _ if looks_like_json => self.json(parameters),
            "multipart/form-data" => {
                Err("multipart forms are not read; send application/x-www-form-urlencoded or JSON"
                    .to_owned())
            }
            _ => {
                parameters.read(self.text.as_bytes());
                Ok(())
            }
        }
    }

    /// Whether the body is a form with one of these fields, rather than a statement as it stands:
    /// curl calls everything a form.
    pub(super) fn is_form_with(&self, names: &[&str]) -> bool {
        self.kind == "application/x-www-form-urlencoded"
            && form_urlencoded::parse(self.text.as_bytes())
                .any(|(n, _)| names.contains(&n.as_ref()))
    }

    fn json(&self, parameters: &mut Parameters) -> Result<(), String> {
        let value: serde_json::Value =
            serde_json::from_str(&self.text).map_err(|e| format!("the body is not JSON: {e}"))?;
        let Some(object) = value.as_object() else {
            return Err("the body is JSON but not an object".to_owned());
        };
        for (name, value) in object {
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => continue,
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::Bool(on) => on.to_string(),
                _ => return Err(format!("\"{name}\" has to be text")),
            };
            parameters.0.push((name.clone(), text));
        }
        Ok(())
    }
}
