# The base is a Debian with Python 3.11 or newer; no Alpine: several wheels have no musl build.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /source
RUN python3 -m venv /opt/abcjob
COPY requirements.txt .
# How this build reaches packages is no part of the image: settings come as secrets, if at all.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates \
    if [ -s /run/secrets/certificates ]; then export PIP_CERT=/run/secrets/certificates; fi; \
    /opt/abcjob/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY abcjob abcjob
COPY sql sql
COPY templates templates
# pip compiles what it installs: a read-only file system has no other time for it.
RUN /opt/abcjob/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
COPY --from=build /opt/abcjob /opt/abcjob
# A slim base brings its standard library uncompiled. (Some of its files are meant not to compile.)
RUN python3 -m compileall -q "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    >/dev/null 2>&1 || true
# Whoever runs it may be any user: what is not mounted from outside is open to all.
# The embedded server wants its user to have a name.
RUN mkdir -p /abcjob/reports && chmod 1777 /abcjob/reports && \
    echo abcjob:x:10001:10001::/tmp:/usr/sbin/nologin >>/etc/passwd
ENV PATH=/opt/abcjob/bin:$PATH HOME=/tmp
WORKDIR /abcjob
USER 10001
ENTRYPOINT ["python", "-m", "abcjob"]
CMD ["run"]
