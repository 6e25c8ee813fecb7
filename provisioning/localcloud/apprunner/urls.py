"""moto looks for a backend's addresses in a module of this name."""

from .responses import AppRunnerResponse

url_bases = [r"https?://apprunner\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": AppRunnerResponse.dispatch}
