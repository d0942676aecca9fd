import os

from django.core import signals
from django.core.wsgi import get_wsgi_application

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tetriad.settings')
application = get_wsgi_application()

# Django looks after its own database connections at each request, even where there are none: see settings.py.
from django.db import close_old_connections, reset_queries  # noqa: E402

for signal, receiver in (
    (signals.request_started, reset_queries),
    (signals.request_started, close_old_connections),
    (signals.request_finished, close_old_connections),
):
    signal.disconnect(receiver)
