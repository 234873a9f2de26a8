"""All settings, read from the environment through typed readers that refuse nonsense at boot.

Without any variable the project runs as on a developer's machine: DEBUG off, SQLite and mails under ``var/``, and a
secret key made once and kept there. PRODUCTION needs DATABASE_URL, REDIS_URL, SECRET_KEY, PUBLIC_URL and EMAIL_URL.
"""

from __future__ import annotations

import logging
import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import csp.constants
import dj_database_url
from celery.schedules import crontab
from environs import Env, validate

from config.mail_server import mail_server

ROOT = Path(__file__).resolve().parents[2]
env = Env()
REQUIRED: Any = ...  # no default: a variable that is not set is refused at boot


def kept_secret(path: Path) -> str:
    """Return the secret kept at the path, made at the first call; readable by its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()


PRODUCTION = env.bool("PRODUCTION", False)
DEBUG = env.bool("DEBUG", False)
VAR = env.path("VAR", ROOT / "var")
VAR.mkdir(parents=True, exist_ok=True)
PUBLIC_URL = env.str(
    "PUBLIC_URL", REQUIRED if PRODUCTION else "http://127.0.0.1:8000", validate=validate.URL(require_tld=False)
).rstrip("/")
SECRET_KEY = env.str(
    "SECRET_KEY", REQUIRED if PRODUCTION else kept_secret(VAR / "secret-key"), validate=validate.Length(32)
)
# localhost: the health check asks from inside
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", [urlsplit(PUBLIC_URL).hostname]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- what the project is made of ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "surveys",
    "scoring",
    "demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "config.permissions_policy.PermissionsPolicy",  # first, so that it sees the answers of all others
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.HeadAsGet",
    "config.middleware.ReadableCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "accounts.middleware.UnitWords",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.KnownMethods",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TooManyAttempts",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.ReadableRequests",
    "config.middleware.KnownParameters",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["accounts.templatetags.units"],  # any text may name what a series ranks
        },
    }
]

# --- data ---------------------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Return Django's database settings for an address; SQLite is made fit for several writers."""
    chosen: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if chosen["ENGINE"] == "django.db.backends.postgresql":
        chosen["OPTIONS"] = {"connect_timeout": 5} | chosen.get("OPTIONS", {})  # nobody waits for minutes to hear 503
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        # writers wait for each other instead of failing half-way; readers never wait
        chosen["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        }
    return chosen


DATABASE_URL = (
    env.str("DATABASE_URL") if PRODUCTION else env.str("DATABASE_URL", f"sqlite:///{VAR / 'steelyard.sqlite3'}")
)
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str(
    "REDIS_URL",
    REQUIRED if PRODUCTION else "redis://127.0.0.1:6379/0",
    validate=validate.URL(schemes={"redis", "rediss"}, require_tld=False),
)
REDIS_SECONDS = 0.5  # how long a request waits for Redis to answer; nothing is lost where it does not
_REDIS = {
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS},
}
CACHES = {
    "default": {"BACKEND": "config.caches.ForgetfulCache", **_REDIS},
    # what counts wrong passwords must know that Redis is away, and each process then counts for itself
    "attempts": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_REDIS},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}},
}

# --- workers ------------------------------------------------------------------------------------------------------------

STALE_AFTER_SECONDS = env.int("STALE_AFTER_SECONDS", 60, validate=validate.Range(min=1))
SCORING_PART_SECONDS = env.float("SCORING_PART_SECONDS", 2.0, validate=validate.Range(min=0.001))
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL  # counts the parts of spread work; nobody reads a result
CELERY_RESULT_EXPIRES = 86_400  # longer than spread work may wait; what is left of lost work goes by itself
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = CELERY_REDIS_SOCKET_TIMEOUT = 10.0  # workers alone ask it, and they may wait
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # worker and beat wait for a lost broker as long as it is away
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 10.0, "socket_timeout": 10.0}
CELERY_TASK_PUBLISH_RETRY = False  # the row is the queue: the sweep tries again
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 30.0)
DAILY_MAIL_HOUR = env.int(
    "DAILY_MAIL_HOUR", 7, validate=validate.Range(min=0, max=23)
)  # of what waits, by series' clocks
CELERY_BEAT_SCHEDULE = {
    "close due rounds": {"task": "surveys.close_due_rounds", "schedule": crontab()},
    "open due rounds": {"task": "surveys.open_due_rounds", "schedule": crontab()},
    "find mails that wait": {"task": "surveys.sweep", "schedule": SWEEP_SECONDS},
    "find mails about accounts that wait": {"task": "accounts.sweep", "schedule": SWEEP_SECONDS},
    "mail what waits": {"task": "scoring.queue_daily_mails", "schedule": crontab(minute="*/15")},
    "find lost work": {"task": "scoring.sweep", "schedule": SWEEP_SECONDS},
}

