"""Addresses of the pages."""

from django.urls import path

from .views import (
    dictionary,
    flag,
    flag_acts,
    flags,
    health,
    holdings,
    home,
    jobs,
    rules,
    trail,
    upload_rows,
    uploads,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("health", health.health, name="health"),
    path("uploads/", uploads.upload_list, name="uploads"),
    path("uploads/new/", uploads.upload_new, name="upload_new"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("uploads/<int:pk>/promote/", uploads.promote, name="upload_promote"),
    path("uploads/<int:pk>/discard/", uploads.discard, name="upload_discard"),
    path("uploads/<int:pk>/withdraw/", uploads.ask_withdrawal, name="upload_withdraw"),
    path("uploads/<int:pk>/withdraw/confirm/", uploads.confirm_withdrawal, name="upload_confirm"),
    path("uploads/<int:pk>/rows/<str:outcome>/", upload_rows.outcomes, name="upload_outcomes"),
    path(
        "uploads/<int:pk>/rejected/",
        upload_rows.problems,
        {"level": "rejected"},
        name="upload_rejected",
    ),
    path(
        "uploads/<int:pk>/warned/", upload_rows.problems, {"level": "warned"}, name="upload_warned"
    ),
    path("uploads/<int:pk>/rejected.csv", upload_rows.rejected_file, name="upload_rejected_file"),
    path("flags/", flags.flag_list, name="flags"),
    path("flags/export.csv", flags.flag_export, name="flag_export"),
    path("flags/<str:public_id>/", flag.flag, name="flag"),
    path("flags/<str:public_id>/recomputed/", flag.flag_recomputed, name="flag_recomputed"),
    path("flags/<str:public_id>/claim/", flag_acts.claim, name="flag_claim"),
    path("flags/<str:public_id>/release/", flag_acts.release, name="flag_release"),
    path("flags/<str:public_id>/decide/", flag_acts.decide, name="flag_decide"),
    path("flags/<str:public_id>/sign-off/", flag_acts.sign_off, name="flag_sign_off"),
    path("flags/<str:public_id>/recuse/", flag_acts.recuse, name="flag_recuse"),
    path("holdings/", holdings.holding_list, name="holdings"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<str:public_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<str:public_id>/retry/", jobs.retry, name="job_retry"),
    path("dictionary/", dictionary.kind_list, name="dictionary"),
    path("dictionary/<str:name>/", dictionary.kind_page, name="dictionary_kind"),
    path("dictionary/<str:name>/template.csv", dictionary.template_file, name="template_file"),
    path("dictionary/<str:name>/fields.csv", dictionary.dictionary_file, name="dictionary_file"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<str:name>/", rules.rule_page, name="rule"),
    path("trail/", trail.event_list, name="trail"),
    path("integrity/", trail.integrity, name="integrity"),
    path("integrity/verify/", trail.verify, name="integrity_verify"),
]
