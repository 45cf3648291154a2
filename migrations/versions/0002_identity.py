"""Identity and anonymity: roles assigned in the house, sealing."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import JsonText, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
