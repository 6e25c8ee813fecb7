"""moto looks for a backend's addresses in a module of this name."""

from moto.ecr.urls import url_bases as moto_url_bases

from .responses import LocalECRResponse

url_bases = moto_url_bases
url_paths = {"{0}/$": LocalECRResponse.dispatch}
