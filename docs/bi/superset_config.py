"""Settings of the Superset that `make superset` starts, on loopback and in a folder of its own."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"
# Plain http on loopback: the cookie must travel without TLS, and no asset comes from elsewhere.
SESSION_COOKIE_SECURE = False
TALISMAN_ENABLED = False
