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

__all__ = [
    "AreaTally",
    "Audit",
    "AuthorContext",
    "Base",
    "CaseNote",
    "Checkpoint",
    "DailyCount",
    "Decision",
    "Finding",
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
    "RemovedLeaf",
    "Review",
    "RulebookVersion",
    "Signature",
    "SpentPass",
    "SpentState",
    "Staff",
    "Task",
    "Track",
    "WebSession",
    "Withdrawal",
]
