"""The rows of the surveys, to look at: what a use-case guards is changed through its use-case alone."""

from __future__ import annotations

from django.contrib import admin

from accounts.read_only import ReadOnly
from surveys.models import Criterion, Framework, FrameworkVersion, Mail, Panel, Round, Submission

for model in (Criterion, Framework, FrameworkVersion, Mail, Panel, Round, Submission):
    admin.site.register(model, ReadOnly)
