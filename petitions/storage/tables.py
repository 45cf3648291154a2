"""Every table of the engine under one roof, so that the metadata is whole when this is imported."""

from petitions.storage.base import Base
from petitions.storage.case_tables import (
    CaseNote,
    Decision,
    Finding,
    Outcome,
    Review,
    Task,
    Track,
)
from petitions.storage.house_tables import Audit, Outbox, Staff, WebSession
from petitions.storage.log_tables import (
    Checkpoint,
    DailyCount,
    LogBatch,
    LogEntry,
    LogState,
    LogTile,
    MilestoneReached,
    PetitionCount,
    PublicCount,
)
from petitions.storage.petition_tables import (
    AuthorContext,
    Petition,
    PetitionText,
    ReferenceCounter,
    RulebookVersion,
)
from petitions.storage.removal_tables import Removal
from petitions.storage.sealing_tables import DestructionStatement, ReplicaKey, Sealing
from petitions.storage.signing_tables import (
    AreaTally,
    PendingEntry,
    PetitionSigning,
    RemovedLeaf,
    Signature,
    SpentPass,
    SpentState,
    Withdrawal,
)
from petitions.storage.staff_tables import (
    KeptForm,
    StaffCode,
    StaffNotice,
    StaffProposal,
    StaffRole,
    StaffWaiting,
)

__all__ = [
    "AreaTally",
    "Audit",
    "AuthorContext",
    "Base",
    "CaseNote",
    "Checkpoint",
    "DailyCount",
    "Decision",
    "DestructionStatement",
    "Finding",
    "KeptForm",
    "LogBatch",
    "LogEntry",
    "LogState",
    "LogTile",
    "MilestoneReached",
    "Outbox",
    "Outcome",
    "PendingEntry",
    "Petition",
    "PetitionCount",
    "PetitionSigning",
    "PetitionText",
    "PublicCount",
    "ReferenceCounter",
    "Removal",
    "RemovedLeaf",
    "ReplicaKey",
    "Review",
    "RulebookVersion",
    "Sealing",
    "Signature",
    "SpentPass",
    "SpentState",
    "Staff",
    "StaffCode",
    "StaffNotice",
    "StaffProposal",
    "StaffRole",
    "StaffWaiting",
    "Task",
    "Track",
    "WebSession",
    "Withdrawal",
]
