"""Editors may translate what they may edit. Those of a partner who has left come back with everything (cms.partners)."""

from django.db import migrations


def allow(apps, schema_editor):
    groups, permission = _groups_and_permission(apps)
    for group in groups.filter(permissions__codename="access_admin"):
        group.permissions.add(*permission)


def take_back(apps, schema_editor):
    groups, permission = _groups_and_permission(apps)
    for group in groups:
        group.permissions.remove(*permission)


def _groups_and_permission(apps):
    editors = apps.get_model("cms", "OrganisationPage").objects.exclude(editors=None).values("editors")
    # One, or none in a database that was emptied after the migration that made it.
    permission = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="wagtail_localize", codename="submit_translation"
    )
    return apps.get_model("auth", "Group").objects.filter(pk__in=editors), permission


class Migration(migrations.Migration):

    dependencies = [
        ('cms', '0006_profiles'),
        ('wagtail_localize', '0016_rename_page_revision_translationlog_revision'),
    ]

    operations = [migrations.RunPython(allow, take_back)]
