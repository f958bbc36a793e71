# The app on CPU. Build and run it, with nothing writable but the temporary folder:
#
#   docker build -t cae .
#   docker run --rm -p 8501:8501 --read-only --tmpfs /tmp cae
#
# Size: 1.9 GB of packages, of which TensorFlow is 1 GB, beside the 0.13 GB of the base image. The steps were checked one
# by one in a clean environment, as user 1000 on a read-only file system, where Docker itself was not at hand; there the
# server took 0.1 GB of memory and the engine 0.7 GB. The README says what may be mounted.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /venv
COPY requirements.txt .
# TensorFlow's build for CPUs is 0.6 GB smaller; its headers and libclang, 0.35 GB, serve compilation alone.
RUN sed -i 's/^tensorflow>=/tensorflow-cpu>=/' requirements.txt \
    && /venv/bin/pip install --no-cache-dir -r requirements.txt \
    && rm -rf /venv/lib/python3.11/site-packages/tensorflow/include /venv/lib/python3.11/site-packages/clang
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
COPY --from=build /venv /venv
RUN useradd --uid 1000 --no-create-home cae
USER 1000
ENV PATH=/venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv
EXPOSE 8501
HEALTHCHECK --start-period=60s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "/venv/lib/python3.11/site-packages/cae/app/app.py", \
     "--server.address=0.0.0.0", "--server.headless=true"]
