"""What the README says exists, and what exists the README says."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from crawler import cli, seeds, settings
from crawler.sites.profile import known, load
from crawler.text import article

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text("utf-8")


def commands(parser: argparse.ArgumentParser | None = None) -> dict[str, argparse.ArgumentParser]:
    """A command's, or all."""
    [subparsers] = [
        action for action in (parser or cli._parser())._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(subparsers.choices)


@pytest.mark.parametrize("name", commands(commands()["schedule"]))
def test_each_command_under_schedule_is_in_the_readme_with_its_options(name: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `editions schedule {name}"))
    common = {"-h", "--help", "--quiet", "--json"} | ({"--collections", "--database"} if name != "add" else set())
    command = commands(commands()["schedule"])[name]
    options = {text for action in command._actions for text in action.option_strings} - common
    assert {option for option in options if option not in row} == set()


@pytest.mark.parametrize("name", commands())
def test_each_command_is_in_the_readme_with_its_options(name: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `editions {name}"))
    common = {"-h", "--help", "--quiet", "--json", "--verbose"}
    options = {text for action in commands()[name]._actions for text in action.option_strings} - common
    assert {option for option in options if option not in row} == set()


def test_each_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"(?:`|/|^    )editions ([a-z]+)", README, re.MULTILINE))
    assert named <= commands().keys()


@pytest.mark.parametrize("name", ["demo", "crawl", "check", "index", "export", "sites"])
def test_each_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    assert f"editions {name}" in capsys.readouterr().out


def test_a_wrong_call_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["crawl"]) == 2
    assert "SITE" in capsys.readouterr().err


def test_the_readmes_profile_and_seeds_load(tmp_path: Path) -> None:
    profile_text, seeds_text = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "example.toml").write_text(profile_text, "utf-8")
    (tmp_path / "seeds.toml").write_text(seeds_text.replace('"…"', f'"{"0" * 64}"'), "utf-8")
    profile = load(tmp_path / "example.toml")
    assert [seed.edition for seed in seeds.load(tmp_path / "seeds.toml", profile)] == ["sw"]


def test_every_folder_of_the_readme_is_there() -> None:
    for folder in re.findall(r"^    ((?:archive|crawler/\w+|benchmarks)/) ", README, re.MULTILINE):
        assert (ROOT / folder).is_dir()


def test_the_readmes_limits_are_the_settings() -> None:
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| ([\d.]+) \|", README, re.MULTILINE))
    assert {name: str(getattr(settings, name)) for name in told} == told
    limits = {name for name in vars(settings) if name.startswith("EDITIONS_")} - {"EDITIONS_CONTACT"}
    assert limits <= told.keys()


def test_every_reason_for_no_document_is_in_the_readme() -> None:
    sources = [path.read_text("utf-8") for path in ROOT.glob("crawler/**/*.py") if path.parent.name != "demo"]
    said = "".join(re.findall(r"Drop\(.*", "".join(sources))) + "".join(map(repr, constants()))
    reasons = set(re.findall(r"""["']([a-z]+(?:-[a-z]+)*)["']""", said))
    assert reasons > {"empty", "too-deep", "unreadable"}
    assert {reason for reason in reasons if f"`{reason}`" not in README} == set()


def constants() -> set[str]:
    return article.FAULTS | {article.UNREADABLE, article.ORIGINAL_MISSING, article.DAMAGED}


def test_each_test_that_the_readme_names_is_there() -> None:
    named = re.findall(r"`((?:tests|benchmarks)/[\w/.]+)`", README)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_sites_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sites"]) == 0
    out = capsys.readouterr().out
    assert all(profile.name in out for profile in known())
