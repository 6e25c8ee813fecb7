"""The waking page in a real browser, before a site that sleeps as long as a test likes."""

import re

import pytest

from sleeping.answers import Why

from .little_site import LittleSite

PATIENCE = 30_000  # milliseconds: the machine may be busy
AWAKE = re.compile("^The site is awake")  # a mere text would be found in "as soon as the site is awake", too
DRESSED = "() => getComputedStyle(document.querySelector('main')).maxWidth == '560px'"


@pytest.fixture
def site():
    with LittleSite() as site:
        yield site


def test_a_visitor_arrives_by_itself_where_they_were_going(site, visit):
    page = visit(f"{site.address}/where/to/?page=2#below")
    assert page.title() == "The site is waking up"
    site.awake = True
    page.wait_for_url("**/where/to/?page=2#below", timeout=PATIENCE)
    page.get_by_role("heading", name="/where/to/?page=2").wait_for(timeout=PATIENCE)
    assert page.evaluate("location.hash") == "#below"
    assert page.evaluate("history.length") <= 2  # the waking page is not in the way of going back
    assert site.asked[:2] == ["GET /where/to/?page=2", "HEAD /where/to/?page=2"]


@pytest.mark.parametrize("path", ["/where/to/?page=2", "/where/to?page=2&to=/#below", "/where//to/"])
def test_a_visitor_without_javascript_arrives_too(site, visit, path):
    page = visit(f"{site.address}{path}", java_script_enabled=False)
    assert page.locator("#seconds").text_content() == "7"
    site.awake, path = True, path.partition("#")[0]
    page.get_by_role("heading", name=path).wait_for(timeout=PATIENCE)
    assert site.asked == [f"GET {path}"] * 2


def test_a_visitor_without_javascript_sees_the_seconds_go_by(site, visit):
    page = visit(site.address, java_script_enabled=False)
    site.seconds = 12
    page.locator("#seconds", has_text="12").wait_for(timeout=PATIENCE)


def test_the_seconds_are_counted_on(site, visit):
    page = visit(site.address)
    page.locator("#seconds", has_text=re.compile("^(9|1.)$")).wait_for(timeout=PATIENCE)
    assert float(page.locator("#arc").get_attribute("stroke-dasharray").split()[0]) > 50


def test_a_network_that_goes_away_is_not_the_end(site, visit):
    page = visit(f"{site.address}/where/")
    page.context.set_offline(True)
    with page.expect_event("requestfailed", timeout=PATIENCE):
        pass
    site.awake = True
    page.context.set_offline(False)
    page.get_by_role("heading", name="/where/").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("enctype", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_half_typed_form_arrives_whole_by_a_click(site, visit, javascript, enctype):
    text = "One\n\n  two & <three> \"four\" 'five' é 🌙\n"
    page = visit(f"{site.address}/form?enctype={enctype}", java_script_enabled=javascript)
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Send").click()

    page.get_by_role("heading", name="What you wrote is kept here").wait_for(timeout=PATIENCE)
    with page.expect_navigation(timeout=PATIENCE):
        page.get_by_role("button", name="Send again").click()  # too early: nothing of it is lost
    page.get_by_role("heading", name="What you wrote is kept here").wait_for(timeout=PATIENCE)
    site.awake = True
    if javascript:
        page.get_by_role("status").filter(has_text=AWAKE).wait_for(timeout=PATIENCE)
        assert page.evaluate("document.activeElement.id") == "again"
        assert page.title() == "The site is awake. You can send it now."
    assert site.received == []  # nothing is sent unasked
    page.get_by_role("button", name="Send again").click()

    page.get_by_role("heading", name="/sent/?to=us").wait_for(timeout=PATIENCE)
    assert len(site.received) == 1
    assert site.received[0]["text"] == [text.replace("\n", "\r\n")]
    assert site.received[0]["action"] == ["publish"]


def test_passwords_and_files_are_asked_for_again(site, visit):
    page = visit(f"{site.address}/form?enctype=multipart/form-data")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 9}
    page.get_by_label("Password").fill("hush hush")
    page.get_by_label("Photo").set_input_files(photo)
    page.get_by_role("button", name="Send").click()
    page.get_by_label("Type it again: password").wait_for(timeout=PATIENCE)
    assert "hush" not in page.content()
    site.awake = True
    page.get_by_role("button", name="Send again").click()  # not before both are there
    page.get_by_label("Type it again: password").fill("hush hush")
    page.get_by_role("button", name="Send again").click()
    page.get_by_label("Choose it again: a.jpg").set_input_files(photo)
    assert site.received == []
    page.get_by_role("button", name="Send again").click()
    page.get_by_role("heading", name="/sent/?to=us").wait_for(timeout=PATIENCE)
    assert site.received == [{"text": [""], "password": ["hush hush"], "action": ["publish"], "photo": ["a.jpg"]}]


