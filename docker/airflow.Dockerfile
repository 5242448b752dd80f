# Airflow from the pinned list, and the perdura command that the DAGs of docker/airflow/dags call. The image perdura, which
# docker/Dockerfile makes, must be there.
FROM perdura AS perdura
FROM python:3.11-slim-bookworm
COPY tools/airflow/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.txt \
 && useradd --create-home --uid 10002 airflow \
 && mkdir -p /airflow && chown airflow:airflow /airflow
COPY --from=perdura /opt/java/openjdk /opt/java/openjdk
COPY --from=perdura /opt/perdura /opt/perdura
COPY --from=perdura /usr/local/bin/perdura /usr/local/bin/perdura
COPY docker/airflow/dags /dags
USER airflow
ENV JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/java/openjdk/bin:$PATH \
    AIRFLOW_HOME=/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    SCARF_ANALYTICS=false \
    DO_NOT_TRACK=1
EXPOSE 8080
