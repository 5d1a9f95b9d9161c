"""What can be done: the closed vocabulary of the trail. A name once used is never changed."""

from enum import StrEnum


class Action(StrEnum):
    """The name of every act that has an event."""

    UPLOAD_RECEIVED = "upload_received"
    UPLOAD_REFUSED = "upload_refused"
    UPLOAD_REPEATED = "upload_repeated"
    UPLOAD_STAGED = "upload_staged"
    UPLOAD_PROMOTED = "upload_promoted"
    UPLOAD_DISCARDED = "upload_discarded"
    UPLOAD_WITHDRAWN = "upload_withdrawn"
    UPLOAD_DOWNLOADED = "upload_downloaded"
    REJECTS_DOWNLOADED = "rejects_downloaded"
    ROWS_CORRECTED = "rows_corrected"
    CONFLICT_SETTLED = "conflict_settled"
    SOURCE_CREATED = "source_created"
    SOURCE_CHANGED = "source_changed"
    MAPPING_SAVED = "mapping_saved"
    LEDGER_RESTORED = "ledger_restored"
    LEDGER_MENDED = "ledger_mended"
    LEDGER_REBUILT = "ledger_rebuilt"

    EVALUATION_PUBLISHED = "evaluation_published"
    PARAMETERS_PROPOSED = "parameters_proposed"
    PARAMETERS_APPROVED = "parameters_approved"
    PARAMETERS_REJECTED = "parameters_rejected"
    REFERENCE_CHANGED = "reference_changed"
    REFERENCE_RECEIVED = "reference_received"
    REFERENCE_REFUSED = "reference_refused"
    REFERENCE_LOADED = "reference_loaded"
    REFERENCE_ACTIVATED = "reference_activated"
    REFERENCE_DISCARDED = "reference_discarded"
    DRUG_MAPPING_PROPOSED = "drug_mapping_proposed"
    DRUG_MAPPING_APPROVED = "drug_mapping_approved"
    DRUG_MAPPING_REJECTED = "drug_mapping_rejected"
    NUMBER_MAPPING_PROPOSED = "number_mapping_proposed"
    NUMBER_MAPPING_APPROVED = "number_mapping_approved"
    NUMBER_MAPPING_REJECTED = "number_mapping_rejected"

    FLAG_VIEWED = "flag_viewed"
    FLAG_CLAIMED = "flag_claimed"
    FLAG_RELEASED = "flag_released"
    FLAG_DECIDED = "flag_decided"
    FLAG_SIGNED_OFF = "flag_signed_off"
    FLAG_NOTED = "flag_noted"
    FLAG_RECUSED = "flag_recused"
    FLAG_SNOOZED = "flag_snoozed"
    FLAG_SUPPRESSED = "flag_suppressed"
    EVIDENCE_CHANGED = "evidence_changed"
    PEER_GROUP_DISPUTED = "peer_group_disputed"
    PEER_DISPUTE_WITHDRAWN = "peer_dispute_withdrawn"
    CASE_OPENED = "case_opened"
    CASE_CHANGED = "case_changed"

    RECORD_VIEWED = "record_viewed"
    RECORDS_SEARCHED = "records_searched"
    PSEUDONYM_LOOKED_UP = "pseudonym_looked_up"
    IDENTITY_REVEALED = "identity_revealed"
    TRAIL_VIEWED = "trail_viewed"

    EXPORT_REQUESTED = "export_requested"
    EXPORT_MADE = "export_made"
    EXPORT_DOWNLOADED = "export_downloaded"
    EXPORT_EXPIRED = "export_expired"

    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    ROLE_CHANGED = "role_changed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LOCKED = "sign_in_locked"
    SESSION_ENDED = "session_ended"
    MFA_CHANGED = "mfa_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    ACCESS_DENIED = "access_denied"
    SETTING_CHANGED = "setting_changed"

    JOB_CANCELLED = "job_cancelled"
    JOB_RETRIED = "job_retried"
    JOB_FAILED = "job_failed"

    TRAIL_VERIFIED = "trail_verified"
    TRIGGERS_RESTORED = "triggers_restored"
    REASON_ERASED = "reason_erased"
    RETENTION_RUN = "retention_run"


ACTIONS = frozenset(Action)


class Result(StrEnum):
    """How an act ended, the ``outcome`` of its event."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


OUTCOMES = frozenset(Result)
