"""Which rows of the audit trail readers may know of: moves, milestones, settled duties, sponsors."""

from __future__ import annotations

from petitions.domain.lifecycle import Action

STEPS = (
    *(str(action) for action in Action if action is not Action.CREATE),
    "sponsor_stage_met",
    "sponsor_silent",
    "sponsors_not_carried",
    "milestone_reached",
    "track_decided",
    "window_ended",
    "removal_confirmed",
    "signing_suspended",
    "signing_resumed",
    "removal_called_off",
    "removal_carried_out",
    "sealed",
    "start_chosen",
    "text_edited",
    "start_gazette",
    "window_moved",
    "window_extended",
    "handover",
    "given_in",
    "silence",
    "calendar_close",
    "calendar_extend",
    "duty_extended",
    "merge_received",
)
