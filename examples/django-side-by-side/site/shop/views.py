from django.contrib import messages
from django.contrib.auth import get_user_model, login, logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from shop import restante
from shop.models import Order

PEOPLE = ["ada", "grace"]


class OutOfStock(Exception):
    pass


def sign_in(request):
    """Whoever says one of the names is signed in. A real site asks for a password."""
    if request.method == "POST" and request.POST.get("name") in PEOPLE:
        user, _ = get_user_model().objects.get_or_create(username=request.POST["name"])
        login(request, user)
        messages.success(request, f"Hello, {user}")
        return redirect("home")
    return render(request, "sign_in.html", {"people": PEOPLE})


@require_POST
def sign_out(request):
    logout(request)
    return redirect("sign_in")


@login_required
def home(request):
    return render(request, "home.html", {"orders": Order.objects.filter(user=request.user)})


@require_POST
@login_required
def order(request):
    """A message that is part of a transaction: without the order there is none."""
    item = request.POST.get("item", "").strip()[:100]
    try:
        with transaction.atomic():
            Order.objects.create(user=request.user, item=item)
            restante.leave(request.user, f"We have your order: {item}", tags="order", url="/")
            take_from_stock(item)
    except OutOfStock:
        messages.error(request, f"There is no {item} left")
    else:
        messages.success(request, format_html("Ordered: <strong>{}</strong>", item))
    return redirect("home")


def take_from_stock(item):
    if item in ("", "unicorn"):
        raise OutOfStock


@require_POST
@login_required
def ship(request, pk):
    """A message by HTTP, and one that the Rust service shows: it has the next page."""
    order = get_object_or_404(Order, pk=pk, user=request.user)
    order.is_shipped = True
    order.save(update_fields=["is_shipped"])
    key = f"shipped-{order.pk}"
    restante.send([order.user], f"On its way: {order.item}", key=key, url="/parcels/")
    messages.info(request, f"It has left the house: {order.item}", extra_tags="order")
    return redirect("/parcels/")


@require_POST
def token(request):
    if not request.user.is_authenticated:
        raise PermissionDenied
    return HttpResponse(restante.token(request.user), content_type="text/plain")
