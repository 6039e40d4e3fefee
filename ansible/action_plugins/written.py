"""The action of the module written: see agent.py for how and why."""

from ansible.plugins.loader import action_loader


class ActionModule(action_loader.get("agent", class_only=True)):
    MODULE = "written"
    ARGUMENTS = {
        "dest": {"type": "str", "required": True},
        "content": {"type": "str", "required": True},
        "owner": {"type": "str", "required": True},
        "group": {"type": "str", "required": True},
        "mode": {"type": "str", "required": True},
        "validate": {"type": "str"},
    }
