#!/usr/bin/env python
"""Django's commands, with the embedded servers running while they are needed."""

import os
import sys

# These touch no database, so that none is started for them.
WITHOUT_DATABASE = {"help", "version", "check", "collectstatic", "makemessages", "compilemessages", "diffsettings"}


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Use .venv/bin/python manage.py; script/bootstrap makes .venv.")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    if command not in WITHOUT_DATABASE and not {"--help", "-h", "--version"} & set(sys.argv):
        attach_to_embedded_servers()
    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read on has seen enough (`| head`). Python would complain once more at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def attach_to_embedded_servers() -> None:
    """Use those that script/server has started, or have them started for as long as this command runs."""
    from django.conf import settings

    from hub import embedded

    if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
        try:
            embedded.attach(settings.HUB_DATA_DIR)
        except embedded.CannotStart as problem:
            sys.exit(str(problem))


if __name__ == "__main__":
    main()
