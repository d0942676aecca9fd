"""What answers, as Python and Django know it; Apache's own header names the rest."""
import sys

import django
from django.http import HttpResponse
from django.utils import simplejson


def page(request):
    return HttpResponse(simplejson.dumps({
        'python': '%d.%d.%d' % sys.version_info[:3],
        'django': django.get_version(),
        'through': request.__class__.__module__,
    }), mimetype='application/json')
