"""The three routes that are compared, each a WSGI app for gunicorn. Who is logged in stands in the header X-Viewer."""
