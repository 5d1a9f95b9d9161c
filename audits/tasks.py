"""The doors of background work. A task carries a job's id and nothing else."""

import logging
import re

from oversight import broker
from oversight.celery import app

# Whoever rings or answers must know every kind of job, so the steps are imported here.
from . import drugs, evaluation, ingestion, jobs, versions  # noqa: F401
from .models import Job

logger = logging.getLogger(__name__)

REQUEST = "oversight.requests:HonestRequest"
PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
# A page must not wait for a broker that is away: one try, at most a second.
HASTE = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


@app.task(name="audits.run_job", Request=REQUEST)
def run_job(public_id: str) -> None:
    """Do one job if it is free. The broker is not trusted: whatever is no job's id is dropped."""
    if not isinstance(public_id, str) or not PUBLIC_ID.fullmatch(public_id):
        logger.warning("a message that names no job was dropped")
        return
    try:
        job = jobs.run(public_id)
    except Job.DoesNotExist:
        logger.warning("a message for an unknown job was dropped")
        return
    logger.info("%s: %s", job, job.state)


@app.task(name="audits.sweep", Request=REQUEST)
def sweep() -> None:
    """Free lapsed leases and ring again for waiting jobs."""
    jobs.sweep()


@jobs.connect
def ring(public_id: str, queue: str) -> bool:
    """Send a job's id to the workers of ``queue``; return whether the broker took it.

    Opens a connection of its own, so that nothing stale or forked is ever used. Without any
    broker, where workers look for themselves, it is silent.
    """
    if not broker.is_expected():
        return False
    options = {**app.conf.broker_transport_options, **HASTE}
    try:
        with app.connection_for_write(transport_options=options) as connection:
            run_job.apply_async(
                args=(public_id,),
                queue=queue,
                connection=connection,
                retry=False,
                argsrepr="(id)",
                kwargsrepr="{}",
            )
    except Exception as error:  # whatever the broker does, the job's row is there
        logger.warning("the broker does not answer (%s); the job waits", type(error).__name__)
        return False
    return True
