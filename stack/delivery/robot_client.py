"""A group robot over HTTP: one request, a time limit, and errors that never name the address."""

import http.client
import urllib.error
import urllib.request

import msgspec

from stack.delivery.delivery_error import DeliveryFault, FaultKind
from stack.delivery.robot_messages import RobotRequest, refusal

TIMEOUT_SECONDS = 30.0
LONGEST_ANSWER = 64 << 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would hand the message, and its secret address, to another server."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


def ask_robot(url: str, request: RobotRequest, timeout: float = TIMEOUT_SECONDS) -> None:
    """Send a request to a robot, and return once it took the message.

    Raises:
        DeliveryFault: it can't be reached, does not answer in time, or refuses.
    """
    joint = "&" if "?" in url else "?"
    asked = urllib.request.Request(
        url + (joint + request.query if request.query else ""),
        data=msgspec.json.encode(request.body),
        headers={"Content-Type": "application/json; charset=utf-8"},
        method="POST",
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(asked, timeout=timeout) as answer:
            said = refusal(answer.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        raise DeliveryFault(FaultKind.REFUSED, f"the robot answers HTTP {error.code}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise DeliveryFault(FaultKind.UNKNOWN, "the robot did not answer in time") from None
        raise DeliveryFault(FaultKind.UNREACHABLE, _named(error.reason)) from None
    except (TimeoutError, http.client.HTTPException, ConnectionError):
        # the message is sent already, so that nobody can tell whether the group has it
        raise DeliveryFault(FaultKind.UNKNOWN, "the robot did not answer in time") from None
    except ValueError:
        raise DeliveryFault(FaultKind.REFUSED, "its address is no address") from None
    if said:
        raise DeliveryFault(FaultKind.REFUSED, f"the robot refuses: {said}")


def _named(reason: object) -> str:
    return (getattr(reason, "strerror", None) or type(reason).__name__) + ": the robot's server"
