"""Files are kept as they were sent, a draft until they are confirmed; those that were taken in never change."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from accounts.immutable import Keep, Moves, Refuse


MOVES = (
    *("queued running", "running queued", "running running", "running done", "running failed"),
    *("done queued", "failed queued", "queued cancelled", "running cancelled", "done cancelled", "failed cancelled"),
)
SENT = "uid edition_id kind names".split()
READ = "state requested_at requested_by details said is_confirmed notes problems problems_total preview dataset_id unit_list_id".split()
KEPT = "(OLD.dataset_id IS NOT NULL OR OLD.unit_list_id IS NOT NULL)"
KEPT_FILE = (
    "EXISTS (SELECT 1 FROM scoring_upload u WHERE u.id = {}.upload_id "
    "AND (u.dataset_id IS NOT NULL OR u.unit_list_id IS NOT NULL))"
)


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0021_members_are_named'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=16)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('stage', models.CharField(blank=True, max_length=64)),
                ('requested_at', models.DateTimeField()),
                ('requested_by', models.CharField(blank=True, max_length=150)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('beat_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=64)),
                ('error_facts', models.JSONField(blank=True, default=dict)),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('data', 'data'), ('units', 'list of units')], max_length=16)),
                ('names', models.JSONField(default=dict)),
                ('said', models.JSONField(default=dict)),
                ('details', models.JSONField(default=dict)),
                ('is_confirmed', models.BooleanField(default=False)),
                ('notes', models.JSONField(default=list)),
                ('problems', models.JSONField(default=list)),
                ('problems_total', models.PositiveIntegerField(default=0)),
                ('preview', models.JSONField(null=True)),
                ('dataset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='scoring.dataset')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='scoring.edition')),
                ('unit_list', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='scoring.unitlist')),
            ],
            options={
                'ordering': ['edition', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='UploadFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(max_length=16)),
                ('content', models.BinaryField()),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='scoring.upload')),
            ],
            options={
                'ordering': ['upload', 'part'],
            },
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["data", "units"])), name="upload_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed', 'cancelled'])), name='upload_state_known'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), ('dataset', None), ('unit_list', None)), fields=('edition', 'kind'), name='upload_open_once'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dataset', None), ('unit_list', None)), models.Q(('problems_total', 0), ('state', 'done')), _connector='OR'), name='upload_kept_is_read'),
        ),
        migrations.AddConstraint(
            model_name='uploadfile',
            constraint=models.UniqueConstraint(fields=('upload', 'part'), name='upload_part_once'),
        ),
        Moves("scoring_upload", *MOVES),
        Keep("scoring_upload", SENT, "1 = 1", name="sent"),
        Keep("scoring_upload", READ, KEPT, name="kept"),
        Refuse("scoring_upload", "DELETE", KEPT),
        Refuse("scoring_uploadfile", "UPDATE"),
        Refuse("scoring_uploadfile", "INSERT", KEPT_FILE.format("NEW")),
        Refuse("scoring_uploadfile", "DELETE", KEPT_FILE.format("OLD")),
    ]