# --- people -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
PASSWORD_RESET_TIMEOUT = 86_400  # seconds that a link to a new password opens
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
    "change_password": "accounts.forms.OwnPasswordForm",
}
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_ENABLED = False  # the first account takes a key, every other one an invitation
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # `accounts.password_attempts` counts, which neither waits for a lock nor needs Redis
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factor_forms.CodeForm",
    "reauthenticate": "accounts.second_factor_forms.ConfirmCodeForm",
    "activate_totp": "accounts.second_factor_forms.FirstCodeForm",
    "add_webauthn": "accounts.second_factor_forms.NewPasskeyForm",
    "edit_webauthn": "accounts.second_factor_forms.PasskeyNameForm",
    "login_webauthn": "accounts.second_factor_forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.second_factor_forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.second_factor_forms.ConfirmPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Steelyard"
MFA_TOTP_TOLERANCE = 1  # codes of 30 seconds before and after: clocks differ, and people type
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # who has a link that was mailed there has shown that it is hers
MFA_RATE_LIMITS = False  # as ACCOUNT_RATE_LIMITS
PASSWORD_FAILURES = 10  # of one account, and of one network address, in a window
PASSWORD_WINDOW_SECONDS = 900
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "scoring:desk"
LOGOUT_REDIRECT_URL = "scoring:home"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "steelyard@localhost")
# whom a person may ask whose personal link opens nothing
CONTACT = env.str("CONTACT", parseaddr(DEFAULT_FROM_EMAIL)[1])
LINK_DAYS = env.int("LINK_DAYS", 400, validate=validate.Range(min=1))
# how often a person may knock; a whole office may share one network address
DOOR_RATES = {
    "unknown_link": "600/hour",  # links that open nothing, from one network address
    "fresh_link": "3/hour",  # fresh links to one mail address, or of one panelist
    "fresh_links": "60/hour",  # requests for fresh links from one network address
    "passkey": "600/hour",  # questions for a passkey to sign in with, from one network address
    "request": "10/hour",  # other requests behind one link
    "password_link": "3/hour",  # mails with a link to a new password, to one mail address
    "password_links": "60/hour",  # requests for them from one network address
}
_mail = env.str("EMAIL_URL", "")  # no setting, whose name would not hide the password
if _mail or PRODUCTION:
    _server = mail_server(_mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _server.host, _server.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _server.user, _server.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _server.starts_tls, _server.is_tls
    EMAIL_TIMEOUT = 30  # seconds
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = "config.mail_files.EmailBackend", VAR / "mail"

# --- languages ----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ar", "العربية"),
    ("zh-hans", "简体中文"),
    ("fr", "Français"),
    ("ru", "Русский"),
    ("pt", "Português"),
]
LOCALE_PATHS = [ROOT / "locale", ROOT / "platform" / "config" / "kinds"]  # of cities; of other kinds of unit
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files --------------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", VAR / "static") if PRODUCTION else None  # elsewhere the finders serve the sources
STATICFILES_DIRS = [ROOT / "platform" / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static_files.Storage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- doors --------------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.constants.NONE],
        "script-src": [csp.constants.SELF],
        "style-src": [csp.constants.SELF],
        "img-src": [csp.constants.SELF, "data:"],
        "font-src": [csp.constants.SELF],
        "connect-src": [csp.constants.SELF],
        "manifest-src": [csp.constants.SELF],
        "form-action": [csp.constants.SELF],
        "base-uri": [csp.constants.NONE],
        "frame-ancestors": [csp.constants.NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True  # scripts read the page's own language; the token of forms they need
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = PUBLIC_URL.startswith("https:")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
    SILENCED_SYSTEM_CHECKS = ["security.W021"]  # to be in browsers' own lists is for the domain's owner to ask
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT

# anybody's page may read what is published; nobody's page may write, and no cookie goes along
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_EXPOSE_HEADERS = ["Content-Language", "ETag", "Last-Modified", "Link", "Retry-After"]
CORS_URLS_REGEX = r"^/(api/|s/[^/]+/[^/]+/v[0-9.]+/(files|charts)/.)"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsers.FlatJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # everything answers in JSON
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE", "300/minute", validate=validate.Regexp(r"^\d+/(second|minute|hour|day)$"))
    },
    "EXCEPTION_HANDLER": "config.errors.problem",
    # how many proxies of ours stand in front: the last addresses they add are true, the ones before them anybody's claim
    "NUM_PROXIES": env.int("PROXIES", 1 if PRODUCTION else 0, validate=validate.Range(min=0)),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Steelyard",
    "DESCRIPTION": "Rankings with their weights, methods and data, as released. Reading needs no key; what a role in a series opens needs a session.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "EditionState": "scoring.models.Edition.State",
        "JobState": "scoring.models.Job.State",
        "RoundState": "surveys.models.Round.State",
        "ValueState": "scoring.api.answers.VALUE_STATES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.say_what_is_shared",
    ],
}

# --- log ----------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without tokens": {"()": "config.logs.WithoutTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without tokens"]}},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", logging.INFO)},
}
