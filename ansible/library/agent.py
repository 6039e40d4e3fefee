#!/usr/bin/python
"""Keeps one agent (Consul, Nomad) running from what is on the disk."""

DOCUMENTATION = r"""
module: agent
short_description: An agent runs, from its present binary, unit and configuration, and is healthy
description:
  - In place of handlers. A handler is lost with a tag, a kill or a failed host; this module looks at what is.
  - The unit writes a digest of what it starts from to /run/lakitu/<name>.stamp. Another digest now means a restart.
  - Binaries that an upgrade left behind are removed once the agent is healthy.
options:
  name: {description: The agent and its unit., type: str, required: true}
  digest: {description: The shell command whose output the unit writes as its stamp., type: str, required: true}
  url: {description: The agent's own HTTP address., type: str, required: true}
  ask: {description: "What healthy means: consul, nomad server, nomad client.", type: list, elements: str, required: true}
  settle:
    description: >-
      Wait for health. When false, an agent that was not healthy before needs only to answer, since its health may
      depend on agents that start later.
    type: bool
    default: true
  only: {description: "health: change nothing, wait for health.", type: str, choices: [health]}
  timeout: {description: Seconds to wait for health., type: int, default: 60}
"""

RETURN = r"""
actions: {description: "What was done, or would be: reload, enable, start, restart, prune.", type: list}
waited: {description: Seconds until it was healthy., type: float}
"""

import glob
import http.client
import json
import os
import time
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule


class Unhealthy(Exception):
    """Says in words what is missing."""


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


class Agent:
    def __init__(self, module):
        self.module = module
        self.name = module.params["name"]
        self.unit = self.name + ".service"
        self.link = "/usr/local/bin/" + self.name
        self.http = Http(module.params["url"])
        self.questions = [QUESTIONS[word] for word in module.params["ask"]]

    def systemctl(self, *words):
        code, out, err = self.module.run_command(["systemctl"] + list(words))
        if code != 0:
            self.fail("systemctl %s failed: %s" % (" ".join(words), (err or out).strip()))
        return out

    def fail(self, message):
        journal = self.module.run_command(["journalctl", "-u", self.unit, "-n", "15", "--no-pager", "-o", "cat"])[1]
        self.module.fail_json(msg="%s: %s" % (self.name, message), stdout=journal, rc=1)

    def present(self):
        """In check mode on a bare host, unit and binary may not be there yet."""
        return os.path.exists("/etc/systemd/system/" + self.unit) and os.path.exists(self.link)

    def stale(self):
        code, digest, err = self.module.run_command(self.module.params["digest"], use_unsafe_shell=True)
        if code != 0:
            self.fail("cannot compute the digest: %s" % err.strip())
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

    def wait(self, questions):
        begin = time.monotonic()
        pause = 0.1
        while True:
            try:
                for question in questions:
                    question(self.http)
                return round(time.monotonic() - begin, 1)
            except Unhealthy as error:
                if time.monotonic() - begin > self.module.params["timeout"]:
                    self.fail("not healthy after %d s: %s" % (self.module.params["timeout"], error))
            time.sleep(pause)
            pause = min(pause * 1.5, 1)


def main():
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "digest": {"type": "str", "required": True},
            "url": {"type": "str", "required": True},
            "ask": {"type": "list", "elements": "str", "required": True, "choices": sorted(QUESTIONS)},
            "settle": {"type": "bool", "default": True},
            "only": {"type": "str", "choices": ["health"]},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    agent = Agent(module)
    if module.params["only"] == "health":
        waited = 0 if module.check_mode else agent.wait(agent.questions)
        module.exit_json(changed=False, actions=[], waited=waited)
    if not agent.present():
        if module.check_mode:
            module.exit_json(changed=True, actions=["start"], msg="would start for the first time")
        agent.fail("its unit or its binary is missing; apply the whole role")

    actions = agent.actions()
    if module.check_mode:
        actions += ["prune"] if agent.leftovers() else []
        module.exit_json(changed=bool(actions), actions=actions)

    settle = module.params["settle"] or agent.healthy()
    agent.carry_out(actions)
    waited = agent.wait(agent.questions if settle else [ask_alive])
    for name in agent.leftovers():
        os.remove(name)
        actions.append("prune")
    module.exit_json(changed=bool(actions), actions=actions, waited=waited)


if __name__ == "__main__":
    main()
