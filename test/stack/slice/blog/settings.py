"""The smallest Django that shows a row of SQLite, as the notes' blog did."""
import os

SECRET_KEY = 'only for the test of the slice'
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'blog.urls'
USE_TZ = True
DATABASES = {
    'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.environ['BLOG_DATABASE']},
}
