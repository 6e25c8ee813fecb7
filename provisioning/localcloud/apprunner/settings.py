"""What a service is set to: a request's settings, checked, completed, and spelled as AWS returns them."""

from dataclasses import dataclass
from typing import Any

from ..iam import find_role, trusts
from .errors import InvalidRequest

# App Runner's developer guide, "Architecture and concepts": which memory (MB) each CPU (units) can have.
MEMORY = {
    "256": ("512", "1024"),
    "512": ("1024",),
    "1024": ("2048", "3072", "4096"),
    "2048": ("4096", "6144"),
    "4096": ("8192", "10240", "12288"),
}
ACCESS_PRINCIPAL = "build.apprunner.amazonaws.com"
INSTANCE_PRINCIPAL = "tasks.apprunner.amazonaws.com"
# botocore's model.
HEALTH = {
    "Protocol": "TCP",
    "Path": "/",
    "Interval": 5,
    "Timeout": 2,
    "HealthyThreshold": 1,
    "UnhealthyThreshold": 5,
}
NETWORK = {
    "EgressConfiguration": {"EgressType": "DEFAULT"},
    "IngressConfiguration": {"IsPubliclyAccessible": True},
    "IpAddressType": "IPV4",
}


@dataclass(frozen=True)
class Settings:
    source: dict[str, Any]
    instance: dict[str, Any]
    health: dict[str, Any]
    network: dict[str, Any]

    @classmethod
    def of(cls, request: dict[str, Any], former: "Settings | None" = None) -> "Settings":
        """Of a CreateService or UpdateService request; raises InvalidRequest."""
        settings = cls(
            {
                "AutoDeploymentsEnabled": True,
                **(former.source if former else {}),
                **request.get("SourceConfiguration", {}),
            },
            units(
                {
                    "Cpu": "1024",
                    "Memory": "2048",
                    **(former.instance if former else {}),
                    **request.get("InstanceConfiguration", {}),
                }
            ),
            {**HEALTH, **(former.health if former else {}), **request.get("HealthCheckConfiguration", {})},
            {**NETWORK, **(former.network if former else {}), **request.get("NetworkConfiguration", {})},
        )
        settings.check()
        return settings

    @property
    def image(self) -> str:
        return str(self.source["ImageRepository"]["ImageIdentifier"])

    @property
    def image_configuration(self) -> dict[str, Any]:
        return dict(self.source["ImageRepository"].get("ImageConfiguration", {}))

    @property
    def access_role(self) -> str | None:
        return self.source.get("AuthenticationConfiguration", {}).get("AccessRoleArn")

    @property
    def instance_role(self) -> str | None:
        return self.instance.get("InstanceRoleArn")

    @property
    def connector(self) -> str | None:
        return self.network.get("EgressConfiguration", {}).get("VpcConnectorArn")

    def described(self) -> dict[str, Any]:
        image = self.source["ImageRepository"]
        configuration = {"Port": "8080", **image.get("ImageConfiguration", {})}
        return {
            "SourceConfiguration": {
                **self.source,
                "ImageRepository": {**image, "ImageConfiguration": configuration},
            },
            "InstanceConfiguration": self.instance,
            "HealthCheckConfiguration": self.health,
            "NetworkConfiguration": self.network,
            "ObservabilityConfiguration": {"ObservabilityEnabled": False},
        }

    def check(self) -> None:
        if ("ImageRepository" in self.source) == ("CodeRepository" in self.source):  # botocore's model
            raise InvalidRequest("You must provide either CodeRepository or ImageRepository, but not both.")
        if "CodeRepository" in self.source:
            raise InvalidRequest("The local App Runner runs images only, no source code repositories.")
        if self.instance["Memory"] not in MEMORY[self.instance["Cpu"]]:  # the pairs are AWS's, the text believed
            raise InvalidRequest(
                f"Invalid combination of Cpu {self.instance['Cpu']} and Memory {self.instance['Memory']}. Memory "
                f"for this Cpu: {', '.join(MEMORY[self.instance['Cpu']])}."
            )
        variables = self.image_configuration
        names = [
            *variables.get("RuntimeEnvironmentVariables", {}),
            *variables.get("RuntimeEnvironmentSecrets", {}),
        ]
        if reserved := [name for name in names if name.startswith("AWSAPPRUNNER")]:  # botocore's model
            raise InvalidRequest(f"Keys with a prefix of AWSAPPRUNNER are reserved for system use: {reserved[0]}.")
        self._check_roles()

    def _check_roles(self) -> None:
        private = self.source["ImageRepository"]["ImageRepositoryType"] == "ECR"
        if private and not self.access_role:  # botocore's model: required for ECR image repositories
            raise InvalidRequest("Authentication configuration is required for an ECR image repository.")
        if self.access_role and not trusted(self.access_role, ACCESS_PRINCIPAL):
            raise InvalidRequest(f"Error in assuming access role {self.access_role}")
        if self.instance_role and not trusted(self.instance_role, INSTANCE_PRINCIPAL):  # believed
            raise InvalidRequest(f"Error in assuming instance role {self.instance_role}")
        if self.image_configuration.get("RuntimeEnvironmentSecrets") and not self.instance_role:  # believed
            raise InvalidRequest("Instance Role should be provided to use RuntimeEnvironmentSecrets.")


def trusted(role_arn: str, principal: str) -> bool:
    role = find_role(role_arn)
    return role is not None and trusts(role, principal)


def units(instance: dict[str, Any]) -> dict[str, Any]:
    """AWS takes "1 vCPU" and "2 GB", and returns "1024" and "2048"."""
    return {**instance, "Cpu": in_1024ths(instance["Cpu"]), "Memory": in_1024ths(instance["Memory"])}


def in_1024ths(value: str) -> str:
    number, _, unit = value.partition(" ")
    return str(int(float(number) * 1024)) if unit else number
