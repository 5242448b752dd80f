# The MLflow server from the same pinned list as the local stack.
FROM python:3.11-slim-bookworm
COPY tools/mlflow/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.txt \
 && useradd --create-home --uid 10001 mlflow \
 && mkdir -p /artifacts && chown mlflow:mlflow /artifacts
USER mlflow
ENV MLFLOW_DISABLE_TELEMETRY=true \
    DO_NOT_TRACK=true \
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
EXPOSE 5000
