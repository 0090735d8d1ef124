"""The tables of the content side, one file per subject."""

from .document import DocumentPage
from .handles import HandleClaim
from .home import HomePage
from .media import CustomDocument, CustomImage, CustomRendition, DocumentKind
from .news import NewsPage
from .organisation import OrganisationPage, ProfileField
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
    "DocumentKind",
    "DocumentPage",
    "HandleClaim",
    "HomePage",
    "NewsPage",
    "OrganisationPage",
    "Participant",
    "ProfileField",
    "RelatedPage",
    "ReportPage",
    "SectionPage",
    "SiteSettings",
    "User",
]
