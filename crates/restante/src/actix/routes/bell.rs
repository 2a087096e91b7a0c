use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, ResponseError, guard, web};

use super::response::respond;
use crate::routes::module;

/// The bell: the custom element `<restante-bell>` and the client class beneath it, as ES modules,
/// for actix-web.
///
/// [`inbox_service`](crate::inbox_service) has them already, below `bell/`: a page that loads
/// `{where the routes are}/bell/restante-bell.js` finds the inbox by itself. They are everybody's:
/// whoever loads them learns nothing of any user, so pages of other origins may.
///
/// The files are below `path`, such as `/assets`; with an empty path at `/bell/…`.
///
/// ```
/// use actix_web::App;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use restante::bell_service;
///
/// # #[actix_web::main] async fn main() {
/// let app = init_service(App::new().service(bell_service("/assets"))).await;
/// let request = TestRequest::get().uri("/assets/bell/restante-bell.js").to_request();
/// let response = call_service(&app, request).await;
/// let content_type = response.headers().get("content-type").unwrap();
/// assert_eq!(content_type, "text/javascript; charset=utf-8");
/// # }
/// ```
pub fn bell_service(path: &str) -> BellService {
    BellService { path: path.to_owned() }
}

/// What [`bell_service`] gives.
#[derive(Clone, Debug)]
#[must_use = "a service does nothing until an app has it"]
pub struct BellService {
    path: String,
}

impl HttpServiceFactory for BellService {
    fn register(self, config: &mut AppService) {
        let get = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        let other =
            async || HttpResponse::MethodNotAllowed().insert_header((ALLOW, "GET,HEAD")).finish();
        web::resource(format!("{}/bell/{{file}}", self.path))
            .route(get.to(module_at))
            .default_service(web::route().to(other))
            .register(config);
    }
}

async fn module_at(request: HttpRequest) -> HttpResponse {
    let file = request.match_info().iter().filter(|(name, _)| *name == "file").last();
    let file = file.map(|(_, file)| file).unwrap_or_default();
    match module(file, request.headers()) {
        Ok(answer) => respond(answer, request.method()),
        Err(problem) => problem.error_response(),
    }
}
