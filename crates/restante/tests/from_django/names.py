"""Prints every public name of the installed Django's messages framework, as a JSON list."""

import importlib
import inspect
import json
import pkgutil
import types

from django.conf import settings

settings.configure()

import django.contrib.messages as framework  # noqa: E402
from django.conf import global_settings  # noqa: E402


def is_public(name):
    return not name.startswith("_")


names = set()
for module in pkgutil.walk_packages(framework.__path__, framework.__name__ + "."):
    module = importlib.import_module(module.name)
    for name, value in vars(module).items():
        # What is only imported is told where it belongs.
        home = getattr(value, "__module__", module.__name__)
        if not is_public(name) or isinstance(value, types.ModuleType) or home != module.__name__:
            continue
        names.add(name)
        if inspect.isclass(value):
            names.update(f"{name}.{member}" for member in vars(value) if is_public(member))
names.update(name for name in dir(global_settings) if name.startswith("MESSAGE"))
print(json.dumps(sorted(names)))
