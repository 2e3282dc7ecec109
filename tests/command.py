"""The command as a user runs it: in a process of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.warm import begin

SECONDS = 240
"""For hangs: the machines that run this are shared and slow at times."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def editions(*args: object, cwd: Path, seconds: float = SECONDS, **environment: str) -> Ran:
    """Run ``editions ARGS`` in the folder *cwd*; *environment* is added to one's own."""
    with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
        with begin(*args, cwd=cwd, out=out, err=err, **environment) as process:
            code = process.wait(seconds)
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read(), err.read())


def profile(
    folder: Path, host: str, *, editions: tuple[str, ...] = ("en",), starts: str = "/{edition}", more: str = ""
) -> Path:
    """Write the profile of a site on loopback, without delays."""
    codes = "\n".join(f'{code} = "{code}"' for code in editions)
    path = folder / "site.toml"
    path.write_text(
        f"""name = "site"
domains = ["{host}"]
article_url = "http://{host}/{{edition}}/articles/{{slug}}"
start_urls = ["http://{host}{starts}"]
default_edition = "{editions[0]}"
allow_private_addresses = true

[editions]
{codes}

[crawl]
delay = 0
requisites = false
{more}
""",
        "utf-8",
    )
    return path


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
