#!/usr/bin/python
"""Writes one small text file; a plain program that action_plugins/written.py sends to the host."""

DOCUMENTATION = r"""
module: written
short_description: A small text file holds just this
description:
  - What template does, in a tenth of the time. The text comes from C(lookup('template', 'name')).
  - The new text is validated before the old one is touched, and takes its place in one step.
options:
  dest: {description: Path on the host. Its folder must be there., type: str, required: true}
  content: {description: The text., type: str, required: true}
  owner: {description: Name of a user., type: str, required: true}
  group: {description: Name of a group., type: str, required: true}
  mode: {description: "Octal, in quotes.", type: str, required: true}
  validate: {description: "A command that refuses a bad text; %s in it is the path of a file that holds it.", type: str}
"""

import grp
import json
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

MOST_IN_DIFF = 100000


class Wrong(Exception):
    """Says in words what is wrong; the other arguments are fields of the result."""


def present(path):
    """The bytes at the path and its stat; None where no plain file is there."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None, None
    if stat.S_ISDIR(found.st_mode):
        raise Wrong("%s is a folder" % path)
    if not stat.S_ISREG(found.st_mode):
        return None, None
    with open(path, "rb") as file:
        return file.read(), found


def ids(params):
    """None for a name that is not known: in check mode on a bare host it would come first."""
    try:
        return pwd.getpwnam(params["owner"]).pw_uid, grp.getgrnam(params["group"]).gr_gid
    except KeyError as error:
        if params["check"]:
            return None
        raise Wrong("%s; apply the whole role" % error.args[0])


def validate(command, dest, text):
    """In a folder of its own, under its own name: some validators look at the end of it."""
    folder = tempfile.mkdtemp(prefix="lakitu-")
    try:
        path = os.path.join(folder, os.path.basename(dest))
        with open(path, "wb") as file:
            file.write(text)
        words = [word.replace("%s", path) for word in shlex.split(command)]
        told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    except FileNotFoundError as error:
        raise Wrong("cannot validate: %s" % error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if told.returncode != 0:
        output = {"rc": told.returncode, "stdout": told.stdout[-4000:], "stderr": told.stderr[-4000:]}
        raise Wrong("failed to validate", output)


def write(dest, text, owners, mode):
    # One name for all attempts, so that a killed one leaves nothing that the next does not take.
    new = os.path.join(os.path.dirname(dest), ".%s.lakitu-new" % os.path.basename(dest))
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        raise Wrong("the folder of %s is missing; apply the whole role" % dest)
    with os.fdopen(fd, "wb") as file:
        file.write(text)
        os.fchown(file.fileno(), *owners)
        os.fchmod(file.fileno(), mode)
    os.rename(new, dest)


def shown(text, found):
    """What a diff shows of the one and of the other side."""
    if len(text or b"") > MOST_IN_DIFF:
        return "(too long to show)\n"
    head = "" if found is None else "(%o %d:%d)\n" % found
    return head + (text or b"").decode("utf-8", "replace")


def octal(mode):
    # Without its quotes YAML reads 0640 as the number 416, which would pass for another mode.
    if not re.fullmatch("0[0-7]{3,4}", mode):
        raise Wrong('mode is %s; it must be octal, with a leading 0 and in quotes: "0644"' % mode)
    return int(mode, 8)


def run(params):
    dest, text, mode = params["dest"], params["content"].encode(), octal(params["mode"])
    before, found = present(dest)
    owners = ids(params)
    had = None if found is None else (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)
    wanted = (mode,) + (owners or (-1, -1))
    result = {"changed": before != text or had != wanted}
    if not result["changed"]:
        return result
    if params["diff"]:
        rights = had != wanted and had is not None
        sides = shown(before, had if rights else None), shown(text, wanted if rights else None)
        result["diff"] = {"before": sides[0], "after": sides[1], "before_header": dest, "after_header": dest}
    if params["validate"] and before != text and not (params["check"] and absent(params["validate"])):
        validate(params["validate"], dest, text)
    if not params["check"]:
        write(dest, text, owners, mode)
    return result


def absent(command):
    """In check mode on a bare host the validator would come first."""
    return not os.path.exists(shlex.split(command)[0])


def main():
    try:
        result = run(json.loads(PARAMS))
    except Wrong as error:
        result = {"failed": True, "msg": error.args[0], **(error.args[1] if len(error.args) > 1 else {})}
    print(json.dumps(result))
    sys.exit(1 if result.get("failed") else 0)


if __name__ == "__main__":
    main()
