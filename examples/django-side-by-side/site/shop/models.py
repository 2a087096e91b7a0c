from django.conf import settings
from django.db import models


class Order(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    item = models.CharField(max_length=100)
    is_shipped = models.BooleanField(default=False)
