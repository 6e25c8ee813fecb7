from django.contrib.syndication.views import Feed

from .models import BlogPage


class Posts(Feed):
    title = "The bakery's blog"
    link = "/blog/"

    def items(self):
        return BlogPage.objects.live().public().order_by("path")

    def item_title(self, item: BlogPage) -> str:
        return item.title

    def item_link(self, item: BlogPage) -> str:
        return item.url
