from contract.settings import Settings
from stack.processes.services import SERVICES, Service, service_addresses
from stack.processes.tcp_ports import PortClaim

FIELDS = set(Settings.__struct_fields__)


def test_a_service_names_settings_that_exist() -> None:
    for service in SERVICES:
        assert service.host in FIELDS
        assert service.port in FIELDS | {""}


def test_a_service_is_the_command_of_a_room_and_claims_its_port() -> None:
    service = Service("inbox", "producers", ("inbox",), port="inbox_metrics_port")

    assert service.program({}).command[1:] == ("-m", "producers", "inbox")
    assert service.program({}).name == "inbox"
    assert service.claim(Settings(inbox_metrics_port=7000)) == PortClaim(
        7000, "inbox", "QUAYMARK_INBOX_METRICS_PORT"
    )


def test_only_a_service_with_a_title_has_an_address_for_people() -> None:
    titled = {service.title for service in SERVICES if service.title}

    assert {title for title, _ in service_addresses(Settings())} <= titled
