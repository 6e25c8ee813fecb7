"""moto looks for a backend's addresses in a module of this name."""

from .responses import LocalLambdaResponse

url_bases = [r"https?://lambda\.(.+)\.amazonaws\.com"]
url_paths = {r"{0}/(?P<rest>.+)$": LocalLambdaResponse.dispatch}
