import sys

import django
import memcache
import MySQLdb
from django.conf import settings
from django.db import connection
from django.http import JsonResponse


def page(request):
    with connection.cursor() as cursor:
        cursor.execute('SELECT words FROM greeting WHERE id = 1')
        row = cursor.fetchone()[0]
        cursor.execute('SELECT VERSION()')
        database = cursor.fetchone()[0]
    cache = memcache.Client([settings.SITE['memcached']])
    visits = cache.incr('visits')
    if visits is None:
        cache.set('visits', '1')
        visits = cache.get('visits')
    server = dict(cache.get_stats()[0][1])
    return JsonResponse({
        'row': row,
        'visits': int(visits),
        'through': request.META.get('SITE_THROUGH', 'mod_wsgi'),
        'versions': {
            'python': '%d.%d.%d' % sys.version_info[:3],
            'django': django.get_version(),
            'mysql-python': MySQLdb.__version__,
            'python-memcached': memcache.__version__,
            'apache': request.META.get('SERVER_SOFTWARE', ''),
            'mariadb': database,
            'memcached': (server.get('version') or server.get(b'version')),
        },
    })
