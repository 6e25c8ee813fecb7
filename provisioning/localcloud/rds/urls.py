"""moto looks for a backend's addresses in a module of this name."""

from moto.rds.urls import url_bases as moto_url_bases

from .responses import LocalRDSResponse

url_bases = moto_url_bases
url_paths = {"{0}/$": LocalRDSResponse.dispatch}
