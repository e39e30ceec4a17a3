# dedup in a container: docker build -t dedup . && docker run --rm -v "$PWD:/data" dedup check docs/
FROM python:3.13-slim AS build

# More file formats: docker build --build-arg EXTRAS=parquet,zst .
ARG EXTRAS=""
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/dedup \
    && /opt/dedup/bin/pip install --no-cache-dir "$(echo /wheels/*.whl)${EXTRAS:+[$EXTRAS]}" \
    && /opt/dedup/bin/pip uninstall --yes pip

FROM python:3.13-slim

COPY --from=build /opt/dedup /opt/dedup
ENV PATH="/opt/dedup/bin:$PATH"
# Nobody in particular; what is written into /data belongs to whom `docker run --user` names.
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["dedup"]
