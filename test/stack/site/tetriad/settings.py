"""The smallest Django that reads from the stack: a row from the database of the other box, a value from memcached."""
import os

SECRET_KEY = 'only for the test of the stack'
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'tetriad.urls'
USE_TZ = True

with open(os.environ.get('SITE_CONF', '/opt/local/etc/site.conf')) as conf:
    SITE = dict(line.rstrip('\n').split('=', 1) for line in conf if '=' in line)

DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.mysql',
        'NAME': SITE['database'],
        'USER': SITE['user'],
        'PASSWORD': SITE['password'],
        'HOST': SITE['database_host'],
        'PORT': SITE['database_port'],
    }
}
