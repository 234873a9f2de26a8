"""How static files are served in production: compressed, under a name that changes with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Scripts import each other under those names too, so that a page never mixes modules of two versions."""

    support_js_module_import_aggregation = True
