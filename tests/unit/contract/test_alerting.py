import pytest

from contract.alerting import Alerting, Email, Receiver, Route, Webhook, WeCom, read_alerting
from contract.errors import Misconfigured

WHOLE = """
grafana = "http://ops:3000"

[[receiver]]
name = "office"
language = "zh"
email = [{ to = "office@port.example", from = "quaymark@port.example", smarthost = "mail:587" }]
webhook = [{ url_file = "/run/hook" }]
wecom = [{ corp_id = "c", agent_id = "7", secret_file = "/run/wecom", to_party = "2" }]

[[route]]
receiver = "office"
target = "annual-teu"
"""


def test_a_file_is_a_value_and_names_the_files_of_its_secrets() -> None:
    alerting = read_alerting(WHOLE, "alerting.toml")

    assert alerting == Alerting(
        receiver=(
            Receiver(
                "office",
                "zh",
                email=(Email("office@port.example", "quaymark@port.example", "mail:587"),),
                webhook=(Webhook(url_file="/run/hook"),),
                wecom=(WeCom("c", "7", "/run/wecom", to_party="2"),),
            ),
        ),
        route=(Route("office", target="annual-teu"),),
        grafana="http://ops:3000",
    )
    assert alerting.secret_files == ("/run/hook", "/run/wecom")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[reciever]]\nname = 'a'", "unknown field `reciever`"),
        ("[[receiver]]\nname = 'A b'", r"\$.receiver\[0\].name"),
        ("[[receiver]]\nname = 'a'\n[[receiver]]\nname = 'a'", "'a' is there 2 times"),
        ("[[receiver]]\nname = 'a'\nwebhook = [{}]", "has url and url_file or neither"),
        ("[[receiver]]\nname = 'a'\nwebhook = [{url = 'ftp://a'}]", r"webhook\[0\].url"),
        (
            "[[receiver]]\nname = 'a'\nwecom = [{corp_id='c', agent_id='1', secret_file='s'}]",
            "needs to_user, to_party or to_tag",
        ),
        ("[[route]]\nreceiver = 'a'", r"route\[0\]: receiver is 'a', expected one of desk"),
        ("[[route]]\nreceiver = 'desk'\nseverity = 'high'", "Invalid enum value 'high'"),
        ("receiver = ", "not TOML"),
    ],
)
def test_a_mistake_is_reported_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(Misconfigured, match=f"^alerting.toml: .*{expected}"):
        read_alerting(text, "alerting.toml")
