"""A data folder for this run alone; named in the options of pytest, to come before Django reads its settings."""

import atexit
import os
import shutil
import tempfile

os.environ["MIC_DATA_DIR"] = tempfile.mkdtemp(prefix="micconnect-tests-")
os.environ.setdefault("MIC_MEDIA_ADDRESS", "127.0.0.1")
atexit.register(shutil.rmtree, os.environ["MIC_DATA_DIR"], ignore_errors=True)
