"""Settings that are the same in every instance. Nothing here depends on the environment; see ``derived``."""

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from config import spoken
from config.database import Place
from config.env import BASE_DIR, Network

# Settings of our own. ``derived`` gives each its value.
SITE_URL: str
VAR_DIR: Path
EMBEDDED_DATABASE: Place | None
FEDERATION: dict[str, Any]
TRUSTED_PROXIES: tuple[Network, ...]
WORKER_JOBS: int
LANGUAGE_CODE: str
LANGUAGES: list[tuple[str, Any]]
WAGTAIL_CONTENT_LANGUAGES: list[tuple[str, Any]]
WAGTAIL_I18N_ENABLED: bool
PAGE_CACHE_BYTES: int
INVITATION_DAYS: int
SEALING_KEYS: tuple[str, ...]
SENDING_DELAY: int

INSTALLED_APPS = [
    "config.apps.InstallationConfig",
    "cms.apps.CmsConfig",
    "federation.apps.FederationConfig",  # may be left out: the site then publishes without being shared
    "procrastinate.contrib.django",
    "wagtail_localize",
    "wagtail_localize.locales",  # in the place of Wagtail's own
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.sitemaps",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",  # the template of sitemap.xml
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.proxies.TrustedProxies",  # first: everything below may believe the headers that it leaves
    "cms.page_cache.middleware.PageCacheMiddleware",  # a hit costs nothing of what stands below
    "cms.language_paths.PageLanguage",
    "config.sentences.Sentences",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.uploads.AnonymousUploads",
    "django_otp.middleware.OTPMiddleware",  # knows who has shown a code in this session
    "django.contrib.messages.middleware.MessageMiddleware",
    "cms.two_factor.gate.SecondFactorGate",  # before anything else that asks who the user is
    "cms.admin_scope.AdminScope",  # below what finds the user and the messages, which its answer shows
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.redirects.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

if "federation.apps.FederationConfig" in INSTALLED_APPS:
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("federation.views.page_links.head_links")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "cms.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "wagtailadmin_login"
# Messages in the session: the usual cookie would be shared by all instances on one host, and set before any click.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

INTERFACE_LANGUAGES = spoken.INTERFACE_LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = spoken.named(INTERFACE_LANGUAGES)
# A translation begins as a draft that is edited like any other page, with its checks, its preview and “Undo”, and says
# itself whether it is shared. Wagtail Localize would publish it at once, in the words of the source.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAIL_LOCALIZE_DEFAULT_TRANSLATION_MODE = "simple"
TIME_ZONE = "UTC"
USE_TZ = True
# Not what a system calls its own, such as “localtime”, of which browsers know nothing.
WAGTAIL_USER_TIME_ZONES = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")

STATIC_URL = "/static/"
MEDIA_URL = "/media/"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page editor sends thousands for a long StreamField

WAGTAIL_SITE_NAME = "Commonwire"
WAGTAILIMAGES_IMAGE_MODEL = "cms.CustomImage"
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "cms.pasting.PastingTextArea"}}
WAGTAILDOCS_DOCUMENT_MODEL = "cms.CustomDocument"
WAGTAIL_ENABLE_UPDATE_CHECK = False  # the admin would ask releases.wagtail.org from every editor's browser
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # no request to a third party
WAGTAILADMIN_NOTIFICATION_USE_HTML = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# Wagtail's own small tasks run in the request that makes them; everything of ours goes through Procrastinate.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the editor shows previews of pages in a frame

# Who answers the editor's questions about sharing. Without federation, `federation.contract.NullDesk` does.
CMS = {"DESK": "federation.desk.FederationDesk"}
