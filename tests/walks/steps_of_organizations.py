"""Steps with organizations, groups, and who is in these."""

from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from tests.walks.actors import EDITOR, LEAD, Actor, stands_in
from tests.walks.moves import Arguments, Scene, step
from tests.walks.picture import Row

Made = tuple[Actor, Arguments] | None
UNDER_WAY = {"INVITED", "REQUESTED", "PENDING_AGREEMENT", "ACTIVE", "SUSPENDED"}


def new_slug(scene: Scene, table: str) -> str:
    return f"{table[:-1]}-{len(scene.picture[table])}"


@step
def create_organization(scene: Scene) -> Made:
    slug = new_slug(scene, "organizations")
    words = {"slug": slug, "name": slug.title(), "timeZone": "Europe/Berlin"}
    more = scene.sometimes(visibility=scene.word(_OF_ORGANIZATION))
    return scene.somebody(), {"input": {**words, **more}}


_OF_ORGANIZATION = [each for each in Visibility if each is not Visibility.GROUP]


@step
def update_organization(scene: Scene) -> Made:
    organization = scene.one("organizations")
    if organization is None:
        return None
    changes = {
        "summary": scene.dice.one_of(["We share.", None]),
        **scene.sometimes(visibility=scene.word(_OF_ORGANIZATION)),
    }
    return scene.staff(organization["id"], LEAD), changed(organization, changes)


def changed(row: Row, changes: Arguments) -> Arguments:
    return {"input": {"id": row["id"], "version": row["version"], **changes}}


@step
def create_group(scene: Scene) -> Made:
    organization = scene.one("organizations")
    if organization is None:
        return None
    mine, slug = organization["id"], new_slug(scene, "groups")
    parents = [row["id"] for row in scene.rows("groups", organization_id=mine)]
    joining = scene.word(list(JoinPolicy))
    more = scene.sometimes(
        visibility=scene.word(list(Visibility)),
        shareWith=scene.dice.some_of(sorted(stands_in(scene.picture, mine)), 1),
        parent=scene.dice.one_if_any(parents),
        kind=scene.word(list(GroupKind)),
    )
    words = {"organization": mine, "slug": slug, "name": slug.title(), "joinPolicy": joining}
    return scene.staff(mine, EDITOR), {"input": {**words, **more}}


@step
def update_group(scene: Scene) -> Made:
    group = scene.one("groups")
    if group is None:
        return None
    changes = scene.sometimes(
        name="The crew",
        purpose=None,
        joinPolicy=scene.word(list(JoinPolicy)),
        visibility=scene.word(list(Visibility)),
    )
    return scene.staff(group["organization_id"], EDITOR), changed(group, changes)


@step
def join_group(scene: Scene) -> Made:
    actor = scene.somebody()
    group = scene.dice.one_if_any(scene.seen_by(actor, scene.rows("groups")))
    if group is None:
        return None
    return actor, {"group": group["id"], **scene.sometimes(message="May I?")}


@step
def leave_group(scene: Scene) -> Made:
    leads = "ADMIN" if scene.dice.happens(25) else "MEMBER"
    place = scene.one(
        "group_members", lambda row: row["status"] in UNDER_WAY, lambda row: row["role"] == leads
    )
    if place is None:
        return None
    return scene.as_person(place["person_id"]), {"group": place["group_id"]}


def keeper(scene: Scene, group: Row) -> Actor:
    """One of the group's admins, or an editor of its organization."""
    admins = scene.rows("group_members", group_id=group["id"], status="ACTIVE", role="ADMIN")
    admin = scene.dice.one_if_any(admins)
    if admin is not None and scene.dice.happens(50):
        return scene.as_person(admin["person_id"])
    return scene.staff(group["organization_id"], EDITOR)


@step
def invite_to_group(scene: Scene) -> Made:
    group = scene.one("groups")
    if group is None:
        return None
    known = [
        row["person_id"]
        for row in scene.rows("team_members", organization_id=group["organization_id"])
    ]
    anybody = sorted(row["id"] for row in scene.rows("persons"))
    person = scene.dice.one_of(known if known and not scene.dice.happens(30) else anybody)
    return keeper(scene, group), {"group": group["id"], "person": person}


@step
def respond_to_group_membership(scene: Scene) -> Made:
    place = scene.one("group_members", lambda row: row["status"] in {"INVITED", "REQUESTED"})
    if place is None:
        return None
    person = scene.as_person(place["person_id"])
    group = keeper(scene, scene.picture["groups"][place["group_id"]])
    asked = person if place["status"] == "INVITED" else group
    actor = asked if not scene.dice.happens(25) else scene.dice.one_of([person, group])
    return actor, {"membership": place["id"], "accept": not scene.dice.happens(30)}
