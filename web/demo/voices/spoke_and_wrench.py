"""Spoke & Wrench, where bicycles are repaired by whoever rides them."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import Visibility
from web.demo.pieces import (
    ROUGH_GROUND,
    SOME_STEPS,
    STEP_FREE,
    UNKNOWN,
    Circle,
    Piece,
    Someone,
    Voice,
)

SPOKE_AND_WRENCH = Voice(
    slug="spoke-and-wrench",
    name="Spoke & Wrench Bike Kitchen",
    summary="Tools, parts and patience: fix your own bicycle, and then somebody else's.",
    description="An old rope works full of bicycles. Open to everybody, run by whoever has a key; there are many keys. We earn our rent by selling what we rescue from the dump.",
    causes=("climate", "mobility", "youth"),
    languages=("en", "de", "es"),
    where="workshop",
    telephone="+1 902 555 0105",
    people=(
        Someone("Jutta Brandvold", TeamRole.OWNER, "de"),
        Someone("Cedric Oakes", TeamRole.EDITOR),
        Someone("Thuy Dang", TeamRole.EVENT_MANAGER),
        Someone("Ramón Ibarra", language="es"),
        Someone("Shanice Colley"),
    ),
    circles=(
        Circle("key-holders", "Key Holders", "Opens, closes, sweeps, decides.", GroupKind.TEAM, visibility=Visibility.ORGANIZATION),
        Circle("womens-night", "Women's & Trans Night", "The workshop without the commentary.", GroupKind.LOCAL, where="workshop"),
        Circle("cargo-bikes", "Cargo Bike Pool", "Nine cargo bikes, booked by whoever has something to carry.", GroupKind.WORKING_GROUP, where="workshop", share=("merrow-commons",), causes=("mobility", "food")),
    ),
    weekly=2,
    series=(
        Piece("Open workshop", "Bring it in, put it on a stand, ask. Parts at what they cost us.", "workshop", "Tue Fri", "16:00", 4, every="week", access=SOME_STEPS, other={"de": ("Offene Werkstatt", "Rad mitbringen, aufhängen, fragen. Ersatzteile zum Selbstkostenpreis."), "es": ("Taller abierto", "Trae tu bici, cuélgala y pregunta. Repuestos a precio de costo.")}),
        Piece("Women's & Trans Night", "Same tools, different evening.", "workshop", "Mon", "18:00", 3, every="week", group="womens-night"),
        Piece("Slow ride to the marsh", "Twelve kilometres, three stops, nobody is dropped.", "workshop", "Sun", "10:00", 3, every="2 weeks", access=UNKNOWN, beside=("merrow-river-society",), share=("merrow-commons",)),
    ),
    pieces=(
        Piece("Skill night: {topic}", "One thing, properly: {topic}. Hands black by nine.", "workshop", "Thu", "18:30", 2, topics=("wheel truing", "brakes that stop", "bottom brackets", "flat tyres without tears", "winter chains"), capacity=8, joining=JoinMode.APPROVAL, access=SOME_STEPS, other={"de": ("Schrauberabend", "Eine Sache, dafür gründlich. Um neun sind die Hände schwarz.")}),
        Piece("Earn a bike", "Young people from ten to sixteen repair two bicycles and ride one home. Five Saturdays.", "workshop", "Sat", "10:00", 2.5, sessions=5, capacity=12, joining=JoinMode.EXTERNAL, sign_up="https://spoke-and-wrench.example/earn", causes=("youth", "mobility"), beside=("tidewater-youth-orchestra",), share=("merrow-commons",)),
        Piece("Bikes for newcomers", "Forty bicycles, locks and lights for people who have just arrived. Bring the number from Open Door.", "welcome", "Sat", "13:00", 3, beside=("open-door-welcome",), share=("merrow-commons",), access=STEP_FREE, causes=("newcomers", "mobility"), other={"ar": ("دراجات للوافدين الجدد", "أربعون دراجة مع أقفال وأضواء لمن وصلوا حديثًا."), "es": ("Bicis para recién llegados", "Cuarenta bicicletas con candado y luces para quienes acaban de llegar.")}),
        Piece("Night race at the pump track", "Two laps, silly costumes, a cup made of a hub.", "velodrome", "Fri", "20:00", 2, access=ROUGH_GROUND, free=False, causes=("youth",)),
        Piece("Reparatur-Café auf Deutsch", "Kaffee, Kuchen, Kettenfett. Für alle, die beim Schrauben lieber Deutsch reden.", "workshop", "Sun Sat", "14:00", 3, language="de", beside=("silver-tide",), other={"en": ("Repair café in German", "Coffee, cake, chain grease, for those who rather speak German over a bicycle.")}),
        Piece("Key holders' kitchen table", "Rent, rota, and who broke the compressor.", "workshop", "Wed", "19:00", 1.5, group="key-holders", visibility=Visibility.ORGANIZATION),
        Piece("Bike market", "Two hundred rescued bicycles, each with its price and its faults on a tag.", "market", "Sun", "09:00", 6, access=STEP_FREE, free=False),
    ),
)  # fmt: skip
