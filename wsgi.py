"""Entry point of web servers: `gunicorn wsgi:app`."""

from crm import create_app, indexing
from crm.find import watching

app = create_app()
if app.config["WORKER_THREAD"]:
    indexing.start_worker(app)
    watching.start(app)
