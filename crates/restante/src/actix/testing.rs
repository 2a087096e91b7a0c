use actix_web::HttpResponse;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::SET_COOKIE;

use crate::testing::SetCookies;

impl<B> SetCookies for HttpResponse<B> {
    fn each_set_cookie(&self, look: &mut dyn FnMut(&[u8])) {
        self.headers().get_all(SET_COOKIE).for_each(|cookie| look(cookie.as_bytes()));
    }
}

impl<B> SetCookies for ServiceResponse<B> {
    fn each_set_cookie(&self, look: &mut dyn FnMut(&[u8])) {
        self.response().each_set_cookie(look);
    }
}
