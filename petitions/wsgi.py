"""The web application for a server: `petitions.wsgi:app`, settings from PETITIONS_CONFIG."""

from __future__ import annotations

import os
from pathlib import Path

from petitions.app import create_app
from petitions.platform.config import load_settings
from petitions.platform.faults import LastResort, forbid_memory_images, install_hooks
from petitions.platform.logs import install_logging
from petitions.platform.memory import keep_what_is_there

install_logging()
install_hooks()
forbid_memory_images()
app = LastResort(create_app(load_settings(Path(os.environ.get("PETITIONS_CONFIG", "config.toml")))))
keep_what_is_there()
