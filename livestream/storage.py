"""Static files under hashed names, with the imports inside our JavaScript modules rewritten to them."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Without the rewriting a cached old module would be imported by a new one."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one pass per level of imports; a circle of imports still fails
