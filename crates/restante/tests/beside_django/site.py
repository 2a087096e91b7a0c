"""A Django site in one file: it says what it is sent, and shows what was said.

    SITE='{"SECRET_KEY": "…"}' python site.py runserver --noreload 127.0.0.1:0

`SITE` are further settings as JSON. It ends when its standard input does.
"""

import json
import os
import sys
import threading

from django.conf import settings

site = json.loads(os.environ["SITE"])
# Levels are numbers, of which JSON makes texts where they are keys.
site["MESSAGE_TAGS"] = {int(level): tag for level, tag in site.get("MESSAGE_TAGS", {}).items()}

settings.configure(
    **{
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": __name__,
        "INSTALLED_APPS": ["django.contrib.sessions", "django.contrib.messages"],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        # In this process's memory: no database is needed.
        "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
        "MESSAGE_LEVEL": -100,
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.contrib.messages.context_processors.messages"],
                },
            }
        ],
        **site,
    }
)
from django.contrib import messages  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.safestring import SafeData, mark_safe  # noqa: E402


def say(request):
    """Adds the messages that the body lists."""
    for said in json.loads(request.body):
        text = mark_safe(said["text"]) if said.get("safe") else said["text"]
        messages.add_message(request, said["level"], text, extra_tags=said.get("extra_tags", ""))
    return HttpResponse("said")


def show(request):
    """The messages as a template sees them."""
    shown = [
        {
            "level": message.level,
            "text": message.message,
            "extra_tags": message.extra_tags,
            "level_tag": message.level_tag,
            "tags": message.tags,
            "safe": isinstance(message.message, SafeData),
        }
        for message in messages.get_messages(request)
    ]
    return JsonResponse(shown, safe=False)


PAGE = '{% for message in messages %}<p class="{{ message.tags }}">{{ message }}</p>{% endfor %}'


def page(request):
    """The messages as Django's documentation shows them."""
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


urlpatterns = [
    path("django/say", say),
    path("django/show", show),
    path("django/page", page),
    path("django/idle", lambda request: HttpResponse("nothing")),
]


def end_with_whoever_started_this():
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_whoever_started_this, daemon=True).start()
    execute_from_command_line(sys.argv)
