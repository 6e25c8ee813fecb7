from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.models import Page


def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Page.objects.live().filter(title__contains=request.GET.get('query', '')).count()} found")


def basket(request: HttpRequest) -> HttpResponse:
    """What is put into it is remembered in the session."""
    if request.method == "POST":
        request.session["bread"] = request.POST["bread"]
        return redirect("basket")
    return HttpResponse(f"In the basket: {request.session.get('bread', 'nothing')}")
