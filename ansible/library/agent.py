#!/usr/bin/python
"""Keeps one agent (Consul, Nomad) running from what is on the disk.

A plain program that action_plugins/agent.py sends to the host.
"""

DOCUMENTATION = r"""
module: agent
short_description: An agent runs, from its present binary, unit and configuration, and is healthy
description:
  - In place of handlers. A handler is lost with a tag, a kill or a failed host; this module looks at what is.
  - The unit writes a digest of what it starts from to /run/lakitu/<name>.stamp. Another digest now means a restart.
  - Binaries that an upgrade left behind are removed once the agent answers.
  - "When the agent does not start, or is not healthy in time, it fails with I(unhealthy): what was applied is at fault,
    or the cluster; the last lines of its log are in I(stdout)."
options:
  name: {description: The agent and its unit., type: str, required: true}
  digest: {description: The shell command whose output the unit writes as its stamp., type: str, required: true}
  url: {description: The agent's own HTTP address., type: str, required: true}
  ask: {description: "What healthy means: consul, nomad server, nomad client.", type: list, elements: str, required: true}
  settle:
    description:
      - Which agents must be healthy before this ends; the others need only to answer.
      - "first start: one that did not run. For one that is restarted a later task asks, so that others need not wait."
      - "restart: one that was healthy before. Its first health may depend on agents that start later."
    type: str
    choices: [always, first start, restart]
    default: always
  only: {description: "health: change nothing, wait for health.", type: str, choices: [health]}
  timeout: {description: Seconds to wait for health., type: int, default: 60}
"""

RETURN = r"""
actions: {description: "What was done, or would be: reload, enable, start, restart, prune.", type: list}
unhealthy: {description: "Only in a failure: it was to run and did not, or was not healthy in time.", type: bool}
waited: {description: Seconds until it was healthy., type: float}
"""

import glob
import http.client
import json
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit


class Unhealthy(Exception):
    """Says in words what is missing."""


class Failed(Exception):
    """Says in words what is wrong; `unhealthy` where the agent itself is."""

    def __init__(self, message, unhealthy=False):
        super().__init__(message)
        self.unhealthy = unhealthy


