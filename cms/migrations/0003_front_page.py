"""A front page in the place of Wagtail's page of welcome, so that a new instance has somewhere to put organisations."""

from django.db import migrations


def make_front_page(apps, schema_editor):
    page_model = apps.get_model("wagtailcore", "Page")
    site_model = apps.get_model("wagtailcore", "Site")
    home_model = apps.get_model("cms", "HomePage")
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        model="homepage", app_label="cms"
    )
    welcome = page_model.objects.filter(slug="home", depth=2).first()
    site = site_model.objects.filter(is_default_site=True).first()
    if home_model.objects.exists() or welcome is None or site is None or site.root_page_id != welcome.pk:
        return
    home = home_model.objects.create(
        title="Home",
        draft_title="Home",
        slug="front",
        content_type=content_type,
        path="00010002",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale_id=welcome.locale_id,
        live=True,
    )
    site.root_page_id = home.pk
    site.save()
    welcome.delete()
    page_model.objects.filter(pk=home.pk).update(slug="home")
    page_model.objects.filter(depth=1).update(numchild=1)


class Migration(migrations.Migration):
    dependencies = [("cms", "0002_content")]

    operations = [migrations.RunPython(make_front_page, migrations.RunPython.noop)]
