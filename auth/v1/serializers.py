"""Shapes of the token calls."""

from rest_framework import serializers

from auth.models import Token
from core.api.fields import Body, TextField


class Credentials(Body):
    """Who signs in, and what the token is for."""

    username = TextField(max_length=150)
    password = TextField(max_length=1000, style={"input_type": "password"}, write_only=True)
    name = TextField(max_length=100, default="", allow_blank=True)


class NewToken(serializers.Serializer[dict[str, object]]):
    """The one answer that carries the secret."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenShape(serializers.ModelSerializer[Token]):
    """A token without its secret. Instants are UTC."""

    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)

    class Meta:
        model = Token
        fields = ("id", "name", "created_at", "expires_at", "last_used_at")


class TokenList(serializers.Serializer[dict[str, object]]):
    """One's own tokens, all on one page."""

    results = TokenShape(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
