"""CodeBuild, its log and a bucket in memory: one build at a time, which a test moves on."""

import io
import zipfile

from botocore.exceptions import ClientError

from .ecr import Ecr


class Remote:
    """The clients that a remote build asks."""

    def __init__(self, ecr: Ecr):
        self.ecr = ecr
        self.objects, self.builds, self.lines, self.started = {}, {}, [], []

    def client(self, service):
        return self.ecr if service == "ecr" else self

    # s3

    def put_object(self, **asked):
        self.objects[f"{asked['Bucket']}/{asked['Key']}"] = asked["Body"].read()

    def delete_object(self, **asked):
        self.objects.pop(f"{asked['Bucket']}/{asked['Key']}", None)

    # codebuild

    def list_builds_for_project(self, **asked):
        return {"ids": list(reversed(self.builds))}

    def batch_get_builds(self, **asked):
        return {"builds": [self.builds[each] for each in asked["ids"]]}

    def start_build(self, **asked):
        self.started.append(asked)
        name = f"{asked['projectName']}:{len(self.builds)}"
        self.builds[name] = {
            "id": name,
            "buildStatus": "IN_PROGRESS",
            "currentPhase": "QUEUED",
            "environment": {"environmentVariables": asked["environmentVariablesOverride"]},
            "logs": {"groupName": "/aws/codebuild/p"},
        }
        return {"build": self.builds[name]}

    # logs

    def get_log_events(self, **asked):
        assert (asked["logGroupName"], asked["logStreamName"]) == ("/aws/codebuild/p", "s")
        if not self.lines:
            refusal = {"Error": {"Code": "ResourceNotFoundException", "Message": "The log stream does not exist."}}
            raise ClientError(refusal, "GetLogEvents")
        start = int(asked.get("nextToken", "0"))
        return {
            "events": [{"message": f"{line}\n"} for line in self.lines[start:]],
            "nextForwardToken": str(len(self.lines)),
        }

    # what a test does

    @property
    def build(self):
        return list(self.builds.values())[-1]

    def variables(self, build=None):
        found = (build or self.build)["environment"]["environmentVariables"]
        return {each["name"]: each["value"] for each in found}

    def moves_on(self, phase, *lines):
        self.lines += lines
        self.build["currentPhase"] = phase
        self.build["logs"]["streamName"] = "s"

    def succeeds(self, architecture="amd64"):
        self.build["buildStatus"] = "SUCCEEDED"
        self.ecr.put(self.variables()["TAG"], architecture)

    def fails(self, *lines):
        self.moves_on("COMPLETED", *lines)
        context = {"statusCode": "COMMAND_EXECUTION_ERROR", "message": "Error while executing command: docker build ."}
        self.build["buildStatus"] = "FAILED"
        self.build["phases"] = [
            {
                "phaseType": "DOWNLOAD_SOURCE",
                "phaseStatus": "SUCCEEDED",
                "contexts": [{"statusCode": "", "message": ""}],
            },
            {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [context]},
            {"phaseType": "COMPLETED"},
        ]

    def packed(self):
        (content,) = self.objects.values()
        return zipfile.ZipFile(io.BytesIO(content))
