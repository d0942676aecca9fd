import sys

import django
import memcache
import MySQLdb
from django.conf import settings
from django.http import JsonResponse


def page(request):
    site = settings.SITE
    connection = MySQLdb.connect(
        host=site['database_host'],
        port=int(site['database_port']),
        user=site['user'],
        passwd=site['password'],
        db=site['database'],
    )
    try:
        cursor = connection.cursor()
        cursor.execute('SELECT words FROM greeting WHERE id = 1')
        row = cursor.fetchone()[0]
        cursor.execute('SELECT VERSION()')
        database = cursor.fetchone()[0]
    finally:
        connection.close()
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
            'apache': request.META.get('SERVER_SOFTWARE', ''),
            'mariadb': database,
            'memcached': (server.get('version') or server.get(b'version')),
        },
    })
