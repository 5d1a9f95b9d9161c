"""The pages of sign-in that allauth brings and we have: each declared, no other routed."""

from collections.abc import Callable
from functools import wraps

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.http import HttpRequest, HttpResponse

from .permitted import open_to_all, own_account


def _clearing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have the browser forget what it kept of this site once somebody signed out."""

    @wraps(view)
    def cleared(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return cleared


sign_in = open_to_all(account.login)
sign_out = own_account(_clearing(account.logout))
inactive = open_to_all(account.account_inactive)
password = own_account(account.password_change)
reauthenticate = own_account(account.reauthenticate)
code = open_to_all(factor.authenticate)
code_again = own_account(factor.reauthenticate)
factors = own_account(factor.index)
factor_on = own_account(totp.activate_totp)
factor_off = own_account(totp.deactivate_totp)
recovery_codes = own_account(recovery.view_recovery_codes)
recovery_renewed = own_account(recovery.generate_recovery_codes)
recovery_file = own_account(recovery.download_recovery_codes)
