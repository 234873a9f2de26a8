FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/steelyard
COPY requirements.lock .
RUN pip install --require-hashes --requirement requirements.lock
COPY . .
RUN pip install --no-deps --no-build-isolation --editable . \
    && for po in locale/*/LC_MESSAGES/*.po platform/config/kinds/*/LC_MESSAGES/*.po; do \
        [ ! -e "$po" ] || pybabel --quiet compile --input-file="$po" --output-file="${po%.po}.mo" || exit 1; \
    done \
    && PRODUCTION=true STATIC_ROOT=/srv/steelyard/static-built PUBLIC_URL=http://localhost \
       SECRET_KEY=used-by-no-request-while-the-image-is-built DATABASE_URL=sqlite:// REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
       python manage.py collectstatic --no-input \
    && python -m compileall -q platform surveys scoring

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/steelyard --create-home steelyard
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/steelyard /srv/steelyard
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    PRODUCTION=true \
    STATIC_ROOT=/srv/steelyard/static-built \
    VAR=/var/lib/steelyard
WORKDIR /srv/steelyard
USER steelyard
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--workers=4", "--threads=2", "--no-control-socket", "--worker-tmp-dir=/dev/shm"]
