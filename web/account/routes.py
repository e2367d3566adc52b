"""Every page of identity, in one list. Look next at `visits.py`, which they all lean on."""

from starlette.routing import Route

from auth.passwords import Passwords
from web.account import (
    account,
    app_registration,
    apps,
    connected,
    consent,
    device,
    invitation,
    letters,
    outbox,
    own_calendar,
    passkeys,
    providers,
    security,
    sessions,
    sign_in,
    team,
    team_providers,
)
from web.account.parts import Parts
from web.account.visits import Account
from web.service import Service


def routes(service: Service) -> list[Route]:
    pages = Account(service.settings.base_url, service.settings.hub_name, service.desk)
    hasher = Passwords(service.chance)
    parts: Parts = {
        "sign_in_passkey": passkeys.sign_in_part(pages),
        "security_passkeys": passkeys.security_part(),
        "sign_in_providers": providers.sign_in_part(),
        "security_providers": providers.security_part(),
    }
    return [
        *account.routes(pages),
        *sign_in.routes(pages, hasher, parts),
        *sessions.routes(pages),
        *security.routes(pages, hasher, parts),
        *passkeys.routes(pages),
        *consent.routes(pages, service.tokens),
        *device.routes(pages),
        *connected.routes(pages),
        *own_calendar.routes(pages),
        *letters.routes(pages),
        *apps.routes(pages),
        *app_registration.routes(pages),
        *team.routes(pages),
        *invitation.routes(pages),
        *(outbox.routes(pages) if service.settings.outbox_page else ()),
        *providers.routes(pages, service.providers),
        *team_providers.routes(pages, service.providers),
    ]
