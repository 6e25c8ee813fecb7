"""What we rely on in moto that moto does not promise: if a new version breaks it, this says where."""

import inspect
from importlib.metadata import version

from moto import backend_index
from moto.backends import get_backend
from moto.codebuild.models import CodeBuildBackend, codebuild_backends
from moto.codebuild.responses import CodeBuildResponse
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.ecr.models import ECRBackend, Image, ecr_backends
from moto.ecr.responses import ECRResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.rds.models import DBCluster, MasterUserSecret, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from provisioning.localcloud import apprunner


def test_it_is_the_version_that_was_read() -> None:
    assert version("moto") == "5.2.5", "read the corrections in provisioning/localcloud again, then change this"


def test_backends_are_made_from_a_class_that_can_be_replaced(cloud: object) -> None:
    bases = ((rds_backends, RDSBackend), (ecr_backends, ECRBackend), (codebuild_backends, CodeBuildBackend))
    for backends, base in bases:
        assert isinstance(backends, BackendDict)
        assert issubclass(backends.backend, base) and backends.backend is not base


def test_a_service_is_added_by_name_and_address(cloud: object) -> None:
    assert get_backend("apprunner") is apprunner.apprunner_backends
    assert any(name == "apprunner" for name, _ in backend_index.backend_url_patterns)
    assert list(inspect.signature(AccountSpecificBackend.get_session).parameters) == []


def test_the_parts_that_are_overridden_exist() -> None:
    assert {"_generate_secret_string", "delete_secret"} <= set(vars(MasterUserSecret))
    assert {"endpoint", "reader_endpoint", "status", "members", "save_automated_backup"} <= set(vars(DBCluster))
    assert {"create_db_cluster", "modify_db_cluster", "delete_db_cluster"} <= set(vars(RDSBackend))
    assert {"create_db_instance", "modify_db_instance", "delete_db_instance"} <= set(vars(RDSBackend))
    assert isinstance(inspect.getattr_static(RDSResponse, "backend"), property)
    assert {"put_image", "batch_get_image", "batch_delete_image", "complete_layer_upload"} <= set(vars(ECRBackend))
    assert {"create_project", "stop_build", "list_builds"} <= set(vars(CodeBuildBackend))
    assert hasattr(FakeBucket, "get_permission") and hasattr(S3Response, "_bucket_response_put")
    assert hasattr(moto_api_backend, "reset")
    assert hasattr(iam_backends["123456789012"]["aws"], "access_keys")
    assert IAMPolicy('{"Statement": []}').is_action_permitted("s3:GetObject") == PermissionResult.NEUTRAL


def test_moto_still_lacks_what_is_corrected() -> None:
    """When moto learns one of these, our correction can go."""
    assert not hasattr(RDSResponse, "describe_db_engine_versions")
    assert not hasattr(RDSResponse, "enable_http_endpoint")
    assert "AlreadyExists" not in inspect.getsource(RDSBackend.create_db_cluster)
    assert "Tags" not in inspect.getsource(S3Response._get_location_constraint)
    assert "layer_digests" in inspect.getsource(Image._create_digest)
    assert "NotImplementedError" in inspect.getsource(ECRResponse.get_download_url_for_layer)
    assert not hasattr(CodeBuildResponse, "update_project")
