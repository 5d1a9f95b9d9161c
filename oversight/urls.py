"""Addresses of the site: its pages, and those of one's own account."""

from django.urls import include, path

from audits.views import account

# The names are allauth's: its pages lead to one another by them.
own = [
    path("sign-in/", account.sign_in, name="account_login"),
    path("sign-in/code/", account.code, name="mfa_authenticate"),
    path("sign-out/", account.sign_out, name="account_logout"),
    path("account/inactive/", account.inactive, name="account_inactive"),
    path("account/password/", account.password, name="account_change_password"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", account.code_again, name="mfa_reauthenticate"),
    path("account/codes/", account.factors, name="mfa_index"),
    path("account/codes/on/", account.factor_on, name="mfa_activate_totp"),
    path("account/codes/off/", account.factor_off, name="mfa_deactivate_totp"),
    path("account/recovery/", account.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery/new/", account.recovery_renewed, name="mfa_generate_recovery_codes"),
    path("account/recovery/file/", account.recovery_file, name="mfa_download_recovery_codes"),
]

urlpatterns = [*own, path("", include("audits.urls"))]

handler403 = "audits.views.errors.denied"
handler404 = "audits.views.errors.missing"
handler500 = "audits.views.errors.broken"
