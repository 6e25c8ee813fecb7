"""A secret that nobody has to think of: made up once, encrypted, never shown."""

from __future__ import annotations

import secrets
from typing import ClassVar

from ..aws import Aws, absent
from ..engine.resource import Live, Lives, Resource, Values, resource


@resource
class Parameter(Resource):
    """A SecureString with a random value, which we neither read back nor compare."""

    service: ClassVar[str] = "ssm"
    fixed: ClassVar[frozenset[str]] = frozenset({"type"})
    name_limit: ClassVar[int] = 1011

    letters: int = 67
    """Length of the value; 67 url-safe letters carry 400 bits."""

    def find(self, aws: Aws) -> Live | None:
        ssm = aws.client("ssm")
        with absent("ParameterNotFound"):
            found = ssm.get_parameter(Name=self.name)["Parameter"]  # without decryption: still a cipher
            tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=self.name)["TagList"]
            return Live(id=self.name, arn=found["ARN"], values={"type": found["Type"]}, ours=aws.owns(tags))
        return None

    def wanted(self, lives: Lives) -> Values:
        return {"type": "SecureString"}

    def create(self, aws: Aws, wanted: Values) -> None:
        # Without Overwrite the call is atomic: of two runs at once, one is told ParameterAlreadyExists.
        aws.client("ssm").put_parameter(
            Name=self.name,
            Type=wanted["type"],
            Value=secrets.token_urlsafe(self.letters)[: self.letters],
            Tags=aws.tag_list(),
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ParameterNotFound"):
            aws.client("ssm").delete_parameter(Name=self.name)
