"""Settings of the Django peer; everything variable comes from the environment."""
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name, default=""):
    return os.environ.get(name, default)


def flag(name, default):
    return env(name, default).lower() in ("1", "true", "yes", "on")


def database(url):
    if url.startswith(("postgres://", "postgresql://")):
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": url[len("sqlite:///"):] if url.startswith("sqlite:///") else url,
    }


SECRET_KEY = env("SECRET_KEY", "conformance-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz")
DEBUG = flag("DEBUG", "0")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
DATABASES = {"default": database(env("DATABASE_URL", str(BASE_DIR / "db.sqlite3")))}
CACHES = {
    "default": {
        # Shared by the workers, so that throttling counts across them.
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": env("CACHE_DIR", str(BASE_DIR / ".cache")),
    }
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "thesaurus",
    "bookshop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / ".static")))
STATICFILES_DIRS = [Path(env("STATIC_DIR"))] if env("STATIC_DIR") else []
LOGIN_REDIRECT_URL = "/api/v1/"
LOGOUT_REDIRECT_URL = "/api-auth/login/"

# AUTH_CLASSES is an ordered list; the first one decides between 401 and 403.
AUTH_CLASSES = {
    "jwt": "rest_framework_simplejwt.authentication.JWTAuthentication",
    "session": "rest_framework.authentication.SessionAuthentication",
    "basic": "rest_framework.authentication.BasicAuthentication",
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        AUTH_CLASSES[name] for name in env("AUTH_CLASSES", "jwt,session,basic").split(",")
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.Pages",
    "DEFAULT_THROTTLE_RATES": {
        "token": env("THROTTLE_TOKEN") or None,
        "me": env("THROTTLE_ME") or None,
    },
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(env("JWT_ACCESS_SECONDS", "300"))),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=int(env("JWT_REFRESH_SECONDS", "86400"))),
    "ROTATE_REFRESH_TOKENS": flag("JWT_ROTATE", "1"),
    "BLACKLIST_AFTER_ROTATION": flag("JWT_BLACKLIST", "1"),
}
