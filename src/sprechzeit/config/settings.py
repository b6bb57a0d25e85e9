"""Settings. Everything an operator may set is an environment variable `SPRECHZEIT_*` (docs/operators/settings.md)."""

import os
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

from sprechzeit.config.environment import database, secret
from sprechzeit.core.peers import networks
from sprechzeit.operations.backup.bucket import Bucket

env = Env()

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("SPRECHZEIT_DATA_DIR", str(Path.home() / ".local/share/sprechzeit")))

DEBUG = False
SECRET_KEY = secret("SPRECHZEIT_SECRET_KEY")
MASTER_KEY = secret("SPRECHZEIT_MASTER_KEY")
PUBLIC_URL = env.str("SPRECHZEIT_PUBLIC_URL", f"http://127.0.0.1:{env.str('SPRECHZEIT_PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = env.list("SPRECHZEIT_HOSTS", ["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname])
SECURE = PUBLIC_URL.startswith("https://")

# One entry per room that has models, templates or commands, top to bottom as in the architecture.
INSTALLED_APPS = [
    "sprechzeit.operations",
    "sprechzeit.privacy",
    "sprechzeit.portal",
    "sprechzeit.partners",
    "sprechzeit.integrations",
    "sprechzeit.messages",
    "sprechzeit.video",
    "sprechzeit.records",
    "sprechzeit.community",
    "sprechzeit.scheduling",
    "sprechzeit.patients",
    "sprechzeit.practice",
    "sprechzeit.accounts",
    "sprechzeit.audit",
    "sprechzeit.ui",
    "sprechzeit.core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "sprechzeit.core.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "sprechzeit.core.requests.PlainTextMiddleware",
    "sprechzeit.ui.errors.NotAllowedMiddleware",
    "sprechzeit.practice.named.NamedPracticeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "sprechzeit.config.urls"
WSGI_APPLICATION = "sprechzeit.config.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sprechzeit.config.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "sprechzeit.ui.forms.FormRenderer"

# PostgreSQL only. The application connects as `sprechzeit_app`; `migrate` is started with the owner's URL.
DATABASES = {"default": database(env.str("SPRECHZEIT_DATABASE_URL", ""))}
DATABASE_LISTEN_URL = env.str("SPRECHZEIT_DATABASE_LISTEN_URL", "") or env.str("SPRECHZEIT_DATABASE_URL", "")
DATABASE_BACKUP_URL = env.str("SPRECHZEIT_DATABASE_BACKUP_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
SESSION_ENGINE = "sprechzeit.accounts.sessions"
SESSION_COOKIE_AGE = env.int("SPRECHZEIT_SESSION_HOURS", 14) * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "sprechzeit.ui.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["sprechzeit.accounts.sessions.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "scheduling:book"
ACCOUNT_ADAPTER = "sprechzeit.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
# At an open session the old password can be guessed too. Signing in has limits of our own, accounts/guessing.py: one by
# address alone would hold up devices that are known. "login_failed" is of the codes of the second factor.
ACCOUNT_RATE_LIMITS = {"change_password": "5/15m/user", "login": None, "login_failed": None}
ACCOUNT_SESSION_REMEMBER = False
# Seconds after signing in, or after confirming it, in which what matters most may be done without asking again.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "sprechzeit.accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "sprechzeit.accounts.second_factor.AuthenticateForm",
    "reauthenticate": "sprechzeit.accounts.second_factor.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Otherwise a stolen key without its PIN would do where one ceremony answers for another.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A clock that is half a minute off is no reason to be locked out.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Sprechzeit"
# Addresses are proven by the invitation that came there, and by the link that changes them.
MFA_ALLOW_UNVERIFIED_EMAIL = True

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
FORMAT_MODULE_PATH = ["sprechzeit.config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Without its files: the largest form is a booking. Files are taken where a page says so, and nowhere else.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["sprechzeit.core.requests.NoUpload"]

# Without a mail server, to try it out: mails are files in <data>/mail, and `sprechzeit check` says so.
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST = env.str("SPRECHZEIT_SMTP_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_PORT = env.int("SPRECHZEIT_SMTP_PORT", 587)
EMAIL_HOST_USER = env.str("SPRECHZEIT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.str("SPRECHZEIT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.bool("SPRECHZEIT_SMTP_STARTTLS", EMAIL_PORT == 587)
EMAIL_USE_SSL = env.bool("SPRECHZEIT_SMTP_TLS", EMAIL_PORT == 465)
EMAIL_TIMEOUT = env.int("SPRECHZEIT_SMTP_TIMEOUT_SECONDS", 15)
DEFAULT_FROM_EMAIL = env.str("SPRECHZEIT_MAIL_FROM", "Sprechzeit <noreply@localhost>")

MAIL_DOMAIN = urlsplit(PUBLIC_URL).hostname or "localhost"

# Backups by the clock (OPS-21): where to, when by the clock of TIME_ZONE, and how many stay.
BACKUP_FOLDER = env.str("SPRECHZEIT_BACKUP_FOLDER", "")
BACKUP_BUCKET = Bucket.from_environment(os.environ)
BACKUP_AT = env.time("SPRECHZEIT_BACKUP_AT", time(2, 30))
BACKUPS_KEPT = env.int("SPRECHZEIT_BACKUPS_KEPT", 14, validate=validate.Range(min=1))
OPERATOR_MAIL = env.str("SPRECHZEIT_OPERATOR_MAIL", "")

# Documents of records (DOC-3): the largest file that is taken. It is held in memory while it is made anew.
DOCUMENT_BYTES = env.int("SPRECHZEIT_DOCUMENT_MEGABYTES", 25, validate=validate.Range(min=1, max=100)) * 1024 * 1024

# The licence for booking portals (OTV-1): the file, and whose signature it may have; else the installation's own.
LICENCE_FILE = env.str("SPRECHZEIT_LICENCE_FILE", "")
LICENCE_ISSUERS: list[str] = env.list("SPRECHZEIT_LICENCE_ISSUERS", [])

# Limits against abuse (BOO-8), counted in PostgreSQL.
HOLDS_PER_HOUR_AND_ADDRESS = env.int("SPRECHZEIT_HOLDS_PER_HOUR", 20)
HOLDS_AT_A_TIME = env.int("SPRECHZEIT_HOLDS_AT_A_TIME", 2)
# Of a booking partner: times that it keeps at once, and those of an hour that no booking came of.
PARTNER_HOLDS_AT_A_TIME = env.int("SPRECHZEIT_PARTNER_HOLDS_AT_A_TIME", 20, validate=validate.Range(min=1))
PARTNER_UNUSED_HOLDS = env.int("SPRECHZEIT_PARTNER_UNUSED_HOLDS", 200, validate=validate.Range(min=1))
BOOKINGS_PER_HOUR_AND_EMAIL = env.int("SPRECHZEIT_BOOKINGS_PER_HOUR", 5)
PARTNER_CALLS_PER_MINUTE = env.int("SPRECHZEIT_PARTNER_CALLS_PER_MINUTE", 600)
PARTNER_WRITES_PER_MINUTE = env.int("SPRECHZEIT_PARTNER_WRITES_PER_MINUTE", 60)
PARTNER_MATCHES_PER_MINUTE = env.int("SPRECHZEIT_PARTNER_MATCHES_PER_MINUTE", 60)
VIDEO_CALLS_PER_MINUTE = env.int("SPRECHZEIT_VIDEO_CALLS_PER_MINUTE", 120)
TRUSTED_PROXIES: list[str] = env.list("SPRECHZEIT_TRUSTED_PROXIES", [])

# Networks that changes may be reported to though they are not the internet (OTV-9); with this machine's own, by http.
WEBHOOK_NETWORKS = networks(env.list("SPRECHZEIT_WEBHOOK_NETWORKS", []))

# Relays for consultations whose two sides cannot reach each other (VID-3), as coturn with `use-auth-secret`. Without:
# none. `ONLY`: never past them, so that neither side learns the other's address on the internet.
TURN_URLS: list[str] = env.list("SPRECHZEIT_TURN_URLS", [])
TURN_SECRET = secret("SPRECHZEIT_TURN_SECRET") if TURN_URLS else ""
TURN_ONLY = env.bool("SPRECHZEIT_TURN_ONLY", False)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
}

# The e-mail is unique without regard to case, by a constraint that the check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

PROCRASTINATE_ON_APP_READY = "sprechzeit.config.subscriptions.connect"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "sprechzeit.core.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SPRECHZEIT_LOG_LEVEL", "WARNING")},
}