def test_whoever_types_a_password_again_is_not_interrupted(site, visit):
    page = visit(f"{site.address}/form")
    page.get_by_label("Password").fill("hush hush")
    page.get_by_role("button", name="Send").click()
    page.get_by_label("Type it again: password").focus()
    site.awake = True
    page.get_by_role("status").filter(has_text=AWAKE).wait_for(timeout=PATIENCE)
    assert page.evaluate("document.activeElement.type") == "password"


def test_nobody_is_urged_to_send_again_what_may_have_arrived(site, visit):
    site.why = Why.LOST
    page = visit(f"{site.address}/form")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Send again").wait_for(timeout=PATIENCE)
    site.awake = True
    page.get_by_role("status").filter(has_text=re.compile("^The site is awake. Look")).wait_for(timeout=PATIENCE)
    assert page.evaluate("document.activeElement === document.body")


def test_a_screen_reader_hears_what_it_is_and_when_it_is_over(site, visit):
    page = visit(site.address)
    assert page.locator("body").aria_snapshot() == "\n".join(
        [
            "- main:",
            '  - heading "The site is waking up" [level=1]',
            "  - paragraph: It sleeps while nobody is here, and you have just called it. "
            "It usually takes about 15 seconds.",
            '  - timer "Seconds so far": 7 s',
            "  - status: This page opens by itself as soon as the site is there.",
            "  - status",
        ]
    )


def test_a_screen_reader_finds_its_way_through_a_kept_form(site, visit):
    page = visit(f"{site.address}/form")
    page.get_by_label("Password").fill("hush hush")
    page.get_by_role("button", name="Send").click()
    region = page.get_by_role("region", name="What you wrote is kept here")
    region.wait_for(timeout=PATIENCE)
    assert region.get_by_role("textbox", name="Type it again: password").count() == 1
    assert region.get_by_role("status").text_content() == "You are told here as soon as the site is awake."
    assert region.get_by_role("button", name="Send again").count() == 1


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_and_obeys_a_strict_policy(site, visit, why, scheme, width):
    site.why = why
    page = visit(f"{site.address}/form", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.get_by_label("Password").fill("hush hush")
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Send again").wait_for(timeout=PATIENCE)
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('main')).maxWidth == '560px'"
    )  # it is dressed
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [text for text in complaints if "503" not in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(site, visit, scheme):
    """4.5 to 1 at least, the sky being as it is where it comes closest to the colour."""
    page = visit(f"{site.address}/form", color_scheme=scheme)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Send again").wait_for(timeout=PATIENCE)
    page.wait_for_function("() => getComputedStyle(document.documentElement).getPropertyValue('--sky')")
    colours = page.evaluate(
        """() => {
            const style = getComputedStyle(document.documentElement);
            const canvas = document.createElement("canvas").getContext("2d");
            const rgb = (colour) => {
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
            };
            const named = Object.fromEntries(["ink", "soft", "glow", "raised", "accent", "accent-ink"].map(
                (name) => [name, rgb(style.getPropertyValue("--" + name))]));
            return { ...named, sky: style.getPropertyValue("--sky").match(/#\\w+/g).map(rgb) };
        }"""
    )
    pairs = [(colours[words], behind) for words in ("ink", "soft", "glow") for behind in colours["sky"]]
    pairs += [(colours[words], colours["raised"]) for words in ("ink", "soft", "accent")]
    pairs += [(colours["accent-ink"], colours["accent"])]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def contrast(one, other):
    """As WCAG 2 has it."""

    def luminance(colour):
        parts = [each / 255 for each in colour]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_who_wants_no_motion_gets_none(site, visit):
    still = "document.getAnimations().length"
    assert visit(site.address, reduced_motion="reduce").evaluate(still) == 0
    assert visit(site.address, reduced_motion="no-preference").evaluate(still) > 0
