"""What other schedulers are given: judged by their own tools where they are, and by its parts."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule.cronfields import CronFields
from tests.schedule.running import Place, site_file

CRONS = ("0 */6 * * *", "30 2 1,15 * 1-5", "*/20 8-18 * JUL MON-FRI", "5 4 * * 7", "0 0 1 1 *")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Schedules of each kind, in a folder whose name is not simple."""
    folder = tmp_path_factory.mktemp("100% of $it") / "with a space"
    folder.mkdir()
    place = Place(folder)
    for number, expression in enumerate(CRONS):
        name = site_file(folder, "127.0.0.1:9", f"cron{number}")
        place.call("add", name, "--cron", expression, "--zone", "Europe/Berlin", "--edition", "en", "--max-pages", 7)
    for number, span in enumerate(("15m", "6h", "1d", "7d")):
        place.call("add", site_file(folder, "127.0.0.1:9", f"span{number}"), "--every", span)
    return place


def test_systemd_accepts_the_units(place: Place, tmp_path: Path) -> None:
    place.call("export", "systemd", "--out", tmp_path)
    units = sorted(tmp_path.iterdir())
    assert len(units) == 2 * 9
    for unit in units:
        text = unit.read_text()
        if unit.suffix == ".timer":
            assert "\nPersistent=true\n" in text
            assert "\nOnCalendar=" in text
        else:
            assert "\nType=oneshot\n" in text
            assert " crawl " in text
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is absent: the units were judged by their parts alone")
    for unit in units:
        done = subprocess.run(
            ["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=240, check=False
        )
        complaints = [line for line in (done.stdout + done.stderr).splitlines() if unit.stem in line]
        assert (done.returncode, complaints) == (0, []), done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is absent")
@pytest.mark.parametrize("expression", CRONS)
def test_systemd_s_calendar_is_the_cron_expression(expression: str) -> None:
    from datetime import UTC, datetime

    from crawler.schedule.rhythm import Cron

    now = datetime.now(UTC).replace(microsecond=0)
    theirs = {moment for line in CronFields.parse(expression).calendars("UTC") for moment in elapses(line)}
    ours = [now]
    while len(ours) < 6:
        ours.append(Cron(expression, "UTC").following(ours[-1], ours[-1]))
    assert [moment.strftime("%Y-%m-%d %H:%M") for moment in ours[1:]] == sorted(theirs)[:5]


def elapses(calendar: str) -> list[str]:
    """The next times by systemd."""
    command = ["systemd-analyze", "calendar", "--iterations=10", calendar]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=True, env={"TZ": "UTC", "PATH": "/usr/bin"}
    )
    lines = [line.partition(":")[2] for line in done.stdout.splitlines() if "elapse" in line or "Iter" in line]
    return [" ".join(line.split()[1:3])[:16] for line in lines]


@given(
    st.sampled_from(["*", "*/7", "1-5", "0"]), st.sampled_from(["*", "*/5", "3,9"]), st.sampled_from(["*", "1,15"])
)
def test_calendars_are_lists(minute: str, hour: str, day: str) -> None:
    for line in CronFields.parse(f"{minute} {hour} {day} * *").calendars("UTC"):
        assert line.endswith(":00 UTC")
        assert all(one < other for one, other in pairwise(CronFields.parse(f"{minute} {hour} {day} * *").minutes))


def test_cron_accepts_the_crontab(place: Place, tmp_path: Path) -> None:
    place.call("export", "cron", "--out", tmp_path)
    crontab = tmp_path / "editions.crontab"
    lines = [line for line in crontab.read_text().splitlines() if not line.startswith(("#", "CRON_TZ"))]
    assert len(lines) == 9
    assert lines[0].startswith("0 */6 * * * cd ")
    assert all(r"100\% of $it" in line for line in lines)
    command = lines[0].split(None, 5)[5].replace(r"\%", "%").replace("exec ", "echo ")
    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=240, check=True).stdout
    assert str(place.folder / "collections/cron0") in shown
    if not shutil.which("crontab"):
        pytest.skip("crontab is absent: the lines were judged by their parts alone")
    done = checked_by_cron("-T", crontab)  # cronie's; Debian's says -n, which must not be said to cronie
    if "invalid option" in done.stderr:
        done = checked_by_cron("-n", crontab)
    assert done.returncode == 0, done.stderr


def checked_by_cron(option: str, crontab: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["crontab", option, crontab], capture_output=True, text=True, timeout=240, check=False)


