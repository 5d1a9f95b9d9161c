"""People and what their roles let them do."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in; permissions come from groups, code asks permissions.

    ``npi`` is set where the person prescribes: nobody decides on himself, his
    supervisees or his supervisor.
    """

    npi = models.CharField("NPI", max_length=10, blank=True)

    class Meta:
        permissions = [
            ("upload_records", "Upload, promote, discard and withdraw records"),
            ("map_drugs", "Propose what a drug or a number means that no table knows"),
            ("approve_drugs", "Approve what others propose that a drug or a number means"),
            ("propose_parameters", "Propose other values for a rule's parameters"),
            ("approve_parameters", "Approve what others propose for a rule's parameters"),
            ("manage_reference", "Load reference tables and put them in force"),
            ("correct_rows", "See the source values of rejected rows to correct them"),
            ("manage_users", "Make accounts and give roles"),
            ("count_flags", "See how many flags there are"),
            ("view_records", "See flags and records under pseudonyms"),
            ("decide_flags", "Claim and decide flags"),
            ("export_flags", "Export flags as a working copy"),
            ("read_trail", "Read the whole trail"),
            ("verify_trail", "Verify the trail"),
        ]

    def __str__(self):
        return self.get_full_name() or self.username
