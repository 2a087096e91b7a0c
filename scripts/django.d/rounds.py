"""Random rounds between the real Django and `restante cookie`.

In each round the same messages are written by both at the same moment with the same secret. The two
cookies are to be the same to the byte, what did not fit the same, and each reads the other's.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
import zlib
from unittest import mock

import django
from django.conf import settings
from django.test import RequestFactory, override_settings

settings.configure(SECRET_KEY="unused", MESSAGE_LEVEL=-(10**40))

from django.contrib.messages.storage.base import Message  # noqa: E402
from django.contrib.messages.storage.cookie import CookieStorage  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.utils.safestring import SafeData, mark_safe  # noqa: E402

# Another zlib makes other bytes that say the same; then they are only read.
SAME_ZLIB = "zlib-ng" not in getattr(zlib, "ZLIB_RUNTIME_VERSION", "")

# Where texts are made of: letters, what JSON escapes, what URLs and cookies do, and far planes.
ALPHABETS = [
    [(0x20, 0x7E)],
    [(0x61, 0x66)],
    [(0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x9F)],
    [(0xA0, 0x24F), (0x300, 0x36F)],
    [(0x590, 0x6FF), (0x200E, 0x202E)],
    [(0x3040, 0x30FF), (0x4E00, 0x9FFF)],
    [(0x1F300, 0x1F6FF)],
    [(0x00, 0xD7FF), (0xE000, 0x10FFFF)],
]


def random_text(rng, longest):
    ranges = rng.choice(ALPHABETS)
    length = int(longest ** rng.random())
    text = "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(length))
    # Repeated, so that compression is worth it now and then.
    return text * rng.choice([1, 1, 1, 2, 30]) if len(text) < 40 else text


def random_message(rng):
    level = rng.choice([10, 20, 25, 30, 40, 11, 21, 0, -7, 35, rng.randint(-(10**9), 10**9)])
    if rng.random() < 0.05:
        level = rng.randint(-(2**63), 2**63)
    tags = rng.choice([None, "", "", random_text(rng, 20)])
    return {
        "level": level,
        "text": random_text(rng, rng.choice([10, 60, 60, 60, 200, 200, 3000])),
        "extra_tags": tags,
        "safe": rng.random() < 0.3,
    }


def random_round(rng):
    secrets = [random_text(rng, 60) or "k" for _ in range(rng.choice([1, 1, 2, 3]))]
    return {
        "messages": [random_message(rng) for _ in range(int(60 ** rng.random()))],
        "secret_key": secrets[0],
        "fallback_keys": secrets[1:],
        "timestamp": rng.choice([0, 61, 62, rng.randint(0, 2**40), int(time.time())]),
        "max_size": rng.choice([2048, 2048, 2048, 0, 300, 150]),
        "keep": rng.choice(["newest", "oldest"]),
    }


def to_django(said):
    text = mark_safe(said["text"]) if said["safe"] else said["text"]
    return Message(said["level"], text, said["extra_tags"])


def from_django(message):
    return {
        "level": message.level,
        "text": str(message.message),
        "extra_tags": message.extra_tags,
        "safe": isinstance(message.message, SafeData),
    }


def storage(cookie=None):
    request = RequestFactory().get("/")
    if cookie is not None:
        request.COOKIES["messages"] = cookie
    return CookieStorage(request)


def written_by_django(case):
    """The cookie as Django sets it, and what it could not store."""
    response = HttpResponse()
    with (
        override_settings(SECRET_KEY=case["secret_key"]),
        mock.patch("django.core.signing.time.time", return_value=case["timestamp"]),
        mock.patch.object(CookieStorage, "max_cookie_size", case["max_size"]),
    ):
        unstored = storage()._store(
            [to_django(said) for said in case["messages"]],
            response,
            remove_oldest=case["keep"] == "newest",
        )
    return response.cookies["messages"].value, [from_django(message) for message in unstored]


def read_by_django(case, cookie):
    """What Django reads of a cookie, and whether that is all."""
    with override_settings(
        SECRET_KEY=case["secret_key"], SECRET_KEY_FALLBACKS=case["fallback_keys"]
    ):
        messages, all_retrieved = storage(cookie)._get()
    return [from_django(message) for message in messages or []], all_retrieved


def ask(restante, verb, lines):
    """Each line's answer by `restante cookie`."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    command = [restante, "cookie", verb]
    answers = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in answers.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


def same(what, number, expected, got):
    if expected != got:
        sys.exit(f"round {number}: {what}\n  expected {expected!r}\n  but got  {got!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("restante")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    seed = parser.parse_args()
    restante, seed = seed.restante, seed.seed
    count = max(1, int(1000 * float(os.environ.get("RESTANTE_TEST_SCALE", 1))))
    print(f"Django {django.__version__}: {count} rounds, --seed {seed}", flush=True)

    rng = random.Random(seed)
    overflown = 0
    for first in range(0, count, 500):
        cases = [random_round(rng) for _ in range(min(500, count - first))]
        theirs = [written_by_django(case) for case in cases]
        ours = ask(restante, "encode", cases)
        # Signed by an older secret now and then.
        signed = []
        for case, (cookie, _) in zip(cases, theirs):
            secrets = {"secret_key": case["secret_key"], "fallback_keys": case["fallback_keys"]}
            if rng.random() < 0.3:
                secrets = {"secret_key": "rotated", "fallback_keys": ["x", case["secret_key"]]}
            signed.append({**secrets, "cookie_value": cookie})
        read = ask(restante, "decode", signed)

        for number, (case, (cookie, unstored), our, our_read) in enumerate(
            zip(cases, theirs, ours, read), start=first
        ):
            stored = case["messages"]
            if unstored:
                overflown += 1
                kept = len(stored) - len(unstored)
                stored = stored[:kept] if case["keep"] == "oldest" else stored[-kept:] if kept else []
            same("what Restante reads of Django's cookie", number, stored, our_read["messages"])
            same("whether Django's is complete", number, not unstored, our_read["complete"])
            same("whether Django's is good", number, False, our_read["tampered"])
            if SAME_ZLIB:
                same("the cookie", number, cookie, our["cookie_value"])
                same("what does not fit", number, unstored, our["unstored"])
            messages, is_complete = read_by_django(case, our["cookie_value"])
            left_out = len(case["messages"]) - len(messages)
            same("what Django is left to read", number, len(our["unstored"]), left_out)
            same("what Django reads of Restante's cookie", number, stored if SAME_ZLIB else messages, messages)
            same("whether Restante's is complete", number, not our["unstored"], is_complete)
    assert overflown > count / 20, f"only {overflown} rounds did not fit"
    note = "to the byte" if SAME_ZLIB else "not to the byte: this Python has another zlib"
    print(f"{count} rounds the same, {note}; {overflown} did not fit their cookie")


main()
