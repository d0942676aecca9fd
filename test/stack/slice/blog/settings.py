"""The smallest Django that shows a row of SQLite, as the notes' blog did."""
import os

SECRET_KEY = 'only for the test of the slice'
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'blog.urls'
USE_TZ = True
# Python's own sqlite3 reads it: Django's needs sqlparse, whose archives have left the mirrors.
DATABASE = os.environ['BLOG_DATABASE']
