"""Ingests a folder in the layout of MIMIC-CXR by partitions, then assembles the data set.

Every task calls the command line, which does only what is missing: a task that runs twice costs nothing. The settings
of Perdura (PERDURA_...) are those of Airflow's own environment, and so is the PATH that `perdura` lies on.
"""

from datetime import timedelta

try:  # Airflow 3
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG, Param, task
except ImportError:  # Airflow 2
    from airflow.decorators import task
    from airflow.models.dag import DAG
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator

# What people give reaches the shell as variables only, so that no name can become a command.
INGEST = (
    'perdura data ingest mimic-cxr --root "$ROOT" --profile "$PROFILE"'
    ' ${IMAGE_SIZE:+--image-size "$IMAGE_SIZE"} ${NAME:+--name "$NAME"} ${STRICT:+--strict}'
    ' ${PARTITION:+--partition "$PARTITION"}'
)


def variables(params, partition=""):
    """The environment of a task: texts, empty for what is not set."""
    return {
        "ROOT": params["root"],
        "PROFILE": params["profile"],
        "IMAGE_SIZE": str(params["image_size"] or ""),
        "NAME": params["name"] or "",
        "STRICT": "yes" if params["strict"] else "",
        "PARTITION": partition,
    }


with DAG(
    dag_id="perdura_ingest_mimic",
    description="Ingest a folder in the layout of MIMIC-CXR by partitions",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_tasks=4,
    tags=["perdura"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "root": Param("/work/data/mimic", type="string", minLength=1, description="folder of the data set"),
        "profile": Param("prior", type="string", enum=["prior", "sense"], description="how images and reports are read"),
        "image_size": Param(None, type=["null", "integer"], minimum=8, description="side of the model's images, pixels"),
        "name": Param(None, type=["null", "string"], description="name of the ingested set; by itself if empty"),
        "partitions": Param(8, type="integer", minimum=1, maximum=1000, description="tasks that share the work"),
        "strict": Param(False, type="boolean", description="stop at the first fault of the data"),
    },
):

    @task
    def plan(params=None):
        """One environment for each partition."""
        count = params["partitions"]
        return [variables(params, f"{k}/{count}") for k in range(1, count + 1)]

    @task
    def whole(params=None):
        """The environment of the last task, which has no partition."""
        return [variables(params)]

    ingest = BashOperator.partial(
        task_id="ingest",
        bash_command=INGEST,
        append_env=True,
        map_index_template="{{ task.env['PARTITION'] }}",
    ).expand(env=plan())
    assemble = BashOperator.partial(task_id="assemble", bash_command=INGEST, append_env=True).expand(env=whole())
    ingest >> assemble
