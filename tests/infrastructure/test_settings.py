"""What functions read from the environment is what the template gives them."""

from besunny.orchestration.settings import OrchestrationSettings
from tests.infrastructure.template import functions, template


def test_every_setting_of_new_work_can_be_set_in_the_template():
    created = next(p for p in functions().values() if p["Handler"].startswith("orchestration.create_workflow."))
    given = created["Environment"]["Variables"]
    assert {name.upper() for name in OrchestrationSettings.model_fields} <= given.keys()
    assert given["CONFIG_VERSION"]["Ref"] in template()["Parameters"]
