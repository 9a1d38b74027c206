"""What Prometheus gets of partners: a share only where there are records."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest

from register.partner_quality import PartnerQuality
from stack.explaining.partner_metrics import PartnerCollector


def exposed(*partners: PartnerQuality) -> set[str]:
    collector, registry = PartnerCollector(), CollectorRegistry()
    registry.register(collector)
    collector.show(list(partners))
    lines = generate_latest(registry).decode().splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_the_shares_of_a_partner_are_of_all_its_records() -> None:
    lines = exposed(
        PartnerQuality(
            partner="east",
            received=10,
            refused={"conflict": 1, "naive_time": 2},
            flagged=1,
            repeated=3,
            amended=2,
            delays=(60.0, 600.0),
            usual_refused=0.25,
            last=datetime(2026, 3, 1, tzinfo=UTC),
        )
    )
    assert lines == {
        'partner_received_records{partner="east"} 10.0',
        'partner_refused_records{partner="east",reason="conflict"} 1.0',
        'partner_refused_records{partner="east",reason="naive_time"} 2.0',
        'partner_accepted_ratio{partner="east"} 0.4',
        'partner_refused_ratio{partner="east"} 0.3',
        'partner_usual_refused_ratio{partner="east"} 0.25',
        'partner_flagged_ratio{partner="east"} 0.1',
        'partner_repeated_ratio{partner="east"} 0.3',
        'partner_amended_ratio{partner="east"} 0.2',
        'partner_delay_seconds{partner="east",quantile="0.5"} 60.0',
        'partner_delay_seconds{partner="east",quantile="0.95"} 600.0',
        'partner_last_record_timestamp_seconds{partner="east"} 1.7723232e+09',
    }


def test_a_partner_without_records_has_no_shares() -> None:
    assert exposed(PartnerQuality(partner="quiet")) == {
        'partner_received_records{partner="quiet"} 0.0'
    }
