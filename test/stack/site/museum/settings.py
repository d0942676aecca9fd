"""Python 2.5 and the Django of November 2007, without a database."""
SECRET_KEY = 'only for the test of the stack'
ROOT_URLCONF = 'museum.urls'
DEBUG = True
