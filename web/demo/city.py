"""Port Merrow, a harbour city that is on no map: its time zone, its places, its surroundings."""

from domain.places import Place, PlacePrecision

TIME_ZONE = "America/Halifax"
CENTRE = (44.372, -64.43)

# Key: name, street and district, postal code, latitude, longitude.
_IN_THE_CITY = {
    "town-hall": ("Town Hall", "1 Market Square, Old Harbour", "B4M 1A1", 44.3721, -64.4302),
    "market": ("Market Square", "Market Square, Old Harbour", "B4M 1A1", 44.3718, -64.4309),
    "library": ("Central Library", "14 Lantern Street, Old Harbour", "B4M 1B3", 44.3733, -64.4287),
    "branch": ("Northgate Branch Library", "220 Gate Road, Northgate", "B4M 3K2", 44.3912, -64.4365),
    "warehouse": ("The Pantry Warehouse", "9 Cooper's Wharf, Millside", "B4M 2C4", 44.3664, -64.4418),
    "kitchen": ("Millside Community Kitchen", "31 Weir Street, Millside", "B4M 2C9", 44.3671, -64.4452),
    "mill-hall": ("Millside Hall", "40 Weir Street, Millside", "B4M 2D1", 44.3679, -64.4461),
    "shelter": ("Lantern House", "77 Chandler Street, Old Harbour", "B4M 1C8", 44.3702, -64.4251),
    "tenants": ("Tenants' Office", "5 Tanner Row, Southside", "B4M 4A6", 44.3588, -64.4329),
    "southside": ("Southside Community Centre", "118 Tanner Row, Southside", "B4M 4B2", 44.3571, -64.4347),
    "garden": ("Tanner Row Garden", "132 Tanner Row, Southside", "B4M 4B2", 44.3562, -64.4361),
    "workshop": ("Spoke & Wrench Workshop", "3 Ropewalk Lane, Millside", "B4M 2E5", 44.3649, -64.4397),
    "velodrome": ("Alder Flats Pump Track", "Flats Road, Alder Flats", "B4M 5N1", 44.3801, -64.4588),
    "conservatory": ("Old Conservatory", "60 Chapel Hill Road, Chapel Hill", "B4M 6H4", 44.3789, -64.4193),
    "st-brendan": ("St Brendan's Church", "2 Chapel Hill Road, Chapel Hill", "B4M 6H1", 44.3774, -64.4209),
    "bandstand": ("Harbour Bandstand", "The Esplanade, Old Harbour", "B4M 1D7", 44.3699, -64.4279),
    "welcome": ("Open Door House", "19 Lantern Street, Old Harbour", "B4M 1B4", 44.3737, -64.4279),
    "school": ("Northgate School", "201 Gate Road, Northgate", "B4M 3K1", 44.3904, -64.4352),
    "mosque": ("Northgate Mosque Hall", "240 Gate Road, Northgate", "B4M 3K5", 44.3921, -64.4381),
    "boathouse": ("Riverbend Boathouse", "88 Towpath, Riverbend", "B4M 7C2", 44.3655, -64.4611),
    "weir": ("Old Weir", "Towpath, Riverbend", "B4M 7C4", 44.3641, -64.4689),
    "marsh": ("Gull Cove Marsh Centre", "400 Shore Road", "B4N 1T3", 44.3389, -64.3957),
    "station": ("Radio Marée", "8 rue du Phare, Lighthouse Point", "B4M 8P2", 44.3627, -64.4158),
    "lighthouse": ("Lighthouse Point", "rue du Phare, Lighthouse Point", "B4M 8P9", 44.3601, -64.4117),
    "seniors": ("Silver Tide House", "12 Captain's Walk, Chapel Hill", "B4M 6J3", 44.3803, -64.4221),
    "pool": ("Harbour Pool", "50 The Esplanade, Old Harbour", "B4M 1D9", 44.3688, -64.4266),
    "access": ("Barrier-Free Studio", "22 Gate Road, Northgate", "B4M 3H1", 44.3856, -64.4331),
    "cinema": ("Paragon Cinema", "4 Lantern Street, Old Harbour", "B4M 1B1", 44.3729, -64.4296),
}  # fmt: skip
_AROUND = {
    "upper-merrow": ("Upper Merrow Hall", "2 Church Road", "Upper Merrow", "B4P 2A1", 44.4417, -64.5208),
    "saint-alban": ("Salle Saint-Alban", "15 rue de l'Église", "Saint-Alban", "B4R 1E6", 44.2981, -64.5512),
    "fallow-farm": ("Fallow Farm", "610 Fallow Road", "Fallow", "B4S 3W8", 44.4689, -64.3321),
}  # fmt: skip


def _place(name: str, street: str, locality: str, code: str, north: float, east: float) -> Place:
    return Place(name, street, locality, "Nova Scotia", code, "CA", north, east)


PLACES = {
    key: _place(name, street, "Port Merrow", code, north, east)
    for key, (name, street, code, north, east) in _IN_THE_CITY.items()
} | {key: _place(*of) for key, of in _AROUND.items()}

# Where nobody should be found who does not wish to be: known to about a kilometre, or to ten.
PLACES["near-shelter"] = Place(
    "A quiet house in Old Harbour",
    locality="Port Merrow",
    region="Nova Scotia",
    country="CA",
    latitude=44.3704,
    longitude=-64.4244,
    precision=PlacePrecision.NEAR,
)
PLACES["somewhere"] = Place(
    locality="Port Merrow",
    region="Nova Scotia",
    country="CA",
    latitude=CENTRE[0],
    longitude=CENTRE[1],
    precision=PlacePrecision.REGION,
)
