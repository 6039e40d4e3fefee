"""What a run does, as one JSON object a line, for the program that started it."""

DOCUMENTATION = r"""
name: lakitu
type: aggregate
short_description: Events of a run as NDJSON on a file descriptor
requirements: [enabled in callbacks_enabled, LAKITU_EVENTS_FD in the environment]
description:
  - Writes to the file descriptor whose number is in LAKITU_EVENTS_FD. Without that variable it is off.
  - When the reader goes away the plugin falls silent and the run goes on.
  - "Each line holds C(event) and C(at) (milliseconds since 1970), and by event:"
  - "C(playbook): file, check (bool)"
  - "C(play): name, hosts"
  - "C(task): task (an id), name, role (or null), action, path (file:line, relative to the working folder where it lies in there), tags"
  - "C(start): task, host"
  - "C(ok): task, host, changed, actions (what the module agent did, or would do: a list of words), msg (or null), seconds"
  - "C(failed): task, host, msg, rc (or null), stdout, stderr (their ends), item (or null), ignored, unhealthy (bool),
    actions (a list), seconds. Unhealthy: an agent was started with what was applied, and did not become healthy;
    stdout then holds the end of its log"
  - "C(diff): task, host, item (or null), text (at most 4000 characters, from its beginning), cut (bool: there is more).
    With --diff only, and only for what changed or would change. It comes before the C(ok) of its task and host"
  - "C(skipped): task, host, reason (or null)"
  - "C(unreachable): task, host, msg"
  - "C(retry): task, host, attempt, attempts"
  - "C(stats): hosts, an object: host to {ok, changed, failures, unreachable, skipped, rescued, ignored}"
  - With --check an C(ok) that is changed is what would change. What cannot say so is skipped, with a reason of its own
    (a command); what a condition leaves out is skipped in the real run too.
  - A failure that a rescue block takes care of is a C(failed) like others; only the stats count it as rescued.
  - Results of tasks with no_log carry neither msg nor output, and have no C(diff).
"""

import json
import os
import time

from ansible import context
from ansible.plugins.callback import CallbackBase

TAIL = 4000


def tail(value):
    if not isinstance(value, str):
        value = "" if value is None else json.dumps(value, default=str)
    return value[-TAIL:]


def actions(result):
    """Only the module agent tells any."""
    found = result.get("actions")
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "lakitu"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._fd = self._open_fd()
        self._folder = os.path.realpath(os.getcwd())
        self._begun = {}

    def _open_fd(self):
        try:
            fd = int(os.environ.get("LAKITU_EVENTS_FD", ""))
            # ssh masters outlive the run; they must not hold the pipe open.
            os.set_inheritable(fd, False)
            return fd
        except (ValueError, OSError):
            return None

    def _emit(self, event, **fields):
        if self._fd is None:
            return
        fields = {"event": event, "at": int(time.time() * 1000), **fields}
        line = (json.dumps(fields, default=str) + "\n").encode()
        try:
            while line:
                line = line[os.write(self._fd, line):]
        except OSError:
            self._fd = None

    def _where(self, result):
        # From ansible-core 2.23 on the names without the underscore are the ones that stay.
        host = getattr(result, "host", None) or result._host
        task = getattr(result, "task", None) or result._task
        return task, {"task": task._uuid, "host": host.get_name()}

    def _result(self, result):
        """The result as a dict, without what no_log hides."""
        task, where = self._where(result)
        found = getattr(result, "result", None) or result._result
        hidden = found.get("_ansible_no_log") or task.no_log
        return where, {} if hidden else found, found

    def _seconds(self, where):
        begun = self._begun.pop((where["task"], where["host"]), None)
        return None if begun is None else round(time.monotonic() - begun, 3)

    def v2_playbook_on_start(self, playbook):
        self._emit("playbook", file=os.path.basename(playbook._file_name), check=bool(context.CLIARGS.get("check")))

    def v2_playbook_on_play_start(self, play):
        variables = play.get_variable_manager().get_vars(play=play)
        self._emit("play", name=play.get_name(), hosts=list(variables.get("ansible_play_hosts_all", [])))

    def v2_playbook_on_task_start(self, task, is_conditional):
        path = os.path.realpath(task.get_path() or "")
        if path.startswith(self._folder + os.sep):
            path = path[len(self._folder) + 1:]
        self._emit(
            "task",
            task=task._uuid,
            name=task.name or task.action,
            role=task._role.get_name() if task._role else None,
            action=task.action,
            path=path,
            tags=list(task.tags),
        )

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_start(self, host, task):
        self._begun[(task._uuid, host.get_name())] = time.monotonic()
        self._emit("start", task=task._uuid, host=host.get_name())

    def v2_runner_on_ok(self, result):
        where, shown, found = self._result(result)
        msg = tail(shown.get("msg")) or None
        self._emit(
            "ok",
            **where,
            changed=bool(found.get("changed")),
            actions=actions(shown),
            msg=msg,
            seconds=self._seconds(where),
        )

    def v2_on_file_diff(self, result):
        where, shown, _ = self._result(result)
        # A loop says it once for each item, and then has no diff of its own.
        if not shown.get("diff") or not shown.get("changed"):
            return
        found = shown["diff"] if isinstance(shown["diff"], list) else [shown["diff"]]
        for part in found:
            # A rendered template lies in a folder of the moment; its name is enough.
            if isinstance(part, dict) and isinstance(part.get("after_header"), str):
                part["after_header"] = os.path.basename(part["after_header"])
        try:
            text = self._get_diff(found)
        except Exception:
            # A module may put there what it likes.
            text = json.dumps(shown["diff"], default=str)
        if text.strip():
            item = tail(shown.get("_ansible_item_label")) or None
            self._emit("diff", **where, item=item, text=text[:TAIL], cut=len(text) > TAIL)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        where, shown, found = self._result(result)
        # A loop says only that one of its items failed: that item is what a person wants to see.
        items = [item for item in shown.get("results", []) if isinstance(item, dict) and item.get("failed")]
        cause = items[0] if items else shown
        self._emit(
            "failed",
            **where,
            msg=tail(cause.get("msg")) if shown else "hidden by no_log",
            rc=cause.get("rc"),
            stdout=tail(cause.get("stdout") or cause.get("module_stdout")),
            stderr=tail(cause.get("stderr") or cause.get("module_stderr")),
            item=tail(cause.get("_ansible_item_label")) or None,
            ignored=bool(ignore_errors),
            unhealthy=bool(cause.get("unhealthy")),
            actions=actions(cause),
            seconds=self._seconds(where),
        )

    def v2_runner_on_skipped(self, result):
        where, shown, _ = self._result(result)
        self._seconds(where)
        # In check mode a command has no reason, but says that it would have run.
        self._emit("skipped", **where, reason=tail(shown.get("skip_reason") or shown.get("msg")) or None)

    def v2_runner_on_unreachable(self, result):
        where, shown, _ = self._result(result)
        self._seconds(where)
        self._emit("unreachable", **where, msg=tail(shown.get("msg")))

    def v2_runner_retry(self, result):
        where, _, found = self._result(result)
        self._emit("retry", **where, attempt=found.get("attempts"), attempts=found.get("retries"))

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._emit("stats", hosts=hosts)
