"""Django left mod_python in 1.5; this hands a request of mod_python to the same WSGI application."""
from mod_python import apache

from tetriad.wsgi import application


def handler(req):
    environ = dict(apache.build_cgi_env(req))
    environ.update({
        'wsgi.version': (1, 0),
        'wsgi.url_scheme': 'http',
        'wsgi.input': req,
        'wsgi.errors': req,
        'wsgi.multithread': False,
        'wsgi.multiprocess': True,
        'wsgi.run_once': False,
        'SITE_THROUGH': 'mod_python',
    })

    def start_response(status, headers, exc_info=None):
        req.status = int(status.split(' ', 1)[0])
        for name, value in headers:
            if name.lower() == 'content-type':
                req.content_type = value
            else:
                req.headers_out.add(name, value)
        return req.write

    for piece in application(environ, start_response):
        req.write(piece)
    return apache.OK
