"""The tables of the content side, one file per subject."""

from .document import DocumentPage
from .handles import HandleClaim
from .home import HomePage
from .limits import RateWindow
from .media import CustomDocument, CustomImage, CustomRendition, DocumentKind
from .news import NewsPage
from .organisation import OrganisationPage, ProfileField
from .partnership import Departure, Invitation, InvitationState
from .report import AgendaDay, Participant, ReportPage
from .rows import Attachment, Correction, Credit, RelatedPage
from .section import SectionPage
from .settings import SiteSettings
from .users import User

__all__ = [
    "AgendaDay",
    "Attachment",
    "Correction",
    "Credit",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "Departure",
    "DocumentKind",
    "DocumentPage",
    "HandleClaim",
    "HomePage",
    "Invitation",
    "InvitationState",
    "NewsPage",
    "OrganisationPage",
    "Participant",
    "ProfileField",
    "RateWindow",
    "RelatedPage",
    "ReportPage",
    "SectionPage",
    "SiteSettings",
    "User",
]
