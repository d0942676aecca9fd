import os

from django.db import connection
from django.http import HttpResponse


def page(request):
    with connection.cursor() as cursor:
        cursor.execute('SELECT words FROM post ORDER BY id DESC LIMIT 1')
        words = cursor.fetchone()[0]
    response = HttpResponse('<title>%s</title> from process %d\n' % (words, os.getpid()))
    # Every visitor sees the same.
    response['Cache-Control'] = 'public, max-age=300'
    return response
