"""What Prometheus may know of schedules: read from the history at each scrape, so that a restart loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from crawler.errors import CallError
from crawler.schedule.schedule import GOING_ON, Run, Schedule
from crawler.schedule.store import Store

AnyFamily = TypeVar("AnyFamily", CounterMetricFamily, GaugeMetricFamily)

HOST = "127.0.0.1"


class ScheduleMetrics:
    """A collector of prometheus_client's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """All metrics, as they stand now."""
        schedules = self._store.schedules()
        yield from _schedules(schedules)
        yield from _newest([run for one in schedules if (run := self._store.last_ended(one.site)) is not None])
        runs, refused = self._store.counts()
        going_on = Counter({labels: count for labels, count in runs.items() if labels[1] in GOING_ON})
        yield _counter("runs", "Runs that have ended, by site and state.", runs - going_on, "state")
        yield _filled(_gauge("runs_going_on", "Runs that have not ended, by site and state.", "state"), going_on)
        yield _counter("refused_runs", "Runs that were due while another went on.", Counter(refused))


def serve_metrics(store: Store, port: int) -> int:
    """Serve ``/metrics`` on loopback, in a thread of its own; returns the port (0 takes a free one).

    Raises:
        CallError: the port cannot be had.
    """
    registry = CollectorRegistry()
    registry.register(ScheduleMetrics(store))
    try:
        server, _ = start_http_server(port, HOST, registry)
    except OSError as error:
        raise CallError(f"--metrics-port {port}: cannot be had ({error.strerror})") from error
    return int(server.server_port)


def _schedules(schedules: list[Schedule]) -> Iterator[Metric]:
    next_ = _gauge("next_run_timestamp_seconds", "When the next run begins.")
    paused = _gauge("paused", "1 where the schedule is paused.")
    failures = _gauge("failures", "Runs that failed since the last that did not.")
    for one in schedules:
        if one.paused is None:
            next_.add_metric([one.site], one.next.timestamp())
        paused.add_metric([one.site], float(one.paused is not None))
        failures.add_metric([one.site], one.failures)
    yield from (next_, paused, failures)


def _newest(runs: list[Run]) -> Iterator[Metric]:
    """Of each site's newest run that has ended."""
    told: dict[str, tuple[str, Callable[[Run], float]]] = {
        "end_timestamp_seconds": (
            "When the newest run ended.",
            lambda run: run.ended.timestamp() if run.ended else 0,
        ),
        "seconds": ("How long it took.", lambda run: run.seconds or 0.0),
        "success": ("1 where it did what it was to.", lambda run: run.state == "done"),
        "pages": ("Articles that came.", lambda run: run.pages),
        "new_documents": ("Documents that are new.", lambda run: run.new),
        "changed_documents": ("Documents that have changed.", lambda run: run.changed),
        "bytes": ("By which the archive grew.", lambda run: run.bytes),
    }
    for name, (words, value) in told.items():
        metric = _gauge(f"last_run_{name}", words)
        for run in runs:
            metric.add_metric([run.site], value(run))
        yield metric


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"editions_schedule_{name}", words, labels=["site", *labels])


def _counter(name: str, words: str, counts: Counter[tuple[str, ...]], *labels: str) -> CounterMetricFamily:
    return _filled(CounterMetricFamily(f"editions_schedule_{name}", words, labels=["site", *labels]), counts)


def _filled(metric: AnyFamily, counts: Counter[tuple[str, ...]]) -> AnyFamily:
    for values, count in counts.items():
        metric.add_metric(list(values), count)
    return metric
