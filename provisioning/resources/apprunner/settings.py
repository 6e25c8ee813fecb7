"""A service's settings, as App Runner takes and as it tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.resource import Values


def settings_of(values: Values) -> dict[str, Any]:
    """The same for CreateService and UpdateService, which takes each part whole or not at all."""
    return {
        "SourceConfiguration": {
            "ImageRepository": {
                "ImageIdentifier": values["image"],
                "ImageRepositoryType": "ECR",
                "ImageConfiguration": {
                    "Port": values["port"],
                    "RuntimeEnvironmentVariables": values["environment"],
                    "RuntimeEnvironmentSecrets": values["secrets"],
                },
            },
            "AutoDeploymentsEnabled": values["automatic_deployments"],
            "AuthenticationConfiguration": {"AccessRoleArn": values["access_role"]},
        },
        "InstanceConfiguration": {
            "Cpu": values["cpu"],
            "Memory": values["memory"],
            "InstanceRoleArn": values["instance_role"],
        },
        "AutoScalingConfigurationArn": values["scaling"],
        "NetworkConfiguration": {
            "EgressConfiguration": {"EgressType": "VPC", "VpcConnectorArn": values["connector"]},
            "IngressConfiguration": {"IsPubliclyAccessible": True},
        },
        "HealthCheckConfiguration": {
            "Protocol": "HTTP",
            "Path": values["health_path"],
            "Interval": 5,  # seconds
            "Timeout": 2,
            "HealthyThreshold": 1,
            "UnhealthyThreshold": 20,  # with the interval: 100 s for a first start
        },
    }


def values_of(found: Mapping[str, Any]) -> Values:
    source = found["SourceConfiguration"]
    image = source.get("ImageRepository", {})  # somebody's service may be built from code
    settings = image.get("ImageConfiguration", {})
    instance = found["InstanceConfiguration"]
    return {
        "paused": found["Status"] == "PAUSED",
        "image": image.get("ImageIdentifier"),
        "port": settings.get("Port"),
        "environment": settings.get("RuntimeEnvironmentVariables", {}),
        "secrets": settings.get("RuntimeEnvironmentSecrets", {}),
        "access_role": source.get("AuthenticationConfiguration", {}).get("AccessRoleArn"),
        "instance_role": instance.get("InstanceRoleArn"),
        "cpu": instance.get("Cpu"),
        "memory": instance.get("Memory"),
        "scaling": found.get("AutoScalingConfigurationSummary", {}).get("AutoScalingConfigurationArn"),
        "connector": found.get("NetworkConfiguration", {}).get("EgressConfiguration", {}).get("VpcConnectorArn"),
        "health_path": found.get("HealthCheckConfiguration", {}).get("Path"),
        "automatic_deployments": source.get("AutoDeploymentsEnabled"),
        "url": found["ServiceUrl"],
    }
