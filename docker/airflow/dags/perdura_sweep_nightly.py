"""Submits a sweep every night.

A sweep is a set: submitting it again runs the trials that are missing, and nothing twice. So a grid that grows is
caught up with night by night. The settings of Perdura (PERDURA_...) are those of Airflow's own environment; the file
is PERDURA_SWEEP_FILE there, unless the DAG run names another.
"""

import os
from datetime import datetime, timedelta, timezone

try:  # Airflow 3
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, Param
except ImportError:  # Airflow 2
    from airflow.models.dag import DAG
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id="perdura_sweep_nightly",
    description="Submit a sweep every night",
    doc_md=__doc__,
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    tags=["perdura"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={
        "file": Param(
            os.environ.get("PERDURA_SWEEP_FILE", "/work/data/sweep.yaml"),
            type="string",
            minLength=1,
            description="the sweep's grid",
        ),
    },
):
    # What people give reaches the shell as a variable only, so that no name can become a command.
    BashOperator(
        task_id="submit",
        bash_command='perdura sweep submit --yes -f "$FILE"',
        env={"FILE": "{{ params.file }}"},
        append_env=True,
    )
