"""moto looks for a backend's addresses in a module of this name."""

from moto.rdsdata.urls import url_bases as moto_url_bases

from .responses import DataResponse

url_bases = moto_url_bases
url_paths = {
    f"{{0}}/{operation}$": DataResponse.dispatch
    for operation in ("Execute", "BatchExecute", "BeginTransaction", "CommitTransaction", "RollbackTransaction")
}
