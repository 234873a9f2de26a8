"""The rows of what the numbers are, and what was published."""

from scoring.models.approval import Approval
from scoring.models.consensus import Consensus, ConsensusNode, ConsensusWeight, ExpertConsistency
from scoring.models.dataset import Country, Dataset, DatasetUnit, Observation, SeriesCountry, Unit
from scoring.models.edition import (
    Bundle,
    Edition,
    EditionPanel,
    Freeze,
    Recipe,
    Release,
    ReleaseFile,
    ReleaseReading,
    ReleaseUnit,
    Scoring,
    ScoringPart,
    UnitList,
)
from scoring.models.job import Job
from scoring.models.upload import Upload, UploadFile

__all__ = [
    "Approval",
    "Bundle",
    "Consensus",
    "ConsensusNode",
    "ConsensusWeight",
    "Country",
    "Dataset",
    "DatasetUnit",
    "Edition",
    "EditionPanel",
    "ExpertConsistency",
    "Freeze",
    "Job",
    "Observation",
    "Recipe",
    "Release",
    "ReleaseFile",
    "ReleaseReading",
    "ReleaseUnit",
    "Scoring",
    "ScoringPart",
    "SeriesCountry",
    "Unit",
    "UnitList",
    "Upload",
    "UploadFile",
]
