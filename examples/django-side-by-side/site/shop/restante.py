"""Messages that are kept until their user has read them. `INSERT` needs nothing else, HTTP a key."""

import json
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib import messages
from django.db import connection


def leave(user, text, *, level=messages.INFO, tags="", url=None):
    """Leaves a message by the open transaction: it is sent if and only if that commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO restante_outbox(recipient, level, message, tags, url)"
            " VALUES (%s, %s, %s, %s, %s)",
            [str(user.pk), level, text, tags, url],
        )


def send(users, text, *, key, level=messages.INFO, tags=(), url=None):
    """Sends a message by HTTP. Sent again with the same key within a day, it arrives once."""
    body = {
        "to": [str(user.pk) for user in users],
        "message": text,
        "level": level,
        "tags": list(tags),
        "key": key,
    }
    return _post("/v1/messages", body if url is None else {**body, "url": url})


def token(user):
    """What the browser of this user reads their messages with, for an hour."""
    return _post(f"/v1/users/{quote(str(user.pk), safe='')}/tokens")["token"]


def _post(path, body=None):
    request = Request(
        settings.RESTANTE_SERVER + path,
        data=json.dumps(body or {}).encode(),
        headers={
            "Authorization": f"Bearer {settings.RESTANTE_API_KEY}",
            "Content-Type": "application/json",
        },
    )
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)
