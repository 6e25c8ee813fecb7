"""Everything that is counted is used up: each service refuses one more, with its own code."""

from typing import ClassVar

from ..answers import Refused
from ..calls import Call
from .day import BadDay

FULL: dict[tuple[str, str], tuple[str, str, int]] = {
    ("ec2", "CreateVpc"): ("VpcLimitExceeded", "The maximum number of VPCs has been reached.", 400),
    ("ec2", "CreateSecurityGroup"): (
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups has been reached.",
        400,
    ),
    ("ec2", "CreateVpcEndpoint"): (
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached.",
        400,
    ),
    ("ec2", "AllocateAddress"): (
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
        400,
    ),
    ("iam", "CreateRole"): ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", 409),
    ("s3", "CreateBucket"): ("TooManyBuckets", "You have attempted to create more buckets than allowed", 400),
    ("ecr", "CreateRepository"): (
        "LimitExceededException",
        "The repository could not be created because the maximum number of repositories has been reached",
        400,
    ),
    ("rds", "CreateDBCluster"): ("DBClusterQuotaExceededFault", "DB Cluster Quota Exceeded", 403),
    ("rds", "CreateDBInstance"): ("InstanceQuotaExceeded", "DB Instance Quota Exceeded", 400),
    ("rds", "CreateDBSubnetGroup"): ("DBSubnetGroupQuotaExceeded", "DB Subnet Group Quota Exceeded", 400),
    ("lambda", "CreateFunction"): ("CodeStorageExceededException", "Code storage limit exceeded.", 400),
    ("apprunner", "CreateService"): ("ServiceQuotaExceededException", "You've reached the quota of services.", 400),
    ("apprunner", "CreateVpcConnector"): (
        "ServiceQuotaExceededException",
        "You've reached the quota of VPC connectors.",
        400,
    ),
    ("apprunner", "CreateAutoScalingConfiguration"): (
        "ServiceQuotaExceededException",
        "You've reached the quota of auto scaling configurations.",
        400,
    ),
    ("codebuild", "CreateProject"): ("AccountLimitExceededException", "Cannot have more than 5000 projects", 400),
    ("logs", "CreateLogGroup"): ("LimitExceededException", "Resource limit exceeded.", 400),
    ("ssm", "PutParameter"): ("ParameterLimitExceeded", "You have exceeded the number of parameters", 400),
}


class Quotas(BadDay):
    name: ClassVar[str] = "quotas"
    source: ClassVar[str] = (
        "the codes: botocore's models and EC2's and S3's error lists; the texts: EC2's list, IAM's and S3's as people "
        "have met them, the others believed"
    )

    def refuse(self, call: Call, caller: str) -> Refused | None:
        told = FULL.get((call.service, call.operation))
        return Refused(call.service, *told) if told else None
