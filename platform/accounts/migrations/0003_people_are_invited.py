import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_licence_of_a_series'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('sending', 'sending'), ('sent', 'sent'), ('failed', 'failed')], default='queued', max_length=16)),
                ('queued_at', models.DateTimeField()),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(choices=[('invitation', 'invitation'), ('password', 'password')], max_length=16)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('language', models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('owner', 'owner'), ('moderator', 'moderator'), ('partner', 'partner')], max_length=16)),
                ('email', models.EmailField(max_length=254)),
                ('language', models.CharField(max_length=16)),
                ('state', models.CharField(choices=[('open', 'open'), ('taken_up', 'taken up'), ('withdrawn', 'withdrawn')], default='open', max_length=16)),
                ('invited_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='role',
            name='role_kind_known',
        ),
        migrations.AlterField(
            model_name='role',
            name='kind',
            field=models.CharField(choices=[('owner', 'owner'), ('moderator', 'moderator'), ('partner', 'partner')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['owner', 'moderator', 'partner'])), name='role_kind_known'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invited', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='series',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='accounts.series'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='taken_up_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='taken_up', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='accountmail',
            name='invitation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='accounts.invitation'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('series'), models.F('kind'), condition=models.Q(('state', 'open')), name='invitation_open_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'taken_up', 'withdrawn'])), name='invitation_state_known'),
        ),
        migrations.AddIndex(
            model_name='accountmail',
            index=models.Index(fields=['state', 'queued_at'], name='account_mail_waiting'),
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'sending', 'sent', 'failed'])), name='account_mail_state_known'),
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invitation__isnull', False), ('kind', 'invitation')), models.Q(('invitation__isnull', True), ('kind', 'password')), _connector='OR'), name='account_mail_kind_known'),
        ),
    ]
