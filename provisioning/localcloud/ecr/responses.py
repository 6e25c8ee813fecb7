"""The ECR operations that moto does not have, or answers differently."""

from base64 import b64encode

from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from ..ground import ground
from .models import LocalECRBackend


class LocalECRResponse(ECRResponse):
    ecr_backend: LocalECRBackend

    def get_authorization_token(self) -> ActionResult:
        found = []
        for account in self._get_param("registryIds") or [self.current_account]:
            password, end = ecr_backends[account][self.region].tokens.issue()
            token = b64encode(f"AWS:{password}".encode()).decode()
            # On AWS a host name for each account and region; here the password alone tells them apart.
            found.append({"authorizationToken": token, "expiresAt": end, "proxyEndpoint": ground().endpoint})
        return ActionResult({"authorizationData": found})

    def get_download_url_for_layer(self) -> ActionResult:
        name, digest = self._get_param("repositoryName"), self._get_param("layerDigest")
        url = self.ecr_backend.download_url(name, digest, self._get_param("registryId"))
        return ActionResult({"downloadUrl": url, "layerDigest": digest})
