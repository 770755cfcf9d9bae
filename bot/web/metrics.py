"""Samples in Prometheus' text format."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.vitals import Sample

CONTENT_TYPE = CONTENT_TYPE_LATEST


class _Given(Collector):
    """Hands over what was counted a moment ago."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for sample in self._samples:
            family = families.setdefault(sample.name, _family(sample))
            family.add_metric(list(sample.labels.values()), sample.value)
        yield from families.values()


def _family(sample: Sample) -> CounterMetricFamily | GaugeMetricFamily:
    family = CounterMetricFamily if sample.kind == "counter" else GaugeMetricFamily
    return family(sample.name, sample.help, labels=list(sample.labels))


def exposition(samples: Iterable[Sample]) -> bytes:
    """All samples, families together in the order of their first sample."""
    registry = CollectorRegistry()
    registry.register(_Given(list(samples)))
    return generate_latest(registry)
