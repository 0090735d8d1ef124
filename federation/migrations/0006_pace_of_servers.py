from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('federation', '0005_key_rotation'),
    ]

    operations = [
        migrations.AddField(
            model_name='peer',
            name='full_at',
            field=models.DateTimeField(blank=True, help_text='when it may be sent a whole burst again', null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='unheard',
            field=models.BooleanField(db_default=False, default=False, help_text='tried, and surely not received'),
        ),
    ]
