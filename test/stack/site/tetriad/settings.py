"""
The smallest Django that reads from the stack: a row from the database of the other box, a value from memcached.

Without Django's own database layer: it needs sqlparse, whose archive no mirror in reach had.
"""
import os

SECRET_KEY = 'only for the test of the stack'
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'tetriad.urls'
USE_TZ = True
DEBUG_PROPAGATE_EXCEPTIONS = True
TIME_ZONE = 'UTC'

with open(os.environ.get('SITE_CONF', '/opt/local/etc/site.conf')) as conf:
    SITE = dict(line.rstrip('\n').split('=', 1) for line in conf if '=' in line)

DATABASES = {'default': {'ENGINE': 'tetriad.nodatabase'}}
