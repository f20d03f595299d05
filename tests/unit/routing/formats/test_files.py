import pytest

from provd.routing.formats.registry import FORMATS
from provd.schema.transfer import ExportFormat


@pytest.mark.parametrize("form", list(ExportFormat))
def test_the_files_of_a_format_are_known_to_clients(form: ExportFormat) -> None:
    written = tuple(FORMATS[form.value].files)
    assert form.files == (written if len(written) > 1 else ())