class Http:
    """The agent's own HTTP, asked directly: a proxy of the environment has no say."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc

    def json(self, path):
        connection = http.client.HTTPConnection(self.host, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unhealthy("its HTTP does not answer (%s)" % error)
        finally:
            connection.close()
        if response.status != 200:
            raise Unhealthy("%s answers %d: %s" % (path, response.status, body[:200].decode("utf-8", "replace")))
        try:
            return json.loads(body)
        except ValueError:
            raise Unhealthy("%s does not answer JSON" % path)


def ask_alive(http_):
    http_.json("/v1/agent/self")


def ask_consul(http_):
    if not http_.json("/v1/status/leader"):
        raise Unhealthy("it knows no leader")


def ask_nomad_server(http_):
    # Keys need a leader. A client that comes before them waits for 25 s.
    if not http_.json("/.well-known/jwks.json").get("keys"):
        raise Unhealthy("the servers have no keyring yet")


def ask_nomad_client(http_):
    # By id, not by name: a node that was destroyed and made again has a ghost of the same name.
    node = http_.json("/v1/agent/self").get("stats", {}).get("client", {}).get("node_id")
    if not node:
        raise Unhealthy("it is not a client")
    status = http_.json("/v1/node/" + node).get("Status")
    if status != "ready":
        raise Unhealthy("its node is %s, not ready" % status)


QUESTIONS = {"consul": ask_consul, "nomad server": ask_nomad_server, "nomad client": ask_nomad_client}


def command(*words):
    told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    return told.returncode, told.stdout, told.stderr


class Agent:
    def __init__(self, params):
        self.params = params
        self.name = params["name"]
        self.unit = self.name + ".service"
        self.link = "/usr/local/bin/" + self.name
        self.http = Http(params["url"])
        self.questions = [QUESTIONS[word] for word in params["ask"]]
        self.done = []

    def systemctl(self, *words):
        code, out, err = command("systemctl", *words)
        if code != 0:
            unhealthy = words[0] == "restart"
            raise Failed("systemctl %s failed: %s" % (" ".join(words), (err or out).strip()), unhealthy)
        return out

    def journal(self):
        return command("journalctl", "-u", self.unit, "-n", "15", "--no-pager", "-o", "cat")[1]

    def present(self):
        """In check mode on a bare host, unit and binary may not be there yet."""
        return os.path.exists("/etc/systemd/system/" + self.unit) and os.path.exists(self.link)

    def stale(self):
        code, digest, err = command("/bin/sh", "-c", self.params["digest"])
        if code != 0:
            raise Failed("cannot compute the digest: %s" % err.strip())
        try:
            with open("/run/lakitu/%s.stamp" % self.name) as stamp:
                return stamp.read() != digest
        except OSError:
            return True

    def actions(self):
        shown = self.systemctl("show", self.unit, "-p", "ActiveState,SubState,UnitFileState,NeedDaemonReload,LoadState")
        state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        actions = []
        if state["NeedDaemonReload"] == "yes" or state["LoadState"] != "loaded":
            actions.append("reload")
        if state["UnitFileState"] != "enabled":
            actions.append("enable")
        if state["ActiveState"] not in ("active", "activating", "reloading") or state["SubState"] == "auto-restart":
            actions.append("start")
        elif self.stale():
            actions.append("restart")
        return actions

    def leftovers(self):
        used = os.path.realpath(self.link)
        names = glob.glob("%s/%s-*" % (os.path.dirname(used), self.name))
        return [name for name in names if name != used]

    def carry_out(self, actions):
        self.done = actions
        if "reload" in actions:
            self.systemctl("daemon-reload")
        if "enable" in actions:
            self.systemctl("enable", self.unit)
        if "start" in actions or "restart" in actions:
            # restart also takes an agent out of a loop of crashes and waits.
            self.systemctl("restart", self.unit)

    def healthy(self):
        try:
            for question in self.questions:
                question(self.http)
            return True
        except Unhealthy:
            return False

    def settles(self, actions):
        if self.params["settle"] == "restart":
            return self.healthy()
        return self.params["settle"] == "always" or "start" in actions

    def wait(self, questions):
        begin, most = time.monotonic(), self.params["timeout"]
        while True:
            try:
                for question in questions:
                    question(self.http)
                return round(time.monotonic() - begin, 1)
            except Unhealthy as error:
                gone = time.monotonic() - begin
                if gone > most:
                    raise Failed("not healthy after %d s: %s" % (most, error), unhealthy=True)
            # Most are healthy within 3 s, and somebody waits for that.
            time.sleep(0.05 if gone < 5 else 1)

    def run(self):
        if self.params["only"] == "health":
            return {"changed": False, "actions": [], "waited": 0 if self.params["check"] else self.wait(self.questions)}
        if not self.present():
            if self.params["check"]:
                return {"changed": True, "actions": ["start"], "msg": "would start for the first time"}
            raise Failed("its unit or its binary is missing; apply the whole role")
        actions = self.actions()
        if self.params["check"]:
            actions += ["prune"] if self.leftovers() else []
            return {"changed": bool(actions), "actions": actions}
        settles = self.settles(actions)
        self.carry_out(actions)
        waited = self.wait(self.questions if settles else [ask_alive])
        for name in self.leftovers():
            os.remove(name)
            actions.append("prune")
        return {"changed": bool(actions), "actions": actions, "waited": waited}


def main():
    agent = Agent(json.loads(PARAMS))
    try:
        result = agent.run()
    except Failed as error:
        message = "%s: %s" % (agent.name, error)
        told = {"msg": message, "stdout": agent.journal(), "rc": 1}
        result = {"failed": True, "unhealthy": error.unhealthy, "actions": agent.done, **told}
    print(json.dumps(result))
    sys.exit(1 if result.get("failed") else 0)


if __name__ == "__main__":
    main()
