"""As whom the embedded PostgreSQL runs: it refuses to be root.

An ordinary user's runs as that user. Root's runs as root under another number, in a user namespace;
where the system refuses those, as an unprivileged account that can reach the files; where there is
none, the message says what to do. No account is made, and nothing above the data directory changed.
"""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from storage.data_directory import DataDirectoryProblem

ACCOUNTS = ("postgres", "nobody")


def identity_for(directory: Path, cluster: Path, keeper: list[str], postgres: str) -> str:
    """`same`, `map:UID:GID` or `be:UID:GID`: see `storage/keeper.py`."""
    if os.geteuid() != 0:
        return "same"
    if cluster.exists():
        owner = cluster.stat()
        if owner.st_uid != 0:  # made by that user, or by root where there were no namespaces
            return required(f"be:{owner.st_uid}:{owner.st_gid}", directory, keeper, postgres)
    known = [account for account in pwd.getpwall() if account.pw_uid != 0]
    known.sort(key=lambda account: account.pw_name not in ACCOUNTS)
    # initdb wants its user's number to have a name, in the namespace too.
    tries = [f"map:{account.pw_uid}:{account.pw_gid}" for account in known[:1]]
    if not cluster.exists():
        tries += [f"be:{a.pw_uid}:{a.pw_gid}" for a in known if a.pw_name in ACCOUNTS]
    for who in tries:
        if reaches(who, directory, keeper, postgres):
            return who
    raise DataDirectoryProblem(
        f"PostgreSQL does not run as root, this system has no user namespaces for it, and neither "
        f"{' nor '.join(ACCOUNTS)} can reach both {directory} and {postgres}. Run Convoke as an "
        "ordinary user who owns both, or set DATABASE_URL to a server of your own."
    )


def required(who: str, directory: Path, keeper: list[str], postgres: str) -> str:
    if reaches(who, directory, keeper, postgres):
        return who
    uid = who.split(":")[1]
    raise DataDirectoryProblem(
        f"The database in {directory} belongs to user {uid}, who cannot reach it and "
        f"{postgres}. Run Convoke as that user, from where that user may read."
    )


def reaches(who: str, directory: Path, keeper: list[str], postgres: str) -> bool:
    """Whether that user can enter the directory and run PostgreSQL: by doing it.

    Another account's way to its database leads through the data directory, which is ours to open
    that far; what lies above it is not.
    """
    mode = stat.S_IMODE(directory.stat().st_mode)
    if who.startswith("be:"):
        directory.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
    if answers(who, directory, keeper, postgres):
        return True
    directory.chmod(mode)
    return False


def answers(who: str, directory: Path, keeper: list[str], postgres: str) -> bool:
    look = ["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh", str(directory), postgres]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*keeper, who, "", *look],
        stdin=subprocess.PIPE,  # held open: the keeper ends its child when it closes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    ) as tried:
        return tried.wait() == 0
