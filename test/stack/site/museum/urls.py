from django.conf.urls.defaults import patterns

urlpatterns = patterns('', (r'', 'museum.views.page'))
