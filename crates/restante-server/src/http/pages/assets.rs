//! Styles, scripts and icon, embedded in the binary.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

use super::problem::Problem;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
    /// The beginning of the content's hash.
    version: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let css = "text/css; charset=utf-8";
    let script = "text/javascript; charset=utf-8";
    vec![
        asset("restante.css", css, include_bytes!("../../../web/restante.css")),
        asset("pages.css", css, include_bytes!("../../../web/pages.css")),
        asset("docs.css", css, include_bytes!("../../../web/docs.css")),
        asset("admin.css", css, include_bytes!("../../../web/admin.css")),
        asset("admin-ask.js", script, include_bytes!("../../../web/admin-ask.js")),
        asset("admin-compose.js", script, include_bytes!("../../../web/admin-compose.js")),
        asset("admin-copy.js", script, include_bytes!("../../../web/admin-copy.js")),
        asset("admin-progress.js", script, include_bytes!("../../../web/admin-progress.js")),
        asset("brand.svg", "image/svg+xml", include_bytes!("../../../web/brand.svg")),
        asset("inbox.js", script, include_bytes!("../../../web/inbox.js")),
        asset("inbox-follow.js", script, include_bytes!("../../../web/inbox-follow.js")),
        asset("inbox-forms.js", script, include_bytes!("../../../web/inbox-forms.js")),
        asset("inbox-keys.js", script, include_bytes!("../../../web/inbox-keys.js")),
        asset("inbox-page.js", script, include_bytes!("../../../web/inbox-page.js")),
        asset("inbox-patch.js", script, include_bytes!("../../../web/inbox-patch.js")),
        asset("inbox-say.js", script, include_bytes!("../../../web/inbox-say.js")),
    ]
});

fn asset(name: &'static str, content_type: &'static str, content: &'static [u8]) -> Asset {
    let version = BASE64.encode(&Sha256::digest(content)[..9]);
    Asset { name, content_type, content, version }
}

/// For templates: where an asset is, with its version, so that a browser may keep it for ever.
pub(in crate::http) fn path(base: &str, name: &str) -> String {
    let version = find(name).map_or("", |asset| &asset.version);
    format!("{base}/static/{name}?v={version}")
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `GET /static/{file}`
pub(super) async fn asset_at(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = find(&name).ok_or(Problem::NotFound)?;
    // Without its version, or with an old one, the address may mean other content tomorrow.
    let is_current = query.is_some_and(|query| query.strip_prefix("v=") == Some(&asset.version));
    let cache = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = format!("\"{}\"", asset.version);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| tags == "*" || tags.contains(&etag));
    let common = [(header::CACHE_CONTROL, cache.to_owned()), (header::ETAG, etag)];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let content_type = [(header::CONTENT_TYPE, asset.content_type)];
    Ok((common, content_type, asset.content).into_response())
}
