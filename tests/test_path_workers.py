"""Two real processes at one promotion: the rows get in once, and nobody is left in between."""

import json
import os
import subprocess
import sys

SETUP = """
import sys, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, run_syncdb=True)
from tests.paths import ADA, row, stage
from audits import ingestion
upload = stage([row(n, patient_id=n) for n in range(3000)])
jobs = [ingestion.ask_for_promotion(upload, ADA, then_evaluate=False) for _ in range(2)]
print(" ".join(job.public_id for job in jobs))
"""
WORK = """
import sys, django; django.setup()
from audits import jobs, ingestion
sys.stdin.readline()
job = jobs.run(sys.argv[1])
print(job.state, job.error_code)
"""
END = """
import json, django; django.setup()
from audits.models import Snapshot, Upload
from audits.verification import imports
from tests.paths import counts, in_force
upload = Upload.objects.get()
problems, _ = imports.verify()
print(json.dumps([upload.status, counts(upload), Snapshot.objects.count(), len(in_force()),
                  [problem.code for problem in problems]]))
"""


def python(folder, code, *words) -> subprocess.Popen:
    environment = os.environ | {
        "OVERSIGHT_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "oversight.settings",
        "OVERSIGHT_REDIS_URL": "",
    }
    for name in ("DATABASE_URL", "OVERSIGHT_LEDGER", "OVERSIGHT_KEYS"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen) -> str:
    out, errors = process.communicate("go\n", timeout=120)
    assert process.returncode == 0, errors
    return out.strip()


def test_two_workers_at_one_promotion_promote_once(tmp_path):
    names = said(python(tmp_path, SETUP)).split()
    workers = [python(tmp_path, WORK, name) for name in names]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    states = sorted(said(worker) for worker in workers)
    assert "succeeded" in states
    assert set(states) <= {"succeeded", "failed busy", "failed refused"}
    status, outcomes, snapshots, rows, problems = json.loads(said(python(tmp_path, END)))
    assert (status, outcomes, snapshots, rows) == ("promoted", {"new": 3000}, 1, 3000)
    assert problems == []
