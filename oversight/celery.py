"""The Celery application: how the doorbell of jobs is carried.

What the settings guard against is measured: Celery acknowledges too early by default, asks
Redis for lost work once an hour, and puts arguments in clear into headers. Nothing here is
needed for a job to end; that is the work of the Job table, its leases and its sweeper.
"""

import os

from celery import Celery
from kombu import Queue

from . import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")  # before the first setting

VISIBILITY_SECONDS = 900  # the shortest of all clients of a broker rules
SWEEP_SECONDS = 20.0

app = Celery("oversight")
app.conf.update(
    broker_url=broker.url(),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
    },
    visibility_timeout=VISIBILITY_SECONDS,
    # No result is kept, so that there is nothing to lose, to expire or to read in Redis.
    result_backend=None,
    result_expires=None,
    result_backend_transport_options={"visibility_timeout": VISIBILITY_SECONDS},
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    event_serializer="json",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_track_started=False,
    task_send_sent_event=False,
    task_queues=(Queue("ingest"), Queue("evaluate")),
    task_default_queue="ingest",
    task_create_missing_queues=False,
    # One process a queue and no fork: DuckDB and the ledger's engine start threads, and a
    # process that used the ledger and then forks has children in which every call fails.
    # What prefork would add, time limits and the return of a lost child's message, the
    # leases do: a heartbeat interrupts, and a dead worker's job is free after 30 seconds.
    worker_pool="solo",
    worker_concurrency=1,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_soft_shutdown_timeout=30,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    enable_utc=True,
    timezone="UTC",
    imports=("audits.tasks",),
    beat_schedule={
        "sweep": {
            "task": "audits.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"queue": "ingest", "expires": SWEEP_SECONDS},
        }
    },
)


@app.on_after_finalize.connect
def _keep_only_our_tasks(sender: Celery, **_: object) -> None:
    """Forget Celery's own tasks (chords, maps): a hostile message can name none of them."""
    for name in [name for name in sender.tasks if name.startswith("celery.")]:
        sender.tasks.unregister(name)
