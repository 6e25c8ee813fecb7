"""The starter pages' words, and which of the pictures beside this file goes where."""

from dataclasses import dataclass
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Picture:
    """A file of ours. All four were drawn for this project."""

    file: str
    title: str
    description: str  # for people who cannot see it

    @property
    def path(self) -> Path:
        return PICTURES / self.file


@dataclass(frozen=True)
class Illustration:
    """A picture in the body of a page."""

    picture: Picture
    caption: str = ""


@dataclass(frozen=True)
class Quote:
    text: str
    attribution: str = ""


@dataclass(frozen=True)
class Question:
    """A field of a form; `type` and `autofill` are ContactField's words."""

    label: str
    type: str
    autofill: str = ""
    help: str = ""


@dataclass(frozen=True)
class StarterPage:
    slug: str
    title: str
    lead: str
    picture: Picture
    body: tuple[str | Illustration | Quote, ...]  # a str is rich text
    form: tuple[Question, ...] = ()  # what makes it a contact page


DAWN = Picture("dawn.jpg", "Hills before sunrise", "A thin moon above violet hills, just before sunrise.")
NIGHT = Picture("night.jpg", "A lake at night", "A thin moon and its light on a still lake, under stars.")
WINDOW = Picture("window.jpg", "One lit window", "A small house on a dark hill, with one window lit.")
MORNING = Picture("morning.jpg", "Morning", "The sun, just risen, above green hills and a line of fir trees.")

HOME = StarterPage(
    slug="home",
    title="A website that sleeps",
    lead="Most websites stay up all night for nobody. This one closes its eyes when the last visitor leaves, "
    "and opens them again when somebody comes.",
    picture=DAWN,
    body=(
        "<p>You are looking at an ordinary website. Somebody writes its pages in a browser, uploads "
        "pictures, and presses Publish. It has a search, a menu, and an address.</p>"
        "<p>What is unusual is what happens when nobody looks. The database behind it stops. It does not "
        "idle: it stops, and stops costing what a running database costs. The next visitor wakes it.</p>"
        "<p>And it looks after itself. The same code that shows you this page also makes the service, the "
        "database and the bucket that it lives on, and takes them all down again when they are no longer "
        "wanted.</p>",
        Quote("The cheapest server is the one that is asleep."),
    ),
)

PAGES = (
    StarterPage(
        slug="how-it-sleeps",
        title="How it sleeps",
        lead="Falling asleep is easy. What takes care is not to be woken by every little noise.",
        picture=NIGHT,
        body=(
            "<p>A database is the part of a website that dislikes being switched off. It holds everything "
            "that was ever written, and it expects to be asked about it at any moment. So it is usually "
            "left running, all day and all night, for whoever may come.</p>"
            "<p>The one behind this site does it differently. When no connection to it has been open for a "
            "few minutes, it writes down what it knows and pauses. What it knows stays on disk. What "
            "computes is gone.</p>"
            "<h2>A light sleeper sleeps badly</h2>"
            "<p>Left to itself, a website never lets its database rest. Something asks every few seconds "
            "whether all is well, and the answer takes a query. A connection is kept open, to save time, "
            "and forgotten. A robot asks for the rules of the house, and somebody has to get up to read "
            "them out.</p>"
            "<p>Here, each of those is answered without the database:</p>"
            "<ul>"
            "<li>The question “are you well?” gets its answer before anything else is looked at.</li>"
            "<li>The rules for robots, the style sheet, the letters and the icons come straight from "
            "files.</li>"
            "<li>A connection that nobody uses is closed, by the database itself.</li>"
            "</ul>",
            Illustration(WINDOW, "Somebody is up: one light is enough."),
            "<h2>Waking up</h2>"
            "<p>The first visitor after a long quiet time knocks, and the database wakes. That takes a "
            "moment, as it does for anyone. Everybody who comes after that finds it wide awake.</p>",
        ),
    ),
    StarterPage(
        slug="what-it-costs",
        title="What it costs",
        lead="While it sleeps, close to nothing. While it works, what the work costs.",
        picture=WINDOW,
        body=(
            "<p>Renting a computer in a data centre is like leaving a light on: it costs the same whether "
            "anyone is in the room or not. For a site that many people read at every hour, that is fair. "
            "For a small one, most of the bill is for an empty room.</p>"
            "<h2>What sleeps</h2>"
            "<p>The database is paid for by the second while it runs, and its running is not paid for "
            "while it is paused. What serves the pages is paid for by how much it does, and where the site "
            "runs decides how far down that goes.</p>"
            "<h2>What does not</h2>"
            "<p>Some things must be kept even at night: the pages on their disk, the pictures in their "
            "bucket, the copy of the program that is ready to start. They are small, and they cost a "
            "little, always. Anyone who tells you that a website can cost nothing at all has left them "
            "out.</p>",
            Quote("Pay for the light while you read by it."),
            "<h2>No surprises</h2>"
            "<p>Before anything is made, the site shows what it is going to make. Prices differ between "
            "regions, and change, so this page does not name any. The list of what will be made is the "
            "honest place to begin, and nothing is made until you have said yes to it.</p>",
        ),
    ),
    StarterPage(
        slug="about-this-site",
        title="About this site",
        lead="It is a starting place. Everything here is waiting to be replaced by something of yours.",
        picture=MORNING,
        body=(
            "<p>This site is called scale0, for the number of machines that it wants to keep running when "
            "nobody needs them. It is made with Wagtail, which is made with Django, and it keeps house for "
            "itself: the same program that serves the pages also sets up, renews and clears away what they "
            "run on.</p>"
            "<h2>Make it yours</h2>"
            "<ol>"
            "<li>Sign in at <b>/admin/</b> with the name and the password that you were given at the "
            "start.</li>"
            "<li>Choose <b>Pages</b>, then the page that you want to change.</li>"
            "<li>Write. Add pictures and quotes between the paragraphs. Press <b>Publish</b>.</li>"
            "</ol>"
            "<p>A page that is marked to show in menus appears at the top of every page, and the home page "
            "introduces it. These first pages are never written twice: once you have edited one, it stays "
            "as you left it.</p>"
            "<h2>The pictures</h2>"
            "<p>The night, the morning and the house with one light on were drawn for this site by a "
            "program. The letters are set in Newsreader, by Production Type, which anyone may use. Both "
            "come from this site itself: reading it tells nobody else that you did.</p>",
        ),
    ),
    StarterPage(
        slug="contact",
        title="Contact",
        lead="Write whenever you like. If the site is asleep, it wakes up to read what you sent.",
        picture=DAWN,
        body=(),
        form=(
            Question("Name", "singleline", autofill="name"),
            Question("E-mail", "email", autofill="email", help="Only to answer you."),
            Question("Message", "multiline"),
        ),
    ),
)
