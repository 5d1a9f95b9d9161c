from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audits', '0002_settlements'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='files',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='upload',
            name='receipt',
            field=models.PositiveBigIntegerField(blank=True, db_index=True, null=True),
        ),
    ]
