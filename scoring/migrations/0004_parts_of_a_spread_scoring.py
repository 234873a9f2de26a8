"""A long scoring is cut into parts, so that many workers may compute it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0003_consensus_keeps_its_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoringPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('work', models.CharField(max_length=16)),
                ('first', models.PositiveIntegerField()),
                ('count', models.PositiveIntegerField()),
                ('content', models.BinaryField(null=True)),
                ('scoring', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='scoring.scoring')),
            ],
            options={
                'ordering': ['scoring', 'work', 'first'],
                'constraints': [models.UniqueConstraint(fields=('scoring', 'work', 'first'), name='scoring_part_once'), models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='scoring_part_holds_runs')],
            },
        ),
    ]
