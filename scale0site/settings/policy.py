"""What a browser may load, run, send and use on our pages. docs/security.md has the table."""

from csp.constants import NONE, SELF, UNSAFE_HASHES, UNSAFE_INLINE

Directives = dict[str, list[str]]

# The style in 500.html, which has to look like a page when nothing else of the site can be had.
STYLE_OF_500 = "'sha256-cikoFZeKa/T48fe/nmdbxpJ7tU+61AyBIaLsVZYzTcQ='"
# "return;", which Jcrop gives to an element as a handler of touches, to see whether the browser knows them.
RETURN = "'sha256-i+qr4lq34KgNHiW62lWi9aInEBwiEOrfCzaNPCvkqD8='"

# Nothing of the site's or the admin's asks for these.
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")


def public(*buckets: str) -> Directives:
    """For every answer but the admin's. No nonce: a saved page is the same for everyone.

    `buckets` are the origins that the addresses of pictures redirect to. A browser checks those as well.
    """
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, STYLE_OF_500],
        "font-src": [SELF],
        "img-src": [SELF, *buckets],
        "connect-src": [SELF],  # the waking page looks whether the site is awake
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }


def admin(*buckets: str) -> Directives:
    """For whoever is logged in, in the admin. What it allows beyond the public one, Wagtail 7.4 cannot do without."""
    return public(*buckets) | {
        # Its choosers, date fields and inline panels are <script>s in the page, made where no nonce can be had
        # (wagtail#1288). None of them is an attribute, and none needs eval.
        "script-src": [SELF, UNSAFE_INLINE],
        "script-src-attr": [UNSAFE_HASHES, RETURN],
        "style-src": [SELF, UNSAFE_INLINE],  # Draftail renders <style>, the field for tags style attributes
        # An upload is shown before it is sent; jQuery UI has a picture of one pixel in its style sheet.
        "img-src": [SELF, "blob:", "data:", *buckets],
        "connect-src": [SELF, "https://releases.wagtail.org"],  # WAGTAIL_ENABLE_UPDATE_CHECK
        "frame-src": [SELF],  # the preview panel
    }
