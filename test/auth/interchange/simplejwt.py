"""
Tokens by SimpleJWT itself: reads a question as JSON from standard input and writes the answer.

    {"settings": {"ALGORITHM": …}, "make": {"user_id": 1, "now": seconds}}     -> {"access": …, "refresh": …, "sliding": …}
    {"settings": {"ALGORITHM": …}, "read": [["access", token], …]}             -> [claims, …]; null where it refuses
"""
import json
import sys
from datetime import datetime, timedelta, timezone

import django
from django.conf import settings

question = json.load(sys.stdin)
settings.configure(
    SECRET_KEY="of no meaning here, but long enough for Django",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    SIMPLE_JWT=question["settings"],
)
django.setup()

from rest_framework_simplejwt.exceptions import TokenError  # noqa: E402
from rest_framework_simplejwt.settings import api_settings  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken  # noqa: E402


def make(user_id, now=None):
    refresh, sliding = RefreshToken(), SlidingToken()
    for token in (refresh, sliding):
        token[api_settings.USER_ID_CLAIM] = user_id
        if now is not None:
            token.current_time = datetime.fromtimestamp(now, timezone.utc)
            token.set_exp()
            token.set_iat()
    if now is not None:
        sliding.set_exp("refresh_exp", lifetime=timedelta(days=1))
    return {"access": str(refresh.access_token), "refresh": str(refresh), "sliding": str(sliding)}


def read(tokens):
    classes = {"access": AccessToken, "refresh": RefreshToken, "sliding": SlidingToken}
    claims = []
    for kind, text in tokens:
        try:
            claims.append(classes[kind](text).payload)
        except TokenError:
            claims.append(None)
    return claims


answer = make(**question["make"]) if "make" in question else read(question["read"])
json.dump(answer, sys.stdout)
