"""Samples in Prometheus' text format."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.engine.durations import Durations
from bot.web.vitals import Sample

CONTENT_TYPE = CONTENT_TYPE_LATEST

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
FAMILIES: dict[str, type[Family]] = {
    "gauge": GaugeMetricFamily,
    "counter": CounterMetricFamily,
    "histogram": HistogramMetricFamily,
}


class _Given(Collector):
    """Hands over what was counted a moment ago."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Family] = {}
        for sample in self._samples:
            family = families.setdefault(sample.name, _family(sample))
            _add(family, list(sample.labels.values()), sample.value)
        yield from families.values()


def _family(sample: Sample) -> Family:
    return FAMILIES[sample.kind](sample.name, sample.help, labels=list(sample.labels))


def _add(family: Family, labels: list[str], value: float | Durations) -> None:
    if isinstance(family, HistogramMetricFamily) and isinstance(value, Durations):
        family.add_metric(labels, value.cumulated(), value.total)
    elif not isinstance(family, HistogramMetricFamily) and not isinstance(value, Durations):
        family.add_metric(labels, value)
    else:
        raise TypeError(f"{family.name} is given what it cannot count")


def exposition(samples: Iterable[Sample]) -> bytes:
    """All samples, families together in the order of their first sample."""
    registry = CollectorRegistry()
    registry.register(_Given(list(samples)))
    return generate_latest(registry)
