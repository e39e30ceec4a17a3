"""Texts the command-line tests share: a bulletin, and the same with its body twice."""

from __future__ import annotations

BODY = """\
The ferry to the outer islands was cancelled for a third day because of high waves at the bar.

Harbour staff moved forty passengers into the sailors' hall, where the bakery brought warm bread.

A second crossing is planned once the swell drops and the pilot boat has checked the channel.

Travellers with onward trains can exchange their tickets at the counter beside the old crane.
"""
DOUBLED = f"Ferry bulletin\n\n{BODY}\n{BODY}"
CLEAN = f"Ferry bulletin\n\n{BODY}"
