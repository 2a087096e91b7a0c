from django.urls import path

from shop import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("order", views.order, name="order"),
    path("ship/<int:pk>", views.ship, name="ship"),
    path("token", views.token, name="token"),
]
