"""Sign-in, sessions and headers: who gets in, for how long, and what each answer carries."""

import os
import subprocess
import sys
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from audits import accounts, trail
from audits.accounts import AccountError
from audits.models import Event, User
from audits.views.permitted import undeclared
from oversight import sessions, sign_in
from oversight.headers import CONTENT_POLICY

from .people import PASSWORD, ROLES, browser_of, demo, person  # noqa: F401

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def enter(client: Client, name: str, password: str = PASSWORD, **more):
    return client.post("/sign-in/", {"login": name, "password": password, **more})


def actions() -> list[str]:
    return list(Event.objects.values_list("action", flat=True))


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def with_codes(user: User) -> User:
    secret = sign_in.FactorAdapter().encrypt(SECRET)
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    return user


def test_every_address_says_who_may_see_it():
    assert undeclared() == []
    assert [error for error in checks.run_checks() if error.is_serious()] == []


@pytest.mark.usefixtures("demo")
class TestADemo:
    def test_a_person_signs_in_with_a_password_and_the_trail_says_so(self, client):
        person("auditor", "ann")
        assert enter(client, "ann").status_code == 302
        assert client.get("/").status_code == 200
        client.post("/sign-out/")
        assert client.get("/").status_code == 302
        assert actions() == ["signed_in", "signed_out"]
        assert Event.objects.first().actor_label == "ann"

    def test_a_wrong_password_and_an_unknown_name_get_the_same_words(self, client):
        person("auditor", "ann")
        known, unknown = enter(client, "ann", "wrong"), enter(client, "nobody", "wrong")
        assert known.context["form"].errors == unknown.context["form"].errors
        assert actions() == ["sign_in_failed", "sign_in_failed"]

    def test_a_failed_name_is_never_kept_in_clear(self, client):
        enter(client, "my-secret-password", "wrong")
        event = Event.objects.get()
        assert "my-secret" not in str(vars(event))

    @pytest.mark.parametrize("name", ["ann", "nobody"])
    def test_an_account_known_or_not_is_closed_after_ten_failures_in_every_process(
        self, client, name
    ):
        person("auditor", "ann")
        for _ in range(10):
            accounts.sign_in_failed(client.get("/health").wsgi_request, name, "password")
        answer = enter(client, name)
        assert "Too many failed attempts" in str(answer.context["form"].errors)

    def test_the_session_gets_a_new_key_at_sign_in_and_the_old_is_dead_after_sign_out(self, client):
        person("auditor", "ann")
        client.get("/sign-in/")
        before = client.session.session_key
        enter(client, "ann")
        during = client.session.session_key
        assert before != during
        client.post("/sign-out/")
        client.cookies["oversight"] = during
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize(
        ("begun", "seen", "status"),
        [(0, 0, 200), (0, 899, 200), (0, 901, 302), (43_100, 0, 200), (43_201, 0, 302)],
    )
    def test_a_session_ends_after_15_idle_minutes_and_after_12_hours(self, begun, seen, status):
        client, now = browser_of("auditor"), time.time()
        session = client.session
        session[sessions.BEGUN], session[sessions.SEEN] = now - begun, now - seen
        session.save()
        assert client.get("/").status_code == status
        ended = "session_ended" in actions()
        assert ended == (status == 302)
        assert "signed_out" not in actions()

    def test_a_page_that_asks_by_itself_keeps_no_session_alive(self):
        client = browser_of("auditor")
        session = client.session
        session[sessions.SEEN] = since = time.time() - 600
        session.save()
        client.get("/", headers={sessions.POLL: "1"})
        assert client.session[sessions.SEEN] == since
        client.get("/")
        assert client.session[sessions.SEEN] > since

    def test_a_person_switched_off_is_out_at_once(self):
        client = browser_of("auditor")
        User.objects.update(is_active=False)
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize(
        "target", ["https://evil.example", "//evil.example", "\\\\evil.example", "javascript:x"]
    )
    def test_signing_in_leads_nowhere_else(self, client, target):
        person("auditor", "ann")
        answer = enter(client, "ann", next=target)
        assert answer.status_code == 302
        assert answer.url == "/"

    def test_a_new_password_ends_the_other_sessions(self, client):
        person("auditor", "ann")
        other = Client()
        enter(client, "ann")
        enter(other, "ann")
        words = {"oldpassword": PASSWORD, "password1": "quite another phrase"}
        answer = client.post("/account/password/", words | {"password2": "quite another phrase"})
        assert answer.status_code == 302
        assert other.get("/").status_code == 302
        assert "password_changed" in actions()

    def test_a_fragment_without_a_session_sends_the_whole_page_to_sign_in(self, client):
        answer = client.get("/uploads/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in/")

    def test_a_form_without_its_token_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("administrator"))
        assert client.post("/uploads/1/promote/").status_code == 403
        assert client.post("/integrity/verify/").status_code == 403

    def test_a_refusal_is_an_event(self):
        client = browser_of("compliance officer")
        assert client.get("/jobs/").status_code == 403
        event = Event.objects.last()
        assert (event.action, event.outcome, event.object_id) == (
            "access_denied",
            "denied",
            "/jobs/",
        )

    def test_another_machine_is_refused(self, client):
        assert client.get("/health", REMOTE_ADDR="10.0.0.7").status_code == 403
        assert client.get("/health", REMOTE_ADDR="::1").status_code == 200

    @pytest.mark.parametrize("address", ["/", "/health", "/sign-in/", "/nothing/", "/jobs/"])
    def test_every_answer_carries_the_headers(self, address):
        answer = browser_of("auditor").get(address)
        assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert len(answer.headers["X-Request-ID"]) == 16

    def test_signing_out_clears_the_browser(self):
        answer = browser_of("auditor").post("/sign-out/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'

    @pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password"])
    def test_pages_we_do_not_have_are_not_routed(self, name):
        with pytest.raises(Exception, match="not found"):
            reverse(name)


class TestInProduction:
    def test_a_password_alone_leads_to_setting_up_codes_and_nowhere_else(self, client, settings):
        settings.DEMO = False
        person("administrator", "ann")
        enter(client, "ann")
        for address in ("/", "/uploads/", "/trail/", "/rules/"):
            assert client.get(address).url == "/account/codes/on/"
        assert client.get("/account/codes/on/").status_code == 200
        assert client.get("/account/password/").status_code == 200

    def test_a_code_follows_the_password_and_lets_in_once(self, client, settings):
        settings.DEMO = False
        with_codes(person("administrator", "ann"))
        assert enter(client, "ann").url == "/sign-in/code/"
        assert client.get("/").status_code == 302
        code = code_now()
        assert client.post("/sign-in/code/", {"code": code}).status_code == 302
        assert client.get("/").status_code == 200
        other = Client()
        enter(other, "ann")
        again = other.post("/sign-in/code/", {"code": code})
        assert again.status_code == 200
        assert other.get("/").status_code == 302

    def test_a_wrong_code_is_an_event_and_lets_nobody_in(self, client, settings):
        settings.DEMO = False
        with_codes(person("administrator", "ann"))
        enter(client, "ann")
        client.post("/sign-in/code/", {"code": "000000"})
        assert client.get("/").status_code == 302
        assert actions() == ["sign_in_failed"]

    def test_a_session_that_never_gave_its_code_is_ended(self, client, settings):
        settings.DEMO = False
        client.force_login(with_codes(person("administrator", "ann")))
        assert client.get("/").url == "/sign-in/"

    @pytest.mark.django_db(transaction=True)
    def test_codes_can_be_set_up_and_not_switched_off(self, client, settings):
        settings.DEMO = False
        user = person("administrator", "ann")
        enter(client, "ann")
        client.get("/account/codes/on/")
        session = client.session
        session["mfa.totp.secret"] = SECRET
        session.save()
        answer = client.post("/account/codes/on/", {"code": code_now()})
        assert answer.status_code == 302, answer.context["form"].errors
        assert client.get("/").status_code == 200
        assert client.get("/account/recovery/").status_code == 200
        client.post("/account/codes/off/")
        assert Authenticator.objects.filter(user=user, type="totp").exists()
        assert "mfa_changed" in actions()

    def test_the_secret_of_the_codes_is_not_kept_in_clear(self):
        user = with_codes(person("administrator", "ann"))
        kept = Authenticator.objects.get(user=user).data["secret"]
        assert SECRET not in kept
        assert sign_in.FactorAdapter().decrypt(kept) == SECRET


class TestAccounts:
    def test_the_roles_hold_exactly_what_they_should(self):
        for role, wanted in accounts.ROLES.items():
            user = person(role)
            held = {name.removeprefix("audits.") for name in user.get_all_permissions()}
            assert held == set(wanted)
        assert tuple(accounts.ROLES) == ROLES

    def test_installing_the_roles_again_takes_away_what_somebody_added(self):
        user = person("auditor")
        group = user.groups.get()
        group.permissions.add(
            *User.groups.rel.model.objects.get(name="administrator").permissions.all()
        )
        accounts.install_roles()
        assert not User.objects.get(pk=user.pk).has_perm("audits.upload_records")

    def test_an_account_is_made_with_a_password_shown_once(self, client, settings):
        settings.DEMO = True
        user, password = accounts.create("ann", "auditor", trail.Actor.command("tester"))
        assert len(password) >= 20
        assert password not in user.password
        assert enter(client, "ann", password).status_code == 302
        assert actions()[0] == "user_created"

    @pytest.mark.parametrize(
        ("name", "role"), [("ann", "king"), ("ANN", "auditor"), ("a b", "auditor")]
    )
    def test_a_bad_account_is_refused(self, name, role):
        person("auditor", "ann")
        with pytest.raises(AccountError):
            accounts.create(name, role, trail.Actor.command("tester"))


@pytest.mark.parametrize(
    "environment",
    [{"DATABASE_URL": "postgresql://a:b@db/x"}, {"OVERSIGHT_HOSTS": "oversight.example"}],
)
def test_a_demo_refuses_postgresql_and_other_hosts(environment, tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", "import oversight.settings"],
        env={**os.environ, "OVERSIGHT_DEMO": "1", "OVERSIGHT_VAR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ImproperlyConfigured.__name__ in found.stderr
