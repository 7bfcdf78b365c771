"""Telephones that are called by: real ones from Debian, which `scripts/test-tools.sh` installs."""

from __future__ import annotations

import shutil

import pytest

installed = pytest.mark.skipif(not (shutil.which("sipp") and shutil.which("baresip")), reason="the callers are not installed")

#: Of baresip, with `folder` for the sound that it plays and hears; `tls` is a line more, or nothing.
BARESIP = """sip_listen 127.0.0.1:0
{tls}
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module_app account.so
module_app menu.so
audio_source aufile,{folder}/said.wav
audio_player aufile,{folder}/heard.wav
audio_alert aufile,{folder}/heard.wav
"""
