"""Every setting of the product is read here and nowhere else; the README lists them."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from audits.reference.factors import MME_SETS

os.environ.setdefault("RUST_LOG", "error")  # before deltalake is imported anywhere

BASE_DIR = Path(__file__).resolve().parent.parent
# Whoever waits for a row gives up as soon as on SQLite, and a process that was suspended in
# a transaction does not keep the trail from everybody else.
WAITS = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=30s"


def _folder(path: Path) -> Path:
    """Return ``path`` as a folder that only its owner can enter, made where missing."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _secret(path: Path) -> bytes:
    """Return the 32 secret bytes kept in ``path``, drawing them on first use."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return bytes.fromhex(path.read_text().strip())


def _database(url: str) -> dict:
    """Return Django's settings for ``url``: sqlite:///PATH or postgresql://user:word@host/name.

    What follows a ``?`` goes to libpq, as ``sslmode=verify-full``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("sqlite", "postgresql", "postgres"):
        raise ImproperlyConfigured(
            "a database is named as sqlite:////path/file.db or postgresql://user:password@host/name"
        )
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    " PRAGMA recursive_triggers=ON;"
                ),
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"options": WAITS, **dict(parse_qsl(parts.query))},
    }


VAR = _folder(Path(os.environ.get("OVERSIGHT_VAR", BASE_DIR / "var")))
LEDGER = Path(os.environ.get("OVERSIGHT_LEDGER", VAR / "ledger"))
KEYS = _folder(Path(os.environ.get("OVERSIGHT_KEYS", VAR / "keys")))
DEMO = os.environ.get("OVERSIGHT_DEMO", "") == "1"
PORT = int(os.environ.get("OVERSIGHT_PORT", "8000"))
REDIS_URL = os.environ.get("OVERSIGHT_REDIS_URL", "")

PATIENT_SECRET = _secret(KEYS / "patient.key")
SECRET_KEY = os.environ.get("OVERSIGHT_SECRET_KEY") or _secret(KEYS / "session.key").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("OVERSIGHT_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("OVERSIGHT_ORIGINS", "").split(",") if o]

UPLOAD_LIMIT = int(os.environ.get("OVERSIGHT_UPLOAD_LIMIT", "2147483648"))  # bytes
REFERENCE_LIMIT = 256 << 20  # bytes; they are read whole, and FDA's two files are half of it
# A name of audits.reference.factors.MME_SETS; an evaluation keeps the one it was made with.
MME_SET = os.environ.get("OVERSIGHT_MME_SET", "cdc2022+2018")
BEHIND_PROXY = os.environ.get("OVERSIGHT_BEHIND_PROXY", "") == "1"

WEB_MEMORY = os.environ.get("OVERSIGHT_WEB_MEMORY", "512MB")
INGEST_MEMORY = os.environ.get("OVERSIGHT_INGEST_MEMORY", "450MB")
WORKER_MEMORY = os.environ.get("OVERSIGHT_WORKER_MEMORY", "6GB")
WORKER_THREADS = int(os.environ.get("OVERSIGHT_WORKER_THREADS", "2"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "js_lib_bootstrap5",
    "audits",
]

# Who signs in is known before the body of a request is read: a stranger's file never lands
# on the disk, although the token against forged requests travels in the body.
MIDDLEWARE = [
    "oversight.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oversight.sessions.SessionLimits",
    "oversight.sessions.SignedIn",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "oversight.sessions.SecondFactor",
    "oversight.reading.ReadersConnection",
    "oversight.missing.MissingTables",
]

ROOT_URLCONF = "oversight.urls"
WSGI_APPLICATION = "oversight.wsgi.application"
AUTH_USER_MODEL = "audits.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", f"sqlite:///{VAR}/oversight.db"))}
ON_POSTGRESQL = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
# The same PostgreSQL database by a role that may hardly write: who only reads is served by it.
if AUDITOR_URL := os.environ.get("OVERSIGHT_AUDITOR_DATABASE_URL", ""):
    DATABASES["auditor"] = _database(AUDITOR_URL)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = _folder(VAR / "static")
WHITENOISE_USE_FINDERS = True  # straight out of the packages: no step before the first start

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 15},
        "CommonPasswordValidator": {},
        "UserAttributeSimilarityValidator": {},
    }.items()
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "oversight.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_ADAPTER = "oversight.sign_in.FactorAdapter"
MFA_FORMS = {
    "authenticate": "oversight.sign_in.OneTimeCode",
    "reauthenticate": "oversight.sign_in.OneTimeCodeAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Oversight"
FACTOR_SECRET = _secret(KEYS / "factor.key")

SESSION_IDLE = 15 * 60  # seconds
SESSION_LONGEST = 12 * 3600
SESSION_COOKIE_AGE = SESSION_LONGEST
SESSION_COOKIE_NAME = "oversight" if DEMO else "__Host-oversight"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "audits.views.errors.forged"
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = BEHIND_PROXY
SECURE_REDIRECT_EXEMPT = [r"^health$"]  # asked by the proxy itself
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading HSTS is for the domain's owner to ask
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

FILE_UPLOAD_HANDLERS = ["oversight.uploading.LimitedFile"]
FILE_UPLOAD_TEMP_DIR = _folder(VAR / "arriving")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

DJANGO_TABLES2_TEMPLATE = "audits/_table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "oversight.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}

if MME_SET not in MME_SETS:
    raise ImproperlyConfigured(
        f"OVERSIGHT_MME_SET is {MME_SET}; it must be one of: {', '.join(MME_SETS)}"
    )
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
if DEMO and ON_POSTGRESQL:
    raise ImproperlyConfigured(
        "OVERSIGHT_DEMO=1 is for trying out and takes no PostgreSQL: unset it or DATABASE_URL"
    )
if AUDITOR_URL and not (
    ON_POSTGRESQL and DATABASES["auditor"]["ENGINE"] == DATABASES["default"]["ENGINE"]
):
    raise ImproperlyConfigured(
        "OVERSIGHT_AUDITOR_DATABASE_URL is for PostgreSQL, and names the database of DATABASE_URL"
    )
if AUDITOR_URL and DATABASES["auditor"]["USER"] == DATABASES["default"]["USER"]:
    raise ImproperlyConfigured(
        "OVERSIGHT_AUDITOR_DATABASE_URL must name another role than DATABASE_URL"
    )
if DEMO and not set(ALLOWED_HOSTS) <= set(LOOPBACK):
    raise ImproperlyConfigured(
        "OVERSIGHT_DEMO=1 serves this machine only: unset it or OVERSIGHT_HOSTS"
    )
