"""A warning handed to the authority's gateway by HTTP PUT: the identifier names it, so that twice is once."""

from typing import Final

import httpx

from impetus.adapters.effectors.declared import Gateway
from impetus.adapters.effectors.http import UNSENT, client_for
from impetus.core.errors import NotNow
from impetus.core.warning import Message
from impetus.ports.effects import Outcome

PUT_S: Final = 10.0
RETRY_S: Final = 10.0
CAP_TYPE: Final = "application/cap+xml"


def put_message(gateway: Gateway, message: Message, body: bytes) -> Outcome:
    """Put the message to the gateway's address, under its identifier when the address has a place for it."""
    headers = {"content-type": CAP_TYPE, "idempotency-key": message.header.identifier}
    if gateway.token:
        headers["authorization"] = f"Bearer {gateway.token}"
    url = gateway.url.replace("{identifier}", message.header.identifier)
    try:
        with client_for(gateway.cafile, PUT_S) as client:
            answer = client.put(url, content=body, headers=headers)
    except UNSENT as error:
        raise NotNow(f"the gateway is away; nothing was sent ({str(error)[:80]})", retry_after_s=RETRY_S) from error
    except httpx.HTTPError as error:
        return Outcome(succeeded=False, receipt=f"the gateway has not answered ({str(error)[:80]})", is_known=False)
    said = f"gateway answered {answer.status_code}"
    return Outcome(succeeded=answer.is_success, receipt=said, is_known=answer.is_success or answer.is_client_error)
