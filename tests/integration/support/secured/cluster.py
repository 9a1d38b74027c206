"""Three real Kafka brokers that replicate, and ask for TLS and a login."""

from pathlib import Path

from broker.admin import asked_of_kafka
from broker.connection import Connection
from contract.kafka.security import KafkaSecurity
from stack.processes.kafka import Broker
from tests.integration.support.ports import free_port
from tests.integration.support.secured.certificates import write_certificates
from tests.integration.support.secured.configured_broker import JAAS, ConfiguredBroker
from tests.integration.support.secured.requests import set_password

NODES = (0, 1, 2)
USER, PASSWORD = "worker", "worker-secret"
REPLICATED = {
    name: value
    for topics in ("default", "offsets.topic", "transaction.state.log")
    for name, value in {f"{topics}.replication.factor": "3"}.items()
} | {
    "min.insync.replicas": "2",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}


class Cluster:
    """Three brokers, each a controller, too.  Clients of the tests themselves log in nowhere."""

    def __init__(self, folder: Path) -> None:
        self._at = [
            Broker(folder / f"node-{node}", free_port(), free_port(), heap_mb=256)
            for node in NODES
        ]
        self._secured = [free_port() for _ in NODES]
        self.bootstrap = ",".join(at.bootstrap for at in self._at)
        self.line_port, self.far_port = free_port(), self._at[0].port
        certificates = folder / "certificates"
        write_certificates(certificates, USER)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        self.connection = Connection(
            ",".join(f"127.0.0.1:{port}" for port in self._secured),
            KafkaSecurity(
                "SASL_SSL",
                "SCRAM-SHA-512",
                sasl_username=USER,
                sasl_password_file=str(folder / "password"),
                ssl_ca_location=str(certificates / "ca.pem"),
            ),
        )
        self._nodes = [
            ConfiguredBroker(at, self._properties(node, certificates))
            for node, at in enumerate(self._at)
        ]
        self._join()

    @property
    def alive(self) -> bool:
        """Whether all brokers run."""
        return all(node.alive for node in self._nodes)

    @property
    def coordinator(self) -> int:
        """The broker that coordinates the group of the workers."""
        at = Connection(self.bootstrap)
        return int(asked_of_kafka(at, lambda admin: admin.find_coordinator("quaymark"))) - 1

    def start(self) -> None:
        """Start the brokers that do not run, and wait until all answer."""
        for node in self._nodes:
            if not node.alive:
                node.launch()
        for node in self._nodes:
            node.wait()
        set_password(self._controlled, USER, PASSWORD)

    def stop(self, *nodes: int) -> None:
        """Stop some brokers with SIGTERM, or all."""
        for node in nodes or NODES:
            self._nodes[node].stop()

    def kill(self, *nodes: int) -> None:
        """Kill brokers with SIGKILL."""
        for node in nodes:
            self._nodes[node].kill()

    @property
    def _controlled(self) -> str:
        return self._at[0].bootstrap

    def _join(self) -> None:
        """Make one cluster of folders that were formatted as three."""
        cluster = _meta(self._at[0])["cluster.id"]
        for node, at in enumerate(self._at):
            meta = _meta(at) | {"cluster.id": cluster, "node.id": str(node + 1)}
            text = "".join(f"{name}={value}\n" for name, value in meta.items())
            (at.logs / "meta.properties").write_text(text, encoding="utf-8")

    def _properties(self, node: int, certificates: Path) -> dict[str, str]:
        at = self._at[node]
        urls = f"PLAINTEXT://{at.bootstrap},SASL://127.0.0.1:{self._secured[node]}"
        voters = [f"{n + 1}@127.0.0.1:{each.controller_port}" for n, each in enumerate(self._at)]
        return REPLICATED | {
            "node.id": str(node + 1),
            "broker.rack": f"rack-{node + 1}",
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"{urls},CONTROLLER://127.0.0.1:{at.controller_port}",
            "advertised.listeners": urls,
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": (
                "PLAINTEXT:PLAINTEXT,SASL:SASL_SSL,CONTROLLER:PLAINTEXT"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(certificates / "server.both"),
            "listener.name.sasl.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl.scram-sha-512.sasl.jaas.config": (
                f"{JAAS}.scram.ScramLoginModule required;"
            ),
        }


def _meta(at: Broker) -> dict[str, str]:
    lines = (at.logs / "meta.properties").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