def test_kubernetes_gets_cron_jobs(place: Place, tmp_path: Path) -> None:
    place.call("export", "kubernetes", "--out", tmp_path, "--image", "registry.local/editions:1", "--claim", "news")
    manifests: list[dict[str, Any]] = [yaml.safe_load(path.read_text()) for path in sorted(tmp_path.iterdir())]
    assert len(manifests) == 9
    for one in manifests:
        spec = one["spec"]
        assert (one["apiVersion"], one["kind"]) == ("batch/v1", "CronJob")
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["startingDeadlineSeconds"] >= 60
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert pod["restartPolicy"] == "Never"
        assert container["image"] == "registry.local/editions:1"
        assert container["command"] == ["editions"]
        assert container["args"][0] == "crawl"
        assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "news"}
    first = manifests[0]["spec"]
    assert (first["schedule"], first["timeZone"]) == (CRONS[0], "Europe/Berlin")
    args = first["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert args[2:] == ["--collection", "/collections/cron0", "--edition", "en", "--max-pages", "7", "--quiet"]
    if not shutil.which("kubeconform"):
        pytest.skip("kubeconform is absent: the manifests were judged by their parts alone")
    subprocess.run(["kubeconform", "-strict", *tmp_path.iterdir()], timeout=240, check=True)


def test_what_others_cannot_say_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--every", "7h")
    code, _, err = place.tried("export", "kubernetes")
    assert code == 2
    assert "every 7h is no cron expression" in err
    assert json.loads(place.call("list", "--json"))[0]["rhythm"] == "every 7h"


def test_names_that_differ_in_punctuation_case_or_their_end_get_files_each(tmp_path: Path) -> None:
    place = Place(tmp_path)
    names = ["a-b", "a.b", "A-b", "long" * 12 + "1", "long" * 12 + "2"]
    for name in names:
        place.call("add", site_file(tmp_path, "127.0.0.1:9", name), "--every", "6h")
    files = json.loads(place.call("export", "systemd", "--json"))
    assert len(files) == 2 * len(names)
    assert "editions-a-b.timer" in files
    assert max(map(len, files)) <= len("editions-.service") + 43
    manifests = list(yaml.safe_load_all(place.call("export", "kubernetes")))
    assert len({one["metadata"]["name"] for one in manifests}) == len(names)


@pytest.mark.parametrize(
    ("expression", "theirs"),
    [("5 4 * * 7", "5 4 * * 0"), ("5 4 * * FRI,6-7", "5 4 * * 0,5,6"), ("0 0 1 * 0-6", "0 0 * * *")],
)
def test_days_of_the_week_are_numbers_that_all_take(tmp_path: Path, expression: str, theirs: str) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", expression)
    assert f"{theirs} cd " in place.call("export", "cron")
    assert yaml.safe_load(place.call("export", "kubernetes"))["spec"]["schedule"] == theirs


@pytest.mark.parametrize(
    ("expression", "targets"),
    [
        ("0 0 L * *", ("cron", "kubernetes", "systemd")),
        ("0 0 * * 1#2", ("cron", "kubernetes", "systemd")),
        ("0 0 */2 * 1", ("kubernetes",)),
    ],
)
def test_an_expression_that_a_target_does_not_know_is_refused(
    tmp_path: Path, expression: str, targets: tuple[str, ...]
) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--cron", expression)
    for target in targets:
        code, out, err = place.tried("export", target)
        assert (code, out) == (2, "")
        assert f"site: '{expression}'" in err


@pytest.mark.parametrize("expression", ["0 0 L * *", "0 0 L JUL *", "0 0 * JUL FRI#1"])
def test_what_only_some_crons_know_is_told_beside_names_too(expression: str) -> None:
    with pytest.raises(ValueError, match="only some know L and #"):
        CronFields.parse(expression)


def test_without_a_folder_all_is_printed(place: Place) -> None:
    assert place.call("export", "systemd").count("ExecStart=") == 9


def test_what_is_written_is_told_as_json_too(place: Place, tmp_path: Path) -> None:
    names = json.loads(place.call("export", "cron", "--out", tmp_path, "--json"))
    assert names == [str(tmp_path / "editions.crontab")]
    assert (tmp_path / "editions.crontab").read_text().startswith("# crontab of editions")


def test_a_path_with_a_variable_s_name_in_it_is_that_path(tmp_path: Path) -> None:
    place = Place(tmp_path / "$(HOME)")
    place.folder.mkdir()
    place.call("add", site_file(place.folder, "127.0.0.1:9"), "--every", "6h")
    pod = yaml.safe_load(place.call("export", "kubernetes"))["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"][1] == f"{tmp_path}/$$(HOME)/site.toml"


@pytest.mark.parametrize("target", ["cron", "kubernetes", "systemd"])
def test_a_path_with_a_line_break_is_refused(tmp_path: Path, target: str) -> None:
    place = Place(tmp_path)
    place.call("add", site_file(tmp_path, "127.0.0.1:9"), "--every", "6h", "--collection", "two\nlines")
    code, out, err = place.tried("export", target)
    assert (code, out, "has a line break" in err) == (2, "", True)
