from django.urls import re_path

from tetriad import views

urlpatterns = [re_path('', views.page)]
