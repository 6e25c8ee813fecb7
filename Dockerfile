# The image that serves the site and runs its operations. It holds no secret; nothing migrates when it starts.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt .
# Compiled here, once: an instance that starts from sleep must not do it, and the plain user could not keep it.
RUN /venv/bin/pip install --require-hashes --no-compile -r requirements.txt \
 && /venv/bin/pip uninstall --yes pip \
 && python -m compileall -q -j 0 /venv/lib
WORKDIR /app
COPY . .
# Readable for all: the site and Lambda run it as users of their own, whatever this checkout's umask was.
RUN DJANGO_SETTINGS_MODULE=scale0site.settings.build /venv/bin/python manage.py collectstatic --noinput \
 && /venv/bin/python -m sleeping.saved.release . \
 && python -m compileall -q -j 0 . \
 && chmod -R a+rX .

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin site
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=scale0site.settings.production \
    BIND=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["gunicorn", "scale0site.wsgi"]
