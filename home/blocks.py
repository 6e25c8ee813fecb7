"""What a page's body is made of: text, pictures and quotes."""

from wagtail import blocks
from wagtail.images.blocks import ImageBlock


class PictureBlock(blocks.StructBlock):
    image = ImageBlock()  # asks for a description for people who cannot see it, or that it is decoration
    caption = blocks.CharBlock(required=False, max_length=250)

    class Meta:
        icon = "image"
        template = "home/blocks/picture.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    attribution = blocks.CharBlock(required=False, max_length=120)

    class Meta:
        icon = "openquote"
        template = "home/blocks/quote.html"


class BodyBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock(
        features=["h2", "h3", "bold", "italic", "link", "document-link", "ol", "ul", "hr", "code"],
        template="home/blocks/text.html",
    )
    picture = PictureBlock()
    quote = QuoteBlock()
