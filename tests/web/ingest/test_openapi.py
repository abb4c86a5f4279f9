"""The OpenAPI document is true, and nothing it describes can be made to answer 5xx."""

import schemathesis
from hypothesis import HealthCheck, given, settings

from ingest_site import Site

OFFERED = {
    "/api/v1/observations",
    "/api/v1/datastreams",
    "/api/v1/sources",
    "/healthz",
    "/sta/v1.1",
    "/sta/v1.1/Things",
    "/sta/v1.1/Datastreams",
    "/sta/v1.1/Observations",
    "/sta/v1.1/CreateObservations",
}


def test_everything_offered_is_in_the_document(site: Site) -> None:
    """With the media types of raw bodies, which the framework cannot know."""
    document = site.client.get("/openapi.json").json()
    assert set(document["paths"]) >= OFFERED
    content = document["paths"]["/api/v1/observations"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/vnd.apache.arrow.stream"}


def test_generated_requests_never_make_it_fail(site: Site) -> None:
    """Schemathesis over every operation, 501, "not offered", is the standard's own answer."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", site.client.app)
    tried = 0
    for operation in schema.get_all_operations():
        case_of = operation.ok().as_strategy()

        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=case_of)
        def try_one(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            answer = case.call(headers={"Authorization": f"Bearer {site.token}"})
            assert answer.status_code < 500 or answer.status_code == 501, answer.text

        try_one()
    assert tried > 100
