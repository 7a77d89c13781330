# The product as one image: `serve` by default, other commands by their words. Made by compose.yaml.
FROM python:3.12-slim-bookworm

RUN useradd --create-home crm && mkdir /app /data && chown crm:crm /app /data
USER crm
WORKDIR /app
COPY --chown=crm:crm . .

# The same set-up as everywhere else; what it makes beside the packages is thrown away.
RUN DATA_DIR=/tmp/setup python3 manage.py setup && rm -rf /tmp/setup

ENV DATA_DIR=/data HOST=0.0.0.0 PORT=5000 PYTHONUTF8=1 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 5000
CMD ["python3", "manage.py", "serve"]
