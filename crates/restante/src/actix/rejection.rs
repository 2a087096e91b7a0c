use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, ResponseError};

use super::problem::status;
use crate::MessagesRejection;
use crate::flash::Framework;

impl ResponseError for MessagesRejection {
    fn status_code(&self) -> StatusCode {
        status((*self).status())
    }

    fn error_response(&self) -> HttpResponse {
        let advice = self.advice(Framework::Actix);
        if self.status_code().is_server_error() {
            tracing::error!("{advice}");
        }
        HttpResponse::build(self.status_code()).insert_header(ContentType::plaintext()).body(advice)
    }
}
