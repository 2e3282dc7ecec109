"""Serve the demo site in the foreground: ``python -m crawler.demo [--port N] [--state N]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from threading import Event

from crawler.demo.server import PORT, serve


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; the exit code is 2 where the port cannot be had."""
    parser = argparse.ArgumentParser(
        prog="python -m crawler.demo", description="Serves the demo news site on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--state", type=int, choices=(1, 2, 3), default=1, help="which of its states to show")
    options = parser.parse_args(argv)
    try:
        return _serve(options.port, options.state)
    except OSError as error:
        print(f"Port {options.port} cannot be had ({error.strerror}); try --port 0.", file=sys.stderr)
        return 2


def _serve(port: int, state: int) -> int:
    with serve(port, state=state) as site:
        try:
            print(f"{site.url} in state {state}; Ctrl-C ends it.", flush=True)
            Event().wait()
        except KeyboardInterrupt:
            print("", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
