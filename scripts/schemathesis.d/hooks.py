"""What JSON Schema cannot say of a request.

The document says these rules in words. A request that breaks one of them is no fault of the
document, and a refusal is none of the server, so good requests are mended before they are sent;
those that are meant to be refused go out as they are.
"""

import re
from urllib.parse import quote, unquote

import schemathesis

PAST = re.compile(r"^[01]\d{3}-|^20[01]\d-|^202[0-6]-")


def whole(value):
    """JSON Schema counts 1.0 among the integers; this server, as most, does not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


# JSON Schema counts characters, these limits are in bytes.
FIELDS = {"message": 16384, "tags": 64, "to": 191, "key": 255, "name": 100}
QUERY = {"tag": 64, "q": 255}
USER = 191


def fit(value, most):
    if isinstance(value, list):
        return [fit(item, most) for item in value]
    if isinstance(value, str) and len(value.encode()) > most:
        return value.encode()[:most].decode(errors="ignore")
    return value


def mended_body(body, headers):
    body = {name: fit(value, FIELDS.get(name, 1 << 30)) for name, value in whole(body).items()}
    # An expiry lies in the future.
    if isinstance(body.get("expires_at"), str):
        body["expires_at"] = PAST.sub("2030-", body["expires_at"])
    # Where the idempotency key is given twice, it is the same.
    if isinstance(body.get("key"), str) and "Idempotency-Key" in (headers or {}):
        body["key"] = headers["Idempotency-Key"]
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # What is set is judged anew, so only what there is.
    if isinstance(case.body, dict):
        case.body = mended_body(case.body, case.headers)
    for name, most in QUERY.items():
        if case.query and name in case.query:
            case.query[name] = fit(case.query[name], most)
    if case.path.startswith("/v1/users/"):
        user = unquote(case.path_parameters["id"])
        if fit(user, USER) != user:
            case.path_parameters["id"] = quote(fit(user, USER), safe="")
