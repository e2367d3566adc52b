"""The thirteen organizations of Port Merrow, each in a module of its own, in its own voice."""

from web.demo.pieces import Voice
from web.demo.voices.barrier_free_merrow import BARRIER_FREE_MERROW
from web.demo.voices.harbour_night_line import HARBOUR_NIGHT_LINE
from web.demo.voices.lantern_house import LANTERN_HOUSE
from web.demo.voices.merrow_river_society import MERROW_RIVER_SOCIETY
from web.demo.voices.merrow_tenants_union import MERROW_TENANTS_UNION
from web.demo.voices.open_door_welcome import OPEN_DOOR_WELCOME
from web.demo.voices.port_merrow_library import PORT_MERROW_LIBRARY
from web.demo.voices.radio_maree import RADIO_MAREE
from web.demo.voices.second_helping import SECOND_HELPING
from web.demo.voices.silver_tide import SILVER_TIDE
from web.demo.voices.southside_mutual_aid import SOUTHSIDE_MUTUAL_AID
from web.demo.voices.spoke_and_wrench import SPOKE_AND_WRENCH
from web.demo.voices.tidewater_youth_orchestra import TIDEWATER_YOUTH_ORCHESTRA

VOICES: tuple[Voice, ...] = (
    SECOND_HELPING,
    LANTERN_HOUSE,
    PORT_MERROW_LIBRARY,
    MERROW_TENANTS_UNION,
    SPOKE_AND_WRENCH,
    TIDEWATER_YOUTH_ORCHESTRA,
    OPEN_DOOR_WELCOME,
    MERROW_RIVER_SOCIETY,
    BARRIER_FREE_MERROW,
    RADIO_MAREE,
    SILVER_TIDE,
    SOUTHSIDE_MUTUAL_AID,
    HARBOUR_NIGHT_LINE,
)
