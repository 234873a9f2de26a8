"""What a draft of a framework held before each change of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0016_frameworks_of_a_series'),
    ]

    operations = [
        migrations.CreateModel(
            name='FrameworkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('rows', models.JSONField()),
                ('is_undone', models.BooleanField(default=False)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='surveys.frameworkversion')),
            ],
            options={
                'ordering': ['version', 'revision'],
                'constraints': [models.UniqueConstraint(fields=('version', 'revision'), name='framework_change_once')],
            },
        ),
    ]
