import os
import sqlite3
from contextlib import closing

from django.conf import settings
from django.http import HttpResponse


def page(request):
    with closing(sqlite3.connect(settings.DATABASE)) as database:
        words = database.execute('SELECT words FROM post ORDER BY id DESC LIMIT 1').fetchone()[0]
    response = HttpResponse('<title>%s</title> from process %d\n' % (words, os.getpid()))
    # Every visitor sees the same.
    response['Cache-Control'] = 'public, max-age=300'
    return response
