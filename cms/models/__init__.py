"""The tables of the content side, one file per subject."""

from .document import DocumentPage
from .handles import HandleClaim
from .home import HomePage
from .limits import RateWindow
from .mails import MailPreference
from .media import CustomDocument, CustomImage, CustomRendition, DocumentKind
from .news import NewsPage
from .organisation import OrganisationPage, ProfileField
from .partnership import Departure, Invitation, InvitationState
from .profile import PinnedPage
from .report import AgendaDay, Participant, ReportPage
from .rows import Attachment, Correction, Credit, RelatedPage
from .second_factor import GroupRule, RecoveryCode, SecondFactor
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
    "GroupRule",
    "HandleClaim",
    "HomePage",
    "Invitation",
    "InvitationState",
    "MailPreference",
    "NewsPage",
    "OrganisationPage",
    "Participant",
    "PinnedPage",
    "ProfileField",
    "RateWindow",
    "RecoveryCode",
    "RelatedPage",
    "ReportPage",
    "SecondFactor",
    "SectionPage",
    "SiteSettings",
    "User",
]
